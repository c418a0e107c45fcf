/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in pictures: a QR code of version 1 as rows of modules, and the smallest grey JPEG and PNG. */
#include "firmware/scanner/warm_up.h"

#include "firmware/scanner/image_file.h"
#include "shared/base/cleanup.h"

#include <iconv.h>
#include <stdio.h>

#define MODULES       21u
#define QUIET_MODULES 4u
#define MODULE_PIXELS 4u
#define SIDE          ((MODULES + 2 * QUIET_MODULES) * MODULE_PIXELS)

static const char code_text[] = "ROLLCALL";

static const char code[MODULES][MODULES + 1] = {
    "#######    #  #######", "#     #  ##   #     #", "# ### # #   # # ### #",
    "# ### # #  #  # ### #", "# ### # ## ## # ### #", "#     # # # # #     #",
    "####### # # # #######", "        # ###        ", "# #####   # # #####  ",
    "  #  # # ## #  # ####", "  # ####   # #  ## # ", " ##    ####    ##  # ",
    " # ######  # #  # ###", "        ## ##### #   ", "#######   # # ##  ## ",
    "#     # ## #####     ", "# ### # ##  #  #  ## ", "# ### # #   #   #    ",
    "# ### # #### # # ##  ", "#     #        ##   #", "####### # ## #  ###  ",
};

static const uint8_t jpeg[] = {
    0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01,
    0x00, 0x01, 0x00, 0x00, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x10, 0x0b, 0x0c, 0x0e, 0x0c, 0x0a, 0x10,
    0x0e, 0x0d, 0x0e, 0x12, 0x11, 0x10, 0x13, 0x18, 0x28, 0x1a, 0x18, 0x16, 0x16, 0x18, 0x31, 0x23,
    0x25, 0x1d, 0x28, 0x3a, 0x33, 0x3d, 0x3c, 0x39, 0x33, 0x38, 0x37, 0x40, 0x48, 0x5c, 0x4e, 0x40,
    0x44, 0x57, 0x45, 0x37, 0x38, 0x50, 0x6d, 0x51, 0x57, 0x5f, 0x62, 0x67, 0x68, 0x67, 0x3e, 0x4d,
    0x71, 0x79, 0x70, 0x64, 0x78, 0x5c, 0x65, 0x67, 0x63, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x08,
    0x00, 0x08, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x14, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0xc4, 0x00, 0x14,
    0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0x1f, 0xff, 0xd9};

static const uint8_t png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
    0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x08,
    0xd7, 0x63, 0xf8, 0x0f, 0x00, 0x01, 0x01, 0x01, 0x00, 0x1b, 0xb6, 0xee, 0x56, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static void draw_code(uint8_t *pixels)
{
	for (unsigned y = 0; y < SIDE; y++) {
		for (unsigned x = 0; x < SIDE; x++) {
			const unsigned column = x / MODULE_PIXELS - QUIET_MODULES; /* wraps in the quiet zone */
			const unsigned row = y / MODULE_PIXELS - QUIET_MODULES;
			const bool is_dark =
			    column < MODULES && row < MODULES && code[row][column] == '#';

			pixels[y * SIDE + x] = is_dark ? 0 : 255;
		}
	}
}

static enum rc_status decode(const void *data, size_t size, struct rc_error *err)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	struct rc_frame frame;
	enum rc_status status = rc_image_file_decode(rc_bytes_of(data, size), &memory, &frame, err);

	return status == RC_OK ? RC_OK : rc_error_in(err, RC_EBUG, "built-in picture");
}

static enum rc_status read_code(struct rc_qr_reader *reader, struct rc_qr_finds *finds,
				struct rc_error *err)
{
	static uint8_t pixels[SIDE * SIDE];
	const struct rc_frame frame = {.pixels = pixels, .width = SIDE, .height = SIDE};
	enum rc_status status;

	draw_code(pixels);
	status = rc_qr_reader_read(reader, &frame, finds, err);
	if (status != RC_OK)
		return status;
	if (finds->count != 1 ||
	    !rc_bytes_is_text(rc_bytes_of(finds->finds[0].payload, finds->finds[0].size), code_text))
		return rc_fail(err, RC_EBUG, "the built-in code was not read");
	return RC_OK;
}

/* Never read again; volatile, or the compiler would forget them and sanitizers call it a leak. */
static volatile iconv_t kept[20];

/*
 * zbar turns to iconv for each code, and a code may name its character set (ECI 0 … 20, 26): each would be loaded from a
 * file when it is first met. They stay open for good, because glibc unloads what nobody has open.
 */
static void keep_character_sets(void)
{
	static size_t count;
	char name[16];

	if (count > 0)
		return;
	kept[count++] = iconv_open("UTF-8", "SJIS");
	kept[count++] = iconv_open("UTF-8", "BIG-5");
	kept[count++] = iconv_open("UTF-8", "CP437");
	kept[count++] = iconv_open("UTF-8", "UTF-8");
	for (unsigned part = 1; part <= 16; part++) {
		(void)snprintf(name, sizeof(name), "ISO8859-%u", part);
		kept[count++] = iconv_open("UTF-8", name); /* 12 was never published and isn't there */
	}
}

static int by_value(const void *a, const void *b)
{
	return *(const uint8_t *)a - *(const uint8_t *)b;
}

/* glibc 2.36 asks the kernel for the size of the memory when it first sorts more than 1 kB, and remembers the answer. */
static void sort_much(void)
{
	static uint8_t bytes[4096];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	qsort(bytes, sizeof(bytes), 1, by_value);
}

enum rc_status rc_scanner_warm_up(struct rc_qr_reader *reader, struct rc_qr_finds *finds,
				  struct rc_error *err)
{
	enum rc_status status = decode(jpeg, sizeof(jpeg), err);

	sort_much();
	keep_character_sets();
	if (status == RC_OK)
		status = decode(png, sizeof(png), err);
	return status == RC_OK ? read_code(reader, finds, err) : status;
}
