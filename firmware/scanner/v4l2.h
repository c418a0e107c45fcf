/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_V4L2_H
#define RC_SCANNER_V4L2_H
/*
 * A camera of Linux (Video4Linux 2): USB webcams, a board's camera connector. Grey is all that is wanted, so of most formats only
 * the brightness is copied; MJPEG is decoded to grey.
 *
 * The device was opened by the parent. Here it is asked what it can do, set to about 640 × 480, and started; all that is left
 * to do afterwards, within the sandbox, is exchanging buffers. A device is hostile input like a file: what it says of its
 * buffers is checked against what was mapped.
 *
 * Source: the kernel's "Video for Linux API", part I, "Streaming I/O (Memory Mapping)".
 */
#include "firmware/scanner/source.h"

#define RC_V4L2_WIDTH                                                                              \
	640u /* enough for a badge at arm's length; a larger frame costs time and finds little more */
#define RC_V4L2_HEIGHT 480u
#define RC_V4L2_STILL_MS                                                                           \
	3000 /* a camera that gives no frame for so long hangs: it must be opened anew */

/*
 * Starts the device on `fd` (borrowed; it may have been left running by a scanner that died). The source's `close` stops it.
 *
 * RC_EFORMAT: no camera that streams, or only pictures in formats we can't read (the text names them); RC_EBUSY: another program
 * uses it; RC_EIO; RC_ENOMEM. Blocks as long as the driver takes, up to a second or two.
 */
RC_CHECKED enum rc_status rc_v4l2_source_open(int fd, struct rc_scanner_source *source,
					      struct rc_error *err);

#endif
