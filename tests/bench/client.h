/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_CLIENT_H
#define RC_TESTS_BENCH_CLIENT_H
/*
 * Servers in processes of their own, and the one client that drives all of them: HTTP/1.1 over loopback, kept alive, one request at a time on each
 * connection.
 */
#include "shared/base/bytes.h"
#include "tests/bench/bench.h"

struct bench_server {
	pid_t pid;
	uint16_t port;
};

/* Forks: the child stays on the first core, calls open(context), which says where it listens, then serve(context), which never returns. Call while
 * there is one thread. */
struct bench_server bench_server_start(uint16_t (*open)(void *context),
				       void (*serve)(void *context), void *context);
void bench_server_stop(struct bench_server *server);

/* Listens on any port of loopback. */
int bench_listen(uint16_t *port);

struct bench_drive {
	uint16_t port;
	size_t connections;
	const struct rc_bytes *requests; /* connection c sends number c, c + connections, … in turn */
	size_t count;
};

/* Sends all and reads the answers, which must be 200; returns what it took in µs. `latencies` (may be NULL) gets one sample a request. */
double bench_drive(const struct bench_drive *drive, struct bench_samples *latencies);

/* Opens connections and sends one request on each; nothing is read. The descriptors go into `fds`. */
void bench_ask_and_wait(const struct bench_drive *drive, int *fds);

/* As many descriptors as may be. */
void bench_many_files(void);

#endif
