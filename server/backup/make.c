/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup needs twice the database's room for a moment: SQLite copies into a file of its own, and only then its hash is known, which
 * stands in front of it. Both files lie beside the one that is wanted, which a rename puts in place.
 */
#include "server/backup/backup_priv.h"
#include "server/db/db.h"
#include "shared/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 65536u

enum rc_status rc_backup__path(char path[RC_BACKUP_PATH_MAX_BYTES], const char *before,
			       const char *after, struct rc_error *err)
{
	const int size = snprintf(path, RC_BACKUP_PATH_MAX_BYTES, "%s%s", before, after);

	if (size < 0 || size >= (int)RC_BACKUP_PATH_MAX_BYTES)
		return rc_fail(err, RC_EUSAGE, "the path is too long");
	return RC_OK;
}

/* ---- the file that is made ---- */

enum rc_status rc_backup__put(int fd, struct rc_bytes bytes, const char *what, struct rc_error *err)
{
	while (bytes.size > 0) {
		const ssize_t size = write(fd, bytes.data, bytes.size);

		if (size < 0 && errno != EINTR)
			return rc_fail_errno(err, errno, "writing %s", what);
		if (size > 0)
			bytes = rc_bytes_of(bytes.data + size, bytes.size - (size_t)size);
	}
	return RC_OK;
}

static enum rc_status put(int fd, struct rc_bytes bytes, struct rc_error *err)
{
	return rc_backup__put(fd, bytes, "the backup", err);
}

/* Reads a file to its end: into a hash, and to `fd` unless that is -1. */
static enum rc_status pour(const char *path, int fd, struct rc_sha256 *hash, int64_t *size,
			   struct rc_error *err)
{
	RC_AUTO(rc_close_p) int from = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t chunk[CHUNK_BYTES];
	enum rc_status status = RC_OK;
	ssize_t got = 1;

	*size = 0;
	if (from < 0)
		return rc_fail_errno(err, errno, "%s", path);
	while (status == RC_OK && got != 0) {
		got = read(from, chunk, sizeof(chunk));
		if (got < 0 && errno != EINTR)
			return rc_fail_errno(err, errno, "reading %s", path);
		if (got <= 0)
			continue;
		*size += got;
		rc_sha256_add(hash, rc_bytes_of(chunk, (size_t)got));
		if (fd >= 0)
			status = put(fd, rc_bytes_of(chunk, (size_t)got), err);
	}
	return status;
}

static enum rc_status put_padding(int fd, int64_t size, struct rc_error *err)
{
	static const uint8_t zeros[RC_ARCHIVE_BLOCK_BYTES];

	return put(fd, rc_bytes_of(zeros, rc_archive_padding(size)), err);
}

static struct rc_archive_entry entry_of(const char *name, int64_t size,
					const struct rc_backup_manifest *manifest)
{
	struct rc_archive_entry entry = {.size = size, .at_s = manifest->made_ms / 1000};

	(void)rc_text_copy(name, entry.name, sizeof(entry.name));
	return entry;
}

static enum rc_status put_small(int fd, const char *name, struct rc_bytes content,
				const struct rc_backup_manifest *manifest, struct rc_error *err)
{
	const struct rc_archive_entry entry = entry_of(name, (int64_t)content.size, manifest);
	uint8_t block[RC_ARCHIVE_BLOCK_BYTES];
	enum rc_status status;

	rc_archive_header(&entry, block);
	status = put(fd, rc_bytes_of(block, sizeof(block)), err);
	if (status == RC_OK)
		status = put(fd, content, err);
	return status == RC_OK ? put_padding(fd, entry.size, err) : status;
}

