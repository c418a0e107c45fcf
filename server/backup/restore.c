/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server out of a backup. All work is done in FOLDER/.restoring; what counts is moved out of it at the end, the database last. A
 * folder without a database is no server to any verb, and the next restore clears .restoring away.
 */
#include "server/backup/backup_priv.h"
#include "server/db/db.h"
#include "server/db_sql/statements.h"
#include "server/epoch/epoch.h"
#include "shared/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK         "/.restoring"
#define SECRETS_NAME "secrets"
#define SECRETS      "/" SECRETS_NAME

/* ---- check ---- */

static enum rc_status try_secrets(const struct rc_backup_source *source,
				  const struct rc_buf *sealed, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf archive;
	enum rc_status status;

	rc_buf_init(&archive, RC_BACKUP_SECRETS_MAX_BYTES);
	status = rc_backup__secrets_open(rc_buf_bytes(sealed), source->passphrase, &archive, err);
	if (archive.data)
		rc_wipe(archive.data, archive.capacity);
	return status;
}

enum rc_status rc_backup_check(const struct rc_backup_source *source,
			       struct rc_backup_manifest *manifest, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf sealed;
	char copy[RC_BACKUP_PATH_MAX_BYTES];
	struct rc_backup_manifest found;
	enum rc_status status = rc_backup__path(copy, source->from, ".checking", err);

	rc_buf_init(&sealed, RC_BACKUP_SECRETS_MAX_BYTES);
	if (status != RC_OK)
		return status;
	(void)unlink(copy); /* a check that was cut short may have left it */
	status = rc_backup__unpack(source->from, copy, &found, &sealed, err);
	(void)unlink(copy);
	if (status == RC_OK && found.has_secrets && source->passphrase.size > 0)
		status = try_secrets(source, &sealed, err);
	if (status == RC_OK)
		*manifest = found;
	return status;
}

/* ---- the folders ---- */

struct restoring {
	const struct rc_backup_source *source;
	struct rc_backup_manifest *manifest;
	struct rc_backup_restored *restored;
	int64_t now_ms;
	char secrets[RC_BACKUP_PATH_MAX_BYTES]; /* in the server's folder, like the next */
	char database[RC_BACKUP_PATH_MAX_BYTES];
	char work[RC_BACKUP_PATH_MAX_BYTES];
	char work_secrets[RC_BACKUP_PATH_MAX_BYTES];
	char unpacked[RC_BACKUP_PATH_MAX_BYTES]; /* the database as it came, then with its new epoch … */
	char finished[RC_BACKUP_PATH_MAX_BYTES]; /* … then as one file */
	char url[RC_BACKUP_PATH_MAX_BYTES];      /* of the unpacked one */
	bool had_secrets;                        /* in the server's folder */
};

static enum rc_status name_all(struct restoring *r, const char *folder, struct rc_error *err)
{
	enum rc_status status = rc_backup__path(r->secrets, folder, SECRETS, err);

	if (status == RC_OK)
		status = rc_backup__path(r->database, folder, "/" RC_BACKUP_DATABASE_FILE, err);
	if (status == RC_OK)
		status = rc_backup__path(r->work, folder, WORK, err);
	if (status == RC_OK)
		status = rc_backup__path(r->work_secrets, folder, WORK SECRETS, err);
	if (status == RC_OK)
		status = rc_backup__path(r->unpacked, folder, WORK "/unpacked.db", err);
	if (status == RC_OK)
		status = rc_backup__path(r->finished, folder, WORK "/" RC_BACKUP_DATABASE_FILE, err);
	return status == RC_OK ? rc_backup__path(r->url, "sqlite:", r->unpacked, err) : status;
}

/* Removes files of a folder, and the folder. False if something stays. */
static bool remove_flat(const char *folder)
{
	const struct dirent *entry;
	DIR *listing = opendir(folder);

	if (!listing)
		return errno == ENOENT;
	while ((entry = readdir(listing))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(listing), entry->d_name, 0);
	}
	(void)closedir(listing);
	return rmdir(folder) == 0;
}

static enum rc_status clear_work(const struct restoring *r, struct rc_error *err)
{
	if (!remove_flat(r->work_secrets) || !remove_flat(r->work))
		return rc_fail_errno(err, errno, "%s", r->work);
	return RC_OK;
}

/* Nothing but perhaps the secrets; what begins with a dot is passed over, as init does. */
static enum rc_status check_folder(const char *folder, bool *has_secrets, struct rc_error *err)
{
	const struct dirent *entry;
	DIR *listing = opendir(folder);
	enum rc_status status = RC_OK;

	*has_secrets = false;
	if (!listing)
		return rc_fail_errno(err, errno, "%s", folder);
	while ((entry = readdir(listing))) {
		if (strcmp(entry->d_name, SECRETS_NAME) == 0)
			*has_secrets = true;
		else if (strcmp(entry->d_name, RC_BACKUP_DATABASE_FILE) == 0)
			status = rc_fail(err, RC_ECONFLICT,
					 "there is a server in %s; nothing was changed", folder);
		else if (entry->d_name[0] != '.' && status == RC_OK)
			status =
			    rc_fail(err, RC_ECONFLICT, "%s isn't empty; nothing was changed", folder);
	}
	(void)closedir(listing);
	return status;
}

