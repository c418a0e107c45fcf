/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real scanner process under its supervisor. The supervisor's time is handed in, so its policy is tested by a scripted
 * clock; only what processes do is waited for, and for as long as it takes (ctest ends a test that hangs).
 */
#include "firmware/picture/picture.h"
#include "firmware/scanner/feed.h"
#include "firmware/scanner/supervisor.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	struct rc_scanner *scanner;
	struct rc_picture *picture;
	int feeder, source, picture_fd, badge;
	int64_t now_ms; /* scripted; stands still unless a test moves it */
	struct rc_scanner_line last;
	unsigned finds, alive, ends;
};

static struct fixture fixture;
static char folder[] = "/tmp/rollcall-scanner-XXXXXX";
static char script[128];

static void take_line(void *context, const struct rc_scanner_line *line)
{
	struct fixture *to = context;

	to->last = *line;
	to->finds += line->kind == RC_SCANNER_LINE_FIND;
	to->alive += line->kind == RC_SCANNER_LINE_ALIVE;
	to->ends += line->kind == RC_SCANNER_LINE_END;
}

static void connect_feed(struct fixture *to)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	to->feeder = ends[0];
	to->source = ends[1];
}

static void start(struct fixture *to, const char *program)
{
	const struct rc_scanner_start start = {
	    .program = program, .source = "feed", .source_fd = to->source, .picture_fd = to->picture_fd};

	assert_int_equal(rc_scanner_open(&start, to->now_ms, &to->scanner, NULL), RC_OK);
}

static int set_up(void **state)
{
	struct canvas canvas = canvas_of_code(rc_bytes_of_text(BADGE), 8);
	struct rc_buf file = canvas_as_png(&canvas, false);

	fixture = (struct fixture){.now_ms = 1000000};
	connect_feed(&fixture);
	fixture.badge = memfd_of(rc_buf_bytes(&file));
	assert_int_equal(rc_picture_create(&fixture.picture_fd, NULL), RC_OK);
	assert_int_equal(rc_picture_open_for_reading(fixture.picture_fd, &fixture.picture, NULL), RC_OK);
	rc_buf_deinit(&file);
	free(canvas.pixels);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *to = *state;

	rc_scanner_close(to->scanner);
	rc_picture_close(to->picture);
	rc_close_p(&to->picture_fd);
	rc_close_p(&to->feeder);
	rc_close_p(&to->source);
	rc_close_p(&to->badge);
	return 0;
}

/* Waits for something to read (or the pipe's end), then handles it. */
static void wait_and_handle(struct fixture *to)
{
	struct pollfd wait = {.fd = rc_scanner_fd(to->scanner), .events = POLLIN};

	assert_true(wait.fd >= 0);
	(void)poll(&wait, 1, 100);
	rc_scanner_handle(to->scanner, to->now_ms, take_line, to);
}

/* Shows the badge until it is found: a frame that comes too early is dropped, as by a camera. */
static void show_until_found(struct fixture *to)
{
	const unsigned before = to->finds;

	while (to->finds == before) {
		const enum rc_status status = rc_feed_send(to->feeder, to->badge, NULL);

		assert_true(status == RC_OK || status == RC_EBUSY);
		wait_and_handle(to);
	}
}

static void wait_until_alive(struct fixture *to)
{
	const unsigned before = to->alive;

	while (to->alive == before)
		wait_and_handle(to);
}

static void wait_while(struct fixture *to, enum rc_scanner_state state)
{
	while (rc_scanner_state(to->scanner) == state)
		wait_and_handle(to);
}

static void a_badge_that_is_shown_comes_out_of_the_pipe_and_is_framed_in_the_picture(void **state)
{
	static struct rc_picture_frame frame;
	struct fixture *to = *state;

	start(to, RC_SCANNER_PROGRAM);
	show_until_found(to);
	assert_int_equal(to->last.find.size, strlen(BADGE));
	assert_memory_equal(to->last.find.payload, BADGE, strlen(BADGE));
	assert_true(to->last.mono_us > 0);
	while (rc_picture_read(to->picture, &frame) != RC_OK)
		show_until_found(to); /* the picture follows its line */
	assert_int_equal(frame.code_count, 1);
	assert_true(frame.codes[0].is_read);
	assert_in_range(frame.codes[0].corners[0].x, 1, 100);
}

