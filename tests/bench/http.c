/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a small request costs our HTTP server beside one that only reads and writes, and what a connection costs that waits. Each server is a
 * process on a core of its own, the client is on the other, and both servers are driven by turns.
 */
#include "server/http/http.h"
#include "shared/base/log.h"
#include "tests/bench/raw_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECTION     "http"
#define FLOOR       "raw epoll"
#define CONNECTIONS 50u
#define PARKED      5000u
#define TOPIC       1u

static const char ask[] = "GET /small HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
static const char poll_text[] = "GET /poll HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
static const char wake_text[] = "GET /wake HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char count_text[] = "GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct site {
	struct rc_http_server *server;
	enum rc_log_level level;
};

static void say_small(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	rc_http_respond_json(response, 200, rc_bytes_of_text(BENCH_SMALL_JSON));
}

static void wait_long(struct rc_http_request *request, struct rc_http_response *response)
{
	if (request->is_resumed || !rc_http_wait(response, TOPIC, RC_HTTP_WAIT_MAX_MS))
		say_small(request, response);
}

static void wake(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct site *site = request->app;

	rc_http_server_wake(site->server, TOPIC);
	say_small(request, response);
}

static void say_parked(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct site *site = request->app;
	char text[32];

	(void)snprintf(text, sizeof(text), "%u", rc_http_server_counts(site->server).requests_parked);
	rc_http_respond_json(response, 200, rc_bytes_of_text(text));
}

static const struct rc_http_route routes[] = {
    {.operation = "small", .method = "GET", .path = "/small", .is_quick = true, .handle = say_small},
    {.operation = "poll", .method = "GET", .path = "/poll", .handle = wait_long},
    {.operation = "wake", .method = "GET", .path = "/wake", .is_quick = true, .handle = wake},
    {.operation = "count", .method = "GET", .path = "/count", .handle = say_parked},
};

static uint16_t open_site(void *context)
{
	struct site *site = context;
	struct rc_http_settings settings;
	const struct rc_http_listener_config config = {
	    .address = "127.0.0.1",
	    .routes = routes,
	    .route_count = sizeof(routes) / sizeof(routes[0]),
	    .max_connections_per_address = 2 * PARKED,
	    .app = site,
	};
	struct rc_error err;
	uint16_t port = 0;
	const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (site->level == RC_LOG_INFO)
		(void)dup2(nowhere, STDERR_FILENO);
	rc_log_set_level(site->level);
	bench_many_files();
	rc_http_settings_default(&settings);
	bench_expect(rc_http_server_new(&settings, &site->server, &err), &err, "server");
	bench_expect(rc_http_server_add_listener(site->server, &config, &port, &err), &err, "listener");
	return port;
}

static void serve_site(void *context)
{
	struct site *site = context;

	bench_expect(rc_http_server_run(site->server, NULL), NULL, "serving");
}

/* ---- a small request ---- */

struct contender {
	struct bench_server server;
	struct bench_samples cpu_us, p50_us, p99_us, a_second;
};

static void take_turn(struct contender *contender, size_t requests)
{
	struct rc_bytes *items = calloc(requests, sizeof(*items));
	struct bench_samples latencies = {0};
	double cpu_us = bench_process_cpu_us(contender->server.pid), took_us;

	for (size_t i = 0; i < requests; i++)
		items[i] = rc_bytes_of(ask, sizeof(ask) - 1);
	took_us = bench_drive(
	    &(struct bench_drive){contender->server.port, CONNECTIONS, items, requests}, &latencies);
	cpu_us = bench_process_cpu_us(contender->server.pid) - cpu_us;
	bench_samples_add(&contender->cpu_us, cpu_us / (double)requests);
	bench_samples_add(&contender->p50_us, bench_median(&latencies));
	bench_samples_add(&contender->p99_us, bench_quantile(&latencies, 0.99));
	bench_samples_add(&contender->a_second, (double)requests * 1e6 / took_us);
	bench_samples_deinit(&latencies);
	free(items);
}

static void forget(struct contender *contender)
{
	bench_server_stop(&contender->server);
	bench_samples_deinit(&contender->cpu_us);
	bench_samples_deinit(&contender->p50_us);
	bench_samples_deinit(&contender->p99_us);
	bench_samples_deinit(&contender->a_second);
}

