/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_CAMERA_VIEW_H
#define RC_SCREEN_CAMERA_VIEW_H
/*
 * The grey mirror: what the camera sees, an aim frame at chest height while there is nothing to read, and four white
 * corners round a code that was found; they close to a full frame when it has been read. Never text, never colour.
 *
 * Where no camera is there it is a plain tile.
 *
 * The only part that is drawn at the camera's pace; everything else stands still. GTK's thread.
 */
#include "firmware/screen/window/stage.h"

#include <gtk/gtk.h>

struct rc_camera_view;

/* Without a picture: a plain grey field with the aim frame. The widget owns the view. */
struct rc_camera_view *rc_camera_view_new(const struct rc_stage *stage);
GtkWidget *rc_camera_view_widget(struct rc_camera_view *view);

/* Shows the picture behind `fd` (see firmware/picture) from now on; the descriptor is taken. -1, or one that isn't such a
 * picture: back to the plain field. */
void rc_camera_view_take_picture(struct rc_camera_view *view, int fd);

/* The window has another size. */
void rc_camera_view_relayout(struct rc_camera_view *view);

/* No picture comes: a plain tile without the aim frame, on which words may stand. */
void rc_camera_view_set_away(struct rc_camera_view *view, bool is_away);

/* Names the picture to assistive technology. */
void rc_camera_view_set_name(struct rc_camera_view *view, const char *name);

#endif
