/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/control.h"

#include "tests/module/identity/made.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STRANGER 12345

struct bench {
	char folder[64];
	char path[80];
	struct rc_control *control;
	int asked;
	char line[RC_CONTROL_LINE_MAX_BYTES + 1];
};

static void answer(void *context, struct rc_bytes line, struct rc_buf *out)
{
	struct bench *bench = context;

	bench->asked++;
	assert_true(line.size < sizeof(bench->line));
	memcpy(bench->line, line.data, line.size);
	bench->line[line.size] = '\0';
	rc_buf_append_text(out, "{\"ok\":true}");
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct rc_error err = {.text = ""};

	assert_non_null(bench);
	made_folder(bench->folder);
	(void)snprintf(bench->path, sizeof(bench->path), "%s/control.sock", bench->folder);
	if (rc_control_open(bench->path, answer, bench, &bench->control, &err) != RC_OK)
		fail_msg("%s", err.text);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_control_close(bench->control);
	made_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static void turn_at(struct bench *bench, int64_t up_ms)
{
	struct pollfd polls[RC_CONTROL_POLLS_MAX];
	size_t count = rc_control_polls(bench->control, polls);

	(void)poll(polls, count, 0);
	rc_control_handle(bench->control, polls, count, up_ms);
}

static int call(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* All that comes until the end; "" where nothing does. */
static const char *listen_to(struct bench *bench, int fd, int64_t up_ms)
{
	static char text[256];
	size_t size = 0;

	for (;;) {
		ssize_t n;

		turn_at(bench, up_ms);
		n = recv(fd, text + size, sizeof(text) - 1 - size, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0) {
			text[size] = '\0';
			return text;
		}
		size += (size_t)n;
	}
}

struct asker {
	const char *path;
	struct rc_buf answer;
	struct rc_error err;
	enum rc_status status;
	atomic_bool is_done;
};

static void *ask(void *context)
{
	struct asker *asker = context;

	asker->status =
	    rc_control_ask(asker->path, "{\"verb\":\"status\"}", &asker->answer, &asker->err);
	atomic_store(&asker->is_done, true);
	return NULL;
}

static void a_question_is_answered(void **state)
{
	struct bench *bench = *state;
	struct asker asker = {.path = bench->path};
	pthread_t thread;

	rc_buf_init(&asker.answer, 1000);
	assert_int_equal(pthread_create(&thread, NULL, ask, &asker), 0);
	while (!atomic_load(&asker.is_done))
		turn_at(bench, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(asker.status, RC_OK);
	assert_string_equal(rc_buf_text(&asker.answer), "{\"ok\":true}\n");
	assert_string_equal(bench->line, "{\"verb\":\"status\"}");
	rc_buf_deinit(&asker.answer);
}

static void without_a_daemon_nobody_is_found(void **state)
{
	struct bench *bench = *state;
	struct rc_buf answer_;
	struct rc_error err;
	char path[96];

	rc_buf_init(&answer_, 100);
	(void)snprintf(path, sizeof(path), "%s/none.sock", bench->folder);
	assert_int_equal(rc_control_ask(path, "x", &answer_, &err), RC_ENOTFOUND);
	rc_buf_deinit(&answer_);
}

static void a_line_may_come_in_pieces_and_the_rest_is_not_looked_at(void **state)
{
	struct bench *bench = *state;
	int fd = call(bench->path);

	assert_int_equal(send(fd, "{\"verb\":", 8, 0), 8);
	turn_at(bench, 0);
	turn_at(bench, 0);
	assert_int_equal(bench->asked, 0);
	assert_int_equal(send(fd, "\"x\"}\n{\"verb\":\"y\"}\n", 19, 0), 19);
	assert_string_equal(listen_to(bench, fd, 0), "{\"ok\":true}\n");
	assert_int_equal(bench->asked, 1);
	assert_string_equal(bench->line, "{\"verb\":\"x\"}");
	(void)close(fd);
}

static void a_line_beyond_the_limit_is_hung_up_on(void **state)
{
	struct bench *bench = *state;
	int fd = call(bench->path);
	static char line[RC_CONTROL_LINE_MAX_BYTES + 100];

	memset(line, 'x', sizeof(line));
	assert_int_equal(send(fd, line, sizeof(line), 0), sizeof(line));
	assert_string_equal(listen_to(bench, fd, 0), "");
	assert_int_equal(bench->asked, 0);
	(void)close(fd);
}

static void who_says_nothing_is_hung_up_on_after_two_seconds(void **state)
{
	struct bench *bench = *state;
	int fd = call(bench->path);
	char byte;

	turn_at(bench, 1000);
	turn_at(bench, 3000);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	assert_string_equal(listen_to(bench, fd, 3001), "");
	(void)close(fd);
}

static void silent_callers_dont_keep_others_out_for_good(void **state)
{
	struct bench *bench = *state;
	int silent[RC_CONTROL_POLLS_MAX - 1], fd;

	for (size_t i = 0; i < RC_CONTROL_POLLS_MAX - 1; i++) {
		silent[i] = call(bench->path);
		turn_at(bench, 0);
	}
	fd = call(bench->path);
	assert_string_equal(listen_to(bench, fd, 0), ""); /* not now */
	(void)close(fd);
	turn_at(bench, 5000);
	fd = call(bench->path);
	assert_int_equal(send(fd, "{}\n", 3, 0), 3);
	assert_string_equal(listen_to(bench, fd, 5000), "{\"ok\":true}\n");
	(void)close(fd);
	for (size_t i = 0; i < RC_CONTROL_POLLS_MAX - 1; i++)
		(void)close(silent[i]);
}

static void the_socket_is_ours_alone(void **state)
{
	struct bench *bench = *state;
	struct stat about;

	assert_int_equal(stat(bench->path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static void a_stranger_is_hung_up_on_even_if_the_file_lets_them(void **state)
{
	struct bench *bench = *state;
	pid_t child;
	int status;

	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	assert_int_equal(chmod(bench->folder, 0755), 0);
	assert_int_equal(chmod(bench->path, 0666), 0);
	child = fork();
	if (child == 0) {
		char byte;
		int fd = setuid(STRANGER) == 0 ? call(bench->path) : -1;

		_exit(fd >= 0 && send(fd, "{}\n", 3, MSG_NOSIGNAL) >= 0 && recv(fd, &byte, 1, 0) == 1
			  ? 0
			  : 1);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		turn_at(bench, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_int_equal(bench->asked, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_question_is_answered),
	    TEST(without_a_daemon_nobody_is_found),
	    TEST(a_line_may_come_in_pieces_and_the_rest_is_not_looked_at),
	    TEST(a_line_beyond_the_limit_is_hung_up_on),
	    TEST(who_says_nothing_is_hung_up_on_after_two_seconds),
	    TEST(silent_callers_dont_keep_others_out_for_good),
	    TEST(the_socket_is_ours_alone),
	    TEST(a_stranger_is_hung_up_on_even_if_the_file_lets_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
