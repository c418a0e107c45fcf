/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

struct fixture {
	struct rc_http_pair headers[4];
	struct rc_http_request request;
	struct rc_http_response response;
	struct rc_buf head;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){0};
	fixture.request.headers = fixture.headers;
	(void)rc_text_copy("0123456789abcdef", fixture.request.request_id,
			   sizeof(fixture.request.request_id));
	rc_http_response_init(&fixture.response, &fixture.request);
	rc_buf_init(&fixture.head, 8192);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	rc_http_response_deinit(&fixture->response);
	rc_buf_deinit(&fixture->head);
	return 0;
}

static void add_header(struct fixture *fixture, const char *name, const char *value)
{
	fixture->headers[fixture->request.header_count++] =
	    (struct rc_http_pair){rc_bytes_of_text(name), rc_bytes_of_text(value)};
}

static const char *head_of(struct fixture *fixture)
{
	rc_buf_clear(&fixture->head);
	assert_int_equal(rc_http__response_head(&fixture->response, false, &fixture->head), RC_OK);
	return rc_buf_text(&fixture->head);
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("not found: %s\nin: %s\n", part, text);
	assert_non_null(strstr(text, part));
}

static void every_answer_carries_the_headers_of_caution(void **state)
{
	struct fixture *fixture = *state;

	rc_http_respond_json(&fixture->response, 200, rc_bytes_of_text("{}"));
	expect_in(head_of(fixture), "HTTP/1.1 200 OK\r\n");
	expect_in(head_of(fixture), "Content-Type: application/json\r\n");
	expect_in(head_of(fixture), "Content-Length: 2\r\n");
	expect_in(head_of(fixture), "X-Content-Type-Options: nosniff\r\n");
	expect_in(head_of(fixture), "Cache-Control: no-store\r\n");
	expect_in(head_of(fixture), "Content-Security-Policy: default-src 'none'");
	expect_in(head_of(fixture), "X-Request-Id: 0123456789abcdef\r\n");
	expect_in(head_of(fixture), "\r\n\r\n");
}

static void a_handler_can_replace_a_default_and_itself(void **state)
{
	struct fixture *fixture = *state;

	rc_http_set_header(&fixture->response, "cache-control", "max-age=1");
	rc_http_set_header(&fixture->response, "ETag", "\"a\"");
	rc_http_set_header(&fixture->response, "Cache-Control", "max-age=60");
	rc_http_respond_empty(&fixture->response, 304);
	expect_in(head_of(fixture), "Cache-Control: max-age=60\r\n");
	expect_in(head_of(fixture), "ETag: \"a\"\r\n");
	assert_null(strstr(head_of(fixture), "no-store"));
	assert_null(strstr(head_of(fixture), "max-age=1\r\n"));
	assert_null(strstr(head_of(fixture), "Content-Length"));
}

static void more_headers_than_fit_are_an_error_and_not_a_cut_answer(void **state)
{
	struct fixture *fixture = *state;
	char name[16];

	for (unsigned i = 0; i < 400; i++) {
		(void)snprintf(name, sizeof(name), "X-%u", i);
		rc_http_set_header(&fixture->response, name, "some value");
	}
	rc_http_respond_empty(&fixture->response, 200);
	assert_int_equal(rc_http__response_head(&fixture->response, false, &fixture->head), RC_ELIMIT);
}

static void a_header_that_would_forge_another_spoils_the_answer(void **state)
{
	struct fixture *fixture = *state;

	rc_http_respond_empty(&fixture->response, 200);
	rc_http_set_header(&fixture->response, "X-Name", "a\r\nSet-Cookie: b");
	rc_http_set_header(&fixture->response, "X-Other", "fine");
	assert_int_equal(rc_http__response_head(&fixture->response, false, &fixture->head), RC_EFORMAT);
}

static void a_problem_speaks_the_readers_language(void **state)
{
	struct fixture *fixture = *state;

	rc_http_problem(&fixture->response, 409, "taken", "Taken", "已占用", "a \"b\"\n");
	expect_in(rc_buf_text(&fixture->response.body),
		  "\"title\":\"Taken\",\"code\":\"taken\",\"detail\":\"a \\\"b\\\"\\u000a\"");
	expect_in(head_of(fixture), "Content-Type: application/problem+json\r\n");
	add_header(fixture, "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8");
	rc_http_problem(&fixture->response, 409, "taken", "Taken", "已占用", NULL);
	expect_in(rc_buf_text(&fixture->response.body), "\"title\":\"已占用\",\"code\":\"taken\"");
	expect_in(head_of(fixture), "Content-Language: zh\r\n");
}