static void the_same_badge_in_view_is_reported_for_each_frame(void **state)
{
	struct fixture *to = *state;
	int64_t first;

	start(to, RC_SCANNER_PROGRAM);
	show_until_found(to);
	first = to->last.frame;
	show_until_found(to);
	assert_true(to->last.frame > first);
}

static void a_scanner_without_frames_says_that_it_is_alive(void **state)
{
	struct fixture *to = *state;

	start(to, RC_SCANNER_PROGRAM);
	wait_until_alive(to);
	wait_until_alive(to);
	wait_until_alive(to);
	assert_int_equal(to->last.frame, 0); /* and that none came */
	assert_int_equal(to->finds, 0);
}

static void a_picture_that_cannot_be_read_does_not_end_it(void **state)
{
	RC_AUTO(rc_close_p)
	int rubbish = memfd_of(rc_bytes_of_text("\x89PNG\r\n\x1a\nrubbish and more of it"));
	struct fixture *to = *state;

	start(to, RC_SCANNER_PROGRAM);
	assert_int_equal(rc_feed_send(to->feeder, rubbish, NULL), RC_OK);
	wait_until_alive(to);
	show_until_found(to);
	assert_int_equal(rc_scanner_starts(to->scanner), 1);
}

static void a_scanner_that_is_killed_is_back_after_100_ms_and_finds_the_next_badge(void **state)
{
	struct fixture *to = *state;
	pid_t first;

	start(to, RC_SCANNER_PROGRAM);
	show_until_found(to);
	first = rc_scanner_pid(to->scanner);
	assert_int_equal(kill(first, SIGKILL), 0);
	wait_while(to, RC_SCANNER_RUNNING);
	assert_int_equal(rc_scanner_fd(to->scanner), -1);
	assert_int_equal(rc_scanner_pid(to->scanner), 0);
	assert_int_equal(kill(first, 0), -1); /* it isn't left as a zombie */
	assert_int_equal(rc_scanner_timeout_ms(to->scanner, to->now_ms), 100);
	to->now_ms += 99;
	rc_scanner_handle(to->scanner, to->now_ms, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_WAITING);
	to->now_ms += 1;
	rc_scanner_handle(to->scanner, to->now_ms, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
	show_until_found(to);
	assert_memory_equal(to->last.find.payload, BADGE, strlen(BADGE));
	assert_int_equal(rc_scanner_starts(to->scanner), 2);
}

/* zbar loses memory at each character set that a code names after its first. */
static void a_code_that_makes_the_reader_lose_memory_costs_a_new_process_and_no_more(void **state)
{
	struct fixture *to = *state;
	struct canvas canvas = canvas_of_code_with_eci(3, 300);
	struct rc_buf file = canvas_as_pgm(&canvas);
	RC_AUTO(rc_close_p) int fd = memfd_of(rc_buf_bytes(&file));

	rc_buf_deinit(&file);
	free(canvas.pixels);
#ifdef RC_SANITIZED
	skip(); /* without a limit of memory */
#endif
	start(to, RC_SCANNER_PROGRAM);
	while (rc_scanner_state(to->scanner) == RC_SCANNER_RUNNING) {
		(void)!rc_feed_send(to->feeder, fd, NULL);
		wait_and_handle(to);
	}
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_WAITING);
	to->now_ms += rc_scanner_timeout_ms(to->scanner, to->now_ms);
	rc_scanner_handle(to->scanner, to->now_ms, take_line, to);
	show_until_found(to);
	while (to->last.find.size != strlen(BADGE)) /* the bad one may still wait in the feed */
		show_until_found(to);
}

static void an_end_of_the_feed_is_told_once_and_nothing_is_started_again(void **state)
{
	struct fixture *to = *state;

	start(to, RC_SCANNER_PROGRAM);
	show_until_found(to);
	rc_close_p(&to->feeder);
	to->feeder = -1;
	wait_while(to, RC_SCANNER_RUNNING);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_ENDED);
	assert_int_equal(to->last.kind, RC_SCANNER_LINE_END);
	assert_int_equal(to->last.end, RC_SCANNER_END_ENDED);
	assert_int_equal(rc_scanner_timeout_ms(to->scanner, to->now_ms), -1);
	rc_scanner_handle(to->scanner, to->now_ms + 100000, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_ENDED);
	assert_int_equal(to->ends, 1);
}

