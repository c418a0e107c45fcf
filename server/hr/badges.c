/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Badges: made, moved, revoked. The row keeps the code sealed under secrets.key; kiosks get K_person sealed under what only
 * the code opens, and of a dead badge nothing but its state.
 */
#include "server/auth/secrets.h"
#include "server/db/db.h"
#include "server/hr/hr_priv.h"
#include "server/hr_sql/statements.h"
#include "shared/base/cleanup.h"
#include "shared/base/encode.h"

void rc_hr__find_format(const uint8_t find[RC_FIND_BYTES], char text[RC_HR_FIND_CHARS + 1])
{
	rc_hex_encode(rc_bytes_of(find, RC_FIND_BYTES), text);
}

/* The row's id in the secrets: a find is as long as an id. */
static struct rc_id row_of(const uint8_t find[RC_FIND_BYTES])
{
	struct rc_id id;

	memcpy(id.octets, find, sizeof(id.octets));
	return id;
}

void rc_hr__code_wipe(struct rc_badge_code *code)
{
	rc_wipe(code, sizeof(*code));
}

/* ---- publishing ---- */

/* Seals K_person under the badge's open key, for the credential's version. */
static enum rc_status wrap_key(const uint8_t open_key[RC_OPEN_BYTES], const struct rc_hr__key *key,
			       struct rc_ref_credential *credential, struct rc_error *err)
{
	struct rc_seal_place place = {.table = "credential", .version = (uint64_t)credential->version};
	struct rc_buf wrap;
	enum rc_status status;

	memcpy(place.ref, credential->find, sizeof(place.ref));
	rc_buf_init_fixed(&wrap, credential->wrap, sizeof(credential->wrap));
	status = rc_seal(open_key, &place, rc_bytes_of(key->bytes, sizeof(key->bytes)), &wrap, err);
	credential->wrap_size = wrap.size;
	return status;
}

/* `site` is its code; kiosks follow its id. */
static enum rc_status publish(struct rc_hr_work *work, const char *site,
			      const struct rc_ref_credential *credential, struct rc_error *err)
{
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_HR_FIND_CHARS + 1];
	struct rc_buf payload;
	struct rc_site place;
	enum rc_status status = rc_hr__site_find(work, site, &place, err);

	if (status != RC_OK)
		return status;
	rc_buf_init(&payload, RC_REFERENCE_LINE_MAX_BYTES);
	rc_ref_credential_encode(credential, &payload);
	status = rc_buf_status(&payload, err);
	rc_changes_scope_of_site(place.id, scope);
	rc_hr__find_format(credential->find, id);
	if (status == RC_OK)
		rc_changes_list_put(&work->changes, scope, RC_ENTITY_CREDENTIAL, id,
				    credential->version, rc_buf_bytes(&payload));
	rc_buf_deinit(&payload);
	return status;
}

static enum rc_status insert(const struct rc_hr_work *work, const struct rc_ref_credential *credential,
			     const struct rc_badge_code *code, struct rc_error *err)
{
	const struct rc_id row = row_of(credential->find);
	char find[RC_HR_FIND_CHARS + 1], ref[RC_ID_CHARS + 1];
	uint8_t memory[RC_BADGE_CODE_CHARS + RC_SEAL_OVERHEAD_BYTES + 1];
	struct rc_buf sealed;
	enum rc_status status;

	rc_buf_init_fixed(&sealed, memory, sizeof(memory));
	status = rc_secrets_seal(work->hr->secrets, "badge_code", &row,
				 rc_bytes_of(code->text, RC_BADGE_CODE_CHARS), &sealed, err);
	if (status != RC_OK)
		return status;
	rc_hr__find_format(credential->find, find);
	rc_id_format(&credential->ref, ref);
	return rc_db_exec(work->tx, &rc_sql_hr_credential_add,
			  RC_DB_VALUES(RC_DB_TEXT(find), RC_DB_TEXT(ref), RC_DB_TEXT("active"),
				       RC_DB_INT(credential->until_ms), RC_DB_INT(credential->version),
				       RC_DB_BYTES(rc_buf_bytes(&sealed)), RC_DB_INT(work->hr->now_ms)),
			  err);
}

enum rc_status rc_hr__badge_add(struct rc_hr_work *work, const struct rc_person *person,
				const struct rc_hr__key *key, uint8_t find[RC_FIND_BYTES],
				struct rc_error *err)
{
	RC_AUTO(rc_hr__code_wipe) struct rc_badge_code code = rc_badge_code_new();
	struct rc_ref_credential credential = {
	    .version = 1, .ref = person->ref, .state = RC_CREDENTIAL_ACTIVE};
	uint8_t open_key[RC_OPEN_BYTES];
	enum rc_status status;

	rc_badge_derive(&code, &work->organisation, credential.find, open_key);
	status = insert(work, &credential, &code, err);
	if (status == RC_OK)
		status = wrap_key(open_key, key, &credential, err);
	rc_wipe(open_key, sizeof(open_key));
	if (status == RC_OK)
		status = publish(work, person->site, &credential, err);
	if (status == RC_OK && find)
		memcpy(find, credential.find, RC_FIND_BYTES);
	return status;
}

/* ---- rows ---- */

static enum rc_credential_state state_of(struct rc_bytes name)
{
	if (rc_bytes_is_text(name, "active"))
		return RC_CREDENTIAL_ACTIVE;
	return rc_bytes_is_text(name, "expired") ? RC_CREDENTIAL_EXPIRED : RC_CREDENTIAL_REVOKED;
}

