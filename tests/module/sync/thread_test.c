/* SPDX-License-Identifier: Apache-2.0 */
/* The sync thread without a server: it says what fails, and ends when it is told to, whatever it is waiting for. */
#include "firmware/sync/enrol.h"
#include "firmware/sync/sync.h"
#include "tests/module/identity/made.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 20000

struct bench {
	char folder[64];
	char identity[96], roster[96];
	int listener; /* accepts connections into its backlog and never says a word */
	char url[64];
	struct rc_sync_config config;
	struct rc_sync *sync;
};

static int64_t some_time(void *context)
{
	(void)context;
	return INT64_C(1795510923456);
}

static void listen_silently(struct bench *bench)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);

	bench->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(bench->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(bench->listener, 8), 0);
	assert_int_equal(getsockname(bench->listener, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(bench->url, sizeof(bench->url), "https://127.0.0.1:%d", ntohs(address.sin_port));
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	made_folder(bench->folder);
	(void)snprintf(bench->identity, sizeof(bench->identity), "%s/identity", bench->folder);
	(void)snprintf(bench->roster, sizeof(bench->roster), "%s/roster", bench->folder);
	assert_int_equal(mkdir(bench->roster, 0700), 0);
	listen_silently(bench);
	bench->config = (struct rc_sync_config){
	    .identity_folder = bench->identity,
	    .journal_folder = bench->folder,
	    .roster_folder = bench->roster,
	    .clock = rc_clock_system(),
	    .certificate_now_ms = some_time,
	    .poll_ms = 2000,
	    .backoff_first_ms = 1000,
	    .backoff_max_ms = 2000,
	};
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_sync_stop(bench->sync);
	if (bench->listener >= 0)
		(void)close(bench->listener);
	made_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static void start(struct bench *bench)
{
	struct rc_error err = {.text = ""};

	if (rc_sync_start(&bench->config, &bench->sync, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static struct rc_sync_report next_report(struct bench *bench)
{
	struct pollfd poll_ = {.fd = rc_sync_descriptor(bench->sync), .events = POLLIN};
	struct rc_sync_report report;

	while (rc_sync_next(bench->sync, &report) != RC_OK)
		assert_int_equal(poll(&poll_, 1, PATIENCE_MS), 1);
	return report;
}

static struct rc_enrol_code code_for(const char *url)
{
	struct rc_enrol_code code = {.code = {1}};

	(void)snprintf(code.url, sizeof(code.url), "%s", url);
	return code;
}

static void without_an_identity_it_waits_and_ends_when_told(void **state)
{
	struct bench *bench = *state;
	struct rc_sync_report report;

	start(bench);
	rc_sync_wake(bench->sync);
	rc_sync_stop(bench->sync);
	bench->sync = NULL;
	start(bench);
	assert_int_equal(rc_sync_next(bench->sync, &report), RC_ENOTFOUND);
}

static void a_code_for_nobody_fails_by_the_network(void **state)
{
	struct bench *bench = *state;
	struct rc_enrol_code code = code_for(bench->url);
	struct rc_sync_report report;

	(void)close(bench->listener);
	bench->listener = -1;
	start(bench);
	rc_sync_enrol(bench->sync, &code);
	report = next_report(bench);
	assert_int_equal(report.kind, RC_SYNC_ENROL_FAILED);
	assert_string_equal(report.reason, "network");
	rc_sync_enrol(bench->sync, &code); /* the next one is taken again */
	assert_int_equal(next_report(bench).kind, RC_SYNC_ENROL_FAILED);
}

static void stopping_cuts_a_transfer_with_a_server_that_never_answers(void **state)
{
	struct bench *bench = *state;
	struct rc_enrol_code code = code_for(bench->url);
	struct pollfd called = {.fd = bench->listener, .events = POLLIN};

	start(bench);
	rc_sync_enrol(bench->sync, &code);
	assert_int_equal(poll(&called, 1, PATIENCE_MS), 1); /* the connection stands, the handshake waits */
	rc_sync_stop(bench->sync); /* or the test runs into its time limit */
	bench->sync = NULL;
}

static void a_damaged_identity_is_said_before_anything_starts(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {.text = ""};

	assert_int_equal(mkdir(bench->identity, 0700), 0);
	assert_int_equal(rc_sync_start(&bench->config, &bench->sync, &err), RC_EFORMAT);
	assert_null(bench->sync);
	assert_non_null(strstr(err.text, "identity"));
}

static void a_kiosk_whose_journal_isnt_there_yet_says_that_it_is_not_connected(void **state)
{
	struct bench *bench = *state;
	struct rc_identity identity;
	struct rc_sync_report report;

	made_identity(&identity, bench->url);
	assert_int_equal(rc_identity_save(bench->identity, &identity, NULL), RC_OK);
	rc_identity_deinit(&identity);
	start(bench);
	report = next_report(bench);
	assert_int_equal(report.kind, RC_SYNC_STATE);
	assert_false(report.state.is_connected);
	assert_int_equal(report.state.last_contact_ms, 0);
}

static void reports_that_nobody_takes_dont_keep_it_from_ending(void **state)
{
	struct bench *bench = *state;
	struct rc_identity identity;

	made_identity(&identity, bench->url);
	assert_int_equal(rc_identity_save(bench->identity, &identity, NULL), RC_OK);
	rc_identity_deinit(&identity);
	start(bench);
	for (int i = 0; i < 100000; i++) /* each round leaves a report; far more than the queue holds */
		rc_sync_wake(bench->sync);
	rc_sync_stop(bench->sync);
	bench->sync = NULL;
}

static void each_failure_has_its_word_for_the_screen(void **state)
{
	(void)state;
	assert_string_equal(rc_enrol_reason(RC_EEXPIRED), "expired");
	assert_string_equal(rc_enrol_reason(RC_ECONFLICT), "used");
	assert_string_equal(rc_enrol_reason(RC_ENET), "network");
	assert_string_equal(rc_enrol_reason(RC_EDENIED), "denied");
	assert_string_equal(rc_enrol_reason(RC_EIO), "damaged");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_an_identity_it_waits_and_ends_when_told),
	    TEST(a_code_for_nobody_fails_by_the_network),
	    TEST(stopping_cuts_a_transfer_with_a_server_that_never_answers),
	    TEST(a_damaged_identity_is_said_before_anything_starts),
	    TEST(a_kiosk_whose_journal_isnt_there_yet_says_that_it_is_not_connected),
	    TEST(reports_that_nobody_takes_dont_keep_it_from_ending),
	    TEST(each_failure_has_its_word_for_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
