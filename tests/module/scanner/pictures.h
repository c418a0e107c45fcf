/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_SCANNER_PICTURES_H
#define RC_TESTS_SCANNER_PICTURES_H
/*
 * Pictures for the scanner's tests: codes drawn flat into grey frames, and files of every format. What can't be made fails
 * the running test. Frames are freed with free(canvas.pixels).
 */
#include "firmware/scanner/frame.h"
#include "shared/base/buf.h"
#include "shared/qr/qr.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>

#define BADGE "RC1:ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct canvas {
	uint8_t *pixels;
	unsigned width, height;
};

/* A canvas of one grey; a frame that borrows it. */
struct canvas canvas_new(unsigned width, unsigned height, uint8_t grey);
struct rc_frame canvas_frame(const struct canvas *canvas);

/* Draws a code of the payload with its upper left module at (x, y). */
void canvas_draw_code(struct canvas *canvas, struct rc_bytes payload, unsigned x, unsigned y,
		      unsigned module_pixels);

/* A canvas that just holds the code and its quiet zone. */
struct canvas canvas_of_code(struct rc_bytes payload, unsigned module_pixels);

/* A code that names its character set, as often as asked, and then says "abc". */
struct canvas canvas_of_code_with_eci(unsigned eci, unsigned count);

/* A code that is whole and holds no bytes. */
struct canvas canvas_of_empty_code(void);

/* The canvas as a file; the buffer is the caller's to deinit. */
struct rc_buf canvas_as_pgm(const struct canvas *canvas);
struct rc_buf canvas_as_png(const struct canvas *canvas, bool is_colour);
struct rc_buf canvas_as_jpeg(const struct canvas *canvas, bool is_colour, bool is_progressive);

/* A memfd that holds the bytes. */
int memfd_of(struct rc_bytes bytes);

#endif
