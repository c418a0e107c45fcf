/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the roster: a statement and a row for each look-up, microseconds each. The price of one file per snapshot is a stat a
 * turn.
 */
#include "firmware/roster/roster.h"
#include "firmware/roster/roster_priv.h"
#include "firmware/roster_sql/statements.h"
#include "shared/base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WRITER_WAIT_MS 50 /* the writer locks readers out only while it opens a file */

struct rc_roster {
	char folder[RC_FILES_PATH_MAX_CHARS];
	char pointer[RC_FILES_PATH_MAX_CHARS];
	struct rc_store *store; /* NULL: no roster */
	struct stat seen;       /* of the pointer that names it; st_ino 0: there was none */
	int64_t data_version;
	bool was_refreshed;
};

/* ---- which file ---- */

/* The pointer as it is now; zeros if there is none. */
static enum rc_status look_at_pointer(const struct rc_roster *roster, struct stat *now,
				      struct rc_error *err)
{
	if (stat(roster->pointer, now) == 0)
		return RC_OK;
	memset(now, 0, sizeof(*now));
	return errno == ENOENT ? RC_OK : rc_fail_errno(err, errno, "roster: %s", roster->pointer);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum rc_status open_named(const struct rc_roster *roster, struct rc_store **store,
				 struct rc_error *err)
{
	const struct rc_store_options options = {.role = RC_STORE_READER,
						 .mode = RC_STORE_WAL,
						 .plan = rc_roster__plan(),
						 .busy_ms = WRITER_WAIT_MS};
	char name[RC_ROSTER__NAME_CHARS], path[RC_FILES_PATH_MAX_CHARS];
	int64_t number = 0;
	enum rc_status status = rc_roster__read_pointer(roster->folder, name, &number, err);

	if (status == RC_OK)
		status = rc_files_join(roster->folder, name, path, err);
	return status == RC_OK ? rc_store_open(path, &options, store, err) : status;
}

/* Follows the pointer to where it is now. What is there already is kept if the new file can't be opened. */
static enum rc_status follow(struct rc_roster *roster, const struct stat *now, struct rc_error *err)
{
	struct rc_store *store = NULL;
	enum rc_status status = now->st_ino != 0 ? open_named(roster, &store, err) : RC_OK;

	if (status != RC_OK)
		return rc_error_in(err, status, "roster");
	rc_store_close(roster->store);
	roster->store = store;
	roster->seen = *now;
	return RC_OK;
}

RC_DEFINE_AUTO(struct rc_roster, rc_roster_close)

enum rc_status rc_roster_open(const char *folder, struct rc_roster **roster, struct rc_error *err)
{
	RC_AUTO(rc_roster_close_p) struct rc_roster *opened = calloc(1, sizeof(*opened));
	struct stat now;
	enum rc_status status;

	if (opened == NULL)
		return rc_fail(err, RC_ENOMEM, "roster: out of memory");
	if (!rc_text_copy(folder, opened->folder, sizeof(opened->folder)))
		return rc_fail(err, RC_ELIMIT, "roster: path too long: %s", folder);
	status = rc_files_join(folder, RC_ROSTER__POINTER, opened->pointer, err);
	if (status == RC_OK)
		status = look_at_pointer(opened, &now, err);
	if (status != RC_OK)
		return status;
	/* A file that can't be opened is as good as none: the writer replaces it, and refresh goes on trying. */
	if (follow(opened, &now, NULL) != RC_OK)
		assert(opened->store == NULL);
	*roster = RC_STEAL(opened);
	return RC_OK;
}

void rc_roster_close(struct rc_roster *roster)
{
	if (roster == NULL)
		return;
	rc_store_close(roster->store);
	free(roster);
}

static bool has_new_data(struct rc_roster *roster)
{
	const int64_t before = roster->data_version;

	if (roster->store == NULL ||
	    rc_store_data_version(roster->store, &roster->data_version, NULL) != RC_OK)
		return false;
	return roster->data_version != before;
}

enum rc_status rc_roster_refresh(struct rc_roster *roster, bool *has_changed, struct rc_error *err)
{
	struct stat now;
	bool is_new = !roster->was_refreshed;
	enum rc_status status = look_at_pointer(roster, &now, err);

