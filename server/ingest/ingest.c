/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One upload, one write function. Reading and checking of bytes and signatures is done before, on the caller's thread; inside,
 * the kiosk's mark is locked first, so that two uploads of one kiosk come one after the other, and everything that follows is in
 * the same transaction as the mark's new value. A refusal rolls all of it back.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

#include <stdlib.h>

/* ---- what is known of the kiosk ---- */

static enum rc_status take_server_epoch(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	if (rc_fact_epoch_parse(rc_db_row_text(row, 0), context) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the server's epoch is no epoch");
	return RC_OK;
}

static enum rc_status take_kiosk(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_ingest__run *run = context;

	(void)err;
	rc_db_row_copy_text(row, 0, run->site, sizeof(run->site));
	rc_db_row_copy_text(row, 1, run->state, sizeof(run->state));
	rc_db_row_copy_text(row, 2, run->current_epoch, sizeof(run->current_epoch));
	run->has_kiosk = true;
	return RC_OK;
}

static enum rc_status take_mark(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_device_mark *mark = context;

	(void)err;
	mark->through = rc_db_row_int(row, 0);
	rc_db_row_copy_bytes(row, 1, mark->hash, sizeof(mark->hash));
	return RC_OK;
}

static enum rc_status load_kiosk(struct rc_ingest__run *run, struct rc_error *err)
{
	enum rc_status status = rc_db_one(run->tx, &rc_sql_ingest_server_epoch, RC_DB_NO_VALUES,
					  take_server_epoch, &run->server_epoch, err);

	if (status != RC_OK)
		return status;
	status = rc_db_one(run->tx, &rc_sql_ingest_kiosk, RC_DB_VALUES(RC_DB_TEXT(run->kiosk)),
			   take_kiosk, run, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

/* A kiosk whose row is gone (the server came back from an old backup) waits for a human's nod too. */
static enum rc_device_state state_of(const struct rc_ingest__run *run, bool is_revoked)
{
	if (is_revoked || strcmp(run->state, "revoked") == 0)
		return RC_DEVICE_REVOKED;
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
	status = load_kiosk(&asking->run, err);
	if (status != RC_OK)
		return status;
	if (!asking->run.has_kiosk)
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
	asking.mark.state = state_of(&asking.run, false);
	asking.mark.time_ms = now_ms;
	*mark = asking.mark;
	return RC_OK;
}

/* ---- one upload ---- */

static void begin_afresh(struct rc_ingest__run *run, struct rc_db_tx *tx)
{
	run->tx = tx;
	run->has_kiosk = false;
	run->site[0] = run->state[0] = run->current_epoch[0] = '\0';
	run->subject_count = 0;
	memset(run->notices, 0, sizeof(run->notices));
	memset(&run->answer, 0, sizeof(run->answer));
}

/* Makes the mark's row where there is none, and holds it to the end of the transaction. */
static enum rc_status lock_mark(struct rc_ingest__run *run, struct rc_error *err)
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];
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

static void set_mark(struct rc_ingest__run *run)
{
	struct rc_device_mark *mark = &run->answer.mark;

	mark->epoch = run->upload->header.epoch;
	mark->through = run->through;
	memcpy(mark->hash, run->hash, sizeof(mark->hash));
}

/* A gap: the answer says what is durable, which is the mark as it was; through 0 for an epoch that nobody here has heard of. */
static enum rc_status refuse(struct rc_ingest__run *run, const struct rc_device_mark *durable,
			     struct rc_error *err)
{
	run->answer.status = 409;
	run->answer.problem = RC_DEVICE_PROBLEM_GAP;
	run->answer.detail = "Facts before these are missing here.";
	run->answer.mark = *durable;
	return rc_fail(err, RC_ECONFLICT, "a gap");
}

static enum rc_status quarantine(struct rc_ingest__run *run, struct rc_error *err)
{
	rc_ingest__note(run, RC_INGEST_NOTICE_CLONE, run->upload->header.from);
	if (strcmp(run->state, "current") == 0)
		(void)rc_text_copy("quarantined", run->state, sizeof(run->state));
	return rc_db_exec(run->tx, &rc_sql_ingest_kiosk_quarantine,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk)), err);
}

static enum rc_status move_mark(struct rc_ingest__run *run, struct rc_error *err)
{
	return rc_db_exec(run->tx, &rc_sql_ingest_mark_move,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				       RC_DB_INT(run->through),
				       RC_DB_BYTES(rc_bytes_of(run->hash, sizeof(run->hash)))),
			  err);
}

static enum rc_status touch_kiosk(struct rc_ingest__run *run, struct rc_error *err)
{
	const struct rc_device_upload_header *header = &run->upload->header;

	if (header->is_branch || header->count == 0)
		return rc_db_exec(run->tx, &rc_sql_ingest_kiosk_touch,
				  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_INT(run->request->now_ms)),
				  err);
	return rc_db_exec(run->tx, &rc_sql_ingest_kiosk_seen,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				       RC_DB_INT(run->request->now_ms)),
			  err);
}

