/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate may what, cell by cell, and how kiosks are told no. */
#include "tests/module/routes/office.h"

#define ROUTE(operation) office_route(rc_routes_device, rc_routes_device_count, operation)

/* What the design says, written down again: a table that is compared with itself proves nothing. */
static const struct {
	const char *operation;
	bool none, current, grace, revoked;
} rights[] = {
    {"getCa", true, true, true, true},        {"enrolKiosk", true, true, true, true},
    {"renewKiosk", false, true, true, false}, {"getMark", false, true, false, true},
    {"postFacts", false, true, false, true},  {"getChanges", false, true, false, false},
    {"putStatus", false, true, false, false},
};
#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

static bool is_admitted(struct office *office, const char *operation, enum rc_fleet_class class)
{
	struct visit visit;
	bool is_in;

	visit_begin(&visit, office, ROUTE(operation));
	visit.peer = (struct rc_http_peer){.is_tls = true, .certificate = office_certificate(class)};
	is_in = rc_routes_admit_device(&visit.request, &visit.response);
	if (is_in)
		assert_int_equal(((const struct rc_fleet_peer *)visit.request.principal)->class, class);
	else
		assert_true(visit.response.status == 403 &&
			    visit_says(&visit, "\"code\":\"certificate\""));
	visit_end(&visit);
	return is_in;
}

static void every_class_may_what_the_table_says_and_nothing_else(void **state)
{
	struct office *office = *state;

	for (size_t i = 0; i < RIGHTS; i++) {
		assert_int_equal(is_admitted(office, rights[i].operation, RC_FLEET_NONE), rights[i].none);
		assert_int_equal(is_admitted(office, rights[i].operation, RC_FLEET_CURRENT),
				 rights[i].current);
		assert_int_equal(is_admitted(office, rights[i].operation, RC_FLEET_GRACE),
				 rights[i].grace);
		assert_int_equal(is_admitted(office, rights[i].operation, RC_FLEET_REVOKED),
				 rights[i].revoked);
		assert_false(is_admitted(office, rights[i].operation, RC_FLEET_STRANGER));
	}
}

static void every_route_of_the_device_listener_is_in_that_table(void **state)
{
	(void)state;
	assert_int_equal(rc_routes_device_count, RIGHTS);
	for (size_t i = 0; i < RIGHTS; i++)
		assert_non_null(ROUTE(rights[i].operation));
}

static void a_serial_of_ours_on_another_certificate_is_a_stranger(void **state)
{
	struct rc_tls_peer forged = *office_certificate(RC_FLEET_CURRENT);
	struct visit visit;

	forged.sha256[0] ^= 1;
	visit_begin(&visit, *state, ROUTE("getMark"));
	visit.peer = (struct rc_http_peer){.is_tls = true, .certificate = &forged};
	assert_false(rc_routes_admit_device(&visit.request, &visit.response));
	visit_end(&visit);
}

/* Asks as a current kiosk; the answer is in `visit`, which the caller ends. */
static void ask(struct visit *visit)
{
	visit->peer =
	    (struct rc_http_peer){.is_tls = true, .certificate = office_certificate(RC_FLEET_CURRENT)};
	assert_true(visit_ask(visit, rc_routes_admit_device));
}

static void the_ca_is_sent_as_it_is(void **state)
{
	struct visit visit;

	visit_begin(&visit, *state, ROUTE("getCa"));
	assert_true(visit_ask(&visit, rc_routes_admit_device));
	assert_int_equal(visit.response.status, 200);
	assert_string_equal(visit.response.content_type, "application/pkix-cert");
	assert_string_equal(rc_buf_text(&visit.response.body), "der of the CA");
	visit_end(&visit);
}

static void facts_come_as_ndjson_only(void **state)
{
	struct visit visit;

	visit_begin(&visit, *state, ROUTE("postFacts"));
	visit_header(&visit, "Content-Type", "application/json");
	ask(&visit);
	assert_int_equal(visit.response.status, 415);
	visit_end(&visit);
}

static void an_enrolment_that_is_no_json_is_told_so_with_a_stable_code(void **state)
{
	static const char *const bodies[] = {"", "{}", "[]", "{\"code\":1,\"csr\":\"\"}", "\xff"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE("enrolKiosk"));
		visit.request.body = rc_bytes_of_text(bodies[i]);
		assert_true(visit_ask(&visit, rc_routes_admit_device));
		assert_int_equal(visit.response.status, 422);
		assert_true(visit_says(&visit, "\"code\":\"bad_request\""));
		visit_end(&visit);
	}
}

