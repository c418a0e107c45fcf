/* SPDX-License-Identifier: Apache-2.0 */
/* How often somebody may ask, at times that a script says. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "server/limits/limits.h"

#include <stdio.h>

#define BURST 5u
static const struct rc_limits_rate sixty = {.per_minute = 60, .burst = BURST};

static unsigned take(struct rc_limits *limits, const char *who, int64_t up_ms)
{
	return rc_limits_take(limits, rc_bytes_of_text(who), up_ms);
}

static void a_burst_passes_and_the_next_one_is_told_when(void **state)
{
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&sixty);

	(void)state;
	for (unsigned i = 0; i < BURST; i++)
		assert_int_equal(take(limits, "a", 1000), 0);
	assert_int_equal(take(limits, "a", 1000), 1);
	assert_int_equal(take(limits, "a", 1999), 1);
	assert_int_equal(take(limits, "a", 2000), 0);
	assert_int_equal(take(limits, "a", 2000), 1);
}

static void a_quiet_time_fills_the_bucket_to_its_brim_and_no_further(void **state)
{
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&sixty);
	const int64_t later[] = {INT64_C(100000), INT64_C(10000000), INT64_MAX / 2};

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		for (unsigned i = 0; i < BURST; i++)
			assert_int_equal(take(limits, "a", later[round]), 0);
		assert_int_equal(take(limits, "a", later[round]), 1);
	}
}

static void one_that_asks_too_much_takes_nothing_from_another(void **state)
{
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&sixty);

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		(void)take(limits, "greedy", 1000);
	assert_int_equal(take(limits, "modest", 1000), 0);
	assert_true(take(limits, "greedy", 1000) > 0);
}

static void over_a_long_time_no_more_pass_than_the_rate_says(void **state)
{
	const struct rc_limits_rate odd = {.per_minute = 7, .burst = 1};
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&odd);
	unsigned passed = 0;

	(void)state;
	for (int64_t at_ms = 0; at_ms < 600000; at_ms += 13)
		passed += take(limits, "a", at_ms) == 0;
	assert_in_range(passed, 69, 71);
}

static void who_waits_as_long_as_told_passes(void **state)
{
	const struct rc_limits_rate slow = {.per_minute = 7, .burst = 1};
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&slow);
	int64_t at_ms = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		const unsigned wait = take(limits, "a", at_ms);

		at_ms += wait * INT64_C(1000);
		if (wait > 0)
			assert_int_equal(take(limits, "a", at_ms), 0);
	}
}

static void a_clock_that_goes_back_gives_nothing_away(void **state)
{
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&sixty);

	(void)state;
	for (unsigned i = 0; i < BURST; i++)
		assert_int_equal(take(limits, "a", 100000), 0);
	assert_true(take(limits, "a", 0) > 0);
	assert_true(take(limits, "a", 100000) > 0);
}

static void a_crowd_of_strangers_does_not_empty_the_table_of_who_is_held_back(void **state)
{
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&sixty);
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		(void)take(limits, "greedy", 1000);
	for (unsigned i = 0; i < 4 * RC_LIMITS_BUCKETS; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		assert_int_equal(take(limits, name, 1000), 0);
	}
	assert_true(take(limits, "greedy", 1000) > 0);
}

static void no_rate_and_no_limits_let_all_pass(void **state)
{
	const struct rc_limits_rate none = {.per_minute = 0};
	RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&none);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(take(limits, "a", 0), 0);
		assert_int_equal(take(NULL, "a", 0), 0);
	}
}

static void addresses_of_one_network_are_one(void **state)
{
	static const struct {
		const char *first, *second;
		bool is_same;
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1", true},          {"192.0.2.1", "192.0.2.2", false},
	    {"192.0.2.1", "::ffff:192.0.2.1", true},   {"2001:db8::1", "2001:db8::ffff:1", true},
	    {"2001:db8::1", "2001:db8:0:1::1", false}, {"nonsense", "other", false},
	};
	const struct rc_limits_rate one = {.per_minute = 1, .burst = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		RC_AUTO(rc_limits_free_p) struct rc_limits *limits = rc_limits_new(&one);

		assert_int_equal(rc_limits_take_address(limits, cases[i].first, 0), 0);
		assert_int_equal(rc_limits_take_address(limits, cases[i].second, 0) > 0, cases[i].is_same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_burst_passes_and_the_next_one_is_told_when),
	    cmocka_unit_test(a_quiet_time_fills_the_bucket_to_its_brim_and_no_further),
	    cmocka_unit_test(one_that_asks_too_much_takes_nothing_from_another),
	    cmocka_unit_test(over_a_long_time_no_more_pass_than_the_rate_says),
	    cmocka_unit_test(who_waits_as_long_as_told_passes),
	    cmocka_unit_test(a_clock_that_goes_back_gives_nothing_away),
	    cmocka_unit_test(a_crowd_of_strangers_does_not_empty_the_table_of_who_is_held_back),
	    cmocka_unit_test(no_rate_and_no_limits_let_all_pass),
	    cmocka_unit_test(addresses_of_one_network_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
