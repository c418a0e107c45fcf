/* SPDX-License-Identifier: Apache-2.0 */
/* Moments as text. The numbers were made with `date -u -d TEXT +%s%3N`. */
#include "shared/base/timestamp.h"
#include "testing.h"

struct moment {
	const char *text;
	int64_t at_ms;
};

static const struct moment moments[] = {
    {"1970-01-01T00:00:00.000Z", 0},
    {"1972-02-29T23:59:59.999Z", INT64_C(68255999999)},
    {"2000-02-29T12:00:00.500Z", INT64_C(951825600500)},
    {"2000-03-01T00:00:00.000Z", INT64_C(951868800000)},
    {"2024-02-29T00:00:00.000Z", INT64_C(1709164800000)},
    {"2024-12-31T23:59:59.999Z", INT64_C(1735689599999)},
    {"2026-11-24T09:02:03.456Z", INT64_C(1795510923456)},
    {"2099-01-01T00:00:00.000Z", INT64_C(4070908800000)},
    {"2100-02-28T23:59:59.999Z", INT64_C(4107542399999)},
    {"2100-03-01T00:00:00.000Z", INT64_C(4107542400000)},
    {"9999-12-31T23:59:59.999Z", RC_TIMESTAMP_MAX_MS},
};

static void known_moments_are_read_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(moments); i++) {
		char text[RC_TIMESTAMP_CHARS + 1];
		int64_t at_ms = -1;

		assert_int_equal(rc_timestamp_parse(rc_bytes_of_text(moments[i].text), &at_ms), RC_OK);
		assert_int_equal(at_ms, moments[i].at_ms);
		rc_timestamp_format(moments[i].at_ms, text);
		assert_string_equal(text, moments[i].text);
	}
}

static void check_refused(const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t at_ms = 42;

		assert_int_equal(rc_timestamp_parse(rc_bytes_of_text(texts[i]), &at_ms), RC_EFORMAT);
		assert_int_equal(at_ms, 42);
	}
}

static void dates_that_do_not_exist_are_refused(void **state)
{
	static const char *const texts[] = {
	    "2024-02-30T00:00:00.000Z", "2023-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z",
	    "2024-04-31T00:00:00.000Z", "2024-13-01T00:00:00.000Z", "2024-00-10T00:00:00.000Z",
	    "2024-01-00T00:00:00.000Z", "2024-01-32T00:00:00.000Z", "1969-12-31T23:59:59.999Z",
	    "0000-01-01T00:00:00.000Z",
	};

	(void)state;
	check_refused(texts, RC_COUNT(texts));
}

static void hours_minutes_and_leap_seconds_out_of_range_are_refused(void **state)
{
	static const char *const texts[] = {
	    "2024-01-01T24:00:00.000Z",
	    "2024-01-01T23:60:00.000Z",
	    "2016-12-31T23:59:60.000Z",
	    "2024-01-01T99:99:99.999Z",
	};

	(void)state;
	check_refused(texts, RC_COUNT(texts));
}

static void any_other_form_of_the_standard_is_refused(void **state)
{
	static const char *const texts[] = {
	    "",
	    "2024-01-01T00:00:00Z",
	    "2024-01-01T00:00:00.00Z",
	    "2024-01-01T00:00:00.0000Z",
	    "2024-01-01t00:00:00.000z",
	    "2024-01-01 00:00:00.000Z",
	    "2024-01-01T00:00:00,000Z",
	    "2024-01-01T00:00:00.000+",
	    "2024-01-01T00:00:00.000Z\n",
	    " 2024-01-01T00:00:00.00Z",
	    "+024-01-01T00:00:00.000Z",
	    "2024-1 -01T00:00:00.000Z",
	    "2024-01-01T0x:00:00.000Z",
	    "9e18",
	    "-1",
	};

	(void)state;
	check_refused(texts, RC_COUNT(texts));
}

static void a_time_outside_the_range_is_written_as_its_nearest_end(void **state)
{
	static const struct moment ends[] = {
	    {"1970-01-01T00:00:00.000Z", -1},
	    {"1970-01-01T00:00:00.000Z", INT64_MIN},
	    {"9999-12-31T23:59:59.999Z", RC_TIMESTAMP_MAX_MS + 1},
	    {"9999-12-31T23:59:59.999Z", INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(ends); i++) {
		char text[RC_TIMESTAMP_CHARS + 1];

		rc_timestamp_format(ends[i].at_ms, text);
		assert_string_equal(text, ends[i].text);
	}
}

static void every_day_of_400_years_follows_the_one_before(void **state)
{
	struct rc_civil before = rc_civil_of(0, 0);

	(void)state;
	for (int64_t day = 1; day <= 146097; day++) {
		struct rc_civil civil = rc_civil_of(day * RC_DAY_MS, 0);
		int64_t at_ms = -1;

		assert_int_equal(rc_civil_to_ms(&civil, 0, &at_ms), RC_OK);
		assert_int_equal(at_ms, day * RC_DAY_MS);
		assert_true(civil.day == before.day + 1 ||
			    (civil.day == 1 && (civil.month == before.month + 1 ||
						(civil.month == 1 && civil.year == before.year + 1))));
		before = civil;
	}
	assert_int_equal(before.year, 2370);
	assert_int_equal(before.month, 1);
	assert_int_equal(before.day, 1);
}

static void an_offset_moves_the_civil_time_over_midnight_both_ways(void **state)
{
	const int64_t new_year_ms = INT64_C(1735689600000); /* 2025-01-01T00:00Z */
	struct rc_civil shanghai = rc_civil_of(new_year_ms, 8 * 60);
	struct rc_civil newfoundland = rc_civil_of(new_year_ms, -(3 * 60 + 30));
	int64_t at_ms = 0;

	(void)state;
	assert_int_equal(shanghai.hour, 8);
	assert_int_equal(shanghai.year, 2025);
	assert_int_equal(newfoundland.year, 2024);
	assert_int_equal(newfoundland.day, 31);
	assert_int_equal(newfoundland.hour, 20);
	assert_int_equal(newfoundland.minute, 30);
	assert_int_equal(rc_civil_to_ms(&newfoundland, -(3 * 60 + 30), &at_ms), RC_OK);
	assert_int_equal(at_ms, new_year_ms);
}

static void a_civil_time_that_does_not_exist_has_no_milliseconds(void **state)
{
	static const struct rc_civil wrong[] = {
	    {.year = 2024, .month = 2, .day = 30},
	    {.year = 2024, .month = 0, .day = 1},
	    {.year = 2024, .month = UINT32_MAX, .day = 1},
	    {.year = -1, .month = 1, .day = 1},
	    {.year = 10000, .month = 1, .day = 1},
	    {.year = 2024, .month = 1, .day = 1, .ms = 1000},
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wrong); i++) {
		int64_t at_ms = 42;

		assert_int_equal(rc_civil_to_ms(&wrong[i], 0, &at_ms), RC_EFORMAT);
		assert_int_equal(at_ms, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_moments_are_read_and_written),
	    cmocka_unit_test(dates_that_do_not_exist_are_refused),
	    cmocka_unit_test(hours_minutes_and_leap_seconds_out_of_range_are_refused),
	    cmocka_unit_test(any_other_form_of_the_standard_is_refused),
	    cmocka_unit_test(a_time_outside_the_range_is_written_as_its_nearest_end),
	    cmocka_unit_test(every_day_of_400_years_follows_the_one_before),
	    cmocka_unit_test(an_offset_moves_the_civil_time_over_midnight_both_ways),
	    cmocka_unit_test(a_civil_time_that_does_not_exist_has_no_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
