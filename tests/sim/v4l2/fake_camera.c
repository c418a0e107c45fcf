/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side, within the scanner. The file is mapped at the first question, which comes before the sandbox; afterwards only
 * memory and the clock are used, so that the sandbox holds here as on a real device (but for the two requests themselves).
 */
#include "tests/sim/v4l2/fake_camera.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define BUFFERS_MAX 8u

int __real_ioctl(int fd, unsigned long request, ...);
void *__real_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int __real_poll(struct pollfd *polls, nfds_t count, int timeout_ms);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int __wrap_poll(struct pollfd *polls, nfds_t count, int timeout_ms);

static struct fake_camera *camera;
static int camera_fd = -1;
static struct {
	uint8_t *bytes;
	bool is_queued;
} buffers[BUFFERS_MAX];
static unsigned buffer_count;
static uint32_t taken; /* sequence of the last frame given out */

/* A file of the right size is the camera. */
static bool is_camera(int fd)
{
	struct stat info;
	void *mapped;

	if (camera)
		return fd == camera_fd;
	if (fstat(fd, &info) != 0 || info.st_size != (off_t)sizeof(struct fake_camera))
		return false;
	mapped =
	    __real_mmap(NULL, sizeof(struct fake_camera), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		return false;
	camera = mapped;
	camera_fd = fd;
	return true;
}

static int refuse(int number)
{
	errno = number;
	return -1;
}

static int query(struct v4l2_capability *capability)
{
	if (camera->capabilities == 0)
		return refuse(ENOTTY);
	capability->capabilities = camera->capabilities;
	return 0;
}

static int list_format(struct v4l2_fmtdesc *listed)
{
	if (listed->index >= FAKE_CAMERA_FORMATS_MAX || camera->formats[listed->index] == 0)
		return refuse(EINVAL);
	listed->pixelformat = camera->formats[listed->index];
	return 0;
}

static int set_format(struct v4l2_format *format)
{
	if (atomic_load(&camera->is_in_use))
		return refuse(EBUSY);
	format->fmt.pix.width = camera->width;
	format->fmt.pix.height = camera->height;
	format->fmt.pix.bytesperline = camera->row_bytes;
	if (camera->other_format != 0)
		format->fmt.pix.pixelformat = camera->other_format;
	atomic_store(&camera->format, format->fmt.pix.pixelformat);
	return 0;
}

static int request_buffers(struct v4l2_requestbuffers *wanted)
{
	if (wanted->count > BUFFERS_MAX)
		wanted->count = BUFFERS_MAX;
	buffer_count = wanted->count;
	return 0;
}

static int look_up_buffer(struct v4l2_buffer *buffer)
{
	if (buffer->index >= buffer_count)
		return refuse(EINVAL);
	buffer->length = camera->buffer_bytes;
	buffer->m.offset = buffer->index * 4096u;
	return 0;
}

static int queue(const struct v4l2_buffer *buffer)
{
	if (atomic_load(&camera->is_gone))
		return refuse(ENODEV);
	if (buffer->index >= buffer_count)
		return refuse(EINVAL);
	buffers[buffer->index].is_queued = true;
	return 0;
}

static bool has_new_frame(void)
{
	return atomic_load(&camera->sequence) != taken;
}

static int fill_one(struct v4l2_buffer *buffer)
{
	struct timespec now;

	for (unsigned i = 0; i < buffer_count; i++) {
		if (!buffers[i].is_queued || !buffers[i].bytes)
			continue;
		taken = atomic_load(&camera->sequence);
		memcpy(buffers[i].bytes, camera->frame,
		       camera->frame_size < camera->buffer_bytes ? camera->frame_size
								 : camera->buffer_bytes);
		buffers[i].is_queued = false;
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		buffer->index = i;
		buffer->bytesused = camera->frame_size;
		buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC |
				(atomic_load(&camera->is_flagged) ? V4L2_BUF_FLAG_ERROR : 0u);
		buffer->timestamp.tv_sec = now.tv_sec;
		buffer->timestamp.tv_usec = now.tv_nsec / 1000;
		return 0;
	}
	return refuse(EAGAIN);
}

static int dequeue(struct v4l2_buffer *buffer)
{
	if (atomic_load(&camera->is_gone))
		return refuse(ENODEV);
	if (atomic_load(&camera->loses) > 0) {
		(void)atomic_fetch_sub(&camera->loses, 1);
		return refuse(EIO);
	}
	return has_new_frame() ? fill_one(buffer) : refuse(EAGAIN);
}

static int answer(unsigned long request, void *argument)
{
	switch (request) {
	case VIDIOC_QUERYCAP:
		return query(argument);
	case VIDIOC_ENUM_FMT:
		return list_format(argument);
	case VIDIOC_S_FMT:
		return set_format(argument);
	case VIDIOC_REQBUFS:
		return request_buffers(argument);
	case VIDIOC_QUERYBUF:
		return look_up_buffer(argument);
	case VIDIOC_QBUF:
		return queue(argument);
	case VIDIOC_DQBUF:
		return dequeue(argument);
	case VIDIOC_STREAMON:
		(void)atomic_fetch_add(&camera->starts, 1);
		return 0;
	case VIDIOC_STREAMOFF:
	case VIDIOC_S_PARM:
		return 0;
	default:
		return refuse(ENOTTY);
	}
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list rest;

	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	return is_camera(fd) ? answer(request, argument) : __real_ioctl(fd, request, argument);
}

void *__wrap_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	const size_t index = (size_t)offset / 4096u;
	void *bytes;

	if (fd < 0 || fd != camera_fd || index >= BUFFERS_MAX)
		return __real_mmap(address, size, protection, flags, fd, offset);
	bytes = __real_mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	buffers[index].bytes = bytes == MAP_FAILED ? NULL : bytes;
	return bytes;
}

int __wrap_poll(struct pollfd *polls, nfds_t count, int timeout_ms)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	if (count != 1 || polls[0].fd != camera_fd)
		return __real_poll(polls, count, timeout_ms);
	for (int ms = 0; timeout_ms < 0 || ms < timeout_ms; ms++) {
		if (has_new_frame() || atomic_load(&camera->is_gone) || atomic_load(&camera->loses) > 0) {
			polls[0].revents = POLLIN;
			return 1;
		}
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}
