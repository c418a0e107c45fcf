/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/clock_watch.h"

#include <stdio.h>

void rc_clock_watch_begin(struct rc_clock_watch *watch, const struct rc_clock_reading *now)
{
	watch->source = now->source;
	watch->skew_ms = now->at_ms - now->up_ms;
}

bool rc_clock_watch_look(struct rc_clock_watch *watch, const struct rc_clock_reading *now,
			 struct rc_fact_clock_changed *fact)
{
	const int64_t jump_ms = now->at_ms - now->up_ms - watch->skew_ms;

	if (now->source == watch->source && jump_ms <= RC_CLOCK_WATCH_JUMP_MS &&
	    jump_ms >= -RC_CLOCK_WATCH_JUMP_MS)
		return false;
	*fact = (struct rc_fact_clock_changed){.jump_ms = jump_ms < 0 ? -jump_ms : jump_ms,
					       .is_back = jump_ms < 0};
	(void)snprintf(fact->from_src, sizeof(fact->from_src), "%s", rc_clock_source_text(watch->source));
	(void)snprintf(fact->to_src, sizeof(fact->to_src), "%s", rc_clock_source_text(now->source));
	rc_clock_watch_begin(watch, now);
	return true;
}
