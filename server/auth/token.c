/* SPDX-License-Identifier: Apache-2.0 */
#include "server/auth/token.h"

#include "server/audit/audit.h"
#include "server/auth_sql/statements.h"
#include "server/db/db.h"
#include "shared/base/encode.h"
#include "shared/base/random.h"
#include "shared/crypto/hash.h"
#include "shared/json/write.h"

#include <stdio.h>

#define PREFIX       "rct_"
#define PREFIX_CHARS 4u
#define RANDOM_BYTES 32u
#define HASH_CHARS   RC_HEX_CHARS(RC_SHA256_BYTES)
#define DETAIL_MAX   (6u * RC_TOKEN_NAME_MAX_BYTES + 64u) /* each byte of a name may become \u00xx */

static const char *const role_names[] = {[RC_TOKEN_READER] = "reader", [RC_TOKEN_OPERATOR] = "operator"};

const char *rc_token_role_name(enum rc_token_role role)
{
	return role_names[role];
}

enum rc_status rc_token_role_parse(struct rc_bytes name, enum rc_token_role *role)
{
	for (size_t i = 0; i < sizeof(role_names) / sizeof(role_names[0]); i++) {
		if (rc_bytes_is_text(name, role_names[i])) {
			*role = (enum rc_token_role)i;
			return RC_OK;
		}
	}
	return RC_EFORMAT;
}

static void hash_token(struct rc_bytes token, char text[HASH_CHARS + 1])
{
	uint8_t hash[RC_SHA256_BYTES];

	rc_sha256(token, hash);
	rc_hex_encode(rc_bytes_of(hash, sizeof(hash)), text);
}

struct new_token {
	char hash[HASH_CHARS + 1];
	const struct rc_token_request *request;
};

static enum rc_status audit(struct rc_db_tx *tx, const struct new_token *token, struct rc_error *err)
{
	const struct rc_token_request *request = token->request;
	char detail[DETAIL_MAX];
	struct rc_buf json;

	rc_buf_init_fixed(&json, detail, sizeof(detail));
	rc_json_open(&json, '{');
	rc_json_member_text(&json, "name", request->name);
	rc_json_member_text(&json, "role", role_names[request->role]);
	rc_json_close(&json, '}');
	if (rc_buf_status(&json, err) != RC_OK)
		return json.status;
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = request->actor,
						 .action = "token.created",
						 .entity = "token",
						 .id = token->hash,
						 .detail = rc_buf_text(&json)},
			      request->now_ms, err);
}

static enum rc_status insert(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct new_token *token = arg;
	const struct rc_token_request *request = token->request;
	const enum rc_status status =
	    rc_db_exec(tx, &rc_sql_token_insert,
		       RC_DB_VALUES(RC_DB_TEXT(token->hash), RC_DB_TEXT(request->name),
				    RC_DB_TEXT(role_names[request->role]), RC_DB_INT(request->now_ms)),
		       err);

	return status == RC_OK ? audit(tx, token, err) : status;
}

enum rc_status rc_token_create(struct rc_db *db, const struct rc_token_request *request,
			       char token[RC_TOKEN_CHARS + 1], struct rc_error *err)
{
	struct new_token made = {.request = request};
	uint8_t random[RANDOM_BYTES];
	enum rc_status status;

	if (request->name[0] == '\0' || strlen(request->name) > RC_TOKEN_NAME_MAX_BYTES)
		return rc_fail(err, RC_EUSAGE, "a token's name has 1 to %u bytes",
			       RC_TOKEN_NAME_MAX_BYTES);
	rc_random(random, sizeof(random));
	memcpy(token, PREFIX, PREFIX_CHARS);
	rc_base64url_encode(rc_bytes_of(random, sizeof(random)), token + PREFIX_CHARS);
	rc_wipe(random, sizeof(random));
	hash_token(rc_bytes_of_text(token), made.hash);
	status = rc_db_write(db, insert, &made, err);
	if (status != RC_OK)
		rc_wipe(token, RC_TOKEN_CHARS + 1);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "token %s", request->name);
}

struct look_up {
	char hash[HASH_CHARS + 1];
	struct rc_token_holder holder;
	bool is_good;
};

