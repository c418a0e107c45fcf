/* SPDX-License-Identifier: Apache-2.0 */
/* What a client sees of routes, bodies and connections when nothing runs into a limit of time or number. */
#include "site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#define H "Host: a\r\n"

struct fixture {
	struct site site;
	struct answer answer;
};

static void start(struct fixture *fixture)
{
	struct rc_http_settings settings;

	rc_http_settings_default(&settings);
	site_start(&fixture->site, &settings, NULL);
}

static int set_up(void **state)
{
	static struct fixture fixture;

	start(&fixture);
	answer_init(&fixture.answer);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	site_stop(&fixture->site);
	answer_deinit(&fixture->answer);
	return 0;
}

static int ask(struct fixture *fixture, const char *request)
{
	return client_ask(&fixture->site, request, &fixture->answer);
}

static const char *body(struct fixture *fixture)
{
	return rc_buf_text(&fixture->answer.body);
}

static const char *head(struct fixture *fixture)
{
	return rc_buf_text(&fixture->answer.head);
}

static void a_route_gets_its_parameters_and_query(void **state)
{
	assert_int_equal(ask(*state, "GET /s/a%20b/a?q=%E5%90%8D&x=1 HTTP/1.1\r\n" H "\r\n"), 200);
	assert_string_equal(body(*state), "a b|\xe5\x90\x8d|127.0.0.1");
}

static void what_isnt_there_is_404_and_what_cant_be_done_405(void **state)
{
	assert_int_equal(ask(*state, "GET /none HTTP/1.1\r\n" H "\r\n"), 404);
	assert_non_null(strstr(body(*state), "\"code\":\"not_found\""));
	assert_int_equal(ask(*state, "PUT /hello HTTP/1.1\r\n" H "\r\n"), 405);
	assert_non_null(strstr(head(*state), "\r\nAllow: GET, HEAD\r\n"));
	assert_int_equal(ask(*state, "TRACE /hello HTTP/1.1\r\n" H "\r\n"), 405);
	assert_int_equal(ask(*state, "OPTIONS /hello HTTP/1.1\r\n" H "\r\n"), 405);
	assert_int_equal(ask(*state, "CONNECT a:1 HTTP/1.1\r\n" H "\r\n"), 501);
	assert_int_equal(ask(*state, "BREW /hello HTTP/1.1\r\n" H "\r\n"), 501);
	assert_int_equal(ask(*state, "GET /%2e%2e/hello HTTP/1.1\r\n" H "\r\n"), 400);
}

