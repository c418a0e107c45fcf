/* SPDX-License-Identifier: Apache-2.0 */
/* What an enrolled kiosk has: its journal, the memory of who is here, and the facts it states when it starts. */
#include "firmware/daemon/daemon_priv.h"

#include "firmware/journal/reader.h"
#include "shared/base/log.h"
#include "shared/base/random.h"
#include "shared/facts_gen/kinds.h"

#include <stdio.h>

#define WARM_UP_FACTS  4096 /* as many arrivals as presence holds */
#define WARM_UP_LINES  256u
#define WARM_UP_BYTES  (512u * 1024u)
#define WARM_UP_EPOCHS 256u

static void remember_arrival(struct rc_presence *presence, const struct rc_fact *fact)
{
	struct rc_fact_attendance_signed_in body;

	if (rc_fact_attendance_signed_in_decode(fact->slices.body, &body, NULL) == RC_OK)
		rc_presence_add(presence, &body.session, &body.ref, fact->envelope.clock.at_ms);
}

static void remember_leave(struct rc_presence *presence, const struct rc_fact *fact)
{
	struct rc_fact_attendance_signed_out body;

	if (rc_fact_attendance_signed_out_decode(fact->slices.body, &body, NULL) == RC_OK)
		rc_presence_leave(presence, &body.session, &body.ref, fact->envelope.clock.at_ms);
}

static void remember_line(struct rc_presence *presence, struct rc_bytes line)
{
	struct rc_fact fact;

	if (rc_fact_read(line, &fact) != RC_FACT_FINE)
		return;
	if (strcmp(fact.envelope.kind, RC_FACT_KIND_ATTENDANCE_SIGNED_IN) == 0)
		remember_arrival(presence, &fact);
	else if (strcmp(fact.envelope.kind, RC_FACT_KIND_ATTENDANCE_SIGNED_OUT) == 0)
		remember_leave(presence, &fact);
}

static void remember_lines(struct rc_presence *presence, struct rc_bytes lines)
{
	const uint8_t *end;

	while (lines.size > 0 && (end = memchr(lines.data, '\n', lines.size))) {
		size_t size = (size_t)(end - lines.data);

		remember_line(presence, rc_bytes_of(lines.data, size));
		lines = rc_bytes_of(end + 1, lines.size - size - 1);
	}
}

static enum rc_status warm_up_epoch(struct rc_presence *presence, struct rc_journal_reader *reader,
				    const struct rc_journal_epoch *epoch, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf lines;
	struct rc_journal_range range = {
	    .epoch = epoch->epoch, .max_lines = WARM_UP_LINES, .max_bytes = WARM_UP_BYTES};
	enum rc_status status = RC_OK;
	size_t count = 1;

	rc_buf_init(&lines, WARM_UP_BYTES + RC_FACT_LINE_MAX_BYTES + 1);
	range.from = epoch->last > WARM_UP_FACTS ? epoch->last - WARM_UP_FACTS : 1;
	if (range.from <= epoch->pruned)
		range.from = epoch->pruned + 1;
	while (status == RC_OK && count > 0 && range.from <= epoch->last) {
		rc_buf_clear(&lines);
		status = rc_journal_read(reader, &range, &lines, &count, err);
		remember_lines(presence, rc_buf_bytes(&lines));
		range.from += (int64_t)count;
	}
	return status;
}

/* A kiosk that starts again in the middle of a session knows who has come; without that it would greet them a second time.
 * That would be a pity and no more: what can't be read keeps nobody from signing in. */
static void warm_up(struct rc_daemon *daemon)
{
	static struct rc_journal_epoch epochs[WARM_UP_EPOCHS]; /* some KiB; one thread */
	struct rc_journal_reader *reader = NULL;
	size_t count = 0;
	struct rc_error err;
	enum rc_status status = rc_journal_reader_open(daemon->config.data_folder, &reader, &err);

	if (status == RC_OK)
		status = rc_journal_reader_all_epochs(reader, epochs, WARM_UP_EPOCHS, &count, &err);
	for (size_t i = 0; status == RC_OK && i < count; i++)
		status = warm_up_epoch(daemon->presence, reader, &epochs[i], &err);
	rc_journal_reader_close(reader);
	if (status != RC_OK)
		rc_log_failure("who has signed in already can't be read from the journal", &err);
}

static void state_start(struct rc_daemon *daemon, const struct rc_journal *journal)
{
	struct rc_fact_kiosk_started fact = {.has_previous_boot = false};
	char memory[256];
	struct rc_buf body;

	if (rc_journal_found(journal) == RC_JOURNAL_FOUND_DAMAGED)
		rc_log(RC_LOG_ERROR, "the journal was damaged and is set aside; a new one begins",
		       "folder", rc_journal_set_aside(journal), NULL);
	(void)snprintf(fact.version, sizeof(fact.version), "%s", RC_VERSION);
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_kiosk_started_encode(&fact, &body);
	rc_daemon__state_fact(daemon, RC_FACT_KIND_KIOSK_STARTED, rc_buf_bytes(&body));
}

static enum rc_status open_journal(struct rc_daemon *daemon, struct rc_error *err)
{
	struct rc_journal_options options = {.clock = daemon->clock};
	struct rc_journal *journal = NULL;
	enum rc_status status = rc_journal_open(daemon->config.data_folder, &daemon->identity.kiosk,
						&options, &journal, err);

	if (status != RC_OK)
		return status;
	rc_daemon__resume_clock(daemon, journal);
	status = rc_recorder_start(journal, &daemon->recorder, err);
	if (status != RC_OK) {
		rc_journal_close(journal);
		return status;
	}
	state_start(daemon, journal);
	return RC_OK;
}

enum rc_status rc_daemon__open_identity(struct rc_daemon *daemon, struct rc_error *err)
{
	struct rc_identity identity;
	enum rc_status status = rc_identity_load(daemon->identity_folder, &identity, err);

	if (status != RC_OK)
		return status;
	rc_identity_deinit(&daemon->identity);
	daemon->identity = identity;
	if (!daemon->recorder)
		status = open_journal(daemon, err);
	if (status != RC_OK)
		return status;
	warm_up(daemon);
	daemon->is_enrolled = true;
	daemon->lookup.organisation = daemon->identity.organisation;
	daemon->lookup.room = daemon->identity.room;
	return RC_OK;
}

void rc_daemon__take_renewal(struct rc_daemon *daemon)
{
	struct rc_identity identity;
	struct rc_error err;

	if (rc_identity_load(daemon->identity_folder, &identity, &err) != RC_OK) {
		rc_log_failure("the renewed certificate can't be read", &err);
		return; /* sync goes on with what it has */
	}
	rc_identity_deinit(&daemon->identity);
	daemon->identity = identity;
	daemon->lookup.organisation = identity.organisation;
	daemon->lookup.room = identity.room;
}
