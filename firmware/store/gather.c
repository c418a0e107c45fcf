/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept are writes that follow one another in the file. They go out together when a sync, a read, a write elsewhere or anything else
 * wants the file, and when the memory is full.
 *
 * A commit that is filled up to the end of a block ends within a frame: SQLite writes its first part, syncs, and writes the
 * rest, which no sync follows before the frame is published. So what completes a frame after a sync is never kept. That needs
 * the length of a frame, which stands in the WAL's header.
 */
#include "firmware/store/gather.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define GATHER_BYTES           16384 /* eight facts, or four pages of 4096 */
#define BLOCK_BYTES            4096  /* what file systems write at least */
#define WAL_HEADER_BYTES       32
#define WAL_FRAME_HEADER_BYTES 24
#define WAL_WRITE_LOCK         0 /* its place among the locks of the index */

struct layer {
	sqlite3_vfs vfs;
	sqlite3_vfs *base;
	size_t base_bytes; /* of one of its files, rounded up */
	char name[64];
};

/* An open WAL. */
struct wal_file {
	sqlite3_file file;
	sqlite3_file *real; /* lies behind this struct */
	uint8_t *kept;      /* owned; GATHER_BYTES */
	int size;           /* kept, not yet written */
	sqlite3_int64 at;   /* where what is kept belongs */
	sqlite3_int64 end;  /* behind the last byte written */
	sqlite3_int64 rest; /* writes before this place complete a frame whose first part was synced */
	sqlite3_int64 frame_bytes; /* 0: not known yet */
};

static struct wal_file *of(sqlite3_file *file)
{
	return (struct wal_file *)(void *)file;
}

static int write_out(struct wal_file *wal)
{
	const int size = wal->size;

	wal->size = 0; /* after a failure SQLite writes the whole commit anew or nothing at all */
	if (size == 0)
		return SQLITE_OK;
	return wal->real->pMethods->xWrite(wal->real, wal->kept, size, wal->at);
}

static void note_header(struct wal_file *wal, const uint8_t header[WAL_HEADER_BYTES])
{
	const sqlite3_int64 page =
	    (sqlite3_int64)header[8] << 24 | header[9] << 16 | header[10] << 8 | header[11];

	wal->frame_bytes = page >= 512 && page <= 65536 ? page + WAL_FRAME_HEADER_BYTES : 0;
	wal->rest = 0;
}

/* ---- a WAL ---- */

static int close_wal(sqlite3_file *file)
{
	struct wal_file *wal = of(file);
	const int code = write_out(wal);
	const int closed = wal->real->pMethods->xClose(wal->real);

	sqlite3_free(wal->kept);
	wal->kept = NULL;
	return code != SQLITE_OK ? code : closed;
}

static int read_wal(sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
	const int code = write_out(of(file));

	return code != SQLITE_OK ? code
				 : of(file)->real->pMethods->xRead(of(file)->real, to, size, offset);
}

static int write_wal(sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
	struct wal_file *wal = of(file);
	int code = SQLITE_OK;

	if (offset == 0 && size == WAL_HEADER_BYTES)
		note_header(wal, from);
	if (offset != wal->at + wal->size || size > GATHER_BYTES - wal->size)
		code = write_out(wal);
	if (code != SQLITE_OK)
		return code;
	wal->end = offset + size;
	if (wal->frame_bytes == 0 || offset < wal->rest || size > GATHER_BYTES)
		return wal->real->pMethods->xWrite(wal->real, from, size, offset);
	if (wal->size == 0)
		wal->at = offset;
	memcpy(wal->kept + wal->size, from, (size_t)size);
	wal->size += size;
	return SQLITE_OK;
}

static int truncate_wal(sqlite3_file *file, sqlite3_int64 size)
{
	const int code = write_out(of(file));

	return code != SQLITE_OK ? code : of(file)->real->pMethods->xTruncate(of(file)->real, size);
}

