/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TRAINING_REGISTRATIONS_H
#define RC_TRAINING_REGISTRATIONS_H
/*
 * Who is registered for which session. Kiosks know the confirmed ones only; excused and cancelled ones count when the
 * server judges. Blocks for the database; any thread.
 */
#include "server/hr/people.h"
#include "server/tables/report.h"
#include "server/training/sessions.h"

/*
 * Imports registrations from a CSV file. Columns: session 课次 (its code), number 工号 (old ones too); optional state 状态
 * (confirmed 确认, which is what a new one is; cancelled 取消, excused 请假). One row a person and session. Nobody is struck off
 * for not being in the file. Records that a changed registration touches are judged anew. All or nothing, as rc_people_import.
 */
RC_CHECKED enum rc_status rc_registrations_import(const struct rc_hr *hr, struct rc_bytes file,
						  struct rc_import *import, struct rc_error *err);

/* ---- one by one ---- */

enum rc_registration_state {
	RC_REGISTRATION_CONFIRMED, /* expected in the session */
	RC_REGISTRATION_CANCELLED, /* struck off; the row stays */
	RC_REGISTRATION_EXCUSED,   /* on leave: not counted as absent */
};

/* "confirmed", "cancelled", "excused", and back: RC_EFORMAT for any other word. */
const char *rc_registration_state_name(enum rc_registration_state state);
RC_CHECKED enum rc_status rc_registration_state_parse(struct rc_bytes name,
						      enum rc_registration_state *state);

struct rc_registration {
	struct rc_id id;
	struct rc_id session;
	struct rc_id ref;
	char number[RC_PERSON_NUMBER_MAX_BYTES + 1];
	char name[RC_PERSON_NAME_MAX_BYTES + 1];
	enum rc_registration_state state;
	int64_t version; /* rises with each change; a new one has 1 */
	int64_t changed_ms;
};

struct rc_registrations_query {
	const char *session; /* its code or id */
	const char *after;   /* the ref behind which to go on; "" from the beginning */
	size_t limit;
};

/* Looks at one registration, which is borrowed; anything but RC_OK ends the list and is passed up. */
typedef enum rc_status rc_registrations_fn(void *context, const struct rc_registration *registration,
					   struct rc_error *err);

/* Calls `each` with a session's registrations of any state, in the order of their refs. RC_ENOTFOUND: no such session. */
RC_CHECKED enum rc_status rc_registrations_list(struct rc_db *db,
						const struct rc_registrations_query *query,
						rc_registrations_fn *each, void *context,
						struct rc_error *err);

/* RC_ENOTFOUND: this person was never registered for this session. */
RC_CHECKED enum rc_status rc_registrations_find_in(struct rc_db_tx *tx, const struct rc_id *session,
						   const struct rc_id *ref,
						   struct rc_registration *registration,
						   struct rc_error *err);

struct rc_registration_change {
	const struct rc_session *session;
	const struct rc_person *person;
	enum rc_registration_state state;
	int64_t version;   /* as it was found; 0: there was none */
	const char *actor; /* for the audit: a token's name */
	int64_t now_ms;
};

/*
 * Registers a person, or changes the state of a registration: judges anew what that touches, writes the audit, tells the kiosks. The
 * last step of its transaction. RC_ECONFLICT: it is of another version by now.
 */
RC_CHECKED enum rc_status rc_registrations_change_in(struct rc_db_tx *tx,
						     const struct rc_registration_change *change,
						     struct rc_registration *registration,
						     struct rc_error *err);

#endif