static void a_feed_that_is_connected_again_goes_on(void **state)
{
	struct fixture *to = *state;

	start(to, RC_SCANNER_PROGRAM);
	rc_close_p(&to->feeder);
	wait_while(to, RC_SCANNER_RUNNING);
	rc_close_p(&to->source);
	connect_feed(to);
	rc_scanner_restart(to->scanner, to->source, to->now_ms);
	show_until_found(to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
}

static void a_feed_that_breaks_its_protocol_is_a_failed_camera(void **state)
{
	struct fixture *to = *state;

	start(to, RC_SCANNER_PROGRAM);
	assert_int_equal(send(to->feeder, "rubbish", 7, 0), 7);
	wait_while(to, RC_SCANNER_RUNNING);
	assert_int_equal(to->last.kind, RC_SCANNER_LINE_END);
	assert_int_equal(to->last.end, RC_SCANNER_END_FAILED);
}

/* The text of /proc/PID/NAME of the running scanner. */
static size_t read_proc(const struct fixture *to, const char *name, char *text, size_t max)
{
	char path[64];
	FILE *file;
	size_t size;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)rc_scanner_pid(to->scanner), name);
	file = fopen(path, "re");
	assert_non_null(file);
	size = fread(text, 1, max - 1, file);
	text[size] = '\0';
	assert_int_equal(fclose(file), 0);
	return size;
}

static void it_holds_five_descriptors_no_environment_and_is_locked_in(void **state)
{
	struct fixture *to = *state;
	RC_AUTO(rc_close_p)
	int left_open = dup(STDERR_FILENO); /* without CLOEXEC: must not get across */
	char text[4096], path[64];
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	if (geteuid() != 0)
		skip(); /* it can't be looked into by its own user, which is meant so */
	start(to, RC_SCANNER_PROGRAM);
	wait_until_alive(to);
	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)rc_scanner_pid(to->scanner));
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		assert_true(strlen(entry->d_name) == 1 && entry->d_name[0] <= '4');
		count++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_int_equal(count, 5);
	assert_int_equal(read_proc(to, "environ", text, sizeof(text)), strlen("LC_ALL=C.UTF-8") + 1);
	assert_string_equal(text, "LC_ALL=C.UTF-8");
	(void)read_proc(to, "status", text, sizeof(text));
	assert_non_null(strstr(text, "\nSeccomp:\t2\n"));
	assert_non_null(strstr(text, "\nNoNewPrivs:\t1\n"));
	(void)read_proc(to, "limits", text, sizeof(text));
	assert_non_null(strstr(text, "Max core file size        0 "));
	assert_non_null(strstr(text, "Max open files            64 "));
	assert_true(left_open >= 0);
}

