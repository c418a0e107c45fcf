/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_LABELS_H
#define RC_SCREEN_LABELS_H
/*
 * Texts as GtkLabels, set the way the look's stylesheet sets them: a line box of so many times the size, its baseline
 * where Inter puts it. All text is plain: a model can't bring markup in. GTK's thread.
 */
#include "firmware/screen/layout.h"
#include "firmware/screen/view.h"

#include <gtk/gtk.h>

struct rc_label_style {
	int size;           /* px */
	double line_height; /* times the size */
	double spacing;     /* of Latin text, in em; Chinese has none */
	bool is_bold;
	bool is_tabular;  /* figures of one width */
	bool is_unbroken; /* breaks at spaces only */
	bool is_code;     /* no hyphen appears where it breaks */
	int width;        /* px to break at; 0: one line */
	enum rc_view_lang lang;
	enum rc_colour colour;
};

/* A floating label. */
GtkWidget *rc_label_new(const char *text, const struct rc_label_style *style);

/* The height of its line boxes. */
int rc_label_height(GtkWidget *label, const struct rc_label_style *style);

/* Puts it so that its first line box begins at `y`. */
void rc_label_put(GtkFixed *fixed, GtkWidget *label, const struct rc_label_style *style, int x, int y);

/* How wide it comes out, in px, and in how many lines. */
struct rc_text_extent rc_label_extent(GtkWidget *label);

/* The first of `count` sizes at which `text` stands in at most `line_max` lines of style->width; the last if none does. */
int rc_label_fit(const char *text, struct rc_label_style style, const int *sizes, size_t count,
		 int line_max);

/* Takes all children away. */
void rc_label_clear(GtkFixed *fixed);

#endif