/* The copy must still be what was hashed. */
static enum rc_status put_database(int fd, const char *copy,
				   const struct rc_backup_manifest *manifest, struct rc_error *err)
{
	const struct rc_archive_entry entry =
	    entry_of(RC_BACKUP_DATABASE_FILE, manifest->database_bytes, manifest);
	uint8_t block[RC_ARCHIVE_BLOCK_BYTES], sha256[RC_SHA256_BYTES];
	struct rc_sha256 hash;
	int64_t size = 0;
	enum rc_status status;

	rc_archive_header(&entry, block);
	status = put(fd, rc_bytes_of(block, sizeof(block)), err);
	rc_sha256_init(&hash);
	if (status == RC_OK)
		status = pour(copy, fd, &hash, &size, err);
	rc_sha256_end(&hash, sha256);
	if (status == RC_OK && (size != manifest->database_bytes ||
				memcmp(sha256, manifest->database_sha256, sizeof(sha256)) != 0))
		status = rc_fail(err, RC_ECONFLICT, "%s changed while it was packed", copy);
	return status == RC_OK ? put_padding(fd, entry.size, err) : status;
}

/* ---- all of it ---- */

struct making {
	const struct rc_backup_making *wish;
	struct rc_backup_manifest *manifest;
	char copy[RC_BACKUP_PATH_MAX_BYTES]; /* of the database */
	char next[RC_BACKUP_PATH_MAX_BYTES];
	struct rc_buf sealed;
	struct rc_buf json;
	struct rc_buf sums;
};

static void sum_up(struct making *making)
{
	uint8_t sha256[RC_SHA256_BYTES];

	rc_sha256(rc_buf_bytes(&making->json), sha256);
	rc_backup__sum_append(&making->sums, sha256, RC_BACKUP_MANIFEST_FILE);
	rc_backup__sum_append(&making->sums, making->manifest->database_sha256, RC_BACKUP_DATABASE_FILE);
	if (!making->manifest->has_secrets)
		return;
	rc_sha256(rc_buf_bytes(&making->sealed), sha256);
	rc_backup__sum_append(&making->sums, sha256, RC_BACKUP_SECRETS_FILE);
}

static enum rc_status put_all(int fd, const struct making *making, struct rc_error *err)
{
	static const uint8_t zeros[RC_ARCHIVE_END_BYTES];
	const struct rc_backup_manifest *manifest = making->manifest;
	enum rc_status status =
	    put_small(fd, RC_BACKUP_MANIFEST_FILE, rc_buf_bytes(&making->json), manifest, err);

	if (status == RC_OK)
		status = put_database(fd, making->copy, manifest, err);
	if (status == RC_OK && manifest->has_secrets)
		status = put_small(fd, RC_BACKUP_SECRETS_FILE, rc_buf_bytes(&making->sealed),
				   manifest, err);
	if (status == RC_OK)
		status = put_small(fd, RC_BACKUP_SUMS_FILE, rc_buf_bytes(&making->sums), manifest, err);
	if (status == RC_OK)
		status = put(fd, rc_bytes_of(zeros, sizeof(zeros)), err);
	if (status == RC_OK && fsync(fd) != 0)
		status = rc_fail_errno(err, errno, "syncing the backup");
	return status;
}

/* The folder that `path` lies in. */
static enum rc_status sync_folder_of(const char *path, struct rc_error *err)
{
	const char *slash = strrchr(path, '/');
	char folder[RC_BACKUP_PATH_MAX_BYTES] = ".";

	if (slash)
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
	return rc_file_sync_folder(folder, err);
}

static enum rc_status pack(struct making *making, struct rc_error *err)
{
	RC_AUTO(rc_close_p)
	int fd = open(making->next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum rc_status status;

	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", making->next);
	status = put_all(fd, making, err);
	if (status == RC_OK && rename(making->next, making->wish->out) != 0)
		status = rc_fail_errno(err, errno, "%s", making->wish->out);
	if (status != RC_OK) {
		(void)unlink(making->next);
		return status;
	}
	return sync_folder_of(making->wish->out, err);
}

/* What a run that was cut short may have left. */
static enum rc_status clear_way(const struct making *making, struct rc_error *err)
{
	if ((unlink(making->copy) != 0 && errno != ENOENT) ||
	    (unlink(making->next) != 0 && errno != ENOENT))
		return rc_fail_errno(err, errno, "%s", making->next);
	return RC_OK;
}

static enum rc_status copy_database(struct making *making, struct rc_error *err)
{
	struct rc_backup_manifest *manifest = making->manifest;
	char url[RC_BACKUP_PATH_MAX_BYTES];
	struct rc_sha256 hash;
	enum rc_status status = rc_backup__path(url, "sqlite:", making->wish->database, err);