/* A program that does what a scanner should not. */
static const char *write_script(const char *body)
{
	FILE *file;

	(void)snprintf(script, sizeof(script), "%s/scanner", folder);
	file = fopen(script, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", body) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(script, 0755), 0);
	return script;
}

static void one_that_dies_again_and_again_is_started_more_and_more_seldom(void **state)
{
	static const int backoffs_ms[] = {100, 200, 400, 800, 1600, 2000, 2000};
	struct fixture *to = *state;

	start(to, "/nonexistent/rollcall-scanner");
	for (size_t i = 0; i < sizeof(backoffs_ms) / sizeof(backoffs_ms[0]); i++) {
		wait_while(to, RC_SCANNER_RUNNING);
		assert_int_equal(rc_scanner_timeout_ms(to->scanner, to->now_ms), backoffs_ms[i]);
		to->now_ms += backoffs_ms[i];
		rc_scanner_handle(to->scanner, to->now_ms, take_line, to);
		assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
	}
	to->now_ms += RC_SCANNER_STEADY_MS; /* having lived long, it is trusted again */
	wait_while(to, RC_SCANNER_RUNNING);
	assert_int_equal(rc_scanner_timeout_ms(to->scanner, to->now_ms), 100);
}

static void one_that_says_nothing_at_the_start_is_killed_after_its_time(void **state)
{
	struct fixture *to = *state;
	pid_t pid;

	start(to, write_script("exec /bin/sleep 1000"));
	pid = rc_scanner_pid(to->scanner);
	rc_scanner_handle(to->scanner, to->now_ms + RC_SCANNER_STARTUP_MS - 1, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
	rc_scanner_handle(to->scanner, to->now_ms + RC_SCANNER_STARTUP_MS, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_WAITING);
	assert_int_equal(kill(pid, 0), -1);
}

static void one_that_falls_silent_is_killed_after_two_seconds(void **state)
{
	struct fixture *to = *state;

	start(to, write_script("echo 'A 1 1'; exec /bin/sleep 1000"));
	wait_until_alive(to);
	assert_int_equal(rc_scanner_timeout_ms(to->scanner, to->now_ms), 2000);
	rc_scanner_handle(to->scanner, to->now_ms + 1999, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
	rc_scanner_handle(to->scanner, to->now_ms + 2000, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_WAITING);
}

static void a_daemon_that_was_held_up_does_not_blame_the_scanner(void **state)
{
	struct fixture *to = *state;
	struct pollfd wait;

	start(to, write_script("echo 'A 1 1'; exec /bin/sleep 1000"));
	wait = (struct pollfd){.fd = rc_scanner_fd(to->scanner), .events = POLLIN};
	assert_int_equal(poll(&wait, 1, -1), 1);
	rc_scanner_handle(to->scanner, to->now_ms + 60000, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
	assert_int_equal(to->alive, 1);
}

static void one_that_says_something_odd_is_killed(void **state)
{
	static const char *const bodies[] = {
	    "echo 'rubbish'; exec /bin/sleep 1000",
	    "echo 'A 1 1'; echo 'F 1 1'; exec /bin/sleep 1000",
	    "head -c 100000 /dev/zero; exec /bin/sleep 1000",
	};
	struct fixture *to = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		start(to, write_script(bodies[i]));
		wait_while(to, RC_SCANNER_RUNNING);
		assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_WAITING);
		rc_scanner_close(to->scanner);
	}
	to->scanner = NULL;
}

static void one_that_floods_its_pipe_cannot_hold_the_daemon(void **state)
{
	struct fixture *to = *state;

	start(to, write_script("exec /usr/bin/yes 'A 1 1'"));
	wait_until_alive(to);
	for (int i = 0; i < 5; i++)
		rc_scanner_handle(to->scanner, to->now_ms, take_line, to);
	assert_int_equal(rc_scanner_state(to->scanner), RC_SCANNER_RUNNING);
}

static void root_can_give_it_a_user_of_its_own(void **state)
{
	struct fixture *to = *state;
	struct rc_scanner_start start = {.source = "feed", .uid = 65534, .gid = 65534};
	char text[4096];

	if (geteuid() != 0)
		skip();
	start.program = write_script("echo 'A 1 1'; exec /bin/sleep 1000");
	start.source_fd = to->source;
	start.picture_fd = to->picture_fd;
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(rc_scanner_open(&start, to->now_ms, &to->scanner, NULL), RC_OK);
	wait_until_alive(to);
	(void)read_proc(to, "status", text, sizeof(text));
	assert_non_null(strstr(text, "\nUid:\t65534\t65534\t65534\t65534\n"));
	assert_non_null(strstr(text, "\nGid:\t65534\t65534\t65534\t65534\n"));
	assert_non_null(strstr(text, "\nGroups:\t \n"));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(script);
	return rmdir(folder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_badge_that_is_shown_comes_out_of_the_pipe_and_is_framed_in_the_picture),
	    TEST(the_same_badge_in_view_is_reported_for_each_frame),
	    TEST(a_scanner_without_frames_says_that_it_is_alive),
	    TEST(a_picture_that_cannot_be_read_does_not_end_it),
	    TEST(a_scanner_that_is_killed_is_back_after_100_ms_and_finds_the_next_badge),
	    TEST(a_code_that_makes_the_reader_lose_memory_costs_a_new_process_and_no_more),
	    TEST(an_end_of_the_feed_is_told_once_and_nothing_is_started_again),
	    TEST(a_feed_that_is_connected_again_goes_on),
	    TEST(a_feed_that_breaks_its_protocol_is_a_failed_camera),
	    TEST(it_holds_five_descriptors_no_environment_and_is_locked_in),
	    TEST(one_that_dies_again_and_again_is_started_more_and_more_seldom),
	    TEST(one_that_says_nothing_at_the_start_is_killed_after_its_time),
	    TEST(one_that_falls_silent_is_killed_after_two_seconds),
	    TEST(a_daemon_that_was_held_up_does_not_blame_the_scanner),
	    TEST(one_that_says_something_odd_is_killed),
	    TEST(one_that_floods_its_pipe_cannot_hold_the_daemon),
	    TEST(root_can_give_it_a_user_of_its_own),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
