/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX_BYTES 4096

/* ---- servers ---- */

struct bench_server bench_server_start(uint16_t (*open)(void *context),
				       void (*serve)(void *context), void *context)
{
	struct bench_server server = {0};
	int ends[2];

	if (pipe(ends) != 0 || (server.pid = fork()) < 0)
		bench_die("a server can't be started");
	if (server.pid == 0) {
		uint16_t port;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		bench_stay_on_core(0);
		port = open(context);
		if (write(ends[1], &port, sizeof(port)) != (ssize_t)sizeof(port))
			_exit(1);
		serve(context);
		_exit(0);
	}
	(void)close(ends[1]);
	if (read(ends[0], &server.port, sizeof(server.port)) != (ssize_t)sizeof(server.port))
		bench_die("a server ended before it listened");
	(void)close(ends[0]);
	return server;
}

void bench_server_stop(struct bench_server *server)
{
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

int bench_listen(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 1024) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		bench_die("no port of loopback is free");
	*port = ntohs(address.sin_port);
	return fd;
}

void bench_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- the client ---- */

struct connection {
	int fd;
	size_t next; /* request */
	double sent_us;
	size_t size;
	char answer[ANSWER_MAX_BYTES];
};

static int connect_to(uint16_t port)
{
	const struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		bench_die("connecting: %s", strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* Blocks where a request is larger than the socket's buffer: the server reads it meanwhile. */
static void send_all(int fd, struct rc_bytes bytes)
{
	while (bytes.size > 0) {
		const ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);

		if (sent <= 0)
			bench_die("sending: %s", strerror(errno));
		bytes = rc_bytes_of(bytes.data + sent, bytes.size - (size_t)sent);
	}
}

static bool send_next(const struct bench_drive *drive, struct connection *connection)
{
	if (connection->next >= drive->count)
		return false;
	connection->sent_us = bench_now_us();
	send_all(connection->fd, drive->requests[connection->next]);
	connection->next += drive->connections;
	connection->size = 0;
	return true;
}

static bool is_whole(const struct connection *connection)
{
	const char *end = strstr(connection->answer, "\r\n\r\n");
	const char *length = strstr(connection->answer, "Content-Length: ");

	return end && length && length < end &&
	       connection->size >=
		   (size_t)(end + 4 - connection->answer) + strtoul(length + 16, NULL, 10);
}

/* True when the answer is whole. */
static bool receive(struct connection *connection)
{
	const ssize_t size = recv(connection->fd, connection->answer + connection->size,
				  sizeof(connection->answer) - 1 - connection->size, 0);

	if (size <= 0)
		bench_die("an answer broke off: %s", strerror(errno));
	connection->size += (size_t)size;
	connection->answer[connection->size] = '\0';
	if (!is_whole(connection))
		return false;
	if (strncmp(connection->answer, "HTTP/1.1 200 ", 13) != 0)
		bench_die("an answer of another kind: %s", connection->answer);
	return true;
}

/* Waits for one piece of news and deals with it; returns how many answers came in. */
static size_t take_news(const struct bench_drive *drive, int poll, struct bench_samples *latencies)
{
	struct epoll_event events[256];
	const int count = epoll_wait(poll, events, 256, 60000);
	size_t done = 0;

	if (count <= 0)
		bench_die("the server has fallen silent");
	for (int i = 0; i < count; i++) {
		struct connection *connection = events[i].data.ptr;

		if (!receive(connection))
			continue;
		if (latencies)
			bench_samples_add(latencies, bench_now_us() - connection->sent_us);
		(void)send_next(drive, connection);
		done++;
	}
	return done;
}

double bench_drive(const struct bench_drive *drive, struct bench_samples *latencies)
{
	struct connection *connections = calloc(drive->connections, sizeof(*connections));
	const int poll = epoll_create1(EPOLL_CLOEXEC);
	double took_us;

	if (!connections || poll < 0)
		bench_die("no memory for %zu connections", drive->connections);
	for (size_t i = 0; i < drive->connections; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = &connections[i]}};

		connections[i].fd = connect_to(drive->port);
		connections[i].next = i;
		(void)epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
	}
	took_us = bench_now_us();
	for (size_t i = 0; i < drive->connections; i++)
		(void)send_next(drive, &connections[i]);
	for (size_t done = 0; done < drive->count;)
		done += take_news(drive, poll, latencies);
	took_us = bench_now_us() - took_us;
	for (size_t i = 0; i < drive->connections; i++)
		(void)close(connections[i].fd);
	(void)close(poll);
	free(connections);
	return took_us;
}

void bench_ask_and_wait(const struct bench_drive *drive, int *fds)
{
	for (size_t i = 0; i < drive->connections; i++) {
		fds[i] = connect_to(drive->port);
		send_all(fds[i], drive->requests[i % drive->count]);
	}
}
