/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_PANEL_PRIV_H
#define RC_SCREEN_PANEL_PRIV_H
/* Between the panel's sources: panel.c decides which of these fills the empty column. */
#include "firmware/screen/window/column.h"

/* Hangs on the panel's widget. */
struct rc_panel_chooser {
	void (*chosen)(void *context, size_t choice);
	void *context;
};

/* A greeting or a fault: shape, word, the one huge thing, line, foot. */
void rc_panel__fill_greeting(struct rc_column *column, GtkWidget *panel, const struct rc_view *view);

/* A greeting that asks which session: the question above, the sessions to touch below. */
void rc_panel__fill_choices(struct rc_column *column, GtkWidget *panel, const struct rc_view *view);

/* Idle, wait, enrol, no daemon: head, call, companion, privacy line or steps. */
void rc_panel__fill_calm(struct rc_column *column, GtkWidget *panel, const struct rc_view *view);

#endif