	if (status != RC_OK)
		return status;
	if (!is_same(&now, &roster->seen)) {
		status = follow(roster, &now, err);
		if (status != RC_OK)
			return status;
		is_new = true;
	}
	roster->was_refreshed = true;
	*has_changed = has_new_data(roster) || is_new;
	return RC_OK;
}

enum rc_status rc_roster_cursor(struct rc_roster *roster, struct rc_cursor *cursor, struct rc_error *err)
{
	if (roster->store == NULL)
		return rc_fail(err, RC_ENOTFOUND, "roster: none yet");
	return rc_roster__load_cursor(roster->store, cursor, err);
}

int64_t rc_roster_n(struct rc_roster *roster)
{
	struct rc_cursor cursor;

	return rc_roster_cursor(roster, &cursor, NULL) == RC_OK ? cursor.n : 0;
}

/* ---- rows ---- */

/* Begins a look-up; without a roster there are no rows. */
static struct rc_store_rows look(struct rc_roster *roster, size_t statement,
				 const struct rc_store_value *values)
{
	if (roster->store == NULL)
		return (struct rc_store_rows){.status = RC_ENOTFOUND};
	return rc_store_look(roster->store, statement, values);
}

static enum rc_status next(struct rc_store_rows *rows, struct rc_error *err)
{
	if (rows->store == NULL)
		return rc_fail(err, RC_ENOTFOUND, "roster: none yet");
	return rc_store_next(rows, err);
}

/* The one row of a look-up by key; `what` names it where there is none. */
static enum rc_status only(struct rc_store_rows *rows, const char *what, struct rc_error *err)
{
	enum rc_status status = next(rows, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "roster: no such %s", what);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "roster");
}

static enum rc_status senseless(const char *what, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT, "roster: a %s makes no sense", what);
}

/* A column of bytes of any size up to a limit. */
static bool get_sealed(const struct rc_store_rows *rows, int column,
		       uint8_t to[RC_REFERENCE_SEALED_MAX_BYTES], size_t *size)
{
	const struct rc_bytes bytes = rc_store_get_bytes(rows, column);

	if (bytes.size > RC_REFERENCE_SEALED_MAX_BYTES)
		return false;
	if (bytes.size > 0)
		memcpy(to, bytes.data, bytes.size);
	*size = bytes.size;
	return true;
}

/* A column that holds a number below `count`: an enum's, or one that an int holds. */
static bool get_choice(const struct rc_store_rows *rows, int column, int64_t count, int *choice)
{
	const int64_t number = rc_store_get_int(rows, column);

	if (number < 0 || number >= count)
		return false;
	*choice = (int)number;
	return true;
}

/* A column that holds a number of the kind that the payloads allow; a file that says otherwise could make sums overflow. */
static bool get_number(const struct rc_store_rows *rows, int column, int64_t max, int64_t *number)
{
	const int64_t found = rc_store_get_int(rows, column);

	if (found < 0 || found > max)
		return false;
	*number = found;
	return true;
}

static bool get_texts(const struct rc_store_rows *rows, int column, struct rc_text_pair *pair)
{
	return rc_store_get_text(rows, column, pair->zh, sizeof(pair->zh)) &&
	       rc_store_get_text(rows, column + 1, pair->en, sizeof(pair->en));
}

/* ---- by key ---- */

enum rc_status rc_roster_find_credential(struct rc_roster *roster, const uint8_t find[16],
					 struct rc_ref_credential *credential, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_bytes(find, 16);
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_CREDENTIAL_BY_FIND, &key);
	enum rc_status status = only(&rows, "credential", err);
	int64_t until_ms = 0;
	struct rc_id ref;
	int state = 0;

	if (status != RC_OK)
		return status;
	if (!rc_store_get_exact(&rows, 1, ref.octets, RC_ID_BYTES) ||
	    !get_choice(&rows, 2, RC_CREDENTIAL_EXPIRED + 1, &state) ||
	    !get_number(&rows, 3, RC_TIMESTAMP_MAX_MS, &until_ms) ||
	    rc_store_get_bytes(&rows, 4).size > RC_REFERENCE_SEALED_MAX_BYTES)
		return senseless("credential", err);
	memcpy(credential->find, find, sizeof(credential->find));
	credential->version = rc_store_get_int(&rows, 0);
	credential->ref = ref;
	credential->state = (enum rc_credential_state)state;
	credential->until_ms = until_ms;
	(void)get_sealed(&rows, 4, credential->wrap, &credential->wrap_size);
	return RC_OK;
}

enum rc_status rc_roster_person(struct rc_roster *roster, const struct rc_id *ref,
				struct rc_ref_person *person, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_id(ref);
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_PERSON_BY_REF, &key);
	enum rc_status status = only(&rows, "person", err);

	if (status != RC_OK)
		return status;
	if (!get_sealed(&rows, 1, person->sealed, &person->sealed_size))
		return senseless("person", err);
	person->ref = *ref;
	person->version = rc_store_get_int(&rows, 0);
	return RC_OK;
}

