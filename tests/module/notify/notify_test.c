/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/notify/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char folder[64];
	char path[80];
	int fd;
};

static int listen_at(const char *name, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, size);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
			 0);
	return fd;
}

static int open_manager(void **state)
{
	static struct fixture f;

	(void)snprintf(f.folder, sizeof(f.folder), "/tmp/rc-notify-XXXXXX");
	assert_non_null(mkdtemp(f.folder));
	(void)snprintf(f.path, sizeof(f.path), "%s/notify", f.folder);
	f.fd = listen_at(f.path, strlen(f.path) + 1);
	assert_int_equal(setenv("NOTIFY_SOCKET", f.path, 1), 0);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
	*state = &f;
	return 0;
}

static int close_manager(void **state)
{
	struct fixture *f = *state;

	(void)close(f->fd);
	(void)unlink(f->path);
	return rmdir(f->folder);
}

/* A datagram that has come, or "". */
static const char *heard(int fd)
{
	static char text[64];
	ssize_t size = recv(fd, text, sizeof(text) - 1, 0);

	text[size < 0 ? 0 : size] = '\0';
	return text;
}

static void a_state_arrives_as_one_datagram(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rc_notify(RC_NOTIFY_READY, NULL), RC_OK);
	assert_string_equal(heard(f->fd), "READY=1");
	assert_string_equal(heard(f->fd), "");
}

static void an_abstract_socket_is_reached(void **state)
{
	struct fixture *f = *state;
	char name[96];
	int fd;

	(void)snprintf(name, sizeof(name), "@%s", f->path);
	name[0] = '\0';
	fd = listen_at(name, strlen(f->path) + 1);
	name[0] = '@';
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	assert_int_equal(rc_notify(RC_NOTIFY_STOPPING, NULL), RC_OK);
	assert_string_equal(heard(fd), "STOPPING=1");
	(void)close(fd);
}

static void without_a_manager_nothing_happens(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
	assert_int_equal(rc_notify(RC_NOTIFY_READY, NULL), RC_OK);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_int_equal(rc_notify(RC_NOTIFY_READY, NULL), RC_OK);
	assert_string_equal(heard(f->fd), "");
}

static void an_address_that_is_none_is_refused(void **state)
{
	char long_path[200];

	(void)state;
	memset(long_path, 'a', sizeof(long_path));
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(setenv("NOTIFY_SOCKET", long_path, 1), 0);
	assert_int_equal(rc_notify(RC_NOTIFY_READY, NULL), RC_EUSAGE);
	assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	assert_int_equal(rc_notify(RC_NOTIFY_READY, NULL), RC_EUSAGE);
	assert_int_equal(setenv("NOTIFY_SOCKET", "/tmp/rc-notify-nobody", 1), 0);
	assert_int_not_equal(rc_notify(RC_NOTIFY_READY, NULL), RC_OK);
}

static void a_manager_that_does_not_read_holds_nobody_up(void **state)
{
	enum rc_status status = RC_OK;

	(void)state;
	for (int i = 0; i < 100000 && status == RC_OK; i++)
		status = rc_notify(RC_NOTIFY_READY, NULL);
	assert_int_not_equal(status, RC_OK);
}

static void a_loop_beats_at_half_of_what_is_allowed(void **state)
{
	struct rc_notify_watchdog watchdog;
	struct fixture *f = *state;

	assert_int_equal(setenv("WATCHDOG_USEC", "10000000", 1), 0);
	rc_notify_watchdog_init(&watchdog);
	rc_notify_watchdog_beat(&watchdog, 7000);
	assert_string_equal(heard(f->fd), "WATCHDOG=1");
	rc_notify_watchdog_beat(&watchdog, 11999);
	assert_string_equal(heard(f->fd), "");
	rc_notify_watchdog_beat(&watchdog, 12000);
	assert_string_equal(heard(f->fd), "WATCHDOG=1");
}

static void another_process_s_watchdog_is_none(void **state)
{
	struct rc_notify_watchdog watchdog;
	struct fixture *f = *state;
	char pid[24];

	assert_int_equal(setenv("WATCHDOG_USEC", "10000000", 1), 0);
	assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
	rc_notify_watchdog_init(&watchdog);
	rc_notify_watchdog_beat(&watchdog, 7000);
	assert_string_equal(heard(f->fd), "");
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	rc_notify_watchdog_init(&watchdog);
	rc_notify_watchdog_beat(&watchdog, 7000);
	assert_string_equal(heard(f->fd), "WATCHDOG=1");
}

static void a_watchdog_without_a_number_is_none(void **state)
{
	static const char *const values[] = {"", "0", "-5", "1e6", "99999999999999999999"};
	struct rc_notify_watchdog watchdog;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(setenv("WATCHDOG_USEC", values[i], 1), 0);
		rc_notify_watchdog_init(&watchdog);
		assert_int_equal(watchdog.period_ms, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_manager, close_manager)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_state_arrives_as_one_datagram),
	    TEST(an_abstract_socket_is_reached),
	    TEST(without_a_manager_nothing_happens),
	    TEST(an_address_that_is_none_is_refused),
	    TEST(a_manager_that_does_not_read_holds_nobody_up),
	    TEST(a_loop_beats_at_half_of_what_is_allowed),
	    TEST(another_process_s_watchdog_is_none),
	    TEST(a_watchdog_without_a_number_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
