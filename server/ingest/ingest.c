/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One upload, one write function. Reading and checking of bytes and signatures is done before, on the caller's thread; inside,
 * the kiosk's mark is taken first, so that two uploads of one kiosk come one after the other, and everything that follows is in
 * the same transaction as the mark's new value. A refusal rolls all of it back.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

#include <stdlib.h>

/* ---- one upload ---- */

static void begin_afresh(struct rc_ingest__run *run, struct rc_db_tx *tx)
{
	run->tx = tx;
	run->has_kiosk = run->has_anchor = run->is_mark_moved = false;
	run->seen_ms = 0;
	run->site[0] = run->state[0] = run->current_epoch[0] = '\0';
	run->subject_count = run->added_count = 0;
	memset(run->notices, 0, sizeof(run->notices));
	memset(&run->answer, 0, sizeof(run->answer));
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

static enum rc_status take_facts(struct rc_ingest__run *run, struct rc_error *err)
{
	enum rc_status status = rc_ingest__work_out_times(run, err);

	if (status == RC_OK)
		status = rc_ingest__store_lines(run, err);
	if (status == RC_OK)
		status = rc_ingest__keep_anchor(run, err);
	if (status == RC_OK)
		status = rc_ingest__take_signatures(run, err);
	return status == RC_OK ? rc_ingest__keep_mark(run, err) : status;
}

static enum rc_status take_upload(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_ingest__run *run = arg;
	const struct rc_device_upload_header *header = &run->upload->header;
	struct rc_device_mark durable;
	bool is_clone, is_gap;
	enum rc_status status;

	begin_afresh(run, tx);
	status = rc_ingest__take_mark(run, &is_gap, err);
	if (status != RC_OK)
		return status;
	set_mark(run);
	durable = run->answer.mark;
	if (is_gap)
		return refuse(run, &durable, err);
	status = rc_ingest__look_for_clone(run, &is_clone, err);
	if (status == RC_OK && is_clone)
		status = quarantine(run, err);
	run->is_quarantined = rc_ingest__state(run, run->request->is_revoked) != RC_DEVICE_CURRENT;
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
	run->answer.received = header->count;
	run->answer.status = 200;
	return status;
}

/* ---- from bytes to an answer ---- */

/* One upload on its way. */
struct pending {
	struct rc_db_job job; /* when nobody waits for it */
	struct rc_ingest_request request;
	struct rc_ingest__upload upload;
	struct rc_ingest__run run;
	bool is_good[RC_INGEST_TRAILERS_MAX];
	rc_ingest_done_fn *done;
	void *context;
};

static void pending_deinit(struct pending *pending)
{
	rc_ingest__upload_deinit(&pending->upload);
	free(pending->run.subjects);
	free(pending->run.added);
}

static void refuse_at_once(struct rc_ingest_answer *answer, int status, const char *problem,
			   const char *detail)
{
	memset(answer, 0, sizeof(*answer));
	answer->status = status;
	answer->problem = problem;
	answer->detail = detail;
}

static enum rc_status refuse_bytes(enum rc_status why, struct rc_ingest_answer *answer)
{
	if (why == RC_ELIMIT)
		refuse_at_once(answer, 413, RC_INGEST_PROBLEM_TOO_LARGE,
			       "An upload holds at most 1,000 lines and 4 MiB.");
	else if (why == RC_EFORMAT)
		refuse_at_once(
		    answer, 422, RC_INGEST_PROBLEM_HEADER,
		    "The first line must be a header, and as many lines follow as it says.");
	else
		return why;
	return RC_OK;
}

/* All that needs no writer. `answer->status` is set if that was all. */
static enum rc_status prepare(struct rc_db *db, struct pending *pending,
			      struct rc_ingest_answer *answer, struct rc_error *err)
{
	struct rc_ingest__run *run = &pending->run;
	size_t count;
	enum rc_status status = rc_ingest__upload_read(pending->request.body, &pending->upload, err);

	answer->status = 0;
	if (status != RC_OK)
		return refuse_bytes(status, answer);
	if (!rc_id_equal(&pending->upload.header.kiosk, &pending->request.kiosk)) {
		refuse_at_once(answer, 403, RC_DEVICE_PROBLEM_NOT_YOURS,
			       "The header names another kiosk than the certificate.");
		return RC_OK;
	}
	count = (size_t)pending->upload.header.count;
	rc_id_format(&pending->request.kiosk, run->kiosk);
	run->request = &pending->request;
	run->upload = &pending->upload;
	run->is_signature_good = pending->is_good;
	run->subjects = malloc((count + 1) * sizeof(*run->subjects));
	run->added = malloc((count + 1) * sizeof(*run->added));
	if (!run->subjects || !run->added)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu facts", count);
	status = rc_ingest__open_claims(&pending->upload, pending->request.seal_key, err);
	if (status != RC_OK)
		return status;
	return rc_ingest__judge_signatures(db, run->kiosk, &pending->upload, pending->is_good, err);
}

/* What the transaction came to. */
static enum rc_status settle(struct pending *pending, enum rc_status status,
			     struct rc_ingest_answer *answer, struct rc_error *err)
{
	struct rc_ingest__run *run = &pending->run;

	if (status != RC_OK && !(status == RC_ECONFLICT && run->answer.status == 409))
		return rc_error_in(err, status, "upload of kiosk %s", run->kiosk);
	run->answer.mark.server_epoch = run->server_epoch;
	run->answer.mark.state = rc_ingest__state(run, pending->request.is_revoked);
	run->answer.mark.time_ms = pending->request.now_ms;
	if (!run->answer.detail)
		run->answer.detail = "";
	*answer = run->answer;
	return RC_OK;
}

enum rc_status rc_ingest_upload(struct rc_db *db, const struct rc_ingest_request *request,
				struct rc_ingest_answer *answer, struct rc_error *err)
{
	struct pending pending = {.request = *request};
	enum rc_status status = prepare(db, &pending, answer, err);

	if (status == RC_OK && answer->status == 0)
		status = settle(&pending, rc_db_write(db, take_upload, &pending.run, err), answer, err);
	pending_deinit(&pending);
	return status;
}

static void tell(struct pending *pending, enum rc_status status,
		 const struct rc_ingest_answer *answer, const struct rc_error *err)
{
	rc_ingest_done_fn *done = pending->done;
	void *context = pending->context;

	pending_deinit(pending);
	done(context, status, answer, err);
	free(pending);
}

static void written(struct rc_db_job *job)
{
	struct pending *pending = (struct pending *)job;
	struct rc_ingest_answer answer;
	const enum rc_status status = settle(pending, job->status, &answer, &job->err);

	tell(pending, status, &answer, &job->err);
}

void rc_ingest_submit(struct rc_db *db, const struct rc_ingest_request *request,
		      rc_ingest_done_fn *done, void *context)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	struct rc_error err = {.text = "no memory for an upload"};
	struct rc_ingest_answer answer = {.status = 0};
	enum rc_status status;

	if (!pending) {
		done(context, RC_ENOMEM, &answer, &err);
		return;
	}
	pending->request = *request;
	pending->done = done;
	pending->context = context;
	status = prepare(db, pending, &answer, &err);
	if (status == RC_OK && answer.status == 0) {
		pending->job =
		    (struct rc_db_job){.fn = take_upload, .arg = &pending->run, .done = written};
		status = rc_db_submit(db, &pending->job, &err);
		if (status == RC_OK)
			return;
	}
	tell(pending, status, &answer, &err);
}
