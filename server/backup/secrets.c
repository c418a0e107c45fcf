/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets.sealed = "RCBS" ‖ 0x01 ‖ passes, KiB, lanes (u32 big-endian each) ‖ salt 16 ‖ nonce 12 ‖ AES-256-GCM of a tar archive ‖ tag 16.
 * Everything before the ciphertext is its additional data. The cost stands in the file, so that it can rise later.
 */
#include "server/auth/secrets.h"

#include "server/backup/backup_priv.h"
#include "shared/base/random.h"
#include "shared/crypto/gcm.h"
#include "shared/crypto/passphrase.h"
#include "shared/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define MAGIC       "RCBS\001"
#define MAGIC_BYTES 5u
#define COST_AT     MAGIC_BYTES
#define SALT_AT     (COST_AT + 12u)
#define NONCE_AT    (SALT_AT + RC_PASSPHRASE_SALT_BYTES)
#define HEAD_BYTES  (NONCE_AT + RC_GCM_NONCE_BYTES)
#define FILE_MAX    65536u
#define FILES_MAX   64

/* ---- the folder as an archive ---- */

static enum rc_status add_file(int folder, const char *name, struct rc_buf *archive, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf bytes;
	struct rc_archive_entry entry = {.at_s = 0};
	enum rc_status status;

	rc_buf_init(&bytes, FILE_MAX);
	if (!rc_text_copy(name, entry.name, sizeof(entry.name)))
		return rc_fail(err, RC_ELIMIT, "%.40s…: too long a name", name);
	status = rc_file_read(folder, name, &bytes, err);
	if (status != RC_OK)
		return status;
	entry.size = (int64_t)bytes.size;
	rc_archive_append(archive, &entry, rc_buf_bytes(&bytes));
	rc_wipe(bytes.data, bytes.size);
	return rc_buf_status(archive, err);
}

static enum rc_status add_files(int folder, DIR *listing, struct rc_buf *archive, struct rc_error *err)
{
	const struct dirent *entry;
	enum rc_status status = RC_OK;
	int count = 0;

	while (status == RC_OK && (entry = readdir(listing))) {
		if (entry->d_name[0] == '.')
			continue;
		status = ++count > FILES_MAX ? rc_fail(err, RC_ELIMIT, "more than %d files", FILES_MAX)
					     : add_file(folder, entry->d_name, archive, err);
	}
	return status;
}

static enum rc_status archive_folder(const char *folder, struct rc_buf *archive, struct rc_error *err)
{
	DIR *listing = opendir(folder);
	enum rc_status status;

	if (!listing)
		return rc_fail_errno(err, errno, "%s", folder);
	status = add_files(dirfd(listing), listing, archive, err);
	(void)closedir(listing);
	rc_archive_append_end(archive);
	return status == RC_OK ? rc_buf_status(archive, err) : status;
}

/* ---- sealing ---- */

static void put_u32(uint8_t *to, uint32_t number)
{
	for (int i = 3; i >= 0; i--, number >>= 8)
		to[i] = (uint8_t)number;
}

static uint32_t get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void make_head(const struct rc_passphrase_cost *cost, uint8_t head[HEAD_BYTES])
{
	memcpy(head, MAGIC, MAGIC_BYTES);
	put_u32(head + COST_AT, cost->passes);
	put_u32(head + COST_AT + 4, cost->memory_kib);
	put_u32(head + COST_AT + 8, cost->lanes);
	rc_random(head + SALT_AT, HEAD_BYTES - SALT_AT); /* salt and nonce */
}

static enum rc_status seal(struct rc_bytes plain, struct rc_bytes passphrase, struct rc_buf *sealed,
			   struct rc_error *err)
{
	const struct rc_passphrase_cost cost = RC_PASSPHRASE_COST;
	uint8_t head[HEAD_BYTES], key[RC_PASSPHRASE_KEY_BYTES];
	enum rc_status status = rc_buf_reserve(sealed, HEAD_BYTES + plain.size + RC_GCM_TAG_BYTES);

	if (status != RC_OK)
		return rc_buf_status(sealed, err);
	make_head(&cost, head);
	status = rc_passphrase_key(passphrase, head + SALT_AT, &cost, key, err);
	if (status != RC_OK)
		return status;
	rc_buf_append(sealed, head, sizeof(head));
	status = rc_gcm_encrypt(key, head + NONCE_AT, rc_bytes_of(head, sizeof(head)), plain,
				sealed->data + sealed->size);
	rc_wipe(key, sizeof(key));
	if (status != RC_OK)
		return rc_fail(err, status, "no memory for the secrets");
	sealed->size += plain.size + RC_GCM_TAG_BYTES;
	return RC_OK;
}