static void a_cursor_and_a_wait_out_of_their_form_are_refused(void **state)
{
	static const char *const bad[][2] = {
	    {"after", ""}, {"after", "yesterday"}, {"wait", "301"},    {"wait", "-1"},
	    {"wait", ""},  {"wait", "1s"},         {"wait", "9999999"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE("getChanges"));
		visit_query(&visit, bad[i][0], bad[i][1]);
		ask(&visit);
		assert_int_equal(visit.response.status, 400);
		visit_end(&visit);
	}
}

/* Where a first answer ends. */
static void take_cursor(struct office *office, char *cursor, size_t size)
{
	struct visit visit;
	const char *begin, *end;
	struct rc_bytes body;

	visit_begin(&visit, office, ROUTE("getChanges"));
	ask(&visit);
	assert_int_equal(visit.response.status, 200);
	body = visit.response.lent.data ? visit.response.lent : rc_buf_bytes(&visit.response.body);
	begin = strstr((const char *)body.data, "\"cursor\":\"");
	assert_non_null(begin);
	begin += strlen("\"cursor\":\"");
	end = strchr(begin, '"');
	assert_true(rc_bytes_copy_text(rc_bytes_of(begin, (size_t)(end - begin)), cursor, size));
	visit_end(&visit);
}

static void nothing_new_is_answered_at_once_unless_the_kiosk_would_wait(void **state)
{
	char cursor[RC_CURSOR_MAX_CHARS + 1];
	struct visit visit;

	take_cursor(*state, cursor, sizeof(cursor));
	visit_begin(&visit, *state, ROUTE("getChanges"));
	visit_query(&visit, "after", cursor);
	ask(&visit);
	assert_int_equal(visit.response.status, 200);
	assert_true(visit.response.wait_topics == 0);
	visit_end(&visit);

	visit_begin(&visit, *state, ROUTE("getChanges"));
	visit_query(&visit, "after", cursor);
	visit_query(&visit, "wait", "30");
	ask(&visit);
	assert_true(visit.response.wait_topics == RC_ROUTES_TOPIC_CHANGES);
	assert_true(visit.response.wait_ms == 30000);
	visit_end(&visit);
}

static void the_last_try_of_a_wait_is_answered_with_nothing_new(void **state)
{
	char cursor[RC_CURSOR_MAX_CHARS + 1];
	struct visit visit;

	take_cursor(*state, cursor, sizeof(cursor));
	visit_begin(&visit, *state, ROUTE("getChanges"));
	visit_query(&visit, "after", cursor);
	visit_query(&visit, "wait", "30");
	visit.request.is_last_try = true;
	ask(&visit);
	assert_int_equal(visit.response.status, 200);
	visit_end(&visit);
}

static void a_status_must_be_an_object(void **state)
{
	static const struct {
		const char *body;
		int status;
	} cases[] = {{"{}", 200}, {"{\"camera\":\"ok\"}", 200}, {"[]", 422}, {"1", 422},
		     {"", 422},   {"{\"a\":1,\"a\":2}", 422}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct visit visit;

		visit_begin(&visit, *state, ROUTE("putStatus"));
		visit.request.body = rc_bytes_of_text(cases[i].body);
		ask(&visit);
		assert_int_equal(visit.response.status, cases[i].status);
		visit_end(&visit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_class_may_what_the_table_says_and_nothing_else),
	    cmocka_unit_test(every_route_of_the_device_listener_is_in_that_table),
	    cmocka_unit_test(a_serial_of_ours_on_another_certificate_is_a_stranger),
	    cmocka_unit_test(the_ca_is_sent_as_it_is),
	    cmocka_unit_test(facts_come_as_ndjson_only),
	    cmocka_unit_test(an_enrolment_that_is_no_json_is_told_so_with_a_stable_code),
	    cmocka_unit_test(a_cursor_and_a_wait_out_of_their_form_are_refused),
	    cmocka_unit_test(nothing_new_is_answered_at_once_unless_the_kiosk_would_wait),
	    cmocka_unit_test(the_last_try_of_a_wait_is_answered_with_nothing_new),
	    cmocka_unit_test(a_status_must_be_an_object),
	};

	return cmocka_run_group_tests(tests, office_set_up, office_tear_down);
}