static enum rc_status make_folders(struct restoring *r, const char *folder, struct rc_error *err)
{
	enum rc_status status;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return rc_fail_errno(err, errno, "%s", folder);
	status = check_folder(folder, &r->had_secrets, err);
	if (status == RC_OK)
		status = clear_work(r, err);
	if (status == RC_OK && mkdir(r->work, 0700) != 0)
		status = rc_fail_errno(err, errno, "%s", r->work);
	return status;
}

/* ---- the parts ---- */

static enum rc_status unpack_secrets(struct restoring *r, const struct rc_buf *sealed,
				     struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf archive;
	enum rc_status status;

	rc_buf_init(&archive, RC_BACKUP_SECRETS_MAX_BYTES);
	status = rc_backup__secrets_open(rc_buf_bytes(sealed), r->source->passphrase, &archive, err);
	if (status == RC_OK)
		status = rc_backup__secrets_unpack(rc_buf_bytes(&archive), r->work_secrets, err);
	if (archive.data)
		rc_wipe(archive.data, archive.capacity);
	return status == RC_OK
		   ? rc_backup__secrets_check(r->work_secrets, r->manifest->fingerprint, err)
		   : status;
}

/* Those that are there go before those of the file: an operator has put them there. */
static enum rc_status restore_secrets(struct restoring *r, const struct rc_buf *sealed,
				      struct rc_error *err)
{
	r->restored->has_secrets = r->had_secrets || r->manifest->has_secrets;
	if (r->had_secrets)
		return rc_backup__secrets_check(r->secrets, r->manifest->fingerprint, err);
	if (!r->manifest->has_secrets)
		return RC_OK;
	if (r->source->passphrase.size == 0)
		return rc_fail(
		    err, RC_EUSAGE, "its secrets are sealed: give the passphrase, or put the secrets folder in place first");
	return unpack_secrets(r, sealed, err);
}

static enum rc_status renew_epoch(struct restoring *r, struct rc_error *err)
{
	const struct rc_epoch_renewal renewal = {
	    .reason = RC_EPOCH_RESTORED, .old = r->manifest->server_epoch, .now_ms = r->now_ms};
	struct rc_db *db = NULL;
	enum rc_status status = rc_db_open(r->url, NULL, &db, err);

	if (status == RC_OK)
		status = rc_db_migrate(db, rc_sql_db_migrations, rc_sql_db_migration_count, err);
	if (status == RC_OK)
		status = rc_epoch_renew(db, &renewal, &r->restored->epoch, err);
	rc_db_close(db);
	/* One file, whatever of it still lies in a log beside it. */
	return status == RC_OK ? rc_db_copy(r->url, r->finished, err) : status;
}

static enum rc_status move(const char *from, const char *to, struct rc_error *err)
{
	return rename(from, to) == 0 ? RC_OK : rc_fail_errno(err, errno, "%s", to);
}

static enum rc_status put_in_place(struct restoring *r, const char *folder, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (!r->had_secrets && r->manifest->has_secrets)
		status = move(r->work_secrets, r->secrets, err);
	if (status == RC_OK)
		status = rc_file_sync_folder(folder, err);
	if (status == RC_OK)
		status = move(r->finished, r->database, err);
	return status == RC_OK ? rc_file_sync_folder(folder, err) : status;
}

static enum rc_status restore(struct restoring *r, const char *folder, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf sealed;
	enum rc_status status = make_folders(r, folder, err);

	rc_buf_init(&sealed, RC_BACKUP_SECRETS_MAX_BYTES);
	if (status != RC_OK)
		return status;
	status = rc_backup__unpack(r->source->from, r->unpacked, r->manifest, &sealed, err);
	if (status == RC_OK)
		status = restore_secrets(r, &sealed, err);
	if (status == RC_OK)
		status = renew_epoch(r, err);
	if (status == RC_OK)
		status = put_in_place(r, folder, err);
	if (clear_work(r, NULL) != RC_OK && status == RC_OK)
		return rc_fail(err, RC_EIO, "%s can't be removed", r->work);
	return status;
}

enum rc_status rc_backup_restore(const struct rc_backup_source *source, const char *folder,
				 int64_t now_ms, struct rc_backup_manifest *manifest,
				 struct rc_backup_restored *restored, struct rc_error *err)
{
	struct rc_backup_manifest found;
	struct rc_backup_restored done = {.epoch = 0};
	struct restoring *r = calloc(1, sizeof(*r));
	enum rc_status status;

	if (!r)
		return rc_fail(err, RC_ENOMEM, "no memory for a restore");
	r->source = source;
	r->manifest = &found;
	r->restored = &done;
	r->now_ms = now_ms;
	status = name_all(r, folder, err);
	if (status == RC_OK)
		status = restore(r, folder, err);
	free(r);
	if (status != RC_OK)
		return status;
	*manifest = found;
	*restored = done;
	return RC_OK;
}
