/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations from a table. Kiosks know the confirmed ones; what changes that, changes how many a session expects, so each session
 * touched is published once more at the end, under its version, because nothing that attendance is judged by has changed.
 */
#include "server/training/registrations.h"
#include "server/db/db.h"
#include "server/hr/import.h"
#include "server/hr/people.h"
#include "server/records/records.h"
#include "server/training/sessions_priv.h"
#include "server/training_sql/statements.h"

#include <stdlib.h>

enum { COLUMN_SESSION, COLUMN_NUMBER, COLUMN_STATE, COLUMN_COUNT };

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct rc_table_column COLUMNS[COLUMN_COUNT] = {
    [COLUMN_SESSION] = {"session", NAMES("课次", "课次编号", "场次", "场次编号", "session code"),
			true, true},
    [COLUMN_NUMBER] = {"number",
		       NAMES("工号", "员工编号", "员工工号", "员工ID", "employee id",
			     "employee number", "staff number"),
		       true, true},
    [COLUMN_STATE] = {"state", NAMES("状态"), false, true},
};

enum state { STATE_CONFIRMED, STATE_CANCELLED, STATE_EXCUSED };
static const char *const STATE_NAMES[] = {"confirmed", "cancelled", "excused"};
static const struct rc_table_choice STATES[] = {
    {"confirmed", STATE_CONFIRMED}, {"cancelled", STATE_CANCELLED}, {"excused", STATE_EXCUSED},
    {"确认", STATE_CONFIRMED},      {"取消", STATE_CANCELLED},      {"请假", STATE_EXCUSED},
    {"已确认", STATE_CONFIRMED},    {"已取消", STATE_CANCELLED},    {NULL, 0}};

/* Sessions whose `expected` has changed. */
struct touched {
	struct rc_id *ids; /* owned */
	size_t count, capacity;
	struct rc_seen seen;    /* which ids those are */
	struct rc_session last; /* rows of one session mostly stand together */
};

struct registration {
	struct rc_id id;
	struct rc_id session;
	struct rc_id ref;
	enum state state;
	int64_t version; /* 0: not there yet */
};

static enum rc_status begin(struct rc_import_run *run, struct rc_error *err)
{
	struct touched *touched = run->context;

	(void)err;
	touched->count = 0;
	rc_seen_deinit(&touched->seen);
	memset(&touched->last, 0, sizeof(touched->last));
	return RC_OK;
}

static enum rc_status touch(struct touched *touched, const struct rc_id *session, struct rc_error *err)
{
	size_t before;

	if (touched->count > 0 && rc_id_equal(&touched->ids[touched->count - 1], session))
		return RC_OK; /* mostly */
	if (rc_seen_add(&touched->seen, rc_bytes_of(session->octets, sizeof(session->octets)), 1,
			&before) != RC_OK)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu sessions", touched->count);
	if (before != 0)
		return RC_OK;
	if (touched->count == touched->capacity) {
		const size_t capacity = touched->capacity ? touched->capacity * 2 : 16;
		struct rc_id *ids = realloc(touched->ids, capacity * sizeof(*ids));

		if (!ids)
			return rc_fail(err, RC_ENOMEM, "no memory for %zu sessions", capacity);
		touched->ids = ids;
		touched->capacity = capacity;
	}
	touched->ids[touched->count++] = *session;
	return RC_OK;
}

/* ---- what a row says ---- */

static enum rc_status take_session(struct rc_import_run *run, struct rc_session *session,
				   struct rc_error *err)
{
	struct touched *touched = run->context;
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1] = "";
	enum rc_status status = RC_OK;

	if (!rc_table_get_code(run->table, COLUMN_SESSION, code, sizeof(code)))
		return RC_OK;
	if (strcmp(code, touched->last.code) != 0)
		status = rc_sessions_find_in(run->work.tx, code, &touched->last, err);
	if (status == RC_ENOTFOUND) {
		rc_table_error(run->table, COLUMN_SESSION,
			       (struct rc_report_text){"no session “%s”", "没有课次“%s”"}, NULL);
		return RC_OK;
	}
	*session = touched->last;
	return status;
}

