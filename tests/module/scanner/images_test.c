/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/scanner/image_file.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A slope from black to white, so that a wrong row, column or colour shows. */
static struct canvas slope(unsigned width, unsigned height)
{
	struct canvas canvas = canvas_new(width, height, 0);

	for (unsigned y = 0; y < height; y++) {
		for (unsigned x = 0; x < width; x++)
			canvas.pixels[(size_t)y * width + x] =
			    (uint8_t)((x * 255 / width + y * 255 / height) / 2);
	}
	return canvas;
}

/* Takes the canvas and the file. */
static void assert_decodes(struct canvas canvas, struct rc_buf file, int tolerance)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	struct rc_frame frame = {0};

	assert_int_equal(rc_image_file_decode(rc_buf_bytes(&file), &memory, &frame, NULL), RC_OK);
	assert_int_equal(frame.width, canvas.width);
	assert_int_equal(frame.height, canvas.height);
	for (size_t i = 0; i < (size_t)frame.width * frame.height; i++)
		assert_in_range(frame.pixels[i] + 10 - canvas.pixels[i], 10 - tolerance, 10 + tolerance);
	rc_buf_deinit(&file);
	free(canvas.pixels);
}

static void a_pgm_is_read_as_it_is(void **state)
{
	struct canvas canvas = slope(37, 11);

	(void)state;
	assert_decodes(canvas, canvas_as_pgm(&canvas), 0);
}

static void a_png_is_read_as_grey(void **state)
{
	struct canvas grey = slope(64, 48), colour = slope(31, 7);

	(void)state;
	assert_decodes(grey, canvas_as_png(&grey, false), 0);
	assert_decodes(colour, canvas_as_png(&colour, true), 1);
}

static void a_jpeg_is_read_as_grey_also_when_progressive(void **state)
{
	struct canvas grey = slope(64, 48), colour = slope(33, 17), progressive = slope(100, 80);

	(void)state;
	assert_decodes(grey, canvas_as_jpeg(&grey, false, false), 8);
	assert_decodes(colour, canvas_as_jpeg(&colour, true, false), 8);
	assert_decodes(progressive, canvas_as_jpeg(&progressive, true, true), 8);
}

static void a_picture_of_one_pixel_is_a_picture(void **state)
{
	struct canvas pgm = canvas_new(1, 1, 77), png = canvas_new(1, 1, 200),
		      jpeg = canvas_new(1, 1, 128);

	(void)state;
	assert_decodes(pgm, canvas_as_pgm(&pgm), 0);
	assert_decodes(png, canvas_as_png(&png, false), 0);
	assert_decodes(jpeg, canvas_as_jpeg(&jpeg, false, false), 2);
}

static enum rc_status status_of(struct rc_bytes bytes, struct rc_error *err)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	struct rc_frame frame;

	return rc_image_file_decode(bytes, &memory, &frame, err);
}

/* All but the last `tail` bytes, which hold no pixels (the end marks of PNG and JPEG). */
static void assert_every_cut_is_refused(struct rc_buf file, size_t tail)
{
	const size_t step = file.size / 97 + 1;

	for (size_t size = 0; size + tail < file.size; size += size < 64 ? 1 : step)
		assert_int_not_equal(status_of(rc_bytes_of(file.data, size), NULL), RC_OK);
	assert_int_equal(status_of(rc_buf_bytes(&file), NULL), RC_OK);
	rc_buf_deinit(&file);
}

static void a_picture_that_ends_too_early_is_refused_wherever_it_is_cut(void **state)
{
	RC_AUTO(rc_free_p) uint8_t *pixels = NULL;
	struct canvas canvas = slope(90, 70);

	(void)state;
	pixels = canvas.pixels;
	assert_every_cut_is_refused(canvas_as_pgm(&canvas), 0);
	assert_every_cut_is_refused(canvas_as_png(&canvas, true), 16);
	assert_every_cut_is_refused(canvas_as_jpeg(&canvas, true, false), 2);
	assert_every_cut_is_refused(canvas_as_jpeg(&canvas, true, true), 2);
}

/* The value doesn't matter, the reader staying whole does (sanitizers look on). */
static void flip_each_byte(struct rc_buf file)
{
	for (size_t i = 0; i < file.size; i += file.size / 400 + 1) {
		file.data[i] ^= 0x55;
		(void)!status_of(rc_buf_bytes(&file), NULL);
		file.data[i] ^= 0x55;
	}
	assert_int_equal(status_of(rc_buf_bytes(&file), NULL), RC_OK);
	rc_buf_deinit(&file);
}

static void a_damaged_byte_anywhere_costs_at_most_the_picture(void **state)
{
	RC_AUTO(rc_free_p) uint8_t *pixels = NULL;
	struct canvas canvas = slope(90, 70);

	(void)state;
	pixels = canvas.pixels;
	flip_each_byte(canvas_as_pgm(&canvas));
	flip_each_byte(canvas_as_png(&canvas, true));
	flip_each_byte(canvas_as_jpeg(&canvas, true, false));
	flip_each_byte(canvas_as_jpeg(&canvas, true, true));
}

