/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can it be read? Contrast as WCAG 2 measures it, of the colours that the program draws with (made from tokens.css), in
 * both themes. What must be read in passing needs 7, other text 4.5, marks and borders 3.
 */
#include "firmware/screen/look.h"
#include "testing.h"

#include <math.h>

#define GREETING 7.0
#define TEXT     4.5
#define MARK     3.0

enum { LIGHT, DARK, THEME_COUNT };

/* Relative luminance: the share of white's light that an sRGB colour gives. */
static double linear(double channel)
{
	return channel <= 0.03928 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4);
}

static double luminance(const struct rc_rgba *colour)
{
	return 0.2126 * linear(colour->r) + 0.7152 * linear(colour->g) + 0.0722 * linear(colour->b);
}

static double contrast(const struct rc_rgba *a, const struct rc_rgba *b)
{
	double lighter = fmax(luminance(a), luminance(b)), darker = fmin(luminance(a), luminance(b));

	return (lighter + 0.05) / (darker + 0.05);
}

static void assert_contrast(enum rc_colour a, enum rc_colour b, double floor)
{
	for (int theme = LIGHT; theme < THEME_COUNT; theme++) {
		double is = contrast(&rc_token_colours[theme][a], &rc_token_colours[theme][b]);

		if (is < floor)
			fail_msg("%s on %s is %.2f in %s, less than %.1f", rc_token_colour_names[a],
				 rc_token_colour_names[b], is, theme == DARK ? "dark" : "light", floor);
	}
}

static void black_on_white_is_21_and_grey_is_in_between(void **state)
{
	static const struct rc_rgba black = {0, 0, 0, 1}, white = {1, 1, 1, 1};
	static const struct rc_rgba grey = {0x76 / 255.0, 0x76 / 255.0, 0x76 / 255.0, 1};

	(void)state;
	assert_true(fabs(contrast(&black, &white) - 21) < 1e-9);
	assert_true(fabs(contrast(&white, &white) - 1) < 1e-9);
	assert_true(fabs(contrast(&grey, &white) - 4.54) < 0.005); /* the lightest grey that passes on white */
}

static void each_verdicts_words_are_read_in_passing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		for (int late_min = 0; late_min < 2; late_min++) {
			struct rc_view_scan scan = {.verdict = (enum rc_verdict)i, .late_min = late_min};
			const struct rc_look *look = rc_look_of(&scan);

			assert_contrast(look->ink, look->field, GREETING);
			assert_contrast(look->on_mark, look->mark, TEXT);
			assert_contrast(look->mark, RC_COLOUR_SURFACE, MARK); /* a row of the stack */
			assert_contrast(look->mark, RC_COLOUR_GROUND, MARK);
		}
	}
}

static void a_newer_verdict_and_a_fault_are_read_too(void **state)
{
	const struct rc_view_scan other = {.is_other = true};
	const struct rc_view fault = {.screen = RC_VIEW_FAULT};

	(void)state;
	assert_contrast(rc_look_of(&other)->ink, rc_look_of(&other)->field, GREETING);
	assert_contrast(rc_look_of_view(&fault)->ink, rc_look_of_view(&fault)->field, GREETING);
	assert_contrast(rc_look_calm()->ink, rc_look_calm()->field, GREETING);
}

static void fields_and_tints_keep_their_floor_even_where_no_verdict_uses_them(void **state)
{
	static const enum rc_colour pairs[][2] = {
	    {RC_COLOUR_ON_IN, RC_COLOUR_IN},
	    {RC_COLOUR_ON_LATE, RC_COLOUR_LATE},
	    {RC_COLOUR_ON_GO, RC_COLOUR_GO},
	    {RC_COLOUR_ON_WAIT, RC_COLOUR_WAIT},
	    {RC_COLOUR_ON_ASK, RC_COLOUR_ASK},
	    {RC_COLOUR_ON_IN_TINT, RC_COLOUR_IN_TINT},
	    {RC_COLOUR_ON_LATE_TINT, RC_COLOUR_LATE_TINT},
	    {RC_COLOUR_ON_GO_TINT, RC_COLOUR_GO_TINT},
	    {RC_COLOUR_ON_WAIT_TINT, RC_COLOUR_WAIT_TINT},
	    {RC_COLOUR_ON_ASK_TINT, RC_COLOUR_ASK_TINT},
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(pairs); i++)
		assert_contrast(pairs[i][0], pairs[i][1], GREETING);
}

static void text_is_read_on_whatever_it_stands(void **state)
{
	(void)state;
	assert_contrast(RC_COLOUR_INK, RC_COLOUR_GROUND, GREETING);
	assert_contrast(RC_COLOUR_INK, RC_COLOUR_SURFACE, GREETING);
	assert_contrast(RC_COLOUR_INK, RC_COLOUR_SUNKEN, TEXT);
	assert_contrast(RC_COLOUR_INK, RC_COLOUR_RAISED, TEXT);
	assert_contrast(RC_COLOUR_INK_2, RC_COLOUR_GROUND, TEXT);
	assert_contrast(RC_COLOUR_INK_2, RC_COLOUR_SURFACE, TEXT);
	assert_contrast(RC_COLOUR_INK_2, RC_COLOUR_SUNKEN, TEXT);
	assert_contrast(RC_COLOUR_ON_ACTION, RC_COLOUR_ACTION, TEXT);
}

static void borders_and_the_keyboards_ring_are_seen(void **state)
{
	(void)state;
	assert_contrast(RC_COLOUR_EDGE, RC_COLOUR_GROUND, MARK);
	assert_contrast(RC_COLOUR_EDGE, RC_COLOUR_SURFACE, MARK);
	assert_contrast(RC_COLOUR_FOCUS, RC_COLOUR_GROUND, MARK);
	assert_contrast(RC_COLOUR_FOCUS, RC_COLOUR_SURFACE, MARK);
}

static void amber_and_green_differ_in_grey_too(void **state)
{
	(void)state;
	assert_contrast(RC_COLOUR_LATE, RC_COLOUR_IN, MARK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(black_on_white_is_21_and_grey_is_in_between),
	    cmocka_unit_test(each_verdicts_words_are_read_in_passing),
	    cmocka_unit_test(a_newer_verdict_and_a_fault_are_read_too),
	    cmocka_unit_test(fields_and_tints_keep_their_floor_even_where_no_verdict_uses_them),
	    cmocka_unit_test(text_is_read_on_whatever_it_stands),
	    cmocka_unit_test(borders_and_the_keyboards_ring_are_seen),
	    cmocka_unit_test(amber_and_green_differ_in_grey_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
