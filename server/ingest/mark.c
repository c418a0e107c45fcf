/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a kiosk and how far its facts are here. An upload that goes on where the mark stands, which is nearly every one,
 * moves it by one guarded statement: that looks, locks and writes at once. Any other locks the mark first and moves it when all
 * lines are in.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

#define SEEN_STEP_MS                                                                               \
	RC_SECOND_MS /* when a kiosk was seen is kept to the second, so that not every upload writes its row */

static const uint8_t zeros[RC_FACT_HASH_BYTES];

/* ---- what is known of the kiosk ---- */

static enum rc_status read_server_epoch(struct rc_bytes text, struct rc_ingest__run *run,
					struct rc_error *err)
{
	return rc_fact_epoch_parse(text, &run->server_epoch) == RC_OK
		   ? RC_OK
		   : rc_fail(err, RC_EFORMAT, "the server's epoch is no epoch");
}

static enum rc_status take_server_epoch(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	return read_server_epoch(rc_db_row_text(row, 0), context, err);
}

static enum rc_status take_kiosk(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_ingest__run *run = context;

	rc_db_row_copy_text(row, 0, run->site, sizeof(run->site));
	rc_db_row_copy_text(row, 1, run->state, sizeof(run->state));
	rc_db_row_copy_text(row, 2, run->current_epoch, sizeof(run->current_epoch));
	run->seen_ms = rc_db_row_int(row, 3);
	run->has_kiosk = true;
	run->has_anchor = rc_db_row_bool(row, 5);
	return read_server_epoch(rc_db_row_text(row, 4), run, err);
}

/* One that isn't in the register and waits for a nod: it has a mark like any other, or it would send all it has each time. */
static enum rc_status take_unknown(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_ingest__run *run = context;

	(void)rc_text_copy("unknown", run->state, sizeof(run->state));
	rc_db_row_copy_text(row, 0, run->current_epoch, sizeof(run->current_epoch));
	run->seen_ms = rc_db_row_int(row, 1);
	run->has_anchor = rc_db_row_bool(row, 3);
	return read_server_epoch(rc_db_row_text(row, 2), run, err);
}

static enum rc_status take_mark(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_device_mark *mark = context;

	(void)err;
	mark->through = rc_db_row_int(row, 0);
	rc_db_row_copy_bytes(row, 1, mark->hash, sizeof(mark->hash));
	return RC_OK;
}

/* `boot` may be NULL; `run->has_anchor` says whether there is an anchor of it. */
static enum rc_status load_kiosk(struct rc_ingest__run *run, const struct rc_id *boot,
				 struct rc_error *err)
{
	char text[RC_ID_CHARS + 1] = "";
	enum rc_status status;

	if (boot)
		rc_id_format(boot, text);
	status = rc_db_one(run->tx, &rc_sql_ingest_kiosk,
			   RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(text)), take_kiosk, run, err);
	if (status == RC_ENOTFOUND)
		status = rc_db_one(run->tx, &rc_sql_ingest_unknown,
				   RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(text)),
				   take_unknown, run, err);
	if (status != RC_ENOTFOUND)
		return status;
	return rc_db_one(run->tx, &rc_sql_ingest_server_epoch, RC_DB_NO_VALUES, take_server_epoch,
			 run, err);
}

/* A kiosk whose row is gone (the server came back from an old backup) waits for a human's nod too. */
enum rc_device_state rc_ingest__state(const struct rc_ingest__run *run, bool is_revoked)
{
	if (is_revoked || strcmp(run->state, "revoked") == 0)
		return RC_DEVICE_REVOKED;
	if (run->request && run->request->is_unknown)
		return RC_DEVICE_QUARANTINED;
	return strcmp(run->state, "current") == 0 ? RC_DEVICE_CURRENT : RC_DEVICE_QUARANTINED;
}

/* ---- the mark ---- */

static enum rc_status mark_of(struct rc_db_tx *tx, const char *kiosk, const char *epoch,
			      struct rc_device_mark *mark, struct rc_error *err)
{
	enum rc_status status;

	mark->epoch = 0;
	mark->through = 0;
	memset(mark->hash, 0, sizeof(mark->hash));
	if (rc_fact_epoch_parse(rc_bytes_of_text(epoch), &mark->epoch) != RC_OK)
		return RC_OK;
	status = rc_db_one(tx, &rc_sql_ingest_mark,
			   RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_TEXT(epoch)), take_mark, mark, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

struct asking {
	struct rc_ingest__run run;
	struct rc_device_mark mark;
};

static enum rc_status read_mark(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct asking *asking = arg;
	enum rc_status status;

	asking->run.tx = tx;
	asking->run.has_kiosk = false;
	asking->run.state[0] = '\0';
	status = load_kiosk(&asking->run, NULL, err);
	if (status != RC_OK)
		return status;
	if (asking->run.state[0] == '\0')
		return rc_fail(err, RC_ENOTFOUND, "there is no kiosk %s", asking->run.kiosk);
	return mark_of(tx, asking->run.kiosk, asking->run.current_epoch, &asking->mark, err);
}

enum rc_status rc_ingest_mark(struct rc_db *db, const struct rc_id *kiosk, int64_t now_ms,
			      struct rc_device_mark *mark, struct rc_error *err)
{
	struct asking asking = {.run = {.has_kiosk = false}};
	enum rc_status status;

