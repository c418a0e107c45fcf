/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_STORE_FILES_H
#define RC_STORE_FILES_H
/*
 * The few things about files that databases need around them: paths, one writer to a folder, removal of a database with what
 * lies beside it. Blocks on the disk; any thread.
 */
#include "shared/base/status.h"

#define RC_FILES_PATH_MAX_CHARS 512u

/* "folder/name" into a field; RC_ELIMIT if it doesn't fit. */
RC_CHECKED enum rc_status rc_files_join(const char *folder, const char *name,
					char path[RC_FILES_PATH_MAX_CHARS], struct rc_error *err);

/*
 * Takes a lock that ends with the process, whatever kills it. The file is made and stays; `*fd` is closed to let go. RC_EBUSY if
 * another holder lives; the text names its process.
 */
RC_CHECKED enum rc_status rc_files_lock(const char *path, int *fd, struct rc_error *err);

/* Removes a database, its -wal, -shm and -journal; what isn't there is fine. The database itself goes first. */
RC_CHECKED enum rc_status rc_files_remove_database(const char *path, struct rc_error *err);

#endif
