/* SPDX-License-Identifier: Apache-2.0 */
/* What runs into a limit: of time, of number, of memory, and the end of the server. Deadlines are shortened; nothing is timed. */
#include "site.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: a\r\n"

#define AT_ONCE_MS 50u /* a deadline that the test waits for */

struct fixture {
	struct site site;
	struct rc_http_settings settings;
	struct answer answer;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	rc_http_settings_default(&fixture.settings);
	answer_init(&fixture.answer);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	answer_deinit(&fixture->answer);
	return 0;
}

static int start(struct fixture *fixture)
{
	site_start(&fixture->site, &fixture->settings, NULL);
	return client_open(&fixture->site);
}

static void finish(struct fixture *fixture, int fd)
{
	assert_int_equal(close(fd), 0);
	site_stop(&fixture->site);
}

static void await(sem_t *semaphore)
{
	while (sem_wait(semaphore) != 0)
		assert_int_equal(errno, EINTR);
}

/* ---- time */

static void a_head_that_takes_too_long_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.header_ms = 1000; /* the bytes must be there before it ends */
	fd = start(fixture);
	client_send(fd, "GET /hello HTTP/1.1\r\nHo");
	assert_int_equal(client_read(fd, &fixture->answer, true), 408);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void the_second_head_has_a_deadline_too(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.header_ms = 1000;
	fd = start(fixture);
	client_send(fd, "GET /hello HTTP/1.1\r\n" H "\r\nGET /hello HT");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_int_equal(client_read(fd, &fixture->answer, true), 408);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void a_body_that_takes_too_long_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.body_ms = AT_ONCE_MS;
	fd = start(fixture);
	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc");
	assert_int_equal(client_read(fd, &fixture->answer, true), 408);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void a_client_that_says_nothing_is_let_go(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.header_ms = AT_ONCE_MS;
	fd = start(fixture);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void an_idle_connection_is_let_go(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.idle_ms = AT_ONCE_MS;
	fd = start(fixture);
	client_get(fd, "/hello");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void a_client_that_doesnt_read_its_answer_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd, got;
	char byte[4096];
	size_t sum = 0;

	fixture->settings.write_ms = 300;
	fixture->settings.min_rate_bytes_per_s = 1u << 30;
	fd = start(fixture);
	client_get(fd, "/large");
	assert_int_equal(recv(fd, byte, 1, 0), 1); /* the answer has begun */
	while (rc_http_server_counts(fixture->site.server).connections > 0)
		(void)sched_yield();
	while ((got = (int)recv(fd, byte, sizeof(byte), 0)) > 0)
		sum += (size_t)got;
	assert_true(sum < 48u << 20);
	finish(fixture, fd);
}

/* ---- number and memory */

static void one_connection_more_than_the_limit_is_told_to_come_later(void **state)
{
	struct fixture *fixture = *state;
	int first, second, third;

	fixture->settings.max_connections_per_address = 2;
	first = start(fixture);
	second = client_open(&fixture->site);
	client_get(second, "/hello");
	assert_int_equal(client_read(second, &fixture->answer, true), 200);
	third = client_open(&fixture->site);
	assert_int_equal(client_read(third, &fixture->answer, true), 503);
	assert_non_null(strstr(rc_buf_text(&fixture->answer.head), "Retry-After: "));
	assert_true(client_sees_end(third, &fixture->answer));
	assert_int_equal(rc_http_server_counts(fixture->site.server).refused, 1);
	assert_int_equal(close(third), 0);
	assert_int_equal(close(second), 0);
	finish(fixture, first);
}

static void the_limit_of_all_connections_counts_as_well(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	fixture->settings.max_connections = 1;
	first = start(fixture);
	client_get(first, "/hello");
	assert_int_equal(client_read(first, &fixture->answer, true), 200);
	second = client_open(&fixture->site);
	assert_int_equal(client_read(second, &fixture->answer, true), 503);
	client_get(first, "/hello");
	rc_buf_clear(&fixture->answer.ahead);
	assert_int_equal(client_read(first, &fixture->answer, true), 200);
	assert_int_equal(close(second), 0);
	finish(fixture, first);
}

static void requests_beyond_the_queue_are_told_to_come_later(void **state)
{
	struct fixture *fixture = *state;
	int running, waiting, refused;

	fixture->settings.worker_count = 1;
	fixture->settings.max_requests_waiting = 1;
	running = start(fixture);
	client_get(running, "/block");
	await(&fixture->site.entered);
	waiting = client_open(&fixture->site);
	client_get(waiting, "/block");
	while (rc_http_server_counts(fixture->site.server).requests_running < 2)
		(void)sched_yield();
	refused = client_open(&fixture->site);
	client_get(refused, "/hello");
	assert_int_equal(client_read(refused, &fixture->answer, true), 503);
	assert_non_null(strstr(rc_buf_text(&fixture->answer.head), "Retry-After: "));
	(void)sem_post(&fixture->site.go_on);
	(void)sem_post(&fixture->site.go_on);
	rc_buf_clear(&fixture->answer.ahead);
	assert_int_equal(client_read(running, &fixture->answer, true), 200);
	assert_int_equal(client_read(waiting, &fixture->answer, true), 200);
	assert_int_equal(close(refused), 0);
	assert_int_equal(close(waiting), 0);
	finish(fixture, running);
}

static void bodies_share_one_budget_and_give_it_back(void **state)
{
	struct fixture *fixture = *state;
	const char *whole = "POST /echo HTTP/1.1\r\n" H "Content-Length: 6\r\n\r\nabcdef";
	int slow;

	fixture->settings.max_bodies_bytes = 10;
	slow = start(fixture);
	client_send(slow, "POST /echo HTTP/1.1\r\n" H "Content-Length: 6\r\n"
			  "Expect: 100-continue\r\n\r\n");
	assert_int_equal(client_read(slow, &fixture->answer, false), 100);
	client_send(slow, "abcde");
	/* whoever is refused shows that the five bytes have been counted */
	while (client_ask(&fixture->site, whole, &fixture->answer) != 503)
		(void)sched_yield();
	client_send(slow, "f");
	rc_buf_clear(&fixture->answer.ahead);
	assert_int_equal(client_read(slow, &fixture->answer, true), 200);
	while (client_ask(&fixture->site, whole, &fixture->answer) != 200)
		(void)sched_yield();
	finish(fixture, slow);
}

static void a_setting_of_zero_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct rc_http_server *server = NULL;

	fixture->settings.worker_count = 0;
	assert_int_equal(rc_http_server_new(&fixture->settings, &server, NULL), RC_EUSAGE);
	assert_null(server);
}

static void an_address_that_cant_be_had_is_said(void **state)
{
	struct fixture *fixture = *state;
	struct rc_http_listener_config config = {.address = "localhost"};
	struct rc_http_server *server = NULL;
	struct rc_error err = {""};

	assert_int_equal(rc_http_server_new(&fixture->settings, &server, NULL), RC_OK);
	assert_int_equal(rc_http_server_add_listener(server, &config, NULL, &err), RC_EUSAGE);
	assert_non_null(strstr(err.text, "localhost"));
	config.address = "192.0.2.1";
	assert_int_equal(rc_http_server_add_listener(server, &config, NULL, &err), RC_ENET);
	assert_non_null(strstr(err.text, "192.0.2.1"));
	rc_http_server_free(server);
}

/* ---- long polls */

static void a_waiting_request_is_answered_when_its_topic_is_woken(void **state)
{
	struct fixture *fixture = *state;
	int fd = start(fixture);

	client_get(fd, "/poll?ms=60000");
	await(&fixture->site.entered);
	while (rc_http_server_counts(fixture->site.server).requests_parked == 0)
		(void)sched_yield();
	rc_http_server_wake(fixture->site.server, 1); /* another topic: nothing happens */
	rc_http_server_wake(fixture->site.server, 2 | 4);
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "woken");
	assert_int_equal(rc_http_server_counts(fixture->site.server).requests_parked, 0);
	finish(fixture, fd);
}

