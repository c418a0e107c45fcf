/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server as a kiosk among others: it writes a line, and the line goes the way of an upload, through the same functions into
 * the same tables. What an upload has besides (a certificate, a clock to be judged, a row of the fleet) it has not.
 */
#include "server/ingest/desk.h"

#include "server/audit/audit.h"
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"
#include "shared/base/cleanup.h"
#include "shared/base/random.h"
#include "shared/facts_gen/kinds.h"
#include "shared/json/write.h"

#include <stdio.h>

#define KEY_ID       "desk.id"
#define KEY_EPOCH    "desk.epoch." /* and the server's epoch */
#define LINES_MAX    2             /* journal.started, and the statement */
#define TEXT_BYTES   ((size_t)LINES_MAX * 4096u)
#define BODY_BYTES   1024u
#define DETAIL_BYTES 8192u /* a note of a thousand bytes, each of which may become \u00xx */

const char *const rc_desk_mark_reasons[] = {"forgotten_badge", "lost_badge", "paper_list", "other", NULL};
const char *const rc_desk_withdraw_reasons[] = {"mistake", "other_person", "left", "other", NULL};

struct desk {
	struct rc_ingest__run run;
	struct rc_ingest__upload upload;
	struct rc_ingest_request request;
	struct rc_ingest__line lines[LINES_MAX];
	struct rc_ingest__times times[LINES_MAX];
	struct rc_records_subject subjects[LINES_MAX + 1];
	struct rc_ingest__added added[LINES_MAX + 1];
	struct rc_buf text; /* the lines; they borrow from it, so it never grows */
	const struct rc_desk_statement *statement;
	int64_t said_ms;
	struct rc_id id;
	uint8_t last_hash[RC_FACT_HASH_BYTES];
};

/* ---- the author ---------------------------------------------------------------------------------------------------------- */

struct value {
	char text[RC_ID_CHARS + 1];
};

static enum rc_status take_value(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct value *value = context;

	(void)err;
	rc_db_row_copy_text(row, 0, value->text, sizeof(value->text));
	return RC_OK;
}

/* What stands there, or `wanted` from now on. */
static enum rc_status make_state(struct rc_db_tx *tx, const char *key, const char *wanted,
				 struct value *value, struct rc_error *err)
{
	const enum rc_status status = rc_db_exec(
	    tx, &rc_sql_ingest_desk_make, RC_DB_VALUES(RC_DB_TEXT(key), RC_DB_TEXT(wanted)), err);

	return status == RC_OK ? rc_db_one(tx, &rc_sql_ingest_desk_state,
					   RC_DB_VALUES(RC_DB_TEXT(key)), take_value, value, err)
			       : status;
}

static enum rc_status find_epoch(struct desk *desk, struct rc_error *err)
{
	char key[sizeof(KEY_EPOCH) + RC_ID_CHARS], wanted[RC_FACT_EPOCH_CHARS + 1];
	struct value value;
	uint64_t random;
	enum rc_status status = rc_db_one(desk->run.tx, &rc_sql_ingest_server_epoch,
					  RC_DB_NO_VALUES, take_value, &value, err);

	if (status != RC_OK)
		return status;
	(void)snprintf(key, sizeof(key), KEY_EPOCH "%s", value.text);
	do
		rc_random(&random, sizeof(random));
	while (random == 0); /* 0 means "none yet" on the wire */
	rc_fact_epoch_format(random, wanted);
	status = make_state(desk->run.tx, key, wanted, &value, err);
	if (status == RC_OK &&
	    rc_fact_epoch_parse(rc_bytes_of_text(value.text), &desk->upload.header.epoch) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "server_state holds no epoch of the desk");
	if (status == RC_OK)
		memcpy(desk->upload.epoch, value.text, sizeof(desk->upload.epoch));
	return status;
}

