/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_AUTH_TOKEN_H
#define RC_AUTH_TOKEN_H
/*
 * Tokens for programs and people at the API: `rct_` and 43 characters of base64url (256 random bits), shown once. The database
 * holds only the SHA-256, so the look-up is by a value that an attacker can't steer byte by byte. Any thread; blocks on the
 * database.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

struct rc_db;

#define RC_TOKEN_CHARS          47u
#define RC_TOKEN_NAME_MAX_BYTES 80u

enum rc_token_role {
	RC_TOKEN_READER,   /* may look at everything the API shows */
	RC_TOKEN_OPERATOR, /* may also change it */
};

/* "reader" and "operator"; a constant. */
const char *rc_token_role_name(enum rc_token_role role);

/* And back. RC_EFORMAT for any other word. */
RC_CHECKED enum rc_status rc_token_role_parse(struct rc_bytes name, enum rc_token_role *role);

struct rc_token_holder {
	char name[RC_TOKEN_NAME_MAX_BYTES + 1]; /* for the audit: whose token it was */
	enum rc_token_role role;
};

struct rc_token_request {
	const char *name; /* 1 … RC_TOKEN_NAME_MAX_BYTES */
	enum rc_token_role role;
	const char *actor; /* for the audit: who makes it; a token's name, "cli" */
	int64_t now_ms;
};

/* Makes a token and writes it to `token` (wipe it after showing it). RC_EUSAGE: no name, or one that is too long. */
RC_CHECKED enum rc_status rc_token_create(struct rc_db *db, const struct rc_token_request *request,
					  char token[RC_TOKEN_CHARS + 1], struct rc_error *err);

/* Who holds it. RC_EDENIED: malformed, unknown or revoked, all alike. */
RC_CHECKED enum rc_status rc_token_check(struct rc_db *db, struct rc_bytes token,
					 struct rc_token_holder *holder, struct rc_error *err);

struct rc_token_entry {
	char name[RC_TOKEN_NAME_MAX_BYTES + 1];
	char role[16];
	int64_t created_ms;
	int64_t revoked_ms; /* 0: it is good */
};

/* Calls `found` for each token that was ever made, by name. What a token is can't be shown again. */
RC_CHECKED enum rc_status rc_token_list(struct rc_db *db,
					enum rc_status (*found)(void *context,
								const struct rc_token_entry *entry,
								struct rc_error *err),
					void *context, struct rc_error *err);

/* Revokes all good tokens of that name, from the next request on; `*count` is how many. RC_ENOTFOUND: there is none. */
RC_CHECKED enum rc_status rc_token_revoke(struct rc_db *db, const char *name, const char *actor,
					  int64_t now_ms, int64_t *count, struct rc_error *err);

#endif
