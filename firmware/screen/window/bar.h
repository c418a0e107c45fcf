/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_BAR_H
#define RC_SCREEN_BAR_H
/*
 * The bottom bar: the time with its doubt and the status mark at the left, which is touched to learn more; the buttons at the right,
 * a sheet's among them. They stay the same widgets from model to model, so that a new model can't swallow a touch that has begun.
 * GTK's thread.
 */
#include "firmware/screen/view.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

struct rc_bar;

/* `touched` is called with what was; `context` goes to it. The widget owns the bar. */
struct rc_bar *rc_bar_new(const struct rc_stage *stage,
			  void (*touched)(void *context, enum rc_view_touch touch, char key),
			  void *context);
GtkWidget *rc_bar_widget(struct rc_bar *bar);
void rc_bar_fill(struct rc_bar *bar, const struct rc_view *view);

#endif
