/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Civil dates by counting days in 400-year eras that begin on 1 March, so that the leap day is the last of its year
 * (the proleptic Gregorian calendar of RFC 3339). No tables of months, no time zone files.
 */
#include "shared/base/timestamp.h"

#include <stdio.h>

static int64_t days_of_date(int year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400; /* years are 1970 or later here, never negative */
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static void date_of_days(int64_t days, struct rc_civil *civil)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * day_of_year + 2) / 153;

	civil->day = (unsigned)(day_of_year - (153 * m + 2) / 5 + 1);
	civil->month = (unsigned)(m < 10 ? m + 3 : m - 9);
	civil->year = (int)(year_of_era + era * 400 + (civil->month <= 2));
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in_month(int year, unsigned month)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool civil_exists(const struct rc_civil *c)
{
	return c->year >= 1970 && c->year <= 9999 && c->month >= 1 && c->month <= 12 &&
	       c->day >= 1 && c->day <= days_in_month(c->year, c->month) && c->hour <= 23 &&
	       c->minute <= 59 && c->second <= 59 && c->ms <= 999;
}

struct rc_civil rc_civil_of(int64_t at_ms, int utc_offset_minutes)
{
	int64_t local_ms = at_ms + utc_offset_minutes * RC_MINUTE_MS;
	int64_t days = local_ms / RC_DAY_MS - (local_ms % RC_DAY_MS < 0);
	int64_t rest = local_ms - days * RC_DAY_MS;
	struct rc_civil civil = {
	    .hour = (unsigned)(rest / RC_HOUR_MS),
	    .minute = (unsigned)(rest / RC_MINUTE_MS % 60),
	    .second = (unsigned)(rest / RC_SECOND_MS % 60),
	    .ms = (unsigned)(rest % RC_SECOND_MS),
	};

	date_of_days(days, &civil);
	return civil;
}

enum rc_status rc_civil_to_ms(const struct rc_civil *civil, int utc_offset_minutes, int64_t *at_ms)
{
	if (!civil_exists(civil))
		return RC_EFORMAT;
	*at_ms = days_of_date(civil->year, civil->month, civil->day) * RC_DAY_MS +
		 civil->hour * RC_HOUR_MS + civil->minute * RC_MINUTE_MS +
		 civil->second * RC_SECOND_MS + civil->ms - utc_offset_minutes * RC_MINUTE_MS;
	return RC_OK;
}

/* Two to four digits at a fixed place; anything else makes the whole text malformed. */
static bool read_digits(const uint8_t *text, size_t count, unsigned *value)
{
	*value = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (unsigned)(text[i] - '0');
	}
	return true;
}

enum rc_status rc_timestamp_parse(struct rc_bytes text, int64_t *at_ms)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	const uint8_t *t = text.data;
	struct rc_civil civil;
	unsigned year;

	if (text.size != RC_TIMESTAMP_CHARS)
		return RC_EFORMAT;
	for (size_t i = 0; i < RC_TIMESTAMP_CHARS; i++) {
		if (shape[i] != 'd' && t[i] != (uint8_t)shape[i])
			return RC_EFORMAT;
	}
	if (!read_digits(t, 4, &year) || !read_digits(t + 5, 2, &civil.month) ||
	    !read_digits(t + 8, 2, &civil.day) || !read_digits(t + 11, 2, &civil.hour) ||
	    !read_digits(t + 14, 2, &civil.minute) || !read_digits(t + 17, 2, &civil.second) ||
	    !read_digits(t + 20, 3, &civil.ms))
		return RC_EFORMAT;
	civil.year = (int)year;
	return rc_civil_to_ms(&civil, 0, at_ms);
}

void rc_timestamp_format(int64_t at_ms, char text[RC_TIMESTAMP_CHARS + 1])
{
	int64_t clamped = at_ms < 0 ? 0 : at_ms > RC_TIMESTAMP_MAX_MS ? RC_TIMESTAMP_MAX_MS : at_ms;
	struct rc_civil c = rc_civil_of(clamped, 0);

	(void)snprintf(text, RC_TIMESTAMP_CHARS + 1, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		       (unsigned)c.year % 10000, c.month % 100, c.day % 100, c.hour % 100,
		       c.minute % 100, c.second % 100, c.ms % 1000);
}
