/* SPDX-License-Identifier: Apache-2.0 */
/* One table of formats. In all of them but JPEG a pixel's brightness is one byte at a fixed step. */
#include "firmware/scanner/v4l2_pixels.h"

#include "firmware/scanner/image_file.h"

#include <linux/videodev2.h>
#include <string.h>

/* The cheapest to copy, and to carry over USB, first. */
static const struct {
	uint32_t fourcc;
	unsigned step, first;
} formats[] = {
    {V4L2_PIX_FMT_GREY, 1, 0},   {V4L2_PIX_FMT_NV12, 1, 0},   {V4L2_PIX_FMT_NV21, 1, 0},
    {V4L2_PIX_FMT_YUV420, 1, 0}, {V4L2_PIX_FMT_YVU420, 1, 0}, {V4L2_PIX_FMT_YUYV, 2, 0},
    {V4L2_PIX_FMT_YVYU, 2, 0},   {V4L2_PIX_FMT_UYVY, 2, 1},   {V4L2_PIX_FMT_VYUY, 2, 1},
    {V4L2_PIX_FMT_MJPEG, 0, 0},  {V4L2_PIX_FMT_JPEG, 0, 0},
};

int rc_v4l2_rank(uint32_t fourcc)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].fourcc == fourcc)
			return (int)i;
	}
	return -1;
}

enum rc_status rc_v4l2_layout(uint32_t fourcc, uint32_t width, uint32_t height, uint32_t row_bytes,
			      struct rc_v4l2_layout *layout, struct rc_error *err)
{
	const int rank = rc_v4l2_rank(fourcc);
	struct rc_v4l2_layout found;

	if (rank < 0)
		return rc_fail(err, RC_EFORMAT, "a format that can't be read: %.4s",
			       (const char *)&fourcc);
	if (!rc_frame_is_fit(width, height))
		return rc_fail(err, RC_ELIMIT, "frames of %u × %u", width, height);
	found = (struct rc_v4l2_layout){width, height, formats[rank].step, formats[rank].first, row_bytes};
	if (found.row_bytes == 0) /* some drivers leave it out where rows follow each other */
		found.row_bytes = (size_t)width * found.step;
	if (found.row_bytes < (size_t)width * found.step)
		return rc_fail(err, RC_EFORMAT, "rows of %u bytes for %u pixels", row_bytes, width);
	*layout = found;
	return RC_OK;
}

static void copy_row(const uint8_t *from, unsigned step, unsigned width, uint8_t *to)
{
	if (step == 1)
		memcpy(to, from, width);
	else
		for (unsigned x = 0; x < width; x++)
			to[x] = from[(size_t)x * step];
}

enum rc_status rc_v4l2_read_pixels(const struct rc_v4l2_layout *layout, struct rc_bytes buffer,
				   struct rc_frame_memory *memory, struct rc_frame *frame,
				   struct rc_error *err)
{
	const size_t needed =
	    layout->row_bytes * (layout->height - 1) + (size_t)layout->width * layout->step;
	enum rc_status status;

	if (layout->step == 0)
		return rc_image__decode_jpeg(buffer, memory, frame, err);
	if (buffer.size < needed)
		return rc_fail(err, RC_EFORMAT, "camera: a frame of %zu bytes, %zu are needed",
			       buffer.size, needed);
	status = rc_frame_memory_reserve(memory, layout->width, layout->height, err);
	if (status != RC_OK)
		return status;
	for (unsigned y = 0; y < layout->height; y++)
		copy_row(buffer.data + y * layout->row_bytes + layout->first, layout->step,
			 layout->width, memory->pixels + (size_t)y * layout->width);
	*frame = (struct rc_frame){
	    .pixels = memory->pixels, .width = layout->width, .height = layout->height};
	return RC_OK;
}