static enum rc_status take_facts(struct rc_ingest__run *run, struct rc_error *err)
{
	enum rc_status status = rc_ingest__work_out_times(run, err);

	if (status == RC_OK)
		status = rc_ingest__store_lines(run, err);
	if (status == RC_OK)
		status = rc_ingest__keep_anchor(run, err);
	if (status == RC_OK)
		status = rc_ingest__take_signatures(run, err);
	if (status == RC_OK)
		status = move_mark(run, err);
	if (status == RC_OK)
		status = touch_kiosk(run, err);
	return status;
}

static enum rc_status take_upload(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_ingest__run *run = arg;
	const struct rc_device_upload_header *header = &run->upload->header;
	struct rc_device_mark durable;
	bool is_clone;
	enum rc_status status;

	begin_afresh(run, tx);
	status = lock_mark(run, err);
	if (status == RC_OK)
		status = load_kiosk(run, err);
	if (status != RC_OK)
		return status;
	set_mark(run);
	durable = run->answer.mark;
	status = rc_ingest__look_for_clone(run, &is_clone, err);
	if (status == RC_OK && is_clone)
		status = quarantine(run, err);
	run->is_quarantined = state_of(run, run->request->is_revoked) != RC_DEVICE_CURRENT;
	if (status == RC_OK)
		status = rc_ingest__take_losses(run, err);
	if (status != RC_OK)
		return status;
	if (header->count > 0 && header->from > run->through + 1)
		return refuse(run, &durable, err);
	status = take_facts(run, err);
	if (status == RC_OK)
		status = rc_ingest__conclude(run, err);
	set_mark(run);
	run->answer.status = 200;
	return status;
}

static enum rc_status run_upload(struct rc_db *db, struct rc_ingest__run *run, struct rc_error *err)
{
	bool is_good[RC_INGEST_TRAILERS_MAX] = {false};
	const size_t count = (size_t)run->upload->header.count;
	enum rc_status status;

	run->is_signature_good = is_good;
	run->subjects = calloc(count + 1, sizeof(*run->subjects));
	if (!run->subjects)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu facts", count);
	status = rc_ingest__open_claims(run->upload, run->request->seal_key, err);
	if (status == RC_OK)
		status = rc_ingest__judge_signatures(db, run->kiosk, run->upload, is_good, err);
	if (status == RC_OK)
		status = rc_db_write(db, take_upload, run, err);
	free(run->subjects);
	return status == RC_ECONFLICT && run->answer.status == 409 ? RC_OK : status;
}

static enum rc_status refuse_bytes(enum rc_status why, struct rc_ingest_answer *answer)
{
	const bool is_large = why == RC_ELIMIT;

	if (why != RC_ELIMIT && why != RC_EFORMAT)
		return why;
	memset(answer, 0, sizeof(*answer));
	answer->status = is_large ? 413 : 422;
	answer->problem = is_large ? RC_INGEST_PROBLEM_TOO_LARGE : RC_INGEST_PROBLEM_HEADER;
	answer->detail =
	    is_large ? "An upload holds at most 1,000 lines and 4 MiB."
		     : "The first line must be a header, and as many lines follow as it says.";
	return RC_OK;
}

static enum rc_status take(struct rc_db *db, struct rc_ingest__upload *upload,
			   const struct rc_ingest_request *request, struct rc_ingest_answer *answer,
			   struct rc_error *err)
{
	struct rc_ingest__run run = {.request = request, .upload = upload};
	enum rc_status status;

	if (!rc_id_equal(&upload->header.kiosk, &request->kiosk)) {
		memset(answer, 0, sizeof(*answer));
		answer->status = 403;
		answer->problem = RC_DEVICE_PROBLEM_NOT_YOURS;
		answer->detail = "The header names another kiosk than the certificate.";
		return RC_OK;
	}
	rc_id_format(&request->kiosk, run.kiosk);
	status = run_upload(db, &run, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "upload of kiosk %s", run.kiosk);
	run.answer.mark.server_epoch = run.server_epoch;
	run.answer.mark.state = state_of(&run, request->is_revoked);
	run.answer.mark.time_ms = request->now_ms;
	if (!run.answer.detail)
		run.answer.detail = "";
	*answer = run.answer;
	return RC_OK;
}

enum rc_status rc_ingest_upload(struct rc_db *db, const struct rc_ingest_request *request,
				struct rc_ingest_answer *answer, struct rc_error *err)
{
	struct rc_ingest__upload upload;
	enum rc_status status = rc_ingest__upload_read(request->body, &upload, err);

	if (status == RC_OK)
		status = take(db, &upload, request, answer, err);
	else
		status = refuse_bytes(status, answer);
	rc_ingest__upload_deinit(&upload);
	return status;
}
