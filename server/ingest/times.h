/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_INGEST_TIMES_H
#define RC_INGEST_TIMES_H
/*
 * When it really happened: a kiosk's clock reading, an anchor or two, and what stands before and after it become bounds.
 *
 * A clock that NTP, the server or a promised RTC vouches for is taken as it stands, give or take its error. Any other reading
 * is placed by the boot it was made in: an upload under that boot ties CLOCK_BOOTTIME to the server's time. A boot that was never
 * tied lies after the facts before it and before those behind it. Pure; any thread.
 */
#include "shared/facts/fact.h"

/* Beyond the server's own time by more than this, a reading says nothing, whoever vouches for it. */
#define RC_INGEST_FUTURE_MS RC_DAY_MS

/* At `up_ms` of that boot it was `at_ms` by the server, at the latest; at most RC_INGEST_TRANSIT_MS earlier. */
struct rc_ingest__anchor {
	struct rc_id boot;
	int64_t up_ms;
	int64_t at_ms;
};

struct rc_ingest__times {
	int64_t best_ms, earliest_ms, latest_ms;
	bool is_clock_bad;
	bool is_open; /* only its neighbours bound it */
};

/*
 * Bounds of one reading. `anchor` is of the reading's own boot, or NULL. What only neighbours can bound is left open: earliest 0,
 * latest `now_ms`, and rc_ingest__times_close works it out.
 */
struct rc_ingest__times rc_ingest__times_of(const struct rc_fact_envelope *envelope,
					    const struct rc_ingest__anchor *anchor, int64_t now_ms);

/*
 * Closes the open ones of a run of facts in the order of their seq. `floor_ms` is the earliest time of the fact before the run (0 if
 * there is none); `ceiling_ms` the latest possible time of the last.
 */
void rc_ingest__times_close(struct rc_ingest__times *times, size_t count, int64_t floor_ms,
			    int64_t ceiling_ms);

#endif
