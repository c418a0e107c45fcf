/* SPDX-License-Identifier: Apache-2.0 */
/* Which token may what, and what people's programs are told. */
#include "tests/module/routes/office.h"

#include "server/auth/token.h"
#include "server/reports/page.h"
#include "shared/json/json.h"

#include <stdio.h>

#define ROUTE(operation) office_route(rc_routes_people, rc_routes_people_count, operation)

static void bearer_of(struct office *office, enum rc_token_role role, char header[64])
{
	char token[RC_TOKEN_CHARS + 1];
	const struct rc_token_request request = {
	    .name = "test", .role = role, .actor = "cli", .now_ms = OFFICE_NOW_MS};
	struct rc_error err = {.text = ""};

	if (rc_token_create(office->db, &request, token, &err) != RC_OK)
		fail_msg("%s", err.text);
	(void)snprintf(header, 64, "Bearer %s", token);
}

static void every_route_has_a_permission_and_only_health_is_public(void **state)
{
	(void)state;
	for (size_t i = 0; i < rc_routes_people_count; i++) {
		const struct rc_http_route *route = &rc_routes_people[i];
		bool is_health =
		    strcmp(route->path, "/livez") == 0 || strcmp(route->path, "/readyz") == 0;

		assert_int_equal(route->permissions & RC_ROUTES_PUBLIC, is_health ? RC_ROUTES_PUBLIC : 0);
		assert_true(is_health || (route->permissions & (RC_ROUTES_READ | RC_ROUTES_WRITE)));
		if (strcmp(route->method, "GET") != 0)
			assert_int_equal(route->permissions, RC_ROUTES_WRITE);
	}
}

/* How a route with this permission answers a token's holder: the status, 0 where it lets them in. */
static int admission(struct office *office, unsigned permissions, const char *header)
{
	const struct rc_http_route route = {
	    .operation = "test", .method = "GET", .path = "/x", .permissions = permissions};
	struct visit visit;
	int status;

	visit_begin(&visit, office, &route);
	if (header)
		visit_header(&visit, "Authorization", header);
	status = rc_routes_admit_people(&visit.request, &visit.response) ? 0 : visit.response.status;
	visit_end(&visit);
	return status;
}

static void readers_read_and_operators_do_both(void **state)
{
	char reader[64], operator[64];

	bearer_of(*state, RC_TOKEN_READER, reader);
	bearer_of(*state, RC_TOKEN_OPERATOR, operator);
	assert_int_equal(admission(*state, RC_ROUTES_READ, reader), 0);
	assert_int_equal(admission(*state, RC_ROUTES_WRITE, reader), 403);
	assert_int_equal(admission(*state, RC_ROUTES_READ, operator), 0);
	assert_int_equal(admission(*state, RC_ROUTES_WRITE, operator), 0);
}

static void what_the_table_does_not_allow_is_denied(void **state)
{
	char operator[64];

	bearer_of(*state, RC_TOKEN_OPERATOR, operator);
	assert_int_equal(admission(*state, 0, operator), 403);
	assert_int_equal(admission(*state, 0, NULL), 401);
}

static void anything_but_a_good_token_is_answered_alike(void **state)
{
	char good[64], bad[64];
	const char *const headers[] = {
	    NULL, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer rct_short", bad, good + 7};

	bearer_of(*state, RC_TOKEN_READER, good);
	memcpy(bad, good, sizeof(bad));
	bad[20] = bad[20] == 'A' ? 'B' : 'A';
	assert_int_equal(admission(*state, RC_ROUTES_READ, good), 0);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(admission(*state, RC_ROUTES_READ, headers[i]), 401);
}

static void the_schemes_name_is_read_in_either_case(void **state)
{
	char good[64];

	bearer_of(*state, RC_TOKEN_READER, good);
	memcpy(good, "bEARER", 6);
	assert_int_equal(admission(*state, RC_ROUTES_READ, good), 0);
}

static void health_needs_no_token(void **state)
{
	static const char *const operations[] = {"getLivez", "getReadyz"};

	for (size_t i = 0; i < 2; i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE(operations[i]));
		assert_true(visit_ask(&visit, rc_routes_admit_people));
		assert_int_equal(visit.response.status, 200);
		visit_end(&visit);
	}
}

/* A visit by a reader; the caller ends it. */
static void ask(struct visit *visit, const char *header)
{
	visit_header(visit, "Authorization", header);
	assert_true(visit_ask(visit, rc_routes_admit_people));
}

