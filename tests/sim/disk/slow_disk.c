/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that takes its time: loaded with LD_PRELOAD, each fsync and fdatasync returns RC_SLOW_SYNC_MS later than it would. If
 * RC_SLOW_SYNC_LOG names a file, a line with the moment (CLOCK_MONOTONIC, seconds) is added when one returns, so that a test can
 * compare the order of events instead of measuring time.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int sync_fn(int fd);

static void wait_a_while(void)
{
	const char *text = getenv("RC_SLOW_SYNC_MS");
	long ms = text ? strtol(text, NULL, 10) : 0;
	struct timespec nap = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&nap, NULL);
}

static void note(void)
{
	const char *path = getenv("RC_SLOW_SYNC_LOG");
	struct timespec now;
	char line[48];
	int fd, size;

	if (!path)
		return;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	size = snprintf(line, sizeof(line), "%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
	if (write(fd, line, (size_t)size) != size)
		(void)unlink(path); /* a test would rather miss the file than a line */
	(void)close(fd);
}

static int sync_slowly(const char *name, int fd)
{
	sync_fn *real;
	void *found = dlsym(RTLD_NEXT, name);
	int result;

	memcpy(&real, &found, sizeof(real)); /* ISO C knows no conversion from an object's to a function's pointer */
	wait_a_while();
	result = real(fd);
	note();
	return result;
}

int fsync(int fd)
{
	return sync_slowly("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_slowly("fdatasync", fd);
}
