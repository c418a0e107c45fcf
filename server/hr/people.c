/* SPDX-License-Identifier: Apache-2.0 */
/* Looking people up, and what kiosks are told of them. */
#include "server/auth/secrets.h"
#include "server/db/db.h"
#include "server/hr/hr_priv.h"
#include "server/hr_sql/statements.h"

/* ---- looking ---- */

static const char *const ROLES[] = {"employee", "trainer", "administrator"};

static enum rc_role role_of(struct rc_bytes name)
{
	for (int i = RC_ROLE_ADMINISTRATOR; i > RC_ROLE_EMPLOYEE; i--)
		if (rc_bytes_is_text(name, ROLES[i]))
			return (enum rc_role)i;
	return RC_ROLE_EMPLOYEE; /* the least of them, whatever an odd row says */
}

const char *rc_hr__role_name(enum rc_role role)
{
	return ROLES[role];
}

static enum rc_status take_person(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_person *person = context;

	if (rc_id_parse(rc_db_row_text(row, 0), &person->ref) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a person's ref is no UUID");
	rc_db_row_copy_text(row, 1, person->number, sizeof(person->number));
	rc_db_row_copy_text(row, 2, person->name, sizeof(person->name));
	if (rc_language_parse(rc_db_row_text(row, 3), &person->language) != RC_OK)
		person->language = RC_LANGUAGE_ZH;
	person->role = role_of(rc_db_row_text(row, 4));
	rc_db_row_copy_text(row, 5, person->department, sizeof(person->department));
	rc_db_row_copy_text(row, 6, person->position, sizeof(person->position));
	person->is_active = rc_bytes_is_text(rc_db_row_text(row, 7), "active");
	person->version = rc_db_row_int(row, 8);
	rc_db_row_copy_text(row, 9, person->site, sizeof(person->site));
	return RC_OK;
}

/* Every number, today's too, stands among the numbers that were given: what doesn't, and looks like no ref, needs no other look. */
static enum rc_status check_known(struct rc_db_tx *tx, const char *number_or_ref, struct rc_error *err)
{
	struct rc_id ref;
	int64_t is_known;

	if (rc_id_parse(rc_bytes_of_text(number_or_ref), &ref) == RC_OK)
		return RC_OK;
	return rc_db_one_int(tx, &rc_sql_hr_number_known, RC_DB_VALUES(RC_DB_TEXT(number_or_ref)),
			     &is_known, err);
}

static enum rc_status find_known(struct rc_db_tx *tx, const char *number_or_ref,
				 struct rc_person *person, struct rc_error *err)
{
	const struct rc_sql_statement *const ways[] = {
	    &rc_sql_hr_person_by_number, &rc_sql_hr_person_by_old_number, &rc_sql_hr_person_by_ref};
	enum rc_status status = RC_ENOTFOUND;

	for (size_t i = 0; status == RC_ENOTFOUND && i < 3; i++)
		status = rc_db_one(tx, ways[i], RC_DB_VALUES(RC_DB_TEXT(number_or_ref)),
				   take_person, person, err);
	return status;
}

enum rc_status rc_people_find_in(struct rc_db_tx *tx, const char *number_or_ref,
				 struct rc_person *person, struct rc_error *err)
{
	enum rc_status status = check_known(tx, number_or_ref, err);

	if (status == RC_OK)
		status = find_known(tx, number_or_ref, person, err);
	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "no person with number %s", number_or_ref);
	return status;
}

struct lookup {
	const char *number_or_ref;
	struct rc_person *person;
};

static enum rc_status find_person(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct lookup *lookup = arg;

	return rc_people_find_in(tx, lookup->number_or_ref, lookup->person, err);
}

enum rc_status rc_people_find(struct rc_db *db, const char *number_or_ref, struct rc_person *person,
			      struct rc_error *err)
{
	struct rc_person found = {.version = 0};
	struct lookup lookup = {number_or_ref, &found};
	const enum rc_status status = rc_db_read(db, find_person, &lookup, err);

	if (status == RC_OK)
		*person = found;
	return status;
}

struct listing {
	const char *after;
	size_t limit;
	rc_people_fn *each;
	void *context;
};

static enum rc_status show_person(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_person person;
	const enum rc_status status = take_person(row, &person, err);

	return status == RC_OK ? listing->each(listing->context, &person, err) : status;
}

