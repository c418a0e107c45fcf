/* SPDX-License-Identifier: Apache-2.0 */
/* The loop with a clock that is moved by hand: what is due when, and what is told of whom. */
#include "server/http/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SOURCES 200

struct counted {
	struct rc_http__source source; /* first */
	unsigned ready, expired, closed;
	unsigned events;
	struct counted *victim; /* is forgotten when this one expires */
};

static struct rc_http__loop loop;
static unsigned rings;

static void count_ready(struct rc_http__source *source, unsigned events)
{
	((struct counted *)source)->ready++;
	((struct counted *)source)->events = events;
}

static void count_expired(struct rc_http__source *source)
{
	struct counted *counted = (struct counted *)source;

	counted->expired++;
	if (counted->victim)
		rc_http__loop_forget(&loop, &counted->victim->source);
}

static void count_closed(struct rc_http__source *source)
{
	((struct counted *)source)->closed++;
}

static const struct rc_http__calls calls = {
    .ready = count_ready, .expired = count_expired, .closed = count_closed};

static void count_ring(struct rc_http__loop *rung)
{
	(void)rung;
	rings++;
}

static int set_up(void **state)
{
	(void)state;
	rings = 0;
	return rc_http__loop_init(&loop, count_ring, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	rc_http__loop_deinit(&loop);
	return 0;
}

static void init(struct counted *counted)
{
	*counted = (struct counted){0};
	rc_http__source_init(&counted->source, &calls, -1);
}

/* As if so much time had passed, and a turn were made. */
static void pass(uint64_t ms)
{
	rc_http__loop_move(&loop, loop.now_ms + ms);
}

static void a_deadline_is_met_once_and_never_early(void **state)
{
	struct counted counted;

	(void)state;
	init(&counted);
	rc_http__loop_expire(&loop, &counted.source, 100);
	pass(99);
	assert_int_equal(counted.expired, 0);
	pass(1 + RC_HTTP__TICK_MS);
	assert_int_equal(counted.expired, 1);
	pass(100000);
	assert_int_equal(counted.expired, 1);
}

static void deadlines_beyond_a_turn_of_the_wheel_wait_for_their_own(void **state)
{
	struct counted far, near;

	(void)state;
	init(&far);
	init(&near);
	rc_http__loop_expire(&loop, &far.source, 600000);
	rc_http__loop_expire(&loop, &near.source, 20);
	for (unsigned i = 0; i < 5999; i++)
		pass(100);
	assert_int_equal(near.expired, 1);
	assert_int_equal(far.expired, 0);
	pass(100 + RC_HTTP__TICK_MS);
	assert_int_equal(far.expired, 1);
}

static void a_deadline_that_is_put_off_is_met_at_the_later_time(void **state)
{
	struct counted counted;

	(void)state;
	init(&counted);
	rc_http__loop_expire(&loop, &counted.source, 50);
	rc_http__loop_expire(&loop, &counted.source, 500);
	pass(400);
	assert_int_equal(counted.expired, 0);
	rc_http__loop_expire(&loop, &counted.source, 10); /* and one that is brought forward at the earlier */
	pass(10 + 2 * RC_HTTP__TICK_MS);
	assert_int_equal(counted.expired, 1);
}

static void a_deadline_that_is_taken_back_is_not_met(void **state)
{
	struct counted counted;

	(void)state;
	init(&counted);
	rc_http__loop_expire(&loop, &counted.source, 50);
	rc_http__loop_expire(&loop, &counted.source, RC_HTTP__NO_DEADLINE);
	pass(100000);
	assert_int_equal(counted.expired, 0);
}

static void after_a_long_sleep_everything_is_met_once(void **state)
{
	static struct counted counted[SOURCES];

	(void)state;
	for (unsigned i = 0; i < SOURCES; i++) {
		init(&counted[i]);
		rc_http__loop_expire(&loop, &counted[i].source, i * 997);
	}
	pass(UINT64_C(10) * 24 * 3600 * 1000);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(counted[i].expired, 1);
}

static void one_that_expires_may_forget_another_of_the_same_moment(void **state)
{
	struct counted first, second;

	(void)state;
	init(&first);
	init(&second);
	first.victim = &second;
	second.victim = &first;
	rc_http__loop_expire(&loop, &first.source, 50);
	rc_http__loop_expire(&loop, &second.source, 50);
	pass(100);
	assert_int_equal(first.expired + second.expired, 1);
}

static void a_socket_is_told_of_while_something_is_watched_and_closed_after_the_turn(void **state)
{
	struct counted counted;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	init(&counted);
	counted.source.fd = ends[0];
	assert_int_equal(rc_http__loop_watch(&loop, &counted.source, UV_READABLE), RC_OK);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(counted.ready, 0);
	assert_int_equal(write(ends[1], "a", 1), 1);
	rc_http__loop_turn(&loop, true);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(counted.ready, 2); /* nobody has read it */
	assert_int_equal(counted.events, UV_READABLE);
	assert_int_equal(rc_http__loop_watch(&loop, &counted.source, 0), RC_OK);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(counted.ready, 2);
	assert_int_equal(rc_http__loop_watch(&loop, &counted.source, UV_WRITABLE), RC_OK);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(counted.events, UV_WRITABLE);
	rc_http__loop_forget(&loop, &counted.source);
	assert_int_equal(counted.source.fd, -1);
	assert_int_equal(counted.closed, 0);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(counted.closed, 1);
	assert_int_equal(close(ends[1]), 0);
}

static void each_open_source_of_a_kind_is_visited_and_may_forget_others(void **state)
{
	struct counted all[2];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	for (unsigned i = 0; i < 2; i++) {
		init(&all[i]);
		all[i].source.fd = ends[i];
		all[i].victim = &all[1 - i];
		assert_int_equal(rc_http__loop_watch(&loop, &all[i].source, UV_READABLE), RC_OK);
	}
	rc_http__loop_each(&loop, &calls, calls.expired);
	assert_int_equal(all[0].expired + all[1].expired, 1);
	rc_http__loop_forget(&loop, &all[0].source);
	rc_http__loop_forget(&loop, &all[1].source);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(all[0].closed, 1);
	assert_int_equal(all[1].closed, 1);
}

static void one_that_was_never_watched_is_closed_at_once(void **state)
{
	struct counted counted;

	(void)state;
	init(&counted);
	counted.source.fd = dup(STDERR_FILENO);
	rc_http__loop_forget(&loop, &counted.source);
	assert_int_equal(counted.closed, 1);
	rc_http__loop_forget(&loop, &counted.source);
	assert_int_equal(counted.closed, 1);
}

static void a_turn_that_waits_ends_with_the_next_deadline(void **state)
{
	struct counted far, near;

	(void)state;
	init(&far);
	init(&near);
	rc_http__loop_expire(&loop, &far.source, 100000);
	rc_http__loop_turn(&loop, true);
	rc_http__loop_expire(&loop, &near.source, 20);
	for (unsigned i = 0; i < 100 && near.expired == 0; i++)
		rc_http__loop_turn(&loop, false);
	assert_int_equal(near.expired, 1);
	assert_int_equal(far.expired, 0);
}

static void many_rings_are_heard_as_one_and_later_ones_again(void **state)
{
	(void)state;
	rc_http__loop_ring(&loop);
	rc_http__loop_ring(&loop);
	rc_http__loop_turn(&loop, true);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(rings, 1);
	rc_http__loop_ring(&loop);
	rc_http__loop_turn(&loop, true);
	assert_int_equal(rings, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_deadline_is_met_once_and_never_early),
	    TEST(deadlines_beyond_a_turn_of_the_wheel_wait_for_their_own),
	    TEST(a_deadline_that_is_put_off_is_met_at_the_later_time),
	    TEST(a_deadline_that_is_taken_back_is_not_met),
	    TEST(after_a_long_sleep_everything_is_met_once),
	    TEST(one_that_expires_may_forget_another_of_the_same_moment),
	    TEST(a_socket_is_told_of_while_something_is_watched_and_closed_after_the_turn),
	    TEST(each_open_source_of_a_kind_is_visited_and_may_forget_others),
	    TEST(one_that_was_never_watched_is_closed_at_once),
	    TEST(a_turn_that_waits_ends_with_the_next_deadline),
	    TEST(many_rings_are_heard_as_one_and_later_ones_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
