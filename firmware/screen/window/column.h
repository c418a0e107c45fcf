/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_COLUMN_H
#define RC_SCREEN_COLUMN_H
/*
 * The panel's texts under each other: blocks are made as labels first, measured, and placed together by rc_layout_column.
 * Only the panel's own sources use it. GTK's thread.
 */
#include "firmware/screen/view.h"
#include "firmware/screen/window/labels.h"
#include "firmware/screen/window/stage.h"

#define RC_COLUMN_BLOCK_MAX 10

struct rc_column {
	GtkFixed *fixed;
	const struct rc_stage *stage;
	enum rc_view_lang lang;
	enum rc_colour ink;
	int width;      /* to the right limit */
	int head_width; /* of word and name beside the shape */
	int line_width; /* of what stands where the panel is wide: line, privacy */

	struct rc_layout_block blocks[RC_COLUMN_BLOCK_MAX];
	GtkWidget *widgets[RC_COLUMN_BLOCK_MAX];
	struct rc_label_style styles[RC_COLUMN_BLOCK_MAX];
	int x[RC_COLUMN_BLOCK_MAX];
	size_t count;
};

/* Adds a text `gap` px below what is there. The block may be changed until the next is added. */
struct rc_layout_block *rc_column_add(struct rc_column *column, const char *text, int gap,
				      struct rc_label_style style);

/* A block that somebody else fills: it only takes its room. */
struct rc_layout_block *rc_column_add_room(struct rc_column *column, int height, int gap);

/* What the blocks so far need. */
int rc_column_height(const struct rc_column *column);

/* Puts all texts into the panel; the blocks' places are known afterwards. */
void rc_column_place(struct rc_column *column);

/* Where the placed texts end (a y); beyond the layout's text_bottom if they are too long. */
int rc_column_bottom(const struct rc_column *column);

/* Plain text in the column's language, ink and width. */
struct rc_label_style rc_column_style(const struct rc_column *column, int size, double line_height);

/* Names the panel to assistive technology: "a. b. c", without those that are empty. */
void rc_column_name(GtkWidget *panel, const char *a, const char *b, const char *c);

#endif
