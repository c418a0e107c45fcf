/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fork and exec. Between the two only async-signal-safe calls are made, because another thread of the daemon may have held
 * any lock when it was copied.
 */
#include "firmware/scanner/spawn.h"

#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FIRST_FREE_FD 10 /* above all places that descriptors are put at */
#define CANNOT_START  127

/* Four times what the largest picture takes; a leak in a library ends in a new process. */
#define MEMORY_MAX_BYTES (512u << 20)
#define FILES_MAX        64u

/* Signal dispositions "ignore" and the mask outlive exec; the daemon ignores SIGPIPE, the scanner must die of it. */
static void reset_signals(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
}

/* Copies a descriptor out of the way of the fixed places first, as it may itself be one of them. */
static int lift(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
}

/* The copy that dup2 makes is the only one without CLOEXEC. */
static bool put(int lifted, int place)
{
	return dup2(lifted, place) == place;
}

static bool place_descriptors(const struct rc_scanner_start *start, int pipe_end)
{
	const int pipe_fd = lift(pipe_end), source = lift(start->source_fd),
		  picture = lift(start->picture_fd);
	const int nothing = lift(open("/dev/null", O_RDONLY | O_CLOEXEC));

	if (!put(nothing, STDIN_FILENO) || !put(pipe_fd, RC_SCANNER_FD_PIPE) ||
	    !put(source, RC_SCANNER_FD_SOURCE))
		return false;
	if (start->picture_fd >= 0 && !put(picture, RC_SCANNER_FD_PICTURE))
		return false;
	return close_range(start->picture_fd >= 0 ? RC_SCANNER_FD_PICTURE + 1 : RC_SCANNER_FD_PICTURE,
			   ~0u, 0) == 0;
}

static bool limit(__rlimit_resource_t what, rlim_t most)
{
	const struct rlimit limit = {.rlim_cur = most, .rlim_max = most};

	return setrlimit(what, &limit) == 0;
}

/* No core file: it would put the camera's picture on the disk. */
static bool set_limits(void)
{
#ifndef RC_SANITIZED /* the sanitizers map terabytes */
	if (!limit(RLIMIT_AS, MEMORY_MAX_BYTES))
		return false;
#endif
	return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, FILES_MAX);
}

static bool become(const struct rc_scanner_start *start)
{
	if (start->uid == 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(start->gid, start->gid, start->gid) == 0 &&
	       setresuid(start->uid, start->uid, start->uid) == 0;
}

static void run_child(const struct rc_scanner_start *start, int pipe_end, pid_t parent)
{
	char *const arguments[] = {(char *)"rollcall-scanner", (char *)start->source,
				   (char *)(start->picture_fd >= 0 ? "picture" : NULL), NULL};
	char *const environment[] = {(char *)"LC_ALL=C.UTF-8", NULL};

	reset_signals();
	/* After `become`: a change of user takes the death signal back. */
	if (place_descriptors(start, pipe_end) && set_limits() && become(start) &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
		(void)execve(start->program, arguments, environment);
	_exit(CANNOT_START);
}

enum rc_status rc_scanner_spawn(const struct rc_scanner_start *start, pid_t *pid, int *pipe_fd,
				struct rc_error *err)
{
	int ends[2];
	const pid_t parent = getpid();
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return rc_fail_errno(err, errno, "scanner's pipe");
	RC_AUTO(rc_close_p) int read_end = ends[0];
	RC_AUTO(rc_close_p) int write_end = ends[1];

	if (fcntl(read_end, F_SETFL, O_NONBLOCK) != 0)
		return rc_fail_errno(err, errno, "scanner's pipe");
	child = fork();
	if (child < 0)
		return rc_fail_errno(err, errno, "scanner");
	if (child == 0)
		run_child(start, write_end, parent);
	*pid = child;
	*pipe_fd = rc_steal_fd(&read_end);
	return RC_OK;
}