static void a_head_request_is_answered_without_the_body(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_send(fd, "HEAD /hello HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, false), 200);
	assert_non_null(strstr(head(fixture), "Content-Length: 5\r\n"));
	client_get(fd, "/hello");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(body(fixture), "hello");
	assert_int_equal(close(fd), 0);
}

static void a_handler_that_says_nothing_is_a_500(void **state)
{
	assert_int_equal(ask(*state, "GET /nothing HTTP/1.1\r\n" H "\r\n"), 500);
	assert_non_null(strstr(body(*state), "\"code\":\"internal\""));
}

static void who_isnt_admitted_never_reaches_the_handler(void **state)
{
	assert_int_equal(ask(*state, "GET /denied HTTP/1.1\r\n" H "Accept-Language: zh\r\n\r\n"), 403);
	assert_non_null(strstr(body(*state), "无权访问"));
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	for (int i = 0; i < 20; i++) {
		client_get(fd, i % 2 ? "/hello" : "/none");
		assert_int_equal(client_read(fd, &fixture->answer, true), i % 2 ? 200 : 404);
	}
	client_send(fd, "GET /hello HTTP/1.1\r\n" H "Connection: close\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_non_null(strstr(head(fixture), "Connection: close\r\n"));
	assert_true(client_sees_end(fd, &fixture->answer));
	assert_int_equal(close(fd), 0);
}

static void an_old_client_is_answered_once(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_send(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_true(client_sees_end(fd, &fixture->answer));
	assert_int_equal(close(fd), 0);
}

static void a_thousand_pipelined_requests_are_answered_in_order(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);
	struct rc_buf requests;
	char expected[64];

	rc_buf_init(&requests, 1u << 20);
	for (int i = 0; i < 1000; i++)
		rc_buf_printf(&requests, "GET /s/%d/a HTTP/1.1\r\n" H "\r\n", i);
	client_send_bytes(fd, rc_buf_bytes(&requests));
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(expected, sizeof(expected), "%d||127.0.0.1", i);
		assert_int_equal(client_read(fd, &fixture->answer, true), 200);
		assert_string_equal(body(fixture), expected);
	}
	rc_buf_deinit(&requests);
	assert_int_equal(close(fd), 0);
}

static void a_thousand_pipelined_quick_requests_are_answered_in_order(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);
	struct rc_buf requests;
	char expected[16];

	rc_buf_init(&requests, 1u << 20);
	for (int i = 0; i < 1000; i++)
		rc_buf_printf(&requests, "GET /%s?n=%d HTTP/1.1\r\n" H "\r\n",
			      i % 100 == 50 ? "s/1/a" : "quick", i);
	client_send_bytes(fd, rc_buf_bytes(&requests));
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(expected, sizeof(expected), "%d", i);
		assert_int_equal(client_read(fd, &fixture->answer, true), 200);
		assert_string_equal(body(fixture), i % 100 == 50 ? "1||127.0.0.1" : expected);
	}
	rc_buf_deinit(&requests);
	assert_int_equal(close(fd), 0);
}

static void a_quick_handler_is_not_allowed_to_wait(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(client_ask(&fixture->site, "GET /quick?n=7&wait=1 HTTP/1.1\r\n" H "\r\n",
				    &fixture->answer),
			 200);
	assert_string_equal(body(fixture), "7");
}

/* The first is on a worker while the second's bytes come in two pieces. */
static void what_comes_while_an_answer_is_made_is_kept(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_get(fd, "/block");
	assert_int_equal(sem_wait(&fixture->site.entered), 0);
	client_send(fd, "GET /quick?n=8 HT");
	client_send(fd, "TP/1.1\r\n" H "\r\n");
	assert_int_equal(sem_post(&fixture->site.go_on), 0);
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(body(fixture), "done");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(body(fixture), "8");
	assert_int_equal(close(fd), 0);
}

static void requests_may_come_in_any_pieces(void **state)
{
	struct fixture *fixture = *state;
	const char *request = "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
			      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
	int fd = client_open(&fixture->site);

	for (size_t piece = 1; piece < 12; piece++) {
		for (size_t at = 0; at < strlen(request); at += piece) {
			size_t left = strlen(request) - at;

			client_send_bytes(fd, rc_bytes_of(request + at, left < piece ? left : piece));
		}
		assert_int_equal(client_read(fd, &fixture->answer, true), 200);
		assert_string_equal(body(fixture), "hello world");
	}
	assert_int_equal(close(fd), 0);
}

/* Sends a body of `size` bytes 'x' with its length. */
static int post(struct fixture *fixture, const char *target, size_t size)
{
	struct rc_buf request;
	int fd = client_open(&fixture->site), status;

	rc_buf_init(&request, 4u << 20);
	rc_buf_printf(&request, "POST %s HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n", target, size);
	while (size-- > 0)
		rc_buf_append_char(&request, 'x');
	client_send_bytes(fd, rc_buf_bytes(&request));
	rc_buf_clear(&fixture->answer.ahead);
	status = client_read(fd, &fixture->answer, true);
	rc_buf_deinit(&request);
	assert_int_equal(close(fd), 0);
	return status;
}

