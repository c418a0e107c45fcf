/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_DECODE_H
#define RC_SCANNER_DECODE_H
/*
 * Reads codes out of picture files for a human or a script: `rollcall-kiosk decode FILE…`. The same reader as the camera's.
 */
#include "firmware/scanner/qr_reader.h"
#include "shared/base/buf.h"

#include <stdio.h>

struct rc_decoder; /* a reader and the memory it works in */

/* NULL: no memory. rc_decoder_free takes NULL, too. */
RC_CHECKED struct rc_decoder *rc_decoder_new(void);
void rc_decoder_free(struct rc_decoder *decoder);

/* Reads the codes of one picture, from above to below (then from the left). `*finds` is borrowed until the next call; no code
 * is no error. RC_EFORMAT, RC_ELIMIT: not a picture that can be read; RC_EIO. In the calling process: for files that aren't
 * trusted, call it in one that is locked in, as rc_scanner_decode_main does. */
RC_CHECKED enum rc_status rc_scanner_decode_file(struct rc_decoder *decoder, int fd,
						 const struct rc_qr_finds **finds, struct rc_error *err);

/* A payload as one line of text: valid UTF-8 stays as it is; `\\`, `\n`, `\t`, `\r`; all else that isn't plainly visible
 * (controls, characters that change how their neighbours look, bytes that are no UTF-8) as `\xNN`. */
void rc_scanner_decode_escape(struct rc_bytes payload, struct rc_buf *out);

/* The verb. Writes one line a code to `out`: path, TAB, escaped payload (`…` behind one that was cut). Says on stderr what
 * couldn't be read. Each file is decoded in a child that is locked in (sandbox.h), so a picture that breaks the reader costs
 * its own line and nothing else. Returns the exit status: 0, 1 when a picture held no code or couldn't be read, 2 without
 * a path. Call it while there is one thread. */
int rc_scanner_decode_main(int count, char **paths, FILE *out);

#endif
