/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_SIDE_H
#define RC_SCREEN_SIDE_H
/* Below the camera: the stack of the scans before this one, or how many are here; in its place, that it is away. GTK's thread. */
#include "firmware/screen/view.h"
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

/* The scans that stand in the stack: on a greeting those before the one on the panel; on idle, and where a sheet hides the panel, the newest; two at most (one where the text is large). */
size_t rc_side_scans(const struct rc_stage *stage, const struct rc_view *view,
		     const struct rc_view_scan **first);

/* An empty side, floating; it covers the window and lets touches through. */
GtkWidget *rc_side_new(void);
void rc_side_fill(GtkWidget *side, const struct rc_stage *stage, const struct rc_view *view);

#endif
