/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http_priv.h"
#include "server/http/target.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
	struct rc_arena arena;
	struct rc_http_request request;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	rc_arena_init(&fixture.arena, 1u << 20);
	fixture.request = (struct rc_http_request){.arena = &fixture.arena};
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	rc_arena_deinit(&fixture->arena);
	return 0;
}

static enum rc_status read_target(struct fixture *fixture, const char *target)
{
	return rc_http__target_read(&fixture->request, rc_bytes_of_text(target));
}

static void paths_are_decoded_once(void **state)
{
	static const struct {
		const char *target, *path;
	} rows[] = {
	    {"/", "/"},
	    {"/a/b", "/a/b"},
	    {"/%41%7e", "/A~"},
	    {"/a%2541", "/a%41"},
	    {"/%E5%90%8D", "/\xe5\x90\x8d"},
	    {"/a//b/", "/a//b/"},
	    {"/a+b", "/a+b"},
	    {"/...", "/..."},
	    {"/.well-known", "/.well-known"},
	    {"/a?b", "/a"},
	    {"/a%3Fb", "/a?b"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *fixture = *state;

		assert_int_equal(read_target(fixture, rows[i].target), RC_OK);
		assert_true(rc_bytes_is_text(fixture->request.path, rows[i].path));
	}
}

static void paths_with_a_second_spelling_are_refused(void **state)
{
	static const char *const rows[] = {
	    "/..",     "/../",       "/a/../b",    "/.",       "/a/.",   "/a/./b", "/%2e%2e/",
	    "/%2E%2e", "/.%2e",      "/a/%2e/b",   "/a%2fb",   "/a%2Fb", "/a%5cb", "/a%5Cb",
	    "/a\\b",   "/%00",       "/a%00.txt",  "/%0d%0a",  "/%7f",   "/%",     "/%4",
	    "/%zz",    "/%u0041",    "/a#b",       "/a\"b",    "/a<b",   "/a|b",   "/a{b}",
	    "/%c0%af", "/%ff",       "/%ed%a0%80", "/a?b=%00", "/a?%zz", "/a?b=%", "/a?b=%ff",
	    "/a?b=\"", "/a?b=1&b=2", "/a?b&b",     "/a?b=%0a",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_target(*state, rows[i]) != RC_EFORMAT)
			print_error("taken: %s\n", rows[i]);
		assert_int_equal(read_target(*state, rows[i]), RC_EFORMAT);
	}
}

static void a_query_is_taken_apart(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_target(fixture, "/x?after=12.3.ab&q=a+b%2Bc%2F&&flag&e=&n=%E5%90%8D"),
			 RC_OK);
	assert_int_equal(fixture->request.query_count, 5);
	assert_true(rc_bytes_is_text(rc_http_query(&fixture->request, "after"), "12.3.ab"));
	assert_true(rc_bytes_is_text(rc_http_query(&fixture->request, "q"), "a b+c/"));
	assert_true(rc_bytes_is_text(rc_http_query(&fixture->request, "n"), "\xe5\x90\x8d"));
	assert_non_null(rc_http_query(&fixture->request, "flag").data);
	assert_int_equal(rc_http_query(&fixture->request, "e").size, 0);
	assert_null(rc_http_query(&fixture->request, "Q").data);
}

static void more_parameters_than_the_limit_are_refused(void **state)
{
	struct rc_buf target;

	rc_buf_init(&target, 4096);
	rc_buf_append_text(&target, "/x?a=b");
	for (unsigned i = 1; i < RC_HTTP_QUERY_MAX; i++)
		rc_buf_printf(&target, "&a%u=b", i);
	assert_int_equal(read_target(*state, rc_buf_text(&target)), RC_OK);
	rc_buf_append_text(&target, "&z=b");
	assert_int_equal(read_target(*state, rc_buf_text(&target)), RC_ELIMIT);
	rc_buf_deinit(&target);
}

static void handle(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	(void)response;
}

#define ROW(op, m, p)                                                                              \
	{                                                                                          \
		.operation = (op), .method = (m), .path = (p), .handle = handle                    \
	}

static const struct rc_http_route routes[] = {
    ROW("rest", "GET", "/*"),
    ROW("one", "GET", "/s/{id}"),
    ROW("put", "PUT", "/s/{id}"),
    ROW("mine", "GET", "/s/mine"),
    ROW("sub", "GET", "/s/{id}/a/{other}"),
    ROW("list", "GET", "/s"),
    ROW("post", "POST", "/s"),
    ROW("colour", "POST", "/{thing}/red"),
};

