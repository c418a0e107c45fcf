/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_FRAME_H
#define RC_SCANNER_FRAME_H
/*
 * A grey picture as the reader wants it, and memory for one that is used again and again: after the first frames of a camera
 * nothing is allocated. One thread.
 */
#include "firmware/scanner/pipe.h"
#include "shared/base/status.h"

#include <stdint.h>

/* Borrowed pixels: rows from above without gaps, 0 black … 255 white. */
struct rc_frame {
	const uint8_t *pixels;
	unsigned width, height; /* 1 … RC_SCANNER_SIDE_MAX */
	int64_t mono_us;        /* CLOCK_MONOTONIC when it was taken; 0 for a file */
};

/* Memory for pixels; zeroed is empty. */
struct rc_frame_memory {
	uint8_t *pixels; /* owned */
	size_t capacity; /* bytes; at most RC_SCANNER_SIDE_MAX squared */
};

/* True if a frame may have these sides. Ask before any memory is taken. */
bool rc_frame_is_fit(uint64_t width, uint64_t height);

/* Makes room for width × height pixels (the old content is lost). RC_ELIMIT: sides of 0 or over the maximum; RC_ENOMEM. */
RC_CHECKED enum rc_status rc_frame_memory_reserve(struct rc_frame_memory *memory, uint64_t width,
						  uint64_t height, struct rc_error *err);

/* Frees the pixels; the memory is empty afterwards. */
void rc_frame_memory_deinit(struct rc_frame_memory *memory);

/* Makes the screen's picture: cuts the middle of the frame to the shape of `to_width` × `to_height` and averages it down. */
void rc_frame_shrink(const struct rc_frame *frame, unsigned to_width, unsigned to_height, uint8_t *to);

/* Where a point of the frame lies in that picture; may be outside of it. */
struct rc_scanner_point rc_frame_shrink_point(const struct rc_frame *frame, unsigned to_width,
					      unsigned to_height, struct rc_scanner_point point);

#endif
