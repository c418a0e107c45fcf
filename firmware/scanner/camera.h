/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_CAMERA_H
#define RC_SCANNER_CAMERA_H
/*
 * Opens the camera that the setting `camera` names, for the daemon, which hands the descriptor to a scanner:
 *
 *     v4l2:/dev/video0         a camera of Linux (v4l2.h)
 *     feed:/path/to/socket     pictures sent by another program (feed.h), as in tests and demonstrations
 */
#include "shared/base/status.h"

/* `*source` is what rc_scanner_start wants to know of it (lives for ever); `*fd` is CLOEXEC and the caller's to close.
 * RC_EUSAGE: no such kind of camera; RC_ENOTFOUND, RC_EDENIED: nothing is there, or not for us; RC_EIO. Doesn't wait for the
 * other side. */
RC_CHECKED enum rc_status rc_scanner_open_camera(const char *setting, const char **source, int *fd,
						 struct rc_error *err);

#endif