static enum rc_status read_holder(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct look_up *look_up = context;

	(void)err;
	rc_db_row_copy_text(row, 0, look_up->holder.name, sizeof(look_up->holder.name));
	look_up->is_good = rc_db_row_is_null(row, 2) &&
			   rc_token_role_parse(rc_db_row_text(row, 1), &look_up->holder.role) == RC_OK;
	return RC_OK;
}

static enum rc_status find(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct look_up *look_up = arg;

	look_up->is_good = false;
	return rc_db_one(tx, &rc_sql_token_by_hash, RC_DB_VALUES(RC_DB_TEXT(look_up->hash)),
			 read_holder, look_up, err);
}

enum rc_status rc_token_check(struct rc_db *db, struct rc_bytes token,
			      struct rc_token_holder *holder, struct rc_error *err)
{
	struct look_up look_up;
	enum rc_status status = RC_ENOTFOUND;

	if (token.size == RC_TOKEN_CHARS && memcmp(token.data, PREFIX, PREFIX_CHARS) == 0) {
		hash_token(token, look_up.hash);
		status = rc_db_read(db, find, &look_up, err);
	}
	if (status == RC_ENOTFOUND || (status == RC_OK && !look_up.is_good))
		return rc_fail(err, RC_EDENIED, "no such token");
	if (status == RC_OK)
		*holder = look_up.holder;
	return status;
}

/* ---- the list ---- */

struct listing {
	enum rc_status (*found)(void *context, const struct rc_token_entry *entry, struct rc_error *err);
	void *context;
};

static enum rc_status read_entry(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_token_entry entry = {.created_ms = rc_db_row_int(row, 2),
				       .revoked_ms = rc_db_row_int(row, 3)};

	rc_db_row_copy_text(row, 0, entry.name, sizeof(entry.name));
	rc_db_row_copy_text(row, 1, entry.role, sizeof(entry.role));
	return listing->found(listing->context, &entry, err);
}

static enum rc_status list(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_token_list, RC_DB_NO_VALUES, read_entry, arg, err);
}

enum rc_status rc_token_list(struct rc_db *db,
			     enum rc_status (*found)(void *context, const struct rc_token_entry *entry,
						     struct rc_error *err),
			     void *context, struct rc_error *err)
{
	struct listing listing = {.found = found, .context = context};

	return rc_db_read(db, list, &listing, err);
}

/* ---- revoking ---- */

struct revoking {
	const char *name, *actor;
	int64_t now_ms;
	int64_t count;
};

static enum rc_status audit_revocation(struct rc_db_tx *tx, const struct revoking *revoking,
				       struct rc_error *err)
{
	char detail[DETAIL_MAX];
	struct rc_buf json;

	rc_buf_init_fixed(&json, detail, sizeof(detail));
	rc_json_open(&json, '{');
	rc_json_member_text(&json, "name", revoking->name);
	rc_json_member_int(&json, "count", revoking->count);
	rc_json_close(&json, '}');
	if (rc_buf_status(&json, err) != RC_OK)
		return json.status;
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = revoking->actor,
						 .action = "token.revoked",
						 .entity = "token",
						 .id = "",
						 .detail = rc_buf_text(&json)},
			      revoking->now_ms, err);
}

static enum rc_status revoke(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct revoking *revoking = arg;
	const enum rc_status status =
	    rc_db_exec_counted(tx, &rc_sql_token_revoke,
			       RC_DB_VALUES(RC_DB_TEXT(revoking->name), RC_DB_INT(revoking->now_ms)),
			       &revoking->count, err);

	if (status == RC_OK && revoking->count == 0)
		return rc_fail(err, RC_ENOTFOUND, "there is no good token called %s", revoking->name);
	return status == RC_OK ? audit_revocation(tx, revoking, err) : status;
}

enum rc_status rc_token_revoke(struct rc_db *db, const char *name, const char *actor,
			       int64_t now_ms, int64_t *count, struct rc_error *err)
{
	struct revoking revoking = {.name = name, .actor = actor, .now_ms = now_ms};
	enum rc_status status;

	if (name[0] == '\0' || strlen(name) > RC_TOKEN_NAME_MAX_BYTES)
		return rc_fail(err, RC_EUSAGE, "a token's name has 1 to %u bytes",
			       RC_TOKEN_NAME_MAX_BYTES);
	status = rc_db_write(db, revoke, &revoking, err);
	if (status == RC_OK)
		*count = revoking.count;
	return status;
}
