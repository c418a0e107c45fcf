/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payloads, an encoder and a decoder each, side by side. Encoders write all fields in the order of the header's comment; decoders
 * take them in any order and pass over what they don't know. Decoders fill a copy, so that the caller's is whole or untouched.
 */
#include "shared/base/encode.h"
#include "shared/crypto/key.h"
#include "shared/reference/reference_priv.h"

#include <limits.h>

_Static_assert(RC_REF_SEAL_KEY_BYTES == RC_KEY_POINT_BYTES, "a seal key is a point");

/* ---- pieces -------------------------------------------------------------------------------------------------------------- */

static enum rc_status open_payload(const struct rc_change *change, struct rc_json **json,
				   struct rc_error *err)
{
	if (change->is_deletion)
		return rc_fail(err, RC_EFORMAT, "%s: a deletion has no payload",
			       rc_entity_name(change->entity));
	return rc_reference__parse(change->payload, json, err);
}

/* Puts the entity in front of what went wrong. */
static enum rc_status finish(const struct rc_change *change, enum rc_status status, struct rc_error *err)
{
	return status == RC_OK
		   ? RC_OK
		   : rc_error_in(err, status, "%s %s", rc_entity_name(change->entity), change->id);
}

static enum rc_status parse_own_id(const struct rc_change *change, struct rc_id *id, struct rc_error *err)
{
	if (rc_id_parse(rc_bytes_of_text(change->id), id) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "its id is no UUID");
	return RC_OK;
}

static void encode_pair(const char *key, const struct rc_text_pair *pair, struct rc_buf *p)
{
	rc_json_append_key(p, key);
	rc_json_open(p, '{');
	rc_json_member_text(p, "zh", pair->zh);
	rc_json_member_text(p, "en", pair->en);
	rc_json_close(p, '}');
}

static enum rc_status decode_pair(const struct rc_json_value *object, const char *key,
				  struct rc_text_pair *pair, struct rc_error *err)
{
	const struct rc_json_value *texts;
	enum rc_status status = rc_json_get_object(object, key, &texts, err);

	if (status != RC_OK)
		return status;
	status = rc_json_get_text_optional(texts, "zh", pair->zh, sizeof(pair->zh), err);
	if (status == RC_OK)
		status = rc_json_get_text_optional(texts, "en", pair->en, sizeof(pair->en), err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "\"%s\"", key);
}

static enum rc_status get_small(const struct rc_json_value *object, const char *key, int *out,
				struct rc_error *err)
{
	int64_t value;
	enum rc_status status = rc_json_get_int(object, key, 0, INT_MAX, &value, err);

	if (status == RC_OK)
		*out = (int)value;
	return status;
}

/* ---- room ---------------------------------------------------------------------------------------------------------------- */

void rc_ref_room_encode(const struct rc_ref_room *room, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_text(p, "code", room->code);
	encode_pair("name", &room->name, p);
	encode_pair("way", &room->way, p);
	rc_json_close(p, '}');
}

enum rc_status rc_ref_room_decode(const struct rc_change *change, struct rc_ref_room *room,
				  struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	struct rc_ref_room read = {.code = ""};
	enum rc_status status = open_payload(change, &json, err);

	if (status == RC_OK)
		status = parse_own_id(change, &read.id, err);
	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(json), "code", read.code, sizeof(read.code), err);
	if (status == RC_OK)
		status = decode_pair(rc_json_root(json), "name", &read.name, err);
	if (status == RC_OK)
		status = decode_pair(rc_json_root(json), "way", &read.way, err);
	if (status == RC_OK)
		*room = read;
	return finish(change, status, err);
}

/* ---- session ------------------------------------------------------------------------------------------------------------- */

static const char *const session_states[] = {"planned", "cancelled"};

static void encode_rules(const struct rc_attendance_rules *rules, struct rc_buf *p)
{
	rc_json_append_key(p, "rules");
	rc_json_open(p, '{');
	rc_json_member_int(p, "opens_before_min", rules->opens_before_min);
	rc_json_member_int(p, "closes_after_min", rules->closes_after_min);
	rc_json_member_int(p, "late_after_min", rules->late_after_min);
	rc_json_member_int(p, "share_percent", rules->share_percent);
	rc_json_member_text(p, "walk_in", rc_walk_in_rule_name(rules->walk_in));
	rc_json_member_bool(p, "has_sign_out", rules->has_sign_out);
	rc_json_close(p, '}');
}

static enum rc_status decode_walk_in(const struct rc_json_value *object, enum rc_walk_in_rule *rule,
				     struct rc_error *err)
{
	char name[8];
	enum rc_status status = rc_json_get_text(object, "walk_in", name, sizeof(name), err);