static void a_body_up_to_its_routes_limit_is_taken(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(post(fixture, "/echo", 1000), 200);
	assert_int_equal(fixture->answer.body.size, 1000);
	assert_int_equal(post(fixture, "/big", 1u << 20), 200);
	assert_int_equal(fixture->answer.body.size, 1u << 20);
	assert_int_equal(post(fixture, "/echo", 1001), 413);
	assert_int_equal(post(fixture, "/big", (1u << 20) + 1), 413);
}

static void a_body_that_says_it_is_too_long_is_refused_before_it_comes(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1001\r\n"
			"Expect: 100-continue\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, true), 413);
	assert_true(client_sees_end(fd, &fixture->answer));
	assert_int_equal(close(fd), 0);
	assert_int_equal(ask(fixture, "POST /hello HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n"), 405);
	assert_int_equal(ask(fixture, "GET /hello HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n"), 413);
}

static void chunks_that_grow_too_large_are_refused_on_the_way(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);
	struct rc_buf chunk;

	rc_buf_init(&chunk, 4096);
	rc_buf_append_text(&chunk, "1f4\r\n");
	for (int i = 0; i < 500; i++)
		rc_buf_append_char(&chunk, 'x');
	rc_buf_append_text(&chunk, "\r\n");
	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 3; i++)
		client_send_bytes(fd, rc_buf_bytes(&chunk));
	assert_int_equal(client_read(fd, &fixture->answer, true), 413);
	rc_buf_deinit(&chunk);
	assert_int_equal(close(fd), 0);
}

static void a_client_that_expects_it_is_told_to_continue(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n"
			"Expect: 100-continue\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, false), 100);
	client_send(fd, "abc");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(body(fixture), "abc");
	assert_int_equal(close(fd), 0);
}

static int post_gzip(struct fixture *fixture, const char *target, size_t plain_size, size_t cut)
{
	static uint8_t plain[100000], packed[4096];
	z_stream stream = {.next_in = plain,
			   .avail_in = (uInt)plain_size,
			   .next_out = packed,
			   .avail_out = sizeof(packed)};
	struct rc_buf request;
	int fd = client_open(&fixture->site), status;

	memset(plain, 'y', sizeof(plain));
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, 0), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&stream), Z_OK);
	rc_buf_init(&request, 65536);
	rc_buf_printf(&request, "POST %s HTTP/1.1\r\n" H "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
		      target, (size_t)stream.total_out - cut);
	rc_buf_append(&request, packed, (size_t)stream.total_out - cut);
	client_send_bytes(fd, rc_buf_bytes(&request));
	rc_buf_clear(&fixture->answer.ahead);
	status = client_read(fd, &fixture->answer, true);
	rc_buf_deinit(&request);
	assert_int_equal(close(fd), 0);
	return status;
}

static void a_compressed_body_is_unpacked_up_to_the_routes_limit(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(post_gzip(fixture, "/echo", 5000, 0), 200);
	assert_int_equal(fixture->answer.body.size, 5000);
	assert_int_equal(post_gzip(fixture, "/echo", 5001, 0), 413);
	assert_int_equal(post_gzip(fixture, "/echo", 100000, 0), 413);
	assert_int_equal(post_gzip(fixture, "/echo", 5000, 1), 422);
	assert_int_equal(post_gzip(fixture, "/big", 10, 0), 415);
	assert_int_equal(ask(fixture, "POST /echo HTTP/1.1\r\n" H
				      "Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"),
			 415);
}

static void two_lengths_end_the_connection(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_send(fd,
		    "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, true), 400);
	assert_true(client_sees_end(fd, &fixture->answer));
	assert_int_equal(close(fd), 0);
}

static void a_client_that_has_closed_its_half_is_still_answered(void **state)
{
	struct fixture *fixture = *state;
	int fd = client_open(&fixture->site);

	client_get(fd, "/hello");
	client_get(fd, "/s/2/a");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_true(client_sees_end(fd, &fixture->answer));
	assert_int_equal(close(fd), 0);
}

static void a_large_answer_is_sent_whole(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask(fixture, "GET /large HTTP/1.1\r\n" H "\r\n"), 200);
	assert_int_equal(fixture->answer.body.size, 48u << 20);
	assert_int_equal(fixture->answer.body.data[(48u << 20) - 1], 'z');
}