static void the_language_is_the_one_that_weighs_more(void **state)
{
	static const struct {
		const char *ranges, *language;
	} rows[] = {
	    {"zh", "zh"},     {"ZH-hans", "zh"},   {"en, zh", "en"}, {"en;q=0.4, zh;q=0.5", "zh"},
	    {"de, fr", "en"}, {"*", "en"},         {"zh;q=0", "en"}, {"zh;q=0.001", "zh"},
	    {"zhu", "en"},    {",;,;q=,zh", "zh"}, {"", "en"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *fixture = *state;

		fixture->request.header_count = 0;
		add_header(fixture, "accept-language", rows[i].ranges);
		assert_string_equal(rc_http_language(&fixture->request), rows[i].language);
	}
}

static void a_content_type_is_compared_without_its_parameters(void **state)
{
	struct fixture *fixture = *state;

	assert_false(rc_http_is_content_type(&fixture->request, "application/json"));
	add_header(fixture, "Content-Type", "Application/JSON ; charset=utf-8");
	assert_true(rc_http_is_content_type(&fixture->request, "application/json"));
	assert_false(rc_http_is_content_type(&fixture->request, "application/jso"));
}

static unsigned released;

static void release(void *lender)
{
	released++;
	free(lender);
}

static void lent_memory_is_given_back_once(void **state)
{
	struct fixture *fixture = *state;
	char *page = strdup("page");

	released = 0;
	rc_http_respond_lent(&fixture->response, 200, "text/plain", rc_bytes_of(page, 4), release, page);
	assert_true(rc_bytes_is_text(rc_http__response_body(&fixture->response), "page"));
	assert_int_equal(released, 0);
	rc_http_respond_json(&fixture->response, 200, rc_bytes_of_text("[]"));
	assert_int_equal(released, 1);
	assert_true(rc_bytes_is_text(rc_http__response_body(&fixture->response), "[]"));
}

static void an_owned_buffer_changes_hands_and_a_failed_one_is_500(void **state)
{
	struct fixture *fixture = *state;
	struct rc_buf body;

	rc_buf_init(&body, 4);
	rc_buf_append_text(&body, "abc");
	rc_http_respond_owned(&fixture->response, 200, "text/plain", &body);
	assert_null(body.data);
	assert_string_equal(rc_buf_text(&fixture->response.body), "abc");
	rc_buf_append_text(&body, "abcde");
	rc_http_respond_owned(&fixture->response, 200, "text/plain", &body);
	assert_int_equal(fixture->response.status, 500);
}

static void waiting_is_refused_at_the_last_try(void **state)
{
	struct fixture *fixture = *state;

	assert_true(rc_http_wait(&fixture->response, 1, 1000));
	fixture->request.is_last_try = true;
	assert_false(rc_http_wait(&fixture->response, 1, 1000));
}

static size_t gzip(const void *plain, size_t size, uint8_t *out, size_t room)
{
	z_stream stream = {.next_in = (z_const Bytef *)plain,
			   .avail_in = (uInt)size,
			   .next_out = out,
			   .avail_out = (uInt)room};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, 0), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&stream), Z_OK);
	return room - stream.avail_out;
}

static enum rc_status gunzip(const uint8_t *data, size_t size, struct rc_buf *plain)
{
	rc_buf_clear(plain);
	return rc_http__gunzip(rc_bytes_of(data, size), plain);
}

static void exactly_one_whole_gzip_member_is_taken(void **state)
{
	uint8_t packed[256];
	struct rc_buf plain;
	size_t size = gzip("hello hello hello", 17, packed, sizeof(packed) - 1);

	(void)state;
	rc_buf_init(&plain, 100);
	assert_int_equal(gunzip(packed, size, &plain), RC_OK);
	assert_string_equal(rc_buf_text(&plain), "hello hello hello");
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(gunzip(packed, cut, &plain), RC_EFORMAT);
	packed[size] = 0;
	assert_int_equal(gunzip(packed, size + 1, &plain), RC_EFORMAT);
	packed[size - 6] ^= 1; /* the checksum */
	assert_int_equal(gunzip(packed, size, &plain), RC_EFORMAT);
	assert_int_equal(gunzip((const uint8_t *)"plain", 5, &plain), RC_EFORMAT);
	rc_buf_deinit(&plain);
}

static void a_bomb_stops_at_the_limit_of_its_buffer(void **state)
{
	static const uint8_t zeros[1u << 20];
	static uint8_t packed[4096];
	struct rc_buf plain;
	size_t size = gzip(zeros, sizeof(zeros), packed, sizeof(packed));

	(void)state;
	rc_buf_init(&plain, 100000);
	assert_int_equal(gunzip(packed, size, &plain), RC_ELIMIT);
	assert_true(plain.size <= 100000);
	rc_buf_deinit(&plain);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_answer_carries_the_headers_of_caution),
	    TEST(a_handler_can_replace_a_default_and_itself),
	    TEST(more_headers_than_fit_are_an_error_and_not_a_cut_answer),
	    TEST(a_header_that_would_forge_another_spoils_the_answer),
	    TEST(a_problem_speaks_the_readers_language),
	    TEST(the_language_is_the_one_that_weighs_more),
	    TEST(a_content_type_is_compared_without_its_parameters),
	    TEST(lent_memory_is_given_back_once),
	    TEST(an_owned_buffer_changes_hands_and_a_failed_one_is_500),
	    TEST(waiting_is_refused_at_the_last_try),
	    TEST(exactly_one_whole_gzip_member_is_taken),
	    TEST(a_bomb_stops_at_the_limit_of_its_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
