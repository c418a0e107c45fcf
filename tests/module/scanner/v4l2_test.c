/* SPDX-License-Identifier: Apache-2.0 */
/* A camera of Linux, from the pixels of its formats to a scanner process that reads badges from it and survives what it does. */
#include "firmware/scanner/camera.h"
#include "firmware/scanner/supervisor.h"
#include "firmware/scanner/v4l2_pixels.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"
#include "tests/sim/v4l2/fake_camera.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- pixels ---- */

static void expect_grey(uint32_t fourcc, unsigned row_bytes, const char *bytes, size_t size,
			const char *grey)
{
	struct rc_frame_memory memory = {0};
	struct rc_v4l2_layout layout;
	struct rc_frame frame;

	assert_int_equal(rc_v4l2_layout(fourcc, 3, 2, row_bytes, &layout, NULL), RC_OK);
	assert_int_equal(rc_v4l2_read_pixels(&layout, rc_bytes_of(bytes, size), &memory, &frame, NULL),
			 RC_OK);
	assert_true(frame.width == 3 && frame.height == 2);
	assert_memory_equal(frame.pixels, grey, 6);
	rc_frame_memory_deinit(&memory);
}

static void the_brightness_is_found_in_every_format(void **state)
{
	(void)state;
	expect_grey(V4L2_PIX_FMT_GREY, 3, "abcdef", 6, "abcdef");
	expect_grey(V4L2_PIX_FMT_GREY, 0, "abcdef", 6, "abcdef");
	expect_grey(V4L2_PIX_FMT_GREY, 5, "abc..def", 8, "abcdef");
	expect_grey(V4L2_PIX_FMT_NV12, 4, "abc.def.uvuv", 12, "abcdef");
	expect_grey(V4L2_PIX_FMT_YUYV, 6, "aubvcudvevfu", 12, "abcdef");
	expect_grey(V4L2_PIX_FMT_UYVY, 6, "uavbucvdueuf", 12, "abcdef");
}

static void a_buffer_too_short_for_its_rows_is_a_damaged_frame(void **state)
{
	struct rc_frame_memory memory = {0};
	struct rc_v4l2_layout layout;
	struct rc_frame frame;

	(void)state;
	assert_int_equal(rc_v4l2_layout(V4L2_PIX_FMT_YUYV, 4, 2, 8, &layout, NULL), RC_OK);
	assert_int_equal(
	    rc_v4l2_read_pixels(&layout, rc_bytes_of("0123456789abcde", 15), &memory, &frame, NULL),
	    RC_EFORMAT);
	rc_frame_memory_deinit(&memory);
}

static void frames_that_can_not_be_are_refused(void **state)
{
	struct rc_v4l2_layout layout;

	(void)state;
	assert_int_equal(rc_v4l2_layout(V4L2_PIX_FMT_GREY, 0, 480, 0, &layout, NULL), RC_ELIMIT);
	assert_int_equal(rc_v4l2_layout(V4L2_PIX_FMT_GREY, 640, 100000, 640, &layout, NULL), RC_ELIMIT);
	assert_int_equal(rc_v4l2_layout(V4L2_PIX_FMT_YUYV, 640, 480, 640, &layout, NULL), RC_EFORMAT);
	assert_int_equal(rc_v4l2_layout(V4L2_PIX_FMT_H264, 640, 480, 0, &layout, NULL), RC_EFORMAT);
}

/* ---- a scanner that reads from a camera ---- */

struct bench {
	char path[64];
	struct fake_camera *camera;
	int fd;
	struct rc_scanner *scanner;
	unsigned finds, wrong;
	int64_t frames;
	bool is_over;
	enum rc_scanner_end end;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int fd;

	assert_non_null(bench);
	(void)snprintf(bench->path, sizeof(bench->path), "/tmp/rollcall-v4l2-XXXXXX");
	fd = mkostemp(bench->path, O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(struct fake_camera)), 0);
	bench->camera =
	    mmap(NULL, sizeof(struct fake_camera), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(bench->camera, MAP_FAILED);
	(void)close(fd);
	bench->camera->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	bench->camera->width = 640;
	bench->camera->height = 480;
	bench->camera->buffer_bytes = 640 * 480 * 2;
	bench->fd = -1;
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_scanner_close(bench->scanner);
	rc_close_p(&bench->fd);
	(void)munmap(bench->camera, sizeof(struct fake_camera));
	(void)unlink(bench->path);
	free(bench);
	return 0;
}

