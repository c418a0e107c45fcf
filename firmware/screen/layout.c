/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/layout.h"

#include <math.h>

/* What the tokens don't hold: places and sizes as they were drawn for each form. */
struct drawn {
	int width, height;
	struct rc_box panel, camera, side;
	int text_left, text_top, text_bottom; /* paddings */
	int text_right, text_right_wide;
	int shape, shape_gap, line, line_gap, who;
	int name_steps[RC_LAYOUT_NAME_STEPS];
	int enrol_call, step, step_gap;
	int row_height, row_gap, row_pad, row_mark, row_mark_gap, row_name;
	int count, count_gap, seats_per_row, seat_gap, seats_top, seat_edge;
	int now, icon_mark, icon_note, icon_button, button_pad, button_gap;
};

/* clang-format off */
static const struct drawn drawn_forms[RC_FORM_COUNT] = {
    [RC_FORM_BASE] = {.width = 1280, .height = 800,
		      .panel = {0, 0, 824, 672}, .camera = {848, 40, 384, 360}, .side = {848, 400, 384, 252},
		      .text_left = 64, .text_top = 56, .text_bottom = 44, .text_right = 694, .text_right_wide = 740,
		      .shape = 136, .shape_gap = 32, .line = 44, .line_gap = 14, .who = 44,
		      .name_steps = {168, 112, 84, 64}, .enrol_call = 80, .step = 56, .step_gap = 20,
		      .row_height = 104, .row_gap = 12, .row_pad = 22, .row_mark = 56, .row_mark_gap = 18, .row_name = 36,
		      .count = 88, .count_gap = 14, .seats_per_row = 12, .seat_gap = 8, .seats_top = 22, .seat_edge = 3,
		      .now = 44, .icon_mark = 30, .icon_note = 28, .icon_button = 32, .button_pad = 32, .button_gap = 14},
    [RC_FORM_SMALL] = {.width = 800, .height = 480,
		       .panel = {0, 0, 528, 384}, .camera = {540, 24, 232, 184}, .side = {540, 208, 232, 168},
		       .text_left = 36, .text_top = 28, .text_bottom = 22, .text_right = 448, .text_right_wide = 476,
		       .shape = 84, .shape_gap = 18, .line = 28, .line_gap = 6, .who = 28,
		       .name_steps = {104, 70, 52, 40}, .enrol_call = 48, .step = 32, .step_gap = 8,
		       .row_height = 70, .row_gap = 8, .row_pad = 14, .row_mark = 38, .row_mark_gap = 12, .row_name = 22,
		       .count = 56, .count_gap = 8, .seats_per_row = 12, .seat_gap = 5, .seats_top = 12, .seat_edge = 2,
		       .now = 30, .icon_mark = 22, .icon_note = 20, .icon_button = 26, .button_pad = 20, .button_gap = 10},
    [RC_FORM_PORTRAIT] = {.width = 1080, .height = 1920,
			  .panel = {0, 0, 1080, 1010}, .camera = {64, 1066, 452, 600}, .side = {564, 1066, 452, 600},
			  .text_left = 72, .text_top = 80, .text_bottom = 150, .text_right = 1016, .text_right_wide = 1016,
			  .shape = 200, .shape_gap = 44, .line = 60, .line_gap = 14, .who = 60,
			  .name_steps = {232, 154, 116, 88}, .enrol_call = 110, .step = 76, .step_gap = 28,
			  .row_height = 148, .row_gap = 20, .row_pad = 28, .row_mark = 76, .row_mark_gap = 18, .row_name = 38,
			  .count = 168, .count_gap = 0, .seats_per_row = 6, .seat_gap = 14, .seats_top = 36, .seat_edge = 4,
			  .now = 64, .icon_mark = 38, .icon_note = 36, .icon_button = 42, .button_pad = 28, .button_gap = 14},
};

/* clang-format on */

#define SMALL_BELOW_HEIGHT 560 /* px: under it the small form's bigger letters are needed */

static enum rc_form form_of(int width, int height)
{
	if (height > width)
		return RC_FORM_PORTRAIT;
	return height < SMALL_BELOW_HEIGHT ? RC_FORM_SMALL : RC_FORM_BASE;
}

static int scaled(double factor, int length)
{
	return (int)lround(factor * length);
}

static struct rc_box scaled_box(double factor, struct rc_box box)
{
	return (struct rc_box){scaled(factor, box.x), scaled(factor, box.y),
			       scaled(factor, box.width), scaled(factor, box.height)};
}

/* The places: what is left over in width or height goes to the panel. */
static void place(const struct drawn *drawn, struct rc_layout *to)
{
	int more_x = to->width - scaled(to->factor, drawn->width);
	int more_y = to->height - scaled(to->factor, drawn->height);
	int bar = to->size[RC_SIZE_BAR];

	to->panel = scaled_box(to->factor, drawn->panel);
	to->camera = scaled_box(to->factor, drawn->camera);
	to->side = scaled_box(to->factor, drawn->side);
	to->bar = (struct rc_box){0, to->height - bar, to->width, bar};
	to->panel.width += more_x;
	to->panel.height += more_y;
	if (to->form == RC_FORM_PORTRAIT) {
		to->side.width += more_x;
		to->camera.y += more_y;
		to->side.y += more_y;
	} else {
		to->camera.x += more_x;
		to->side.x += more_x;
		to->side.height += more_y;
	}
	to->text_left = scaled(to->factor, drawn->text_left);
	to->text_top = scaled(to->factor, drawn->text_top);
	to->text_bottom = to->panel.height - scaled(to->factor, drawn->text_bottom);
	to->text_right = scaled(to->factor, drawn->text_right) + more_x;
	to->text_right_wide = scaled(to->factor, drawn->text_right_wide) + more_x;
}