static int sync_wal(sqlite3_file *file, int flags)
{
	struct wal_file *wal = of(file);
	const int code = write_out(wal);
	sqlite3_int64 over;

	if (code != SQLITE_OK)
		return code;
	over = wal->frame_bytes > 0 && wal->end > WAL_HEADER_BYTES
		   ? (wal->end - WAL_HEADER_BYTES) % wal->frame_bytes
		   : 0;
	wal->rest = over > 0 ? wal->end + wal->frame_bytes - over : 0;
	return wal->real->pMethods->xSync(wal->real, flags);
}

static int size_of_wal(sqlite3_file *file, sqlite3_int64 *size)
{
	const int code = write_out(of(file));

	return code != SQLITE_OK ? code : of(file)->real->pMethods->xFileSize(of(file)->real, size);
}

static int lock_wal(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xLock(of(file)->real, level);
}

static int unlock_wal(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xUnlock(of(file)->real, level);
}

static int check_lock(sqlite3_file *file, int *is_reserved)
{
	return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, is_reserved);
}

static int control_wal(sqlite3_file *file, int what, void *argument)
{
	const int code = write_out(of(file));

	return code != SQLITE_OK
		   ? code
		   : of(file)->real->pMethods->xFileControl(of(file)->real, what, argument);
}

/* Commits that are filled up (psow=0) are so to a multiple of this. */
static int sector_size(sqlite3_file *file)
{
	(void)file;
	return BLOCK_BYTES;
}

