/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the kiosk is: what the daemon knows of the machine, and what sync knows of the way to the server. It takes the place of asking
 * for the mark, whose answer is the same, so it costs no request; told now and then and at once when something changed that somebody
 * would come for, because the server writes each one down.
 */
#include "firmware/sync/sync_priv.h"

#include "shared/base/log.h"

#define EPOCHS_MAX 64u
#define LINE_BYTES (RC_FACT_LINE_MAX_BYTES + 1u)

/* When the first fact of an epoch that still waits was stated. */
static int64_t oldest_of(struct rc_journal_reader *journal, const struct rc_journal_epoch *epoch,
			 int64_t from)
{
	const struct rc_journal_range range = {
	    .epoch = epoch->epoch, .from = from, .max_lines = 1, .max_bytes = LINE_BYTES};
	RC_AUTO(rc_buf_deinit) struct rc_buf line;
	struct rc_fact fact;
	size_t count = 0;

	rc_buf_init(&line, LINE_BYTES);
	if (rc_journal_read(journal, &range, &line, &count, NULL) != RC_OK || count == 0)
		return 0;
	if (rc_fact_read(rc_bytes_of(line.data, line.size - 1), &fact) != RC_FACT_FINE)
		return 0;
	return fact.envelope.clock.at_ms;
}

static void count_waiting(struct rc_journal_reader *journal, struct rc_device_status *status)
{
	struct rc_journal_epoch epochs[EPOCHS_MAX];
	size_t count = 0;

	if (rc_journal_reader_epochs(journal, epochs, EPOCHS_MAX, &count, NULL) != RC_OK)
		return;
	status->waiting = 0;
	for (size_t i = 0; i < count; i++) {
		const struct rc_journal_epoch *epoch = &epochs[i];
		const int64_t done =
		    epoch->acknowledged > epoch->pruned ? epoch->acknowledged : epoch->pruned;

		if (epoch->last <= done)
			continue;
		if (status->waiting == 0)
			status->oldest_waiting_ms = oldest_of(journal, epoch, done + 1);
		status->waiting += epoch->last - done;
	}
}

static void tell_roster(const struct rc_sync_round *round, int64_t up_ms, struct rc_device_status *status)
{
	struct rc_cursor cursor;

	if (rc_roster_writer_cursor(round->roster, &cursor, NULL) != RC_OK)
		return;
	rc_cursor_format(&cursor, status->roster_cursor);
	if (round->session->roster_up_ms > 0)
		status->roster_age_ms = up_ms - round->session->roster_up_ms;
}

/* What somebody would come for. */
static bool is_news(const struct rc_device_status *before, const struct rc_device_status *now)
{
	return strcmp(before->camera, now->camera) != 0 || before->screens != now->screens ||
	       strcmp(before->clock_source, now->clock_source) != 0;
}

bool rc_sync__status(struct rc_sync_round *round, struct rc_buf *json)
{
	const struct rc_clock_reading now = rc_clock_read(round->clock);
	struct rc_sync_session *session = round->session;
	struct rc_device_status status;

	rc_sync__machine(round->sync, &status);
	(void)rc_text_copy(RC_VERSION, status.version, sizeof(status.version));
	status.boot = now.boot;
	status.up_ms = now.up_ms;
	(void)rc_text_copy(rc_clock_source_text(now.source), status.clock_source,
			   sizeof(status.clock_source));
	status.clock_error_ms =
	    now.error_ms == RC_CLOCK_ERROR_UNKNOWN ? RC_DEVICE_STATUS_UNKNOWN : now.error_ms;
	if (session->is_revoked || (session->told_up_ms > 0 && !is_news(&session->told, &status) &&
				    now.up_ms - session->told_up_ms < session->config->poll_ms / 2))
		return false;
	count_waiting(round->journal, &status);
	tell_roster(round, now.up_ms, &status);
	rc_device_status_encode(&status, json);
	session->told = status;
	session->told_up_ms = now.up_ms;
	return rc_buf_status(json, NULL) == RC_OK;
}