static void a_wake_between_the_look_and_the_wait_isnt_lost(void **state)
{
	struct fixture *fixture = *state;
	int fd = start(fixture);

	client_get(fd, "/poll?ms=60000&slow");
	await(&fixture->site.entered);
	rc_http_server_wake(fixture->site.server, 2);
	(void)sem_post(&fixture->site.go_on);
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "woken");
	finish(fixture, fd);
}

static void a_waiting_request_is_answered_when_its_time_is_over(void **state)
{
	struct fixture *fixture = *state;
	int fd = start(fixture);

	client_get(fd, "/poll?ms=20");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "last");
	client_get(fd, "/poll?ms=0");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "last");
	finish(fixture, fd);
}

static void a_woken_handler_may_wait_again(void **state)
{
	struct fixture *fixture = *state;
	int fd = start(fixture);

	client_get(fd, "/poll?ms=60000&again");
	for (int i = 0; i < 3; i++) {
		await(&fixture->site.entered);
		rc_http_server_wake(fixture->site.server, 2);
	}
	await(&fixture->site.entered);
	rc_http_server_stop(fixture->site.server);
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "last");
	finish(fixture, fd);
}

static void waiting_requests_keep_no_worker(void **state)
{
	struct fixture *fixture = *state;
	int fds[20], fd;

	fixture->settings.worker_count = 1;
	fd = start(fixture);
	for (int i = 0; i < 20; i++) {
		fds[i] = client_open(&fixture->site);
		client_get(fds[i], "/poll?ms=60000");
	}
	while (rc_http_server_counts(fixture->site.server).requests_parked < 20)
		(void)sched_yield();
	client_get(fd, "/hello");
	assert_int_equal(client_read(fd, &fixture->answer, true), 200);
	assert_int_equal(close(fds[7]), 0); /* one leaves: the server notices without being told */
	while (rc_http_server_counts(fixture->site.server).requests_parked > 19)
		(void)sched_yield();
	rc_http_server_wake(fixture->site.server, 2);
	for (int i = 0; i < 20; i++) {
		if (i == 7)
			continue;
		rc_buf_clear(&fixture->answer.ahead);
		assert_int_equal(client_read(fds[i], &fixture->answer, true), 200);
		assert_int_equal(close(fds[i]), 0);
	}
	finish(fixture, fd);
}