static void take_line(void *context, const struct rc_scanner_line *line)
{
	struct bench *bench = context;

	if (line->kind == RC_SCANNER_LINE_END) {
		bench->is_over = true;
		bench->end = line->end;
	} else if (line->kind == RC_SCANNER_LINE_ALIVE) {
		bench->frames = line->frame;
	} else {
		bench->finds++;
		bench->wrong +=
		    !rc_bytes_is_text(rc_bytes_of(line->find.payload, line->find.size), BADGE);
	}
}

static void start(struct bench *bench)
{
	struct rc_scanner_start start = {.program = RC_FAKE_CAMERA_SCANNER, .picture_fd = -1};
	char setting[80];

	(void)snprintf(setting, sizeof(setting), "v4l2:%s", bench->path);
	assert_int_equal(rc_scanner_open_camera(setting, &start.source, &bench->fd, NULL), RC_OK);
	start.source_fd = bench->fd;
	assert_int_equal(rc_scanner_open(&start, 0, &bench->scanner, NULL), RC_OK);
}

static void look(struct bench *bench)
{
	struct pollfd wait = {.fd = rc_scanner_fd(bench->scanner), .events = POLLIN};

	(void)poll(&wait, 1, -1);
	rc_scanner_handle(bench->scanner, 0, take_line, bench);
}

static void put(struct fake_camera *camera, struct rc_bytes bytes)
{
	assert_true(bytes.size <= FAKE_CAMERA_FRAME_BYTES);
	memcpy(camera->frame, bytes.data, bytes.size);
	camera->frame_size = (uint32_t)bytes.size;
}

/* Two bytes a pixel, the colours in the middle. */
static void put_yuyv(struct fake_camera *camera, const struct canvas *canvas)
{
	const size_t count = (size_t)canvas->width * canvas->height;

	for (size_t i = 0; i < count; i++) {
		camera->frame[2 * i] = canvas->pixels[i];
		camera->frame[2 * i + 1] = 128;
	}
	camera->frame_size = (uint32_t)(2 * count);
}

static void put_jpeg(struct fake_camera *camera, const struct canvas *canvas)
{
	struct rc_buf file = canvas_as_jpeg(canvas, true, false);

	put(camera, rc_buf_bytes(&file));
	rc_buf_deinit(&file);
}

/* Holds the badge up to the camera: one frame in the format. */
static void show_badge(struct bench *bench, uint32_t fourcc)
{
	struct canvas canvas = canvas_new(640, 480, 255);

	canvas_draw_code(&canvas, rc_bytes_of_text(BADGE), 150, 100, 8);
	if (fourcc == V4L2_PIX_FMT_YUYV)
		put_yuyv(bench->camera, &canvas);
	else if (fourcc == V4L2_PIX_FMT_MJPEG)
		put_jpeg(bench->camera, &canvas);
	else
		put(bench->camera, rc_bytes_of(canvas.pixels, (size_t)canvas.width * canvas.height));
	free(canvas.pixels);
	(void)atomic_fetch_add(&bench->camera->sequence, 1);
}

static void find_badge(struct bench *bench, uint32_t fourcc)
{
	const unsigned before = bench->finds;

	show_badge(bench, fourcc);
	while (bench->finds == before) {
		assert_false(bench->is_over);
		look(bench);
	}
	assert_int_equal(bench->wrong, 0);
}

static void a_badge_is_read_from(struct bench *bench, uint32_t fourcc)
{
	bench->camera->formats[0] = fourcc;
	start(bench);
	find_badge(bench, fourcc);
	find_badge(bench, fourcc);
	assert_int_equal(atomic_load(&bench->camera->format), fourcc);
}

static void a_badge_is_read_from_a_grey_camera(void **state)
{
	a_badge_is_read_from(*state, V4L2_PIX_FMT_GREY);
}

static void a_badge_is_read_from_a_webcam(void **state)
{
	a_badge_is_read_from(*state, V4L2_PIX_FMT_YUYV);
}

static void a_badge_is_read_from_a_camera_that_sends_jpeg(void **state)
{
	a_badge_is_read_from(*state, V4L2_PIX_FMT_MJPEG);
}

static void the_format_that_costs_least_is_chosen(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_MJPEG;
	bench->camera->formats[1] = V4L2_PIX_FMT_H264;
	bench->camera->formats[2] = V4L2_PIX_FMT_YUYV;
	start(bench);
	find_badge(bench, V4L2_PIX_FMT_YUYV);
	assert_int_equal(atomic_load(&bench->camera->format), V4L2_PIX_FMT_YUYV);
}

