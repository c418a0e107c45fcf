/* SPDX-License-Identifier: Apache-2.0 */
/* Setting a device up, then buffers in a ring: the driver fills one while the last is read. */
#include "firmware/scanner/v4l2.h"

#include "firmware/scanner/image_file.h"
#include "firmware/scanner/v4l2_pixels.h"
#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#define BUFFERS         4u
#define FORMATS_MAX     64u /* that a device may list */
#define FRAMES_A_SECOND 30u

struct mapping {
	uint8_t *bytes; /* NULL: not mapped */
	size_t size;
};

struct device {
	int fd;
	struct rc_v4l2_layout layout;
	struct mapping mappings[BUFFERS];
	unsigned mapping_count;
	int64_t last_frame_us; /* when one came, or streaming began */
	struct rc_frame_memory memory;
};

/* As ioctl, again where a signal came between. */
static int ask(int fd, unsigned long request, void *argument)
{
	int result;

	do {
		result = ioctl(fd, request, argument);
	} while (result < 0 && errno == EINTR);
	return result;
}

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- setting up ---- */

static enum rc_status check_device(int fd, struct rc_error *err)
{
	struct v4l2_capability capability = {0};
	unsigned can;

	if (ask(fd, VIDIOC_QUERYCAP, &capability) != 0)
		return rc_fail(err, RC_EFORMAT, "is no camera");
	can = capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps
							     : capability.capabilities;
	if (!(can & V4L2_CAP_VIDEO_CAPTURE) || !(can & V4L2_CAP_STREAMING))
		return rc_fail(err, RC_EFORMAT, "is no camera that streams");
	return RC_OK;
}

/* The device's format that is cheapest to read; RC_EFORMAT with what it has if we can read none. */
static enum rc_status choose_format(int fd, uint32_t *fourcc, struct rc_error *err)
{
	struct v4l2_fmtdesc listed = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	char names[128] = "";
	int best = -1;

	for (; listed.index < FORMATS_MAX && ask(fd, VIDIOC_ENUM_FMT, &listed) == 0; listed.index++) {
		const int rank = rc_v4l2_rank(listed.pixelformat);
		const size_t size = strlen(names);

		(void)snprintf(names + size, sizeof(names) - size, " %.4s",
			       (const char *)&listed.pixelformat);
		if (rank < 0 || (best >= 0 && rank >= best))
			continue;
		best = rank;
		*fourcc = listed.pixelformat;
	}
	return best >= 0 ? RC_OK : rc_fail(err, RC_EFORMAT, "no format that can be read:%s", names);
}

/* The driver may change the size to one it has; it may not change the format to one we didn't ask for. */
static enum rc_status set_format(struct device *device, uint32_t fourcc, struct rc_error *err)
{
	struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_streamparm rate = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

	format.fmt.pix.width = RC_V4L2_WIDTH;
	format.fmt.pix.height = RC_V4L2_HEIGHT;
	format.fmt.pix.pixelformat = fourcc;
	format.fmt.pix.field = V4L2_FIELD_ANY;
	if (ask(device->fd, VIDIOC_S_FMT, &format) != 0)
		return errno == EBUSY
			   ? rc_fail(err, RC_EBUSY, "another program uses it")
			   : rc_fail(err, RC_EIO, "its format can't be set (errno %d)", errno);
	if (format.fmt.pix.pixelformat != fourcc)
		return rc_fail(err, RC_EFORMAT, "it took another format than it was asked for");
	rate.parm.capture.timeperframe = (struct v4l2_fract){1, FRAMES_A_SECOND};
	(void)ask(device->fd, VIDIOC_S_PARM, &rate); /* a wish: many have one rate only */
	return rc_v4l2_layout(fourcc, format.fmt.pix.width, format.fmt.pix.height,
			      format.fmt.pix.bytesperline, &device->layout, err);
}

static enum rc_status map_buffer(struct device *device, unsigned index, struct rc_error *err)
{
	struct v4l2_buffer buffer = {
	    .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = index};
	void *bytes;

	if (ask(device->fd, VIDIOC_QUERYBUF, &buffer) != 0 || buffer.length == 0)
		return rc_fail(err, RC_EIO, "a buffer can't be had (errno %d)", errno);
	bytes = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, device->fd,
		     (off_t)buffer.m.offset);
	if (bytes == MAP_FAILED)
		return rc_fail(err, RC_ENOMEM, "a buffer can't be mapped (errno %d)", errno);
	device->mappings[index] = (struct mapping){bytes, buffer.length};
	device->mapping_count++;
	if (ask(device->fd, VIDIOC_QBUF, &buffer) != 0)
		return rc_fail(err, RC_EIO, "a buffer can't be handed over (errno %d)", errno);
	return RC_OK;
}

/* What an earlier scanner left behind is stopped and given back first: its mappings died with it. */
static void take_over(int fd)
{
	struct v4l2_requestbuffers none = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
					   .memory = V4L2_MEMORY_MMAP};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	(void)ask(fd, VIDIOC_STREAMOFF, &type);
	(void)ask(fd, VIDIOC_REQBUFS, &none);
}

static enum rc_status start(struct device *device, struct rc_error *err)
{
	struct v4l2_requestbuffers wanted = {
	    .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	enum rc_status status = RC_OK;