static int characteristics(sqlite3_file *file)
{
	return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

/* Version 1: the WAL's index and maps are the database file's business. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_wal,
    .xRead = read_wal,
    .xWrite = write_wal,
    .xTruncate = truncate_wal,
    .xSync = sync_wal,
    .xFileSize = size_of_wal,
    .xLock = lock_wal,
    .xUnlock = unlock_wal,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_wal,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

/* ---- the layer ---- */

static int open_wal(sqlite3_vfs *base, const char *name, struct wal_file *wal, int flags, int *given)
{
	uint8_t header[WAL_HEADER_BYTES];
	int code;

	*wal = (struct wal_file){.real = (sqlite3_file *)(void *)(wal + 1)};
	wal->kept = sqlite3_malloc(GATHER_BYTES);
	if (wal->kept == NULL)
		return SQLITE_NOMEM;
	code = base->xOpen(base, name, wal->real, flags, given);
	if (code != SQLITE_OK) {
		if (wal->real->pMethods != NULL) /* SQLite would close what has methods; ours it never sees */
			(void)wal->real->pMethods->xClose(wal->real);
		sqlite3_free(wal->kept);
		return code;
	}
	if (wal->real->pMethods->xRead(wal->real, header, WAL_HEADER_BYTES, 0) == SQLITE_OK)
		note_header(wal, header);
	wal->file.pMethods = &methods;
	return SQLITE_OK;
}

/* What stands behind a database's own file: its answers, and the lock it keeps. */
struct changed {
	sqlite3_io_methods methods; /* first: an open file knows its methods, and so the rest of this */
	const sqlite3_io_methods *real;
	bool keeps_write_lock, has_write_lock;
};

static struct changed *changed_of(sqlite3_file *file)
{
	return (struct changed *)(void *)(uintptr_t)file->pMethods;
}

/*
 * Where its owner asked for it the write lock, once taken, is kept until the file is closed: two calls of the system less a
 * commit. Readers never need it: one that meets a half-written index asks for it, is told "busy" and looks again.
 */
static int lock_index(sqlite3_file *file, int first, int count, int flags)
{
	struct changed *changed = changed_of(file);
	const bool is_write_lock = first == WAL_WRITE_LOCK && count == 1;
	int code;

	if (is_write_lock && changed->has_write_lock)
		return SQLITE_OK;
	code = changed->real->xShmLock(file, first, count, flags);
	if (is_write_lock && code == SQLITE_OK)
		changed->has_write_lock = changed->keeps_write_lock && (flags & SQLITE_SHM_LOCK) != 0;
	return code;
}

static int unmap_index(sqlite3_file *file, int should_delete)
{
	struct changed *changed = changed_of(file);

	if (changed->has_write_lock)
		(void)changed->real->xShmLock(file, WAL_WRITE_LOCK, 1,
					      SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	changed->has_write_lock = false;
	return changed->real->xShmUnmap(file, should_delete);
}

static int control_database(sqlite3_file *file, int what, void *argument)
{
	struct changed *changed = changed_of(file);

	if (what != RC_STORE__GATHER_KEEP_WRITE_LOCK)
		return changed->real->xFileControl(file, what, argument);
	changed->keeps_write_lock = true;
	return SQLITE_OK;
}

static int promise_nothing(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static int least_sector(sqlite3_file *file)
{
	(void)file;
	return 512;
}

/*
 * The database is the base's own file, with two other answers: no promise that a write leaves its neighbours alone makes SQLite
 * fill commits up; and sectors no longer than a page keep it from writing a page's neighbours as well.
 */
static int open_database(const struct layer *layer, const char *name, sqlite3_file *file, int flags,
			 int *given)
{
	const int code = layer->base->xOpen(layer->base, name, file, flags, given);
	struct changed *changed = (void *)((uint8_t *)file + layer->base_bytes);

	if (code != SQLITE_OK || file->pMethods == NULL)
		return code;
	*changed = (struct changed){.methods = *file->pMethods, .real = file->pMethods};
	changed->methods.xFileControl = control_database;
	changed->methods.xDeviceCharacteristics = promise_nothing;
	changed->methods.xSectorSize = least_sector;
	if (changed->methods.iVersion >= 2) {
		changed->methods.xShmLock = lock_index;
		changed->methods.xShmUnmap = unmap_index;
	}
	file->pMethods = &changed->methods;
	return SQLITE_OK;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *given)
{
	const struct layer *layer = (struct layer *)(void *)vfs;

	if ((flags & SQLITE_OPEN_WAL) != 0)
		return open_wal(layer->base, name, of(file), flags, given);
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
		return open_database(layer, name, file, flags, given);
	return layer->base->xOpen(layer->base, name, file, flags, given);
}

static enum rc_status make(struct layer *layer, sqlite3_vfs *base, struct rc_error *err)
{
	*layer = (struct layer){
	    .vfs = *base, .base = base, .base_bytes = ((size_t)base->szOsFile + 15) & ~(size_t)15};
	(void)snprintf(layer->name, sizeof(layer->name), "gather-%s", base->zName);
	layer->vfs.zName = layer->name;
	layer->vfs.pNext = NULL;
	layer->vfs.szOsFile =
	    (int)(sizeof(struct wal_file) + sizeof(struct changed) + layer->base_bytes);
	layer->vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&layer->vfs, 0) != SQLITE_OK)
		return rc_fail(err, RC_ENOMEM, "the store's layer over the disk: out of memory");
	return RC_OK;
}

enum rc_status rc_store__gather(const char *base, const char **name, struct rc_error *err)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static struct layer layers[RC_STORE__GATHER_BASES_MAX];
	static size_t count;
	sqlite3_vfs *below = sqlite3_vfs_find(base);
	enum rc_status status = RC_OK;
	size_t i = 0;

	if (below == NULL)
		return rc_fail(err, RC_EUSAGE, "SQLite knows no \"%s\"", base != NULL ? base : "system");
	(void)pthread_mutex_lock(&mutex);
	while (i < count && layers[i].base != below)
		i++;
	if (i == RC_STORE__GATHER_BASES_MAX)
		status = rc_fail(err, RC_ELIMIT, "more than %zu layers over the disk", i);
	else if (i == count)
		status = make(&layers[i], below, err);
	if (status == RC_OK && i == count)
		count++;
	(void)pthread_mutex_unlock(&mutex);
	if (status == RC_OK)
		*name = layers[i].name;
	return status;
}