/* Writes big-endian values into a good file's header. */
static struct rc_buf with_sides(struct rc_buf file, size_t place, size_t bytes, const uint32_t sides[2])
{
	for (size_t i = 0; i < 2; i++) {
		for (size_t byte = 0; byte < bytes; byte++)
			file.data[place + i * bytes + byte] =
			    (uint8_t)(sides[i] >> (8 * (bytes - 1 - byte)));
	}
	return file;
}

/* Where the two sides of 16 bits stand: behind FF C0, a length of 2 and a precision of 1; height first. */
static size_t jpeg_sides_place(const struct rc_buf *file)
{
	for (size_t i = 0; i + 9 < file->size; i++) {
		if (file->data[i] == 0xFF && file->data[i + 1] == 0xC0)
			return i + 5;
	}
	fail();
	return 0;
}

static void assert_limit(struct rc_buf file, const char *says)
{
	struct rc_error err = {0};

	assert_int_equal(status_of(rc_buf_bytes(&file), &err), RC_ELIMIT);
	assert_non_null(strstr(err.text, says));
	rc_buf_deinit(&file);
}

static void sides_over_the_limit_are_refused_by_the_header_alone(void **state)
{
	RC_AUTO(rc_free_p) uint8_t *pixels = NULL;
	struct canvas canvas = slope(16, 16);
	struct rc_buf jpeg = canvas_as_jpeg(&canvas, false, false);
	struct rc_buf pgm;

	(void)state;
	pixels = canvas.pixels;
	assert_limit(with_sides(canvas_as_png(&canvas, false), 16, 4, (const uint32_t[]){8192, 8192}),
		     "8192");
	assert_limit(with_sides(canvas_as_png(&canvas, false), 16, 4, (const uint32_t[]){4097, 1}),
		     "4097");
	assert_limit(with_sides(canvas_as_png(&canvas, false), 16, 4,
				(const uint32_t[]){UINT32_MAX, UINT32_MAX}),
		     "4294967295");
	assert_limit(with_sides(jpeg, jpeg_sides_place(&jpeg), 2, (const uint32_t[]){65000, 65000}),
		     "65000");
	rc_buf_init(&pgm, 100);
	rc_buf_append_text(&pgm, "P5 8192 8192 255\n");
	assert_limit(pgm, "8192");
}

static void pictures_without_a_pixel_are_refused(void **state)
{
	RC_AUTO(rc_free_p) uint8_t *pixels = NULL;
	struct canvas canvas = slope(16, 16);

	(void)state;
	pixels = canvas.pixels;
	assert_limit(with_sides(canvas_as_png(&canvas, false), 16, 4, (const uint32_t[]){0, 0}), "0");
	assert_int_equal(status_of(rc_bytes_of_text("P5 0 0 255\n"), NULL), RC_ELIMIT);
	assert_int_equal(status_of(rc_bytes_of_text("P5 0 5 255\n"), NULL), RC_ELIMIT);
}

static void pgm_headers_that_mean_nothing_are_refused(void **state)
{
	static const char *const headers[] = {
	    "P5",
	    "P5 ",
	    "P5 1",
	    "P5 1 1",
	    "P5 1 1 255",
	    "P51 1 255\nx",
	    "P5 -1 1 255\nx",
	    "P5 1 1 0\nx",
	    "P5 1 1 256\nx",
	    "P5 1 1 65535\nxx",
	    "P5 99999999999999999999 1 255\nx",
	    "P5 1 1 255x",
	    "P5 # no end",
	    "P5 1 1 255\n",
	    "P2 1 1 255\n1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(status_of(rc_bytes_of_text(headers[i]), NULL), RC_EFORMAT);
}

static void a_pgm_with_another_white_is_stretched(void **state)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	struct rc_frame frame = {0};

	(void)state;
	assert_int_equal(rc_image_file_decode(rc_bytes_of("P5 4 1 15\n\0\x01\x0f\x20", 14), &memory,
					      &frame, NULL),
			 RC_OK);
	assert_memory_equal(frame.pixels, ((const uint8_t[]){0, 17, 255, 255}), 4);
}

