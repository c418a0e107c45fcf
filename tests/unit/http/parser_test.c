/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define H "Host: a\r\n"

static const struct good {
	const char *request;
	enum rc_http_method method;
	const char *target;
	const char *body;
	size_t left; /* bytes of the next request behind it */
} good[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n", RC_HTTP_GET, "/", "", 0},
    {"GET /a?b=c HTTP/1.1\r\nhOST:a\r\n\r\n", RC_HTTP_GET, "/a?b=c", "", 0},
    {"GET / HTTP/1.0\r\n\r\n", RC_HTTP_GET, "/", "", 0},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", RC_HTTP_GET, "/", "", 0},
    {"GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", RC_HTTP_GET, "/", "", 0},
    {"HEAD / HTTP/1.1\r\n" H "\r\n", RC_HTTP_HEAD, "/", "", 0},
    {"TRACE / HTTP/1.1\r\n" H "\r\n", RC_HTTP_TRACE, "/", "", 0},
    {"GET / HTTP/1.1\r\n" H "\r\nGET / HTTP/1.1\r\n", RC_HTTP_GET, "/", "", 16},
    {"POST /f HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhelloGET", RC_HTTP_POST, "/f", "hello", 3},
    {"PUT /f HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", RC_HTTP_PUT, "/f", "", 0},
    {"PUT /f HTTP/1.1\r\n" H "Content-Length: 00002\r\n\r\nab", RC_HTTP_PUT, "/f", "ab", 0},
    {"PATCH /f HTTP/1.1\r\n" H "Transfer-Encoding: ChunkeD\r\n\r\n5\r\nhello\r\n00b\r\n, big "
     "world\r\n0\r\n\r\n",
     RC_HTTP_PATCH, "/f", "hello, big world", 0},
    {"POST /f HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nX", RC_HTTP_POST, "/f", "", 1},
    {"DELETE /f HTTP/1.1\r\n" H "X-Odd!#$%&'*+-.^_`|~9: \t v \xe5\x90\x8d\t\r\nEmpty:\r\n\r\n",
     RC_HTTP_DELETE, "/f", "", 0},
    {"POST /f HTTP/1.1\r\n" H "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", RC_HTTP_POST,
     "/f", "x", 0},
};

