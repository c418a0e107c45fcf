/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and their shrinking: a box average in whole numbers, about 1 ms for 1280×720. */
#include "firmware/scanner/frame.h"

#include <stdlib.h>

/* The part of a frame that the picture shows. */
struct window {
	unsigned x, y, width, height;
};

bool rc_frame_is_fit(uint64_t width, uint64_t height)
{
	return width >= 1 && height >= 1 && width <= RC_SCANNER_SIDE_MAX && height <= RC_SCANNER_SIDE_MAX;
}

enum rc_status rc_frame_memory_reserve(struct rc_frame_memory *memory, uint64_t width,
				       uint64_t height, struct rc_error *err)
{
	size_t size;
	uint8_t *pixels;

	if (!rc_frame_is_fit(width, height))
		return rc_fail(err, RC_ELIMIT, "a picture of %llu × %llu pixels; at most %u a side",
			       (unsigned long long)width, (unsigned long long)height,
			       RC_SCANNER_SIDE_MAX);
	size = (size_t)(width * height);
	if (size <= memory->capacity)
		return RC_OK;
	pixels = realloc(memory->pixels, size);
	if (!pixels)
		return rc_fail(err, RC_ENOMEM, "no memory for a picture of %zu pixels", size);
	memory->pixels = pixels;
	memory->capacity = size;
	return RC_OK;
}

void rc_frame_memory_deinit(struct rc_frame_memory *memory)
{
	free(memory->pixels);
	*memory = (struct rc_frame_memory){0};
}

static struct window window_of(const struct rc_frame *frame, unsigned to_width, unsigned to_height)
{
	struct window window = {.width = frame->width, .height = frame->height};

	if (frame->width * to_height > frame->height * to_width)
		window.width = frame->height * to_width / to_height;
	else
		window.height = frame->width * to_height / to_width;
	window.width += window.width == 0;
	window.height += window.height == 0;
	window.x = (frame->width - window.width) / 2;
	window.y = (frame->height - window.height) / 2;
	return window;
}

static uint8_t mean(const struct rc_frame *frame, struct window box)
{
	unsigned sum = 0; /* 4096 × 4096 × 255 just fits */

	for (unsigned y = box.y; y < box.y + box.height; y++) {
		const uint8_t *row = frame->pixels + (size_t)y * frame->width + box.x;

		for (unsigned x = 0; x < box.width; x++)
			sum += row[x];
	}
	return (uint8_t)(sum / (box.width * box.height));
}

/* The stretch [from, from + size) of `length` pixels that makes pixel `i` of `count`; at least one pixel. */
static void stretch(unsigned length, unsigned i, unsigned count, unsigned *from, unsigned *size)
{
	const unsigned begin = i * length / count;
	const unsigned end = (i + 1) * length / count;

	*from = begin;
	*size = end > begin ? end - begin : 1;
}

void rc_frame_shrink(const struct rc_frame *frame, unsigned to_width, unsigned to_height, uint8_t *to)
{
	const struct window window = window_of(frame, to_width, to_height);
	struct window box;

	for (unsigned y = 0; y < to_height; y++) {
		for (unsigned x = 0; x < to_width; x++) {
			stretch(window.width, x, to_width, &box.x, &box.width);
			stretch(window.height, y, to_height, &box.y, &box.height);
			box.x += window.x;
			box.y += window.y;
			to[(size_t)y * to_width + x] = mean(frame, box);
		}
	}
}

struct rc_scanner_point rc_frame_shrink_point(const struct rc_frame *frame, unsigned to_width,
					      unsigned to_height, struct rc_scanner_point point)
{
	const struct window window = window_of(frame, to_width, to_height);

	return (struct rc_scanner_point){
	    .x = (point.x - (int)window.x) * (int)to_width / (int)window.width,
	    .y = (point.y - (int)window.y) * (int)to_height / (int)window.height,
	};
}
