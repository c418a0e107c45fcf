/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_FILES_H
#define RC_CLI_FILES_H
/* Files that a person names, read whole: they may be pipes, and large. Our own are shared/file's, which also writes. */
#include "shared/base/buf.h"

/* Reads a file whole; `bytes` has a maximum. RC_ELIMIT: it is larger; RC_ENOTFOUND, RC_EDENIED, RC_EIO. */
RC_CHECKED enum rc_status rc_cli_file_read(const char *path, struct rc_buf *bytes, struct rc_error *err);

/* The same for what comes on standard input, up to its end. */
RC_CHECKED enum rc_status rc_cli_stdin_read(struct rc_buf *bytes, struct rc_error *err);

#endif
