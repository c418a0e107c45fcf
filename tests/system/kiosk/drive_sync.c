/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-sync-drive DATA: the sync of a kiosk without the kiosk, as fast as it goes. For each line on its input one fact is stated;
 * once the server has acknowledged all there are, "done" is printed. It tries again after a few milliseconds, where a kiosk would leave a
 * server in peace. The kiosk must not run.
 */
#include "firmware/identity/identity.h"
#include "firmware/journal/journal.h"
#include "firmware/sync/sync.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 60000
#define POLL_MS     600000 /* nothing happens by itself */
#define BACKOFF_MS  5

static int64_t now_ms(void *context)
{
	(void)context;
	return rc_clock_now_ms(rc_clock_system());
}

static enum rc_status state_one(struct rc_journal *journal, struct rc_error *err)
{
	const struct rc_journal_statement statement = {
	    .kind = "device.changed",
	    .version = 1,
	    .body = rc_bytes_of_text("{\"device\":\"camera\",\"state\":\"restarted\"}")};
	const struct rc_clock_reading now = rc_clock_read(rc_clock_system());
	struct rc_journal_entry entry;

	return rc_journal_append(journal, &statement, &now, &entry, err);
}

/* What the daemon does with the reports that concern the journal. */
static enum rc_status take(struct rc_sync *sync, struct rc_journal *journal,
			   const struct rc_sync_report *report, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (report->kind == RC_SYNC_ACKNOWLEDGED) {
		status = rc_journal_acknowledge(journal, report->acknowledged.epoch,
						report->acknowledged.through,
						report->acknowledged.hash, err);
	} else if (report->kind == RC_SYNC_EPOCH_NEEDED) {
		status = rc_journal_begin_epoch(journal, report->epoch_needed.reason, err);
		rc_sync_wake(sync);
	}
	return status;
}

static enum rc_status send_all(struct rc_sync *sync, struct rc_journal *journal, struct rc_error *err)
{
	struct pollfd reports = {.fd = rc_sync_descriptor(sync), .events = POLLIN};
	struct rc_sync_report report;
	enum rc_status status = RC_OK;

	rc_sync_wake(sync);
	while (status == RC_OK && rc_journal_unacknowledged(journal) > 0) {
		while (status == RC_OK && rc_sync_next(sync, &report) == RC_OK)
			status = take(sync, journal, &report, err);
		if (status == RC_OK && rc_journal_unacknowledged(journal) > 0 &&
		    poll(&reports, 1, PATIENCE_MS) == 0)
			status = rc_fail(err, RC_ENET, "nothing was acknowledged in a minute");
	}
	return status;
}

static enum rc_status drive(struct rc_sync *sync, struct rc_journal *journal, struct rc_error *err)
{
	char line[16];
	enum rc_status status = RC_OK;

	while (status == RC_OK && fgets(line, sizeof(line), stdin)) {
		status = state_one(journal, err);
		if (status == RC_OK)
			status = send_all(sync, journal, err);
		if (status == RC_OK && (puts("done") < 0 || fflush(stdout) != 0))
			status = rc_fail(err, RC_EIO, "nobody listens");
		if (status == RC_OK && rc_journal_wants_checkpoint(journal))
			status = rc_journal_checkpoint(journal, err);
	}
	return status;
}

static enum rc_status run(const char *data, struct rc_error *err)
{
	const struct rc_journal_options options = {.clock = rc_clock_system()};
	char identity_folder[4096], roster_folder[4096];
	const struct rc_sync_config config = {
	    .identity_folder = identity_folder,
	    .journal_folder = data,
	    .roster_folder = roster_folder,
	    .clock = rc_clock_system(),
	    .certificate_now_ms = now_ms,
	    .poll_ms = POLL_MS,
	    .backoff_first_ms = BACKOFF_MS,
	    .backoff_max_ms = BACKOFF_MS,
	};
	struct rc_journal *journal = NULL;
	struct rc_identity identity;
	struct rc_sync *sync = NULL;
	enum rc_status status;

	(void)snprintf(identity_folder, sizeof(identity_folder), "%s/identity", data);
	(void)snprintf(roster_folder, sizeof(roster_folder), "%s/roster", data);
	status = rc_identity_load(identity_folder, &identity, err);
	if (status != RC_OK)
		return status;
	status = rc_journal_open(data, &identity.kiosk, &options, &journal, err);
	if (status == RC_OK)
		status = rc_sync_start(&config, &sync, err);
	if (status == RC_OK)
		status = drive(sync, journal, err);
	rc_sync_stop(sync);
	if (journal)
		rc_journal_close(journal);
	rc_identity_deinit(&identity);
	return status;
}

int main(int argc, char **argv)
{
	struct rc_error err = {.text = "DATA"};
	enum rc_status status = argc == 2 ? run(argv[1], &err) : RC_EUSAGE;

	if (status != RC_OK)
		fprintf(stderr, "%s\n", err.text);
	return rc_status_exit(status);
}
