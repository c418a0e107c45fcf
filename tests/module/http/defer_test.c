/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are made elsewhere: requests that wait for them keep no worker, and nothing is lost whoever goes first. */
#include "shared/base/log.h"
#include "site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 40

struct elsewhere {
	struct site site; /* for the client's side: server, port and thread */
	sem_t deferred;   /* posted for each response in the list */
	pthread_mutex_t lock;
	struct rc_http_response *waiting[MANY];
	size_t count;
	atomic_uint finished;
};

static struct elsewhere elsewhere;

static void say_path(struct rc_http_response *response, void *context)
{
	const char *text = context;

	atomic_fetch_add(&elsewhere.finished, 1);
	rc_http_respond_json(response, 200, rc_bytes_of_text(text));
}

static void say_nothing(struct rc_http_response *response, void *context)
{
	(void)response;
	(void)context;
}

static void get_later(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *path = rc_arena_copy(request->arena, request->path);

	if (!path || !rc_http_defer(response, say_path, (void *)(uintptr_t)path))
		return;
	(void)pthread_mutex_lock(&elsewhere.lock);
	elsewhere.waiting[elsewhere.count++] = response;
	(void)pthread_mutex_unlock(&elsewhere.lock);
	(void)sem_post(&elsewhere.deferred);
}

static void get_at_once(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	if (rc_http_defer(response, say_path, (void *)(uintptr_t) "at once"))
		rc_http_ready(response);
}

static void get_empty(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	if (rc_http_defer(response, say_nothing, NULL))
		rc_http_ready(response);
}

static void get_quick(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	rc_http_respond_json(response, rc_http_defer(response, say_path, NULL) ? 500 : 200,
			     rc_bytes_of_text("{}"));
}

static const struct rc_http_route routes[] = {
    {.operation = "later", .method = "GET", .path = "/later/{n}", .handle = get_later},
    {.operation = "atOnce", .method = "GET", .path = "/at-once", .handle = get_at_once},
    {.operation = "empty", .method = "GET", .path = "/empty", .handle = get_empty},
    {.operation = "quick", .method = "GET", .path = "/quick", .is_quick = true, .handle = get_quick},
};

static void *run(void *context)
{
	(void)context;
	return rc_http_server_run(elsewhere.site.server, NULL) == RC_OK ? &elsewhere : NULL;
}

/* One worker: whatever kept it would hold everybody up. */
static int set_up(void **state)
{
	struct rc_http_settings settings;
	const struct rc_http_listener_config config = {
	    .address = "127.0.0.1", .routes = routes, .route_count = sizeof(routes) / sizeof(routes[0])};

	(void)state;
	memset(&elsewhere, 0, sizeof(elsewhere));
	(void)sem_init(&elsewhere.deferred, 0, 0);
	(void)pthread_mutex_init(&elsewhere.lock, NULL);
	rc_log_set_level(RC_LOG_WARNING);
	rc_http_settings_default(&settings);
	settings.worker_count = 1;
	assert_int_equal(rc_http_server_new(&settings, &elsewhere.site.server, NULL), RC_OK);
	assert_int_equal(
	    rc_http_server_add_listener(elsewhere.site.server, &config, &elsewhere.site.port, NULL),
	    RC_OK);
	assert_int_equal(pthread_create(&elsewhere.site.thread, NULL, run, NULL), 0);
	return 0;
}

static void await_end(void)
{
	void *result = NULL;

	assert_int_equal(pthread_join(elsewhere.site.thread, &result), 0);
	assert_non_null(result);
	elsewhere.site.thread = 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (elsewhere.site.thread) {
		rc_http_server_stop(elsewhere.site.server);
		await_end();
	}
	rc_http_server_free(elsewhere.site.server);
	(void)sem_destroy(&elsewhere.deferred);
	(void)pthread_mutex_destroy(&elsewhere.lock);
	return 0;
}

static void await_deferred(size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sem_wait(&elsewhere.deferred), 0);
}

static void many_requests_wait_with_one_worker(void **state)
{
	struct answer answer;
	int fds[MANY];

	(void)state;
	answer_init(&answer);
	for (int i = 0; i < MANY; i++) {
		char target[32];

		(void)snprintf(target, sizeof(target), "/later/%d", i);
		fds[i] = client_open(&elsewhere.site);
		client_get(fds[i], target);
	}
	await_deferred(MANY);
	assert_int_equal(
	    client_ask(&elsewhere.site, "GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n", &answer), 200);
	for (size_t i = MANY; i-- > 0;)
		rc_http_ready(elsewhere.waiting[i]);
	for (int i = 0; i < MANY; i++) {
		char expected[32];

		(void)snprintf(expected, sizeof(expected), "/later/%d", i);
		assert_int_equal(client_read(fds[i], &answer, true), 200);
		assert_string_equal(rc_buf_text(&answer.body), expected);
		assert_int_equal(close(fds[i]), 0);
	}
	answer_deinit(&answer);
}

static void an_answer_may_be_ready_before_the_handler_returns(void **state)
{
	struct answer answer;
	const int fd = client_open(&elsewhere.site);

	(void)state;
	answer_init(&answer);
	for (int i = 0; i < 200; i++) {
		client_send(fd, "GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
		assert_int_equal(client_read(fd, &answer, true), 200);
		assert_string_equal(rc_buf_text(&answer.body), "at once");
	}
	assert_int_equal(close(fd), 0);
	answer_deinit(&answer);
}

static void an_answer_that_stays_empty_is_a_500(void **state)
{
	struct answer answer;

	(void)state;
	answer_init(&answer);
	assert_int_equal(
	    client_ask(&elsewhere.site, "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n", &answer), 500);
	answer_deinit(&answer);
}

static void on_the_loop_nothing_is_deferred(void **state)
{
	struct answer answer;

	(void)state;
	answer_init(&answer);
	assert_int_equal(
	    client_ask(&elsewhere.site, "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n", &answer), 200);
	answer_deinit(&answer);
}

static void a_server_that_stops_waits_for_what_is_deferred(void **state)
{
	struct answer answer;
	const int fd = client_open(&elsewhere.site);

	(void)state;
	answer_init(&answer);
	client_get(fd, "/later/1");
	await_deferred(1);
	rc_http_server_stop(elsewhere.site.server);
	rc_http_ready(elsewhere.waiting[0]);
	await_end();
	assert_int_equal(client_read(fd, &answer, true), 200);
	assert_int_equal(close(fd), 0);
	answer_deinit(&answer);
}

/* A peer that resets its connection: the answer is for nobody, and all is given back. */
static void an_answer_for_a_peer_that_has_gone_is_dropped(void **state)
{
	const struct linger at_once = {.l_onoff = 1};
	const int fd = client_open(&elsewhere.site);

	(void)state;
	client_get(fd, "/later/1");
	await_deferred(1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	assert_int_equal(close(fd), 0);
	rc_http_ready(elsewhere.waiting[0]);
	rc_http_server_stop(elsewhere.site.server);
	await_end();
	assert_true(atomic_load(&elsewhere.finished) <= 1);
	assert_int_equal(rc_http_server_counts(elsewhere.site.server).requests_running, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(many_requests_wait_with_one_worker),
	    TEST(an_answer_may_be_ready_before_the_handler_returns),
	    TEST(an_answer_that_stays_empty_is_a_500),
	    TEST(on_the_loop_nothing_is_deferred),
	    TEST(a_server_that_stops_waits_for_what_is_deferred),
	    TEST(an_answer_for_a_peer_that_has_gone_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
