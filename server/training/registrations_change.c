/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations one by one: looking, and changing one that was looked at. As with the import, what changes who is confirmed changes how
 * many a session expects, so the session is published once more, under its version.
 */
#include "server/audit/audit.h"
#include "server/db/db.h"
#include "server/records/records.h"
#include "server/training/registrations.h"
#include "server/training/sessions_priv.h"
#include "server/training_sql/statements.h"
#include "shared/json/write.h"

static const char *const states[] = {
    [RC_REGISTRATION_CONFIRMED] = "confirmed", [RC_REGISTRATION_CANCELLED] = "cancelled", [RC_REGISTRATION_EXCUSED] = "excused"};
#define STATES (sizeof(states) / sizeof(states[0]))

const char *rc_registration_state_name(enum rc_registration_state state)
{
	return states[state];
}

enum rc_status rc_registration_state_parse(struct rc_bytes name, enum rc_registration_state *state)
{
	size_t place;

	if (!rc_bytes_find_name(name, states, STATES, &place))
		return RC_EFORMAT;
	*state = (enum rc_registration_state)place;
	return RC_OK;
}

/* ---- looking ---- */

static enum rc_status take_registration(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_registration *registration = context;

	if (rc_id_parse(rc_db_row_text(row, 0), &registration->id) != RC_OK ||
	    rc_id_parse(rc_db_row_text(row, 1), &registration->session) != RC_OK ||
	    rc_id_parse(rc_db_row_text(row, 2), &registration->ref) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a registration's row holds an id that is no UUID");
	rc_db_row_copy_text(row, 3, registration->number, sizeof(registration->number));
	rc_db_row_copy_text(row, 4, registration->name, sizeof(registration->name));
	if (rc_registration_state_parse(rc_db_row_text(row, 5), &registration->state) != RC_OK)
		registration->state =
		    RC_REGISTRATION_CANCELLED; /* an odd state counts as the one without effect */
	registration->version = rc_db_row_int(row, 6);
	registration->changed_ms = rc_db_row_int(row, 7);
	return RC_OK;
}

enum rc_status rc_registrations_find_in(struct rc_db_tx *tx, const struct rc_id *session,
					const struct rc_id *ref,
					struct rc_registration *registration, struct rc_error *err)
{
	char session_id[RC_ID_CHARS + 1], ref_id[RC_ID_CHARS + 1];

	rc_id_format(session, session_id);
	rc_id_format(ref, ref_id);
	return rc_db_one(tx, &rc_sql_training_registration_of,
			 RC_DB_VALUES(RC_DB_TEXT(session_id), RC_DB_TEXT(ref_id)),
			 take_registration, registration, err);
}

struct listing {
	const struct rc_registrations_query *query;
	rc_registrations_fn *each;
	void *context;
};

static enum rc_status show(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_registration registration;
	const enum rc_status status = take_registration(row, &registration, err);

	return status == RC_OK ? listing->each(listing->context, &registration, err) : status;
}

static enum rc_status list(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct listing *listing = arg;
	const struct rc_registrations_query *query = listing->query;
	struct rc_session session;
	char id[RC_ID_CHARS + 1];
	enum rc_status status = rc_sessions_find_in(tx, query->session, &session, err);

	if (status != RC_OK)
		return status;
	rc_id_format(&session.id, id);
	return rc_db_query(tx, &rc_sql_training_registrations_after,
			   RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(query->after),
					RC_DB_INT((int64_t)query->limit)),
			   show, listing, err);
}

enum rc_status rc_registrations_list(struct rc_db *db, const struct rc_registrations_query *query,
				     rc_registrations_fn *each, void *context, struct rc_error *err)
{
	struct listing listing = {query, each, context};

	return rc_db_read(db, list, &listing, err);
}

/* ---- changing ---- */

static enum rc_status write_row(struct rc_db_tx *tx, const struct rc_registration_change *change,
				struct rc_error *err)
{
	const struct rc_db_value state = RC_DB_TEXT(states[change->state]);
	char id[RC_ID_CHARS + 1], session[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1];
	struct rc_id fresh = rc_id_new();
	int64_t changed = 0;
	enum rc_status status;

