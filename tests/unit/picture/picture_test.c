/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/picture/picture.h"
#include "shared/base/cleanup.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

/* Where things lie in the memory: a mark, the sequence number, then number, time, count, codes of 24 bytes, pixels. */
#define SEQUENCE_PLACE 8
#define COUNT_PLACE    32
#define CODE_PLACE     40
#define MEMORY_BYTES   (CODE_PLACE + 8 * 24 + RC_PICTURE_PIXELS)

RC_DEFINE_AUTO(struct rc_picture, rc_picture_close)

static struct rc_picture_frame sent, got; /* 64 kB each */

static void fill(struct rc_picture_frame *frame, uint8_t value)
{
	memset(frame, 0, sizeof(*frame));
	frame->number = value;
	frame->mono_us = value * INT64_C(1000);
	memset(frame->pixels, value, sizeof(frame->pixels));
}

static void open_both(int *fd, struct rc_picture **writer, struct rc_picture **reader)
{
	assert_int_equal(rc_picture_create(fd, NULL), RC_OK);
	assert_int_equal(rc_picture_open_for_writing(*fd, writer, NULL), RC_OK);
	assert_int_equal(rc_picture_open_for_reading(*fd, reader, NULL), RC_OK);
}

static void poke(int fd, off_t place, uint64_t value)
{
	assert_int_equal(pwrite(fd, &value, sizeof(value), place), sizeof(value));
}

static void a_frame_arrives_with_its_codes(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *writer = NULL;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;

	(void)state;
	open_both(&fd, &writer, &reader);
	fill(&sent, 77);
	sent.code_count = 2;
	sent.codes[0] =
	    (struct rc_picture_code){.corners = {{1, 2}, {-3, 4}, {500, 6}, {7, 8}}, .is_read = true};
	sent.codes[1] = (struct rc_picture_code){.corners = {{9, 10}, {11, 12}, {13, 14}, {15, 16}}};
	rc_picture_write(writer, &sent);
	assert_int_equal(rc_picture_read(reader, &got), RC_OK);
	assert_int_equal(got.number, 77);
	assert_int_equal(got.mono_us, 77000);
	assert_int_equal(got.code_count, 2);
	assert_int_equal(got.codes[0].corners[1].x, -3);
	assert_int_equal(got.codes[0].corners[2].x, 500);
	assert_true(got.codes[0].is_read);
	assert_int_equal(got.codes[1].corners[3].y, 16);
	assert_false(got.codes[1].is_read);
	assert_memory_equal(got.pixels, sent.pixels, sizeof(sent.pixels));
}

static void before_the_first_frame_there_is_nothing_to_read(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;

	(void)state;
	assert_int_equal(rc_picture_create(&fd, NULL), RC_OK);
	assert_int_equal(rc_picture_open_for_reading(fd, &reader, NULL), RC_OK);
	assert_int_equal(rc_picture_read(reader, &got), RC_ENOTFOUND);
}

static void the_version_changes_with_each_frame(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *writer = NULL;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;
	uint64_t before;

	(void)state;
	open_both(&fd, &writer, &reader);
	before = rc_picture_version(reader);
	fill(&sent, 1);
	rc_picture_write(writer, &sent);
	assert_int_not_equal(rc_picture_version(reader), before);
}

static void a_frame_whose_writer_died_in_the_middle_is_busy_until_the_next_writer(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *writer = NULL;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;

	(void)state;
	open_both(&fd, &writer, &reader);
	poke(fd, SEQUENCE_PLACE, 41);
	assert_int_equal(rc_picture_read(reader, &got), RC_EBUSY);
	fill(&sent, 5);
	rc_picture_write(writer, &sent);
	assert_int_equal(rc_picture_read(reader, &got), RC_OK);
	assert_int_equal(got.number, 5);
	assert_int_equal(rc_picture_version(reader), 44); /* not 42: a reader that began before must see a change */
}

static void counts_and_corners_that_a_hostile_writer_makes_up_are_refused(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *writer = NULL;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;

	(void)state;
	open_both(&fd, &writer, &reader);
	fill(&sent, 1);
	rc_picture_write(writer, &sent);
	poke(fd, COUNT_PLACE, 9);
	assert_int_equal(rc_picture_read(reader, &got), RC_EFORMAT);
	poke(fd, COUNT_PLACE, UINT64_MAX);
	assert_int_equal(rc_picture_read(reader, &got), RC_EFORMAT);
	poke(fd, COUNT_PLACE, 1);
	assert_int_equal(rc_picture_read(reader, &got), RC_OK);
	poke(fd, CODE_PLACE, 0x8000); /* x = -32768 */
	assert_int_equal(rc_picture_read(reader, &got), RC_EFORMAT);
}