static enum rc_status find_author(struct desk *desk, struct rc_error *err)
{
	const struct rc_id fresh = rc_id_new();
	struct value value;
	char wanted[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(&fresh, wanted);
	status = make_state(desk->run.tx, KEY_ID, wanted, &value, err);
	if (status != RC_OK)
		return status;
	if (rc_id_parse(rc_bytes_of_text(value.text), &desk->id) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "server_state holds no id of the desk");
	memcpy(desk->run.kiosk, value.text, sizeof(desk->run.kiosk));
	return find_epoch(desk, err);
}

/* ---- its journal ----------------------------------------------------------------------------------------------------------- */

static enum rc_status take_mark(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct desk *desk = context;

	(void)err;
	desk->run.through = rc_db_row_int(row, 0);
	rc_db_row_copy_bytes(row, 1, desk->run.hash, sizeof(desk->run.hash));
	return RC_OK;
}

/* Holds the mark to the end of the transaction, as an upload does. */
static enum rc_status lock_mark(struct desk *desk, struct rc_error *err)
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];
	const enum rc_status status =
	    rc_db_one(desk->run.tx, &rc_sql_ingest_mark_lock,
		      RC_DB_VALUES(RC_DB_TEXT(desk->run.kiosk), RC_DB_TEXT(desk->upload.epoch),
				   RC_DB_BYTES(rc_bytes_of(zeros, sizeof(zeros)))),
		      take_mark, desk, err);

	memcpy(desk->last_hash, desk->run.hash, sizeof(desk->last_hash));
	return status;
}

static enum rc_status move_mark(struct desk *desk, struct rc_error *err)
{
	return rc_db_exec(desk->run.tx, &rc_sql_ingest_mark_move,
			  RC_DB_VALUES(RC_DB_TEXT(desk->run.kiosk), RC_DB_TEXT(desk->upload.epoch),
				       RC_DB_INT(desk->run.through),
				       RC_DB_BYTES(rc_bytes_of(desk->run.hash, sizeof(desk->run.hash)))),
			  err);
}

/* Adds a line behind what stands there. */
static enum rc_status write_line(struct desk *desk, const char *kind, const struct rc_buf *body,
				 struct rc_error *err)
{
	const size_t place = (size_t)desk->upload.header.count, start = desk->text.size;
	struct rc_ingest__line *line = &desk->lines[place];
	struct rc_fact_envelope envelope = {.place = {.kiosk = desk->id,
						      .epoch = desk->upload.header.epoch,
						      .seq = desk->run.through + (int64_t)place + 1},
					    .clock = desk->statement->clock,
					    .version = 1};
	uint8_t salt[RC_FACT_SALT_BYTES];
	enum rc_status status;

	(void)rc_text_copy(kind, envelope.kind, sizeof(envelope.kind));
	memcpy(envelope.prev, desk->last_hash, sizeof(envelope.prev));
	rc_random(salt, sizeof(salt));
	status = rc_fact_write(&envelope, salt, rc_buf_bytes(body), &desk->text, desk->last_hash, err);
	if (status != RC_OK)
		return status;
	*line = (struct rc_ingest__line){
	    .seq = envelope.place.seq,
	    .bytes = rc_bytes_of(desk->text.data + start, desk->text.size - start - 1)};
	if (rc_fact_read(line->bytes, &line->fact) != RC_FACT_FINE)
		return rc_fail(err, RC_EBUG, "a fact of the desk can't be read");
	memcpy(line->hash, line->fact.hash, sizeof(line->hash));
	desk->times[place] = (struct rc_ingest__times){
	    .best_ms = desk->said_ms, .earliest_ms = desk->said_ms, .latest_ms = desk->said_ms};
	desk->upload.header.count++;
	return RC_OK;
}

static enum rc_status write_start(struct desk *desk, struct rc_error *err)
{
	const struct rc_fact_journal_started fact = {.reason = "new"};
	char memory[BODY_BYTES];
	struct rc_buf body;

	if (desk->run.through > 0)
		return RC_OK;
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_journal_started_encode(&fact, &body);
	return write_line(desk, RC_FACT_KIND_JOURNAL_STARTED, &body, err);
}

/* ---- one statement --------------------------------------------------------------------------------------------------------- */

/* Behind everything that was said before, also by a clock that is ahead: who takes back what they see takes back all of it. */
static enum rc_status find_time(struct desk *desk, const struct rc_records_subject *subject,
				struct rc_error *err)
{
	int64_t last_ms = 0;
	const enum rc_status status = rc_records_last_said_in(desk->run.tx, subject, &last_ms, err);

	desk->said_ms = desk->statement->clock.at_ms;
	if (status == RC_OK && last_ms >= desk->said_ms)
		desk->said_ms = last_ms + 1;
	return status;
}

