/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ingest/times.h"

#include "server/ingest/ingest.h"

#define DRIFT_PER_MILLION 50 /* of a board's crystal while it runs */

/* How far CLOCK_BOOTTIME may have drifted over a span of either sign. */
static int64_t drift_over(int64_t span_ms)
{
	const int64_t length = span_ms < 0 ? -span_ms : span_ms;

	return length / (1000000 / DRIFT_PER_MILLION) + 1;
}

static int64_t at_least_zero(int64_t ms)
{
	return ms < 0 ? 0 : ms;
}

static bool is_vouched_for(const struct rc_clock_reading *reading)
{
	return reading->source != RC_CLOCK_NONE && reading->error_ms != RC_CLOCK_ERROR_UNKNOWN;
}

/* Both values are below 2^53, so neither sum nor difference leaves 64 bits. */
static struct rc_ingest__times as_it_stands(const struct rc_clock_reading *reading)
{
	return (struct rc_ingest__times){
	    .best_ms = reading->at_ms,
	    .earliest_ms = at_least_zero(reading->at_ms - reading->error_ms),
	    .latest_ms = reading->at_ms + reading->error_ms,
	};
}

/* The anchor says "at the latest": the upload left the kiosk up to RC_INGEST_TRANSIT_MS before it was here. */
static struct rc_ingest__times by_anchor(const struct rc_clock_reading *reading,
					 const struct rc_ingest__anchor *anchor, int64_t now_ms)
{
	const int64_t span_ms = anchor->up_ms - reading->up_ms;
	const int64_t by_span_ms = at_least_zero(anchor->at_ms - span_ms);
	const int64_t best_ms =
	    by_span_ms < now_ms ? by_span_ms : now_ms; /* nothing happens after its upload */
	const int64_t latest_ms = best_ms + drift_over(span_ms);

	return (struct rc_ingest__times){
	    .best_ms = best_ms,
	    .earliest_ms = at_least_zero(best_ms - drift_over(span_ms) - RC_INGEST_TRANSIT_MS),
	    .latest_ms = latest_ms < now_ms ? latest_ms : now_ms,
	};
}

struct rc_ingest__times rc_ingest__times_of(const struct rc_fact_envelope *envelope,
					    const struct rc_ingest__anchor *anchor, int64_t now_ms)
{
	const struct rc_clock_reading *reading = &envelope->clock;
	const bool is_future = is_vouched_for(reading) &&
			       reading->at_ms - reading->error_ms > now_ms + RC_INGEST_FUTURE_MS;
	const bool is_bad = envelope->is_clock_bad || is_future;
	struct rc_ingest__times times;

	if (!is_bad && is_vouched_for(reading))
		times = as_it_stands(reading);
	else if (anchor)
		times = by_anchor(reading, anchor, now_ms);
	else
		times = (struct rc_ingest__times){
		    .best_ms = reading->at_ms, .latest_ms = now_ms, .is_open = true};
	times.is_clock_bad = is_bad;
	return times;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

void rc_ingest__times_close(struct rc_ingest__times *times, size_t count, int64_t floor_ms,
			    int64_t ceiling_ms)
{
	for (size_t i = 0; i < count; i++) {
		if (times[i].is_open)
			times[i].earliest_ms = floor_ms;
		else
			floor_ms = times[i].earliest_ms;
	}
	for (size_t i = count; i-- > 0;) {
		if (!times[i].is_open) {
			ceiling_ms = times[i].latest_ms;
			continue;
		}
		/* Neighbours whose clock ran backwards can leave no room between them: then the floor counts. */
		times[i].latest_ms =
		    ceiling_ms > times[i].earliest_ms ? ceiling_ms : times[i].earliest_ms;
		times[i].best_ms = clamp(times[i].best_ms, times[i].earliest_ms, times[i].latest_ms);
	}
}
