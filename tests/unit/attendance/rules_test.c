/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/attendance/rules.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define START INT64_C(1795510800000)

static struct rc_attendance_terms two_hours(void)
{
	return (struct rc_attendance_terms){.starts_ms = START,
					    .ends_ms = START + 2 * RC_HOUR_MS,
					    .rules = rc_attendance_rules_default()};
}

static void defaults_are_those_of_the_design(void **state)
{
	struct rc_attendance_rules rules = rc_attendance_rules_default();

	(void)state;
	assert_int_equal(rules.opens_before_min, 30);
	assert_int_equal(rules.closes_after_min, 0);
	assert_int_equal(rules.late_after_min, 10);
	assert_int_equal(rules.share_percent, 80);
	assert_int_equal(rules.walk_in, RC_WALK_IN_FREE);
	assert_false(rules.has_sign_out);
	assert_true(rc_attendance_rules_are_valid(&rules));
}

static void values_at_their_bounds_are_valid_and_beyond_are_not(void **state)
{
	struct rc_attendance_rules rules = rc_attendance_rules_default();
	int *const minutes[] = {&rules.opens_before_min, &rules.closes_after_min, &rules.late_after_min};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		*minutes[i] = 1440;
		assert_true(rc_attendance_rules_are_valid(&rules));
		*minutes[i] = 1441;
		assert_false(rc_attendance_rules_are_valid(&rules));
		*minutes[i] = -1;
		assert_false(rc_attendance_rules_are_valid(&rules));
		*minutes[i] = 0;
	}
	rules.share_percent = 0;
	assert_false(rc_attendance_rules_are_valid(&rules));
	rules.share_percent = 101;
	assert_false(rc_attendance_rules_are_valid(&rules));
	rules.share_percent = 1;
	rules.walk_in = (enum rc_walk_in_rule)3;
	assert_false(rc_attendance_rules_are_valid(&rules));
}

static void exactly_the_limit_is_on_time_and_a_millisecond_more_is_late(void **state)
{
	struct rc_attendance_terms terms = two_hours();

	(void)state;
	assert_int_equal(rc_attendance_late_min(&terms, START - RC_HOUR_MS), 0);
	assert_int_equal(rc_attendance_late_min(&terms, START + 10 * RC_MINUTE_MS), 0);
	assert_int_equal(rc_attendance_late_min(&terms, START + 10 * RC_MINUTE_MS + 1), 10);
	assert_int_equal(rc_attendance_late_min(&terms, START + 11 * RC_MINUTE_MS), 11);
	assert_int_equal(rc_attendance_late_min(&terms, START + 61 * RC_MINUTE_MS + 59999), 61);
}

static void with_a_limit_of_zero_a_second_is_a_minute_late(void **state)
{
	struct rc_attendance_terms terms = two_hours();

	(void)state;
	terms.rules.late_after_min = 0;
	assert_int_equal(rc_attendance_late_min(&terms, START), 0);
	assert_int_equal(rc_attendance_late_min(&terms, START + 1), 1);
	assert_int_equal(rc_attendance_late_min(&terms, START + 2 * RC_MINUTE_MS), 2);
}

static void windows_follow_from_the_rules(void **state)
{
	struct rc_attendance_terms terms = two_hours();

	(void)state;
	terms.rules.closes_after_min = 5;
	assert_int_equal(rc_attendance_opens_ms(&terms), START - 30 * RC_MINUTE_MS);
	assert_int_equal(rc_attendance_closes_ms(&terms), terms.ends_ms + 5 * RC_MINUTE_MS);
}

static void walk_in_rules_have_names(void **state)
{
	enum rc_walk_in_rule rule = RC_WALK_IN_FREE;

	(void)state;
	assert_int_equal(rc_walk_in_rule_parse(rc_bytes_of_text("ask"), &rule), RC_OK);
	assert_int_equal(rule, RC_WALK_IN_ASK);
	assert_string_equal(rc_walk_in_rule_name(RC_WALK_IN_NO), "no");
	assert_int_equal(rc_walk_in_rule_parse(rc_bytes_of_text("Free"), &rule), RC_EFORMAT);
	assert_int_equal(rc_walk_in_rule_parse(rc_bytes_of(NULL, 0), &rule), RC_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_are_those_of_the_design),
	    cmocka_unit_test(values_at_their_bounds_are_valid_and_beyond_are_not),
	    cmocka_unit_test(exactly_the_limit_is_on_time_and_a_millisecond_more_is_late),
	    cmocka_unit_test(with_a_limit_of_zero_a_second_is_a_minute_late),
	    cmocka_unit_test(windows_follow_from_the_rules),
	    cmocka_unit_test(walk_in_rules_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
