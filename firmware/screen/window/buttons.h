/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_BUTTONS_H
#define RC_SCREEN_BUTTONS_H
/* The bar's buttons, from the corner to the left: which there are, how they are called and where they stand. GTK's thread. */
#include "firmware/screen/view.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

struct rc_buttons;

/* Puts them into `fixed`, which owns them. */
struct rc_buttons *rc_buttons_new(GtkFixed *fixed, const struct rc_stage *stage,
				  void (*touched)(void *context, enum rc_view_touch touch, char key),
				  void *context);

/* Shows the buttons that the model wants; returns the x at which the leftmost begins. */
int rc_buttons_fill(struct rc_buttons *buttons, const struct rc_view *view);

#endif
