/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment codes: made here, spent in enrol.c. */
#include "server/fleet/fleet_priv.h"

#include "server/audit/audit.h"
#include "server/fleet_sql/statements.h"
#include "shared/base/random.h"
#include "shared/crypto/hash.h"

void rc_fleet__hash_code(const uint8_t code[RC_ENROL_CODE_BYTES], char text[RC_FLEET__HASH_CHARS + 1])
{
	uint8_t hash[RC_SHA256_BYTES];

	rc_sha256(rc_bytes_of(code, RC_ENROL_CODE_BYTES), hash);
	rc_hex_encode(rc_bytes_of(hash, sizeof(hash)), text);
}

struct new_code {
	const struct rc_fleet_code_request *request;
	char hash[RC_FLEET__HASH_CHARS + 1];
	int64_t expires_ms;
};

static enum rc_status copy_id(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	rc_db_row_copy_text(row, 0, context, RC_ID_CHARS + 1);
	return RC_OK;
}

static enum rc_status insert_code(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct new_code *code = arg;
	const struct rc_fleet_code_request *request = code->request;
	char room[RC_ID_CHARS + 1], replaces[RC_ID_CHARS + 1];
	enum rc_status status = rc_db_one(tx, &rc_sql_fleet_room_by_code,
					  RC_DB_VALUES(RC_DB_TEXT(request->room)), copy_id, room, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_ENOTFOUND, "no room %s", request->room);
	if (status == RC_OK && request->replaces) {
		status = rc_db_one(tx, &rc_sql_fleet_kiosk_exists,
				   RC_DB_VALUES(RC_DB_TEXT(request->replaces)), copy_id, replaces, err);
		if (status == RC_ENOTFOUND)
			return rc_fail(err, RC_ENOTFOUND, "no kiosk %s", request->replaces);
	}
	if (status != RC_OK)
		return status;
	status = rc_db_exec(tx, &rc_sql_fleet_code_insert,
			    RC_DB_VALUES(RC_DB_TEXT(code->hash), RC_DB_TEXT(room),
					 request->replaces ? RC_DB_TEXT(request->replaces) : RC_DB_NULL,
					 RC_DB_INT(request->now_ms), RC_DB_INT(code->expires_ms)),
			    err);
	if (status != RC_OK)
		return status;
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = request->actor,
						 .action = "code.made",
						 .entity = "enrolment_code",
						 .id = code->hash,
						 .detail = "{}"},
			      request->now_ms, err);
}

/* Checks the request, and makes up the code. */
static enum rc_status make_code(const struct rc_secrets *secrets,
				const struct rc_fleet_code_request *request, struct new_code *made,
				struct rc_enrol_code *fresh, struct rc_error *err)
{
	int64_t valid_ms = request->valid_ms ? request->valid_ms : RC_FLEET_CODE_MS;

	if (valid_ms < RC_FLEET_CODE_MS || valid_ms > RC_FLEET_CODE_MAX_MS)
		return rc_fail(err, RC_EUSAGE, "a code is good for 10 minutes to 7 days");
	if (!rc_enrol_url_is_valid(rc_bytes_of_text(request->url)) ||
	    !rc_text_copy(request->url, fresh->url, sizeof(fresh->url)))
		return rc_fail(err, RC_EUSAGE, "%s is no https://host:port of at most %u characters",
			       request->url, RC_ENROL_URL_MAX_CHARS);
	rc_sha256(rc_buf_bytes(&secrets->ca_der), fresh->ca_sha256);
	rc_random(fresh->code, sizeof(fresh->code));
	*made = (struct new_code){.request = request, .expires_ms = request->now_ms + valid_ms};
	rc_fleet__hash_code(fresh->code, made->hash);
	return RC_OK;
}

enum rc_status rc_fleet_code_new_in(struct rc_db_tx *tx, const struct rc_secrets *secrets,
				    const struct rc_fleet_code_request *request,
				    struct rc_enrol_code *code, struct rc_error *err)
{
	struct new_code made;
	struct rc_enrol_code fresh;
	enum rc_status status = make_code(secrets, request, &made, &fresh, err);

	if (status == RC_OK)
		status = insert_code(tx, &made, err);
	if (status == RC_OK)
		*code = fresh;
	rc_wipe(&fresh, sizeof(fresh));
	return status;
}

enum rc_status rc_fleet_code_new(struct rc_db *db, const struct rc_secrets *secrets,
				 const struct rc_fleet_code_request *request,
				 struct rc_enrol_code *code, struct rc_error *err)
{
	struct new_code made;
	struct rc_enrol_code fresh;
	enum rc_status status = make_code(secrets, request, &made, &fresh, err);

	if (status == RC_OK)
		status = rc_db_write(db, insert_code, &made, err);
	if (status == RC_OK)
		*code = fresh;
	rc_wipe(&fresh, sizeof(fresh));
	return status;
}
