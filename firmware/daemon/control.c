/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/control.h"

#include "shared/base/cleanup.h"
#include "shared/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#define CALLERS_MAX      (RC_CONTROL_POLLS_MAX - 1u)
#define ANSWER_MAX_BYTES 65536u
#define CALL_MS          INT64_C(2000)

struct caller {
	int fd; /* -1: free */
	int64_t until_up_ms;
	struct rc_buf line;
};

struct rc_control {
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	rc_control_answer *answer;
	void *context;
	struct caller callers[CALLERS_MAX];
};

static bool set_address(const char *path, struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	return rc_text_copy(path, address->sun_path, sizeof(address->sun_path));
}

enum rc_status rc_control_open(const char *path, rc_control_answer *answer, void *context,
			       struct rc_control **control, struct rc_error *err)
{
	struct rc_control *made;
	struct sockaddr_un address;

	if (!set_address(path, &address))
		return rc_fail(err, RC_EUSAGE, "socket path %s is too long", path);
	made = calloc(1, sizeof(*made));
	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for the control socket");
	made->answer = answer;
	made->context = context;
	memcpy(made->path, address.sun_path, sizeof(made->path));
	for (size_t i = 0; i < CALLERS_MAX; i++) {
		made->callers[i].fd = -1;
		rc_buf_init(&made->callers[i].line, RC_CONTROL_LINE_MAX_BYTES);
	}
	(void)unlink(path); /* left by a daemon that was killed */
	made->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made->fd < 0 || bind(made->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, 0600) != 0 || listen(made->fd, CALLERS_MAX) != 0) {
		enum rc_status status = rc_fail_errno(err, errno, "socket %s", path);

		rc_control_close(made);
		return status;
	}
	*control = made;
	return RC_OK;
}

static void hang_up(struct caller *caller)
{
	(void)close(caller->fd);
	caller->fd = -1;
	rc_buf_deinit(&caller->line);
}

void rc_control_close(struct rc_control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < CALLERS_MAX; i++) {
		if (control->callers[i].fd >= 0)
			hang_up(&control->callers[i]);
	}
	if (control->fd >= 0) {
		(void)close(control->fd);
		(void)unlink(control->path);
	}
	free(control);
}

static void accept_caller(struct rc_control *control, int64_t up_ms)
{
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    (peer.uid == geteuid() || peer.uid == 0)) {
		for (size_t i = 0; i < CALLERS_MAX; i++) {
			if (control->callers[i].fd >= 0)
				continue;
			control->callers[i].fd = fd;
			control->callers[i].until_up_ms = up_ms + CALL_MS;
			return;
		}
	}
	(void)close(fd);
}

/* An answer fits the socket's buffer as a rule; a caller that doesn't read it gets what fits. */
static void give_answer(struct rc_control *control, struct caller *caller, size_t line_size)
{
	struct rc_buf answer;

	rc_buf_init(&answer, ANSWER_MAX_BYTES);
	control->answer(control->context, rc_bytes_of(caller->line.data, line_size), &answer);
	rc_buf_append_char(&answer, '\n');
	if (rc_buf_status(&answer, NULL) != RC_OK ||
	    send(caller->fd, answer.data, answer.size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		rc_log(RC_LOG_WARNING, "an answer on the control socket was not taken", NULL);
	rc_buf_deinit(&answer);
	hang_up(caller);
}

static void receive(struct rc_control *control, struct caller *caller)
{
	char bytes[1024];
	ssize_t n = recv(caller->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	const char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		rc_buf_append(&caller->line, bytes, (size_t)n);
	if (n <= 0 || rc_buf_status(&caller->line, NULL) != RC_OK) {
		hang_up(caller);
		return;
	}
	end = memchr(caller->line.data, '\n', caller->line.size);
	if (end)
		give_answer(control, caller, (size_t)(end - (const char *)caller->line.data));
}

size_t rc_control_polls(const struct rc_control *control, struct pollfd polls[RC_CONTROL_POLLS_MAX])
{
	size_t count = 0;

	polls[count++] = (struct pollfd){.fd = control->fd, .events = POLLIN};
	for (size_t i = 0; i < CALLERS_MAX; i++)
		polls[count++] = (struct pollfd){.fd = control->callers[i].fd, .events = POLLIN};
	return count;
}

void rc_control_handle(struct rc_control *control, const struct pollfd *polls, size_t count, int64_t up_ms)
{
	for (size_t i = 1; i < count && i <= CALLERS_MAX; i++) {
		struct caller *caller = &control->callers[i - 1];

		if (caller->fd < 0 || caller->fd != polls[i].fd)
			continue;
		if (polls[i].revents)
			receive(control, caller);
		else if (up_ms > caller->until_up_ms)
			hang_up(caller);
	}
	if (count > 0 && polls[0].revents & POLLIN)
		accept_caller(control, up_ms);
}

enum rc_status rc_control_ask(const char *path, const char *line, struct rc_buf *answer,
			      struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = CALL_MS / 1000};
	struct sockaddr_un address;
	char bytes[4096];
	ssize_t n;

	if (!set_address(path, &address))
		return rc_fail(err, RC_EUSAGE, "socket path %s is too long", path);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		return rc_fail_errno(err, errno, "socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return errno == ENOENT || errno == ECONNREFUSED
			   ? rc_fail(err, RC_ENOTFOUND, "no daemon is running at %s", path)
			   : rc_fail_errno(err, errno, "connecting to %s", path);
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line) ||
	    send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
		return rc_fail_errno(err, errno, "asking %s", path);
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		rc_buf_append(answer, bytes, (size_t)n);
	if (n < 0)
		return rc_fail_errno(err, errno, "the answer of %s", path);
	return rc_buf_status(answer, err);
}
