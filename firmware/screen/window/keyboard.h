/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_KEYBOARD_H
#define RC_SCREEN_KEYBOARD_H
/* A keyboard at the kiosk does what a finger does: it types into the sheet that is open, confirms and closes. GTK's thread. */
#include "firmware/screen/view.h"

#include <gtk/gtk.h>

/* Listens on `window`. `view` is looked at with each key; all are borrowed for the window's life. */
void rc_keyboard_listen(GtkWidget *window, const struct rc_view *view,
			void (*touched)(void *context, enum rc_view_touch touch, char key),
			void *context);

#endif
