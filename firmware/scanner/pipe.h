/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_PIPE_H
#define RC_SCANNER_PIPE_H
/*
 * The lines that a scanner writes to its pipe and the daemon reads. Payloads are always hex, so nothing that stands in a code
 * can look like anything else.
 *
 *     F frame mono_us quality turn x,y x,y x,y x,y HEX\n      a code was read in this frame
 *     A frame mono_us\n                                       alive; `frame` is the newest one taken, about twice a second
 *     E reason\n                                              no more frames will come; the scanner ends
 *
 * Numbers are plain digits without a sign or leading zeros (corners may have a minus), fields are parted by one space, a line
 * has at most 8 KiB with its newline and a frame at most 8 F lines. A code that holds more than such a line takes (only long
 * runs of digits do) is cut, and its HEX is followed by `+N`: N bytes are left out. No credential is that long, so the daemon
 * can say "malformed" with the right length.
 *
 * Pure: any thread, nothing blocks or allocates. The decoder is strict: the scanner meets hostile pictures, so what it says
 * is hostile too.
 */
#include "shared/base/buf.h"

#include <stdint.h>

#define RC_SCANNER_LINE_MAX_BYTES 8192u /* with the newline */
#define RC_SCANNER_PAYLOAD_MAX_BYTES                                                               \
	4000u /* twice that in hex, and 190 characters for the fields before it */
#define RC_SCANNER_FINDS_MAX   8u                        /* in one frame */
#define RC_SCANNER_SIDE_MAX    4096u                     /* pixels: no frame is wider or higher */
#define RC_SCANNER_NUMBER_MAX  INT64_C(9007199254740991) /* 2^53 - 1 */
#define RC_SCANNER_QUALITY_MAX 1000000

struct rc_scanner_point {
	int x, y; /* pixels of the camera's frame, from the upper left; -4096 … 8191, a corner may lie outside */
};

/* A code that was read in a frame. Equal codes in following frames are each reported: telling them apart from a new showing
 * is the daemon's. */
struct rc_scanner_find {
	int64_t frame;   /* number of the frame since this scanner started, from 1 */
	int64_t mono_us; /* CLOCK_MONOTONIC when the frame was taken */
	int quality;     /* 0 …: how often the reader met it; only good for comparing */
	int turn;        /* degrees clockwise: 0, 90, 180, 270 */
	struct rc_scanner_point corners[4]; /* the code's own upper left, upper right, lower right, lower left */
	size_t size;                        /* bytes of `payload` */
	size_t omitted; /* bytes that the code holds beyond them; 0 but for over-long codes */
	uint8_t payload[RC_SCANNER_PAYLOAD_MAX_BYTES];
};

/* Why a scanner ends by itself. */
enum rc_scanner_end {
	RC_SCANNER_END_ENDED, /* the source has no more frames (a simulated camera's script is over) */
	RC_SCANNER_END_FAILED, /* the camera was unplugged, or the feed broke its protocol */
	RC_SCANNER_END_SANDBOX, /* the kernel would not lock the scanner in; without that it reads nothing */
};

enum rc_scanner_line_kind {
	RC_SCANNER_LINE_FIND,
	RC_SCANNER_LINE_ALIVE,
	RC_SCANNER_LINE_END,
};

struct rc_scanner_line {
	enum rc_scanner_line_kind kind;
	int64_t frame, mono_us;      /* ALIVE (and FIND, as in `find`) */
	enum rc_scanner_end end;     /* END */
	struct rc_scanner_find find; /* FIND */
};

/* Append one line. What is too long is cut as said above, corners and quality are brought into their ranges. The buffer should
 * have room for RC_SCANNER_LINE_MAX_BYTES; ask rc_buf_status. */
void rc_scanner_pipe_encode_find(const struct rc_scanner_find *find, struct rc_buf *out);
void rc_scanner_pipe_encode_alive(int64_t frame, int64_t mono_us, struct rc_buf *out);
void rc_scanner_pipe_encode_end(enum rc_scanner_end end, struct rc_buf *out);

/* Reads one line without its newline. RC_EFORMAT: anything but exactly the form above (a payload of no bytes is also none);
 * RC_ELIMIT: too long. `*line` is whole only on RC_OK. */
RC_CHECKED enum rc_status rc_scanner_pipe_decode(struct rc_bytes text, struct rc_scanner_line *line,
						 struct rc_error *err);

/* "ended", "failed", "sandbox". */
const char *rc_scanner_end_text(enum rc_scanner_end end);

#endif