static const char *match(struct fixture *fixture, enum rc_http_method method, const char *target,
			 unsigned *allowed)
{
	struct rc_http__router router;
	const struct rc_http_route *route;

	assert_int_equal(
	    rc_http__router_init(&router, routes, sizeof(routes) / sizeof(routes[0]), NULL), RC_OK);
	assert_int_equal(read_target(fixture, target), RC_OK);
	fixture->request.method = method;
	route = rc_http__router_match(&router, &fixture->request, allowed);
	rc_http__router_deinit(&router);
	return route ? route->operation : NULL;
}

static void the_most_exact_route_is_found_whatever_the_order(void **state)
{
	unsigned allowed;

	assert_string_equal(match(*state, RC_HTTP_GET, "/s/mine", &allowed), "mine");
	assert_string_equal(match(*state, RC_HTTP_GET, "/s/7", &allowed), "one");
	assert_string_equal(match(*state, RC_HTTP_HEAD, "/s/7", &allowed), "one");
	assert_string_equal(match(*state, RC_HTTP_GET, "/s", &allowed), "list");
	assert_string_equal(match(*state, RC_HTTP_GET, "/s/", &allowed), "rest");
	assert_string_equal(match(*state, RC_HTTP_GET, "/", &allowed), "rest");
	assert_string_equal(match(*state, RC_HTTP_POST, "/x/red", &allowed), "colour");
	assert_string_equal(match(*state, RC_HTTP_PUT, "/s/mine", &allowed), "put");
}

static void parameters_are_what_stood_in_their_places(void **state)
{
	struct fixture *fixture = *state;
	unsigned allowed;

	assert_string_equal(match(fixture, RC_HTTP_GET, "/s/a%20b/a/9", &allowed), "sub");
	assert_true(rc_bytes_is_text(rc_http_param(&fixture->request, "id"), "a b"));
	assert_true(rc_bytes_is_text(rc_http_param(&fixture->request, "other"), "9"));
	assert_null(rc_http_param(&fixture->request, "none").data);
	assert_string_equal(match(fixture, RC_HTTP_GET, "/assets/x.js", &allowed), "rest");
	assert_true(rc_bytes_is_text(rc_http_param(&fixture->request, "*"), "assets/x.js"));
}

static void a_path_without_the_method_says_which_it_has(void **state)
{
	unsigned allowed;

	assert_null(match(*state, RC_HTTP_DELETE, "/s/7", &allowed));
	assert_int_equal(allowed, 1u << RC_HTTP_GET | 1u << RC_HTTP_PUT);
	assert_null(match(*state, RC_HTTP_TRACE, "/s", &allowed));
	assert_int_equal(allowed, 1u << RC_HTTP_GET | 1u << RC_HTTP_POST);
}

static void expect_bad_row(struct rc_http_route row)
{
	struct rc_http__router router;
	const struct rc_http_route rows[] = {ROW("good", "GET", "/x/{a}"), row};

	assert_int_equal(rc_http__router_init(&router, rows, 2, NULL), RC_EUSAGE);
}

static void a_table_with_a_bad_row_is_refused(void **state)
{
	(void)state;
	expect_bad_row((struct rc_http_route)ROW("a", "GET", "x"));
	expect_bad_row((struct rc_http_route)ROW("a", "HEAD", "/x"));
	expect_bad_row((struct rc_http_route)ROW("a", "get", "/x"));
	expect_bad_row((struct rc_http_route)ROW("a", "GET", "/*/x"));
	expect_bad_row((struct rc_http_route)ROW("twin", "GET", "/x/{b}"));
	expect_bad_row((struct rc_http_route){.operation = "a", .method = "GET", .path = "/y"});
	expect_bad_row((struct rc_http_route)ROW("a", "GET", "/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}/{9}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(paths_are_decoded_once),
	    TEST(paths_with_a_second_spelling_are_refused),
	    TEST(a_query_is_taken_apart),
	    TEST(more_parameters_than_the_limit_are_refused),
	    TEST(the_most_exact_route_is_found_whatever_the_order),
	    TEST(parameters_are_what_stood_in_their_places),
	    TEST(a_path_without_the_method_says_which_it_has),
	    TEST(a_table_with_a_bad_row_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
