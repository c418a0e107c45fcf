/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/layout.h"
#include "firmware/screen/look.h"
#include "firmware/screen/motion.h"
#include "testing.h"

static void assert_box(struct rc_box box, int x, int y, int width, int height)
{
	assert_int_equal(box.x, x);
	assert_int_equal(box.y, y);
	assert_int_equal(box.width, width);
	assert_int_equal(box.height, height);
}

static void the_door_is_as_drawn_at_1280_by_800(void **state)
{
	struct rc_layout layout;

	(void)state;
	rc_layout_of(1280, 800, &layout);
	assert_box(layout.panel, 0, 0, 824, 672);
	assert_box(layout.camera, 848, 40, 384, 360);
	assert_int_equal(layout.side.y + layout.side.height, 652);
	assert_box(layout.bar, 0, 672, 1280, 128);
	assert_int_equal(layout.size[RC_SIZE_T_HEAD], 64);
	assert_int_equal(layout.name_steps[0], 168);
}

static void a_small_panel_has_its_own_sizes(void **state)
{
	struct rc_layout layout;

	(void)state;
	rc_layout_of(800, 480, &layout);
	assert_int_equal(layout.form, RC_FORM_SMALL);
	assert_box(layout.panel, 0, 0, 528, 384);
	assert_int_equal(layout.size[RC_SIZE_TARGET], 80);
	assert_int_equal(layout.name_steps[0], 104);
}

static void what_a_panel_is_wider_or_taller_goes_to_the_verdict(void **state)
{
	struct rc_layout layout;

	(void)state;
	rc_layout_of(1920, 1080, &layout); /* 1.35 by its height; 192 px wider than 1728 */
	assert_int_equal(layout.panel.width, 1112 + 192);
	assert_int_equal(layout.camera.x + layout.camera.width, 1920 - 65);
	rc_layout_of(1280, 1024, &layout); /* 1 by its width; 224 px taller */
	assert_int_equal(layout.panel.height, 672 + 224);
	assert_int_equal(layout.camera.y, 40);
	assert_int_equal(layout.bar.y, 1024 - 128);
}

static void no_panel_lets_things_overlap_or_leave_it(void **state)
{
	static const int sizes[][2] = {{1280, 800},  {800, 480},   {1024, 600}, {1366, 768},
				       {1920, 1080}, {1280, 1024}, {320, 240},  {1080, 1920},
				       {720, 1280},  {8192, 4320}, {600, 1024}};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		struct rc_layout layout;

		rc_layout_of(sizes[i][0], sizes[i][1], &layout);
		if (layout.form == RC_FORM_PORTRAIT)
			assert_true(layout.panel.height <= layout.camera.y);
		else
			assert_true(layout.panel.width <= layout.camera.x);
		assert_true(layout.camera.x + layout.camera.width <= layout.width);
		assert_true(layout.side.x + layout.side.width <= layout.width);
		assert_true(layout.side.y + layout.side.height <= layout.bar.y + 1);
		assert_true(layout.text_bottom > layout.text_top);
	}
}

static void large_text_doubles_the_small_steps_and_leaves_the_huge_ones(void **state)
{
	static const int sizes[][2] = {{1280, 800}, {800, 480}, {1080, 1920}, {1920, 1080}};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		struct rc_layout plain, large;

		rc_layout_of(sizes[i][0], sizes[i][1], &plain);
		large = plain;
		rc_layout_enlarge_text(&large);
		assert_true(large.is_large_text);
		assert_int_equal(large.size[RC_SIZE_T_NOTE], 2 * plain.size[RC_SIZE_T_NOTE]);
		assert_int_equal(large.size[RC_SIZE_T_BODY], 2 * plain.size[RC_SIZE_T_BODY]);
		assert_true(large.size[RC_SIZE_T_LEAD] > 1.7 * plain.size[RC_SIZE_T_LEAD]);
		assert_int_equal(large.size[RC_SIZE_T_CALL], plain.size[RC_SIZE_T_CALL]);
		assert_int_equal(large.name_steps[0], plain.name_steps[0]);
		assert_int_equal(large.size[RC_SIZE_TARGET], plain.size[RC_SIZE_TARGET]);
	}
}

static void large_text_moves_neither_panel_nor_camera_nor_bar(void **state)
{
	struct rc_layout layout;

	(void)state;
	rc_layout_of(1280, 800, &layout);
	rc_layout_enlarge_text(&layout);
	assert_box(layout.panel, 0, 0, 824, 672);
	assert_box(layout.camera, 848, 40, 384, 360);
	assert_box(layout.bar, 0, 672, 1280, 128);
	assert_int_equal(layout.row_max, 1);
	assert_true(layout.row_height < layout.side.height);
	rc_layout_of(1080, 1920, &layout);
	rc_layout_enlarge_text(&layout);
	assert_int_equal(layout.row_max, 2);
	assert_true(2 * layout.row_height + layout.row_gap <= layout.side.height);
}

static void pushed_blocks_share_what_a_column_has_left(void **state)
{
	/* The greeting as drawn: head 136, name 181, line 57 after 14, foot 39, between 56 and 628. */
	struct rc_layout_block blocks[] = {
	    {136, 0, false, 0}, {181, 0, true, 0}, {57, 14, false, 0}, {39, 0, true, 0}};

	(void)state;
	rc_layout_column(56, 628, blocks, 4);
	assert_int_equal(blocks[0].y, 56);
	assert_int_equal(blocks[1].y, 56 + 136 + 72);
	assert_int_equal(blocks[2].y, blocks[1].y + 181 + 14);
	assert_int_equal(blocks[3].y, 628 - 39);
}

