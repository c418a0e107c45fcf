/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_A_TURN 256

/* ---- time ---- */

static void read_clock(struct rc_http__loop *loop)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	loop->now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	loop->now_ms = loop->now_ns / 1000000u;
}

static void leave_slot(struct rc_http__source *source)
{
	if (!source->link)
		return;
	*source->link = source->next;
	if (source->next)
		source->next->link = source->link;
	source->link = NULL;
	source->visit_ms = RC_HTTP__NO_DEADLINE;
}

/* Into the slot where its deadline is past, but never one that the wheel has passed. */
static void enter_slot(struct rc_http__loop *loop, struct rc_http__source *source)
{
	uint64_t tick = source->deadline_ms / RC_HTTP__TICK_MS + 1;
	struct rc_http__source **slot;

	if (tick <= loop->tick)
		tick = loop->tick + 1;
	if (tick < loop->next_tick)
		loop->next_tick = tick;
	slot = &loop->slots[tick % RC_HTTP__WHEEL_SLOTS];
	source->visit_ms = source->deadline_ms;
	source->next = *slot;
	source->link = slot;
	if (*slot)
		(*slot)->link = &source->next;
	*slot = source;
}

void rc_http__loop_expire(struct rc_http__loop *loop, struct rc_http__source *source, uint64_t delay_ms)
{
	source->deadline_ms =
	    delay_ms == RC_HTTP__NO_DEADLINE ? RC_HTTP__NO_DEADLINE : loop->now_ms + delay_ms;
	if (source->deadline_ms >= source->visit_ms)
		return;
	leave_slot(source);
	enter_slot(loop, source);
}

static void visit(struct rc_http__loop *loop, struct rc_http__source *source)
{
	leave_slot(source);
	if (source->deadline_ms == RC_HTTP__NO_DEADLINE)
		return;
	if (source->deadline_ms > loop->now_ms) {
		enter_slot(loop, source);
		return;
	}
	source->deadline_ms = RC_HTTP__NO_DEADLINE;
	source->calls->expired(source);
}

/* What is in the slot now; what its visits put back there waits for the next turn of the wheel. The chain is taken off first, because a visit
 * may take away any other source of it. */
static void visit_slot(struct rc_http__loop *loop, struct rc_http__source **slot)
{
	struct rc_http__source *chain = *slot;

	*slot = NULL;
	if (chain)
		chain->link = &chain;
	while (chain)
		visit(loop, chain);
}

static void find_next_tick(struct rc_http__loop *loop)
{
	uint64_t tick = loop->tick + 1;

	while (tick <= loop->tick + RC_HTTP__WHEEL_SLOTS && !loop->slots[tick % RC_HTTP__WHEEL_SLOTS])
		tick++;
	loop->next_tick = tick <= loop->tick + RC_HTTP__WHEEL_SLOTS ? tick : UINT64_MAX;
}

void rc_http__loop_move(struct rc_http__loop *loop, uint64_t now_ms)
{
	const uint64_t now = now_ms / RC_HTTP__TICK_MS;
	uint64_t tick;

	loop->now_ms = now_ms;
	if (now < loop->next_tick) {
		loop->tick = now;
		return;
	}
	/* After a long sleep of the machine no slot is visited twice. */
	tick = now - loop->tick > RC_HTTP__WHEEL_SLOTS ? now - RC_HTTP__WHEEL_SLOTS : loop->tick;
	loop->tick = now;
	while (tick++ < now)
		visit_slot(loop, &loop->slots[tick % RC_HTTP__WHEEL_SLOTS]);
	find_next_tick(loop);
}

static int time_to_wait(const struct rc_http__loop *loop)
{
	const uint64_t next_ms =
	    loop->next_tick == UINT64_MAX ? UINT64_MAX : loop->next_tick * RC_HTTP__TICK_MS;

	if (next_ms == UINT64_MAX)
		return -1;
	return next_ms > loop->now_ms ? (int)(next_ms - loop->now_ms) : 0;
}

