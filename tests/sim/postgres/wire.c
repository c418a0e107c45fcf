/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one poll over pairs of sockets. A COMMIT of libpq's simple protocol is one small message and comes in one piece. */
#include "tests/sim/postgres/wire.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAIRS_MAX 32

struct pair {
	int program, server; /* -1: free */
};

struct wire {
	char to[108];
	int listener, wake[2];
	pthread_t thread;
	struct pair pairs[PAIRS_MAX];
	_Atomic int cut, cuts;
};

static void must(bool is_so, const char *what)
{
	if (is_so)
		return;
	perror(what);
	abort();
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	must((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) <
		 sizeof(address.sun_path),
	     path);
	return address;
}

static void drop(struct pair *pair)
{
	(void)close(pair->program);
	(void)close(pair->server);
	*pair = (struct pair){-1, -1};
}

static void take_program(struct wire *wire)
{
	const struct sockaddr_un address = address_of(wire->to);

	for (int i = 0; i < PAIRS_MAX; i++) {
		struct pair *pair = &wire->pairs[i];

		if (pair->program >= 0)
			continue;
		pair->program = accept(wire->listener, NULL, NULL);
		pair->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		must(pair->program >= 0 && pair->server >= 0, "wire");
		if (connect(pair->server, (const struct sockaddr *)&address, sizeof(address)) != 0)
			drop(pair);
		return;
	}
	must(false, "too many sessions on the wire");
}

/* The whole word with its end: "READ COMMITTED" is no commit. */
static bool has_commit(const char *bytes, size_t size)
{
	static const char word[] = "COMMIT";

	return memmem(bytes, size, word, sizeof(word)) != NULL;
}

/* False when the pair is gone. */
static bool carry(int from, int to)
{
	char bytes[65536];
	const ssize_t size = read(from, bytes, sizeof(bytes));

	return size > 0 && write(to, bytes, (size_t)size) == size;
}

/* From the program to PostgreSQL, where the cut is made. */
static bool carry_up(struct wire *wire, struct pair *pair)
{
	char bytes[65536];
	const ssize_t size = read(pair->program, bytes, sizeof(bytes));
	int cut = WIRE_WHOLE;

	if (size <= 0)
		return false;
	if (has_commit(bytes, (size_t)size))
		cut = atomic_exchange(&wire->cut, WIRE_WHOLE);
	if (cut != WIRE_WHOLE)
		(void)atomic_fetch_add(&wire->cuts, 1);
	if (cut == WIRE_CUT_BEFORE_COMMIT || write(pair->server, bytes, (size_t)size) != size)
		return false;
	if (cut == WIRE_CUT_AFTER_COMMIT)
		(void)!read(pair->server, bytes, sizeof(bytes)); /* the answer, which nobody gets */
	return cut == WIRE_WHOLE;
}

static void serve(struct wire *wire, struct pollfd *polls, const int *owners, int count)
{
	for (int i = 2; i < count; i++) {
		struct pair *pair = &wire->pairs[owners[i]];

		if (polls[i].revents == 0 || pair->program < 0)
			continue;
		if (!(polls[i].fd == pair->program ? carry_up(wire, pair)
						   : carry(pair->server, pair->program)))
			drop(pair);
	}
}

static void *run(void *context)
{
	struct wire *wire = context;

	for (;;) {
		struct pollfd polls[2 + 2 * PAIRS_MAX] = {{wire->wake[0], POLLIN, 0},
							  {wire->listener, POLLIN, 0}};
		int owners[2 + 2 * PAIRS_MAX] = {0}, count = 2;

		for (int i = 0; i < PAIRS_MAX; i++) {
			if (wire->pairs[i].program < 0)
				continue;
			owners[count] = owners[count + 1] = i;
			polls[count++] = (struct pollfd){wire->pairs[i].program, POLLIN, 0};
			polls[count++] = (struct pollfd){wire->pairs[i].server, POLLIN, 0};
		}
		must(poll(polls, (nfds_t)count, -1) > 0, "poll");
		if (polls[0].revents)
			return NULL;
		if (polls[1].revents)
			take_program(wire);
		serve(wire, polls, owners, count);
	}
}

struct wire *wire_open(const char *folder, const char *to)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	struct sockaddr_un address;
	char path[108];

	must(wire != NULL, "wire");
	(void)snprintf(wire->to, sizeof(wire->to), "%s", to);
	for (int i = 0; i < PAIRS_MAX; i++)
		wire->pairs[i] = (struct pair){-1, -1};
	(void)snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", folder);
	address = address_of(path);
	wire->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(wire->listener >= 0 &&
		 bind(wire->listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
		 listen(wire->listener, PAIRS_MAX) == 0 && pipe(wire->wake) == 0,
	     path);
	must(pthread_create(&wire->thread, NULL, run, wire) == 0, "thread");
	return wire;
}

void wire_close(struct wire *wire)
{
	must(write(wire->wake[1], "", 1) == 1, "wake");
	(void)pthread_join(wire->thread, NULL);
	for (int i = 0; i < PAIRS_MAX; i++) {
		if (wire->pairs[i].program >= 0)
			drop(&wire->pairs[i]);
	}
	(void)close(wire->listener);
	(void)close(wire->wake[0]);
	(void)close(wire->wake[1]);
	free(wire);
}

void wire_set_cut(struct wire *wire, enum wire_cut cut)
{
	atomic_store(&wire->cut, cut);
}

int wire_cuts(struct wire *wire)
{
	return atomic_load(&wire->cuts);
}