static void measure_small(const struct bench *bench)
{
	const size_t requests = bench_count(bench, 50000, 200), rounds = bench_count(bench, 7, 1);
	struct site quiet = {.level = RC_LOG_NOTICE}, logging = {.level = RC_LOG_INFO};
	struct contender raw = {.server = bench_server_start(bench_raw_open, bench_raw_serve, NULL)};
	struct contender ours = {.server = bench_server_start(open_site, serve_site, &quiet)};
	struct contender logged = {.server = bench_server_start(open_site, serve_site, &logging)};

	for (size_t i = 0; i < rounds; i++) {
		take_turn(&raw, requests);
		take_turn(&ours, requests);
		take_turn(&logged, requests);
	}
	bench_row(&(struct bench_row){SECTION, "small JSON request, CPU", "us", bench_median(&ours.cpu_us),
				      FLOOR, bench_median(&raw.cpu_us), BENCH_RATIO_AT_MOST, 1.12});
	bench_row(&(struct bench_row){SECTION, "small JSON request, CPU, each logged", "us",
				      bench_median(&logged.cpu_us), FLOOR,
				      bench_median(&raw.cpu_us), BENCH_NO_GOAL, 0});
	bench_row(&(struct bench_row){SECTION, "small JSON request, p50", "us", bench_median(&ours.p50_us),
				      FLOOR, bench_median(&raw.p50_us), BENCH_NO_GOAL, 0});
	bench_row(&(struct bench_row){SECTION, "small JSON request, p99", "us", bench_median(&ours.p99_us),
				      FLOOR, bench_median(&raw.p99_us), BENCH_RATIO_AT_MOST, 1.2});
	bench_row(&(struct bench_row){SECTION, "small JSON requests a second", "1/s",
				      bench_median(&ours.a_second), FLOOR,
				      bench_median(&raw.a_second), BENCH_NO_GOAL, 0});
	forget(&raw);
	forget(&ours);
	forget(&logged);
}

/* ---- a connection that waits ---- */

static unsigned ask_parked(uint16_t port)
{
	const struct rc_bytes request = rc_bytes_of(count_text, sizeof(count_text) - 1);
	char answer[2048] = "";
	const char *body;
	int fd;

	bench_ask_and_wait(&(struct bench_drive){port, 1, &request, 1}, &fd);
	for (size_t size = 0; !(body = strstr(answer, "\r\n\r\n")) || body[4] == '\0';) {
		const ssize_t got = recv(fd, answer + size, sizeof(answer) - 1 - size, 0);

		if (got <= 0)
			bench_die("the count of parked requests can't be read");
		size += (size_t)got;
		answer[size] = '\0';
	}
	(void)close(fd);
	return (unsigned)strtoul(body + 4, NULL, 10);
}

/* Opens connections by fifties that each send one request; `is_parked`: that waits. */
static int *open_many(const struct bench_server *server, struct rc_bytes request, size_t count,
		      bool is_parked)
{
	int *fds = calloc(count, sizeof(*fds));

	for (size_t done = 0; done < count; done += 50) {
		bench_ask_and_wait(&(struct bench_drive){server->port, 50, &request, 1}, fds + done);
		while (is_parked && ask_parked(server->port) < done + 50)
			;
	}
	return fds;
}

static void close_many(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
	free(fds);
}

static void measure_memory(const struct bench *bench, const char *name, struct rc_bytes request,
			   bool is_parked)
{
	const size_t count = bench_count(bench, PARKED, 50);
	struct site site = {.level = RC_LOG_NOTICE};
	struct bench_server server = bench_server_start(open_site, serve_site, &site);
	double before_kb;
	int *fds;

	(void)ask_parked(server.port); /* its threads have run once */
	before_kb = bench_resident_kb(server.pid);
	fds = open_many(&server, request, count, is_parked);
	(void)ask_parked(server.port); /* all of them have been served */
	bench_row(&(struct bench_row){SECTION, name, "B",
				      (bench_resident_kb(server.pid) - before_kb) * 1024 / (double)count,
				      NULL, 0, BENCH_VALUE_AT_MOST, 512});
	close_many(fds, count);
	bench_server_stop(&server);
}

