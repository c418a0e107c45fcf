/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with badges one by one: a new one, an end to one, and the code to print it again. */
#include "server/db/db.h"
#include "server/hr/hr_priv.h"
#include "server/hr_sql/statements.h"
#include "shared/base/cleanup.h"
#include "shared/base/encode.h"
#include "shared/json/write.h"

/* ---- commands ---- */

struct command {
	const struct rc_hr *hr;
	const struct rc_id *ref;
	uint8_t find[RC_FIND_BYTES];
	enum rc_badge_old old;
	size_t count;
};

static enum rc_status audit_badge(struct rc_hr_work *work, const char *action,
				  const struct command *command, struct rc_error *err)
{
	char find[RC_HR_FIND_CHARS + 1], ref[RC_ID_CHARS + 1] = "", detail[128];
	struct rc_buf json;

	rc_hr__find_format(command->find, find);
	if (command->ref)
		rc_id_format(command->ref, ref);
	rc_buf_init_fixed(&json, detail, sizeof(detail));
	rc_json_open(&json, '{');
	rc_json_member_text(&json, "person", ref);
	rc_json_member_int(&json, "revoked", (int64_t)command->count);
	rc_json_close(&json, '}');
	return rc_hr__work_finish(work,
				  &(struct rc_audit){.actor = work->hr->actor,
						     .action = action,
						     .entity = "credential",
						     .id = find,
						     .detail = rc_buf_text(&json)},
				  err);
}

