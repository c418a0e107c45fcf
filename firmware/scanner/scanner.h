/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_SCANNER_H
#define RC_SCANNER_SCANNER_H
/*
 * The scanner's loop: frames from a source, codes out of them, lines to the pipe and the small picture to the screen. It
 * keeps nothing from one frame to the next but their number: whether a code is new is the daemon's to say.
 */
#include "firmware/picture/picture.h"
#include "firmware/scanner/pipe.h"
#include "firmware/scanner/qr_reader.h"
#include "firmware/scanner/source.h"

#define RC_SCANNER_HEARTBEAT_MS 500 /* between two A lines */

struct rc_scanner_work {
	const struct rc_scanner_source *source;
	struct rc_qr_reader *reader;
	struct rc_qr_finds *finds;  /* room to work in */
	struct rc_picture *picture; /* NULL: nobody looks */
	int pipe_fd; /* lines are written here; blocks while the daemon doesn't read */
};

/* Runs until there are no more frames, whose reason it also writes to the pipe (RC_OK), or something fails that a new process
 * may not (RC_ENOMEM, RC_EIO when the pipe is closed). Everything is borrowed. */
RC_CHECKED enum rc_status rc_scanner_run(const struct rc_scanner_work *work, struct rc_error *err);

#endif