static void a_client_that_leaves_in_the_middle_harms_nobody(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 20; i++) {
		int fd = client_open(&fixture->site);

		client_get(fd, "/large");
		if (i % 2)
			assert_int_equal(recv(fd, &(char){0}, 1, 0), 1);
		assert_int_equal(close(fd), 0);
	}
	assert_int_equal(ask(fixture, "GET /hello HTTP/1.1\r\n" H "\r\n"), 200);
}

static void a_line_of_the_log_tells_the_request_without_its_query(void **state)
{
	struct fixture *fixture = *state;
	const char *id, *line;

	assert_int_equal(ask(fixture, "GET /s/logged/a?q=secret HTTP/1.1\r\n" H "\r\n"), 200);
	id = strstr(head(fixture), "X-Request-Id: ");
	assert_non_null(id);
	site_stop(&fixture->site);
	line = strstr(site_log(), "path=/s/logged/a");
	assert_non_null(line);
	assert_non_null(strstr(line, "status=200"));
	assert_non_null(strstr(line, "address=127.0.0.1"));
	assert_non_null(strstr(line, "request_id="));
	assert_memory_equal(strstr(line, "request_id=") + 11, id + 14, RC_HTTP_REQUEST_ID_CHARS);
	assert_null(strstr(site_log(), "secret"));
	start(fixture); /* for tear_down */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void answers_are_counted_by_the_class_of_their_status(void **state)
{
	struct fixture *fixture = *state;
	struct rc_http_counts counts;

	(void)ask(fixture, "GET /hello HTTP/1.1\r\n" H "\r\n");
	(void)ask(fixture, "GET /hello HTTP/1.1\r\n" H "\r\n");
	(void)ask(fixture, "GET /none HTTP/1.1\r\n" H "\r\n");
	counts = rc_http_server_counts(fixture->site.server);
	assert_int_equal(counts.requests_served, 3);
	assert_int_equal(counts.answers[1], 2);
	assert_int_equal(counts.answers[3], 1);
	assert_int_equal(counts.accepted, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_route_gets_its_parameters_and_query),
	    TEST(what_isnt_there_is_404_and_what_cant_be_done_405),
	    TEST(a_head_request_is_answered_without_the_body),
	    TEST(a_handler_that_says_nothing_is_a_500),
	    TEST(who_isnt_admitted_never_reaches_the_handler),
	    TEST(a_connection_serves_one_request_after_the_other),
	    TEST(an_old_client_is_answered_once),
	    TEST(a_thousand_pipelined_requests_are_answered_in_order),
	    TEST(a_thousand_pipelined_quick_requests_are_answered_in_order),
	    TEST(a_quick_handler_is_not_allowed_to_wait),
	    TEST(what_comes_while_an_answer_is_made_is_kept),
	    TEST(requests_may_come_in_any_pieces),
	    TEST(a_body_up_to_its_routes_limit_is_taken),
	    TEST(a_body_that_says_it_is_too_long_is_refused_before_it_comes),
	    TEST(chunks_that_grow_too_large_are_refused_on_the_way),
	    TEST(a_client_that_expects_it_is_told_to_continue),
	    TEST(a_compressed_body_is_unpacked_up_to_the_routes_limit),
	    TEST(two_lengths_end_the_connection),
	    TEST(a_client_that_has_closed_its_half_is_still_answered),
	    TEST(a_large_answer_is_sent_whole),
	    TEST(a_client_that_leaves_in_the_middle_harms_nobody),
	    TEST(answers_are_counted_by_the_class_of_their_status),
	    TEST(a_line_of_the_log_tells_the_request_without_its_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
