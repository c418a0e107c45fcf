/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_CHOICES_H
#define RC_SCREEN_CHOICES_H
/* The sessions to choose from, as rows that are touched whole: time, title, room. GTK's thread. */
#include "firmware/screen/view.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

/* How high a row comes out: the stage's height for a choice, or what a long title needs. */
int rc_choice_height(const struct rc_stage *stage, const struct rc_view_choice *choice,
		     enum rc_view_lang lang, int width);

/* A floating row of `width` px and that height. */
GtkWidget *rc_choice_new(const struct rc_stage *stage, const struct rc_view_choice *choice,
			 enum rc_view_lang lang, int width);

/* Makes `row` call `chosen(context, n)` when it is touched. */
void rc_choice_connect(GtkWidget *row, void (*chosen)(void *context, size_t n), void *context, size_t n);

#endif