static void measure_parked(const struct bench *bench)
{
	measure_memory(bench, "memory of a waiting plain connection",
		       rc_bytes_of(poll_text, sizeof(poll_text) - 1), true);
	measure_memory(bench, "memory of an idle plain connection",
		       rc_bytes_of(ask, sizeof(ask) - 1), false);
}

/* ---- waking those that wait ---- */

struct sleepers {
	struct bench_server server;
	int *fds;
	struct bench_samples cpu_us, last_ms;
};

/* Blocks: whatever the socket holds of the answer, which is small. */
static void read_answer(int fd)
{
	char answer[2048];
	ssize_t size;

	do
		size = recv(fd, answer, sizeof(answer), 0);
	while (size < 0 && errno == EINTR);
	if (size <= 0)
		bench_die("an answer broke off: %s", strerror(errno));
}

static void wake_once(struct sleepers *sleepers, size_t count)
{
	const struct rc_bytes request = rc_bytes_of(wake_text, sizeof(wake_text) - 1);
	double cpu_us = bench_process_cpu_us(sleepers->server.pid), began_us = bench_now_us();
	int waker;

	bench_ask_and_wait(&(struct bench_drive){sleepers->server.port, 1, &request, 1}, &waker);
	for (size_t i = 0; i < count; i++)
		read_answer(sleepers->fds[i]);
	bench_samples_add(&sleepers->last_ms, (bench_now_us() - began_us) / 1000);
	cpu_us = bench_process_cpu_us(sleepers->server.pid) - cpu_us;
	bench_samples_add(&sleepers->cpu_us, cpu_us / (double)count);
	read_answer(waker);
	(void)close(waker);
}

/* They ask again on the same connections; by five hundreds, because more than a thousand may not wait for a worker. */
static void fall_asleep(const struct sleepers *sleepers, size_t count, bool is_parked)
{
	for (size_t i = 0; i < count; i++) {
		if (send(sleepers->fds[i], poll_text, sizeof(poll_text) - 1, MSG_NOSIGNAL) <= 0)
			bench_die("sending: %s", strerror(errno));
		while (is_parked && (i + 1) % 500 == 0 && ask_parked(sleepers->server.port) < i + 1)
			;
	}
}

static void forget_sleepers(struct sleepers *sleepers, size_t count)
{
	close_many(sleepers->fds, count);
	bench_server_stop(&sleepers->server);
	bench_samples_deinit(&sleepers->cpu_us);
	bench_samples_deinit(&sleepers->last_ms);
}

static void measure_waking(const struct bench *bench)
{
	const size_t count = bench_count(bench, PARKED, 500), rounds = bench_count(bench, 5, 3);
	const struct rc_bytes request = rc_bytes_of(poll_text, sizeof(poll_text) - 1);
	struct site site = {.level = RC_LOG_NOTICE};
	struct sleepers raw = {.server = bench_server_start(bench_raw_open, bench_raw_serve, NULL)};
	struct sleepers ours = {.server = bench_server_start(open_site, serve_site, &site)};

	raw.fds = open_many(&raw.server, request, count, false);
	ours.fds = open_many(&ours.server, request, count, true);
	for (size_t i = 0; i < rounds; i++) {
		if (i > 0) {
			fall_asleep(&raw, count, false);
			fall_asleep(&ours, count, true);
		}
		wake_once(&raw, count);
		wake_once(&ours, count);
	}
	bench_row(&(struct bench_row){SECTION, "waking a long poll, CPU", "us",
				      bench_median(&ours.cpu_us), "raw writes",
				      bench_median(&raw.cpu_us), BENCH_RATIO_AT_MOST, 1.5});
	bench_row(&(struct bench_row){SECTION, "waking 5,000 long polls, the last is answered",
				      "ms", bench_median(&ours.last_ms), "raw writes",
				      bench_median(&raw.last_ms), BENCH_VALUE_AT_MOST, 250});
	forget_sleepers(&raw, count);
	forget_sleepers(&ours, count);
}

void bench_http(const struct bench *bench)
{
	bench_many_files();
	bench_stay_on_core(1);
	measure_small(bench);
	measure_parked(bench);
	measure_waking(bench);
}
