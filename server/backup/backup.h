/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BACKUP_BACKUP_H
#define RC_BACKUP_BACKUP_H
/*
 * A server in one file: its database at one moment, what that holds, and, sealed to a passphrase, its secrets; and a server made
 * of such a file again.
 *
 * The file is a tar archive (docs/decisions/0017), so that it can be taken apart where no rollcall is:
 *
 *     manifest.json    what is in the database (below)
 *     rollcall.db      SQLite, whole, with nothing beside it
 *     secrets.sealed   the secrets folder under a passphrase; only if that was asked for
 *     SHA256SUMS       of the others, as sha256sum -c reads it
 *
 * Making one only reads, so it may be done beside a running server, by any process. All functions block on the disk.
 */
#include "shared/base/buf.h"
#include "shared/base/id.h"

#define RC_BACKUP_FORMAT         1
#define RC_BACKUP_COUNTS_MAX     32u
#define RC_BACKUP_NAME_MAX_BYTES 200u
#define RC_BACKUP_WORD_MAX_BYTES 64u
#define RC_BACKUP_PASSPHRASE_MIN 12u /* characters: below that argon2id doesn't help */
#define RC_BACKUP_PASSPHRASE_MAX 1024u
#define RC_BACKUP_LAST_FILE                                                                        \
	"backup.last" /* in the data folder: the moment of the last one, for whoever watches */

/* How many rows a table has, or at which number a log is. */
struct rc_backup_count {
	char name[RC_BACKUP_WORD_MAX_BYTES + 1];
	int64_t n;
};

struct rc_backup_counts {
	struct rc_backup_count items[RC_BACKUP_COUNTS_MAX];
	size_t count;
};

struct rc_backup_manifest {
	char version[RC_BACKUP_WORD_MAX_BYTES + 1]; /* of the program that made it */
	int64_t made_ms;
	struct rc_id organisation;
	char organisation_name[RC_BACKUP_NAME_MAX_BYTES + 1];
	uint64_t server_epoch;
	int64_t schema; /* number of its last step */
	int64_t database_bytes;
	uint8_t database_sha256[32];
	uint8_t fingerprint[32];       /* of the secrets that belong to the database */
	bool has_secrets;              /* the file carries them, sealed */
	struct rc_backup_counts rows;  /* by table */
	struct rc_backup_counts heads; /* by log */
};

struct rc_backup_making {
	const char *database;       /* path of the server's */
	const char *secrets;        /* its folder; NULL: leave the secrets out */
	struct rc_bytes passphrase; /* to seal them to; RC_BACKUP_PASSPHRASE_MIN … _MAX bytes */
	const char *out;     /* the file; one of that name is replaced once the new one is whole */
	const char *version; /* of this program */
	int64_t now_ms;
};

/*
 * Makes a backup: copied beside `out`, examined, packed, synced, renamed; mode 0600. The server that uses the database is not held
 * up. RC_EFORMAT: the database is damaged; RC_EUSAGE: the passphrase is too short or too long; RC_EIO and the like.
 */
RC_CHECKED enum rc_status rc_backup_make(const struct rc_backup_making *making,
					 struct rc_backup_manifest *manifest, struct rc_error *err);

struct rc_backup_source {
	const char *from;           /* the file */
	struct rc_bytes passphrase; /* empty: the secrets stay sealed; their hash is checked all the same */
};

/* Only what the manifest says, unchecked: to know whether to ask for a passphrase. RC_EFORMAT: that is no backup. */
RC_CHECKED enum rc_status rc_backup_peek(const char *from, struct rc_backup_manifest *manifest,
					 struct rc_error *err);

/*
 * Checks all of a backup: each byte against its hash, the database's structure, its rows against the manifest, and with a
 * passphrase the secrets. Needs room for the database beside the file meanwhile. RC_EFORMAT says what is wrong; RC_EDENIED: the
 * passphrase; RC_ECONFLICT: made by a newer program.
 */
RC_CHECKED enum rc_status rc_backup_check(const struct rc_backup_source *source,
					  struct rc_backup_manifest *manifest, struct rc_error *err);

struct rc_backup_restored {
	uint64_t epoch;   /* the server's new one */
	bool has_secrets; /* they are in place: from the file, or were there */
};

/*
 * Makes a server of a backup in `folder`, which is made if it isn't there and otherwise holds nothing, or nothing but its secrets:
 * RC_ECONFLICT. Everything is checked first, in a folder inside it; the database comes last and by a rename, so whatever ends this
 * in the middle leaves nothing that could be taken for a server, and doing it again goes through. The server gets a new epoch, which
 * makes every kiosk fetch its reference anew and send what this server lacks. RC_EDENIED: the passphrase, or the secrets that were
 * there are others; RC_EUSAGE: the file has sealed secrets, the folder none, and there is no passphrase.
 */
RC_CHECKED enum rc_status rc_backup_restore(const struct rc_backup_source *source, const char *folder,
					    int64_t now_ms, struct rc_backup_manifest *manifest,
					    struct rc_backup_restored *restored, struct rc_error *err);

#endif
