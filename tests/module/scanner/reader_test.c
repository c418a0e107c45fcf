/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/scanner/qr_reader.h"
#include "firmware/scanner/warm_up.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"
#include "tests/sim/camera/badge_view.h"

#include <qrencode.h>
#include <stdio.h>
#include <zbar.h>

#ifndef SEEDS
#define SEEDS 20u /* of each difficulty; the ranges were found with 1,000 */
#endif

static struct rc_qr_finds finds;

static int make_reader(void **state)
{
	*state = rc_qr_reader_new();
	return *state ? 0 : -1;
}

static int free_reader(void **state)
{
	rc_qr_reader_free(*state);
	return 0;
}

static size_t read_canvas(struct rc_qr_reader *reader, const struct canvas *canvas)
{
	const struct rc_frame frame = canvas_frame(canvas);

	assert_int_equal(rc_qr_reader_read(reader, &frame, &finds, NULL), RC_OK);
	return finds.count;
}

static void assert_payload(size_t i, struct rc_bytes payload)
{
	assert_int_equal(finds.finds[i].size, payload.size);
	assert_memory_equal(finds.finds[i].payload, payload.data, payload.size);
	assert_int_equal(finds.finds[i].omitted, 0);
}

static void assert_code_comes_back(struct rc_qr_reader *reader, struct rc_bytes payload,
				   unsigned module_pixels)
{
	struct canvas canvas = canvas_of_code(payload, module_pixels);

	assert_int_equal(read_canvas(reader, &canvas), 1);
	assert_payload(0, payload);
	free(canvas.pixels);
}

/* ---- codes that are none of ours ---- */

static void a_code_that_holds_nothing_is_no_find(void **state)
{
	struct canvas canvas = canvas_of_empty_code();

	assert_int_equal(read_canvas(*state, &canvas), 0);
	free(canvas.pixels);
	assert_code_comes_back(*state, rc_bytes_of_text("A"), 4);
}

static void add_bars(char *bars, size_t *count, const char *pattern, bool is_from_behind, bool is_turned)
{
	const size_t size = strlen(pattern);

	for (size_t i = 0; i < size; i++) {
		const bool is_bar = pattern[is_from_behind ? size - 1 - i : i] == '1';

		bars[(*count)++] = is_bar != is_turned ? '1' : '0';
	}
}

/* EAN-13 (ISO/IEC 15420): six digits left of the middle in set A or B as the first one says, six right of it in set C, which is A with
 * its colours turned; B is C from behind. */
static struct canvas canvas_of_bar_code(const char *digits)
{
	static const char *const set_a[] = {"0001101", "0011001", "0010011", "0111101", "0100011",
					    "0110001", "0101111", "0111011", "0110111", "0001011"};
	static const char sets_of_4[] = "ABAABB";
	struct canvas canvas = canvas_new(95 * 4 + 160, 200, 255);
	char bars[95];
	size_t count = 0;

	add_bars(bars, &count, "101", false, false);
	for (size_t i = 1; i < 13; i++) {
		const bool is_b = i <= 6 && sets_of_4[i - 1] == 'B';

		if (i == 7)
			add_bars(bars, &count, "01010", false, false);
		add_bars(bars, &count, set_a[digits[i] - '0'], is_b, is_b || i > 6);
	}
	add_bars(bars, &count, "101", false, false);
	for (unsigned y = 30; y < 170; y++) {
		for (unsigned x = 0; x < 95 * 4; x++)
			canvas.pixels[y * canvas.width + 80 + x] = bars[x / 4] == '1' ? 0 : 255;
	}
	return canvas;
}

/* What zbar reads of it as it comes, with all its symbologies on. */
static int read_as_anything(const struct canvas *canvas)
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	int count;

	zbar_image_set_format(image, 0x30303859); /* Y800 */
	zbar_image_set_size(image, canvas->width, canvas->height);
	zbar_image_set_data(image, canvas->pixels, (unsigned long)canvas->width * canvas->height, NULL);
	count = zbar_scan_image(scanner, image);
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(scanner);
	return count;
}

static void a_bar_code_is_not_read_though_zbar_could(void **state)
{
	struct canvas canvas = canvas_of_bar_code("4006381333931");

	assert_int_equal(read_as_anything(&canvas), 1);
	assert_int_equal(read_canvas(*state, &canvas), 0);
	free(canvas.pixels);
}