	rc_id_format(kiosk, asking.run.kiosk);
	status = rc_db_read(db, read_mark, &asking, err);
	if (status != RC_OK)
		return status;
	asking.mark.server_epoch = asking.run.server_epoch;
	asking.mark.state = rc_ingest__state(&asking.run, false);
	asking.mark.time_ms = now_ms;
	*mark = asking.mark;
	return RC_OK;
}

/* ---- an upload's mark ---- */

static bool is_link_good(const struct rc_ingest__upload *upload)
{
	const struct rc_ingest__line *first = upload->lines;

	return upload->header.from > 1 || memcmp(first->fact.envelope.prev, zeros, sizeof(zeros)) == 0;
}

/*
 * Moves the mark behind the last line if it stands right in front of the first, at the fact that the first names; makes it where
 * the first fact of all comes. False if it doesn't stand there; nothing was written then.
 */
static enum rc_status move_on(struct rc_ingest__run *run, bool *is_moved, struct rc_error *err)
{
	const struct rc_device_upload_header *header = &run->upload->header;
	const struct rc_ingest__line *first = run->upload->lines, *last = first + header->count - 1;
	const struct rc_db_value kiosk = RC_DB_TEXT(run->kiosk),
				 epoch = RC_DB_TEXT(run->upload->epoch),
				 hash = RC_DB_BYTES(rc_bytes_of(last->hash, sizeof(last->hash)));
	int64_t changed = 0;
	enum rc_status status;

	if (header->from == 1)
		status = rc_db_exec_counted(run->tx, &rc_sql_ingest_mark_make,
					    RC_DB_VALUES(kiosk, epoch, RC_DB_INT(last->seq), hash),
					    &changed, err);
	else
		status = rc_db_exec_counted(
		    run->tx, &rc_sql_ingest_mark_move_on,
		    RC_DB_VALUES(kiosk, epoch, RC_DB_INT(last->seq), hash, RC_DB_INT(header->from - 1),
				 RC_DB_BYTES(rc_bytes_of(first->fact.envelope.prev, RC_FACT_HASH_BYTES))),
		    &changed, err);
	*is_moved = changed > 0;
	if (changed > 0) {
		run->through = header->from - 1;
		memcpy(run->hash, first->fact.envelope.prev, sizeof(run->hash));
	}
	return status;
}

/* Makes the mark's row where there is none, and holds it to the end of the transaction. */
static enum rc_status lock_mark(struct rc_ingest__run *run, struct rc_error *err)
{
	struct rc_device_mark mark = {.through = 0};
	const enum rc_status status =
	    rc_db_one(run->tx, &rc_sql_ingest_mark_lock,
		      RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				   RC_DB_BYTES(rc_bytes_of(zeros, sizeof(zeros)))),
		      take_mark, &mark, err);

	run->through = mark.through;
	memcpy(run->hash, mark.hash, sizeof(run->hash));
	return status;
}

/* The mark as it is, not held: enough to refuse by, since it never goes back. */
static enum rc_status look_at_mark(struct rc_ingest__run *run, struct rc_error *err)
{
	struct rc_device_mark mark = {.through = 0};
	const enum rc_status status = mark_of(run->tx, run->kiosk, run->upload->epoch, &mark, err);

	run->through = mark.through;
	memcpy(run->hash, mark.hash, sizeof(run->hash));
	return status;
}

static bool may_move_on(const struct rc_ingest__upload *upload)
{
	return upload->header.count > 0 && upload->lost_count == 0 && !upload->lines[0].unread &&
	       is_link_good(upload);
}

static bool is_gap_before(const struct rc_ingest__run *run)
{
	const struct rc_device_upload_header *header = &run->upload->header;

	return run->upload->lost_count == 0 && header->count > 0 && header->from > run->through + 1;
}

enum rc_status rc_ingest__take_mark(struct rc_ingest__run *run, bool *is_gap, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	*is_gap = false;
	if (may_move_on(run->upload))
		status = move_on(run, &run->is_mark_moved, err);
	if (status == RC_OK && !run->is_mark_moved) {
		status = look_at_mark(run, err);
		*is_gap = is_gap_before(run);
		if (status == RC_OK && !*is_gap)
			status = lock_mark(run, err);
	}
	return status == RC_OK ? load_kiosk(run, &run->upload->header.boot, err) : status;
}

enum rc_status rc_ingest__keep_mark(struct rc_ingest__run *run, struct rc_error *err)
{
	const struct rc_device_upload_header *header = &run->upload->header;
	const bool is_new_epoch = !header->is_branch && header->count > 0 &&
				  strcmp(run->current_epoch, run->upload->epoch) != 0;
	const int64_t since_ms = run->request->now_ms - run->seen_ms;
	enum rc_status status = RC_OK;

	if (!run->is_mark_moved)
		status =
		    rc_db_exec(run->tx, &rc_sql_ingest_mark_move,
			       RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
					    RC_DB_INT(run->through),
					    RC_DB_BYTES(rc_bytes_of(run->hash, sizeof(run->hash)))),
			       err);
	if (status == RC_OK && is_new_epoch)
		return rc_db_exec(
		    run->tx, run->has_kiosk ? &rc_sql_ingest_kiosk_seen : &rc_sql_ingest_unknown_seen,
		    RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				 RC_DB_INT(run->request->now_ms)),
		    err);
	if (status == RC_OK && (since_ms < 0 || since_ms >= SEEN_STEP_MS))
		status = rc_db_exec(
		    run->tx, &rc_sql_ingest_kiosk_touch,
		    RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_INT(run->request->now_ms)), err);
	return status;
}
