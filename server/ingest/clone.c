/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two journals under one certificate. A kiosk leaves an epoch for good when it begins another, and says which one it left; what is
 * left of the old one it sends as a branch. A copied card shows in two ways:
 *
 * - an epoch that was left goes on with new facts, as if nothing had happened;
 * - the two begin epochs by turns, because each finds the other's fact in the mark: after A's, B's and A's again, the newest says
 *   that it follows one that was already left. One fork alone proves nothing: the same backup may be restored twice.
 *
 * A new enrolment may follow any epoch. What a server restored from a backup doesn't know proves nothing either.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"
#include "shared/facts_gen/kinds.h"

static bool is_old_epoch_going_on(const struct rc_ingest__run *run)
{
	const struct rc_device_upload_header *header = &run->upload->header;

	return run->through > 0 && header->from + header->count - 1 > run->through;
}

/* The epoch that a first fact says it follows; false if it says none. */
static bool read_parent(struct rc_bytes kind, struct rc_bytes body, char parent[RC_FACT_EPOCH_CHARS + 1])
{
	struct rc_fact_journal_started started;

	if (!rc_bytes_is_text(kind, RC_FACT_KIND_JOURNAL_STARTED) ||
	    rc_fact_journal_started_decode(body, &started, NULL) != RC_OK ||
	    !started.has_old_epoch || strcmp(started.reason, "enrolled") == 0)
		return false;
	rc_fact_epoch_format(started.old_epoch, parent);
	return true;
}

struct parent {
	char epoch[RC_FACT_EPOCH_CHARS + 1]; /* "" if it says none */
};

static enum rc_status take_parent(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct parent *parent = context;

	(void)err;
	if (!read_parent(rc_db_row_text(row, 0), rc_db_row_bytes(row, 1), parent->epoch))
		parent->epoch[0] = '\0';
	return RC_OK;
}

static enum rc_status see_mark(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)row;
	(void)err;
	*(bool *)context = true;
	return RC_OK;
}

/* The new epoch follows `left`, which isn't the one this kiosk sent under last. */
static enum rc_status judge_fork(struct rc_ingest__run *run, const char *left, bool *is_clone,
				 struct rc_error *err)
{
	struct parent parent = {.epoch = ""};
	bool is_known = false;
	enum rc_status status =
	    rc_db_one(run->tx, &rc_sql_ingest_first_fact,
		      RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->current_epoch)),
		      take_parent, &parent, err);

	if (status == RC_OK || status == RC_ENOTFOUND)
		status = rc_db_one(run->tx, &rc_sql_ingest_mark,
				   RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(left)), see_mark,
				   &is_known, err);
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	if (is_known)
		rc_ingest__note(run, RC_INGEST_NOTICE_FORK, 1);
	*is_clone = is_known && parent.epoch[0] != '\0' && strcmp(parent.epoch, left) != 0;
	return RC_OK;
}

enum rc_status rc_ingest__look_for_clone(struct rc_ingest__run *run, bool *is_clone, struct rc_error *err)
{
	const struct rc_device_upload_header *header = &run->upload->header;
	const struct rc_ingest__line *first = run->upload->lines;
	char left[RC_FACT_EPOCH_CHARS + 1];

	*is_clone = false;
	if (header->is_branch || header->count == 0 || run->current_epoch[0] == '\0' ||
	    strcmp(run->current_epoch, run->upload->epoch) == 0)
		return RC_OK;
	if (run->through > 0) {
		*is_clone = is_old_epoch_going_on(run);
		return RC_OK;
	}
	if (header->from != 1 || first->unread ||
	    !read_parent(rc_bytes_of_text(first->fact.envelope.kind), first->fact.slices.body, left) ||
	    strcmp(left, run->current_epoch) == 0)
		return RC_OK;
	return judge_fork(run, left, is_clone, err);
}
