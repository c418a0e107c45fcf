/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every write first reads what it will overwrite and keeps it in a list, newest first; a sync forgets the list's entries of its
 * file. Taking back is walking the list. Slow and simple: files in tests are small.
 */
#include "tests/sim/power/power.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR_BYTES 512

struct undo {
	struct undo *older;
	char path[512];
	sqlite3_int64 offset;
	sqlite3_int64 size_before; /* of the file */
	size_t size;               /* of what was overwritten or cut off */
	uint8_t before[];
};

#define WRITERS_MAX 64

/* A connection that wrote to a database or what lies beside it. */
struct writer {
	char database[512];
	long connection, writes;
};

struct power_file {
	sqlite3_file base;
	char path[512];
	char database[512]; /* that it belongs to, or itself */
	long connection;    /* that opened it; 0 where it is nobody's (a temporary file) */
	sqlite3_file *real; /* lies behind this struct */
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *system;
	struct rc_power_counts counts;
	long operations, cut_at, fill_at, fail_sync_at; /* planned ones are 0 when there is none */
	bool is_cut;
	struct undo *newest;
	long connections; /* so far */
	struct writer writers[WRITERS_MAX];
	size_t writer_count;
} power;

/* Guards all of `power` while databases are used: a server has several threads. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct power_file *of(sqlite3_file *file)
{
	return (struct power_file *)file;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

/* True if the power is gone, or goes with this operation. */
static bool goes(void)
{
	power.operations++;
	if (power.cut_at > 0 && power.operations >= power.cut_at)
		power.is_cut = true;
	return power.is_cut;
}

static void remember(struct power_file *file, sqlite3_int64 offset, sqlite3_int64 size)
{
	struct undo *undo = calloc(1, sizeof(*undo) + (size_t)size);
	sqlite3_int64 there;

	must(undo != NULL, "calloc");
	(void)file->real->pMethods->xFileSize(file->real, &undo->size_before);
	there = undo->size_before - offset;
	there = there < 0 ? 0 : there < size ? there : size;
	if (there > 0)
		(void)file->real->pMethods->xRead(file->real, undo->before, (int)there, offset);
	(void)snprintf(undo->path, sizeof(undo->path), "%s", file->path);
	undo->offset = offset;
	undo->size = (size_t)there;
	undo->older = power.newest;
	power.newest = undo;
}

static void forget(const char *path)
{
	struct undo **link = &power.newest;

	while (*link != NULL) {
		struct undo *undo = *link;

		if (strcmp(undo->path, path) == 0) {
			*link = undo->older;
			free(undo);
		} else {
			link = &undo->older;
		}
	}
}

static void note_writer(const struct power_file *file)
{
	struct writer *writer = power.writers;
	struct writer *const end = power.writers + power.writer_count;

	while (writer < end && (writer->connection != file->connection ||
				strcmp(writer->database, file->database) != 0))
		writer++;
	if (writer == end) {
		must(power.writer_count < WRITERS_MAX, "too many writers");
		power.writer_count++;
		writer->connection = file->connection;
		writer->writes = 0;
		(void)snprintf(writer->database, sizeof(writer->database), "%s", file->database);
	}
	writer->writes++;
}

/* ---- a file ---- */

static int close_file(sqlite3_file *file)
{
	return of(file)->real->pMethods->xClose(of(file)->real);
}

static int read_file_alone(sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
	if (power.is_cut)
		return SQLITE_IOERR_READ;
	return of(file)->real->pMethods->xRead(of(file)->real, to, size, offset);
}

static int read_file(sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
	int code;

	(void)pthread_mutex_lock(&mutex);
	code = read_file_alone(file, to, size, offset);
	(void)pthread_mutex_unlock(&mutex);
	return code;
}

static int write_file_alone(sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
	if (goes())
		return SQLITE_IOERR_WRITE;
	note_writer(of(file));
	power.counts.writes++;
	power.counts.bytes += size;
	if (power.fill_at > 0 && power.counts.writes == power.fill_at)
		return SQLITE_FULL;
	remember(of(file), offset, size);
	return of(file)->real->pMethods->xWrite(of(file)->real, from, size, offset);
}

static int write_file(sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
	int code;

	(void)pthread_mutex_lock(&mutex);
	code = write_file_alone(file, from, size, offset);
	(void)pthread_mutex_unlock(&mutex);
	return code;
}

