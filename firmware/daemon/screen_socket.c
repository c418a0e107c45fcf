/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each client has the frame it is being sent and, while that is under way, at most one newer view that follows it. Touches
 * are tiny; a client that sends a longer message, or garbage, is hung up on.
 */
#include "firmware/daemon/screen_socket.h"

#include "shared/base/log.h"
#include "shared/json/json.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FRAME_MAX_BYTES (65536u + 4u)
#define TOUCH_MAX_BYTES 1024u
#define LENGTH_BYTES    4u

struct client {
	int fd;           /* -1: free */
	bool has_picture; /* the descriptor has been sent */
	struct rc_buf sending;
	struct rc_buf received;
	bool is_behind; /* a newer view waits for `sending` to drain */
};

struct rc_screen_socket {
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uid_t screen_uid;
	int picture_fd;
	struct rc_buf view; /* the newest frame, length and JSON */
	struct client clients[RC_SCREEN_SOCKET_CLIENTS_MAX];
};

/* A view may hold a name, and a number as it is typed: none of it stays behind. */
static void wipe(struct rc_buf *buf)
{
	if (buf->data)
		rc_wipe(buf->data, buf->capacity);
	rc_buf_clear(buf);
}

static void hang_up(struct client *client)
{
	(void)close(client->fd);
	client->fd = -1;
	wipe(&client->sending);
	rc_buf_deinit(&client->sending);
	rc_buf_deinit(&client->received);
}

static enum rc_status listen_at(struct rc_screen_socket *socket_, const char *path, struct rc_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!rc_text_copy(path, address.sun_path, sizeof(address.sun_path)))
		return rc_fail(err, RC_EUSAGE, "socket path %s is too long", path);
	memcpy(socket_->path, address.sun_path, sizeof(socket_->path));
	socket_->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (socket_->fd < 0)
		return rc_fail_errno(err, errno, "socket");
	(void)unlink(path); /* left by a daemon that was killed */
	if (bind(socket_->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, 0660) != 0 || listen(socket_->fd, RC_SCREEN_SOCKET_CLIENTS_MAX) != 0)
		return rc_fail_errno(err, errno, "socket %s", path);
	return RC_OK;
}

enum rc_status rc_screen_socket_open(const char *path, uid_t screen_uid, int picture_fd,
				     struct rc_screen_socket **socket_, struct rc_error *err)
{
	struct rc_screen_socket *made = calloc(1, sizeof(*made));
	enum rc_status status;

	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for the screen's socket");
	made->fd = -1;
	made->screen_uid = screen_uid;
	made->picture_fd = picture_fd;
	rc_buf_init(&made->view, FRAME_MAX_BYTES);
	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		made->clients[i].fd = -1;
		rc_buf_init(&made->clients[i].sending, FRAME_MAX_BYTES);
		rc_buf_init(&made->clients[i].received, TOUCH_MAX_BYTES + LENGTH_BYTES);
	}
	status = listen_at(made, path, err);
	if (status != RC_OK) {
		rc_screen_socket_close(made);
		return status;
	}
	*socket_ = made;
	return RC_OK;
}

void rc_screen_socket_close(struct rc_screen_socket *socket_)
{
	if (!socket_)
		return;
	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		if (socket_->clients[i].fd >= 0)
			hang_up(&socket_->clients[i]);
	}
	if (socket_->fd >= 0) {
		(void)close(socket_->fd);
		(void)unlink(socket_->path);
	}
	wipe(&socket_->view);
	rc_buf_deinit(&socket_->view);
	free(socket_);
}

/* Sends the first bytes, with the camera picture's descriptor attached where it hasn't been yet. */
static ssize_t send_some(const struct rc_screen_socket *socket_, struct client *client)
{
	struct iovec bytes = {.iov_base = client->sending.data, .iov_len = client->sending.size};
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (!client->has_picture && socket_->picture_fd >= 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &socket_->picture_fd, sizeof(int));
	}
	return sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void flush(struct rc_screen_socket *socket_, struct client *client)
{
	while (client->sending.size > 0) {
		ssize_t n = send_some(socket_, client);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			hang_up(client);
			return;
		}
		client->has_picture = true;
		rc_buf_consume(&client->sending, (size_t)n);
		if (client->sending.size == 0)
			wipe(&client->sending);
		if (client->sending.size == 0 && client->is_behind) {
			client->is_behind = false;
			rc_buf_append_bytes(&client->sending, rc_buf_bytes(&socket_->view));
		}
	}
}

static void send_view(struct rc_screen_socket *socket_, struct client *client)
{
	if (socket_->view.size == 0)
		return;
	if (client->sending.size > 0) {
		client->is_behind = true;
		return;
	}
	rc_buf_append_bytes(&client->sending, rc_buf_bytes(&socket_->view));
	if (rc_buf_status(&client->sending, NULL) != RC_OK)
		hang_up(client);
	else
		flush(socket_, client);
}

void rc_screen_socket_show(struct rc_screen_socket *socket_, struct rc_bytes json)
{
	uint32_t size = (uint32_t)json.size;
	uint8_t length[LENGTH_BYTES] = {(uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16),
					(uint8_t)(size >> 24)};

	wipe(&socket_->view);
	rc_buf_append(&socket_->view, length, sizeof(length));
	rc_buf_append_bytes(&socket_->view, json);
	if (rc_buf_status(&socket_->view, NULL) != RC_OK) {
		rc_log(RC_LOG_ERROR, "a view is too long for the screen", NULL);
		rc_buf_clear(&socket_->view);
		return;
	}
	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		if (socket_->clients[i].fd >= 0)
			send_view(socket_, &socket_->clients[i]);
	}
}

