/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/clock.h"
#include "testing.h"

static void read_scripted(void *context, struct rc_clock_reading *reading)
{
	*reading = *(const struct rc_clock_reading *)context;
}

static void a_scripted_clock_is_read_as_it_is_set(void **state)
{
	struct rc_clock_reading set = {
	    .at_ms = 1000, .up_ms = 20, .source = RC_CLOCK_RTC, .error_ms = RC_CLOCK_ERROR_UNKNOWN};
	struct rc_clock clock = {.read = read_scripted, .context = &set};
	struct rc_clock_reading got = rc_clock_read(&clock);

	(void)state;
	assert_int_equal(got.at_ms, 1000);
	assert_int_equal(got.source, RC_CLOCK_RTC);
	set.at_ms = -5; /* a clock may stand before 1970 */
	assert_int_equal(rc_clock_now_ms(&clock), -5);
	assert_int_equal(rc_clock_up_ms(&clock), 20);
}

static void the_machines_clock_keeps_its_boot_and_never_runs_backwards(void **state)
{
	struct rc_clock_reading first = rc_clock_read(rc_clock_system());
	struct rc_clock_reading second = rc_clock_read(rc_clock_system());

	(void)state;
	assert_true(rc_id_equal(&first.boot, &second.boot));
	assert_false(rc_id_is_nil(&first.boot));
	assert_true(first.up_ms > 0);
	assert_true(second.up_ms >= first.up_ms);
	assert_true(first.source == RC_CLOCK_NTP || first.source == RC_CLOCK_NONE);
	assert_int_equal(first.error_ms == RC_CLOCK_ERROR_UNKNOWN, first.source == RC_CLOCK_NONE);
}

static void the_text_of_every_source_comes_back(void **state)
{
	static const char *const wrong[] = {"", "NTP", "gps", "none ", "nonee"};

	(void)state;
	for (int i = RC_CLOCK_NTP; i <= RC_CLOCK_NONE; i++) {
		enum rc_clock_source source = RC_CLOCK_NONE;
		const char *text = rc_clock_source_text((enum rc_clock_source)i);

		assert_int_equal(rc_clock_source_parse(rc_bytes_of_text(text), &source), RC_OK);
		assert_int_equal(source, i);
	}
	for (size_t i = 0; i < RC_COUNT(wrong); i++) {
		enum rc_clock_source source = RC_CLOCK_RTC;

		assert_int_equal(rc_clock_source_parse(rc_bytes_of_text(wrong[i]), &source), RC_EFORMAT);
		assert_int_equal(source, RC_CLOCK_RTC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_scripted_clock_is_read_as_it_is_set),
	    cmocka_unit_test(the_machines_clock_keeps_its_boot_and_never_runs_backwards),
	    cmocka_unit_test(the_text_of_every_source_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
