/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_IMAGE_FILE_H
#define RC_SCANNER_IMAGE_FILE_H
/*
 * Pictures in files, as grey frames: PNG (libpng), JPEG (libjpeg-turbo; also the frames of MJPEG cameras) and binary PGM.
 *
 * Files are hostile: their sides are read from the header and judged before memory is taken for the pixels, and what the
 * libraries complain about ends the picture, never the process. Transparent parts are white. One thread a memory.
 */
#include "firmware/scanner/frame.h"
#include "shared/base/buf.h"

#define RC_IMAGE_FILE_MAX_BYTES (48u << 20) /* a PGM of 4096 × 4096 and any sane photograph */

/* Reads all of a file and decodes it. `file` (a buffer with a maximum of RC_IMAGE_FILE_MAX_BYTES) keeps the bytes and `memory` the pixels; both
 * are used again by the next call, and `*frame` borrows from `memory` until then. Doesn't wait: a pipe or a folder is RC_EIO.
 *
 * RC_EFORMAT: no such picture, or a damaged one; RC_ELIMIT: too large a file, or sides of 0 or over RC_SCANNER_SIDE_MAX. */
RC_CHECKED enum rc_status rc_image_file_read(int fd, struct rc_buf *file, struct rc_frame_memory *memory,
					     struct rc_frame *frame, struct rc_error *err);

/* As above for bytes that are in memory already. */
RC_CHECKED enum rc_status rc_image_file_decode(struct rc_bytes file, struct rc_frame_memory *memory,
					       struct rc_frame *frame, struct rc_error *err);

/* Inside the scanner only: one format each, told apart by rc_image_file_decode. */
RC_CHECKED enum rc_status rc_image__decode_png(struct rc_bytes file, struct rc_frame_memory *memory,
					       struct rc_frame *frame, struct rc_error *err);
RC_CHECKED enum rc_status rc_image__decode_jpeg(struct rc_bytes file, struct rc_frame_memory *memory,
						struct rc_frame *frame, struct rc_error *err);
RC_CHECKED enum rc_status rc_image__decode_pgm(struct rc_bytes file, struct rc_frame_memory *memory,
					       struct rc_frame *frame, struct rc_error *err);

#endif