	rc_id_format(&fresh, id);
	rc_id_format(&change->session->id, session);
	rc_id_format(&change->person->ref, ref);
	if (change->version == 0)
		status =
		    rc_db_exec_counted(tx, &rc_sql_training_registration_insert,
				       RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(session),
						    RC_DB_TEXT(ref), state, RC_DB_INT(change->now_ms)),
				       &changed, err);
	else
		status = rc_db_exec_counted(tx, &rc_sql_training_registration_change,
					    RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref),
							 state, RC_DB_INT(change->version),
							 RC_DB_INT(change->now_ms)),
					    &changed, err);
	if (status == RC_OK && changed == 0)
		return rc_fail(err, RC_ECONFLICT, "the registration has changed since it was read");
	return status == RC_OK ? rc_records_rejudge(tx, session, ref, NULL, err) : status;
}

/* What kiosks are told: only the confirmed ones are there for them, and how many a session expects. */
static enum rc_status gather_changes(struct rc_db_tx *tx, const struct rc_registration *registration,
				     struct rc_changes_list *changes, struct rc_error *err)
{
	const struct rc_ref_registration payload = {registration->id, registration->session,
						    registration->ref};
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_ID_CHARS + 1];
	struct rc_session session; /* read anew, for its count */
	enum rc_status status;

	rc_id_format(&registration->session, id);
	status = rc_sessions_find_in(tx, id, &session, err);
	if (status != RC_OK)
		return status;
	if (registration->state == RC_REGISTRATION_CONFIRMED) {
		status = rc_registrations__publish(changes, &payload, registration->version,
						   session.site.id, err);
	} else {
		rc_id_format(&registration->id, id);
		rc_changes_scope_of_site(session.site.id, scope);
		rc_changes_list_delete(changes, scope, RC_ENTITY_REGISTRATION, id, registration->version);
	}
	return status == RC_OK ? rc_sessions__publish(changes, &session, err) : status;
}

static enum rc_status write_audit(struct rc_db_tx *tx, const struct rc_registration_change *change,
				  const struct rc_registration *registration, struct rc_error *err)
{
	char memory[512], id[RC_ID_CHARS + 1];
	struct rc_buf json;

	rc_buf_init_fixed(&json, memory, sizeof(memory));
	rc_json_open(&json, '{');
	rc_json_member_id(&json, "session", &registration->session);
	rc_json_member_id(&json, "ref", &registration->ref);
	rc_json_member_text(&json, "state", states[registration->state]);
	rc_json_member_int(&json, "version", registration->version);
	rc_json_close(&json, '}');
	if (rc_buf_status(&json, err) != RC_OK)
		return json.status;
	rc_id_format(&registration->id, id);
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = change->actor,
						 .action = "registration.changed",
						 .entity = "registration",
						 .id = id,
						 .detail = rc_buf_text(&json)},
			      change->now_ms, err);
}

enum rc_status rc_registrations_change_in(struct rc_db_tx *tx, const struct rc_registration_change *change,
					  struct rc_registration *registration, struct rc_error *err)
{
	const struct rc_id *session = &change->session->id, *ref = &change->person->ref;
	struct rc_changes_list changes;
	bool was_confirmed;
	enum rc_status status = rc_registrations_find_in(tx, session, ref, registration, err);

	was_confirmed = status == RC_OK && registration->state == RC_REGISTRATION_CONFIRMED;
	if (status == RC_OK || status == RC_ENOTFOUND)
		status = write_row(tx, change, err);
	if (status == RC_OK)
		status = rc_registrations_find_in(tx, session, ref, registration, err);
	if (status != RC_OK)
		return status;
	rc_changes_list_init(&changes);
	if (was_confirmed != (registration->state == RC_REGISTRATION_CONFIRMED))
		status = gather_changes(tx, registration, &changes, err);
	if (status == RC_OK)
		status = write_audit(tx, change, registration, err);
	if (status == RC_OK)
		status = rc_changes_publish(tx, &changes, change->now_ms, err);
	rc_changes_list_deinit(&changes);
	return status;
}