static void await_end(struct bench *bench)
{
	while (!bench->is_over)
		look(bench);
	assert_int_equal(bench->end, RC_SCANNER_END_FAILED);
}

static void a_camera_unplugged_between_two_frames_ends_the_scanner_with_a_word(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_GREY;
	start(bench);
	find_badge(bench, V4L2_PIX_FMT_GREY);
	atomic_store(&bench->camera->is_gone, 1);
	await_end(bench);
}

static void a_camera_that_stands_still_is_given_up(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_GREY;
	start(bench);
	find_badge(bench, V4L2_PIX_FMT_GREY);
	await_end(bench); /* no frame comes any more */
}

static void a_camera_with_formats_we_can_not_read_ends_at_once(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_H264;
	start(bench);
	await_end(bench);
	assert_int_equal(atomic_load(&bench->camera->starts), 0);
}

static void what_is_no_camera_ends_at_once(void **state)
{
	struct bench *bench = *state;

	bench->camera->capabilities = 0;
	start(bench);
	await_end(bench);
}

static void a_camera_that_another_program_uses_ends_at_once(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_GREY;
	atomic_store(&bench->camera->is_in_use, 1);
	start(bench);
	await_end(bench);
}

static void a_driver_that_takes_another_format_than_it_was_told_is_not_believed(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_GREY;
	bench->camera->other_format = V4L2_PIX_FMT_YUYV;
	start(bench);
	await_end(bench);
}

static void lost_damaged_and_short_frames_are_passed_over(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_YUYV;
	start(bench);
	find_badge(bench, V4L2_PIX_FMT_YUYV);
	atomic_store(&bench->camera->loses, 3);
	while (atomic_load(&bench->camera->loses) > 0)
		look(bench);
	atomic_store(&bench->camera->is_flagged, 1);
	show_badge(bench, V4L2_PIX_FMT_YUYV);
	look(bench);
	atomic_store(&bench->camera->is_flagged, 0);
	bench->camera->frame_size = 1000;
	(void)atomic_fetch_add(&bench->camera->sequence, 1);
	look(bench);
	find_badge(bench, V4L2_PIX_FMT_YUYV);
}

static void a_scanner_that_died_leaves_the_camera_to_the_next_one(void **state)
{
	struct bench *bench = *state;

	bench->camera->formats[0] = V4L2_PIX_FMT_GREY;
	start(bench);
	find_badge(bench, V4L2_PIX_FMT_GREY);
	rc_scanner_restart(bench->scanner, bench->fd, 0);
	find_badge(bench, V4L2_PIX_FMT_GREY);
	assert_int_equal(atomic_load(&bench->camera->starts), 2);
}

static void a_camera_that_is_not_there_is_said_to_be_missing(void **state)
{
	const char *source;
	int fd = -1;

	(void)state;
	assert_int_equal(rc_scanner_open_camera("v4l2:/dev/no-such-camera", &source, &fd, NULL),
			 RC_ENOTFOUND);
	assert_int_equal(rc_scanner_open_camera("v4l2:video0", &source, &fd, NULL), RC_EUSAGE);
	assert_int_equal(fd, -1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_brightness_is_found_in_every_format),
	    cmocka_unit_test(a_buffer_too_short_for_its_rows_is_a_damaged_frame),
	    cmocka_unit_test(frames_that_can_not_be_are_refused),
	    T(a_badge_is_read_from_a_grey_camera),
	    T(a_badge_is_read_from_a_webcam),
	    T(a_badge_is_read_from_a_camera_that_sends_jpeg),
	    T(the_format_that_costs_least_is_chosen),
	    T(a_camera_unplugged_between_two_frames_ends_the_scanner_with_a_word),
	    T(a_camera_that_stands_still_is_given_up),
	    T(a_camera_with_formats_we_can_not_read_ends_at_once),
	    T(what_is_no_camera_ends_at_once),
	    T(a_camera_that_another_program_uses_ends_at_once),
	    T(a_driver_that_takes_another_format_than_it_was_told_is_not_believed),
	    T(lost_damaged_and_short_frames_are_passed_over),
	    T(a_scanner_that_died_leaves_the_camera_to_the_next_one),
	    cmocka_unit_test(a_camera_that_is_not_there_is_said_to_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
