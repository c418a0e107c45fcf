/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/presence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rc_id id_of(uint32_t number)
{
	struct rc_id id = {.octets = {0}};

	memcpy(id.octets, &number, sizeof(number));
	return id;
}

static void who_never_came_is_not_here(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), ref = id_of(2);
	int64_t at_ms = 7;

	(void)state;
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_ENOTFOUND);
	assert_int_equal(at_ms, 7);
	rc_presence_free(presence);
}

static void an_arrival_is_found_in_its_session_alone(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), other = id_of(9), ref = id_of(2);
	int64_t at_ms;

	(void)state;
	rc_presence_add(presence, &session, &ref, 100);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_OK);
	assert_int_equal(at_ms, 100);
	assert_int_equal(rc_presence_find(presence, &other, &ref, &at_ms), RC_ENOTFOUND);
	assert_int_equal(rc_presence_find(presence, &session, &other, &at_ms), RC_ENOTFOUND);
	rc_presence_free(presence);
}

static void the_first_arrival_of_a_person_counts(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), ref = id_of(2);
	int64_t at_ms;

	(void)state;
	rc_presence_add(presence, &session, &ref, 100);
	rc_presence_add(presence, &session, &ref, 200);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_OK);
	assert_int_equal(at_ms, 100);
	rc_presence_free(presence);
}

static void who_has_left_is_not_here_until_they_come_back(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), ref = id_of(2);
	int64_t at_ms;

	(void)state;
	rc_presence_add(presence, &session, &ref, 100);
	assert_int_equal(rc_presence_find_leave(presence, &session, &ref, &at_ms), RC_ENOTFOUND);
	rc_presence_leave(presence, &session, &ref, 200);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_ENOTFOUND);
	assert_int_equal(rc_presence_find_leave(presence, &session, &ref, &at_ms), RC_OK);
	assert_int_equal(at_ms, 200);
	rc_presence_add(presence, &session, &ref, 300);
	assert_int_equal(rc_presence_find_leave(presence, &session, &ref, &at_ms), RC_ENOTFOUND);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_OK);
	assert_int_equal(at_ms, 300);
	rc_presence_free(presence);
}

static void a_leave_is_known_of_somebody_who_came_elsewhere(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), ref = id_of(2);
	int64_t at_ms;

	(void)state;
	rc_presence_leave(presence, &session, &ref, 200);
	assert_int_equal(rc_presence_find_leave(presence, &session, &ref, &at_ms), RC_OK);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_ENOTFOUND);
	rc_presence_free(presence);
}

static void the_oldest_go_first_when_it_is_full(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), ref;
	int64_t at_ms;

	(void)state;
	for (uint32_t i = 0; i <= RC_PRESENCE_MAX; i++) {
		ref = id_of(i);
		rc_presence_add(presence, &session, &ref, i);
	}
	ref = id_of(0);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_ENOTFOUND);
	ref = id_of(1);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_OK);
	ref = id_of(RC_PRESENCE_MAX);
	assert_int_equal(rc_presence_find(presence, &session, &ref, &at_ms), RC_OK);
	rc_presence_free(presence);
}

static void count(void *context, const struct rc_id *ref)
{
	(void)ref;
	(*(int *)context)++;
}

static void each_person_of_a_session_is_told_once(void **state)
{
	struct rc_presence *presence = rc_presence_new();
	struct rc_id session = id_of(1), other = id_of(2), ref;
	int told = 0;

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		ref = id_of(10 + i);
		rc_presence_add(presence, &session, &ref, i);
		rc_presence_add(presence, &session, &ref, i + 100);
	}
	ref = id_of(20);
	rc_presence_add(presence, &session, &ref, 1);
	rc_presence_leave(presence, &session, &ref, 2);
	rc_presence_add(presence, &other, &ref, 5);
	rc_presence_each(presence, &session, count, &told);
	assert_int_equal(told, 5);
	rc_presence_free(presence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_never_came_is_not_here),
	    cmocka_unit_test(an_arrival_is_found_in_its_session_alone),
	    cmocka_unit_test(the_first_arrival_of_a_person_counts),
	    cmocka_unit_test(who_has_left_is_not_here_until_they_come_back),
	    cmocka_unit_test(a_leave_is_known_of_somebody_who_came_elsewhere),
	    cmocka_unit_test(the_oldest_go_first_when_it_is_full),
	    cmocka_unit_test(each_person_of_a_session_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
