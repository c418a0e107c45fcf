/* SPDX-License-Identifier: Apache-2.0 */
/* The lock is flock(2)'s: it ends with the process, and not when some library closes the same file (as fcntl(2)'s would). */
#include "firmware/store/files.h"
#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

enum rc_status rc_files_join(const char *folder, const char *name,
			     char path[RC_FILES_PATH_MAX_CHARS], struct rc_error *err)
{
	int length = snprintf(path, RC_FILES_PATH_MAX_CHARS, "%s/%s", folder, name);

	if (length < 0 || (size_t)length >= RC_FILES_PATH_MAX_CHARS)
		return rc_fail(err, RC_ELIMIT, "path too long: %s/%s", folder, name);
	return RC_OK;
}

static enum rc_status tell_holder(int fd, const char *path, struct rc_error *err)
{
	char holder[24] = "";
	ssize_t size = pread(fd, holder, sizeof(holder) - 1, 0);

	holder[size > 0 ? strcspn(holder, "\n") : 0] = '\0';
	return rc_fail(err, RC_EBUSY, "another process (%s) holds %s",
		       holder[0] != '\0' ? holder : "unknown", path);
}

enum rc_status rc_files_lock(const char *path, int *fd, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char self[24];

	if (file < 0)
		return rc_fail_errno(err, errno, "open %s", path);
	if (flock(file, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? tell_holder(file, path, err)
					    : rc_fail_errno(err, errno, "lock %s", path);
	(void)snprintf(self, sizeof(self), "%ld\n", (long)getpid());
	/* The number is only for people, so a full disk doesn't matter here. */
	if (ftruncate(file, 0) == 0 && pwrite(file, self, strlen(self), 0) < 0)
		errno = 0;
	*fd = rc_steal_fd(&file);
	return RC_OK;
}

enum rc_status rc_files_remove_database(const char *path, struct rc_error *err)
{
	static const char *const beside[] = {"", "-journal", "-wal", "-shm"};
	char name[RC_FILES_PATH_MAX_CHARS + 16];

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, beside[i]);
		if (unlink(name) != 0 && errno != ENOENT)
			return rc_fail_errno(err, errno, "remove %s", name);
	}
	return RC_OK;
}
