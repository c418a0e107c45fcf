/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a screen may send to the daemon, in pieces of any size, over the real socket: a touch that is passed on has a name
 * that ends and a number in its range, a peer that talks nonsense is cut off, and the next one is served.
 */
#include "firmware/daemon/screen_socket.h"
#include "shared/base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TOUCH_ID_MAX UINT64_C(9007199254740991)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];
static struct rc_screen_socket *screens;

static void leave(void)
{
	rc_screen_socket_close(screens);
}

static void open_once(void)
{
	if (screens)
		return;
	(void)snprintf(path, sizeof(path), "/tmp/rollcall-fuzz-%d.sock", (int)getpid());
	if (rc_screen_socket_open(path, getuid(), -1, &screens, NULL) != RC_OK || atexit(leave) != 0)
		abort();
}

static void look_at(void *context, const struct rc_screen_touch *touch)
{
	(void)context;
	if (!memchr(touch->what, 0, sizeof(touch->what)) || touch->touch_id > TOUCH_ID_MAX)
		abort();
}

static void turn(void)
{
	struct pollfd polls[RC_SCREEN_SOCKET_POLLS_MAX];
	const size_t count = rc_screen_socket_polls(screens, polls);

	if (poll(polls, (nfds_t)count, 0) < 0)
		abort();
	rc_screen_socket_handle(screens, polls, count, look_at, NULL);
}

static int connect_screen(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t step = size ? data[0] % 64u * 16u + 1u : 1u;
	int fd;

	open_once();
	fd = connect_screen();
	turn();
	for (size_t at = 0; at < size; at += step) {
		const size_t length = size - at < step ? size - at : step;

		if (send(fd, data + at, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break; /* it was cut off */
		turn();
	}
	(void)close(fd);
	while (rc_screen_socket_client_count(screens) > 0)
		turn();
	return 0;
}
