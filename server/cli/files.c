/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/files.h"

#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
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