static const struct bad {
	const char *request;
	enum rc_http_fault fault;
} bad[] = {
    /* the request line */
    {"\r\nGET / HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET /\r\n", RC_HTTP_FAULT_SYNTAX}, /* HTTP/0.9 */
    {"GET / HTTP/0.9\r\n\r\n", RC_HTTP_FAULT_VERSION},
    {"GET / HTTP/2.0\r\n\r\n", RC_HTTP_FAULT_VERSION},
    {"GET / HTTP/1.9\r\n\r\n", RC_HTTP_FAULT_VERSION},
    {"GET / HTTP/1.10\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / http/1.1\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET  / HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET /  HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET / x HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET /\tx HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET * HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET http://a/ HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"GET a:443 HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_TARGET},
    {"CONNECT a:443 HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_METHOD},
    {"BREW /pot HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_METHOD},
    {"get / HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_METHOD},
    {"G(T / HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_SYNTAX},
    {" GET / HTTP/1.1\r\n" H "\r\n", RC_HTTP_FAULT_SYNTAX},
    /* line ends */
    {"GET / HTTP/1.1\n" H "\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\r\n" H "\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H "\n", RC_HTTP_FAULT_SYNTAX},
    /* header lines */
    {"GET / HTTP/1.1\r\n" H "X : b\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n X: a\r\n" H "\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H "no colon\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H ": b\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H "X\xc3\xa4: b\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    {"GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n", RC_HTTP_FAULT_SYNTAX},
    /* Host */
    {"GET / HTTP/1.1\r\n\r\n", RC_HTTP_FAULT_HOST},
    {"GET / HTTP/1.1\r\n" H H "\r\n", RC_HTTP_FAULT_HOST},
    {"GET / HTTP/1.0\r\n" H H "\r\n", RC_HTTP_FAULT_HOST},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", RC_HTTP_FAULT_HOST},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", RC_HTTP_FAULT_HOST},
    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", RC_HTTP_FAULT_HOST},
    /* lengths and codings */
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
     RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: -0\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1 2\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551617\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Content_Length: 1\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, identity\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", RC_HTTP_FAULT_CODING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", RC_HTTP_FAULT_FRAMING},
    {"POST / HTTP/1.1\r\n" H "Expect: tea\r\n\r\n", RC_HTTP_FAULT_EXPECT},
};

static const char *const bad_chunks[] = {
    "5;x=y\r\nhello\r\n0\r\n\r\n", /* an extension */
    "5 \r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "5\r\nhelloo\r\n0\r\n\r\n",
    "5\r\nhell\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    "10000000000000005\r\nhello\r\n0\r\n\r\n", /* 2^64 + 5 */
    "fffffffff\r\n",
    "000000005\r\nhello\r\n0\r\n\r\n", /* more digits than any length of ours needs */
    "0\r\nX: y\r\n\r\n",               /* trailers */
    "0\r\nContent-Length: 1\r\n\r\n",
    "0\r\n\n",
    "g\r\n",
};

static void expect_good(const struct good *row, size_t piece)
{
	struct reading reading;
	struct rc_bytes bytes = rc_bytes_of_text(row->request);

	read_request(bytes, piece, &reading);
	if (reading.progress != RC_HTTP_DONE)
		print_error("refused (%d): %s\n", (int)reading.parser.fault, row->request);
	assert_int_equal(reading.progress, RC_HTTP_DONE);
	assert_int_equal(reading.parser.method, row->method);
	assert_int_equal(bytes.size - reading.used, row->left);
	assert_true(rc_bytes_is_text(
	    rc_bytes_of(bytes.data + reading.parser.target.at, reading.parser.target.size), row->target));
	assert_string_equal(rc_buf_text(&reading.body), row->body);
	rc_buf_deinit(&reading.body);
}

static void good_requests_are_read_whole_and_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		for (size_t piece = 0; piece < 8; piece++)
			expect_good(&good[i], piece);
}

static void expect_bad(const char *request, enum rc_http_fault fault, size_t piece)
{
	struct reading reading;

	read_request(rc_bytes_of_text(request), piece, &reading);
	if (reading.progress != RC_HTTP_BAD || reading.parser.fault != fault)
		print_error("progress %d, fault %d: %s\n", (int)reading.progress,
			    (int)reading.parser.fault, request);
	assert_int_equal(reading.progress, RC_HTTP_BAD);
	assert_int_equal(reading.parser.fault, fault);
	rc_buf_deinit(&reading.body);
}

static void bad_requests_are_refused_for_the_same_reason_however_they_arrive(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t piece = 0; piece < 8; piece++)
			expect_bad(bad[i].request, bad[i].fault, piece);
}

static void chunks_out_of_the_barest_form_are_refused(void **state)
{
	char request[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad_chunks) / sizeof(bad_chunks[0]); i++) {
		(void)snprintf(request, sizeof(request),
			       "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n%s",
			       bad_chunks[i]);
		for (size_t piece = 0; piece < 4; piece++)
			expect_bad(request, RC_HTTP_FAULT_FRAMING, piece);
	}
}

static void a_request_that_stops_early_is_never_complete(void **state)
{
	const char *whole = "POST /f HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
			    "5\r\nhello\r\n0\r\n\r\n";

	(void)state;
	for (size_t size = 0; size < strlen(whole); size++) {
		struct reading reading;

		read_request(rc_bytes_of(whole, size), 0, &reading);
		assert_int_equal(reading.progress, RC_HTTP_MORE);
		rc_buf_deinit(&reading.body);
	}
}

static void a_nul_is_refused_wherever_it_stands_in_a_head(void **state)
{
	const char whole[] = "GET /abc HTTP/1.1\r\nHost: a\r\nX: yz\r\n\r\n";
	char copy[sizeof(whole)];

	(void)state;
	for (size_t at = 0; at < sizeof(whole) - 1; at++) {
		struct reading reading;

		memcpy(copy, whole, sizeof(whole));
		copy[at] = 0;
		read_request(rc_bytes_of(copy, sizeof(whole) - 1), 0, &reading);
		assert_int_equal(reading.progress, RC_HTTP_BAD);
		rc_buf_deinit(&reading.body);
	}
}

static enum rc_http_progress read_text(struct rc_buf *text, struct rc_http_parser *parser)
{
	assert_int_equal(rc_buf_status(text, NULL), RC_OK);
	rc_http_parser_init(parser);
	return rc_http_parser_head(parser, rc_buf_bytes(text));
}

static void sixty_four_headers_are_taken_and_sixty_five_are_not(void **state)
{
	struct rc_http_parser parser;
	struct rc_buf text;

	(void)state;
	rc_buf_init(&text, 65536);
	rc_buf_append_text(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (unsigned i = 1; i < RC_HTTP_HEADERS_MAX; i++)
		rc_buf_printf(&text, "X%u: y\r\n", i);
	rc_buf_append_text(&text, "\r\n");
	assert_int_equal(read_text(&text, &parser), RC_HTTP_DONE);
	assert_int_equal(parser.field_count, 64);
	text.size -= 2;
	rc_buf_append_text(&text, "X64: y\r\n\r\n");
	assert_int_equal(read_text(&text, &parser), RC_HTTP_BAD);
	assert_int_equal(parser.fault, RC_HTTP_FAULT_TOO_BIG);
	rc_buf_deinit(&text);
}

static void fill(struct rc_buf *text, size_t count)
{
	while (count-- > 0)
		rc_buf_append_char(text, 'x');
}

static void a_header_block_ends_at_its_limit(void **state)
{
	const char *begin = "GET / HTTP/1.1\r\n", *fields = "Host: a\r\nX: ";
	size_t room = RC_HTTP_HEAD_MAX_BYTES - strlen(fields) - 4;
	struct rc_http_parser parser;
	struct rc_buf text;

	(void)state;
	rc_buf_init(&text, 65536);
	rc_buf_printf(&text, "%s%s", begin, fields);
	fill(&text, room);
	rc_buf_append_text(&text, "\r\n\r\n");
	assert_int_equal(read_text(&text, &parser), RC_HTTP_DONE);
	text.size -= 4;
	rc_buf_append_text(&text, "x\r\n\r\n");
	assert_int_equal(read_text(&text, &parser), RC_HTTP_BAD);
	assert_int_equal(parser.fault, RC_HTTP_FAULT_TOO_BIG);
	rc_buf_deinit(&text);
}

static void a_line_without_an_end_is_refused_before_it_is_complete(void **state)
{
	struct rc_http_parser parser;
	struct rc_buf text;

	(void)state;
	rc_buf_init(&text, 65536);
	rc_buf_append_text(&text, "GET /");
	fill(&text, RC_HTTP_LINE_MAX_BYTES);
	assert_int_equal(read_text(&text, &parser), RC_HTTP_BAD);
	assert_int_equal(parser.fault, RC_HTTP_FAULT_TOO_BIG);
	rc_buf_deinit(&text);
}

static void a_target_over_its_limit_is_414(void **state)
{
	struct rc_http_parser parser;
	struct rc_buf text;

	(void)state;
	rc_buf_init(&text, 65536);
	rc_buf_append_text(&text, "GET /");
	fill(&text, RC_HTTP_TARGET_MAX_BYTES);
	rc_buf_append_text(&text, " HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(read_text(&text, &parser), RC_HTTP_BAD);
	assert_int_equal(rc_http_fault_status(parser.fault), 414);
	rc_buf_deinit(&text);
}

static bool wants_close(const char *request)
{
	struct reading reading;

	read_request(rc_bytes_of_text(request), 0, &reading);
	assert_int_equal(reading.progress, RC_HTTP_DONE);
	rc_buf_deinit(&reading.body);
	return reading.parser.wants_close;
}

static void a_connection_goes_on_unless_it_is_said_or_old(void **state)
{
	(void)state;
	assert_false(wants_close("GET / HTTP/1.1\r\n" H "\r\n"));
	assert_false(wants_close("GET / HTTP/1.1\r\n" H "Connection: keep-alive\r\n\r\n"));
	assert_true(wants_close("GET / HTTP/1.1\r\n" H "Connection: x , CLOSE\r\n\r\n"));
	assert_true(wants_close("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

static bool wants_continue(const char *request)
{
	struct reading reading;

	read_request(rc_bytes_of_text(request), 0, &reading);
	rc_buf_deinit(&reading.body);
	return reading.parser.wants_continue;
}

static void continue_is_only_wanted_where_a_body_will_come(void **state)
{
	(void)state;
	assert_false(wants_continue("POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n"));
	assert_true(wants_continue("POST / HTTP/1.1\r\n" H
				   "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
	assert_false(wants_continue("POST / HTTP/1.0\r\n"
				    "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_requests_are_read_whole_and_byte_by_byte),
	    cmocka_unit_test(bad_requests_are_refused_for_the_same_reason_however_they_arrive),
	    cmocka_unit_test(chunks_out_of_the_barest_form_are_refused),
	    cmocka_unit_test(a_request_that_stops_early_is_never_complete),
	    cmocka_unit_test(a_nul_is_refused_wherever_it_stands_in_a_head),
	    cmocka_unit_test(sixty_four_headers_are_taken_and_sixty_five_are_not),
	    cmocka_unit_test(a_header_block_ends_at_its_limit),
	    cmocka_unit_test(a_line_without_an_end_is_refused_before_it_is_complete),
	    cmocka_unit_test(a_target_over_its_limit_is_414),
	    cmocka_unit_test(a_connection_goes_on_unless_it_is_said_or_old),
	    cmocka_unit_test(continue_is_only_wanted_where_a_body_will_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
