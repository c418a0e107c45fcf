/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_DRAWINGS_H
#define RC_SCREEN_DRAWINGS_H
/* The drawn pieces as widgets. They say nothing to assistive technology: the word beside each does. GTK's thread. */
#include "firmware/screen/look.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

/* All return a floating widget of `size` px; colours are taken from the stage when they are drawn. */
GtkWidget *rc_drawing_new_shape(const struct rc_stage *stage, const struct rc_look *look, int size);
GtkWidget *rc_drawing_new_mark(const struct rc_stage *stage, const struct rc_look *look, int size);
GtkWidget *rc_drawing_new_icon(const struct rc_stage *stage, enum rc_icon icon, int size,
			       enum rc_colour colour);

/* A ring round a step's number. */
GtkWidget *rc_drawing_new_ring(const struct rc_stage *stage, int size);

/* One dot an expected person, filled where here; a bar when they are more than RC_SEATS_MAX. */
#define RC_SEATS_MAX 60
GtkWidget *rc_drawing_new_seats(const struct rc_stage *stage, int here_count, int expected_count);

/* The height that the seats take. */
int rc_drawing_seats_height(const struct rc_layout *layout, int expected_count);

#endif