	if (ask(device->fd, VIDIOC_REQBUFS, &wanted) != 0 || wanted.count < 2)
		return rc_fail(err, RC_EIO, "it gives no buffers (errno %d)", errno);
	for (unsigned i = 0; status == RC_OK && i < wanted.count && i < BUFFERS; i++)
		status = map_buffer(device, i, err);
	if (status == RC_OK && ask(device->fd, VIDIOC_STREAMON, &type) != 0)
		status = rc_fail(err, RC_EIO, "it doesn't start (errno %d)", errno);
	device->last_frame_us = now_us();
	return status;
}

/* ---- frames ---- */

static enum rc_status give_back(const struct device *device, struct v4l2_buffer *buffer,
				struct rc_error *err)
{
	return ask(device->fd, VIDIOC_QBUF, buffer) == 0
		   ? RC_OK
		   : rc_fail(err, RC_EIO, "camera: a buffer can't be given back (errno %d)", errno);
}

/* One filled buffer. RC_EBUSY: none is filled; RC_EFORMAT: one was lost on its way. */
static enum rc_status take(const struct device *device, struct v4l2_buffer *buffer, struct rc_error *err)
{
	*buffer = (struct v4l2_buffer){.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	if (ask(device->fd, VIDIOC_DQBUF, buffer) == 0)
		return buffer->index < device->mapping_count
			   ? RC_OK
			   : rc_fail(err, RC_EIO, "camera: it gave a buffer that isn't there");
	if (errno == EAGAIN)
		return RC_EBUSY;
	if (errno == EIO)
		return rc_fail(err, RC_EFORMAT, "camera: a frame was lost");
	return rc_fail(err, RC_EIO, "camera: it is gone (errno %d)", errno);
}

/* The newest filled buffer; older ones go straight back. */
static enum rc_status take_newest(const struct device *device, struct v4l2_buffer *buffer,
				  struct rc_error *err)
{
	enum rc_status status = take(device, buffer, err);

	while (status == RC_OK) {
		struct v4l2_buffer newer;
		const enum rc_status next = take(device, &newer, NULL);

		if (next != RC_OK)
			break;
		status = give_back(device, buffer, err);
		*buffer = newer;
	}
	return status;
}

static int64_t time_of(const struct v4l2_buffer *buffer)
{
	if ((buffer->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		return now_us();
	return (int64_t)buffer->timestamp.tv_sec * 1000000 + buffer->timestamp.tv_usec;
}

static enum rc_status read_buffer(struct device *device, const struct v4l2_buffer *buffer,
				  struct rc_frame *frame, struct rc_error *err)
{
	const struct mapping *mapping = &device->mappings[buffer->index];
	const size_t used = buffer->bytesused < mapping->size ? buffer->bytesused : mapping->size;
	enum rc_status status;

	if (buffer->flags & V4L2_BUF_FLAG_ERROR)
		return rc_fail(err, RC_EFORMAT, "camera: a damaged frame");
	status = rc_v4l2_read_pixels(&device->layout, rc_bytes_of(mapping->bytes, used),
				     &device->memory, frame, err);
	if (status == RC_OK)
		frame->mono_us = time_of(buffer);
	return status;
}

static enum rc_status nothing_came(const struct device *device, struct rc_error *err)
{
	if (now_us() - device->last_frame_us < RC_V4L2_STILL_MS * INT64_C(1000))
		return RC_EBUSY;
	return rc_fail(err, RC_EIO, "camera: no frame for %d ms", RC_V4L2_STILL_MS);
}

static enum rc_status next_frame(void *context, int timeout_ms, struct rc_frame *frame,
				 struct rc_error *err)
{
	struct device *device = context;
	struct pollfd wait = {.fd = device->fd, .events = POLLIN};
	struct v4l2_buffer buffer;
	enum rc_status status, given;

	if (poll(&wait, 1, timeout_ms) <= 0)
		return nothing_came(device, err);
	status = take_newest(device, &buffer, err);
	if (status == RC_EBUSY)
		return nothing_came(device, err);
	if (status != RC_OK)
		return status;
	device->last_frame_us = now_us();
	status = read_buffer(device, &buffer, frame, err);
	given = give_back(device, &buffer, status == RC_OK ? err : NULL);
	return given == RC_OK ? status : given;
}

/* ---- life cycle ---- */

static void close_device(void *context)
{
	struct device *device = context;

	for (unsigned i = 0; i < device->mapping_count; i++)
		(void)munmap(device->mappings[i].bytes, device->mappings[i].size);
	take_over(device->fd);
	rc_frame_memory_deinit(&device->memory);
	free(device);
}

enum rc_status rc_v4l2_source_open(int fd, struct rc_scanner_source *source, struct rc_error *err)
{
	struct device *device = calloc(1, sizeof(*device));
	uint32_t fourcc = 0;
	enum rc_status status;

	if (!device)
		return rc_fail(err, RC_ENOMEM, "no memory for the camera");
	device->fd = fd;
	status = check_device(fd, err);
	if (status == RC_OK) {
		take_over(fd);
		status = choose_format(fd, &fourcc, err);
	}
	if (status == RC_OK)
		status = set_format(device, fourcc, err);
	if (status == RC_OK)
		status = start(device, err);
	if (status != RC_OK) {
		close_device(device);
		return rc_error_in(err, status, "camera");
	}
	*source =
	    (struct rc_scanner_source){.next = next_frame, .close = close_device, .context = device};
	return RC_OK;
}
