/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/files.h"

#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES    65536u
#define PATH_MAX_BYTES 4096u

static enum rc_status read_all(int fd, const char *path, struct rc_buf *bytes, struct rc_error *err)
{
	RC_AUTO(rc_free_p) char *piece = malloc(PIECE_BYTES);
	ssize_t size;

	if (!piece)
		return rc_fail(err, RC_ENOMEM, "no memory to read %s", path);
	while ((size = read(fd, piece, PIECE_BYTES)) != 0) {
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return rc_fail_errno(err, errno, "reading %s", path);
		rc_buf_append(bytes, piece, (size_t)size);
		if (bytes->status != RC_OK)
			break;
	}
	if (rc_buf_status(bytes, err) != RC_OK)
		return rc_error_in(err, bytes->status, "%s", path);
	return RC_OK;
}

enum rc_status rc_cli_file_read(const char *path, struct rc_buf *bytes, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", path);
	return read_all(fd, path, bytes, err);
}

enum rc_status rc_cli_stdin_read(struct rc_buf *bytes, struct rc_error *err)
{
	return read_all(STDIN_FILENO, "standard input", bytes, err);
}

static enum rc_status write_all(int fd, struct rc_bytes bytes)
{
	while (bytes.size > 0) {
		ssize_t size = write(fd, bytes.data, bytes.size);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return RC_EIO;
		bytes = rc_bytes_of(bytes.data + size, bytes.size - (size_t)size);
	}
	return fsync(fd) == 0 ? RC_OK : RC_EIO;
}

enum rc_status rc_cli_file_write(const char *path, struct rc_bytes bytes, mode_t mode,
				 struct rc_error *err)
{
	char temporary[PATH_MAX_BYTES];
	RC_AUTO(rc_close_p) int fd = -1;
	int size = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);

	if (size < 0 || (size_t)size >= sizeof(temporary))
		return rc_fail(err, RC_EUSAGE, "the path is too long");
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", path);
	if (fchmod(fd, mode) != 0 || write_all(fd, bytes) != RC_OK || rename(temporary, path) != 0) {
		int cause = errno;

		(void)unlink(temporary);
		return rc_fail_errno(err, cause, "writing %s", path);
	}
	return RC_OK;
}
