/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/loop.h"

#include <unistd.h>

/* ---- time ---- */

uint64_t rc_http__loop_now_ns(struct rc_http__loop *loop)
{
	if (loop->now_ns == 0)
		loop->now_ns = uv_hrtime();
	return loop->now_ns;
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

static const struct rc_http__calls *calls_of(const struct rc_http__source *source)
{
	return source->poll.data;
}

static void look_at(struct rc_http__loop *loop, struct rc_http__source *source)
{
	leave_slot(source);
	if (source->deadline_ms == RC_HTTP__NO_DEADLINE)
		return;
	if (source->deadline_ms > loop->now_ms) {
		enter_slot(loop, source);
		return;
	}
	source->deadline_ms = RC_HTTP__NO_DEADLINE;
	calls_of(source)->expired(source);
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
		look_at(loop, chain);
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

static struct rc_http__loop *loop_of(const uv_loop_t *uv)
{
	return uv->data;
}

static void on_timer(uv_timer_t *timer)
{
	struct rc_http__loop *loop = loop_of(timer->loop);

	loop->timer_tick = UINT64_MAX;
	rc_http__loop_move(loop, uv_now(timer->loop));
	loop->now_ns = 0; /* the turn may wait yet */
}

/* For the first slot that isn't empty. One that was set for an earlier slot, which is empty now, is left: it sets itself again. */
static void set_timer(struct rc_http__loop *loop)
{
	const uint64_t at_ms = loop->next_tick * RC_HTTP__TICK_MS;
	const uint64_t now_ms = uv_now(&loop->uv);

	if (loop->next_tick >= loop->timer_tick)
		return;
	loop->timer_tick = loop->next_tick;
	(void)uv_timer_start(&loop->timer, on_timer, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

/* ---- events ---- */

void rc_http__source_init(struct rc_http__source *source, const struct rc_http__calls *calls, int fd)
{
	*source = (struct rc_http__source){.poll.data = (void *)calls,
					   .fd = fd,
					   .deadline_ms = RC_HTTP__NO_DEADLINE,
					   .visit_ms = RC_HTTP__NO_DEADLINE};
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct rc_http__source *source = (struct rc_http__source *)poll;

	loop_of(poll->loop)->now_ms = uv_now(poll->loop);
	if (status < 0)
		source->watched = 0; /* so has libuv done */
	calls_of(source)->ready(source, status < 0 ? 0 : (unsigned)events);
}

enum rc_status rc_http__loop_watch(struct rc_http__loop *loop, struct rc_http__source *source,
				   unsigned events)
{
	if (!source->is_open && uv_poll_init(&loop->uv, &source->poll, source->fd) != 0)
		return RC_ENOMEM;
	source->is_open = true;
	if (source->watched == events)
		return RC_OK;
	source->watched = (uint8_t)events;
	return uv_poll_start(&source->poll, (int)events, on_poll) == 0 ? RC_OK : RC_ENOMEM;
}

static void on_closed(uv_handle_t *handle)
{
	struct rc_http__source *source = (struct rc_http__source *)handle;

	calls_of(source)->closed(source);
}

void rc_http__loop_forget(struct rc_http__loop *loop, struct rc_http__source *source)
{
	const struct rc_http__calls *calls = calls_of(source);

	(void)loop;
	leave_slot(source);
	source->deadline_ms = RC_HTTP__NO_DEADLINE;
	if (source->fd < 0)
		return;
	if (source->is_open)
		uv_close((uv_handle_t *)&source->poll, calls->closed ? on_closed : NULL);
	(void)close(source->fd);
	source->fd = -1;
	if (!source->is_open && calls->closed)
		calls->closed(source);
}

struct visits {
	const struct rc_http__calls *calls;
	void (*visit)(struct rc_http__source *source);
};

static void on_walk(uv_handle_t *handle, void *context)
{
	const struct visits *visits = context;

	if (handle->type == UV_POLL && handle->data == visits->calls && !uv_is_closing(handle))
		visits->visit((struct rc_http__source *)handle);
}

void rc_http__loop_each(struct rc_http__loop *loop, const struct rc_http__calls *calls,
			void (*visit)(struct rc_http__source *source))
{
	uv_walk(&loop->uv, on_walk, &(struct visits){calls, visit});
}

void rc_http__loop_turn(struct rc_http__loop *loop, bool is_busy)
{
	set_timer(loop);
	loop->now_ns = 0;
	(void)uv_run(&loop->uv, is_busy ? UV_RUN_NOWAIT : UV_RUN_ONCE);
	loop->now_ms = uv_now(&loop->uv);
}

/* ---- the bell ---- */

static void on_bell(uv_async_t *bell)
{
	struct rc_http__loop *loop = loop_of(bell->loop);

	loop->now_ms = uv_now(bell->loop);
	loop->rung(loop);
}

void rc_http__loop_ring(struct rc_http__loop *loop)
{
	(void)uv_async_send(&loop->bell);
}

enum rc_status rc_http__loop_init(struct rc_http__loop *loop,
				  void (*rung)(struct rc_http__loop *loop), struct rc_error *err)
{
	int code;

	*loop = (struct rc_http__loop){.rung = rung, .next_tick = UINT64_MAX, .timer_tick = UINT64_MAX};
	code = uv_loop_init(&loop->uv);
	if (code)
		return rc_fail(err, RC_ENOMEM, "event loop: %s", uv_strerror(code));
	loop->uv.data = loop;
	(void)uv_timer_init(&loop->uv, &loop->timer); /* can't fail */
	code = uv_async_init(&loop->uv, &loop->bell, on_bell);
	if (code) {
		rc_http__loop_deinit(loop);
		return rc_fail(err, RC_ENOMEM, "event loop: %s", uv_strerror(code));
	}
	loop->now_ms = uv_now(&loop->uv);
	loop->tick = loop->now_ms / RC_HTTP__TICK_MS;
	return RC_OK;
}

static void close_own(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void rc_http__loop_deinit(struct rc_http__loop *loop)
{
	uv_walk(&loop->uv, close_own, NULL); /* the bell and the timer are left */
	(void)uv_run(&loop->uv, UV_RUN_NOWAIT);
	(void)uv_loop_close(&loop->uv);
}
