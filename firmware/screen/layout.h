/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_LAYOUT_H
#define RC_SCREEN_LAYOUT_H
/*
 * Where things are on a panel of any size. Three forms were drawn (1280×800, 800×480, 1080×1920); every other panel gets
 * one of them with a factor, and what it is wider or taller than that goes to the verdict's panel: camera and stack keep
 * their place at the edge, the bar its place at the bottom. Pure; any thread. All lengths are px.
 */
#include "firmware/screen_gen/tokens.h"

#include <stdbool.h>
#include <stddef.h>

#define RC_LAYOUT_NAME_STEPS 4

struct rc_box {
	int x, y, width, height;
};

struct rc_layout {
	enum rc_form form;
	double factor; /* to the form's drawn size */
	int width, height;
	int size[RC_SIZE_COUNT]; /* the tokens, scaled */
	bool is_large_text;

	struct rc_box panel;  /* the verdict's shape */
	struct rc_box camera; /* never moves at the door */
	struct rc_box side;   /* below (or, in portrait, beside) the camera: counter or stack */
	struct rc_box bar;

	int text_left, text_top, text_bottom; /* in the panel; text_bottom is a y */
	int text_right, text_right_wide;      /* limits; the wide one in square and diamond */
	int shape, shape_gap;                 /* the verdict's shape and the space behind it */
	int line, line_gap, who;              /* the friendly line, the name where it isn't huge */
	int name_steps[RC_LAYOUT_NAME_STEPS]; /* the huge thing's sizes, biggest first */
	int enrol_call, step, step_gap;

	int row_max; /* rows of the stack */
	int row_height, row_gap, row_pad, row_mark, row_mark_gap, row_name;
	int choice_height; /* a row that is touched */
	int count, count_gap, seats_per_row, seat_gap, seats_top, seat_edge;
	int now, icon_mark, icon_note, icon_button, button_pad, button_gap;
};

/* Works out all places and sizes for a window of at least 1×1 px. */
void rc_layout_of(int width, int height, struct rc_layout *layout);

/* Text at 200 % for who needs it: the small steps grow as the tokens say, what is huge already stays, and places that hold
 * text make room for it. Once on a layout from rc_layout_of. */
void rc_layout_enlarge_text(struct rc_layout *layout);

/*
 * The CSS way to set one line: the distance from the top of a line box (`line_height` times `size`) to its baseline, for
 * Inter's metrics, which lead also where a Chinese font fills in.
 */
int rc_layout_baseline(int size, double line_height);

/* A block of a column: `gap` px below its forerunner; a pushed one also takes its share of what the column has left. */
struct rc_layout_block {
	int height;
	int gap;
	bool is_pushed;
	int y; /* out */
};

/* Sets the blocks from `top` to `bottom`. A column that is too long keeps its order and runs over at the bottom. */
void rc_layout_column(int top, int bottom, struct rc_layout_block *blocks, size_t count);

/* How a text comes out at a size, measured by who can draw it. */
struct rc_text_extent {
	int width; /* of the widest line, broken at spaces only: more than asked for if a word is too wide */
	int line_count;
};
typedef struct rc_text_extent (*rc_measure_fn)(void *context, int size, int max_width);

/* The first of `steps` at which the text stands in at most two lines, broken at spaces only, inside `room`; the last one if
 * none does (there it may break anywhere). A name is never cut. */
int rc_layout_fit(const int steps[RC_LAYOUT_NAME_STEPS], struct rc_box room, rc_measure_fn measure,
		  void *context);

#define RC_LAYOUT_NAME_LINE_HEIGHT 1.08

#endif
