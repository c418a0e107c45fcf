/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of quarantine: the facts were stored as they came, so all that is left is what an upload would have drawn from them. In
 * pieces, each a transaction; facts that were released drop out of the question for the next piece.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

#include <stdlib.h>

#define PIECE 500

struct releasing {
	struct rc_ingest__run run;
	struct rc_ingest__upload upload; /* only its epoch is used */
	char epoch_before[RC_FACT_EPOCH_CHARS + 1];
	int64_t from; /* seq */
	int64_t last; /* seq of the last one of the piece */
	int64_t count;
	bool has_ended;
};

static enum rc_status take_kiosk(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_ingest__run *run = context;

	(void)err;
	rc_db_row_copy_text(row, 0, run->site, sizeof(run->site));
	run->has_kiosk = true;
	return RC_OK;
}

static enum rc_status take_epoch(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct releasing *r = context;

	(void)err;
	rc_db_row_copy_text(row, 0, r->upload.epoch, sizeof(r->upload.epoch));
	return RC_OK;
}

/* Statements of the same table run while its rows are read: the row is changed only after it was read whole. */
static enum rc_status release_fact(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct releasing *r = context;
	struct rc_ingest__run *run = &r->run;
	uint8_t hash[RC_FACT_HASH_BYTES];
	struct rc_records_fact fact = {
	    .kiosk = run->kiosk,
	    .epoch = r->upload.epoch,
	    .seq = rc_db_row_int(row, 0),
	    .branch = rc_db_row_int(row, 1),
	    .hash = hash,
	    .kind = rc_db_row_text(row, 3),
	    .body = rc_db_row_bytes(row, 4),
	    .best_ms = rc_db_row_int(row, 5),
	    .earliest_ms = rc_db_row_int(row, 6),
	    .latest_ms = rc_db_row_int(row, 7),
	};
	enum rc_records_taken taken = RC_RECORDS_NOTHING;
	enum rc_status status;

	rc_db_row_copy_bytes(row, 2, hash, sizeof(hash));
	status = rc_ingest__settle_claim(run, &fact, err);
	if (status == RC_OK)
		status =
		    rc_records_take(run->tx, &fact, &taken, &run->subjects[run->subject_count], err);
	run->subject_count += taken == RC_RECORDS_EVENT;
	if (taken == RC_RECORDS_UNREADABLE)
		rc_ingest__note(run, RC_INGEST_NOTICE_BODY, fact.seq);
	r->count++;
	r->last = fact.seq;
	if (status != RC_OK)
		return status;
	return rc_db_exec(run->tx, &rc_sql_ingest_quarantine_lift,
			  RC_DB_VALUES(RC_DB_TEXT(fact.kiosk), RC_DB_TEXT(fact.epoch),
				       RC_DB_INT(fact.seq), RC_DB_INT(fact.branch)),
			  err);
}

/* One piece of the epoch after `epoch_before`. */
static enum rc_status release_piece(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct releasing *r = arg;
	struct rc_ingest__run *run = &r->run;
	enum rc_status status;

	run->tx = tx;
	run->has_kiosk = r->has_ended = false;
	run->subject_count = 0;
	memset(run->notices, 0, sizeof(run->notices));
	r->count = 0;
	status = rc_db_one(tx, &rc_sql_ingest_site_of, RC_DB_VALUES(RC_DB_TEXT(run->kiosk)),
			   take_kiosk, run, err);
	if (status != RC_OK)
		return status;
	status = rc_db_one(tx, &rc_sql_ingest_next_epoch,
			   RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(r->epoch_before)),
			   take_epoch, r, err);
	r->has_ended = status == RC_ENOTFOUND;
	if (status != RC_OK)
		return r->has_ended ? RC_OK : status;
	status = rc_db_query(tx, &rc_sql_ingest_quarantine_piece,
			     RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(r->upload.epoch),
					  RC_DB_INT(r->from), RC_DB_INT(PIECE)),
			     release_fact, r, err);
	return status == RC_OK ? rc_ingest__conclude(run, err) : status;
}

static enum rc_status release_all(struct rc_db *db, struct releasing *r, int64_t *released,
				  struct rc_error *err)
{
	enum rc_status status = RC_OK;

	while (status == RC_OK && !r->has_ended) {
		status = rc_db_write(db, release_piece, r, err);
		if (status != RC_OK || r->has_ended)
			break;
		*released += r->count;
		r->from = r->count == PIECE ? r->last : 0;
		if (r->count < PIECE)
			memcpy(r->epoch_before, r->upload.epoch, sizeof(r->epoch_before));
	}
	return status;
}

enum rc_status rc_ingest_release(struct rc_db *db, const struct rc_id *kiosk, int64_t now_ms,
				 int64_t *released, struct rc_error *err)
{
	const struct rc_ingest_request request = {.kiosk = *kiosk, .now_ms = now_ms};
	struct releasing *r = calloc(1, sizeof(*r));
	struct rc_records_subject *subjects = calloc(PIECE, sizeof(*subjects));
	enum rc_status status;
	int64_t count = 0;

	if (!r || !subjects) {
		status = rc_fail(err, RC_ENOMEM, "no memory for %d facts", PIECE);
	} else {
		r->run.request = &request;
		r->run.upload = &r->upload;
		r->run.subjects = subjects;
		rc_id_format(kiosk, r->run.kiosk);
		status = release_all(db, r, &count, err);
	}
	free(subjects);
	free(r);
	if (status != RC_OK)
		return rc_error_in(err, status, "releasing facts from quarantine");
	*released = count;
	return RC_OK;
}
