/* SPDX-License-Identifier: Apache-2.0 */
/* A rename is only durable once its folder is synced, and a new file only with both its own sync and the folder's. */
#include "shared/file/file.h"

#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define NAME_MAX_BYTES 4096u
#define OTHERS         (S_IRWXG | S_IRWXO)

/* ---- reading ---- */

/* O_NONBLOCK: opening a pipe in place of a file must not wait for its writer. */
static enum rc_status open_file(int folder, const char *name, struct stat *about, int *fd,
				struct rc_error *err)
{
	RC_AUTO(rc_close_p)
	int opened = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (opened < 0 && errno == ELOOP)
		return rc_fail(err, RC_EFORMAT, "%s is a link", name);
	if (opened < 0 || fstat(opened, about) != 0)
		return rc_fail_errno(err, errno, "%s", name);
	if (!S_ISREG(about->st_mode))
		return rc_fail(err, RC_EFORMAT, "%s is no file", name);
	*fd = rc_steal_fd(&opened);
	return RC_OK;
}

/* Straight into the buffer: no copy of a secret stays on the stack. */
static enum rc_status read_all(int fd, const char *name, size_t size, struct rc_buf *bytes,
			       struct rc_error *err)
{
	size_t left = size;
	char beyond;
	ssize_t got;

	if (rc_buf_reserve(bytes, size) != RC_OK)
		return rc_error_in(err, rc_buf_status(bytes, err), "%s", name);
	do {
		got = read(fd, left > 0 ? (char *)bytes->data + bytes->size : &beyond,
			   left > 0 ? left : 1);
		if (got > 0 && left == 0)
			return rc_fail(err, RC_ECONFLICT, "%s grew while it was read", name);
		if (got > 0) {
			bytes->size += (size_t)got;
			bytes->data[bytes->size] = '\0';
			left -= (size_t)got;
		}
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got == 0 ? RC_OK : rc_fail_errno(err, errno, "reading %s", name);
}

enum rc_status rc_file_read(int folder, const char *name, struct rc_buf *bytes, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	struct stat about;
	enum rc_status status = open_file(folder, name, &about, &fd, err);

	return status == RC_OK ? read_all(fd, name, (size_t)about.st_size, bytes, err) : status;
}

enum rc_status rc_file_read_secret(int folder, const char *name, struct rc_buf *bytes,
				   struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	struct stat about;
	enum rc_status status = open_file(folder, name, &about, &fd, err);

	if (status != RC_OK)
		return status;
	if (about.st_mode & OTHERS)
		return rc_fail(err, RC_EDENIED, "%s can be read by others: chmod 600 it", name);
	return read_all(fd, name, (size_t)about.st_size, bytes, err);
}

/* ---- writing ---- */

static enum rc_status write_all(int fd, const char *name, struct rc_bytes bytes, struct rc_error *err)
{
	while (bytes.size > 0) {
		const ssize_t size = write(fd, bytes.data, bytes.size);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return rc_fail_errno(err, errno, "writing %s", name);
		bytes = rc_bytes_of(bytes.data + size, bytes.size - (size_t)size);
	}
	return fsync(fd) == 0 ? RC_OK : rc_fail_errno(err, errno, "syncing %s", name);
}

enum rc_status rc_file_create(int folder, const char *name, mode_t mode, struct rc_bytes bytes,
			      struct rc_error *err)
{
	RC_AUTO(rc_close_p)
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	enum rc_status status;

	if (fd < 0)
		return rc_fail_errno(err, errno, "%s", name);
	status = write_all(fd, name, bytes, err);
	if (status != RC_OK)
		(void)unlinkat(folder, name, 0);
	return status;
}

/* The folder that `name` lies in. */
static enum rc_status sync_folder_of(int folder, const char *name, struct rc_error *err)
{
	const char *slash = strrchr(name, '/');
	char path[NAME_MAX_BYTES] = ".";

	if (slash) /* with the slash: "/" stays what it is */
		(void)snprintf(path, sizeof(path), "%.*s", (int)(slash - name) + 1, name);
	RC_AUTO(rc_close_p) int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return rc_fail_errno(err, errno, "syncing the folder of %s", name);
	return RC_OK;
}

enum rc_status rc_file_replace(int folder, const char *name, mode_t mode, struct rc_bytes bytes,
			       struct rc_error *err)
{
	char next[NAME_MAX_BYTES];
	enum rc_status status;

	if (snprintf(next, sizeof(next), "%s.next", name) >= (int)sizeof(next))
		return rc_fail(err, RC_ELIMIT, "%.40s…: too long a name", name);
	if (unlinkat(folder, next, 0) != 0 && errno != ENOENT) /* a power cut may have left one */
		return rc_fail_errno(err, errno, "%s", next);
	status = rc_file_create(folder, next, mode, bytes, err);
	if (status != RC_OK)
		return status;
	if (renameat(folder, next, folder, name) != 0) {
		status = rc_fail_errno(err, errno, "%s", name);
		(void)unlinkat(folder, next, 0);
		return status;
	}
	return sync_folder_of(folder, name, err);
}

enum rc_status rc_file_sync_folder(const char *path, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return rc_fail_errno(err, errno, "syncing %s", path);
	return RC_OK;
}
