/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/clock_watch.h"

#include "shared/base/timestamp.h"
#include "tests/sim/clock/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TRUE_MS INT64_C(1795510923456)

struct watched {
	struct rc_sim_clock clock;
	struct rc_clock_watch watch;
	struct rc_fact_clock_changed fact;
};

static void begin(struct watched *watched, int64_t at_ms)
{
	struct rc_clock_reading now;

	rc_sim_clock_init(&watched->clock, at_ms);
	now = rc_clock_read(&watched->clock.clock);
	rc_clock_watch_begin(&watched->watch, &now);
}

static bool look(struct watched *watched)
{
	const struct rc_clock_reading now = rc_clock_read(&watched->clock.clock);

	return rc_clock_watch_look(&watched->watch, &now, &watched->fact);
}

static void time_that_passes_is_nothing_to_speak_of(void **state)
{
	struct watched watched;

	(void)state;
	begin(&watched, TRUE_MS);
	for (int i = 0; i < 100; i++) {
		rc_sim_clock_pass(&watched.clock, RC_HOUR_MS);
		assert_false(look(&watched));
	}
}

static void a_jump_either_way_is_told_once_with_its_length(void **state)
{
	static const int64_t jumps_ms[] = {RC_DAY_MS, -RC_HOUR_MS, RC_HOUR_MS, 2001, -2001};
	struct watched watched;

	(void)state;
	for (size_t i = 0; i < sizeof(jumps_ms) / sizeof(jumps_ms[0]); i++) {
		begin(&watched, TRUE_MS);
		rc_sim_clock_pass(&watched.clock, RC_MINUTE_MS);
		rc_sim_clock_set(&watched.clock, watched.clock.now.at_ms + jumps_ms[i]);
		assert_true(look(&watched));
		assert_int_equal(watched.fact.jump_ms, jumps_ms[i] < 0 ? -jumps_ms[i] : jumps_ms[i]);
		assert_int_equal(watched.fact.is_back, jumps_ms[i] < 0);
		assert_string_equal(watched.fact.from_src, "none");
		assert_string_equal(watched.fact.to_src, "none");
		assert_false(look(&watched));
	}
}

static void a_leap_second_is_no_jump_and_several_of_them_are_one(void **state)
{
	struct watched watched;

	(void)state;
	begin(&watched, TRUE_MS);
	rc_sim_clock_set(&watched.clock, watched.clock.now.at_ms - RC_SECOND_MS);
	assert_false(look(&watched));
	rc_sim_clock_set(&watched.clock, watched.clock.now.at_ms - RC_SECOND_MS);
	assert_false(look(&watched));
	rc_sim_clock_set(&watched.clock, watched.clock.now.at_ms - RC_SECOND_MS);
	assert_true(look(&watched)); /* small steps add up and don't go by unseen */
	assert_int_equal(watched.fact.jump_ms, 3000);
}

static void another_source_is_told_though_the_time_stays(void **state)
{
	struct watched watched;

	(void)state;
	begin(&watched, TRUE_MS);
	rc_sim_clock_synchronise(&watched.clock, watched.clock.now.at_ms);
	assert_true(look(&watched));
	assert_string_equal(watched.fact.from_src, "none");
	assert_string_equal(watched.fact.to_src, "ntp");
	assert_int_equal(watched.fact.jump_ms, 0);
	assert_false(look(&watched));
	rc_sim_clock_lose_ntp(&watched.clock);
	assert_true(look(&watched));
	assert_string_equal(watched.fact.to_src, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(time_that_passes_is_nothing_to_speak_of),
	    cmocka_unit_test(a_jump_either_way_is_told_once_with_its_length),
	    cmocka_unit_test(a_leap_second_is_no_jump_and_several_of_them_are_one),
	    cmocka_unit_test(another_source_is_told_though_the_time_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