	if (status == RC_OK && rc_walk_in_rule_parse(rc_bytes_of_text(name), rule) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "\"walk_in\" is neither free nor ask nor no");
	return status;
}

static enum rc_status decode_rules(const struct rc_json_value *object,
				   struct rc_attendance_rules *rules, struct rc_error *err)
{
	const struct rc_json_value *p;
	enum rc_status status = rc_json_get_object(object, "rules", &p, err);

	if (status == RC_OK)
		status = get_small(p, "opens_before_min", &rules->opens_before_min, err);
	if (status == RC_OK)
		status = get_small(p, "closes_after_min", &rules->closes_after_min, err);
	if (status == RC_OK)
		status = get_small(p, "late_after_min", &rules->late_after_min, err);
	if (status == RC_OK)
		status = get_small(p, "share_percent", &rules->share_percent, err);
	if (status == RC_OK)
		status = decode_walk_in(p, &rules->walk_in, err);
	if (status == RC_OK)
		status = rc_json_get_bool(p, "has_sign_out", &rules->has_sign_out, err);
	if (status == RC_OK && !rc_attendance_rules_are_valid(rules))
		return rc_fail(err, RC_EFORMAT, "a rule is out of its range");
	return status;
}

void rc_ref_session_encode(const struct rc_ref_session *session, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_id(p, "room", &session->room);
	encode_pair("title", &session->title, p);
	rc_json_member_text(p, "course", session->course);
	rc_json_member_int(p, "starts", session->terms.starts_ms);
	rc_json_member_int(p, "ends", session->terms.ends_ms);
	rc_json_member_text(p, "state", session_states[session->is_cancelled]);
	rc_json_member_int(p, "expected", session->expected);
	encode_rules(&session->terms.rules, p);
	rc_json_close(p, '}');
}

static enum rc_status decode_terms(const struct rc_json_value *p, struct rc_attendance_terms *terms,
				   struct rc_error *err)
{
	enum rc_status status =
	    rc_json_get_int(p, "starts", 0, RC_TIMESTAMP_MAX_MS, &terms->starts_ms, err);

	if (status == RC_OK)
		status = rc_json_get_int(p, "ends", 0, RC_TIMESTAMP_MAX_MS, &terms->ends_ms, err);
	if (status == RC_OK && terms->ends_ms <= terms->starts_ms)
		return rc_fail(err, RC_EFORMAT, "it ends before it starts");
	return status == RC_OK ? decode_rules(p, &terms->rules, err) : status;
}

enum rc_status rc_ref_session_decode(const struct rc_change *change, struct rc_ref_session *session,
				     struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	const struct rc_reference__names states = RC_REFERENCE__NAMES(session_states);
	struct rc_ref_session read = {.version = change->version};
	enum rc_status status = open_payload(change, &json, err);
	const struct rc_json_value *p = rc_json_root(json);
	size_t state = 0;

	if (status == RC_OK)
		status = parse_own_id(change, &read.id, err);
	if (status == RC_OK)
		status = rc_json_get_id(p, "room", &read.room, err);
	if (status == RC_OK)
		status = decode_pair(p, "title", &read.title, err);
	if (status == RC_OK)
		status = rc_json_get_text(p, "course", read.course, sizeof(read.course), err);
	if (status == RC_OK)
		status = decode_terms(p, &read.terms, err);
	if (status == RC_OK)
		status = rc_reference__get_name(p, "state", &states, &state, err);
	if (status == RC_OK)
		status = rc_json_get_int(p, "expected", 0, INT_MAX, &read.expected, err);
	read.is_cancelled = state == 1;
	if (status == RC_OK)
		*session = read;
	return finish(change, status, err);
}

/* ---- registration -------------------------------------------------------------------------------------------------------- */

void rc_ref_registration_encode(const struct rc_ref_registration *registration, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_id(p, "session", &registration->session);
	rc_json_member_id(p, "ref", &registration->ref);
	rc_json_close(p, '}');
}

enum rc_status rc_ref_registration_decode(const struct rc_change *change,
					  struct rc_ref_registration *registration, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	struct rc_ref_registration read;
	enum rc_status status = open_payload(change, &json, err);

	if (status == RC_OK)
		status = parse_own_id(change, &read.id, err);
	if (status == RC_OK)
		status = rc_json_get_id(rc_json_root(json), "session", &read.session, err);
	if (status == RC_OK)
		status = rc_json_get_id(rc_json_root(json), "ref", &read.ref, err);
	if (status == RC_OK)
		*registration = read;
	return finish(change, status, err);
}

