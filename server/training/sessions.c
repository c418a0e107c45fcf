/* SPDX-License-Identifier: Apache-2.0 */
/* Looking sessions up, always in their newest version, and what kiosks are told of them. */
#include "server/db/db.h"
#include "server/training/sessions_priv.h"
#include "server/training_sql/statements.h"

/* ---- rows ---- */

static void take_terms(const struct rc_db_row *row, struct rc_attendance_terms *terms)
{
	terms->starts_ms = rc_db_row_int(row, 6);
	terms->ends_ms = rc_db_row_int(row, 7);
	terms->rules.opens_before_min = (int)rc_db_row_int(row, 9);
	terms->rules.closes_after_min = (int)rc_db_row_int(row, 10);
	terms->rules.late_after_min = (int)rc_db_row_int(row, 11);
	terms->rules.share_percent = (int)rc_db_row_int(row, 12);
	terms->rules.has_sign_out = rc_db_row_bool(row, 14);
}

static enum rc_status take_ids(const struct rc_db_row *row, struct rc_session *session,
			       struct rc_error *err)
{
	memset(&session->trainer, 0, sizeof(session->trainer));
	if (rc_id_parse(rc_db_row_text(row, 0), &session->id) != RC_OK ||
	    rc_id_parse(rc_db_row_text(row, 15), &session->room) != RC_OK ||
	    (!rc_db_row_is_null(row, 17) &&
	     rc_id_parse(rc_db_row_text(row, 17), &session->trainer) != RC_OK))
		return rc_fail(err, RC_EFORMAT, "a session's row holds an id that is no UUID");
	if (rc_walk_in_rule_parse(rc_db_row_text(row, 13), &session->terms.rules.walk_in) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a session's row holds an unknown rule for walk-ins");
	return RC_OK;
}

static enum rc_status take_session(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_session *session = context;

	rc_db_row_copy_text(row, 1, session->code, sizeof(session->code));
	session->version = rc_db_row_int(row, 2);
	rc_db_row_copy_text(row, 3, session->course, sizeof(session->course));
	rc_db_row_copy_text(row, 4, session->title.zh, sizeof(session->title.zh));
	rc_db_row_copy_text(row, 5, session->title.en, sizeof(session->title.en));
	take_terms(row, &session->terms);
	session->is_cancelled = rc_db_row_bool(row, 8);
	rc_db_row_copy_text(row, 16, session->room_code, sizeof(session->room_code));
	rc_db_row_copy_text(row, 18, session->site.id, sizeof(session->site.id));
	rc_db_row_copy_text(row, 19, session->site.code, sizeof(session->site.code));
	session->site.utc_offset_min = (int)rc_db_row_int(row, 20);
	session->expected = rc_db_row_int(row, 21);
	return take_ids(row, session, err);
}

/* ---- looking ---- */

enum rc_status rc_sessions_find_in(struct rc_db_tx *tx, const char *code_or_id,
				   struct rc_session *session, struct rc_error *err)
{
	const struct rc_db_value value = RC_DB_TEXT(code_or_id);
	enum rc_status status = rc_db_one(tx, &rc_sql_training_session_by_code, RC_DB_VALUES(value),
					  take_session, session, err);

	if (status == RC_ENOTFOUND)
		status = rc_db_one(tx, &rc_sql_training_session_by_id, RC_DB_VALUES(value),
				   take_session, session, err);
	return status == RC_ENOTFOUND ? rc_fail(err, status, "no session %s", code_or_id) : status;
}

struct lookup {
	const char *code_or_id;
	struct rc_session *session;
};

static enum rc_status find_session(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct lookup *lookup = arg;

	return rc_sessions_find_in(tx, lookup->code_or_id, lookup->session, err);
}

enum rc_status rc_sessions_find(struct rc_db *db, const char *code_or_id,
				struct rc_session *session, struct rc_error *err)
{
	struct rc_session found = {.version = 0};
	struct lookup lookup = {code_or_id, &found};
	const enum rc_status status = rc_db_read(db, find_session, &lookup, err);

	if (status == RC_OK)
		*session = found;
	return status;
}

struct listing {
	const struct rc_sessions_cursor *after;
	size_t limit;
	rc_sessions_fn *each;
	void *context;
};

static enum rc_status show_session(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_session session;
	const enum rc_status status = take_session(row, &session, err);

	return status == RC_OK ? listing->each(listing->context, &session, err) : status;
}

static enum rc_status list_sessions(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct listing *listing = arg;
	char id[RC_ID_CHARS + 1];

	rc_id_format(&listing->after->id, id);
	return rc_db_query(tx, &rc_sql_training_sessions_after,
			   RC_DB_VALUES(RC_DB_INT(listing->after->starts_ms), RC_DB_TEXT(id),
					RC_DB_INT((int64_t)listing->limit)),
			   show_session, listing, err);
}

enum rc_status rc_sessions_list(struct rc_db *db, const struct rc_sessions_cursor *after, size_t limit,
				rc_sessions_fn *each, void *context, struct rc_error *err)
{
	struct listing listing = {after, limit, each, context};

	return rc_db_read(db, list_sessions, &listing, err);
}

/* ---- what kiosks are told ---- */

enum rc_status rc_sessions__publish(struct rc_changes_list *changes,
				    const struct rc_session *session, struct rc_error *err)
{
	struct rc_ref_session payload = {.id = session->id,
					 .version = session->version,
					 .room = session->room,
					 .title = session->title,
					 .terms = session->terms,
					 .is_cancelled = session->is_cancelled,
					 .expected = session->expected};
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_ID_CHARS + 1];
	struct rc_buf json;
	enum rc_status status;

	memcpy(payload.course, session->course, sizeof(payload.course));
	rc_buf_init(&json, RC_REFERENCE_LINE_MAX_BYTES);
	rc_ref_session_encode(&payload, &json);
	status = rc_buf_status(&json, err);
	rc_changes_scope_of_site(session->site.id, scope);
	rc_id_format(&session->id, id);
	if (status == RC_OK)
		rc_changes_list_put(changes, scope, RC_ENTITY_SESSION, id, session->version,
				    rc_buf_bytes(&json));
	rc_buf_deinit(&json);
	return status;
}
