/* SPDX-License-Identifier: Apache-2.0 */
/* A table of the kinds of camera; each opens what stands behind the colon. */
#include "firmware/scanner/camera.h"

#include "shared/base/bytes.h"
#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

struct camera_kind {
	const char *name;
	enum rc_status (*open)(const char *what, int *fd, struct rc_error *err);
};

static enum rc_status open_feed(const char *path, int *fd, struct rc_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	RC_AUTO(rc_close_p) int made = -1;

	if (path[0] == '\0' || !rc_text_copy(path, address.sun_path, sizeof(address.sun_path)))
		return rc_fail(err, RC_EUSAGE, "no path for a socket: '%s'", path);
	made = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made < 0 || connect(made, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return rc_fail_errno(err, errno, "%s", path);
	*fd = rc_steal_fd(&made);
	return RC_OK;
}

/* What it is will be seen by the scanner: a descriptor that is no camera's answers none of its questions. */
static enum rc_status open_v4l2(const char *path, int *fd, struct rc_error *err)
{
	int made;

	if (path[0] != '/')
		return rc_fail(err, RC_EUSAGE, "no path of a device: '%s'", path);
	made = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (made < 0)
		return rc_fail_errno(err, errno, "%s", path);
	*fd = made;
	return RC_OK;
}

static const struct camera_kind kinds[] = {
    {"v4l2", open_v4l2},
    {"feed", open_feed},
};

enum rc_status rc_scanner_open_camera(const char *setting, const char **source, int *fd,
				      struct rc_error *err)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const size_t size = strlen(kinds[i].name);
		enum rc_status status;

		if (strncmp(setting, kinds[i].name, size) != 0 || setting[size] != ':')
			continue;
		status = kinds[i].open(setting + size + 1, fd, err);
		if (status != RC_OK)
			return rc_error_in(err, status, "camera");
		*source = kinds[i].name;
		return RC_OK;
	}
	return rc_fail(err, RC_EUSAGE, "no kind of camera: '%s'", setting);
}
