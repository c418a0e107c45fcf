/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/connection.h"

#include "shared/base/cleanup.h"
#include "shared/base/log.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

struct rc_connection {
	char *path;
	uid_t daemon;
	struct rc_connection_handlers handlers;

	int fd;           /* -1 while away */
	guint watch;      /* of fd */
	guint retry;      /* the timer while away */
	guint wait_ms;    /* before the next try; back to the minimum with the first good message */
	bool was_refused; /* has been logged; not again with each try */
	struct rc_buf input; /* bytes not yet made into a message */
};

static void try_to_connect(struct rc_connection *connection);

static gboolean handle_retry(gpointer data)
{
	struct rc_connection *connection = data;

	connection->retry = 0;
	try_to_connect(connection);
	return G_SOURCE_REMOVE;
}

static void retry_later(struct rc_connection *connection)
{
	connection->retry = g_timeout_add(connection->wait_ms, handle_retry, connection);
	connection->wait_ms = MIN(connection->wait_ms * 2, RC_CONNECTION_RETRY_MAX_MS);
}

static void hang_up(struct rc_connection *connection)
{
	if (connection->watch)
		g_source_remove(connection->watch);
	connection->watch = 0;
	rc_close_p(&connection->fd);
	connection->fd = -1;
	rc_buf_clear(&connection->input);
}

static void lose(struct rc_connection *connection, const char *why)
{
	rc_log(RC_LOG_NOTICE, "daemon is away", "reason", why, NULL);
	hang_up(connection);
	connection->handlers.gone(connection->handlers.context);
	retry_later(connection);
}

static void take_message(struct rc_connection *connection, struct rc_bytes json)
{
	struct rc_view view;
	struct rc_error err;

	if (rc_view_decode(json, &view, &err) != RC_OK) {
		rc_log(RC_LOG_WARNING, "view model passed over", "reason", err.text, NULL);
		return;
	}
	connection->wait_ms = RC_CONNECTION_RETRY_MIN_MS;
	connection->handlers.view(connection->handlers.context, &view);
}

/* Hands over all whole messages. False if a length can't be right. */
static bool take_messages(struct rc_connection *connection)
{
	struct rc_buf *input = &connection->input;

	while (input->size >= RC_VIEW_LENGTH_BYTES) {
		uint32_t length = rc_view_frame_length(input->data);

		if (length == 0 || length > RC_VIEW_MESSAGE_MAX_BYTES)
			return false;
		if (input->size - RC_VIEW_LENGTH_BYTES < length)
			break;
		take_message(connection, rc_bytes_of(input->data + RC_VIEW_LENGTH_BYTES, length));
		rc_wipe(input->data, RC_VIEW_LENGTH_BYTES + length); /* a name, or a number as it is typed */
		rc_buf_consume(input, RC_VIEW_LENGTH_BYTES + length);
	}
	return true;
}

/* The first descriptor is the picture; more of them are nobody's and closed. */
static void take_descriptors(struct rc_connection *connection, struct msghdr *message)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
			if (i == 0)
				connection->handlers.picture(connection->handlers.context, fd);
			else
				rc_close_p(&fd);
		}
	}
}

static ssize_t receive(struct rc_connection *connection, uint8_t *data, size_t size)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec part = {.iov_base = data, .iov_len = size};
	struct msghdr message = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(connection->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got > 0)
		take_descriptors(connection, &message);
	return got;
}

static gboolean handle_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct rc_connection *connection = data;
	uint8_t chunk[16384];
	ssize_t got = receive(connection, chunk, sizeof(chunk));

	(void)fd;
	(void)condition;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (got > 0) {
		rc_buf_append(&connection->input, chunk, (size_t)got);
		if (rc_buf_status(&connection->input, NULL) == RC_OK && take_messages(connection))
			return G_SOURCE_CONTINUE;
	}
	connection->watch = 0;
	lose(connection, got > 0 ? "broken frame" : "hung up");
	return G_SOURCE_REMOVE;
}

static bool is_peer_trusted(const struct rc_connection *connection, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == getuid() || peer.uid == connection->daemon);
}

/* A connected descriptor, or -1. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	RC_AUTO(rc_close_p) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || !rc_text_copy(path, address.sun_path, sizeof(address.sun_path)))
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return -1;
	return rc_steal_fd(&fd);
}

static void try_to_connect(struct rc_connection *connection)
{
	int fd = connect_to(connection->path);

	if (fd >= 0 && !is_peer_trusted(connection, fd)) {
		if (!connection->was_refused)
			rc_log(RC_LOG_ERROR, "the socket belongs to another user", "path",
			       connection->path, NULL);
		connection->was_refused = true;
		rc_close_p(&fd);
		fd = -1;
	}
	if (fd < 0) {
		retry_later(connection);
		return;
	}
	rc_log(RC_LOG_INFO, "connected", "path", connection->path, NULL);
	connection->fd = fd;
	connection->watch =
	    g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, handle_readable, connection);
}

struct rc_connection *rc_connection_new(const char *path, uid_t daemon,
					const struct rc_connection_handlers *handlers)
{
	struct rc_connection *connection = g_new0(struct rc_connection, 1);

	connection->path = g_strdup(path);
	connection->daemon = daemon;
	connection->handlers = *handlers;
	connection->fd = -1;
	connection->wait_ms = RC_CONNECTION_RETRY_MIN_MS;
	rc_buf_init(&connection->input, 2 * (RC_VIEW_MESSAGE_MAX_BYTES + RC_VIEW_LENGTH_BYTES));
	try_to_connect(connection);
	return connection;
}

void rc_connection_free(struct rc_connection *connection)
{
	if (connection->retry)
		g_source_remove(connection->retry);
	hang_up(connection);
	rc_buf_deinit(&connection->input);
	g_free(connection->path);
	g_free(connection);
}

void rc_connection_send_touch(struct rc_connection *connection, enum rc_view_touch touch, char key,
			      uint64_t touch_id)
{
	struct rc_buf frame;

	if (connection->fd < 0)
		return;
	rc_buf_init(&frame, 256);
	rc_view_encode_touch(touch, key, touch_id, &frame);
	/* A touch is far smaller than the socket's buffer: it goes whole or, with a daemon that doesn't read, not at all. */
	if (rc_buf_status(&frame, NULL) != RC_OK ||
	    send(connection->fd, frame.data, frame.size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
		(ssize_t)frame.size)
		rc_log(RC_LOG_WARNING, "touch not sent", NULL);
	if (frame.data)
		rc_wipe(frame.data, frame.capacity); /* it may be a key of somebody's number */
	rc_buf_deinit(&frame);
}
