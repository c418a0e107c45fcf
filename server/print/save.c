/* SPDX-License-Identifier: Apache-2.0 */
/* Files for the printer: named so that no staff number leads out of the folder, there whole or not at all. */
#include "server/print/badge.h"
#include "shared/base/cleanup.h"
#include "shared/base/encode.h"
#include "shared/crypto/hash.h"
#include "shared/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

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
	status = rc_file_replace(fd, name, 0600, bytes, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s", folder);
}