/* ---- person and what is sealed in it --------------------------------------------------------------------------------------- */

void rc_ref_person_encode(const struct rc_ref_person *person, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_base64url(p, "sealed", rc_bytes_of(person->sealed, person->sealed_size));
	rc_json_close(p, '}');
}

enum rc_status rc_ref_person_decode(const struct rc_change *change, struct rc_ref_person *person,
				    struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	struct rc_ref_person read = {.version = change->version};
	enum rc_status status = open_payload(change, &json, err);

	if (status == RC_OK)
		status = parse_own_id(change, &read.ref, err);
	if (status == RC_OK)
		status = rc_json_get_base64url(rc_json_root(json), "sealed", read.sealed,
					       sizeof(read.sealed), &read.sealed_size, err);
	if (status == RC_OK)
		*person = read;
	return finish(change, status, err);
}

static const char *const role_names[] = {
    [RC_ROLE_EMPLOYEE] = "employee",
    [RC_ROLE_TRAINER] = "trainer",
    [RC_ROLE_ADMINISTRATOR] = "administrator",
};

void rc_ref_person_card_encode(const struct rc_ref_person_card *card, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_text(p, "name", card->name);
	rc_json_member_text(p, "number", card->number);
	rc_json_member_text(p, "lang", rc_language_name(card->language));
	rc_json_member_text(p, "role", role_names[card->role]);
	rc_json_close(p, '}');
}

static enum rc_status get_language(const struct rc_json_value *object, enum rc_language *language,
				   struct rc_error *err)
{
	char name[8];
	enum rc_status status = rc_json_get_text(object, "lang", name, sizeof(name), err);

	if (status == RC_OK && rc_language_parse(rc_bytes_of_text(name), language) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "\"lang\" is neither zh nor en");
	return status;
}

enum rc_status rc_ref_person_card_decode(struct rc_bytes json, struct rc_ref_person_card *card,
					 struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	const struct rc_reference__names roles = RC_REFERENCE__NAMES(role_names);
	struct rc_ref_person_card read = {.name = ""};
	enum rc_status status = rc_reference__parse(json, &document, err);
	const struct rc_json_value *p = rc_json_root(document);
	size_t role = 0;

	if (status == RC_OK)
		status = rc_json_get_text(p, "name", read.name, sizeof(read.name), err);
	if (status == RC_OK)
		status = rc_json_get_text(p, "number", read.number, sizeof(read.number), err);
	if (status == RC_OK)
		status = get_language(p, &read.language, err);
	if (status == RC_OK)
		status = rc_reference__get_name(p, "role", &roles, &role, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "card of a person");
	read.role = (enum rc_role)role;
	*card = read;
	return RC_OK;
}

/* ---- credential ---------------------------------------------------------------------------------------------------------- */

static const char *const credential_states[] = {
    [RC_CREDENTIAL_ACTIVE] = "active",
    [RC_CREDENTIAL_REVOKED] = "revoked",
    [RC_CREDENTIAL_EXPIRED] = "expired",
};

void rc_ref_credential_encode(const struct rc_ref_credential *credential, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_id(p, "ref", &credential->ref);
	rc_json_member_text(p, "state", credential_states[credential->state]);
	rc_json_member_int(p, "until", credential->until_ms);
	rc_json_member_base64url(p, "wrap", rc_bytes_of(credential->wrap, credential->wrap_size));
	rc_json_close(p, '}');
}

enum rc_status rc_ref_credential_decode(const struct rc_change *change,
					struct rc_ref_credential *credential, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	const struct rc_reference__names states = RC_REFERENCE__NAMES(credential_states);
	struct rc_ref_credential read = {.version = change->version};
	enum rc_status status = open_payload(change, &json, err);
	const struct rc_json_value *p = rc_json_root(json);
	size_t state = 0;

	if (status == RC_OK &&
	    rc_hex_decode(rc_bytes_of_text(change->id), read.find, sizeof(read.find)) != RC_OK)
		status = rc_fail(err, RC_EFORMAT, "its id is not a find of 32 hex digits");
	if (status == RC_OK)
		status = rc_json_get_id(p, "ref", &read.ref, err);
	if (status == RC_OK)
		status = rc_reference__get_name(p, "state", &states, &state, err);
	if (status == RC_OK)
		status = rc_json_get_int(p, "until", 0, RC_TIMESTAMP_MAX_MS, &read.until_ms, err);
	if (status == RC_OK)
		status = rc_json_get_base64url(p, "wrap", read.wrap, sizeof(read.wrap),
					       &read.wrap_size, err);
	read.state = (enum rc_credential_state)state;
	if (status == RC_OK)
		*credential = read;
	return finish(change, status, err);
}

