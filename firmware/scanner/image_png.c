/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG by libpng's simplified interface, which catches its own errors (no setjmp of ours), turns every colour type into 8-bit
 * grey and bounds the memory of side chunks. Checksums are verified.
 */
#include "firmware/scanner/image_file.h"

#include "shared/base/cleanup.h"

#include <png.h>

static void free_image(png_image *image)
{
	png_image_free(image);
}

static enum rc_status fail(const png_image *image, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT, "PNG: %s", image->message);
}

/* libpng judges sides itself, with a larger limit and after its own fashion; the header always starts with them. */
static enum rc_status check_sides(struct rc_bytes file, struct rc_error *err)
{
	uint32_t sides[2];

	if (file.size < 24)
		return rc_fail(err, RC_EFORMAT, "PNG: the file ends in its header");
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *at = file.data + 16 + 4 * i;

		sides[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	}
	if (!rc_frame_is_fit(sides[0], sides[1]))
		return rc_fail(err, RC_ELIMIT, "PNG: a picture of %u × %u pixels; at most %u a side",
			       sides[0], sides[1], RC_SCANNER_SIDE_MAX);
	return RC_OK;
}

enum rc_status rc_image__decode_png(struct rc_bytes file, struct rc_frame_memory *memory,
				    struct rc_frame *frame, struct rc_error *err)
{
	const png_color white = {.red = 255, .green = 255, .blue = 255};
	RC_AUTO(free_image) png_image image = {.version = PNG_IMAGE_VERSION};
	enum rc_status status = check_sides(file, err);

	if (status != RC_OK)
		return status;
	if (!png_image_begin_read_from_memory(&image, file.data, file.size))
		return fail(&image, err);
	image.format = PNG_FORMAT_GRAY;
	status = rc_frame_memory_reserve(memory, image.width, image.height, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "PNG");
	if (!png_image_finish_read(&image, &white, memory->pixels, (png_int_32)image.width, NULL))
		return fail(&image, err);
	*frame =
	    (struct rc_frame){.pixels = memory->pixels, .width = image.width, .height = image.height};
	return RC_OK;
}
