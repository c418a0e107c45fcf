/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_BACKDROP_H
#define RC_SCREEN_BACKDROP_H
/*
 * What lies behind all text: the ground, the panel cut to the verdict's shape, the tiles of the stack. It alone moves: the
 * panel's colour and edge flood from the old verdict to the new one, and the old greeting settles into the stack. GTK's
 * thread; drawn only while something moves or changes.
 */
#include "firmware/screen/look.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

struct rc_backdrop;

/* `stage` is borrowed for good. The widget owns the backdrop. */
struct rc_backdrop *rc_backdrop_new(const struct rc_stage *stage);
GtkWidget *rc_backdrop_widget(struct rc_backdrop *backdrop);

/* The panel's new look and the number of tiles; the same ones again move nothing. `is_settling`: a greeting was replaced
 * by the next one, so the old one goes to the top tile. */
void rc_backdrop_show(struct rc_backdrop *backdrop, const struct rc_look *look, size_t tile_count,
		      bool is_settling);

/* The window has another size: everything is drawn anew, at rest. */
void rc_backdrop_relayout(struct rc_backdrop *backdrop);

/* The place of the n-th tile (0 is the top one) of `count`. */
struct rc_box rc_backdrop_tile(const struct rc_layout *layout, size_t n, size_t count);

#endif