static enum rc_status take_person(struct rc_import_run *run, struct rc_person *person,
				  struct rc_error *err)
{
	char number[RC_PERSON_NUMBER_MAX_BYTES + 1] = "";
	enum rc_status status;

	if (!rc_table_get_code(run->table, COLUMN_NUMBER, number, sizeof(number)))
		return RC_OK;
	status = rc_people_find_in(run->work.tx, number, person, err);
	if (status != RC_ENOTFOUND)
		return status;
	rc_table_error(run->table, COLUMN_NUMBER,
		       (struct rc_report_text){"no employee “%s”", "没有工号为“%s”的员工"}, NULL);
	return RC_OK;
}

static enum rc_status check_twice(struct rc_import_run *run, const struct rc_id *session,
				  const struct rc_id *ref, struct rc_error *err)
{
	char key[2 * RC_ID_CHARS + 1];

	rc_id_format(session, key);
	rc_id_format(ref, key + RC_ID_CHARS);
	return rc_import_once(run, COLUMN_NUMBER, key, err);
}

static enum rc_status take_before(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct registration *registration = context;

	if (rc_id_parse(rc_db_row_text(row, 0), &registration->id) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a registration's id is no UUID");
	registration->state = STATE_CANCELLED; /* an odd state counts as the one without effect */
	for (int i = 0; i < 3; i++)
		if (rc_bytes_is_text(rc_db_row_text(row, 1), STATE_NAMES[i]))
			registration->state = (enum state)i;
	registration->version = rc_db_row_int(row, 2);
	return RC_OK;
}

/* ---- writing ---- */

enum rc_status rc_registrations__publish(struct rc_changes_list *changes,
					 const struct rc_ref_registration *registration,
					 int64_t version, const char *site, struct rc_error *err)
{
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_ID_CHARS + 1];
	struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&json, RC_REFERENCE_LINE_MAX_BYTES);
	rc_ref_registration_encode(registration, &json);
	status = rc_buf_status(&json, err);
	rc_changes_scope_of_site(site, scope);
	rc_id_format(&registration->id, id);
	if (status == RC_OK)
		rc_changes_list_put(changes, scope, RC_ENTITY_REGISTRATION, id, version,
				    rc_buf_bytes(&json));
	rc_buf_deinit(&json);
	return status;
}

static enum rc_status publish(struct rc_import_run *run, const struct registration *registration,
			      const struct rc_session *session, struct rc_error *err)
{
	const struct rc_ref_registration payload = {registration->id, registration->session,
						    registration->ref};
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_ID_CHARS + 1];

	if (registration->state == STATE_CONFIRMED)
		return rc_registrations__publish(&run->work.changes, &payload,
						 registration->version, session->site.id, err);
	rc_id_format(&registration->id, id);
	rc_changes_scope_of_site(session->site.id, scope);
	rc_changes_list_delete(&run->work.changes, scope, RC_ENTITY_REGISTRATION, id,
			       registration->version);
	return RC_OK;
}

static enum rc_status write_row(struct rc_import_run *run, const struct registration *registration,
				struct rc_error *err)
{
	const struct rc_db_value now = RC_DB_INT(run->work.hr->now_ms);
	const struct rc_db_value state = RC_DB_TEXT(STATE_NAMES[registration->state]);
	char id[RC_ID_CHARS + 1], session[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(&registration->id, id);
	rc_id_format(&registration->session, session);
	rc_id_format(&registration->ref, ref);
	status =
	    registration->version == 1
		? rc_db_exec(
		      run->work.tx, &rc_sql_training_registration_add,
		      RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(session), RC_DB_TEXT(ref), state, now), err)
		: rc_db_exec(run->work.tx, &rc_sql_training_registration_update,
			     RC_DB_VALUES(RC_DB_TEXT(id), state, RC_DB_INT(registration->version), now),
			     err);
	return status == RC_OK ? rc_records_rejudge(run->work.tx, session, ref, NULL, err) : status;
}