static void a_badge_is_read_with_its_corners(void **state)
{
	struct canvas canvas = canvas_of_code(rc_bytes_of_text(BADGE), 8);
	const int near = 4 * 8, far = (int)canvas.width - 4 * 8;
	const struct rc_scanner_point want[4] = {{near, near}, {far, near}, {far, far}, {near, far}};

	assert_int_equal(read_canvas(*state, &canvas), 1);
	assert_payload(0, rc_bytes_of_text(BADGE));
	assert_int_equal(finds.finds[0].turn, 0);
	for (size_t i = 0; i < 4; i++) {
		assert_in_range(finds.finds[0].corners[i].x + 4 - want[i].x, 0, 8);
		assert_in_range(finds.finds[0].corners[i].y + 4 - want[i].y, 0, 8);
	}
	free(canvas.pixels);
}

/* A quarter turn clockwise. */
static struct canvas turned(const struct canvas *canvas)
{
	struct canvas to = canvas_new(canvas->height, canvas->width, 0);

	for (unsigned y = 0; y < to.height; y++) {
		for (unsigned x = 0; x < to.width; x++)
			to.pixels[(size_t)y * to.width + x] =
			    canvas->pixels[(size_t)(canvas->height - 1 - x) * canvas->width + y];
	}
	return to;
}

static void a_turned_code_says_by_how_much_and_which_corner_is_its_first(void **state)
{
	struct canvas canvas = canvas_of_code(rc_bytes_of_text(BADGE), 8);

	for (int turn = 0; turn < 360; turn += 90) {
		struct canvas next = turned(&canvas);
		const bool is_right = turn == 90 || turn == 180, is_low = turn == 180 || turn == 270;

		assert_int_equal(read_canvas(*state, &canvas), 1);
		assert_int_equal(finds.finds[0].turn, turn);
		assert_int_equal(finds.finds[0].corners[0].x > (int)canvas.width / 2, is_right);
		assert_int_equal(finds.finds[0].corners[0].y > (int)canvas.height / 2, is_low);
		free(canvas.pixels);
		canvas = next;
	}
	free(canvas.pixels);
}

static void every_byte_value_comes_back_exactly(void **state)
{
	uint8_t all[256];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	assert_code_comes_back(*state, rc_bytes_of(all, sizeof(all)), 5);
	assert_code_comes_back(*state, rc_bytes_of("\0", 1), 8);
	assert_code_comes_back(*state, rc_bytes_of("a\0b\0\0", 5), 8);
	assert_code_comes_back(*state, rc_bytes_of("\xb9\xab\xcb\xbe", 4),
			       8); /* GBK, which a guess would turn into UTF-8 */
	assert_code_comes_back(*state, rc_bytes_of("\xef\xbb\xbf\xc3\x28\xff", 6), 8);
	assert_code_comes_back(*state, rc_bytes_of("\xed\xa0\x80\xe2\x80\xae", 6), 8);
}

static void the_largest_binary_code_comes_back_exactly(void **state)
{
	static uint8_t large[2953];

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 31 + i / 256);
	assert_code_comes_back(*state, rc_bytes_of(large, sizeof(large)), 4);
}

static void a_code_longer_than_a_line_is_cut_and_says_so(void **state)
{
	static uint8_t digits[7089];
	struct canvas canvas;

	memset(digits, '7', sizeof(digits));
	canvas = canvas_of_code(rc_bytes_of(digits, sizeof(digits)), 4);
	assert_int_equal(read_canvas(*state, &canvas), 1);
	assert_int_equal(finds.finds[0].size, RC_SCANNER_PAYLOAD_MAX_BYTES);
	assert_int_equal(finds.finds[0].omitted, sizeof(digits) - RC_SCANNER_PAYLOAD_MAX_BYTES);
	assert_memory_equal(finds.finds[0].payload, digits, RC_SCANNER_PAYLOAD_MAX_BYTES);
	free(canvas.pixels);
}

static void two_codes_in_one_frame_are_both_read(void **state)
{
	struct canvas canvas = canvas_new(640, 480, 255);
	bool is_first_found = false, is_second_found = false;

	canvas_draw_code(&canvas, rc_bytes_of_text("FIRST"), 40, 40, 6);
	canvas_draw_code(&canvas, rc_bytes_of_text("SECOND"), 400, 260, 6);
	assert_int_equal(read_canvas(*state, &canvas), 2);
	for (size_t i = 0; i < 2; i++) {
		is_first_found |= rc_bytes_is_text(
		    rc_bytes_of(finds.finds[i].payload, finds.finds[i].size), "FIRST");
		is_second_found |= rc_bytes_is_text(
		    rc_bytes_of(finds.finds[i].payload, finds.finds[i].size), "SECOND");
	}
	assert_true(is_first_found && is_second_found);
	free(canvas.pixels);
}

