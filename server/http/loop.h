/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_LOOP_H
#define RC_HTTP_LOOP_H
/*
 * One thread's waiting: file descriptors (epoll, edge-triggered), a deadline for each, and a bell that other threads ring.
 *
 * A source is a descriptor with a deadline, embedded in whatever owns it; 48 bytes, because ten thousand wait at once. It is told of its
 * socket once a change, so it must remember what it was told until the kernel says EAGAIN: in return no call of the kernel is spent on
 * watching while requests come and go. Sources that are forgotten may still be told of events of the present turn: their memory has to
 * stay until it is over.
 *
 * Deadlines change with every state of a connection and are seldom met. So setting one later than before only notes it; the wheel
 * looks again when the earlier one has come. They are met within RC_HTTP__TICK_MS.
 *
 * Everything but rc_http__loop_ring is for the loop's thread.
 */
#include "shared/base/status.h"

#include <stdatomic.h>
#include <stdint.h>

#define RC_HTTP__TICK_MS 16u
#define RC_HTTP__WHEEL_SLOTS                                                                       \
	1024u /* a turn of 16 s; what is due later is passed by and looked at again */
#define RC_HTTP__NO_DEADLINE UINT64_MAX

struct rc_http__source;

struct rc_http__calls {
	void (*ready)(struct rc_http__source *source, uint32_t events);
	void (*expired)(struct rc_http__source *source); /* the deadline is past, and none is set any more */
};

struct rc_http__source {
	const struct rc_http__calls *calls;
	int fd;               /* -1: only a deadline */
	uint64_t deadline_ms; /* in loop time */
	uint64_t visit_ms;    /* when the wheel looks at it; never after the deadline */
	struct rc_http__source *next, **link; /* in a slot of the wheel; `link` NULL: in none */
};

struct rc_http__loop {
	int poll;
	struct rc_http__source bell;
	void (*rung)(struct rc_http__loop *loop); /* once for any number of rings */
	atomic_bool is_rung;
	uint64_t now_ms; /* CLOCK_MONOTONIC as of the beginning of the turn */
	uint64_t now_ns;
	uint64_t tick;      /* the wheel has passed the slots up to this one */
	uint64_t next_tick; /* nothing is in a slot before this one */
	struct rc_http__source *slots[RC_HTTP__WHEEL_SLOTS];
};

/* RC_ENOMEM when the kernel gives no descriptor. */
RC_CHECKED enum rc_status rc_http__loop_init(struct rc_http__loop *loop,
					     void (*rung)(struct rc_http__loop *loop),
					     struct rc_error *err);
void rc_http__loop_deinit(struct rc_http__loop *loop);

/* A source that nothing is known of yet. */
void rc_http__source_init(struct rc_http__source *source, const struct rc_http__calls *calls, int fd);

/* Tells of `events` from now on (EPOLLIN | EPOLLET …). RC_ENOMEM. */
RC_CHECKED enum rc_status rc_http__loop_watch(struct rc_http__loop *loop,
					      struct rc_http__source *source, uint32_t events);

/* Of a watched source: tells of `events` instead; 0 for a rest. */
void rc_http__loop_change(struct rc_http__loop *loop, struct rc_http__source *source, uint32_t events);

/* Takes the deadline back, watches no more and closes the descriptor. */
void rc_http__loop_forget(struct rc_http__loop *loop, struct rc_http__source *source);

/* `delay_ms` from now, or RC_HTTP__NO_DEADLINE. */
void rc_http__loop_expire(struct rc_http__loop *loop, struct rc_http__source *source, uint64_t delay_ms);

/* Waits for events, deadlines or the bell (doesn't wait with `is_busy`) and tells the sources. */
void rc_http__loop_turn(struct rc_http__loop *loop, bool is_busy);

/* It is `now_ms`: tells the sources whose deadlines are past. A turn does it with the machine's clock. */
void rc_http__loop_move(struct rc_http__loop *loop, uint64_t now_ms);

/* Any thread. */
void rc_http__loop_ring(struct rc_http__loop *loop);

#endif
