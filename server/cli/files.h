/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_FILES_H
#define RC_CLI_FILES_H
/* Whole files, in and out. */
#include "shared/base/buf.h"

#include <sys/types.h>

/* Reads a file whole; `bytes` has a maximum. RC_ELIMIT: it is larger; RC_ENOTFOUND, RC_EDENIED, RC_EIO. */
RC_CHECKED enum rc_status rc_cli_file_read(const char *path, struct rc_buf *bytes, struct rc_error *err);

/* The same for what comes on standard input, up to its end. */
RC_CHECKED enum rc_status rc_cli_stdin_read(struct rc_buf *bytes, struct rc_error *err);

/* Writes a file so that a reader sees the old one or the new one, never half: a temporary file beside it, synced, renamed. */
RC_CHECKED enum rc_status rc_cli_file_write(const char *path, struct rc_bytes bytes, mode_t mode,
					    struct rc_error *err);

#endif