static void no_more_than_eight_codes_of_a_frame_are_reported(void **state)
{
	struct canvas canvas = canvas_new(1280, 720, 255);
	char text[2] = "A";

	for (unsigned i = 0; i < 12; i++) {
		text[0] = (char)('A' + i);
		canvas_draw_code(&canvas, rc_bytes_of_text(text), 40 + i % 4 * 300, 40 + i / 4 * 220, 6);
	}
	assert_int_equal(read_canvas(*state, &canvas), RC_SCANNER_FINDS_MAX);
	free(canvas.pixels);
}

/* One symbol of a series, as libqrencode makes it. */
static void draw_part(struct canvas *canvas, const QRcode *code, unsigned left, unsigned top)
{
	for (int y = 0; y < code->width * 6; y++) {
		for (int x = 0; x < code->width * 6; x++)
			canvas->pixels[(top + (unsigned)y) * canvas->width + left + (unsigned)x] =
			    code->data[y / 6 * code->width + x / 6] & 1 ? 0 : 255;
	}
}

static void a_code_that_is_part_of_a_series_is_seen_and_not_read(void **state)
{
	const char *text = "RC1:ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789";
	QRcode_List *parts = QRcode_encodeStringStructured(text, 2, QR_ECLEVEL_L, QR_MODE_8, 1);
	struct canvas one = canvas_new(640, 480, 255), all = canvas_new(1280, 720, 255);
	unsigned left = 60;

	assert_non_null(parts);
	assert_true(QRcode_List_size(parts) > 1);
	draw_part(&one, parts->code, 60, 60);
	assert_int_equal(read_canvas(*state, &one), 0);
	for (QRcode_List *part = parts; part; part = part->next, left += 250)
		draw_part(&all, part->code, left, 200);
	assert_int_equal(read_canvas(*state, &all), 0); /* nor when zbar puts the whole series together */
	QRcode_List_free(parts);
	free(one.pixels);
	free(all.pixels);
}

/* Code 39 of "*CODE39*": of nine bars and gaps a character, W is a wide one. */
static struct canvas code_39(void)
{
	static const char *const characters[] = {"nWnnWnWnn", "WnWnnWnnn", "WnnnWnnWn", "nnnnWnnWW"};
	static const unsigned text[] = {0, 1, 2, 3, 0};
	struct canvas canvas = canvas_new(640, 200, 255);
	unsigned x = 60;

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		for (unsigned element = 0; element < 9; element++) {
			const unsigned width = characters[text[i]][element] == 'W' ? 9 : 3;

			for (unsigned y = 40; y < 160 && element % 2 == 0; y++)
				memset(canvas.pixels + y * canvas.width + x, 0, width);
			x += width;
		}
		x += 3;
	}
	return canvas;
}

static void bar_codes_are_not_for_us(void **state)
{
	struct canvas canvas = code_39();
	zbar_image_scanner_t *any = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();

	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, canvas.width, canvas.height);
	zbar_image_set_data(image, canvas.pixels, (unsigned long)canvas.width * canvas.height, NULL);
	assert_int_equal(zbar_scan_image(any, image),
			 1); /* a reader for all codes finds it, or this test proves nothing */
	assert_int_equal(read_canvas(*state, &canvas), 0);
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(any);
	free(canvas.pixels);
}

static void pictures_without_a_code_hold_none(void **state)
{
	static const unsigned sides[][2] = {{1, 1}, {2, 3}, {1, 600}, {640, 480}};
	uint32_t noise = 1;

	for (size_t i = 0; i < 4; i++) {
		struct canvas canvas = canvas_new(sides[i][0], sides[i][1], 0);

		assert_int_equal(read_canvas(*state, &canvas), 0);
		memset(canvas.pixels, 255, (size_t)canvas.width * canvas.height);
		assert_int_equal(read_canvas(*state, &canvas), 0);
		for (size_t pixel = 0; pixel < (size_t)canvas.width * canvas.height; pixel++) {
			noise = noise * 1664525u + 1013904223u;
			canvas.pixels[pixel] = (uint8_t)(noise >> 24);
		}
		assert_int_equal(read_canvas(*state, &canvas), 0);
		free(canvas.pixels);
	}
}

