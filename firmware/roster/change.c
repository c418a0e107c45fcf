/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One change becomes rows. A table says for each entity how its payload is decoded and put, and by what its row is deleted; what
 * has no struct is kept as it came. Everything is decoded here, once, so that no look-up parses anything.
 */
#include "firmware/roster/roster_priv.h"
#include "firmware/roster_sql/statements.h"
#include "shared/base/encode.h"

#include <stdio.h>
#include <string.h>

#define TEXT(field) rc_store_text(rc_bytes_of_text(field))

typedef enum rc_status put_function(struct rc_store *store, const struct rc_change *change,
				    struct rc_error *err);

/* A payload that can't be read is told apart from a store that can't write: RC_EUSAGE, which neither gives. */
static enum rc_status bad_payload(enum rc_status status)
{
	return status == RC_EFORMAT || status == RC_ELIMIT || status == RC_ENOTFOUND ? RC_EUSAGE : status;
}

static enum rc_status put_room(struct rc_store *store, const struct rc_change *change,
			       struct rc_error *err)
{
	struct rc_ref_room room;
	enum rc_status status = bad_payload(rc_ref_room_decode(change, &room, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {
	    rc_store_id(&room.id), TEXT(room.code),   TEXT(room.name.zh),
	    TEXT(room.name.en),    TEXT(room.way.zh), TEXT(room.way.en),
	};
	return rc_store_run(store, RC_SQL_ROSTER_ROOM_PUT, values, NULL, err);
}

static enum rc_status put_session(struct rc_store *store, const struct rc_change *change,
				  struct rc_error *err)
{
	struct rc_ref_session session;
	const struct rc_attendance_terms *terms = &session.terms;
	const struct rc_attendance_rules *rules = &session.terms.rules;
	enum rc_status status = bad_payload(rc_ref_session_decode(change, &session, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {
	    rc_store_id(&session.id),
	    rc_store_int(session.version),
	    rc_store_id(&session.room),
	    TEXT(session.title.zh),
	    TEXT(session.title.en),
	    TEXT(session.course),
	    rc_store_int(terms->starts_ms),
	    rc_store_int(terms->ends_ms),
	    rc_store_int(rules->opens_before_min),
	    rc_store_int(rules->closes_after_min),
	    rc_store_int(rules->late_after_min),
	    rc_store_int(rules->share_percent),
	    rc_store_int((int64_t)rules->walk_in),
	    rc_store_int(rules->has_sign_out),
	    rc_store_int(session.is_cancelled),
	    rc_store_int(session.expected),
	    rc_store_int(rc_attendance_opens_ms(terms)),
	    rc_store_int(rc_attendance_closes_ms(terms)),
	};
	return rc_store_run(store, RC_SQL_ROSTER_SESSION_PUT, values, NULL, err);
}

static enum rc_status put_registration(struct rc_store *store, const struct rc_change *change,
				       struct rc_error *err)
{
	struct rc_ref_registration registration;
	enum rc_status status = bad_payload(rc_ref_registration_decode(change, &registration, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {rc_store_id(&registration.id),
						rc_store_id(&registration.session),
						rc_store_id(&registration.ref)};
	return rc_store_run(store, RC_SQL_ROSTER_REGISTRATION_PUT, values, NULL, err);
}

static enum rc_status put_person(struct rc_store *store, const struct rc_change *change,
				 struct rc_error *err)
{
	struct rc_ref_person person;
	enum rc_status status = bad_payload(rc_ref_person_decode(change, &person, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {rc_store_id(&person.ref), rc_store_int(person.version),
						rc_store_bytes(person.sealed, person.sealed_size)};
	return rc_store_run(store, RC_SQL_ROSTER_PERSON_PUT, values, NULL, err);
}

static enum rc_status put_credential(struct rc_store *store, const struct rc_change *change,
				     struct rc_error *err)
{
	struct rc_ref_credential credential;
	enum rc_status status = bad_payload(rc_ref_credential_decode(change, &credential, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {
	    rc_store_bytes(credential.find, sizeof(credential.find)),
	    rc_store_int(credential.version),
	    rc_store_id(&credential.ref),
	    rc_store_int((int64_t)credential.state),
	    rc_store_int(credential.until_ms),
	    rc_store_bytes(credential.wrap, credential.wrap_size),
	};
	return rc_store_run(store, RC_SQL_ROSTER_CREDENTIAL_PUT, values, NULL, err);
}

static enum rc_status put_presence(struct rc_store *store, const struct rc_change *change,
				   struct rc_error *err)
{
	struct rc_ref_presence presence;
	enum rc_status status = bad_payload(rc_ref_presence_decode(change, &presence, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {
	    rc_store_id(&presence.session),
	    rc_store_id(&presence.ref),
	    rc_store_int((int64_t)presence.state),
	    rc_store_int(presence.since_ms),
	    rc_store_id(&presence.by),
	};
	return rc_store_run(store, RC_SQL_ROSTER_PRESENCE_PUT, values, NULL, err);
}

static enum rc_status put_setting(struct rc_store *store, const struct rc_change *change,
				  struct rc_error *err)
{
	struct rc_ref_setting setting;
	enum rc_status status = bad_payload(rc_ref_setting_decode(change, &setting, err));

	if (status != RC_OK)
		return status;

	const struct rc_store_value values[] = {TEXT(setting.key), TEXT(setting.value)};
	return rc_store_run(store, RC_SQL_ROSTER_SETTING_PUT, values, NULL, err);
}

static enum rc_status put_as_it_came(struct rc_store *store, const struct rc_change *change,
				     struct rc_error *err)
{
	const struct rc_store_value values[] = {
	    TEXT(rc_entity_name(change->entity)),
	    TEXT(change->id),
	    rc_store_int(change->version),
	    rc_store_bytes(change->payload.data, change->payload.size),
	};

	return rc_store_run(store, RC_SQL_ROSTER_ENTITY_PUT, values, NULL, err);
}

/* ---- deleting: the id as text becomes the row's key ---- */

/* A key in bytes, and the values that point into it. */
struct key {
	struct rc_id ids[2];
	struct rc_store_value values[2];
};

typedef enum rc_status key_function(const struct rc_change *change, struct key *key);

static enum rc_status key_of_id(const struct rc_change *change, struct key *key)
{
	key->values[0] = rc_store_id(&key->ids[0]);
	return rc_id_parse(rc_bytes_of_text(change->id), &key->ids[0]);
}

/* 32 hex digits are 16 bytes, as an id's are. */
static enum rc_status key_of_find(const struct rc_change *change, struct key *key)
{
	key->values[0] = rc_store_id(&key->ids[0]);
	return rc_hex_decode(rc_bytes_of_text(change->id), key->ids[0].octets, RC_ID_BYTES);
}

/* session "." ref */
static enum rc_status key_of_pair(const struct rc_change *change, struct key *key)
{
	enum rc_status status;

	if (strlen(change->id) != 2 * RC_ID_CHARS + 1 || change->id[RC_ID_CHARS] != '.')
		return RC_EFORMAT;
	key->values[0] = rc_store_id(&key->ids[0]);
	key->values[1] = rc_store_id(&key->ids[1]);
	status = rc_id_parse(rc_bytes_of(change->id, RC_ID_CHARS), &key->ids[0]);
	if (status != RC_OK)
		return status;
	return rc_id_parse(rc_bytes_of(change->id + RC_ID_CHARS + 1, RC_ID_CHARS), &key->ids[1]);
}

static enum rc_status key_of_text(const struct rc_change *change, struct key *key)
{
	key->values[0] = TEXT(change->id);
	return RC_OK;
}

static enum rc_status key_of_name_and_text(const struct rc_change *change, struct key *key)
{
	key->values[0] = TEXT(rc_entity_name(change->entity));
	key->values[1] = TEXT(change->id);
	return RC_OK;
}

static const struct handling {
	put_function *put;
	key_function *key;
	size_t delete_statement;
} handlings[RC_ENTITY_UNKNOWN] = {
    [RC_ENTITY_ROOM] = {put_room, key_of_id, RC_SQL_ROSTER_ROOM_DELETE},
    [RC_ENTITY_SESSION] = {put_session, key_of_id, RC_SQL_ROSTER_SESSION_DELETE},
    [RC_ENTITY_REGISTRATION] = {put_registration, key_of_id, RC_SQL_ROSTER_REGISTRATION_DELETE},
    [RC_ENTITY_PERSON] = {put_person, key_of_id, RC_SQL_ROSTER_PERSON_DELETE},
    [RC_ENTITY_CREDENTIAL] = {put_credential, key_of_find, RC_SQL_ROSTER_CREDENTIAL_DELETE},
    [RC_ENTITY_PRESENCE] = {put_presence, key_of_pair, RC_SQL_ROSTER_PRESENCE_DELETE},
    [RC_ENTITY_SETTING] = {put_setting, key_of_text, RC_SQL_ROSTER_SETTING_DELETE},
    [RC_ENTITY_LIST] = {put_as_it_came, key_of_name_and_text, RC_SQL_ROSTER_ENTITY_DELETE},
    [RC_ENTITY_LIST_KEY] = {put_as_it_came, key_of_name_and_text, RC_SQL_ROSTER_ENTITY_DELETE},
    [RC_ENTITY_SESSION_STATE] = {put_as_it_came, key_of_name_and_text, RC_SQL_ROSTER_ENTITY_DELETE},
    [RC_ENTITY_RULE] = {put_as_it_came, key_of_name_and_text, RC_SQL_ROSTER_ENTITY_DELETE},
    [RC_ENTITY_TRUST] = {put_as_it_came, key_of_name_and_text, RC_SQL_ROSTER_ENTITY_DELETE},
    [RC_ENTITY_ERASE] = {put_as_it_came, key_of_name_and_text, RC_SQL_ROSTER_ENTITY_DELETE},
};

static enum rc_status delete_row(struct rc_store *store, const struct rc_change *change,
				 struct rc_error *err)
{
	struct key key;

	if (handlings[change->entity].key(change, &key) != RC_OK)
		return rc_fail(err, RC_EUSAGE, "no id of a %s", rc_entity_name(change->entity));
	return rc_store_run(store, handlings[change->entity].delete_statement, key.values, NULL, err);
}

/* Passed over and counted; the first one in words. */
static void note_malformed(struct rc_roster_applied *applied, const struct rc_change *change,
			   const char *what)
{
	if (applied->malformed++ == 0)
		(void)snprintf(applied->first_malformed, sizeof(applied->first_malformed),
			       "%s at n=%lld: %.100s", rc_entity_name(change->entity),
			       (long long)change->n, what);
}

enum rc_status rc_roster__apply_line(struct rc_store *store, struct rc_bytes line,
				     struct rc_roster_applied *applied, struct rc_error *err)
{
	struct rc_change change;
	struct rc_error why = {.text = ""};
	enum rc_status status = rc_change_read(line, &change, err);

	if (status != RC_OK)
		return status;
	if (change.entity >= RC_ENTITY_UNKNOWN) {
		applied->unknown++;
		return RC_OK;
	}
	status = change.is_deletion ? delete_row(store, &change, &why)
				    : handlings[change.entity].put(store, &change, &why);
	if (status == RC_EUSAGE) {
		note_malformed(applied, &change, why.text);
		return RC_OK;
	}
	if (status != RC_OK)
		return rc_fail(err, status, "%s", why.text);
	if (change.is_deletion)
		applied->deleted++;
	else
		applied->put++;
	return RC_OK;
}
