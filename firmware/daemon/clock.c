/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's time: what happens to it is stated as facts, what is known of it survives the daemon. */
#include "firmware/daemon/daemon_priv.h"

#include "shared/base/log.h"

#define REMEMBER_MS                                                                                \
	RC_HOUR_MS /* how often the known time and the anchor are kept durably: an hour's drift is 180 ms */

static void state_change(struct rc_daemon *daemon, const struct rc_fact_clock_changed *fact)
{
	char memory[192];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_clock_changed_encode(fact, &body);
	rc_daemon__state_fact(daemon, RC_FACT_KIND_CLOCK_CHANGED, rc_buf_bytes(&body));
}

static void keep_anchor(struct rc_daemon *daemon)
{
	struct rc_anchor_kept kept;
	char text[RC_ANCHOR_KEPT_MAX_CHARS + 1];

	if (!rc_anchor_keep(daemon->anchor, &kept) ||
	    (daemon->kept_up_ms > 0 && kept.up_ms - daemon->kept_up_ms < REMEMBER_MS))
		return;
	rc_anchor_kept_format(&kept, text);
	if (rc_recorder_remember_anchor(daemon->recorder, text) == RC_OK)
		daemon->kept_up_ms = kept.up_ms;
}

void rc_daemon__watch_clock(struct rc_daemon *daemon)
{
	struct rc_clock_reading now = rc_clock_read(daemon->clock);
	int64_t vouched_ms = rc_anchor_vouched_ms(daemon->anchor);
	struct rc_fact_clock_changed fact;

	if (rc_clock_watch_look(&daemon->clock_watch, &now, &fact))
		state_change(daemon, &fact);
	if (!daemon->recorder)
		return;
	if (vouched_ms - daemon->remembered_ms >= REMEMBER_MS &&
	    rc_recorder_remember_time(daemon->recorder, vouched_ms) == RC_OK)
		daemon->remembered_ms = vouched_ms;
	keep_anchor(daemon);
}

void rc_daemon__start_clock(struct rc_daemon *daemon)
{
	struct rc_clock_reading now = rc_clock_read(daemon->clock);

	rc_clock_watch_begin(&daemon->clock_watch, &now);
}

void rc_daemon__resume_clock(struct rc_daemon *daemon, struct rc_journal *journal)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	struct rc_anchor_kept kept;
	int64_t known_ms;

	rc_buf_init(&text, RC_JOURNAL_STATE_MAX_BYTES);
	if (rc_journal_state_get_int(journal, RC_RECORDER_TIME_KNOWN, &known_ms, NULL) == RC_OK)
		rc_anchor_remember(daemon->anchor, known_ms);
	if (rc_journal_state_get(journal, RC_RECORDER_TIME_ANCHOR, &text, NULL) != RC_OK ||
	    rc_anchor_kept_parse(rc_buf_bytes(&text), &kept) != RC_OK ||
	    !rc_anchor_resume(daemon->anchor, &kept))
		return;
	daemon->kept_up_ms = kept.up_ms;
	rc_daemon__start_clock(daemon); /* what this run knew before it looked isn't news */
	rc_log(RC_LOG_NOTICE, "the time goes on from what was known in this boot", NULL);
}