/* ---- presence ------------------------------------------------------------------------------------------------------------ */

static const char *const presence_states[] = {
    [RC_PRESENCE_ABSENT] = "absent",
    [RC_PRESENCE_HERE] = "here",
    [RC_PRESENCE_LEFT] = "left",
};

void rc_ref_presence_encode(const struct rc_ref_presence *presence, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_id(p, "session", &presence->session);
	rc_json_member_id(p, "ref", &presence->ref);
	rc_json_member_text(p, "state", presence_states[presence->state]);
	rc_json_member_int(p, "since", presence->since_ms);
	rc_json_member_id(p, "by", &presence->by);
	rc_json_close(p, '}');
}

/* The change's id must be what the payload says, or a deletion could never find the row. */
static enum rc_status check_presence_id(const struct rc_change *change,
					const struct rc_ref_presence *presence, struct rc_error *err)
{
	char id[RC_REFERENCE_ID_MAX_CHARS + 1];

	rc_id_format(&presence->session, id);
	id[RC_ID_CHARS] = '.';
	rc_id_format(&presence->ref, id + RC_ID_CHARS + 1);
	if (strcmp(id, change->id) != 0)
		return rc_fail(err, RC_EFORMAT, "its id is not session.ref");
	return RC_OK;
}

enum rc_status rc_ref_presence_decode(const struct rc_change *change,
				      struct rc_ref_presence *presence, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	const struct rc_reference__names states = RC_REFERENCE__NAMES(presence_states);
	struct rc_ref_presence read;
	enum rc_status status = open_payload(change, &json, err);
	const struct rc_json_value *p = rc_json_root(json);
	size_t state = 0;

	if (status == RC_OK)
		status = rc_json_get_id(p, "session", &read.session, err);
	if (status == RC_OK)
		status = rc_json_get_id(p, "ref", &read.ref, err);
	if (status == RC_OK)
		status = rc_reference__get_name(p, "state", &states, &state, err);
	if (status == RC_OK)
		status = rc_json_get_int(p, "since", 0, RC_TIMESTAMP_MAX_MS, &read.since_ms, err);
	if (status == RC_OK)
		status = rc_json_get_id(p, "by", &read.by, err);
	if (status == RC_OK)
		status = check_presence_id(change, &read, err);
	read.state = (enum rc_presence_state)state;
	if (status == RC_OK)
		*presence = read;
	return finish(change, status, err);
}

/* ---- setting ------------------------------------------------------------------------------------------------------------- */

void rc_ref_setting_encode(const struct rc_ref_setting *setting, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_text(p, "value", setting->value);
	rc_json_close(p, '}');
}

enum rc_status rc_ref_setting_decode(const struct rc_change *change, struct rc_ref_setting *setting,
				     struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	struct rc_ref_setting read = {.key = ""};
	enum rc_status status = open_payload(change, &json, err);

	if (status == RC_OK && !rc_text_copy(change->id, read.key, sizeof(read.key)))
		status = rc_fail(err, RC_ELIMIT, "its key is longer than %u bytes",
				 RC_REFERENCE_CODE_MAX_BYTES);
	if (status == RC_OK)
		status =
		    rc_json_get_text(rc_json_root(json), "value", read.value, sizeof(read.value), err);
	if (status == RC_OK)
		*setting = read;
	return finish(change, status, err);
}

/* ---- trust --------------------------------------------------------------------------------------------------------------- */

void rc_ref_trust_encode(const struct rc_ref_trust *trust, struct rc_buf *p)
{
	rc_json_open(p, '{');
	rc_json_member_hex(p, "seal_key", rc_bytes_of(trust->seal_key, sizeof(trust->seal_key)));
	rc_json_close(p, '}');
}

enum rc_status rc_ref_trust_decode(const struct rc_change *change, struct rc_ref_trust *trust,
				   struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	struct rc_ref_trust read;
	enum rc_status status = open_payload(change, &json, err);

	if (status == RC_OK)
		status = rc_json_get_hex(rc_json_root(json), "seal_key", read.seal_key,
					 sizeof(read.seal_key), err);
	if (status == RC_OK) {
		status = rc_key_check_point(read.seal_key);
		if (status != RC_OK)
			(void)rc_fail(err, status, "\"seal_key\" is no public key");
	}
	if (status == RC_OK)
		*trust = read;
	return finish(change, status, err);
}