enum rc_status rc_roster_room(struct rc_roster *roster, const struct rc_id *id,
			      struct rc_ref_room *room, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_id(id);
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_ROOM_BY_ID, &key);
	enum rc_status status = only(&rows, "room", err);
	struct rc_ref_room found = {.id = *id};

	if (status != RC_OK)
		return status;
	if (!rc_store_get_text(&rows, 0, found.code, sizeof(found.code)) ||
	    !get_texts(&rows, 1, &found.name) || !get_texts(&rows, 3, &found.way))
		return senseless("room", err);
	*room = found;
	return RC_OK;
}

enum rc_status rc_roster_setting(struct rc_roster *roster, const char *key,
				 struct rc_ref_setting *setting, struct rc_error *err)
{
	const struct rc_store_value value = rc_store_text(rc_bytes_of_text(key));
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_SETTING_BY_KEY, &value);
	enum rc_status status = only(&rows, "setting", err);
	struct rc_ref_setting found;

	if (status != RC_OK)
		return status;
	if (!rc_text_copy(key, found.key, sizeof(found.key)) ||
	    !rc_store_get_text(&rows, 0, found.value, sizeof(found.value)))
		return senseless("setting", err);
	*setting = found;
	return RC_OK;
}

enum rc_status rc_roster_registration(struct rc_roster *roster, const struct rc_id *session,
				      const struct rc_id *ref,
				      struct rc_ref_registration *registration, struct rc_error *err)
{
	const struct rc_store_value key[] = {rc_store_id(session), rc_store_id(ref)};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_REGISTRATION_OF, key);
	enum rc_status status = only(&rows, "registration", err);
	struct rc_ref_registration found = {.session = *session, .ref = *ref};

	if (status != RC_OK)
		return status;
	if (!rc_store_get_exact(&rows, 0, found.id.octets, RC_ID_BYTES))
		return senseless("registration", err);
	*registration = found;
	return RC_OK;
}

enum rc_status rc_roster_presence(struct rc_roster *roster, const struct rc_id *session,
				  const struct rc_id *ref, struct rc_ref_presence *presence,
				  struct rc_error *err)
{
	const struct rc_store_value key[] = {rc_store_id(session), rc_store_id(ref)};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_PRESENCE_OF, key);
	enum rc_status status = only(&rows, "presence", err);
	struct rc_ref_presence found = {.session = *session, .ref = *ref};
	int state = 0;

	if (status != RC_OK)
		return status;
	if (!get_choice(&rows, 0, RC_PRESENCE_LEFT + 1, &state) ||
	    !get_number(&rows, 1, RC_TIMESTAMP_MAX_MS, &found.since_ms) ||
	    !rc_store_get_exact(&rows, 2, found.by.octets, RC_ID_BYTES))
		return senseless("presence", err);
	found.state = (enum rc_presence_state)state;
	*presence = found;
	return RC_OK;
}

enum rc_status rc_roster_entity(struct rc_roster *roster, enum rc_entity entity, const char *id,
				struct rc_buf *payload, struct rc_error *err)
{
	const struct rc_store_value key[] = {rc_store_text(rc_bytes_of_text(rc_entity_name(entity))),
					     rc_store_text(rc_bytes_of_text(id))};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_ENTITY_GET, key);
	enum rc_status status = only(&rows, rc_entity_name(entity), err);

	if (status != RC_OK)
		return status;
	rc_buf_append_bytes(payload, rc_store_get_bytes(&rows, 0));
	return rc_buf_status(payload, err);
}

enum rc_status rc_roster_trust(struct rc_roster *roster, struct rc_ref_trust *trust, struct rc_error *err)
{
	struct rc_change change = {.entity = RC_ENTITY_TRUST, .id = RC_REF_TRUST_SERVER};
	RC_AUTO(rc_buf_deinit) struct rc_buf payload;
	enum rc_status status;

	rc_buf_init(&payload, RC_REFERENCE_LINE_MAX_BYTES);
	status = rc_roster_entity(roster, change.entity, change.id, &payload, err);
	if (status != RC_OK)
		return status;
	change.payload = rc_buf_bytes(&payload);
	return rc_ref_trust_decode(&change, trust, err);
}

/* ---- sessions ---- */

