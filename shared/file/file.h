/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FILE_FILE_H
#define RC_FILE_FILE_H
/*
 * Small files of ours, read and written whole: keys, certificates, pointers, printed sheets. Not for what a person names on a
 * command line (it may be a pipe, and large), nor for databases.
 *
 * A file is named by an open folder and a name in it (or AT_FDCWD and a path). The last part of the name is never followed
 * where it is a link, and nothing but a file is read: whoever may write into the folder can't make us read something else, nor
 * wait for a pipe. Blocks on the disk; any thread.
 *
 * Errors: RC_ENOTFOUND, RC_EDENIED, RC_EIO as the system says, with the name in front.
 */
#include "shared/base/buf.h"

#include <sys/types.h>

/* Appends all of a file. Its room is made at once, so that growing leaves no copy of a secret behind. RC_ELIMIT: more than the
 * buffer may hold; RC_EFORMAT: no file; RC_ECONFLICT: it was written to meanwhile. On failure the buffer may hold a part. */
RC_CHECKED enum rc_status rc_file_read(int folder, const char *name, struct rc_buf *bytes,
				       struct rc_error *err);

/* The same for a secret: RC_EDENIED if group or others have any right to it. The caller wipes the buffer. */
RC_CHECKED enum rc_status rc_file_read_secret(int folder, const char *name, struct rc_buf *bytes,
					      struct rc_error *err);

/* Makes a file that isn't there yet, on disk when it returns; the folder's own entry is not (rc_file_sync_folder, once for all
 * that is made in it). RC_ECONFLICT: there is one. A file that can't be written whole is removed again. */
RC_CHECKED enum rc_status rc_file_create(int folder, const char *name, mode_t mode,
					 struct rc_bytes bytes, struct rc_error *err);

/* Puts a file in the place of another, or of none: written beside it as `name.next`, synced, renamed, the folder synced. A power
 * cut leaves the old or the new one. One writer at a time. */
RC_CHECKED enum rc_status rc_file_replace(int folder, const char *name, mode_t mode,
					  struct rc_bytes bytes, struct rc_error *err);

/* Makes durable what was made, renamed or removed in a folder. */
RC_CHECKED enum rc_status rc_file_sync_folder(const char *path, struct rc_error *err);

#endif
