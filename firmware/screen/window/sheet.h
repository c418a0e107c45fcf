/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_SHEET_H
#define RC_SCREEN_SHEET_H
/*
 * What lies over the panel: the keys for a staff number, a question, or what the status mark stands for. Its buttons are the bar's.
 * The keys stay the same widgets while somebody types, so that a new model can't swallow a touch that has begun. GTK's thread.
 */
#include "firmware/screen/view.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

struct rc_sheet;

/* `touched` gets what was touched, with the character of RC_VIEW_TOUCH_KEY. The widget owns the sheet. */
struct rc_sheet *rc_sheet_new(const struct rc_stage *stage,
			      void (*touched)(void *context, enum rc_view_touch touch, char key),
			      void *context);
GtkWidget *rc_sheet_widget(struct rc_sheet *sheet);

/* Shows the model's sheet, or hides itself without one. `is_anew`: the window has changed, nothing stays. */
void rc_sheet_fill(struct rc_sheet *sheet, const struct rc_view *view, bool is_anew);

#endif
