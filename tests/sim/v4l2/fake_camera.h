/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SIM_FAKE_CAMERA_H
#define RC_SIM_FAKE_CAMERA_H
/*
 * A V4L2 device where the kernel has none: a file that a test writes frames into, and the three calls (ioctl, mmap, poll) through
 * which a scanner sees it as a camera. They are wrapped at link time in a scanner of its own, rollcall-scanner-fake-camera, which is
 * otherwise the product's; the device's path is the file's.
 *
 * The test maps the file as struct fake_camera, changes what it likes, and hands a frame over by raising `sequence` last.
 */
#include <stdatomic.h>
#include <stdint.h>

#define FAKE_CAMERA_FORMATS_MAX 4u
#define FAKE_CAMERA_FRAME_BYTES (1280u * 720u * 2u)

struct fake_camera {
	uint32_t capabilities; /* of V4L2_CAP_…; 0: answers no question, like a file */
	uint32_t formats[FAKE_CAMERA_FORMATS_MAX]; /* fourcc, 0 ends */
	uint32_t width, height, row_bytes;         /* what S_FMT is changed to */
	uint32_t other_format;       /* what S_FMT is changed to; 0: the one that was asked for */
	uint32_t buffer_bytes;       /* of each buffer */
	_Atomic uint32_t is_gone;    /* from now on ENODEV */
	_Atomic uint32_t is_in_use;  /* S_FMT says EBUSY */
	_Atomic uint32_t is_flagged; /* buffers come with V4L2_BUF_FLAG_ERROR */
	_Atomic uint32_t loses;      /* the next so many DQBUF say EIO */
	_Atomic uint32_t starts;     /* STREAMONs, counted by the device */
	_Atomic uint32_t format;     /* that was set, told by the device */
	uint32_t frame_size;         /* bytesused of the frame below */
	_Atomic uint32_t sequence;
	uint8_t frame[FAKE_CAMERA_FRAME_BYTES];
};

#endif