static void a_frame_over_the_limit_is_refused(void **state)
{
	const uint8_t pixel = 0;
	struct rc_frame frame = {.pixels = &pixel, .width = 8192, .height = 8192};

	assert_int_equal(rc_qr_reader_read(*state, &frame, &finds, NULL), RC_ELIMIT);
	frame.width = 0;
	assert_int_equal(rc_qr_reader_read(*state, &frame, &finds, NULL), RC_ELIMIT);
}

static void the_built_in_pictures_are_read(void **state)
{
	assert_int_equal(rc_scanner_warm_up(*state, &finds, NULL), RC_OK);
}

static void read_views(struct rc_qr_reader *reader, struct rc_badge_view view, unsigned seeds)
{
	struct canvas canvas = canvas_new(view.width, view.height, 0);
	struct rc_badge_card card;
	static struct rc_qr qr;
	unsigned missed = 0;

	assert_int_equal(rc_qr_encode(rc_bytes_of_text(BADGE), RC_QR_QUARTILE, &qr, NULL), RC_OK);
	assert_int_equal(rc_badge_card_of_qr(&qr, &card, NULL), RC_OK);
	for (view.seed = 1; view.seed <= seeds; view.seed++) {
		view.frame = view.seed % 7;
		assert_int_equal(rc_badge_view_draw(&card, &view, canvas.pixels), RC_OK);
		if (read_canvas(reader, &canvas) == 1)
			assert_payload(0, rc_bytes_of_text(BADGE));
		else if (++missed)
			print_message("difficulty %d, seed %u is not read\n", view.difficulty,
				      (unsigned)view.seed);
	}
	if (missed > 0)
		fail();
	free(canvas.pixels);
	free(card.pixels);
}

static void a_badge_held_still_is_read_at_every_difficulty(void **state)
{
	struct rc_badge_view vga = {.width = 640, .height = 480, .nearness = 1};
	struct rc_badge_view hd = {.width = 1280, .height = 720, .nearness = 1};

	for (enum rc_badge_difficulty difficulty = RC_BADGE_PLAIN;
	     difficulty < RC_BADGE_DIFFICULTIES; difficulty++) {
		vga.difficulty = hd.difficulty = difficulty;
		read_views(*state, vga, SEEDS);
		read_views(*state, hd, SEEDS / 8 + 1);
	}
}

static void an_empty_room_holds_no_code_and_the_same_seed_gives_the_same_bytes(void **state)
{
	struct rc_badge_view view = {.width = 640, .height = 480, .difficulty = RC_BADGE_MIXED};
	struct canvas first = canvas_new(640, 480, 0), second = canvas_new(640, 480, 1);

	for (view.seed = 1; view.seed <= 10; view.seed++) {
		assert_int_equal(rc_badge_view_draw_empty(&view, first.pixels), RC_OK);
		assert_int_equal(rc_badge_view_draw_empty(&view, second.pixels), RC_OK);
		assert_memory_equal(first.pixels, second.pixels, 640 * 480);
		assert_int_equal(read_canvas(*state, &first), 0);
	}
	view.seed = 99;
	assert_int_equal(rc_badge_view_draw_empty(&view, second.pixels), RC_OK);
	assert_memory_not_equal(first.pixels, second.pixels, 640 * 480);
	free(first.pixels);
	free(second.pixels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_badge_is_read_with_its_corners),
	    cmocka_unit_test(a_turned_code_says_by_how_much_and_which_corner_is_its_first),
	    cmocka_unit_test(every_byte_value_comes_back_exactly),
	    cmocka_unit_test(the_largest_binary_code_comes_back_exactly),
	    cmocka_unit_test(a_code_longer_than_a_line_is_cut_and_says_so),
	    cmocka_unit_test(two_codes_in_one_frame_are_both_read),
	    cmocka_unit_test(no_more_than_eight_codes_of_a_frame_are_reported),
	    cmocka_unit_test(a_code_that_is_part_of_a_series_is_seen_and_not_read),
	    cmocka_unit_test(bar_codes_are_not_for_us),
	    cmocka_unit_test(pictures_without_a_code_hold_none),
	    cmocka_unit_test(a_frame_over_the_limit_is_refused),
	    cmocka_unit_test(a_code_that_holds_nothing_is_no_find),
	    cmocka_unit_test(a_bar_code_is_not_read_though_zbar_could),
	    cmocka_unit_test(the_built_in_pictures_are_read),
	    cmocka_unit_test(a_badge_held_still_is_read_at_every_difficulty),
	    cmocka_unit_test(an_empty_room_holds_no_code_and_the_same_seed_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, make_reader, free_reader);
}
