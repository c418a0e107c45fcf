/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peers that are slow on purpose, many, or both. Deadlines count from the beginning of what they limit: a peer that sends or takes a byte
 * from time to time, for ever, is cut like one that is silent. The trickles here end only because the server ends them.
 */
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: a\r\n"

#define SOON_MS 300u /* a deadline that the test waits for */

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
	answer_deinit(&((struct fixture *)*state)->answer);
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

/* Sends the byte again and again until the server says something. */
static void trickle(int fd, const char *byte)
{
	while (!client_has_news(fd))
		client_send(fd, byte);
}

static void expect_cut(struct fixture *fixture, int fd, int status)
{
	assert_int_equal(client_read(fd, &fixture->answer, true), status);
	assert_true(client_sees_end(fd, &fixture->answer));
	finish(fixture, fd);
}

static void a_head_that_trickles_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.header_ms = SOON_MS;
	fd = start(fixture);
	client_send(fd, "GET /hello HTTP/1.1\r\n" H "X: ");
	trickle(fd, "x");
	expect_cut(fixture, fd, 408);
}

static void a_body_that_trickles_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.body_ms = SOON_MS;
	fixture->settings.min_rate_bytes_per_s = 1u << 30;
	fd = start(fixture);
	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 60\r\n\r\n");
	for (unsigned sent = 0; sent < 59 && !client_has_news(fd); sent++)
		client_send(fd, "x");
	expect_cut(fixture, fd, 408);
}

static void chunks_that_trickle_are_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.body_ms = SOON_MS;
	fixture->settings.min_rate_bytes_per_s = 1u << 30;
	fd = start(fixture);
	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
	for (unsigned sent = 0; sent < 60 && !client_has_news(fd); sent++)
		client_send(fd, "1\r\nx\r\n");
	expect_cut(fixture, fd, 408);
}

/* Its reads make room for more of the answer each time. */
static void a_client_that_reads_a_byte_at_a_time_is_cut(void **state)
{
	struct fixture *fixture = *state;
	char byte;
	int fd;

	fixture->settings.write_ms = SOON_MS;
	fixture->settings.min_rate_bytes_per_s = 1u << 30;
	fd = start(fixture);
	client_get(fd, "/large");
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	while (recv(fd, &byte, 1, 0) == 1 && rc_http_server_counts(fixture->site.server).connections > 0)
		;
	/* Whether the cut is seen by the reading or by the count first is chance; that it comes isn't. */
	while (rc_http_server_counts(fixture->site.server).connections > 0)
		(void)sched_yield();
	finish(fixture, fd);
}

#define ANSWER_MIN_BYTES 300u
#define ANSWERS          600

/* The kernel has taken the answers, or most, but not the client, whose window is tiny: they don't outlive the connection's deadline. */
static void small_answers_that_nobody_reads_are_dropped_with_the_connection(void **state)
{
	struct fixture *fixture = *state;
	const int tiny = 1;
	struct sockaddr_in to; /* a window is offered with the connection, so it is tiny before */
	struct rc_buf requests;
	size_t sum = 0;
	int fd, got;
	char bytes[4096];

	fixture->settings.idle_ms = fixture->settings.write_ms = SOON_MS;
	fd = start(fixture);
	to = (struct sockaddr_in){.sin_family = AF_INET,
				  .sin_port = htons(fixture->site.port),
				  .sin_addr = {htonl(INADDR_LOOPBACK)}};
	assert_int_equal(close(fd), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	rc_buf_init(&requests, 65536);
	for (unsigned i = 0; i < ANSWERS; i++)
		rc_buf_append_text(&requests, "GET /hello HTTP/1.1\r\n" H "\r\n");
	client_send_bytes(fd, rc_buf_bytes(&requests)); /* at once: no idle time between them */
	rc_buf_deinit(&requests);
	while (rc_http_server_counts(fixture->site.server).accepted < 2 ||
	       rc_http_server_counts(fixture->site.server).connections > 0)
		(void)sched_yield();
	while ((got = (int)recv(fd, bytes, sizeof(bytes), 0)) > 0)
		sum += (size_t)got;
	assert_true(sum < ANSWERS * ANSWER_MIN_BYTES);
	finish(fixture, fd);
}

static void a_client_that_expects_and_falls_silent_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.body_ms = SOON_MS;
	fd = start(fixture);
	client_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 6\r\n"
			"Expect: 100-continue\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, false), 100);
	expect_cut(fixture, fd, 408);
}

/* A refused peer may read its answer, but not go on sending for ever. */
static void a_refused_client_that_trickles_on_is_cut(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->settings.linger_ms = SOON_MS;
	fd = start(fixture);
	client_send(fd, "NONSENSE\r\n\r\n");
	assert_int_equal(client_read(fd, &fixture->answer, true), 400);
	while (rc_http_server_counts(fixture->site.server).connections > 0) {
		client_send(fd, "x");
		(void)sched_yield();
	}
	finish(fixture, fd);
}

