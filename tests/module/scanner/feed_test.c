/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/scanner/feed.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 60000 /* never waited for: what is asked for is there, or poll is told of the end */

struct pair {
	int feeder, reader;
	struct rc_scanner_source source;
};

static struct rc_frame frame;

static int open_pair(void **state)
{
	static struct pair pair;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pair = (struct pair){.feeder = ends[0], .reader = ends[1]};
	*state = &pair;
	return rc_feed_source_open(pair.reader, &pair.source, NULL) == RC_OK ? 0 : -1;
}

static int close_pair(void **state)
{
	struct pair *pair = *state;

	pair->source.close(pair->source.context);
	rc_close_p(&pair->feeder);
	rc_close_p(&pair->reader);
	return 0;
}

static enum rc_status next(struct pair *pair, int timeout_ms)
{
	return pair->source.next(pair->source.context, timeout_ms, &frame, NULL);
}

/* A picture of one grey. */
static void send_grey(struct pair *pair, uint8_t grey)
{
	char text[] = "P5 1 1 255\n?";
	RC_AUTO(rc_close_p) int fd = -1;

	text[sizeof(text) - 2] = (char)grey;
	fd = memfd_of(rc_bytes_of_text(text));
	assert_int_equal(rc_feed_send(pair->feeder, fd, NULL), RC_OK);
}

static size_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	assert_int_equal(closedir(dir), 0);
	return count;
}

static void a_picture_that_is_sent_is_the_next_frame(void **state)
{
	send_grey(*state, 99);
	assert_int_equal(next(*state, WAIT_MS), RC_OK);
	assert_int_equal(frame.width, 1);
	assert_int_equal(frame.pixels[0], 99);
	assert_true(frame.mono_us > 0);
	assert_int_equal(next(*state, 0), RC_EBUSY);
}

static void of_several_that_wait_only_the_newest_is_taken_and_none_leaks(void **state)
{
	const size_t before = open_descriptors();

	for (uint8_t i = 1; i <= 5; i++)
		send_grey(*state, i);
	assert_int_equal(next(*state, WAIT_MS), RC_OK);
	assert_int_equal(frame.pixels[0], 5);
	assert_int_equal(next(*state, 0), RC_EBUSY);
	assert_int_equal(open_descriptors(), before);
}

static void a_picture_that_cannot_be_read_is_one_damaged_frame(void **state)
{
	RC_AUTO(rc_close_p) int rubbish = memfd_of(rc_bytes_of_text("rubbish"));
	struct pair *pair = *state;
	int ends[2];

	assert_int_equal(rc_feed_send(pair->feeder, rubbish, NULL), RC_OK);
	assert_int_equal(next(pair, WAIT_MS), RC_EFORMAT);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(rc_feed_send(pair->feeder, ends[0], NULL), RC_OK); /* would make a reader wait for ever */
	assert_int_equal(next(pair, WAIT_MS), RC_EFORMAT);
	send_grey(pair, 7);
	assert_int_equal(next(pair, WAIT_MS), RC_OK);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void the_last_picture_before_the_end_is_still_shown(void **state)
{
	struct pair *pair = *state;

	send_grey(pair, 42);
	assert_int_equal(close(pair->feeder), 0);
	pair->feeder = -1;
	assert_int_equal(next(pair, WAIT_MS), RC_OK);
	assert_int_equal(frame.pixels[0], 42);
	assert_int_equal(next(pair, WAIT_MS), RC_ENOTFOUND);
	assert_int_equal(next(pair, WAIT_MS), RC_ENOTFOUND);
}

/* A packet as no feed sends it. */
static void send_odd(int socket, const char *bytes, size_t size, const int *fds, size_t count)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * 8)];
	} control = {0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
	}
	assert_int_equal(sendmsg(socket, &message, 0), size);
}

static void packets_of_another_form_are_a_failed_camera_and_leak_nothing(void **state)
{
	const int fds[8] = {0, 0, 0, 0, 0, 0, 0, 0};
	struct pair *pair = *state;
	const size_t before = open_descriptors();

	send_odd(pair->feeder, "P", 1, NULL, 0);
	assert_int_equal(next(pair, WAIT_MS), RC_ENET);
	send_odd(pair->feeder, "P", 1, fds, 2);
	assert_int_equal(next(pair, WAIT_MS), RC_ENET);
	send_odd(pair->feeder, "P", 1, fds, 8);
	assert_int_equal(next(pair, WAIT_MS), RC_ENET);
	send_odd(pair->feeder, "X", 1, fds, 1);
	assert_int_equal(next(pair, WAIT_MS), RC_ENET);
	send_odd(pair->feeder, "PPPPPPPP", 8, fds, 1);
	assert_int_equal(next(pair, WAIT_MS), RC_ENET);
	assert_int_equal(open_descriptors(), before);
}

static void a_feed_whose_reader_is_behind_or_gone_hears_of_it(void **state)
{
	RC_AUTO(rc_close_p) int picture = memfd_of(rc_bytes_of_text("P5 1 1 255\nx"));
	struct pair *pair = *state;
	enum rc_status status = RC_OK;

	for (int i = 0; i < 100000 && status == RC_OK; i++)
		status = rc_feed_send(pair->feeder, picture, NULL);
	assert_int_equal(status, RC_EBUSY);
	assert_int_equal(close(pair->reader), 0);
	pair->reader = -1;
	assert_int_equal(rc_feed_send(pair->feeder, picture, NULL), RC_ENET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_picture_that_is_sent_is_the_next_frame, open_pair, close_pair),
	    cmocka_unit_test_setup_teardown(
		of_several_that_wait_only_the_newest_is_taken_and_none_leaks, open_pair, close_pair),
	    cmocka_unit_test_setup_teardown(a_picture_that_cannot_be_read_is_one_damaged_frame,
					    open_pair, close_pair),
	    cmocka_unit_test_setup_teardown(the_last_picture_before_the_end_is_still_shown,
					    open_pair, close_pair),
	    cmocka_unit_test_setup_teardown(
		packets_of_another_form_are_a_failed_camera_and_leak_nothing, open_pair, close_pair),
	    cmocka_unit_test_setup_teardown(a_feed_whose_reader_is_behind_or_gone_hears_of_it,
					    open_pair, close_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
