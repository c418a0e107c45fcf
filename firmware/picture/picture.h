/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_PICTURE_PICTURE_H
#define RC_PICTURE_PICTURE_H
/*
 * The small grey picture of what the camera sees, shared between two processes: the scanner writes it, the screen draws it.
 *
 * It lies in a memfd of fixed size behind a sequence lock: one writer, any number of readers, nobody waits for anybody. A
 * writer that dies in the middle of a frame leaves it unreadable until the next writer's first frame, and nothing worse.
 * Neither side trusts the other: a reader checks every value it takes out, and the memory can't be shrunk under it.
 *
 * The picture is as the camera sees it; whoever wants a mirror turns it round. Not for reading codes (far too small), never
 * for keeping: no picture is stored or sent. One thread a handle.
 */
#include "shared/base/status.h"

#include <stdint.h>

#define RC_PICTURE_WIDTH     320u
#define RC_PICTURE_HEIGHT    200u
#define RC_PICTURE_PIXELS    (RC_PICTURE_WIDTH * RC_PICTURE_HEIGHT)
#define RC_PICTURE_CODES_MAX 8u

/* A corner may lie outside the picture (which is cut from the middle of the frame), but never further than this. */
#define RC_PICTURE_REACH 4096

struct rc_picture_point {
	int16_t x, y; /* picture pixels, from the upper left */
};

struct rc_picture_code {
	/* The code's own upper left, upper right, lower right, lower left; so the order turns with the code. */
	struct rc_picture_point corners[4];
	bool is_read; /* its payload was read in this very frame; otherwise it was only seen */
};

/* One frame. 64 kB: keep it where it lives long, not on a stack. */
struct rc_picture_frame {
	uint64_t number;   /* of the camera's frame; gaps are frames that nobody needed */
	int64_t mono_us;   /* CLOCK_MONOTONIC when the frame was taken */
	size_t code_count; /* 0 … RC_PICTURE_CODES_MAX */
	struct rc_picture_code codes[RC_PICTURE_CODES_MAX];
	uint8_t pixels[RC_PICTURE_PIXELS]; /* rows from above, 0 black … 255 white */
};

struct rc_picture;

/* A new memfd of the right size, sealed against resizing, without a frame yet; CLOEXEC, the caller closes it. RC_EIO, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_picture_create(int *fd, struct rc_error *err);

/* Another descriptor of the same memory that can only be mapped for reading: what a screen is handed. CLOEXEC, the caller
 * closes it. Needs /proc. */
RC_CHECKED enum rc_status rc_picture_open_reader_fd(int fd, int *reader_fd, struct rc_error *err);

/* Map the memory behind `fd`, which is borrowed for the call only. RC_EFORMAT: not such a memfd (size, seals, mark).
 * rc_picture_close unmaps; NULL is fine there. */
RC_CHECKED enum rc_status rc_picture_open_for_reading(int fd, struct rc_picture **picture,
						      struct rc_error *err);
RC_CHECKED enum rc_status rc_picture_open_for_writing(int fd, struct rc_picture **picture,
						      struct rc_error *err);
void rc_picture_close(struct rc_picture *picture);

/* Replaces the frame. There must be no second writer. What the frame says out of range (count, corners) is brought into it. */
void rc_picture_write(struct rc_picture *picture, const struct rc_picture_frame *frame);

/* Copies the newest whole frame. RC_ENOTFOUND: there was none yet. RC_EBUSY: it is being written, or its writer has died in
 * the middle: draw the last one again. RC_EFORMAT: the other side writes rubbish. `*frame` may hold anything unless RC_OK. */
RC_CHECKED enum rc_status rc_picture_read(struct rc_picture *picture, struct rc_picture_frame *frame);

/* The number of changes so far: differs when a read would give another frame. */
uint64_t rc_picture_version(const struct rc_picture *picture);

#endif