static enum rc_status write_audit(struct desk *desk, const char *kind,
				  const struct rc_records_subject *subject, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf detail;
	const struct rc_id fact = rc_fact_public_id(desk->last_hash);
	char id[2 * RC_ID_CHARS + 2];

	rc_buf_init(&detail, DETAIL_BYTES);
	rc_json_open(&detail, '{');
	rc_json_member_text(&detail, "reason", desk->statement->reason);
	rc_json_member_text(&detail, "note", desk->statement->note);
	rc_json_member_id(&detail, "fact", &fact);
	rc_json_close(&detail, '}');
	if (rc_buf_status(&detail, err) != RC_OK)
		return detail.status;
	(void)snprintf(id, sizeof(id), "%s.%s", subject->session, subject->ref);
	return rc_audit_write(desk->run.tx,
			      &(struct rc_audit){.actor = desk->statement->actor,
						 .action = kind,
						 .entity = "attendance",
						 .id = id,
						 .detail = rc_buf_text(&detail)},
			      desk->statement->clock.at_ms, err);
}

static void begin(struct desk *desk, struct rc_db_tx *tx, const struct rc_desk_statement *statement)
{
	memset(desk, 0, sizeof(*desk));
	desk->statement = statement;
	desk->request.now_ms = statement->clock.at_ms;
	desk->upload.lines = desk->lines;
	desk->upload.times = desk->times;
	desk->run.tx = tx;
	desk->run.request = &desk->request;
	desk->run.upload = &desk->upload;
	desk->run.subjects = desk->subjects;
	desk->run.added = desk->added;
	desk->run.has_kiosk = true; /* what it says is told to kiosks like any kiosk's word */
	(void)rc_text_copy(statement->site, desk->run.site, sizeof(desk->run.site));
	rc_buf_init(&desk->text, TEXT_BYTES);
}

static enum rc_status append(struct desk *desk, const char *kind, const struct rc_buf *body,
			     struct rc_error *err)
{
	struct rc_records_subject subject;
	enum rc_status status;

	rc_id_format(&desk->statement->session, subject.session);
	rc_id_format(&desk->statement->ref, subject.ref);
	status = rc_buf_reserve(&desk->text, TEXT_BYTES);
	if (status == RC_OK)
		status = find_author(desk, err);
	if (status == RC_OK)
		status = lock_mark(desk, err);
	if (status == RC_OK)
		status = find_time(desk, &subject, err);
	if (status == RC_OK)
		status = write_start(desk, err);
	if (status == RC_OK)
		status = write_line(desk, kind, body, err);
	desk->upload.header.from = desk->run.through + 1;
	if (status == RC_OK)
		status = rc_ingest__store_lines(&desk->run, err);
	if (status == RC_OK)
		status = move_mark(desk, err);
	if (status == RC_OK)
		status = write_audit(desk, kind, &subject, err);
	return status == RC_OK ? rc_ingest__conclude(&desk->run, err) : status;
}

static enum rc_status state(struct rc_db_tx *tx, const struct rc_desk_statement *statement,
			    const char *kind, const struct rc_buf *body, struct rc_error *err)
{
	struct desk desk;
	enum rc_status status = rc_buf_status(body, err);

	if (status != RC_OK)
		return status;
	begin(&desk, tx, statement);
	status = append(&desk, kind, body, err);
	rc_buf_deinit(&desk.text);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "writing a fact of this server");
}

enum rc_status rc_desk_mark_in(struct rc_db_tx *tx, const struct rc_desk_statement *statement,
			       struct rc_error *err)
{
	struct rc_fact_attendance_marked fact = {.session = statement->session,
						 .session_version = statement->session_version,
						 .ref = statement->ref,
						 .has_at = statement->came_ms > 0,
						 .at_ms = statement->came_ms};
	char memory[BODY_BYTES];
	struct rc_buf body;

	(void)rc_text_copy(statement->reason, fact.reason, sizeof(fact.reason));
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_marked_encode(&fact, &body);
	return state(tx, statement, RC_FACT_KIND_ATTENDANCE_MARKED, &body, err);
}

enum rc_status rc_desk_withdraw_in(struct rc_db_tx *tx, const struct rc_desk_statement *statement,
				   struct rc_error *err)
{
	struct rc_fact_attendance_withdrawn fact = {.session = statement->session,
						    .session_version = statement->session_version,
						    .ref = statement->ref};
	char memory[BODY_BYTES];
	struct rc_buf body;

	(void)rc_text_copy(statement->reason, fact.reason, sizeof(fact.reason));
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_withdrawn_encode(&fact, &body);
	return state(tx, statement, RC_FACT_KIND_ATTENDANCE_WITHDRAWN, &body, err);
}