static bool get_rules(const struct rc_store_rows *rows, struct rc_attendance_rules *rules)
{
	int walk_in = 0;

	if (!get_choice(rows, 8, INT_MAX, &rules->opens_before_min) ||
	    !get_choice(rows, 9, INT_MAX, &rules->closes_after_min) ||
	    !get_choice(rows, 10, INT_MAX, &rules->late_after_min) ||
	    !get_choice(rows, 11, INT_MAX, &rules->share_percent) ||
	    !get_choice(rows, 12, RC_WALK_IN_NO + 1, &walk_in))
		return false;
	rules->walk_in = (enum rc_walk_in_rule)walk_in;
	rules->has_sign_out = rc_store_get_int(rows, 13) != 0;
	return rc_attendance_rules_are_valid(rules);
}

static bool get_terms(const struct rc_store_rows *rows, struct rc_attendance_terms *terms)
{
	return get_number(rows, 6, RC_TIMESTAMP_MAX_MS, &terms->starts_ms) &&
	       get_number(rows, 7, RC_TIMESTAMP_MAX_MS, &terms->ends_ms) &&
	       terms->ends_ms > terms->starts_ms && get_rules(rows, &terms->rules);
}

/* The columns that all statements about sessions select, in the order in which they do. */
static enum rc_status get_session(const struct rc_store_rows *rows, struct rc_ref_session *session,
				  struct rc_error *err)
{
	if (!rc_store_get_exact(rows, 0, session->id.octets, RC_ID_BYTES) ||
	    !rc_store_get_exact(rows, 2, session->room.octets, RC_ID_BYTES) ||
	    !get_texts(rows, 3, &session->title) ||
	    !rc_store_get_text(rows, 5, session->course, sizeof(session->course)) ||
	    !get_terms(rows, &session->terms) || !get_number(rows, 15, INT_MAX, &session->expected))
		return senseless("session", err);
	session->version = rc_store_get_int(rows, 1);
	session->is_cancelled = rc_store_get_int(rows, 14) != 0;
	return RC_OK;
}

enum rc_status rc_roster_session(struct rc_roster *roster, const struct rc_id *id,
				 struct rc_ref_session *session, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_id(id);
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_SESSION_BY_ID, &key);
	struct rc_ref_session found;
	enum rc_status status = only(&rows, "session", err);

	if (status == RC_OK)
		status = get_session(&rows, &found, err);
	if (status == RC_OK)
		*session = found;
	return status;
}

static enum rc_status get_sessions(struct rc_store_rows *rows, struct rc_roster_sessions *sessions,
				   struct rc_error *err)
{
	enum rc_status status;

	sessions->count = 0;
	sessions->has_more = false;
	while ((status = next(rows, err)) == RC_OK) {
		if (sessions->count == sessions->max) {
			sessions->has_more = true;
			return RC_OK;
		}
		status = get_session(rows, &sessions->items[sessions->count], err);
		if (status != RC_OK)
			return status;
		sessions->count++;
	}
	return status == RC_ENOTFOUND ? RC_OK : rc_error_in(err, status, "roster");
}

static enum rc_status sessions_of(struct rc_roster *roster, size_t statement,
				  const struct rc_id *id, const struct rc_roster_window *window,
				  struct rc_roster_sessions *sessions, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_id(id), rc_store_int(window->from_ms),
						rc_store_int(window->to_ms),
						rc_store_int((int64_t)sessions->max + 1)};
	RC_AUTO(rc_store_done) struct rc_store_rows rows = look(roster, statement, values);

	return get_sessions(&rows, sessions, err);
}

enum rc_status rc_roster_sessions_of_room(struct rc_roster *roster, const struct rc_id *room,
					  struct rc_roster_window window,
					  struct rc_roster_sessions *sessions, struct rc_error *err)
{
	return sessions_of(roster, RC_SQL_ROSTER_SESSIONS_OF_ROOM, room, &window, sessions, err);
}

enum rc_status rc_roster_sessions_of_person(struct rc_roster *roster, const struct rc_id *ref,
					    struct rc_roster_window window,
					    struct rc_roster_sessions *sessions, struct rc_error *err)
{
	return sessions_of(roster, RC_SQL_ROSTER_SESSIONS_OF_PERSON, ref, &window, sessions, err);
}

enum rc_status rc_roster_counts(struct rc_roster *roster, const struct rc_id *session,
				struct rc_roster_counts *counts, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_id(session);
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = look(roster, RC_SQL_ROSTER_COUNTS_OF_SESSION, &key);
	enum rc_status status = only(&rows, "session", err);

	if (status != RC_OK)
		return status;
	counts->expected = rc_store_get_int(&rows, 0);
	counts->registered = rc_store_get_int(&rows, 1);
	counts->here = rc_store_get_int(&rows, 2);
	counts->left = rc_store_get_int(&rows, 3);
	return RC_OK;
}
