/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds of when it really happened, for clocks of all kinds. */
#include "server/ingest/ingest.h"
#include "server/ingest/times.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW INT64_C(1795500000000)

static struct rc_fact_envelope reading(enum rc_clock_source source, int64_t at_ms, int64_t up_ms,
				       int64_t error_ms)
{
	return (struct rc_fact_envelope){
	    .clock = {.at_ms = at_ms, .up_ms = up_ms, .source = source, .error_ms = error_ms}};
}

static const struct rc_ingest__anchor anchor = {.up_ms = 5000000, .at_ms = NOW};

static void a_clock_that_is_vouched_for_is_taken_as_it_stands(void **state)
{
	const struct rc_fact_envelope e = reading(RC_CLOCK_NTP, NOW - 500, 1, 30);
	const struct rc_ingest__times times = rc_ingest__times_of(&e, &anchor, NOW);

	(void)state;
	assert_int_equal(times.best_ms, NOW - 500);
	assert_int_equal(times.earliest_ms, NOW - 530);
	assert_int_equal(times.latest_ms, NOW - 470);
	assert_false(times.is_clock_bad || times.is_open);
}

static void a_board_that_woke_in_1970_is_placed_by_the_upload_of_its_boot(void **state)
{
	/* An hour of CLOCK_BOOTTIME before the upload: 50 ppm of it are 180 ms. */
	const struct rc_fact_envelope e =
	    reading(RC_CLOCK_NONE, 12345, 5000000 - RC_HOUR_MS, RC_CLOCK_ERROR_UNKNOWN);
	const struct rc_ingest__times times = rc_ingest__times_of(&e, &anchor, NOW);

	(void)state;
	assert_int_equal(times.best_ms, NOW - RC_HOUR_MS);
	assert_int_equal(times.latest_ms, NOW - RC_HOUR_MS + 181);
	assert_int_equal(times.earliest_ms, NOW - RC_HOUR_MS - 181 - RC_INGEST_TRANSIT_MS);
	assert_false(times.is_clock_bad || times.is_open);
}

static void nothing_happens_after_its_upload(void **state)
{
	const struct rc_fact_envelope e =
	    reading(RC_CLOCK_NONE, 0, 5000000 + 4000, RC_CLOCK_ERROR_UNKNOWN);
	const struct rc_ingest__times times = rc_ingest__times_of(&e, &anchor, NOW);

	(void)state;
	assert_int_equal(times.best_ms, NOW);
	assert_int_equal(times.latest_ms, NOW);
}

static void bounds_stay_in_order_for_a_boot_that_ran_for_ages_after_its_upload(void **state)
{
	const struct rc_fact_envelope e =
	    reading(RC_CLOCK_NONE, 0, RC_FACT_INTEGER_MAX, RC_CLOCK_ERROR_UNKNOWN);
	const struct rc_ingest__times times = rc_ingest__times_of(&e, &anchor, NOW);

	(void)state;
	assert_true(times.earliest_ms <= times.best_ms);
	assert_true(times.best_ms <= times.latest_ms);
	assert_int_equal(times.latest_ms, NOW);
}

static void a_time_far_ahead_of_the_server_is_flagged_and_placed_by_its_boot(void **state)
{
	const struct rc_fact_envelope e = reading(RC_CLOCK_RTC, NOW + 400 * RC_DAY_MS, 4999000, 1000);
	const struct rc_ingest__times times = rc_ingest__times_of(&e, &anchor, NOW);

	(void)state;
	assert_true(times.is_clock_bad);
	assert_int_equal(times.best_ms, NOW - 1000);
}

static void an_impossible_time_is_flagged(void **state)
{
	struct rc_fact_envelope e = reading(RC_CLOCK_NTP, 0, 4999000, 10);
	struct rc_ingest__times times;

	(void)state;
	e.is_clock_bad = true;
	times = rc_ingest__times_of(&e, &anchor, NOW);
	assert_true(times.is_clock_bad);
	assert_int_equal(times.best_ms, NOW - 1000);
}

static void a_boot_that_was_never_tied_lies_between_its_neighbours(void **state)
{
	struct rc_ingest__times times[4];
	const struct rc_fact_envelope known = reading(RC_CLOCK_NTP, NOW - 9000, 0, 10);
	const struct rc_fact_envelope lost = reading(RC_CLOCK_NONE, 77, 0, RC_CLOCK_ERROR_UNKNOWN);
	const struct rc_fact_envelope later = reading(RC_CLOCK_NTP, NOW - 2000, 0, 10);

	(void)state;
	times[0] = rc_ingest__times_of(&known, NULL, NOW);
	times[1] = rc_ingest__times_of(&lost, NULL, NOW);
	times[2] = rc_ingest__times_of(&lost, NULL, NOW);
	times[3] = rc_ingest__times_of(&later, NULL, NOW);
	assert_true(times[1].is_open);
	rc_ingest__times_close(times, 4, 0, NOW);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(times[i].earliest_ms, NOW - 9010);
		assert_int_equal(times[i].latest_ms, NOW - 1990);
		assert_int_equal(times[i].best_ms, NOW - 9010);
	}
	assert_int_equal(times[3].best_ms, NOW - 2000);
}

static void without_neighbours_the_fact_before_and_the_ceiling_bound(void **state)
{
	const struct rc_fact_envelope lost =
	    reading(RC_CLOCK_NONE, NOW + RC_DAY_MS, 0, RC_CLOCK_ERROR_UNKNOWN);
	struct rc_ingest__times times = rc_ingest__times_of(&lost, NULL, NOW);

	(void)state;
	rc_ingest__times_close(&times, 1, NOW - 700, NOW - 100);
	assert_int_equal(times.earliest_ms, NOW - 700);
	assert_int_equal(times.latest_ms, NOW - 100);
	assert_int_equal(times.best_ms, NOW - 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_that_is_vouched_for_is_taken_as_it_stands),
	    cmocka_unit_test(a_board_that_woke_in_1970_is_placed_by_the_upload_of_its_boot),
	    cmocka_unit_test(nothing_happens_after_its_upload),
	    cmocka_unit_test(bounds_stay_in_order_for_a_boot_that_ran_for_ages_after_its_upload),
	    cmocka_unit_test(a_time_far_ahead_of_the_server_is_flagged_and_placed_by_its_boot),
	    cmocka_unit_test(an_impossible_time_is_flagged),
	    cmocka_unit_test(a_boot_that_was_never_tied_lies_between_its_neighbours),
	    cmocka_unit_test(without_neighbours_the_fact_before_and_the_ceiling_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