static void size_texts(const struct drawn *drawn, struct rc_layout *to)
{
	double f = to->factor;

	for (int i = 0; i < RC_LAYOUT_NAME_STEPS; i++)
		to->name_steps[i] = scaled(f, drawn->name_steps[i]);
	to->shape = scaled(f, drawn->shape);
	to->shape_gap = scaled(f, drawn->shape_gap);
	to->line = scaled(f, drawn->line);
	to->line_gap = scaled(f, drawn->line_gap);
	to->who = scaled(f, drawn->who);
	to->enrol_call = scaled(f, drawn->enrol_call);
	to->step = scaled(f, drawn->step);
	to->step_gap = scaled(f, drawn->step_gap);
}

static void size_side_and_bar(const struct drawn *drawn, struct rc_layout *to)
{
	double f = to->factor;

	to->row_max = 2;
	to->row_height = to->choice_height = scaled(f, drawn->row_height);
	to->row_gap = scaled(f, drawn->row_gap);
	to->row_pad = scaled(f, drawn->row_pad);
	to->row_mark = scaled(f, drawn->row_mark);
	to->row_mark_gap = scaled(f, drawn->row_mark_gap);
	to->row_name = scaled(f, drawn->row_name);
	to->count = scaled(f, drawn->count);
	to->count_gap = scaled(f, drawn->count_gap);
	to->seats_per_row = drawn->seats_per_row;
	to->seat_gap = scaled(f, drawn->seat_gap);
	to->seats_top = scaled(f, drawn->seats_top);
	to->seat_edge = scaled(f, drawn->seat_edge);
	to->now = scaled(f, drawn->now);
	to->icon_mark = scaled(f, drawn->icon_mark);
	to->icon_note = scaled(f, drawn->icon_note);
	to->icon_button = scaled(f, drawn->icon_button);
	to->button_pad = scaled(f, drawn->button_pad);
	to->button_gap = scaled(f, drawn->button_gap);
}

void rc_layout_of(int width, int height, struct rc_layout *layout)
{
	enum rc_form form = form_of(width, height);
	const struct drawn *drawn = &drawn_forms[form];

	*layout = (struct rc_layout){.form = form, .width = width, .height = height};
	layout->factor = fmin((double)width / drawn->width, (double)height / drawn->height);
	for (int i = 0; i < RC_SIZE_COUNT; i++)
		layout->size[i] = scaled(layout->factor, rc_token_sizes[form][i]);
	place(drawn, layout);
	size_texts(drawn, layout);
	size_side_and_bar(drawn, layout);
}

/* The stack keeps its place: one high row in landscape, two in portrait, where there is room. */
static void enlarge_rows(struct rc_layout *layout)
{
	bool is_portrait = layout->form == RC_FORM_PORTRAIT;

	layout->row_max = is_portrait ? 2 : 1;
	layout->row_height = (layout->side.height - layout->row_gap) / layout->row_max;
	layout->row_pad /= 2;
	layout->row_name = layout->size[RC_SIZE_T_LEAD];
	layout->choice_height =
	    (int)lround(1.15 * (layout->size[RC_SIZE_T_LEAD] + layout->size[RC_SIZE_T_NOTE])) +
	    layout->row_pad;
}

void rc_layout_enlarge_text(struct rc_layout *layout)
{
	layout->is_large_text = true;
	for (int i = 0; i < RC_SIZE_COUNT; i++) /* drawn for the base form; the others grow alike */
		layout->size[i] =
		    scaled((double)rc_token_large_sizes[i] / rc_token_sizes[RC_FORM_BASE][i],
			   layout->size[i]);
	layout->now = layout->line = layout->who = layout->size[RC_SIZE_T_LEAD];
	layout->text_top /= 2;
	layout->step = layout->size[RC_SIZE_T_LEAD] * 5 / 4;
	layout->icon_mark = layout->icon_note = layout->size[RC_SIZE_T_NOTE];
	layout->icon_button = layout->size[RC_SIZE_T_BODY];
	enlarge_rows(layout);
}

int rc_layout_baseline(int size, double line_height)
{
	/* Inter: ascent 0.96875, descent 0.24121 of the size; half of what the line box has more stands above. */
	return (int)lround(size * (line_height / 2 + (0.96875 - 0.24121) / 2));
}

void rc_layout_column(int top, int bottom, struct rc_layout_block *blocks, size_t count)
{
	int rest = bottom - top;
	int pushed_count = 0;
	int y = top;

	for (size_t i = 0; i < count; i++) {
		rest -= blocks[i].height + blocks[i].gap;
		pushed_count += blocks[i].is_pushed;
	}
	for (size_t i = 0; i < count; i++) {
		y += blocks[i].gap;
		if (blocks[i].is_pushed && rest > 0) {
			int share = rest / pushed_count;

			y += share;
			rest -= share;
			pushed_count--;
		}
		blocks[i].y = y;
		y += blocks[i].height;
	}
}

int rc_layout_fit(const int steps[RC_LAYOUT_NAME_STEPS], struct rc_box room, rc_measure_fn measure,
		  void *context)
{
	for (int i = 0; i < RC_LAYOUT_NAME_STEPS - 1; i++) {
		struct rc_text_extent extent = measure(context, steps[i], room.width);
		double height = extent.line_count * steps[i] * RC_LAYOUT_NAME_LINE_HEIGHT;

		if (extent.line_count <= 2 && extent.width <= room.width && height <= room.height)
			return steps[i];
	}
	return steps[RC_LAYOUT_NAME_STEPS - 1];
}