static void a_chunk_of_2_to_the_64_is_refused(void **state)
{
	static const char *const sizes[] = {"10000000000000000", "FFFFFFFFFFFFFFFF",
					    "fffffffffffffffff0000000000000001", "000000001"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int fd = start(fixture);

		client_send(fd, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
		client_send(fd, sizes[i]);
		client_send(fd, "\r\nabc\r\n0\r\n\r\n");
		rc_buf_clear(&fixture->answer.ahead);
		expect_cut(fixture, fd, 400);
	}
}

/* Whoever a trailer says one is, nobody is asked to believe it: the request ends there. */
static void trailers_that_name_identities_are_refused(void **state)
{
	static const char *const trailers[] = {"Authorization: Bearer x", "X-Kiosk: 1", "Host: b",
					       "Content-Length: 0", "X-Forwarded-For: 127.0.0.1"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(trailers) / sizeof(trailers[0]); i++) {
		int fd = start(fixture);

		client_send(fd, "POST /echo HTTP/1.1\r\n" H
				"Transfer-Encoding: chunked\r\nTrailer: X-Kiosk\r\n\r\n"
				"3\r\nabc\r\n0\r\n");
		client_send(fd, trailers[i]);
		client_send(fd, "\r\n\r\n");
		rc_buf_clear(&fixture->answer.ahead);
		expect_cut(fixture, fd, 400);
	}
}

#define CROWD 1000

/* Each is opened and dropped at once, or held as far as the limit goes: somebody else is served meanwhile. */
static void a_thousand_connections_of_one_address_leave_others_served(void **state)
{
	static int held[CROWD];
	struct fixture *fixture = *state;
	int other;

	fixture->settings.max_connections_per_address = 100;
	other = start(fixture);
	for (int i = 0; i < CROWD; i++) {
		held[i] = client_open_from(&fixture->site, 2);
		client_send(held[i], "GET /hello HT");
		if (i % 3 == 0) {
			assert_int_equal(close(held[i]), 0);
			held[i] = -1;
		}
		if (i % 100 == 0) {
			client_get(other, "/hello");
			assert_int_equal(client_read(other, &fixture->answer, true), 200);
		}
	}
	assert_true(rc_http_server_counts(fixture->site.server).refused > 0);
	client_get(other, "/hello");
	assert_int_equal(client_read(other, &fixture->answer, true), 200);
	for (int i = 0; i < CROWD; i++)
		if (held[i] >= 0)
			assert_int_equal(close(held[i]), 0);
	finish(fixture, other);
}

#define QUEUED 20
#define FREE   6 /* descriptors that are left to the server */

static int highest_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	return fd;
}

static size_t count_in_log(const char *text)
{
	size_t count = 0;

	for (const char *at = site_log(); (at = strstr(at, text)); at++)
		count++;
	return count;
}

/* They stand in the listener's queue until one is free, the log says so once, and the loop sleeps meanwhile. */
static void without_file_descriptors_connections_wait_for_one(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before, few;
	int fds[QUEUED], served = 0;

	site_listen(&fixture->site, &fixture->settings, NULL);
	for (int i = 0; i < QUEUED; i++) {
		fds[i] = client_open(&fixture->site);
		client_get(fds[i], "/hello");
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)highest_descriptor() + FREE;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	site_run(&fixture->site);
	for (int i = 0; i < QUEUED; i++) { /* each that leaves makes room for the next */
		rc_buf_clear(&fixture->answer.ahead);
		assert_int_equal(client_read(fds[i], &fixture->answer, true), 200);
		assert_int_equal(shutdown(fds[i], SHUT_WR), 0);
		served++;
	}
	assert_int_equal(served, QUEUED);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	for (int i = 0; i < QUEUED; i++)
		assert_int_equal(close(fds[i]), 0);
	site_stop(&fixture->site);
	assert_int_equal(count_in_log("no file descriptor is free"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_head_that_trickles_is_cut),
	    TEST(a_body_that_trickles_is_cut),
	    TEST(chunks_that_trickle_are_cut),
	    TEST(a_client_that_reads_a_byte_at_a_time_is_cut),
	    TEST(small_answers_that_nobody_reads_are_dropped_with_the_connection),
	    TEST(a_client_that_expects_and_falls_silent_is_cut),
	    TEST(a_refused_client_that_trickles_on_is_cut),
	    TEST(a_chunk_of_2_to_the_64_is_refused),
	    TEST(trailers_that_name_identities_are_refused),
	    TEST(a_thousand_connections_of_one_address_leave_others_served),
	    TEST(without_file_descriptors_connections_wait_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
