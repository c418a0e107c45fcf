/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_CLOCK_WATCH_H
#define RC_DAEMON_CLOCK_WATCH_H
/*
 * Notices what happens to the clock that facts are dated by: another source vouches for it, or it jumped against CLOCK_BOOTTIME. Facts
 * are in order by their number whatever it does; this says where their times stop being comparable. Pure; one thread.
 */
#include "shared/base/clock.h"
#include "shared/facts_gen/kinds.h"

#define RC_CLOCK_WATCH_JUMP_MS                                                                     \
	INT64_C(2000) /* less is a clock being disciplined, or a leap second */

struct rc_clock_watch {
	enum rc_clock_source source; /* as last stated */
	int64_t skew_ms;             /* wall time minus CLOCK_BOOTTIME then */
};

/* Begins with a first reading, about which there is nothing to say. */
void rc_clock_watch_begin(struct rc_clock_watch *watch, const struct rc_clock_reading *now);

/* True if something is to be stated, which is in `*fact` then. */
RC_CHECKED bool rc_clock_watch_look(struct rc_clock_watch *watch, const struct rc_clock_reading *now,
				    struct rc_fact_clock_changed *fact);

#endif
