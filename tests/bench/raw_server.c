/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of an HTTP server: epoll, read, look for empty lines, write a constant. No limits, no deadlines, nothing is checked: what remains is
 * the kernel's work, which nobody gets around. Whoever asks for /poll waits until somebody asks for /wake.
 */
#include "tests/bench/raw_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
			     "27\r\n\r\n" BENCH_SMALL_JSON;

#define WAITING_MAX 20000

static int listener;
static int waiting[WAITING_MAX];
static size_t waiting_count;

uint16_t bench_raw_open(void *context)
{
	uint16_t port = 0;

	(void)context;
	listener = bench_listen(&port);
	return port;
}

static void watch(int poll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

	(void)epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(int poll)
{
	const int one = 1;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		watch(poll, fd);
	}
}

static void wake_all(void)
{
	for (size_t i = 0; i < waiting_count; i++) {
		if (write(waiting[i], answer, sizeof(answer) - 1) != (ssize_t)sizeof(answer) - 1)
			(void)close(waiting[i]);
	}
	waiting_count = 0;
}

static void serve_one(int fd)
{
	static char in[65536], out[65536];
	const ssize_t size = read(fd, in, sizeof(in));
	const char *at = in;
	size_t used = 0;

	if (size <= 0) {
		(void)close(fd);
		return;
	}
	if (size > 9 && memcmp(in, "GET /poll", 9) == 0 && waiting_count < WAITING_MAX) {
		waiting[waiting_count++] = fd;
		return;
	}
	if (size > 9 && memcmp(in, "GET /wake", 9) == 0)
		wake_all();
	while ((at = memmem(at, (size_t)(in + size - at), "\r\n\r\n", 4)) &&
	       used + sizeof(answer) <= sizeof(out)) {
		memcpy(out + used, answer, sizeof(answer) - 1);
		used += sizeof(answer) - 1;
		at += 4;
	}
	if (used > 0 && write(fd, out, used) != (ssize_t)used)
		(void)close(fd);
}

void bench_raw_serve(void *context)
{
	struct epoll_event events[256];
	const int poll = epoll_create1(EPOLL_CLOEXEC);

	(void)context;
	watch(poll, listener);
	for (;;) {
		const int count = epoll_wait(poll, events, 256, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				accept_all(poll);
			else
				serve_one(events[i].data.fd);
		}
	}
}
