/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_LOOP_H
#define RC_HTTP_LOOP_H
/*
 * One thread's waiting, on libuv: sockets, a deadline for each, and a bell that other threads ring.
 *
 * A source is a socket with a deadline, embedded in whatever owns it; 200 bytes, because ten thousand wait at once, and 160 of them are
 * libuv's own. It is told of what it watches for in every turn in which that is so (level-triggered), so whoever doesn't act on what it is
 * told stops watching. Changing what is watched costs two calls of the kernel; watching on costs none.
 *
 * libuv closes at the end of a turn: the memory of a source that is forgotten has to stay until `closed` is called.
 *
 * Deadlines change with every state of a connection and are seldom met, so they stand in a wheel behind one of libuv's timers. Setting one
 * later than before only notes it; the wheel looks again when the earlier one has come. They are met within RC_HTTP__TICK_MS.
 *
 * Everything but rc_http__loop_ring is for the loop's thread.
 */
#include "shared/base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define RC_HTTP__TICK_MS 16u
#define RC_HTTP__WHEEL_SLOTS                                                                       \
	1024u /* a turn of 16 s; what is due later is passed by and looked at again */
#define RC_HTTP__NO_DEADLINE UINT64_MAX

struct rc_http__source;

struct rc_http__calls {
	/* UV_READABLE, UV_WRITABLE, or both; 0: the socket is broken, and isn't watched any more */
	void (*ready)(struct rc_http__source *source, unsigned events);
	void (*expired)(struct rc_http__source *source); /* the deadline is past, and none is set any more */
	void (*closed)(struct rc_http__source *source); /* its memory may go; or NULL */
};

struct rc_http__source {
	uv_poll_t poll; /* first, so that one is found from the other; its `data` are the calls */
	uint64_t deadline_ms; /* in loop time */
	uint64_t visit_ms;    /* when the wheel looks at it; never after the deadline */
	struct rc_http__source *next, **link; /* in a slot of the wheel; `link` NULL: in none */
	int fd;                               /* -1: only a deadline */
	uint8_t watched;                      /* UV_READABLE, UV_WRITABLE */
	bool is_open;                         /* libuv knows of it */
};

struct rc_http__loop {
	uv_loop_t uv; /* its `data` is this */
	uv_async_t bell;
	uv_timer_t timer;
	void (*rung)(struct rc_http__loop *loop); /* once for any number of rings */
	uint64_t now_ms;                          /* CLOCK_MONOTONIC as of the present event */
	uint64_t now_ns;                          /* 0: not read in this turn yet */
	uint64_t tick;       /* the wheel has passed the slots up to this one */
	uint64_t next_tick;  /* nothing is in a slot before this one */
	uint64_t timer_tick; /* for this one the timer is set */
	struct rc_http__source *slots[RC_HTTP__WHEEL_SLOTS];
};

/* RC_ENOMEM when the kernel gives no descriptor. */
RC_CHECKED enum rc_status rc_http__loop_init(struct rc_http__loop *loop,
					     void (*rung)(struct rc_http__loop *loop),
					     struct rc_error *err);

/* All sources have been forgotten; calls the last of them `closed`. */
void rc_http__loop_deinit(struct rc_http__loop *loop);

/* A source that nothing is known of yet. */
void rc_http__source_init(struct rc_http__source *source, const struct rc_http__calls *calls, int fd);

/* Tells of `events` (UV_READABLE, UV_WRITABLE) from now on, instead of what it told of before; 0 for a rest. RC_ENOMEM, the first time only. */
RC_CHECKED enum rc_status rc_http__loop_watch(struct rc_http__loop *loop,
					      struct rc_http__source *source, unsigned events);

/* Takes the deadline back, watches no more and closes the descriptor. `closed` is called at the end of the turn, or at once for a source that
 * was never watched. Nothing if it has no descriptor (any more). */
void rc_http__loop_forget(struct rc_http__loop *loop, struct rc_http__source *source);

/* Each open source with these calls; `visit` may forget any. */
void rc_http__loop_each(struct rc_http__loop *loop, const struct rc_http__calls *calls,
			void (*visit)(struct rc_http__source *source));

/* `delay_ms` from now, or RC_HTTP__NO_DEADLINE. */
void rc_http__loop_expire(struct rc_http__loop *loop, struct rc_http__source *source, uint64_t delay_ms);

/* CLOCK_MONOTONIC when it was first asked for in this turn. */
uint64_t rc_http__loop_now_ns(struct rc_http__loop *loop);

/* Waits for events, deadlines or the bell (doesn't wait with `is_busy`) and tells the sources. */
void rc_http__loop_turn(struct rc_http__loop *loop, bool is_busy);

/* It is `now_ms`: tells the sources whose deadlines are past. A turn does it with the machine's clock. */
void rc_http__loop_move(struct rc_http__loop *loop, uint64_t now_ms);

/* Any thread. */
void rc_http__loop_ring(struct rc_http__loop *loop);

#endif
