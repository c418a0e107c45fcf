/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_AUTH_SECRETS_H
#define RC_AUTH_SECRETS_H
/*
 * What must never stand in the database: a folder beside it, readable for the server's user alone.
 *
 *     secrets/secrets.key  32 random bytes; seals badge codes and the keys of persons in the database
 *     secrets/seal.key     a private key, PEM: opens what kiosks seal to the server (typed staff numbers)
 *     secrets/ca.key       the CA's private key, PEM; only on nodes that sign
 *     secrets/ca.der       the CA's certificate
 *
 * Whoever has the database alone has no badge, no name key and no CA. The fingerprint of secrets.key is kept in the database,
 * so that a server started with another folder says so instead of failing row by row. Loading and creating block on the disk;
 * afterwards a struct is read-only and any thread may use it.
 */
#include "shared/base/buf.h"
#include "shared/base/id.h"
#include "shared/crypto/key.h"

struct rc_db;

#define RC_SECRETS_KEY_BYTES 32u

struct rc_secrets {
	uint8_t key[RC_SECRETS_KEY_BYTES];
	uint8_t fingerprint[32]; /* SHA-256 of "rollcall/1/secrets" ‖ key */
	struct rc_key *seal_key; /* NULL in a folder older than seal.key: rc_secrets_complete */
	struct rc_key *ca_key;   /* NULL on a node that doesn't sign */
	struct rc_buf ca_der;
};

/* Empty secrets, which may be deinited. */
void rc_secrets_init(struct rc_secrets *secrets);

/* Wipes and frees. */
void rc_secrets_deinit(struct rc_secrets *secrets);

/* Makes the folder, its keys, and a CA of that name (30 years from 2020-01-01: boards boot with any clock).
 * `ca_name` is ASCII, 1 to 64 characters: RC_EUSAGE. RC_ECONFLICT if any of the four files is there already: they are never
 * overwritten, nor completed by a part of others. */
RC_CHECKED enum rc_status rc_secrets_create(const char *folder, const char *ca_name,
					    struct rc_error *err);

/* RC_ENOTFOUND: no folder or no key; RC_EDENIED: group or others may read it; RC_EFORMAT: damaged. */
RC_CHECKED enum rc_status rc_secrets_load(const char *folder, struct rc_secrets *secrets,
					  struct rc_error *err);

/* Makes seal.key in a folder that was loaded and has none, and loads it; does nothing where there is one. What
 * another process made meanwhile is loaded and not overwritten. RC_EIO, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_secrets_complete(const char *folder, struct rc_secrets *secrets,
					      struct rc_error *err);

/* Tells kiosks the public half of seal.key where what they were told last is another, or nothing; `*is_news` says so. Blocks for
 * the database. */
RC_CHECKED enum rc_status rc_secrets_publish(struct rc_db *db, const struct rc_secrets *secrets,
					     int64_t now_ms, bool *is_news, struct rc_error *err);

/* Seals a value for a row of the database (table, the row's id), and opens it again; the result is appended. */
RC_CHECKED enum rc_status rc_secrets_seal(const struct rc_secrets *secrets, const char *table,
					  const struct rc_id *row, struct rc_bytes plain,
					  struct rc_buf *sealed, struct rc_error *err);
RC_CHECKED enum rc_status rc_secrets_open(const struct rc_secrets *secrets, const char *table,
					  const struct rc_id *row, struct rc_bytes sealed,
					  struct rc_buf *plain, struct rc_error *err);

#endif