static void beyond_the_limit_a_request_doesnt_wait(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	fixture->settings.max_parked = 1;
	first = start(fixture);
	client_get(first, "/poll?ms=60000");
	while (rc_http_server_counts(fixture->site.server).requests_parked == 0)
		(void)sched_yield();
	second = client_open(&fixture->site);
	client_get(second, "/poll?ms=60000");
	assert_int_equal(client_read(second, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "last");
	assert_int_equal(close(second), 0);
	finish(fixture, first);
}

/* ---- the end */

static void a_request_under_way_is_finished_when_the_server_stops(void **state)
{
	struct fixture *fixture = *state;
	int running = start(fixture), idle = client_open(&fixture->site),
	    parked = client_open(&fixture->site);

	client_get(idle, "/hello");
	assert_int_equal(client_read(idle, &fixture->answer, true), 200);
	client_get(parked, "/poll?ms=60000");
	while (rc_http_server_counts(fixture->site.server).requests_parked == 0)
		(void)sched_yield();
	await(&fixture->site.entered);
	client_get(running, "/block");
	await(&fixture->site.entered);
	rc_http_server_stop(fixture->site.server);
	assert_true(client_sees_end(idle, &fixture->answer));
	assert_int_equal(client_read(parked, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "last");
	(void)sem_post(&fixture->site.go_on);
	rc_buf_clear(&fixture->answer.ahead);
	assert_int_equal(client_read(running, &fixture->answer, true), 200);
	assert_string_equal(rc_buf_text(&fixture->answer.body), "done");
	assert_true(client_sees_end(running, &fixture->answer));
	assert_int_equal(close(idle), 0);
	assert_int_equal(close(parked), 0);
	site_join(&fixture->site);
	finish(fixture, running);
}

static void a_client_that_dawdles_doesnt_hold_up_the_end(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.stop_ms = AT_ONCE_MS;
	fd = start(fixture);
	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 6\r\n"
			"Expect: 100-continue\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, false), 100);
	rc_http_server_stop(fixture->site.server);
	site_join(&fixture->site);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void a_server_can_be_stopped_before_it_runs_and_again_afterwards(void **state)
{
	struct fixture *fixture = *state;
	struct rc_http_server *server = NULL;

	assert_int_equal(rc_http_server_new(&fixture->settings, &server, NULL), RC_OK);
	rc_http_server_stop(server);
	assert_int_equal(rc_http_server_run(server, NULL), RC_OK);
	rc_http_server_stop(server);
	rc_http_server_wake(server, 1);
	rc_http_server_free(server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_head_that_takes_too_long_is_cut),
	    TEST(the_second_head_has_a_deadline_too),
	    TEST(a_body_that_takes_too_long_is_cut),
	    TEST(a_client_that_says_nothing_is_let_go),
	    TEST(an_idle_connection_is_let_go),
	    TEST(a_client_that_doesnt_read_its_answer_is_cut),
	    TEST(one_connection_more_than_the_limit_is_told_to_come_later),
	    TEST(the_limit_of_all_connections_counts_as_well),
	    TEST(requests_beyond_the_queue_are_told_to_come_later),
	    TEST(bodies_share_one_budget_and_give_it_back),
	    TEST(a_setting_of_zero_is_refused),
	    TEST(an_address_that_cant_be_had_is_said),
	    TEST(a_waiting_request_is_answered_when_its_topic_is_woken),
	    TEST(a_wake_between_the_look_and_the_wait_isnt_lost),
	    TEST(a_waiting_request_is_answered_when_its_time_is_over),
	    TEST(a_woken_handler_may_wait_again),
	    TEST(waiting_requests_keep_no_worker),
	    TEST(beyond_the_limit_a_request_doesnt_wait),
	    TEST(a_request_under_way_is_finished_when_the_server_stops),
	    TEST(a_client_that_dawdles_doesnt_hold_up_the_end),
	    TEST(a_server_can_be_stopped_before_it_runs_and_again_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
