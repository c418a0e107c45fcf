/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_CHECK_H
#define RC_SCREEN_CHECK_H
/*
 * Looks over what the window has laid out and says which text a person could not read whole: cut, without glyphs, outside
 * its place, under another one. It measures the ink that Pango sets, so it needs no picture and no eye. For tests and for
 * who draws; the kiosk never calls it. GTK's thread.
 */
#include "firmware/screen/look.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

/* The places that hold text, with what they must stay inside of. Borrowed for the call. */
struct rc_check_fields {
	const struct rc_stage *stage;
	GtkWidget *window;
	GtkWidget *panel; /* the scrolled one */
	GtkWidget *side;
	GtkWidget *camera;   /* whose place holds words … */
	bool is_camera_away; /* … only then */
	GtkWidget *sheet;
	GtkWidget *bar;
	enum rc_edge edge; /* what the panel is cut to */
	size_t tile_count; /* rows in the side column */
};

/* Prints one line a finding to stdout, `name` first; returns how many. The window must have drawn itself. */
size_t rc_check_texts(const struct rc_check_fields *fields, const char *name);

#endif