static enum rc_status write_registration(struct rc_import_run *run, const struct registration *before,
					 struct registration *registration,
					 const struct rc_session *session, struct rc_error *err)
{
	const bool was_confirmed = before->version > 0 && before->state == STATE_CONFIRMED;
	const bool is_confirmed = registration->state == STATE_CONFIRMED;
	enum rc_status status;

	if (before->version > 0 && before->state == registration->state) {
		run->import->unchanged++;
		return RC_OK;
	}
	*(before->version == 0 ? &run->import->added : &run->import->changed) += 1;
	if (before->version == 0)
		registration->id = rc_id_new();
	registration->version = before->version + 1;
	status = write_row(run, registration, err);
	if (status != RC_OK || was_confirmed == is_confirmed)
		return status;
	status = publish(run, registration, session, err);
	return status == RC_OK ? touch(run->context, &registration->session, err) : status;
}

static enum rc_status take_row(struct rc_import_run *run, struct rc_error *err)
{
	struct rc_session session = {.version = 0};
	struct rc_person person = {.version = 0};
	struct registration before = {.version = 0}, after;
	char id[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1];
	int state;
	enum rc_status status = take_session(run, &session, err);

	if (status == RC_OK)
		status = take_person(run, &person, err);
	if (status == RC_OK && session.version > 0 && person.version > 0) {
		status = check_twice(run, &session.id, &person.ref, err);
		rc_id_format(&session.id, id);
		rc_id_format(&person.ref, ref);
		if (status == RC_OK)
			status = rc_db_one(run->work.tx, &rc_sql_training_registration,
					   RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(ref)),
					   take_before, &before, err);
	}
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	state = (int)before.state;
	(void)rc_table_get_choice(run->table, COLUMN_STATE, STATES, &state);
	if (rc_table_is_faulty(run->table))
		return RC_OK;
	after = before;
	after.session = session.id;
	after.ref = person.ref;
	after.state = (enum state)state;
	return write_registration(run, &before, &after, &session, err);
}

/* ---- the end ---- */

static enum rc_status finish(struct rc_import_run *run, struct rc_error *err)
{
	const struct touched *touched = run->context;
	enum rc_status status = RC_OK;

	for (size_t i = 0; status == RC_OK && i < touched->count; i++) {
		struct rc_session session;
		char id[RC_ID_CHARS + 1];

		rc_id_format(&touched->ids[i], id);
		status = rc_sessions_find_in(run->work.tx, id, &session, err);
		if (status == RC_OK)
			status = rc_sessions__publish(&run->work.changes, &session, err);
	}
	return status;
}

/* ---- a session that has moved ---- */

struct moving {
	struct rc_changes_list *changes;
	const struct rc_session *session;
};

static enum rc_status move_registration(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct moving *moving = context;
	struct rc_ref_registration payload = {.session = moving->session->id};

	if (rc_id_parse(rc_db_row_text(row, 0), &payload.id) != RC_OK ||
	    rc_id_parse(rc_db_row_text(row, 1), &payload.ref) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a registration's row holds an id that is no UUID");
	return rc_registrations__publish(moving->changes, &payload, rc_db_row_int(row, 2),
					 moving->session->site.id, err);
}

enum rc_status rc_registrations__move(struct rc_db_tx *tx, struct rc_changes_list *changes,
				      const struct rc_session *session, struct rc_error *err)
{
	struct moving moving = {changes, session};
	char id[RC_ID_CHARS + 1];

	rc_id_format(&session->id, id);
	return rc_db_query(tx, &rc_sql_training_registrations_confirmed,
			   RC_DB_VALUES(RC_DB_TEXT(id)), move_registration, &moving, err);
}

/* ---- the import ---- */

enum rc_status rc_registrations_import(const struct rc_hr *hr, struct rc_bytes file,
				       struct rc_import *import, struct rc_error *err)
{
	struct touched touched = {.ids = NULL};
	const struct rc_import_kind kind = {.action = "import.registrations",
					    .columns = {COLUMNS, COLUMN_COUNT},
					    .begin = begin,
					    .row = take_row,
					    .finish = finish,
					    .context = &touched};
	const enum rc_status status = rc_import_perform(hr, file, &kind, import, err);

	free(touched.ids);
	rc_seen_deinit(&touched.seen);
	return status;
}
