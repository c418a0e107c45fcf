/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of the feed. Received descriptors are closed whatever happens to their packet. */
#include "firmware/scanner/feed.h"

#include "firmware/scanner/image_file.h"
#include "shared/base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#define PICTURE_PACKET  'P'
#define DESCRIPTORS_MAX 4 /* one is right; room for more, so that they are ours to close */

struct feed {
	int socket;
	bool is_over;
	struct rc_buf file;
	struct rc_frame_memory memory;
};

union control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
};

enum rc_status rc_feed_send(int socket, int picture_fd, struct rc_error *err)
{
	char kind = PICTURE_PACKET;
	struct iovec iov = {.iov_base = &kind, .iov_len = 1};
	union control control = {0};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = CMSG_SPACE(sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &picture_fd, sizeof(int));
	if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		return RC_OK;
	/* ETOOMANYREFS: too many descriptors are on their way unread, which is the same as being behind. */
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ETOOMANYREFS || errno == ENOBUFS)
		return rc_fail(err, RC_EBUSY, "the feed's reader is behind");
	return rc_fail(err, RC_ENET, "the feed's reader is gone");
}

/* Takes the descriptors out of a message: closes all, or keeps the one where there is exactly one. */
static int one_descriptor(struct msghdr *message)
{
	int fds[DESCRIPTORS_MAX];
	size_t count = 0;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	}
	if (count == 1 && !(message->msg_flags & MSG_CTRUNC))
		return fds[0];
	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
	return -1;
}

/* One packet that waits already. RC_EBUSY: none; RC_ENOTFOUND: the stream is over. */
static enum rc_status receive(struct feed *feed, int *picture_fd, struct rc_error *err)
{
	char kinds[2];
	struct iovec iov = {.iov_base = kinds, .iov_len = sizeof(kinds)};
	union control control = {0};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	const ssize_t size = recvmsg(feed->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	RC_AUTO(rc_close_p) int fd = -1;

	if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return RC_EBUSY;
	if (size < 0 && errno != ECONNRESET)
		return rc_fail_errno(err, errno, "feed");
	if (size <= 0)
		return rc_fail(err, RC_ENOTFOUND, "the feed is over");
	fd = one_descriptor(&message);
	if (size != 1 || kinds[0] != PICTURE_PACKET || fd < 0)
		return rc_fail(err, RC_ENET, "the feed sent something else than one picture");
	*picture_fd = rc_steal_fd(&fd);
	return RC_OK;
}

/* The newest of the packets that wait; the end of the stream is kept for the next call. */
static enum rc_status newest(struct feed *feed, int *picture_fd, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = -1;
	int next = -1;
	enum rc_status status;

	while ((status = receive(feed, &next, err)) == RC_OK) {
		rc_close_p(&fd);
		fd = next;
	}
	if (status == RC_ENOTFOUND)
		feed->is_over = true;
	else if (status != RC_EBUSY)
		return status;
	if (fd < 0)
		return status;
	*picture_fd = rc_steal_fd(&fd);
	return RC_OK;
}

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static enum rc_status next_frame(void *context, int timeout_ms, struct rc_frame *frame,
				 struct rc_error *err)
{
	struct feed *feed = context;
	struct pollfd wait = {.fd = feed->socket, .events = POLLIN};
	RC_AUTO(rc_close_p) int picture_fd = -1;
	enum rc_status status;
	int64_t taken_us;

	if (feed->is_over)
		return rc_fail(err, RC_ENOTFOUND, "the feed is over");
	if (poll(&wait, 1, timeout_ms) <= 0)
		return RC_EBUSY;
	status = newest(feed, &picture_fd, err);
	if (status != RC_OK)
		return status;
	taken_us = now_us();
	status = rc_image_file_read(picture_fd, &feed->file, &feed->memory, frame, err);
	if (status == RC_OK)
		frame->mono_us = taken_us;
	/* A file that can't be read is one damaged frame, not the end of the camera. */
	return status == RC_OK || status == RC_ELIMIT || status == RC_ENOMEM ? status : RC_EFORMAT;
}

static void close_feed(void *context)
{
	struct feed *feed = context;

	rc_buf_deinit(&feed->file);
	rc_frame_memory_deinit(&feed->memory);
	free(feed);
}

enum rc_status rc_feed_source_open(int socket, struct rc_scanner_source *source, struct rc_error *err)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return rc_fail(err, RC_ENOMEM, "no memory for the feed");
	feed->socket = socket;
	rc_buf_init(&feed->file, RC_IMAGE_FILE_MAX_BYTES);
	*source = (struct rc_scanner_source){.next = next_frame, .close = close_feed, .context = feed};
	return RC_OK;
}
