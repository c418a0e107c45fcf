/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_QR_READER_H
#define RC_SCANNER_QR_READER_H
/*
 * Finds QR codes in a grey frame (zbar). QR only; the payload is the code's bytes as they are, never a text that somebody
 * guessed. Codes that are one part of several (structured append) are seen but not read: no credential is made of parts.
 *
 * One thread a reader. Reading takes 4 ms (640×480) to 12 ms (1280×720) on a server's core.
 */
#include "firmware/scanner/frame.h"

struct rc_qr_reader;

/* What one frame holds. 32 kB: keep it where it lives long. */
struct rc_qr_finds {
	size_t count; /* codes that were read, at most RC_SCANNER_FINDS_MAX; `frame` is left 0, `mono_us` is the frame's */
	struct rc_scanner_find finds[RC_SCANNER_FINDS_MAX];
	size_t seen_count; /* codes that were seen and not read */
	struct rc_scanner_point seen[RC_SCANNER_FINDS_MAX][4];
};

/* NULL: no memory. */
RC_CHECKED struct rc_qr_reader *rc_qr_reader_new(void);

/* NULL is fine. */
void rc_qr_reader_free(struct rc_qr_reader *reader);

/* Looks for codes; none is no error. RC_ELIMIT: the frame's sides; RC_ENOMEM. */
RC_CHECKED enum rc_status rc_qr_reader_read(struct rc_qr_reader *reader, const struct rc_frame *frame,
					    struct rc_qr_finds *finds, struct rc_error *err);

#endif
