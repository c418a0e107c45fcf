/* SPDX-License-Identifier: Apache-2.0 */
/* The calls are made by syscall(2), so none of these functions comes back to itself. */
#include "tests/faults/calls.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static struct {
	bool is_planned, is_for_good, is_disk_full, has_struck;
	enum calls_kind kind;
	long k, seen;
	int error;
} plan;

void calls_plan(enum calls_kind kind, long k, int error, bool for_good)
{
	plan.is_planned = true;
	plan.is_for_good = for_good;
	plan.has_struck = false;
	plan.kind = kind;
	plan.k = k;
	plan.seen = 0;
	plan.error = error;
}

void calls_fill_disk(void)
{
	plan.is_disk_full = true;
	plan.has_struck = false;
}

bool calls_heal(void)
{
	const bool has_struck = plan.has_struck;

	memset(&plan, 0, sizeof(plan));
	return has_struck;
}

static bool strikes(enum calls_kind kind)
{
	if (!plan.is_planned || plan.kind != kind)
		return false;
	plan.seen++;
	if (plan.seen < plan.k || (plan.seen > plan.k && !plan.is_for_good))
		return false;
	plan.has_struck = true;
	return true;
}

/* ---- files ---- */

/* The size to go on with, or -1 with errno. */
static ssize_t fewer(enum calls_kind kind, size_t size)
{
	if (!strikes(kind))
		return (ssize_t)size;
	if (plan.error == CALLS_SHORT)
		return (ssize_t)(size > 1 ? size / 2 : size);
	errno = plan.error;
	return -1;
}

/* The same for a write that ends there. */
static ssize_t room_for(int fd, size_t size, off_t end)
{
	struct stat file;

	if (plan.is_disk_full && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && end > file.st_size) {
		plan.has_struck = true;
		errno = ENOSPC;
		return -1;
	}
	return fewer(CALLS_WRITE, size);
}

ssize_t pread64(int fd, void *to, size_t size, off64_t at)
{
	const ssize_t less = fewer(CALLS_READ, size);

	return less < 0 ? -1 : syscall(SYS_pread64, fd, to, (size_t)less, at);
}

ssize_t pread(int fd, void *to, size_t size, off_t at)
{
	return pread64(fd, to, size, at);
}

ssize_t read(int fd, void *to, size_t size)
{
	const ssize_t less = fewer(CALLS_READ, size);

	return less < 0 ? -1 : syscall(SYS_read, fd, to, (size_t)less);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at)
{
	const ssize_t less = room_for(fd, size, at + (off_t)size);

	return less < 0 ? -1 : syscall(SYS_pwrite64, fd, from, (size_t)less, at);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at)
{
	return pwrite64(fd, from, size, at);
}

ssize_t write(int fd, const void *from, size_t size)
{
	const off_t at = plan.is_disk_full ? (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
	const ssize_t less = room_for(fd, size, at + (off_t)size);

	return less < 0 ? -1 : syscall(SYS_write, fd, from, (size_t)less);
}

int fdatasync(int fd)
{
	return fewer(CALLS_SYNC, 1) < 0 ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return fewer(CALLS_SYNC, 1) < 0 ? -1 : (int)syscall(SYS_fsync, fd);
}

/* ---- memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return strikes(CALLS_MEMORY) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return strikes(CALLS_MEMORY) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return strikes(CALLS_MEMORY) ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
	return strikes(CALLS_MEMORY) ? NULL : __real_strdup(text);
}

static sqlite3_mem_methods system_memory;

static void *give(int size)
{
	return strikes(CALLS_MEMORY) ? NULL : system_memory.xMalloc(size);
}

static void *give_anew(void *memory, int size)
{
	return strikes(CALLS_MEMORY) ? NULL : system_memory.xRealloc(memory, size);
}

static void must(int code, const char *what)
{
	if (code == SQLITE_OK)
		return;
	(void)fprintf(stderr, "%s: %d\n", what, code);
	abort();
}

/* No lookaside: each small piece is a call of its own then, and can fail. */
void calls_install(void)
{
	sqlite3_mem_methods changed;

	must(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory), "SQLite's memory");
	changed = system_memory;
	changed.xMalloc = give;
	changed.xRealloc = give_anew;
	must(sqlite3_config(SQLITE_CONFIG_MALLOC, &changed), "SQLite's memory");
	must(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), "lookaside");
	must(sqlite3_initialize(), "SQLite");
}