static void a_refusal_is_in_the_readers_language_and_has_one_code(void **state)
{
	static const char *const languages[][2] = {{"zh-CN,zh;q=0.9", "没有这节课"},
						   {"en", "No such session"}};
	char reader[64];

	bearer_of(*state, RC_TOKEN_READER, reader);
	for (size_t i = 0; i < 2; i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE("getAttendance"));
		visit_header(&visit, "Accept-Language", languages[i][0]);
		visit_param(&visit, "id", "no-such-session");
		ask(&visit, reader);
		assert_int_equal(visit.response.status, 404);
		assert_string_equal(visit.response.content_type, "application/problem+json");
		assert_true(visit_says(&visit, languages[i][1]));
		assert_true(visit_says(&visit, "\"code\":\"session\""));
		visit_end(&visit);
	}
}

static void parameters_out_of_their_form_are_refused_with_their_name(void **state)
{
	static const char *const bad[][3] = {
	    {"listSessions", "limit", "0"},
	    {"listSessions", "limit", "501"},
	    {"listSessions", "limit", "ten"},
	    {"listSessions", "limit", ""},
	    {"listSessions", "limit", "+1"},
	    {"listSessions", "after", "x"},
	    {"listSessions", "after", "1."},
	    {"listSessions", "after", ".00000000-0000-4000-8000-0000000000c1"},
	    {"listSessions", "after", "9999999999999999.00000000-0000-4000-8000-0000000000c1"},
	    {"getAttendance", "format", "pdf"},
	};
	char reader[64];

	bearer_of(*state, RC_TOKEN_READER, reader);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE(bad[i][0]));
		visit_param(&visit, "id", "S-1");
		visit_query(&visit, bad[i][1], bad[i][2]);
		ask(&visit, reader);
		assert_int_equal(visit.response.status, 400);
		assert_true(visit_says(&visit, bad[i][1]));
		visit_end(&visit);
	}
}

/* One page of two: its codes behind `seen`, and the next cursor; false when this was the last. */
static bool read_page(struct office *office, const char *reader,
		      char cursor[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_buf *seen)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	const struct rc_json_value *sessions;
	struct visit visit;
	bool has_more;

	visit_begin(&visit, office, ROUTE("listSessions"));
	visit_query(&visit, "limit", "2");
	if (cursor[0])
		visit_query(&visit, "after", cursor);
	ask(&visit, reader);
	assert_int_equal(visit.response.status, 200);
	assert_int_equal(rc_json_parse(rc_buf_bytes(&visit.response.body), &json, NULL), RC_OK);
	visit_end(&visit);
	assert_int_equal(rc_json_get_array(rc_json_root(json), "sessions", &sessions, NULL), RC_OK);
	assert_in_range(rc_json_count(sessions), 0, 2);
	for (size_t i = 0; i < rc_json_count(sessions); i++) {
		char code[16];

		assert_int_equal(
		    rc_json_get_text(rc_json_at(sessions, i), "code", code, sizeof(code), NULL), RC_OK);
		rc_buf_printf(seen, "%s ", code);
	}
	has_more = rc_json_has(rc_json_root(json), "next");
	if (has_more)
		assert_int_equal(rc_json_get_text(rc_json_root(json), "next", cursor,
						  RC_PAGE_CURSOR_MAX_CHARS + 1, NULL),
				 RC_OK);
	return has_more;
}

/* Two of the sessions of an hour have the same start, so the cursor must tell them apart by more. */
static void pages_give_each_session_once_in_the_order_of_starts(void **state)
{
	char reader[64], cursor[RC_PAGE_CURSOR_MAX_CHARS + 1] = "";
	struct rc_buf seen;
	int pages = 1;

	rc_buf_init(&seen, 1024);
	bearer_of(*state, RC_TOKEN_READER, reader);
	while (read_page(*state, reader, cursor, &seen)) {
		assert_true(pages < 10);
		pages++;
	}
	assert_string_equal(rc_buf_text(&seen), "S-0 S-1 S-2 S-3 S-4 ");
	assert_int_equal(pages, 3);
	rc_buf_deinit(&seen);
}

