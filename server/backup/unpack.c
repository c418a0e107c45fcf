/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup on its way in. It may come from anywhere, so nothing of it is believed before its hash was looked at, and no size in it
 * makes us allocate: the manifest and the secrets have a maximum, the database goes through a fixed piece of memory.
 */
#include "server/backup/backup_priv.h"
#include "server/db/db.h"
#include "server/db_sql/statements.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define CHUNK_BYTES 65536u

static enum rc_status take(int fd, void *to, size_t size, struct rc_error *err)
{
	uint8_t *at = to;

	while (size > 0) {
		const ssize_t got = read(fd, at, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return rc_fail_errno(err, errno, "reading the backup");
		if (got == 0)
			return rc_fail(err, RC_EFORMAT, "it is cut off");
		at += got;
		size -= (size_t)got;
	}
	return RC_OK;
}

static enum rc_status take_zeros(int fd, size_t size, struct rc_error *err)
{
	uint8_t bytes[RC_ARCHIVE_END_BYTES];
	enum rc_status status = take(fd, bytes, size, err);

	for (size_t i = 0; status == RC_OK && i < size; i++) {
		if (bytes[i] != 0)
			return rc_fail(err, RC_EFORMAT, "something stands where nothing should");
	}
	return status;
}

static enum rc_status take_header(int fd, const char *name, struct rc_archive_entry *entry,
				  struct rc_error *err)
{
	uint8_t block[RC_ARCHIVE_BLOCK_BYTES];
	enum rc_status status = take(fd, block, sizeof(block), err);

	if (status == RC_OK)
		status = rc_archive_header_read(block, entry, err);
	if (status == RC_OK && strcmp(entry->name, name) != 0)
		status = rc_fail(err, RC_EFORMAT, "%s is wanted and something else stands there", name);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s", name);
}

static enum rc_status take_small(int fd, const char *name, struct rc_archive_entry *entry,
				 struct rc_buf *content, struct rc_error *err)
{
	enum rc_status status = take_header(fd, name, entry, err);

	if (status != RC_OK)
		return status;
	if ((uint64_t)entry->size > content->max)
		return rc_fail(err, RC_EFORMAT, "%s is too large", name);
	if (rc_buf_reserve(content, (size_t)entry->size + 1) != RC_OK)
		return rc_fail(err, RC_ENOMEM, "no memory for %s", name);
	status = take(fd, content->data, (size_t)entry->size, err);
	if (status == RC_OK)
		content->size = (size_t)entry->size;
	return status == RC_OK ? take_zeros(fd, rc_archive_padding(entry->size), err) : status;
}

/* ---- the database ---- */

static enum rc_status pour(int from, int to, const char *path, int64_t left,
			   uint8_t sha256[RC_SHA256_BYTES], struct rc_error *err)
{
	uint8_t chunk[CHUNK_BYTES];
	struct rc_sha256 hash;
	enum rc_status status = RC_OK;

	rc_sha256_init(&hash);
	while (status == RC_OK && left > 0) {
		const size_t size = left < (int64_t)sizeof(chunk) ? (size_t)left : sizeof(chunk);

		status = take(from, chunk, size, err);
		if (status == RC_OK)
			status = rc_backup__put(to, rc_bytes_of(chunk, size), path, err);
		rc_sha256_add(&hash, rc_bytes_of(chunk, size));
		left -= (int64_t)size;
	}
	rc_sha256_end(&hash, sha256);
	if (status == RC_OK && fsync(to) != 0)
		status = rc_fail_errno(err, errno, "syncing %s", path);
	return status;
}

static enum rc_status take_database(int fd, const char *path,
				    const struct rc_backup_manifest *manifest, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int to = -1;
	uint8_t sha256[RC_SHA256_BYTES];
	struct rc_archive_entry entry;
	enum rc_status status = take_header(fd, RC_BACKUP_DATABASE_FILE, &entry, err);

	if (status != RC_OK)
		return status;
	if (entry.size != manifest->database_bytes)
		return rc_fail(err, RC_EFORMAT, "the database isn't as long as the manifest says");
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (to < 0)
		return rc_fail_errno(err, errno, "%s", path);
	status = pour(fd, to, path, entry.size, sha256, err);
	if (status == RC_OK && memcmp(sha256, manifest->database_sha256, sizeof(sha256)) != 0)
		status = rc_fail(err, RC_EFORMAT, "the database doesn't have the hash of the manifest");
	return status == RC_OK ? take_zeros(fd, rc_archive_padding(entry.size), err) : status;
}

/* The database holds exactly what the manifest says. */
static enum rc_status compare(const char *path, const struct rc_backup_manifest *manifest,
			      struct rc_error *err)
{
	struct rc_backup_manifest found = *manifest;
	RC_AUTO(rc_buf_deinit) struct rc_buf said, is;
	enum rc_status status = rc_backup__manifest_gather(path, &found, err);

