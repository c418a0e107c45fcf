/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_V4L2_PIXELS_H
#define RC_SCANNER_V4L2_PIXELS_H
/*
 * Where the brightness lies in the formats that cameras give, and how it becomes a grey frame. Pure; one thread a memory.
 *
 * Source: the kernel's "Video for Linux API", part I, "Image Formats": GREY, NV12, NV21, YU12, YV12, YUYV, YVYU, UYVY, VYUY, MJPG, JPEG.
 */
#include "firmware/scanner/frame.h"
#include "shared/base/bytes.h"

/* A device's frames. */
struct rc_v4l2_layout {
	unsigned width, height;
	unsigned step;    /* bytes from one pixel's brightness to the next; 0: JPEG */
	unsigned first;   /* of a row's first brightness */
	size_t row_bytes; /* from one row to the next */
};

/* How dear a format is to read, 0 the cheapest; -1 for one that can't be read. `fourcc` as V4L2 writes it. */
int rc_v4l2_rank(uint32_t fourcc);

/* RC_EFORMAT: a format that can't be read, or rows that overlap; RC_ELIMIT: sides of 0 or over RC_SCANNER_SIDE_MAX. */
RC_CHECKED enum rc_status rc_v4l2_layout(uint32_t fourcc, uint32_t width, uint32_t height,
					 uint32_t row_bytes, struct rc_v4l2_layout *layout,
					 struct rc_error *err);

/* Copies the brightness of one filled buffer; `*frame` borrows from `memory` until the next call. RC_EFORMAT: the buffer is too
 * short for its format, or its JPEG is damaged. */
RC_CHECKED enum rc_status rc_v4l2_read_pixels(const struct rc_v4l2_layout *layout,
					      struct rc_bytes buffer, struct rc_frame_memory *memory,
					      struct rc_frame *frame, struct rc_error *err);

#endif