	if (status == RC_OK)
		status = rc_db_copy(url, making->copy, err);
	if (status == RC_OK)
		status = rc_backup__manifest_gather(making->copy, manifest, err);
	if (status != RC_OK)
		return status;
	rc_sha256_init(&hash);
	status = pour(making->copy, -1, &hash, &manifest->database_bytes, err);
	rc_sha256_end(&hash, manifest->database_sha256);
	return status;
}

static enum rc_status seal_secrets(struct making *making, struct rc_error *err)
{
	const struct rc_backup_making *wish = making->wish;
	enum rc_status status;

	if (!wish->secrets)
		return RC_OK;
	status = rc_backup__secrets_check(wish->secrets, making->manifest->fingerprint, err);
	if (status == RC_OK)
		status = rc_backup__secrets_seal(wish->secrets, wish->passphrase, &making->sealed, err);
	return status;
}

static enum rc_status make(struct making *making, struct rc_error *err)
{
	enum rc_status status = clear_way(making, err);

	if (status == RC_OK)
		status = copy_database(making, err);
	if (status == RC_OK)
		status = seal_secrets(making, err);
	if (status != RC_OK)
		return status;
	rc_backup__manifest_encode(making->manifest, &making->json);
	status = rc_buf_status(&making->json, err);
	if (status != RC_OK)
		return status;
	sum_up(making);
	status = rc_buf_status(&making->sums, err);
	return status == RC_OK ? pack(making, err) : status;
}

static enum rc_status check_wish(const struct rc_backup_making *wish, struct rc_error *err)
{
	if (wish->secrets && (wish->passphrase.size < RC_BACKUP_PASSPHRASE_MIN ||
			      wish->passphrase.size > RC_BACKUP_PASSPHRASE_MAX))
		return rc_fail(err, RC_EUSAGE, "a passphrase has %u to %u bytes",
			       RC_BACKUP_PASSPHRASE_MIN, RC_BACKUP_PASSPHRASE_MAX);
	return RC_OK;
}

enum rc_status rc_backup_make(const struct rc_backup_making *wish,
			      struct rc_backup_manifest *manifest, struct rc_error *err)
{
	struct rc_backup_manifest made = {.made_ms = wish->now_ms, .has_secrets = wish->secrets != NULL};
	struct making making = {.wish = wish, .manifest = &made};
	enum rc_status status = check_wish(wish, err);

	if (status == RC_OK && !rc_text_copy(wish->version, made.version, sizeof(made.version)))
		status = rc_fail(err, RC_EBUG, "too long a version");
	if (status == RC_OK)
		status = rc_backup__path(making.copy, wish->out, ".database", err);
	if (status == RC_OK)
		status = rc_backup__path(making.next, wish->out, ".next", err);
	if (status != RC_OK)
		return status;
	rc_buf_init(&making.sealed, RC_BACKUP_SECRETS_MAX_BYTES);
	rc_buf_init(&making.json, RC_BACKUP_MANIFEST_MAX_BYTES);
	rc_buf_init(&making.sums, RC_BACKUP_SUMS_MAX_BYTES);
	status = make(&making, err);
	(void)unlink(making.copy);
	rc_buf_deinit(&making.sealed);
	rc_buf_deinit(&making.json);
	rc_buf_deinit(&making.sums);
	if (status != RC_OK)
		return rc_error_in(err, status, "backup to %s", wish->out);
	*manifest = made;
	return RC_OK;
}
