/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_PANEL_H
#define RC_SCREEN_PANEL_H
/*
 * The big panel's text: a greeting (shape, word, the one huge thing, line, foot) or the calm screens (idle, wait, enrol,
 * no daemon). All of it is there from the first frame; only what lies behind it moves. To assistive technology the panel
 * is one group named by its words. What is too long for the panel, as happens with large text, is moved by a finger or the
 * arrow keys. GTK's thread.
 */
#include "firmware/screen/view.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

/* An empty panel, floating. `chosen` is called with the number of a session that was touched; `context` goes to it. */
GtkWidget *rc_panel_new(void (*chosen)(void *context, size_t choice), void *context);

/* Replaces what the panel says. */
void rc_panel_fill(GtkWidget *panel, const struct rc_stage *stage, const struct rc_view *view);

#endif