static void a_writer_brings_its_own_values_into_range(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *writer = NULL;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;

	(void)state;
	open_both(&fd, &writer, &reader);
	fill(&sent, 1);
	sent.code_count = 1000;
	sent.codes[7].corners[3] = (struct rc_picture_point){INT16_MIN, INT16_MAX};
	rc_picture_write(writer, &sent);
	assert_int_equal(rc_picture_read(reader, &got), RC_OK);
	assert_int_equal(got.code_count, RC_PICTURE_CODES_MAX);
	assert_int_equal(got.codes[7].corners[3].x, -RC_PICTURE_REACH);
	assert_int_equal(got.codes[7].corners[3].y, RC_PICTURE_REACH);
}

static void the_memory_cannot_be_resized(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;

	(void)state;
	assert_int_equal(rc_picture_create(&fd, NULL), RC_OK);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, MEMORY_BYTES * 2), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1); /* or a reader could stop the writer for good */
}

static void memory_that_is_not_sealed_or_not_marked_or_of_another_size_is_refused(void **state)
{
	RC_AUTO(rc_close_p) int unsealed = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	RC_AUTO(rc_close_p) int small = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	RC_AUTO(rc_close_p) int picture = -1;
	struct rc_picture *opened = NULL;

	(void)state;
	assert_int_equal(ftruncate(unsealed, MEMORY_BYTES), 0);
	assert_int_equal(rc_picture_open_for_reading(unsealed, &opened, NULL), RC_EFORMAT);
	assert_int_equal(fcntl(unsealed, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	assert_int_equal(rc_picture_open_for_reading(unsealed, &opened, NULL), RC_EFORMAT); /* no mark */
	assert_int_equal(ftruncate(small, 100), 0);
	assert_int_equal(fcntl(small, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	assert_int_equal(rc_picture_open_for_reading(small, &opened, NULL), RC_EFORMAT);
	assert_int_not_equal(rc_picture_open_for_reading(-1, &opened, NULL), RC_OK);
	assert_int_equal(rc_picture_create(&picture, NULL), RC_OK);
	assert_int_equal(lseek(picture, 0, SEEK_END), MEMORY_BYTES); /* or the first case proves nothing */
	assert_null(opened);
}

static void a_readers_descriptor_cannot_be_written_through(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_close_p) int reader_fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;
	struct rc_picture *writer = NULL;

	(void)state;
	assert_int_equal(rc_picture_create(&fd, NULL), RC_OK);
	assert_int_equal(rc_picture_open_reader_fd(fd, &reader_fd, NULL), RC_OK);
	assert_int_equal(rc_picture_open_for_reading(reader_fd, &reader, NULL), RC_OK);
	assert_int_equal(rc_picture_open_for_writing(reader_fd, &writer, NULL), RC_EDENIED);
	assert_int_equal(write(reader_fd, "x", 1), -1);
}

struct writing {
	struct rc_picture *picture;
	atomic_bool is_over;
};

static void *write_frames(void *argument)
{
	static struct rc_picture_frame frame;
	struct writing *writing = argument;

	for (unsigned i = 0; i < 3000; i++) {
		fill(&frame, (uint8_t)i);
		rc_picture_write(writing->picture, &frame);
	}
	atomic_store(&writing->is_over, true);
	return NULL;
}

static void a_frame_is_never_read_half_while_it_is_written(void **state)
{
	RC_AUTO(rc_close_p) int fd = -1;
	RC_AUTO(rc_picture_close_p) struct rc_picture *writer = NULL;
	RC_AUTO(rc_picture_close_p) struct rc_picture *reader = NULL;
	struct writing writing = {0};
	enum rc_status status;
	pthread_t thread;

	(void)state;
	open_both(&fd, &writer, &reader);
	writing.picture = writer;
	assert_int_equal(pthread_create(&thread, NULL, write_frames, &writing), 0);
	while (!atomic_load(&writing.is_over)) {
		status = rc_picture_read(reader, &got);
		if (status == RC_EBUSY || status == RC_ENOTFOUND)
			continue;
		assert_int_equal(status, RC_OK);
		for (size_t i = 0; i < RC_PICTURE_PIXELS; i += 997)
			assert_int_equal(got.pixels[i], (uint8_t)got.number);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(rc_picture_read(reader, &got), RC_OK);
	assert_int_equal(got.number, (uint8_t)2999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_frame_arrives_with_its_codes),
	    cmocka_unit_test(before_the_first_frame_there_is_nothing_to_read),
	    cmocka_unit_test(the_version_changes_with_each_frame),
	    cmocka_unit_test(a_frame_whose_writer_died_in_the_middle_is_busy_until_the_next_writer),
	    cmocka_unit_test(counts_and_corners_that_a_hostile_writer_makes_up_are_refused),
	    cmocka_unit_test(a_writer_brings_its_own_values_into_range),
	    cmocka_unit_test(the_memory_cannot_be_resized),
	    cmocka_unit_test(memory_that_is_not_sealed_or_not_marked_or_of_another_size_is_refused),
	    cmocka_unit_test(a_readers_descriptor_cannot_be_written_through),
	    cmocka_unit_test(a_frame_is_never_read_half_while_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
