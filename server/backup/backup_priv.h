/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BACKUP_BACKUP_PRIV_H
#define RC_BACKUP_BACKUP_PRIV_H
/* What the sources of backup share: manifests, sealed secrets, and files larger than memory. */
#include "server/backup/archive.h"
#include "server/backup/backup.h"
#include "shared/base/cleanup.h"
#include "shared/crypto/hash.h"

#define RC_BACKUP_MANIFEST_FILE "manifest.json"
#define RC_BACKUP_DATABASE_FILE "rollcall.db"
#define RC_BACKUP_SECRETS_FILE  "secrets.sealed"
#define RC_BACKUP_SUMS_FILE     "SHA256SUMS"

#define RC_BACKUP_MANIFEST_MAX_BYTES 65536u
#define RC_BACKUP_SECRETS_MAX_BYTES  1048576u
#define RC_BACKUP_SUMS_MAX_BYTES     1024u
#define RC_BACKUP_PATH_MAX_BYTES     4096u

/* "BEFORE SEPARATOR AFTER". RC_EUSAGE if that is too long for a path. */
RC_CHECKED enum rc_status rc_backup__path(char path[RC_BACKUP_PATH_MAX_BYTES], const char *before,
					  const char *after, struct rc_error *err);

/* Writes all of the bytes to a descriptor; `what` is for the error's text. */
RC_CHECKED enum rc_status rc_backup__put(int fd, struct rc_bytes bytes, const char *what,
					 struct rc_error *err);

/* ---- manifest.c ---- */

/* Examines a copy of a database (rc_db_examine) and fills in all of the manifest that stands in it. */
RC_CHECKED enum rc_status rc_backup__manifest_gather(const char *path, struct rc_backup_manifest *manifest,
						     struct rc_error *err);

void rc_backup__manifest_encode(const struct rc_backup_manifest *manifest, struct rc_buf *json);
RC_CHECKED enum rc_status rc_backup__manifest_decode(struct rc_bytes json,
						     struct rc_backup_manifest *manifest,
						     struct rc_error *err);

/* SHA256SUMS: lines of hash, two spaces, name. */
void rc_backup__sum_append(struct rc_buf *sums, const uint8_t sha256[RC_SHA256_BYTES], const char *name);

/* ---- secrets.c ---- */

/* All files of the folder, as an archive under the passphrase. */
RC_CHECKED enum rc_status rc_backup__secrets_seal(const char *folder, struct rc_bytes passphrase,
						  struct rc_buf *sealed, struct rc_error *err);

/* The archive again; wipe it. RC_EDENIED: another passphrase, or a changed bit. */
RC_CHECKED enum rc_status rc_backup__secrets_open(struct rc_bytes sealed, struct rc_bytes passphrase,
						  struct rc_buf *archive, struct rc_error *err);

/* Makes the folder (0700) with the archive's files, all on disk. */
RC_CHECKED enum rc_status rc_backup__secrets_unpack(struct rc_bytes archive, const char *folder,
						    struct rc_error *err);

/* RC_EDENIED unless the folder's secrets are those of the database. */
RC_CHECKED enum rc_status rc_backup__secrets_check(const char *folder, const uint8_t fingerprint[32],
						   struct rc_error *err);

/* ---- unpack.c ---- */

/*
 * Reads a backup through and checks it: the database goes into the new file `database` (left behind on success only), the sealed
 * secrets into `secrets`, as they are.
 */
RC_CHECKED enum rc_status rc_backup__unpack(const char *from, const char *database,
					    struct rc_backup_manifest *manifest,
					    struct rc_buf *secrets, struct rc_error *err);

#endif
