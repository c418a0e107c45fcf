/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_TIMESTAMP_H
#define RC_BASE_TIMESTAMP_H
/*
 * Points in time as milliseconds since 1970-01-01T00:00:00Z (int64_t, UTC, no leap seconds), and their one text form:
 * RFC 3339 with exactly three decimals and Z, 24 characters. Local time is for screens and tables only. Pure; any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#include <stdint.h>

#define RC_TIMESTAMP_CHARS 24u
#define RC_SECOND_MS       INT64_C(1000)
#define RC_MINUTE_MS       INT64_C(60000)
#define RC_HOUR_MS         INT64_C(3600000)
#define RC_DAY_MS          INT64_C(86400000)

/* Years 1970 … 9999 can be written. */
#define RC_TIMESTAMP_MAX_MS INT64_C(253402300799999)

struct rc_civil {
	int year;       /* 1970 … 9999 */
	unsigned month; /* 1 … 12 */
	unsigned day;   /* 1 … 31 */
	unsigned hour, minute, second, ms;
};

/* RC_EFORMAT unless it is exactly `2026-11-24T09:02:03.456Z` and that moment exists (no 30 February, no :60). */
RC_CHECKED enum rc_status rc_timestamp_parse(struct rc_bytes text, int64_t *at_ms);

/* Writes 24 characters and a NUL; a time outside the range is written as its nearest end. */
void rc_timestamp_format(int64_t at_ms, char text[RC_TIMESTAMP_CHARS + 1]);

/* Civil date and time of a moment at a fixed offset east of UTC, and back. The caller keeps to the range above. */
struct rc_civil rc_civil_of(int64_t at_ms, int utc_offset_minutes);
RC_CHECKED enum rc_status rc_civil_to_ms(const struct rc_civil *civil, int utc_offset_minutes,
					 int64_t *at_ms);

#endif