static int truncate_file_alone(sqlite3_file *file, sqlite3_int64 size)
{
	sqlite3_int64 before = 0;

	if (goes())
		return SQLITE_IOERR_TRUNCATE;
	note_writer(of(file));
	(void)of(file)->real->pMethods->xFileSize(of(file)->real, &before);
	power.counts.writes++;
	if (before > size) { /* a checkpoint also "cuts" the database to the size it has */
		power.counts.truncations++;
		remember(of(file), size, before - size);
	}
	return of(file)->real->pMethods->xTruncate(of(file)->real, size);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	int code;

	(void)pthread_mutex_lock(&mutex);
	code = truncate_file_alone(file, size);
	(void)pthread_mutex_unlock(&mutex);
	return code;
}

static int sync_file_alone(sqlite3_file *file, int flags)
{
	int code;

	if (goes())
		return SQLITE_IOERR_FSYNC;
	note_writer(of(file));
	power.counts.syncs++;
	if (power.fail_sync_at > 0 && power.counts.syncs == power.fail_sync_at)
		return SQLITE_IOERR_FSYNC;
	code = of(file)->real->pMethods->xSync(of(file)->real, flags);
	if (code == SQLITE_OK)
		forget(of(file)->path);
	return code;
}

static int sync_file(sqlite3_file *file, int flags)
{
	int code;

	(void)pthread_mutex_lock(&mutex);
	code = sync_file_alone(file, flags);
	(void)pthread_mutex_unlock(&mutex);
	return code;
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *size)
{
	return of(file)->real->pMethods->xFileSize(of(file)->real, size);
}

static int lock_file(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xLock(of(file)->real, level);
}

static int unlock_file(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xUnlock(of(file)->real, level);
}

static int check_lock(sqlite3_file *file, int *is_reserved)
{
	return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, is_reserved);
}

static int control_file(sqlite3_file *file, int what, void *argument)
{
	return of(file)->real->pMethods->xFileControl(of(file)->real, what, argument);
}