static void a_column_that_is_too_long_keeps_its_order(void **state)
{
	struct rc_layout_block blocks[] = {{50, 0, true, 0}, {60, 8, true, 0}};

	(void)state;
	rc_layout_column(0, 100, blocks, 2);
	assert_int_equal(blocks[0].y, 0);
	assert_int_equal(blocks[1].y, 58);
}

/* A text whose widest word and whole length are so many times the size. */
struct fake_text {
	double word, whole;
	int asked_count;
};

static struct rc_text_extent measure(void *context, int size, int max_width)
{
	struct fake_text *text = context;
	bool is_one_line = text->whole * size <= max_width;

	text->asked_count++;
	return (struct rc_text_extent){
	    .width = (int)((is_one_line ? text->whole : text->word) * size),
	    .line_count = is_one_line ? 1 : (int)(text->whole * size / max_width) + 1};
}

static int fitted(double word, double whole)
{
	static const int steps[RC_LAYOUT_NAME_STEPS] = {168, 112, 84, 64};
	struct fake_text text = {.word = word, .whole = whole};

	return rc_layout_fit(steps, (struct rc_box){0, 0, 630, 300}, measure, &text);
}

static void a_name_takes_the_first_step_that_holds_it(void **state)
{
	(void)state;
	assert_int_equal(fitted(2, 2), 168);     /* two characters */
	assert_int_equal(fitted(4, 4), 112);     /* four: too wide at 168, and they never break */
	assert_int_equal(fitted(4.8, 7.5), 112); /* two words, two lines */
	assert_int_equal(fitted(6.5, 8), 84);
	assert_int_equal(fitted(9, 9), 64);
	assert_int_equal(fitted(30, 90), 64); /* nothing holds it: the last step, never less */
}

static void two_lines_must_fit_in_height_too(void **state)
{
	static const int steps[RC_LAYOUT_NAME_STEPS] = {168, 112, 84, 64};
	struct fake_text text = {.word = 3, .whole = 5.5};
	struct rc_box low = {0, 0, 630, 362}, high = {0, 0, 630, 363};

	(void)state;
	assert_int_equal(rc_layout_fit(steps, low, measure, &text), 112);
	assert_int_equal(rc_layout_fit(steps, high, measure, &text), 168);
}

static void each_verdict_has_a_shape_and_a_field_of_its_kind(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		const struct rc_look *look =
		    rc_look_of(&(struct rc_view_scan){.verdict = (enum rc_verdict)i});

		assert_int_not_equal(look->shape, RC_SHAPE_NONE);
		assert_int_not_equal(look->glyph, RC_GLYPH_NONE);
		assert_int_not_equal(look->field, look->ink);
		assert_int_not_equal(look->mark, look->on_mark);
		if (rc_verdict_is_arrival((enum rc_verdict)i)) /* round: come in */
			assert_int_equal(look->edge, RC_EDGE_DISC);
	}
}

static void late_is_amber_and_a_newer_verdict_has_no_shape(void **state)
{
	struct rc_view_scan scan = {.verdict = RC_VERDICT_SIGNED_IN, .late_min = 1};

	(void)state;
	assert_true(rc_look_of(&scan)->is_late);
	assert_int_equal(rc_look_of(&scan)->field, RC_COLOUR_LATE);
	scan.verdict = RC_VERDICT_ALREADY;
	assert_false(rc_look_of(&scan)->is_late);
	scan.is_other = true;
	assert_int_equal(rc_look_of(&scan)->shape, RC_SHAPE_NONE);
}

static void a_movement_begins_fast_never_goes_back_and_ends(void **state)
{
	double last = 0;

	(void)state;
	assert_true(rc_motion_at(-5, 160000) <= 0);
	for (int t = 0; t <= 160000; t += 1000) {
		double here = rc_motion_at(t, 160000);

		assert_true(here >= last && here <= 1);
		last = here;
	}
	assert_true(last >= 1);
	assert_true(rc_motion_at(80000, 160000) > 0.8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_door_is_as_drawn_at_1280_by_800),
	    cmocka_unit_test(a_small_panel_has_its_own_sizes),
	    cmocka_unit_test(what_a_panel_is_wider_or_taller_goes_to_the_verdict),
	    cmocka_unit_test(no_panel_lets_things_overlap_or_leave_it),
	    cmocka_unit_test(large_text_doubles_the_small_steps_and_leaves_the_huge_ones),
	    cmocka_unit_test(large_text_moves_neither_panel_nor_camera_nor_bar),
	    cmocka_unit_test(pushed_blocks_share_what_a_column_has_left),
	    cmocka_unit_test(a_column_that_is_too_long_keeps_its_order),
	    cmocka_unit_test(a_name_takes_the_first_step_that_holds_it),
	    cmocka_unit_test(two_lines_must_fit_in_height_too),
	    cmocka_unit_test(each_verdict_has_a_shape_and_a_field_of_its_kind),
	    cmocka_unit_test(late_is_amber_and_a_newer_verdict_has_no_shape),
	    cmocka_unit_test(a_movement_begins_fast_never_goes_back_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