static void files_that_are_no_picture_are_refused(void **state)
{
	static const char *const texts[] = {"",       "x",  "GIF89a",   "RIFF....WEBP",
					    "<svg/>", "BM", "\xff\xd8", "\x89PNG"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(status_of(rc_bytes_of_text(texts[i]), NULL), RC_EFORMAT);
}

static void the_same_memory_serves_pictures_of_all_sizes(void **state)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	RC_AUTO(rc_buf_deinit) struct rc_buf file;
	static const unsigned sides[] = {50, 10, 300, 1};
	struct rc_frame frame;

	(void)state;
	rc_buf_init(&file, RC_IMAGE_FILE_MAX_BYTES);
	for (size_t i = 0; i < 4; i++) {
		struct canvas canvas = slope(sides[i], sides[i]);
		struct rc_buf bytes = canvas_as_png(&canvas, false);
		RC_AUTO(rc_close_p) int fd = memfd_of(rc_buf_bytes(&bytes));

		assert_int_equal(rc_image_file_read(fd, &file, &memory, &frame, NULL), RC_OK);
		assert_int_equal(frame.width, sides[i]);
		assert_memory_equal(frame.pixels, canvas.pixels, (size_t)sides[i] * sides[i]);
		rc_buf_deinit(&bytes);
		free(canvas.pixels);
	}
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	RC_AUTO(rc_buf_deinit) struct rc_buf file;
	RC_AUTO(rc_close_p) int folder = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	struct rc_frame frame;
	int ends[2];

	(void)state;
	rc_buf_init(&file, RC_IMAGE_FILE_MAX_BYTES);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(rc_image_file_read(ends[0], &file, &memory, &frame, NULL), RC_EIO);
	assert_int_equal(rc_image_file_read(folder, &file, &memory, &frame, NULL), RC_EIO);
	assert_int_equal(rc_image_file_read(-1, &file, &memory, &frame, NULL), RC_EIO);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void a_file_over_the_size_limit_is_refused(void **state)
{
	RC_AUTO(rc_frame_memory_deinit) struct rc_frame_memory memory = {0};
	RC_AUTO(rc_buf_deinit) struct rc_buf file;
	RC_AUTO(rc_close_p) int fd = memfd_of(rc_bytes_of_text("P5 1 1 255\nx"));
	struct rc_frame frame;

	(void)state;
	rc_buf_init(&file, RC_IMAGE_FILE_MAX_BYTES);
	assert_int_equal(ftruncate(fd, (off_t)RC_IMAGE_FILE_MAX_BYTES + 1), 0);
	assert_int_equal(rc_image_file_read(fd, &file, &memory, &frame, NULL), RC_ELIMIT);
}

static void a_frame_is_shrunk_from_its_middle(void **state)
{
	struct canvas canvas = canvas_new(640, 480, 10);
	struct rc_frame frame = canvas_frame(&canvas);
	uint8_t small[320 * 200];
	struct rc_scanner_point point;

	(void)state;
	/* 640 × 400 of it are shown: 40 rows above are cut off. A white block of 2 × 2 becomes one pixel. */
	for (unsigned y = 240; y < 242; y++)
		memset(canvas.pixels + y * 640u + 100, 250, 2);
	rc_frame_shrink(&frame, 320, 200, small);
	assert_int_equal(small[100 * 320 + 50], 250);
	assert_int_equal(small[100 * 320 + 51], 10);
	point = rc_frame_shrink_point(&frame, 320, 200, (struct rc_scanner_point){100, 240});
	assert_int_equal(point.x, 50);
	assert_int_equal(point.y, 100);
	point = rc_frame_shrink_point(&frame, 320, 200, (struct rc_scanner_point){0, 0});
	assert_int_equal(point.y, -20);
	free(canvas.pixels);
}

static void a_tiny_or_narrow_frame_is_shrunk_too(void **state)
{
	static const unsigned sides[][2] = {{1, 1}, {1, 4096}, {4096, 1}, {3, 2}};
	uint8_t small[320 * 200];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct canvas canvas = canvas_new(sides[i][0], sides[i][1], 99);
		struct rc_frame frame = canvas_frame(&canvas);

		memset(small, 0, sizeof(small));
		rc_frame_shrink(&frame, 320, 200, small);
		for (size_t pixel = 0; pixel < sizeof(small); pixel++)
			assert_int_equal(small[pixel], 99);
		free(canvas.pixels);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pgm_is_read_as_it_is),
	    cmocka_unit_test(a_png_is_read_as_grey),
	    cmocka_unit_test(a_jpeg_is_read_as_grey_also_when_progressive),
	    cmocka_unit_test(a_picture_of_one_pixel_is_a_picture),
	    cmocka_unit_test(a_picture_that_ends_too_early_is_refused_wherever_it_is_cut),
	    cmocka_unit_test(a_damaged_byte_anywhere_costs_at_most_the_picture),
	    cmocka_unit_test(sides_over_the_limit_are_refused_by_the_header_alone),
	    cmocka_unit_test(pictures_without_a_pixel_are_refused),
	    cmocka_unit_test(pgm_headers_that_mean_nothing_are_refused),
	    cmocka_unit_test(a_pgm_with_another_white_is_stretched),
	    cmocka_unit_test(files_that_are_no_picture_are_refused),
	    cmocka_unit_test(the_same_memory_serves_pictures_of_all_sizes),
	    cmocka_unit_test(what_is_no_file_is_refused_without_waiting),
	    cmocka_unit_test(a_file_over_the_size_limit_is_refused),
	    cmocka_unit_test(a_frame_is_shrunk_from_its_middle),
	    cmocka_unit_test(a_tiny_or_narrow_frame_is_shrunk_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