static int sector_size(sqlite3_file *file)
{
	return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int characteristics(sqlite3_file *file)
{
	return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

static int map_shared(sqlite3_file *file, int page, int size, int may_extend, void volatile **at)
{
	return of(file)->real->pMethods->xShmMap(of(file)->real, page, size, may_extend, at);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
	return of(file)->real->pMethods->xShmLock(of(file)->real, offset, count, flags);
}

static void fence_shared(sqlite3_file *file)
{
	of(file)->real->pMethods->xShmBarrier(of(file)->real);
}

static int unmap_shared(sqlite3_file *file, int should_delete)
{
	return of(file)->real->pMethods->xShmUnmap(of(file)->real, should_delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = fence_shared,
    .xShmUnmap = unmap_shared,
};

/* ---- the file system ---- */

static void name_connection(struct power_file *opened, const char *name, int flags)
{
	const struct power_file *database = opened;

	opened->connection = 0;
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
		(void)pthread_mutex_lock(&mutex);
		opened->connection = ++power.connections;
		(void)pthread_mutex_unlock(&mutex);
	} else if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) {
		database = of(sqlite3_database_file_object(name));
		opened->connection = database->connection;
	}
	(void)snprintf(opened->database, sizeof(opened->database), "%s", database->path);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_given)
{
	struct power_file *opened = of(file);
	int code;

	(void)vfs;
	opened->real = (sqlite3_file *)(void *)(opened + 1);
	(void)snprintf(opened->path, sizeof(opened->path), "%s", name != NULL ? name : "");
	name_connection(opened, name, flags);
	code = power.system->xOpen(power.system, name, opened->real, flags, flags_given);
	opened->base.pMethods = opened->real->pMethods != NULL ? &methods : NULL;
	return code;
}

static int delete_file_alone(sqlite3_vfs *vfs, const char *name, int should_sync)
{
	(void)vfs;
	if (power.is_cut)
		return SQLITE_IOERR_DELETE;
	forget(name);
	return power.system->xDelete(power.system, name, should_sync);
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int should_sync)
{
	int code;

	(void)pthread_mutex_lock(&mutex);
	code = delete_file_alone(vfs, name, should_sync);
	(void)pthread_mutex_unlock(&mutex);
	return code;
}

void rc_power_install(void)
{
	while (power.newest != NULL) {
		struct undo *undo = power.newest;

		power.newest = undo->older;
		free(undo);
	}
	if (power.system == NULL) {
		power.system = sqlite3_vfs_find(NULL);
		power.vfs = *power.system;
		power.vfs.szOsFile = (int)sizeof(struct power_file) + power.system->szOsFile;
		power.vfs.zName = RC_POWER_VFS;
		power.vfs.pNext = NULL;
		power.vfs.xOpen = open_file;
		power.vfs.xDelete = delete_file;
		must(sqlite3_vfs_register(&power.vfs, 0) == SQLITE_OK, "register");
	}
	power.is_cut = false;
	power.writer_count = 0;
	rc_power_reset();
}

void rc_power_install_as_default(void)
{
	rc_power_install();
	must(sqlite3_vfs_register(&power.vfs, 1) == SQLITE_OK, "register");
}

int rc_power_writers(const char *path, long *writes)
{
	int count = 0;
	long sum = 0;

	for (size_t i = 0; i < power.writer_count; i++) {
		if (strcmp(power.writers[i].database, path) != 0)
			continue;
		count++;
		sum += power.writers[i].writes;
	}
	if (writes != NULL)
		*writes = sum;
	return count;
}

struct rc_power_counts rc_power_counts(void)
{
	return power.counts;
}

void rc_power_reset(void)
{
	power.counts = (struct rc_power_counts){0};
	power.operations = power.cut_at = power.fill_at = power.fail_sync_at = 0;
}

void rc_power_cut_at(long operation)
{
	power.operations = 0;
	power.cut_at = operation;
}

bool rc_power_is_cut(void)
{
	return power.is_cut;
}

void rc_power_fill_at(long write)
{
	power.fill_at = power.counts.writes + write;
}

void rc_power_fail_sync_at(long sync)
{
	power.fail_sync_at = power.counts.syncs + sync;
}

/* One decision for each sector of each file, whichever of its writes it is about. */
static bool has_reached_disk(enum rc_power_loss loss, uint32_t seed, const char *path, sqlite3_int64 sector)
{
	uint32_t hash = 2166136261u ^ seed;

	if (loss == RC_POWER_DROPPED)
		return false;
	for (; *path != '\0'; path++)
		hash = (hash ^ (uint8_t)*path) * 16777619u;
	for (int i = 0; i < 4; i++)
		hash = (hash ^ (uint8_t)(sector >> (8 * i))) * 16777619u;
	return (hash >> 16) & 1u;
}

/* `name` is the path as far as the seed is to know it. */
static void take_back(const struct undo *undo, const char *name, enum rc_power_loss loss, uint32_t seed)
{
	static const uint8_t nothing[SECTOR_BYTES];
	int fd = loss == RC_POWER_WRITTEN ? -1 : open(undo->path, O_RDWR | O_CLOEXEC);
	struct stat now;

	if (fd < 0) /* nothing to do, or removed since */
		return;
	for (sqlite3_int64 at = undo->offset, end; at < undo->offset + (sqlite3_int64)undo->size;
	     at = end) {
		end = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;
		end = end < undo->offset + (sqlite3_int64)undo->size
			  ? end
			  : undo->offset + (sqlite3_int64)undo->size;
		if (!has_reached_disk(loss, seed, name, at / SECTOR_BYTES))
			must(pwrite(fd, undo->before + (at - undo->offset), (size_t)(end - at), at) ==
				 end - at,
			     "pwrite");
	}
	must(fstat(fd, &now) == 0, "fstat");
	if (loss == RC_POWER_DROPPED)
		must(ftruncate(fd, undo->size_before) == 0, "ftruncate");
	/* Torn: the file has grown, but sectors behind its old end that were not written hold nothing. */
	for (sqlite3_int64 at = undo->size_before; loss == RC_POWER_TORN && at < now.st_size;
	     at += SECTOR_BYTES) {
		size_t size =
		    (size_t)(now.st_size - at < SECTOR_BYTES ? now.st_size - at : SECTOR_BYTES);

		if (!has_reached_disk(loss, seed, name, at / SECTOR_BYTES))
			must(pwrite(fd, nothing, size, at) == (ssize_t)size, "pwrite");
	}
	(void)close(fd);
}

void rc_power_restore_below(const char *folder, enum rc_power_loss loss, uint32_t seed)
{
	const size_t size = strlen(folder);
	struct undo **link = &power.newest;

	while (*link != NULL) {
		struct undo *undo = *link;

		if (strncmp(undo->path, folder, size) != 0) {
			link = &undo->older;
			continue;
		}
		take_back(undo, undo->path + size, loss, seed);
		*link = undo->older;
		free(undo);
	}
	power.is_cut = false;
	rc_power_reset();
}

void rc_power_restore(enum rc_power_loss loss, uint32_t seed)
{
	rc_power_restore_below("", loss, seed);
}
