/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_SPAWN_H
#define RC_SCANNER_SPAWN_H
/*
 * Starts one scanner process with exactly the descriptors it may use, no environment to speak of, and limits: 512 MiB of
 * memory, 64 descriptors, no core file. What watches over it is
 * supervisor.h.
 */
#include "shared/base/status.h"

#include <sys/types.h>

/* Where the child finds its descriptors; 0 is /dev/null and 2 the parent's stderr (its log). All others are closed. */
#define RC_SCANNER_FD_PIPE    1
#define RC_SCANNER_FD_SOURCE  3
#define RC_SCANNER_FD_PICTURE 4

struct rc_scanner_start {
	const char *program; /* absolute path of rollcall-scanner */
	const char *source;  /* what `source_fd` is: "feed" */
	int source_fd;       /* the feed's connection, borrowed */
	int picture_fd;      /* the memfd of firmware/picture, borrowed; -1: no picture */
	uid_t uid; /* a user and group of its own, which only root can give; 0: the parent's */
	gid_t gid;
};

/* Starts it. `*pipe_fd` is where its lines come out: non-blocking, CLOEXEC, the caller's to close. `*pid` is the caller's to
 * wait for. The child gets SIGKILL when the thread that called this ends. A program that isn't there shows as a child that
 * ends at once with status 127. Safe while other threads run. RC_EIO, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_scanner_spawn(const struct rc_scanner_start *start, pid_t *pid,
					   int *pipe_fd, struct rc_error *err);

#endif