	rc_buf_init(&said, RC_BACKUP_MANIFEST_MAX_BYTES);
	rc_buf_init(&is, RC_BACKUP_MANIFEST_MAX_BYTES);
	if (status != RC_OK)
		return status;
	rc_backup__manifest_encode(manifest, &said);
	rc_backup__manifest_encode(&found, &is);
	if (!rc_bytes_equal(rc_buf_bytes(&said), rc_buf_bytes(&is)))
		return rc_fail(err, RC_EFORMAT, "the database doesn't hold what the manifest says");
	return rc_buf_status(&is, err);
}

/* ---- all of it ---- */

struct unpacking {
	int fd;
	struct rc_buf json;
	struct rc_buf sums;   /* as they stand there */
	struct rc_buf wanted; /* as they must be */
};

static void sum(struct unpacking *unpacking, struct rc_bytes bytes, const char *name)
{
	uint8_t sha256[RC_SHA256_BYTES];

	rc_sha256(bytes, sha256);
	rc_backup__sum_append(&unpacking->wanted, sha256, name);
}

static enum rc_status take_manifest(struct unpacking *unpacking,
				    struct rc_backup_manifest *manifest, struct rc_error *err)
{
	struct rc_archive_entry entry;
	enum rc_status status =
	    take_small(unpacking->fd, RC_BACKUP_MANIFEST_FILE, &entry, &unpacking->json, err);

	if (status == RC_OK)
		status = rc_backup__manifest_decode(rc_buf_bytes(&unpacking->json), manifest, err);
	if (status == RC_OK && entry.at_s != manifest->made_ms / 1000)
		status = rc_fail(err, RC_EFORMAT, "the manifest's time isn't that of its file");
	if (status == RC_OK && manifest->schema > (int64_t)rc_sql_db_migration_count)
		status = rc_fail(
		    err, RC_ECONFLICT,
		    "it holds schema %d of a newer rollcall-server (%s); this one knows %zu",
		    (int)manifest->schema, manifest->version, rc_sql_db_migration_count);
	sum(unpacking, rc_buf_bytes(&unpacking->json), RC_BACKUP_MANIFEST_FILE);
	return status;
}

static enum rc_status take_sums(struct unpacking *unpacking, struct rc_error *err)
{
	struct rc_archive_entry entry;
	uint8_t beyond;
	enum rc_status status =
	    take_small(unpacking->fd, RC_BACKUP_SUMS_FILE, &entry, &unpacking->sums, err);

	if (status == RC_OK &&
	    !rc_bytes_equal(rc_buf_bytes(&unpacking->sums), rc_buf_bytes(&unpacking->wanted)))
		status = rc_fail(err, RC_EFORMAT, "%s has other hashes than the files",
				 RC_BACKUP_SUMS_FILE);
	if (status == RC_OK)
		status = take_zeros(unpacking->fd, RC_ARCHIVE_END_BYTES, err);
	if (status == RC_OK && read(unpacking->fd, &beyond, 1) != 0)
		status = rc_fail(err, RC_EFORMAT, "something stands behind its end");
	return status;
}

static enum rc_status unpack(struct unpacking *unpacking, const char *database,
			     struct rc_backup_manifest *manifest, struct rc_buf *secrets,
			     struct rc_error *err)
{
	struct rc_archive_entry entry;
	enum rc_status status = take_manifest(unpacking, manifest, err);

	if (status == RC_OK)
		status = take_database(unpacking->fd, database, manifest, err);
	rc_backup__sum_append(&unpacking->wanted, manifest->database_sha256, RC_BACKUP_DATABASE_FILE);
	if (status == RC_OK && manifest->has_secrets) {
		status = take_small(unpacking->fd, RC_BACKUP_SECRETS_FILE, &entry, secrets, err);
		sum(unpacking, rc_buf_bytes(secrets), RC_BACKUP_SECRETS_FILE);
	}
	if (status == RC_OK)
		status = take_sums(unpacking, err);
	return status == RC_OK ? compare(database, manifest, err) : status;
}

enum rc_status rc_backup__unpack(const char *from, const char *database,
				 struct rc_backup_manifest *manifest, struct rc_buf *secrets,
				 struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(from, O_RDONLY | O_CLOEXEC);
	struct unpacking unpacking = {.fd = fd};
	enum rc_status status;

	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", from);
	rc_buf_init(&unpacking.json, RC_BACKUP_MANIFEST_MAX_BYTES);
	rc_buf_init(&unpacking.sums, RC_BACKUP_SUMS_MAX_BYTES);
	rc_buf_init(&unpacking.wanted, RC_BACKUP_SUMS_MAX_BYTES);
	status = unpack(&unpacking, database, manifest, secrets, err);
	if (status != RC_OK && status != RC_ECONFLICT)
		(void)unlink(database);
	rc_buf_deinit(&unpacking.json);
	rc_buf_deinit(&unpacking.sums);
	rc_buf_deinit(&unpacking.wanted);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s", from);
}

enum rc_status rc_backup_peek(const char *from, struct rc_backup_manifest *manifest, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(from, O_RDONLY | O_CLOEXEC);
	RC_AUTO(rc_buf_deinit) struct rc_buf json;
	struct rc_archive_entry entry;
	enum rc_status status;

	rc_buf_init(&json, RC_BACKUP_MANIFEST_MAX_BYTES);
	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", from);
	status = take_small(fd, RC_BACKUP_MANIFEST_FILE, &entry, &json, err);
	if (status == RC_OK)
		status = rc_backup__manifest_decode(rc_buf_bytes(&json), manifest, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s", from);
}