static enum rc_status list_people(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct listing *listing = arg;

	return rc_db_query(tx, &rc_sql_hr_people_after,
			   RC_DB_VALUES(RC_DB_TEXT(listing->after), RC_DB_INT((int64_t)listing->limit)),
			   show_person, listing, err);
}

enum rc_status rc_people_list(struct rc_db *db, const char *after, size_t limit, rc_people_fn *each,
			      void *context, struct rc_error *err)
{
	struct listing listing = {after, limit, each, context};

	return rc_db_read(db, list_people, &listing, err);
}

/* ---- what kiosks are told ---- */

void rc_hr__key_wipe(struct rc_hr__key *key)
{
	rc_wipe(key->bytes, sizeof(key->bytes));
}

struct key_lookup {
	const struct rc_secrets *secrets;
	const struct rc_id *ref;
	struct rc_hr__key *key;
};

static enum rc_status open_key(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct key_lookup *lookup = context;
	uint8_t memory[RC_SEAL_KEY_BYTES + 1];
	struct rc_buf plain;
	enum rc_status status;

	rc_buf_init_fixed(&plain, memory, sizeof(memory));
	status = rc_secrets_open(lookup->secrets, "person_key", lookup->ref,
				 rc_db_row_bytes(row, 0), &plain, err);
	if (status == RC_OK && plain.size != RC_SEAL_KEY_BYTES)
		status = rc_fail(err, RC_EFORMAT, "a person's key has another size");
	if (status == RC_OK)
		memcpy(lookup->key->bytes, memory, RC_SEAL_KEY_BYTES);
	rc_wipe(memory, sizeof(memory));
	return status;
}

enum rc_status rc_hr__key_load(struct rc_hr_work *work, const struct rc_id *ref,
			       struct rc_hr__key *key, struct rc_error *err)
{
	struct key_lookup lookup = {work->hr->secrets, ref, key};
	char text[RC_ID_CHARS + 1];

	rc_id_format(ref, text);
	return rc_db_one(work->tx, &rc_sql_hr_person_key, RC_DB_VALUES(RC_DB_TEXT(text)), open_key,
			 &lookup, err);
}

/* The card as JSON under K_person. The card is as large as its fields, so all of this has a bound. */
static enum rc_status seal_card(const struct rc_person *person, const struct rc_hr__key *key,
				struct rc_ref_person *sealed, struct rc_error *err)
{
	struct rc_ref_person_card card = {.language = person->language, .role = person->role};
	struct rc_seal_place place = {.table = "person", .version = (uint64_t)person->version};
	char json_memory[1024];
	struct rc_buf json, out;
	enum rc_status status;

	memcpy(place.ref, person->ref.octets, sizeof(place.ref));
	if (!rc_text_copy(person->name, card.name, sizeof(card.name)) ||
	    !rc_text_copy(person->number, card.number, sizeof(card.number)))
		return rc_fail(err, RC_EBUG, "a card's fields are smaller than a person's");
	rc_buf_init_fixed(&json, json_memory, sizeof(json_memory));
	rc_buf_init_fixed(&out, sealed->sealed, sizeof(sealed->sealed));
	rc_ref_person_card_encode(&card, &json);
	status = rc_buf_status(&json, err);
	if (status == RC_OK)
		status = rc_seal_json(key->bytes, &place, rc_buf_bytes(&json), &out, err);
	sealed->ref = person->ref;
	sealed->version = person->version;
	sealed->sealed_size = out.size;
	return status;
}

enum rc_status rc_hr__person_publish(struct rc_hr_work *work, const struct rc_person *person,
				     const struct rc_hr__key *key, struct rc_error *err)
{
	struct rc_ref_person sealed;
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_ID_CHARS + 1];
	struct rc_buf payload;
	struct rc_site site;
	enum rc_status status = rc_hr__site_find(work, person->site, &site, err);

	if (status == RC_OK)
		status = seal_card(person, key, &sealed, err);
	if (status != RC_OK)
		return status;
	rc_buf_init(&payload, RC_REFERENCE_LINE_MAX_BYTES);
	rc_ref_person_encode(&sealed, &payload);
	status = rc_buf_status(&payload, err);
	rc_changes_scope_of_site(site.id, scope);
	rc_id_format(&person->ref, id);
	if (status == RC_OK)
		rc_changes_list_put(&work->changes, scope, RC_ENTITY_PERSON, id, person->version,
				    rc_buf_bytes(&payload));
	rc_buf_deinit(&payload);
	return status;
}