static bool is_peer_allowed(const struct rc_screen_socket *socket_, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == geteuid() || peer.uid == socket_->screen_uid);
}

static struct client *free_client(struct rc_screen_socket *socket_)
{
	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		if (socket_->clients[i].fd < 0)
			return &socket_->clients[i];
	}
	return NULL;
}

static void accept_client(struct rc_screen_socket *socket_)
{
	struct client *client = free_client(socket_);
	int fd = accept4(socket_->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!client || !is_peer_allowed(socket_, fd)) {
		rc_log(RC_LOG_WARNING,
		       client ? "a stranger at the screen's socket" : "too many screens", NULL);
		(void)close(fd);
		return;
	}
	client->fd = fd;
	client->has_picture = false;
	client->is_behind = false;
	send_view(socket_, client);
}

/* A key has one character of those that keys have; no other touch has any. */
static enum rc_status read_key(const struct rc_json_value *root, struct rc_screen_touch *touch,
			       struct rc_error *err)
{
	static const char keys[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";
	char text[2] = "";
	enum rc_status status;

	touch->key = '\0';
	if (strcmp(touch->what, "key") != 0)
		return rc_json_find(root, "key") ? rc_fail(err, RC_EFORMAT, "a key on another touch")
						 : RC_OK;
	status = rc_json_get_text(root, "key", text, sizeof(text), err);
	if (status == RC_OK && (!text[0] || !strchr(keys, text[0])))
		return rc_fail(err, RC_EFORMAT, "no key has that character");
	touch->key = text[0];
	return status;
}

static enum rc_status decode_touch(struct rc_bytes message, struct rc_screen_touch *touch,
				   struct rc_error *err)
{
	struct rc_json *json = NULL;
	enum rc_status status = rc_json_parse(message, &json, err);
	int64_t id = 0;

	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(json), "touch", touch->what,
					  sizeof(touch->what), err);
	if (status == RC_OK)
		status = read_key(rc_json_root(json), touch, err);
	if (status == RC_OK)
		status = rc_json_get_int(rc_json_root(json), "touch_id", 0,
					 INT64_C(9007199254740991), &id, err);
	touch->touch_id = (uint64_t)id;
	rc_json_free(json);
	return status;
}

/* False: the client is to be hung up on. */
static bool take_touches(struct client *client,
			 void (*touched)(void *context, const struct rc_screen_touch *touch),
			 void *context)
{
	while (client->received.size >= LENGTH_BYTES) {
		const uint8_t *d = client->received.data;
		uint32_t size = d[0] | (uint32_t)d[1] << 8 | (uint32_t)d[2] << 16 | (uint32_t)d[3] << 24;
		struct rc_screen_touch touch;

		if (size > TOUCH_MAX_BYTES)
			return false;
		if (client->received.size < LENGTH_BYTES + size)
			return true;
		if (decode_touch(rc_bytes_of(d + LENGTH_BYTES, size), &touch, NULL) != RC_OK)
			return false;
		rc_wipe(client->received.data, LENGTH_BYTES + size); /* it may be a key of somebody's number */
		rc_buf_consume(&client->received, LENGTH_BYTES + size);
		touched(context, &touch);
	}
	return true;
}

static void receive(struct client *client,
		    void (*touched)(void *context, const struct rc_screen_touch *touch), void *context)
{
	uint8_t bytes[TOUCH_MAX_BYTES];
	ssize_t n = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		rc_buf_append(&client->received, bytes, (size_t)n);
	rc_wipe(bytes, sizeof(bytes));
	if (n <= 0 || rc_buf_status(&client->received, NULL) != RC_OK ||
	    !take_touches(client, touched, context))
		hang_up(client);
}

size_t rc_screen_socket_polls(const struct rc_screen_socket *socket_,
			      struct pollfd polls[RC_SCREEN_SOCKET_POLLS_MAX])
{
	size_t count = 0;

	polls[count++] = (struct pollfd){.fd = socket_->fd, .events = POLLIN};
	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		const struct client *client = &socket_->clients[i];
		short events = POLLIN;

		if (client->fd >= 0 && client->sending.size > 0)
			events |= POLLOUT;
		polls[count++] = (struct pollfd){.fd = client->fd, .events = events};
	}
	return count;
}

void rc_screen_socket_handle(struct rc_screen_socket *socket_, const struct pollfd *polls, size_t count,
			     void (*touched)(void *context, const struct rc_screen_touch *touch),
			     void *context)
{
	for (size_t i = 1; i < count && i <= RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		struct client *client = &socket_->clients[i - 1];

		if (client->fd < 0 || client->fd != polls[i].fd)
			continue;
		if (polls[i].revents & POLLOUT)
			flush(socket_, client);
		if (client->fd >= 0 && polls[i].revents & (POLLIN | POLLHUP | POLLERR))
			receive(client, touched, context);
	}
	if (count > 0 && polls[0].revents & POLLIN)
		accept_client(socket_);
}

size_t rc_screen_socket_client_count(const struct rc_screen_socket *socket_)
{
	size_t count = 0;

	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++)
		count += socket_->clients[i].fd >= 0;
	return count;
}