enum rc_status rc_hr__badge_take(const struct rc_db_row *row, struct rc_hr__badge *badge,
				 struct rc_error *err)
{
	const struct rc_bytes find = rc_db_row_text(row, 0);

	if (rc_hex_decode(find, badge->find, sizeof(badge->find)) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a badge's find is no hex");
	rc_hr__find_format(badge->find, badge->find_text);
	badge->state = state_of(rc_db_row_text(row, 1));
	badge->created_ms = rc_db_row_int(row, 2);
	badge->until_ms = rc_db_row_int(row, 3);
	return RC_OK;
}

enum rc_status rc_hr__code_open(const struct rc_secrets *secrets, const uint8_t find[RC_FIND_BYTES],
				struct rc_bytes sealed, struct rc_badge_code *code, struct rc_error *err)
{
	const struct rc_id row = row_of(find);
	char memory[RC_BADGE_CODE_CHARS + 1];
	struct rc_buf plain;
	enum rc_status status;

	rc_buf_init_fixed(&plain, memory, sizeof(memory));
	status = rc_secrets_open(secrets, "badge_code", &row, sealed, &plain, err);
	if (status == RC_OK && plain.size != RC_BADGE_CODE_CHARS)
		status = rc_fail(err, RC_EFORMAT, "a badge's code has another size");
	if (status == RC_OK && !rc_bytes_copy_text(rc_buf_bytes(&plain), code->text, sizeof(code->text)))
		status = rc_fail(err, RC_EFORMAT, "a badge's code is no text");
	rc_wipe(memory, sizeof(memory));
	return status;
}

/* ---- moving to another site ---- */

struct moving {
	struct rc_hr_work *work;
	const struct rc_person *person;
	const struct rc_hr__key *key;
};

static enum rc_status move_badge(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct moving *moving = context;
	struct rc_ref_credential credential = {.ref = moving->person->ref};
	RC_AUTO(rc_hr__code_wipe) struct rc_badge_code code = {""};
	uint8_t open_key[RC_OPEN_BYTES];
	struct rc_hr__badge badge;
	enum rc_status status = rc_hr__badge_take(row, &badge, err);

	if (status == RC_OK)
		status = rc_db_one_int(moving->work->tx, &rc_sql_hr_credential_raise,
				       RC_DB_VALUES(RC_DB_TEXT(badge.find_text)),
				       &credential.version, err);
	if (status != RC_OK)
		return status;
	memcpy(credential.find, badge.find, sizeof(credential.find));
	credential.state = badge.state;
	credential.until_ms = badge.until_ms;
	if (badge.state == RC_CREDENTIAL_ACTIVE) {
		status = rc_hr__code_open(moving->work->hr->secrets, badge.find,
					  rc_db_row_bytes(row, 4), &code, err);
		if (status == RC_OK) {
			rc_badge_open(&code, &moving->work->organisation, open_key);
			status = wrap_key(open_key, moving->key, &credential, err);
			rc_wipe(open_key, sizeof(open_key));
		}
	}
	return status == RC_OK ? publish(moving->work, moving->person->site, &credential, err) : status;
}

enum rc_status rc_hr__badges_move(struct rc_hr_work *work, const struct rc_person *person,
				  const struct rc_hr__key *key, struct rc_error *err)
{
	struct moving moving = {work, person, key};
	char ref[RC_ID_CHARS + 1];

	rc_id_format(&person->ref, ref);
	return rc_db_query(work->tx, &rc_sql_hr_credentials_of, RC_DB_VALUES(RC_DB_TEXT(ref)),
			   move_badge, &moving, err);
}

/* ---- revoking ---- */

/* Revokes one badge if it is active; counts it then. */
enum rc_status rc_hr__badge_revoke(struct rc_hr_work *work, const char *site,
				   const struct rc_ref_credential *badge, size_t *count,
				   struct rc_error *err)
{
	struct rc_ref_credential dead = *badge;
	char find[RC_HR_FIND_CHARS + 1];
	enum rc_status status;

	rc_hr__find_format(badge->find, find);
	status = rc_db_one_int(work->tx, &rc_sql_hr_credential_revoke,
			       RC_DB_VALUES(RC_DB_TEXT(find)), &dead.version, err);
	if (status == RC_ENOTFOUND)
		return RC_OK;
	if (status != RC_OK)
		return status;
	dead.state = RC_CREDENTIAL_REVOKED;
	dead.wrap_size = 0;
	++*count;
	return publish(work, site, &dead, err);
}

struct revoking {
	struct rc_hr_work *work;
	const struct rc_person *person;
	size_t count;
};

static enum rc_status revoke_row(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct revoking *revoking = context;
	struct rc_ref_credential credential = {.ref = revoking->person->ref};
	struct rc_hr__badge badge;
	const enum rc_status status = rc_hr__badge_take(row, &badge, err);

	if (status != RC_OK || badge.state != RC_CREDENTIAL_ACTIVE)
		return status;
	memcpy(credential.find, badge.find, sizeof(credential.find));
	credential.until_ms = badge.until_ms;
	return rc_hr__badge_revoke(revoking->work, revoking->person->site, &credential,
				   &revoking->count, err);
}

enum rc_status rc_hr__badges_revoke(struct rc_hr_work *work, const struct rc_person *person,
				    size_t *count, struct rc_error *err)
{
	struct revoking revoking = {work, person, 0};
	char ref[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(&person->ref, ref);
	status = rc_db_query(work->tx, &rc_sql_hr_credentials_of, RC_DB_VALUES(RC_DB_TEXT(ref)),
			     revoke_row, &revoking, err);
	*count = revoking.count;
	return status;
}