static void a_list_comes_by_code_or_id_and_as_csv_when_asked(void **state)
{
	static const struct {
		const char *id, *format, *accept, *type;
	} cases[] = {
	    {"S-1", NULL, "*/*", "application/json"},
	    {"00000000-0000-4000-8000-0000000000c1", NULL, "*/*", "application/json"},
	    {"S-1", "csv", "*/*", "text/csv; charset=utf-8"},
	    {"S-1", NULL, "text/csv", "text/csv; charset=utf-8"},
	    {"S-1", "json", "text/csv", "application/json"},
	};
	char reader[64];

	bearer_of(*state, RC_TOKEN_READER, reader);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE("getAttendance"));
		visit_header(&visit, "Accept", cases[i].accept);
		visit_param(&visit, "id", cases[i].id);
		if (cases[i].format)
			visit_query(&visit, "format", cases[i].format);
		ask(&visit, reader);
		assert_int_equal(visit.response.status, 200);
		assert_string_equal(visit.response.content_type, cases[i].type);
		visit_end(&visit);
	}
}

/* How a route is answered to a stranger and to a reader, and the Retry-After that goes with it. */
static int ask_under_limits(struct office *office, const char *header, char retry_after[8])
{
	const struct rc_http_route route = {
	    .operation = "test", .method = "GET", .path = "/x", .permissions = RC_ROUTES_READ};
	const char *found;
	struct visit visit;
	int status;

	visit_begin(&visit, office, &route);
	if (header)
		visit_header(&visit, "Authorization", header);
	status = rc_routes_admit_people(&visit.request, &visit.response) ? 200 : visit.response.status;
	found = strstr(rc_buf_text(&visit.response.headers), "Retry-After: ");
	(void)snprintf(retry_after, 8, "%.*s", found ? (int)strcspn(found + 13, "\r") : 0,
		       found ? found + 13 : "");
	visit_end(&visit);
	return status;
}

static void guessing_at_tokens_uses_up_the_addresss_limit(void **state)
{
	struct office *office = *state;
	struct rc_limits *limits = rc_limits_new(&(struct rc_limits_rate){.per_minute = 2, .burst = 3});
	char reader[64], retry_after[8];

	bearer_of(office, RC_TOKEN_READER, reader);
	office->app.address_limits = limits;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask_under_limits(office, "Bearer guess", retry_after), 401);
	assert_int_equal(ask_under_limits(office, "Bearer guess", retry_after), 429);
	assert_string_equal(retry_after, "30");
	assert_int_equal(ask_under_limits(office, reader, retry_after), 429);
	office->app.address_limits = NULL;
	assert_int_equal(ask_under_limits(office, reader, retry_after), 200);
	rc_limits_free(limits);
}

static void a_token_has_a_limit_of_its_own(void **state)
{
	struct office *office = *state;
	struct rc_limits *limits =
	    rc_limits_new(&(struct rc_limits_rate){.per_minute = 60, .burst = 1});
	char first[64], second[64], retry_after[8];

	bearer_of(office, RC_TOKEN_READER, first);
	bearer_of(office, RC_TOKEN_READER, second);
	office->app.token_limits = limits;
	assert_int_equal(ask_under_limits(office, first, retry_after), 200);
	assert_int_equal(ask_under_limits(office, first, retry_after), 429);
	assert_string_equal(retry_after, "1");
	assert_int_equal(ask_under_limits(office, second, retry_after), 200);
	office->app.token_limits = NULL;
	rc_limits_free(limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_route_has_a_permission_and_only_health_is_public),
	    cmocka_unit_test(readers_read_and_operators_do_both),
	    cmocka_unit_test(what_the_table_does_not_allow_is_denied),
	    cmocka_unit_test(anything_but_a_good_token_is_answered_alike),
	    cmocka_unit_test(the_schemes_name_is_read_in_either_case),
	    cmocka_unit_test(health_needs_no_token),
	    cmocka_unit_test(a_refusal_is_in_the_readers_language_and_has_one_code),
	    cmocka_unit_test(parameters_out_of_their_form_are_refused_with_their_name),
	    cmocka_unit_test(pages_give_each_session_once_in_the_order_of_starts),
	    cmocka_unit_test(guessing_at_tokens_uses_up_the_addresss_limit),
	    cmocka_unit_test(a_token_has_a_limit_of_its_own),
	    cmocka_unit_test(a_list_comes_by_code_or_id_and_as_csv_when_asked),
	};

	return cmocka_run_group_tests(tests, office_set_up, office_tear_down);
}