static enum rc_status make_badge(struct rc_hr_work *work, struct command *command, struct rc_error *err)
{
	RC_AUTO(rc_hr__key_wipe) struct rc_hr__key key = {{0}};
	struct rc_person person;
	char ref[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(command->ref, ref);
	command->count = 0;
	status = rc_people_find_in(work->tx, ref, &person, err);
	if (status != RC_OK)
		return status;
	if (!person.is_active)
		return rc_fail(err, RC_ECONFLICT, "%s has left and gets no badge", person.number);
	status = rc_hr__key_load(work, &person.ref, &key, err);
	if (status == RC_OK && command->old == RC_BADGE_OLD_REVOKE)
		status = rc_hr__badges_revoke(work, &person, &command->count, err);
	if (status == RC_OK)
		status = rc_hr__badge_add(work, &person, &key, command->find, err);
	return status == RC_OK ? audit_badge(work, "badge.made", command, err) : status;
}

static enum rc_status badge_new(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct command *command = arg;
	RC_AUTO(rc_hr__work_deinit) struct rc_hr_work work;
	const enum rc_status status = rc_hr__work_begin(&work, tx, command->hr, err);

	return status == RC_OK ? make_badge(&work, command, err) : status;
}

enum rc_status rc_people_badge_new(const struct rc_hr *hr, const struct rc_id *ref, enum rc_badge_old old,
				   uint8_t find[RC_FIND_BYTES], struct rc_error *err)
{
	struct command command = {.hr = hr, .ref = ref, .old = old};
	const enum rc_status status = rc_db_write(hr->db, badge_new, &command, err);

	if (status == RC_OK)
		memcpy(find, command.find, RC_FIND_BYTES);
	return status;
}

struct owner {
	struct rc_id ref;
	char site[RC_SITE_CODE_MAX_BYTES + 1];
};

static enum rc_status take_owner(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct owner *owner = context;

	rc_db_row_copy_text(row, 2, owner->site, sizeof(owner->site));
	if (rc_id_parse(rc_db_row_text(row, 0), &owner->ref) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a badge's ref is no UUID");
	return RC_OK;
}

static enum rc_status badge_revoke(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct command *command = arg;
	RC_AUTO(rc_hr__work_deinit) struct rc_hr_work work;
	struct rc_ref_credential badge = {.version = 0};
	struct owner owner;
	char find[RC_HR_FIND_CHARS + 1];
	enum rc_status status = rc_hr__work_begin(&work, tx, command->hr, err);

	rc_hr__find_format(command->find, find);
	command->count = 0;
	if (status == RC_OK)
		status = rc_db_one(tx, &rc_sql_hr_credential_by_find,
				   RC_DB_VALUES(RC_DB_TEXT(find)), take_owner, &owner, err);
	if (status != RC_OK)
		return status == RC_ENOTFOUND ? rc_fail(err, status, "no badge %s", find) : status;
	memcpy(badge.find, command->find, sizeof(badge.find));
	badge.ref = owner.ref;
	status = rc_hr__badge_revoke(&work, owner.site, &badge, &command->count, err);
	if (status != RC_OK || command->count == 0)
		return status;
	command->ref = &owner.ref;
	status = audit_badge(&work, "badge.revoked", command, err);
	command->ref = NULL;
	return status;
}

enum rc_status rc_people_badge_revoke(const struct rc_hr *hr, const uint8_t find[RC_FIND_BYTES],
				      struct rc_error *err)
{
	struct command command = {.hr = hr};

	memcpy(command.find, find, RC_FIND_BYTES);
	return rc_db_write(hr->db, badge_revoke, &command, err);
}

static enum rc_status badges_revoke(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct command *command = arg;
	RC_AUTO(rc_hr__work_deinit) struct rc_hr_work work;
	struct rc_person person;
	char ref[RC_ID_CHARS + 1];
	enum rc_status status = rc_hr__work_begin(&work, tx, command->hr, err);

	rc_id_format(command->ref, ref);
	command->count = 0;
	if (status == RC_OK)
		status = rc_people_find_in(tx, ref, &person, err);
	if (status == RC_OK)
		status = rc_hr__badges_revoke(&work, &person, &command->count, err);
	if (status != RC_OK || command->count == 0)
		return status;
	return audit_badge(&work, "badges.revoked", command, err);
}

enum rc_status rc_people_badges_revoke(const struct rc_hr *hr, const struct rc_id *ref,
				       size_t *count, struct rc_error *err)
{
	struct command command = {.hr = hr, .ref = ref};
	const enum rc_status status = rc_db_write(hr->db, badges_revoke, &command, err);

	if (status == RC_OK)
		*count = command.count;
	return status;
}

/* ---- looking ---- */

struct code_lookup {
	const struct rc_secrets *secrets;
	const struct rc_id *ref;
	struct rc_badge_code *code;
};

static enum rc_status take_code(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct code_lookup *lookup = context;
	uint8_t find[RC_FIND_BYTES];

	if (rc_hex_decode(rc_db_row_text(row, 0), find, sizeof(find)) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a badge's find is no hex");
	return rc_hr__code_open(lookup->secrets, find, rc_db_row_bytes(row, 1), lookup->code, err);
}

static enum rc_status find_code(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct code_lookup *lookup = arg;
	char ref[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(lookup->ref, ref);
	status = rc_db_one(tx, &rc_sql_hr_credential_newest, RC_DB_VALUES(RC_DB_TEXT(ref)),
			   take_code, lookup, err);
	return status == RC_ENOTFOUND ? rc_fail(err, status, "no active badge") : status;
}

enum rc_status rc_people_badge_code(struct rc_db *db, const struct rc_secrets *secrets,
				    const struct rc_id *ref, struct rc_badge_code *code,
				    struct rc_error *err)
{
	RC_AUTO(rc_hr__code_wipe) struct rc_badge_code found = {""};
	struct code_lookup lookup = {secrets, ref, &found};
	const enum rc_status status = rc_db_read(db, find_code, &lookup, err);

	if (status == RC_OK)
		*code = found;
	return status;
}

struct badge_listing {
	const struct rc_id *ref;
	rc_badge_fn *each;
	void *context;
};

static enum rc_status show_badge(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct badge_listing *listing = context;
	struct rc_hr__badge badge;
	struct rc_badge shown;
	const enum rc_status status = rc_hr__badge_take(row, &badge, err);

	if (status != RC_OK)
		return status;
	memcpy(shown.find, badge.find, sizeof(shown.find));
	shown.state = badge.state;
	shown.created_ms = badge.created_ms;
	return listing->each(listing->context, &shown, err);
}

static enum rc_status list_badges(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct badge_listing *listing = arg;
	char ref[RC_ID_CHARS + 1];

	rc_id_format(listing->ref, ref);
	return rc_db_query(tx, &rc_sql_hr_credentials_of, RC_DB_VALUES(RC_DB_TEXT(ref)), show_badge,
			   listing, err);
}

enum rc_status rc_people_badges(struct rc_db *db, const struct rc_id *ref, rc_badge_fn *each,
				void *context, struct rc_error *err)
{
	struct badge_listing listing = {ref, each, context};

	return rc_db_read(db, list_badges, &listing, err);
}