/* ---- events ---- */

void rc_http__source_init(struct rc_http__source *source, const struct rc_http__calls *calls, int fd)
{
	*source = (struct rc_http__source){.calls = calls,
					   .fd = fd,
					   .deadline_ms = RC_HTTP__NO_DEADLINE,
					   .visit_ms = RC_HTTP__NO_DEADLINE};
}

enum rc_status rc_http__loop_watch(struct rc_http__loop *loop, struct rc_http__source *source,
				   uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.ptr = source}};

	return epoll_ctl(loop->poll, EPOLL_CTL_ADD, source->fd, &event) == 0 ? RC_OK : RC_ENOMEM;
}

void rc_http__loop_change(struct rc_http__loop *loop, struct rc_http__source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.ptr = source}};

	(void)epoll_ctl(loop->poll, EPOLL_CTL_MOD, source->fd, &event);
}

void rc_http__loop_forget(struct rc_http__loop *loop, struct rc_http__source *source)
{
	leave_slot(source);
	source->deadline_ms = RC_HTTP__NO_DEADLINE;
	if (source->fd < 0)
		return;
	/* Closing alone isn't enough while a child process that is being started still holds a copy. */
	(void)epoll_ctl(loop->poll, EPOLL_CTL_DEL, source->fd, NULL);
	(void)close(source->fd);
	source->fd = -1;
}

void rc_http__loop_turn(struct rc_http__loop *loop, bool is_busy)
{
	struct epoll_event events[EVENTS_A_TURN];
	const int count =
	    epoll_wait(loop->poll, events, EVENTS_A_TURN, is_busy ? 0 : time_to_wait(loop));

	read_clock(loop);
	for (int i = 0; i < count; i++) {
		struct rc_http__source *source = events[i].data.ptr;

		source->calls->ready(source, events[i].events);
	}
	rc_http__loop_move(loop, loop->now_ms);
}

/* ---- the bell ---- */

static void bell_ready(struct rc_http__source *source, uint32_t events)
{
	struct rc_http__loop *loop =
	    (struct rc_http__loop *)((char *)source - offsetof(struct rc_http__loop, bell));
	uint64_t rings;

	(void)events;
	rc_status_ignore(read(source->fd, &rings, sizeof(rings)) > 0 ? RC_OK : RC_EBUSY);
	atomic_store(&loop->is_rung, false); /* whoever rings from here on is heard in the next turn */
	loop->rung(loop);
}

static const struct rc_http__calls bell_calls = {.ready = bell_ready};

void rc_http__loop_ring(struct rc_http__loop *loop)
{
	const uint64_t one = 1;

	if (!atomic_exchange(&loop->is_rung, true))
		rc_status_ignore(write(loop->bell.fd, &one, sizeof(one)) > 0 ? RC_OK : RC_EBUSY);
}

enum rc_status rc_http__loop_init(struct rc_http__loop *loop,
				  void (*rung)(struct rc_http__loop *loop), struct rc_error *err)
{
	enum rc_status status = RC_ENOMEM;

	*loop = (struct rc_http__loop){.rung = rung, .next_tick = UINT64_MAX};
	loop->poll = epoll_create1(EPOLL_CLOEXEC);
	rc_http__source_init(&loop->bell, &bell_calls, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (loop->poll >= 0 && loop->bell.fd >= 0)
		status = rc_http__loop_watch(loop, &loop->bell, EPOLLIN);
	if (status) {
		rc_http__loop_deinit(loop);
		return rc_fail(err, status, "event loop: %s", strerror(errno));
	}
	read_clock(loop);
	loop->tick = loop->now_ms / RC_HTTP__TICK_MS;
	return RC_OK;
}

void rc_http__loop_deinit(struct rc_http__loop *loop)
{
	if (loop->bell.fd >= 0)
		rc_http__loop_forget(loop, &loop->bell);
	if (loop->poll >= 0)
		(void)close(loop->poll);
	loop->poll = -1;
}
