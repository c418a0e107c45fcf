/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_PASSPHRASE_H
#define RC_CLI_PASSPHRASE_H
/*
 * A passphrase from a human: never from the command line, where every process of the machine could read it. From the file of
 * --passphrase-file ("-": stdin), which only its owner may read; without that option from the terminal, where it isn't shown.
 */
#include "shared/base/buf.h"
#include "shared/options/options.h"

#define RC_CLI_PASSPHRASE_MAX_BYTES 1024u

/* Appends it, without the line's end. `is_new`: it is asked for twice on a terminal. RC_EUSAGE: neither a file nor a terminal, or two
 * that differ; RC_EDENIED: others may read the file. Wipe it. */
RC_CHECKED enum rc_status rc_cli_passphrase(const struct rc_options *options, bool is_new,
					    struct rc_buf *passphrase, struct rc_error *err);

/* Wipes and frees. */
void rc_cli_passphrase_deinit(struct rc_buf *passphrase);

#endif
