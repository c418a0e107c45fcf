/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/screen_socket.h"

#include "tests/module/identity/made.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STRANGER    12345 /* a uid that is nobody's here */
#define TOUCHES_MAX 8

struct bench {
	char folder[64];
	char path[80];
	struct rc_screen_socket *screens;
	int picture_fd;
	struct rc_screen_touch touches[TOUCHES_MAX];
	size_t touch_count;
};

static void open_socket(struct bench *bench, uid_t screen_uid)
{
	struct rc_error err = {.text = ""};

	if (rc_screen_socket_open(bench->path, screen_uid, bench->picture_fd, &bench->screens, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	made_folder(bench->folder);
	(void)snprintf(bench->path, sizeof(bench->path), "%s/screen.sock", bench->folder);
	bench->picture_fd = memfd_create("picture", MFD_CLOEXEC);
	assert_true(bench->picture_fd >= 0);
	assert_int_equal(write(bench->picture_fd, "PIC", 3), 3);
	open_socket(bench, geteuid());
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_screen_socket_close(bench->screens);
	assert_int_not_equal(access(bench->path, F_OK), 0); /* close takes the path away */
	(void)close(bench->picture_fd);
	made_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static int connect_screen(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void note_touch(void *context, const struct rc_screen_touch *touch)
{
	struct bench *bench = context;

	assert_true(bench->touch_count < TOUCHES_MAX);
	bench->touches[bench->touch_count++] = *touch;
}

/* Turns the daemon's loop for as long as there is something to do at once. */
static void turn(struct bench *bench)
{
	struct pollfd polls[RC_SCREEN_SOCKET_POLLS_MAX];

	for (;;) {
		size_t count = rc_screen_socket_polls(bench->screens, polls);

		if (poll(polls, count, 0) <= 0)
			return;
		rc_screen_socket_handle(bench->screens, polls, count, note_touch, bench);
	}
}

static void show(struct bench *bench, const char *json)
{
	rc_screen_socket_show(bench->screens, rc_bytes_of_text(json));
}

/* Reads exactly so many bytes; a descriptor that comes along is put into `*fd`. False: hung up. */
static bool receive(struct bench *bench, int screen, void *to, size_t size, int *fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	size_t got = 0;

	while (got < size) {
		struct iovec piece = {.iov_base = (char *)to + got, .iov_len = size - got};
		struct msghdr message = {.msg_iov = &piece,
					 .msg_iovlen = 1,
					 .msg_control = control.space,
					 .msg_controllen = sizeof(control.space)};
		ssize_t n;

		turn(bench);
		n = recvmsg(screen, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return false;
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			continue;
		}
		if (fd && CMSG_FIRSTHDR(&message))
			memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
		got += (size_t)n;
	}
	return true;
}

/* One view as text, "" if hung up. Borrowed until the next call. */
static const char *read_view_with(struct bench *bench, int screen, int *fd)
{
	static char text[70000];
	uint8_t length[4];
	uint32_t size;

	if (!receive(bench, screen, length, sizeof(length), fd))
		return "";
	size = length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 |
	       (uint32_t)length[3] << 24;
	assert_true(size < sizeof(text));
	if (!receive(bench, screen, text, size, NULL))
		return "";
	text[size] = '\0';
	return text;
}

static const char *read_view(struct bench *bench, int screen)
{
	return read_view_with(bench, screen, NULL);
}

static void send_frame(int screen, const char *json)
{
	uint32_t size = (uint32_t)strlen(json);
	uint8_t length[4] = {(uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16),
			     (uint8_t)(size >> 24)};

	assert_int_equal(send(screen, length, sizeof(length), MSG_NOSIGNAL), 4);
	assert_int_equal(send(screen, json, size, MSG_NOSIGNAL), size);
}

static bool is_hung_up(struct bench *bench, int screen)
{
	char byte;

	turn(bench);
	return recv(screen, &byte, 1, MSG_DONTWAIT) <= 0 && errno != EAGAIN;
}

static void a_screen_gets_the_newest_view_when_it_comes_and_each_one_after(void **state)
{
	struct bench *bench = *state;
	int screen;

	show(bench, "{\"n\":1}");
	show(bench, "{\"n\":2}");
	screen = connect_screen(bench->path);
	assert_string_equal(read_view(bench, screen), "{\"n\":2}");
	show(bench, "{\"n\":3}");
	assert_string_equal(read_view(bench, screen), "{\"n\":3}");
	assert_int_equal(rc_screen_socket_client_count(bench->screens), 1);
	(void)close(screen);
	turn(bench);
	assert_int_equal(rc_screen_socket_client_count(bench->screens), 0);
}

static void the_picture_comes_with_the_first_message_and_only_then(void **state)
{
	struct bench *bench = *state;
	int screen, fd = -1, again = -1;
	char bytes[4] = "";

	show(bench, "{\"n\":1}");
	screen = connect_screen(bench->path);
	(void)read_view_with(bench, screen, &fd);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, bytes, 3, 0), 3);
	assert_string_equal(bytes, "PIC");
	show(bench, "{\"n\":2}");
	(void)read_view_with(bench, screen, &again);
	assert_int_equal(again, -1);
	(void)close(fd);
	(void)close(screen);
}

static void a_screen_that_came_before_the_first_view_gets_it(void **state)
{
	struct bench *bench = *state;
	int screen = connect_screen(bench->path);

	turn(bench);
	assert_int_equal(rc_screen_socket_client_count(bench->screens), 1);
	show(bench, "{\"n\":1}");
	assert_string_equal(read_view(bench, screen), "{\"n\":1}");
	(void)close(screen);
}

static void a_slow_screen_misses_views_but_never_the_newest(void **state)
{
	struct bench *bench = *state;
	int quick = connect_screen(bench->path), slow = connect_screen(bench->path);
	static char json[60000];
	const char *view = "";
	int read = 0;

	turn(bench);
	for (int i = 0; i < 200; i++) { /* 12 MB: far more than a socket holds */
		memset(json, ' ', sizeof(json));
		(void)snprintf(json, sizeof(json), "{\"n\":%d}", i);
		json[strlen(json)] = ' ';
		json[sizeof(json) - 1] = '\0';
		show(bench, json);
		assert_string_equal(read_view(bench, quick), json);
	}
	do {
		view = read_view(bench, slow);
		assert_int_not_equal(view[0], '\0');
		read++;
	} while (strcmp(view, json) != 0);
	assert_true(read < 200); /* it did miss some */
	(void)close(quick);
	(void)close(slow);
}

static void a_touch_is_passed_on(void **state)
{
	struct bench *bench = *state;
	int screen = connect_screen(bench->path);

	send_frame(screen, "{\"v\":1,\"touch\":\"choose_1\",\"touch_id\":9007199254740991}");
	send_frame(screen, "{\"v\":1,\"touch\":\"language\",\"touch_id\":3,\"more\":[]}");
	turn(bench);
	assert_int_equal(bench->touch_count, 2);
	assert_string_equal(bench->touches[0].what, "choose_1");
	assert_true(bench->touches[0].touch_id == UINT64_C(9007199254740991));
	assert_string_equal(bench->touches[1].what, "language");
	(void)close(screen);
}

static void a_key_comes_with_its_character_and_nothing_else_does(void **state)
{
	struct bench *bench = *state;
	int screen = connect_screen(bench->path);

	send_frame(screen, "{\"v\":1,\"touch\":\"key\",\"key\":\"7\",\"touch_id\":3}");
	send_frame(screen, "{\"v\":1,\"touch\":\"key\",\"key\":\"-\",\"touch_id\":3}");
	send_frame(screen, "{\"v\":1,\"touch\":\"confirm\",\"touch_id\":3}");
	turn(bench);
	assert_int_equal(bench->touch_count, 3);
	assert_int_equal(bench->touches[0].key, '7');
	assert_int_equal(bench->touches[1].key, '-');
	assert_string_equal(bench->touches[2].what, "confirm");
	assert_int_equal(bench->touches[2].key, '\0');
	(void)close(screen);
}

static void a_touch_may_come_byte_by_byte(void **state)
{
	static const char json[] = "{\"v\":1,\"touch\":\"language\",\"touch_id\":3}";
	struct bench *bench = *state;
	int screen = connect_screen(bench->path);
	uint8_t frame[4 + sizeof(json) - 1] = {sizeof(json) - 1};

	memcpy(frame + 4, json, sizeof(json) - 1);
	for (size_t i = 0; i < sizeof(frame); i++) {
		assert_int_equal(bench->touch_count, 0);
		assert_int_equal(send(screen, frame + i, 1, 0), 1);
		turn(bench);
	}
	assert_int_equal(bench->touch_count, 1);
	(void)close(screen);
}

static void expect_hung_up_after(struct bench *bench, const void *bytes, size_t size)
{
	int screen = connect_screen(bench->path);

	turn(bench);
	assert_int_equal(send(screen, bytes, size, MSG_NOSIGNAL), size);
	assert_true(is_hung_up(bench, screen));
	assert_int_equal(rc_screen_socket_client_count(bench->screens), 0);
	(void)close(screen);
}

static void who_sends_garbage_is_hung_up_on(void **state)
{
	struct bench *bench = *state;
	static const char *const bad[] = {
	    "",
	    "x",
	    "[]",
	    "{\"touch\":7,\"touch_id\":1}",
	    "{\"touch\":\"language\"}",
	    "{\"touch\":\"language\",\"touch_id\":-1}",
	    "{\"touch\":\"a name that is far longer than any touch has\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"key\":\"\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"key\":\"a\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"key\":\"12\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"key\":\"\\u0000\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"key\":\"\\u4e00\",\"touch_id\":1}",
	    "{\"touch\":\"key\",\"key\":7,\"touch_id\":1}",
	    "{\"touch\":\"confirm\",\"key\":\"7\",\"touch_id\":1}",
	};
	uint8_t frame[128];

	expect_hung_up_after(bench, "\xff\xff\xff\xff", 4); /* 4 GB are announced */
	expect_hung_up_after(bench, "\x01\x04\x00\x00", 4); /* one byte more than a touch may have */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(frame, 0, sizeof(frame));
		frame[0] = (uint8_t)strlen(bad[i]);
		memcpy(frame + 4, bad[i], strlen(bad[i]));
		expect_hung_up_after(bench, frame, 4 + strlen(bad[i]));
	}
	assert_int_equal(bench->touch_count, 0);
	show(bench, "{\"n\":1}"); /* and the next screen is served */
	{
		int screen = connect_screen(bench->path);

		assert_string_equal(read_view(bench, screen), "{\"n\":1}");
		(void)close(screen);
	}
}

static void a_fifth_screen_is_turned_away_until_one_goes(void **state)
{
	struct bench *bench = *state;
	int screens[RC_SCREEN_SOCKET_CLIENTS_MAX], more;

	show(bench, "{\"n\":1}");
	for (size_t i = 0; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++) {
		screens[i] = connect_screen(bench->path);
		assert_string_equal(read_view(bench, screens[i]), "{\"n\":1}");
	}
	more = connect_screen(bench->path);
	assert_string_equal(read_view(bench, more), "");
	(void)close(more);
	(void)close(screens[0]);
	turn(bench);
	more = connect_screen(bench->path);
	assert_string_equal(read_view(bench, more), "{\"n\":1}");
	(void)close(more);
	for (size_t i = 1; i < RC_SCREEN_SOCKET_CLIENTS_MAX; i++)
		(void)close(screens[i]);
}

/* A process of that user connects and tells by its exit status whether it got a view. */
static pid_t start_as(const char *path, uid_t uid)
{
	pid_t child = fork();

	if (child == 0) {
		uint8_t length[4];
		int screen;

		if (setuid(uid) != 0)
			_exit(3);
		screen = connect_screen(path);
		_exit(screen >= 0 && recv(screen, length, sizeof(length), MSG_WAITALL) == 4 ? 0 : 1);
	}
	return child;
}

static int end_of(struct bench *bench, pid_t child)
{
	int status;

	while (waitpid(child, &status, WNOHANG) == 0)
		turn(bench);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_strangers_process_gets_nothing_and_the_screens_user_does(void **state)
{
	struct bench *bench = *state;

	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	assert_int_equal(chmod(bench->folder, 0755), 0);
	assert_int_equal(chmod(bench->path, 0666), 0); /* the file's mode alone would let everybody in */
	show(bench, "{\"n\":1}");
	assert_int_equal(end_of(bench, start_as(bench->path, STRANGER)), 1);
	rc_screen_socket_close(bench->screens);
	open_socket(bench, STRANGER);
	assert_int_equal(chmod(bench->path, 0666), 0);
	show(bench, "{\"n\":1}");
	assert_int_equal(end_of(bench, start_as(bench->path, STRANGER)), 0);
	assert_int_equal(end_of(bench, start_as(bench->path, STRANGER + 1)), 1);
}

static void the_socket_of_a_daemon_that_was_killed_is_replaced(void **state)
{
	struct bench *bench = *state;
	struct rc_screen_socket *left = bench->screens;
	int screen;

	open_socket(bench, geteuid());
	show(bench, "{\"n\":1}");
	screen = connect_screen(bench->path);
	assert_string_equal(read_view(bench, screen), "{\"n\":1}");
	(void)close(screen);
	rc_screen_socket_close(bench->screens);
	bench->screens = left;
}

static void a_path_that_is_too_long_is_said_and_harms_nothing(void **state)
{
	struct rc_screen_socket *screens = NULL;
	struct stat before, after;
	char path[200];
	struct rc_error err;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(fstat(0, &before), 0);
	assert_int_equal(rc_screen_socket_open(path, geteuid(), -1, &screens, &err), RC_EUSAGE);
	assert_int_equal(fstat(0, &after), 0); /* standard input is still open */
	assert_int_equal(before.st_ino, after.st_ino);
}

static void a_view_beyond_the_limit_leaves_screens_alive(void **state)
{
	struct bench *bench = *state;
	int screen = connect_screen(bench->path);
	static char json[70000];

	turn(bench);
	memset(json, ' ', sizeof(json) - 1);
	show(bench, json);
	show(bench, "{\"n\":2}");
	assert_string_equal(read_view(bench, screen), "{\"n\":2}");
	(void)close(screen);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_screen_gets_the_newest_view_when_it_comes_and_each_one_after),
	    TEST(the_picture_comes_with_the_first_message_and_only_then),
	    TEST(a_screen_that_came_before_the_first_view_gets_it),
	    TEST(a_slow_screen_misses_views_but_never_the_newest),
	    TEST(a_touch_is_passed_on),
	    TEST(a_key_comes_with_its_character_and_nothing_else_does),
	    TEST(a_touch_may_come_byte_by_byte),
	    TEST(who_sends_garbage_is_hung_up_on),
	    TEST(a_fifth_screen_is_turned_away_until_one_goes),
	    TEST(a_strangers_process_gets_nothing_and_the_screens_user_does),
	    TEST(the_socket_of_a_daemon_that_was_killed_is_replaced),
	    TEST(a_path_that_is_too_long_is_said_and_harms_nothing),
	    TEST(a_view_beyond_the_limit_leaves_screens_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
