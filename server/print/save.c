/* SPDX-License-Identifier: Apache-2.0 */
/* Files for the printer: named so that no staff number leads out of the folder, there whole or not at all. */
#include "server/print/badge.h"
#include "shared/base/cleanup.h"
#include "shared/base/encode.h"
#include "shared/base/random.h"
#include "shared/crypto/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define PLAIN_NUMBER_MAX_CHARS 40u
#define HASH_DIGITS_BYTES      8u

static bool is_plain(const char *text, size_t max)
{
	size_t size = 0;

	for (; text[size]; size++) {
		const char c = text[size];
		const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_letter && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return size > 0 && size <= max;
}

void rc_print_file_name(const char *prefix, const char *number, char name[RC_PRINT_NAME_MAX_CHARS + 1])
{
	uint8_t hash[RC_SHA256_BYTES];
	char digits[RC_HEX_CHARS(HASH_DIGITS_BYTES) + 1];

	if (is_plain(number, PLAIN_NUMBER_MAX_CHARS)) {
		(void)snprintf(name, RC_PRINT_NAME_MAX_CHARS + 1, "%.24s-%s.png", prefix, number);
		return;
	}
	rc_sha256(rc_bytes_of_text(number), hash);
	rc_hex_encode(rc_bytes_of(hash, HASH_DIGITS_BYTES), digits);
	(void)snprintf(name, RC_PRINT_NAME_MAX_CHARS + 1, "%.24s-x%s.png", prefix, digits);
}

static enum rc_status write_all(int fd, struct rc_bytes bytes, struct rc_error *err)
{
	while (bytes.size > 0) {
		const ssize_t written = write(fd, bytes.data, bytes.size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return rc_fail_errno(err, errno, "writing");
		bytes = rc_bytes_of(bytes.data + written, bytes.size - (size_t)written);
	}
	return fsync(fd) == 0 ? RC_OK : rc_fail_errno(err, errno, "syncing");
}

/* The folder is held by descriptor, so that all of it happens in the same one. */
static enum rc_status save_in(int folder, const char *name, struct rc_bytes bytes, struct rc_error *err)
{
	char temporary[40];
	uint8_t salt[8];
	char digits[RC_HEX_CHARS(sizeof(salt)) + 1];
	RC_AUTO(rc_close_p) int fd = -1;
	enum rc_status status;

	rc_random(salt, sizeof(salt));
	rc_hex_encode(rc_bytes_of(salt, sizeof(salt)), digits);
	(void)snprintf(temporary, sizeof(temporary), ".%s.tmp", digits);
	fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return rc_fail_errno(err, errno, "making a file");
	status = write_all(fd, bytes, err);
	if (status == RC_OK && renameat(folder, temporary, folder, name) != 0)
		status = rc_fail_errno(err, errno, "renaming");
	if (status != RC_OK)
		(void)unlinkat(folder, temporary, 0);
	else if (fsync(folder) != 0)
		status = rc_fail_errno(err, errno, "syncing the folder");
	return status;
}

enum rc_status rc_print_save(const char *folder, const char *name, struct rc_bytes bytes,
			     struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	enum rc_status status;

	if (strchr(name, '/') || name[0] == '.' || name[0] == '\0')
		return rc_fail(err, RC_EUSAGE, "“%s” is no name of a file in a folder", name);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", folder);
	status = save_in(fd, name, bytes, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s/%s", folder, name);
}
