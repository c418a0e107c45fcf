/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_CLOCK_H
#define RC_BASE_CLOCK_H
/*
 * The one way time comes in. Programs hand a clock down; tests hand down a scripted one (tests/sim). Nothing here blocks;
 * any thread.
 */
#include "shared/base/id.h"

#include <stdint.h>

/* Where a wall time came from, in falling order of trust; the text in a fact is rc_clock_source_text. */
enum rc_clock_source {
	RC_CLOCK_NTP,    /* the kernel says it is synchronised */
	RC_CLOCK_SERVER, /* an authenticated answer of our server, carried forward by CLOCK_BOOTTIME */
	RC_CLOCK_RTC,    /* a battery-backed clock that the board's description promises */
	RC_CLOCK_NONE, /* nobody knows */
};

#define RC_CLOCK_ERROR_UNKNOWN INT64_C(-1)

/* One reading: all fields belong to the same moment. */
struct rc_clock_reading {
	int64_t at_ms; /* wall time, Unix, UTC */
	int64_t up_ms; /* CLOCK_BOOTTIME: never jumps, counts sleep, starts at 0 with each boot */
	struct rc_id boot; /* the kernel's random id of this boot */
	enum rc_clock_source source;
	int64_t error_ms; /* `at_ms` may be wrong by this much either way; RC_CLOCK_ERROR_UNKNOWN */
};

struct rc_clock {
	void (*read)(void *context, struct rc_clock_reading *reading);
	void *context;
};

/* The machine's own clock: CLOCK_REALTIME, NTP or none by adjtimex(2). Lives for ever. */
const struct rc_clock *rc_clock_system(void);

/* Reads once; use one reading for all that belongs to one moment. */
struct rc_clock_reading rc_clock_read(const struct rc_clock *clock);

/* Shorthands for callers that need one value. */
int64_t rc_clock_now_ms(const struct rc_clock *clock);
int64_t rc_clock_up_ms(const struct rc_clock *clock);

/* "ntp", "server", "rtc", "none", and back: RC_EFORMAT for any other text. */
const char *rc_clock_source_text(enum rc_clock_source source);
RC_CHECKED enum rc_status rc_clock_source_parse(struct rc_bytes text, enum rc_clock_source *source);

#endif