enum rc_status rc_backup__secrets_seal(const char *folder, struct rc_bytes passphrase,
				       struct rc_buf *sealed, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf archive;
	enum rc_status status;

	rc_buf_init(&archive, RC_BACKUP_SECRETS_MAX_BYTES - HEAD_BYTES - RC_GCM_TAG_BYTES);
	status = rc_buf_reserve(&archive, archive.max); /* at once: growing would leave copies of keys behind */
	if (status != RC_OK)
		return rc_buf_status(&archive, err);
	status = archive_folder(folder, &archive, err);
	if (status == RC_OK)
		status = seal(rc_buf_bytes(&archive), passphrase, sealed, err);
	rc_wipe(archive.data, archive.size);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "sealing the secrets");
}

enum rc_status rc_backup__secrets_open(struct rc_bytes sealed, struct rc_bytes passphrase,
				       struct rc_buf *archive, struct rc_error *err)
{
	uint8_t key[RC_PASSPHRASE_KEY_BYTES];
	struct rc_passphrase_cost cost;
	enum rc_status status;

	if (sealed.size < HEAD_BYTES + RC_GCM_TAG_BYTES || memcmp(sealed.data, MAGIC, MAGIC_BYTES) != 0)
		return rc_fail(err, RC_EFORMAT, "%s is none of ours", RC_BACKUP_SECRETS_FILE);
	cost = (struct rc_passphrase_cost){.passes = get_u32(sealed.data + COST_AT),
					   .memory_kib = get_u32(sealed.data + COST_AT + 4),
					   .lanes = get_u32(sealed.data + COST_AT + 8)};
	if (rc_buf_reserve(archive, sealed.size - HEAD_BYTES) != RC_OK)
		return rc_buf_status(archive, err);
	status = rc_passphrase_key(passphrase, sealed.data + SALT_AT, &cost, key, err);
	if (status != RC_OK)
		return status;
	status = rc_gcm_decrypt(key, sealed.data + NONCE_AT, rc_bytes_of(sealed.data, HEAD_BYTES),
				rc_bytes_of(sealed.data + HEAD_BYTES, sealed.size - HEAD_BYTES),
				archive->data + archive->size);
	rc_wipe(key, sizeof(key));
	if (status != RC_OK)
		return rc_fail(err, status, "the passphrase doesn't open the secrets");
	archive->size += sealed.size - HEAD_BYTES - RC_GCM_TAG_BYTES;
	return RC_OK;
}

/* ---- the archive as a folder ---- */

static bool is_plain_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && !strchr(name, '/');
}

static enum rc_status unpack_files(int folder, struct rc_bytes archive, struct rc_error *err)
{
	struct rc_archive_entry entry;
	struct rc_bytes content;
	enum rc_status status;

	while ((status = rc_archive_take(&archive, &entry, &content, err)) == RC_OK) {
		if (!is_plain_name(entry.name))
			return rc_fail(err, RC_EFORMAT, "a secret has a name that is none");
		status = rc_file_create(folder, entry.name, 0600, content, err);
		if (status != RC_OK)
			return status;
	}
	return status == RC_ENOTFOUND ? RC_OK : status;
}

enum rc_status rc_backup__secrets_unpack(struct rc_bytes archive, const char *folder, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	enum rc_status status;

	if (mkdir(folder, 0700) != 0)
		return rc_fail_errno(err, errno, "%s", folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", folder);
	status = unpack_files(fd, archive, err);
	return status == RC_OK ? rc_file_sync_folder(folder, err) : status;
}

enum rc_status rc_backup__secrets_check(const char *folder, const uint8_t fingerprint[32],
					struct rc_error *err)
{
	struct rc_secrets secrets;
	bool is_same = false;
	enum rc_status status;

	rc_secrets_init(&secrets);
	status = rc_secrets_load(folder, &secrets, err);
	if (status == RC_OK)
		is_same = memcmp(secrets.fingerprint, fingerprint, sizeof(secrets.fingerprint)) == 0;
	rc_secrets_deinit(&secrets);
	if (status == RC_OK && !is_same)
		return rc_fail(err, RC_EDENIED, "%s are not the secrets of this database", folder);
	return status;
}
