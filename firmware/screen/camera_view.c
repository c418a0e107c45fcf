/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/camera_view.h"

#include "firmware/screen/shapes.h"
#include "shared/base/cleanup.h"

#include <math.h>

#define DRAWN_SIZE                                                                                 \
	384.0 /* px: the square that the frames were drawn for; the view shows its middle */
#define RIM_WIDTH  13.0 /* px of it: the ink behind a white line */
#define LINE_WIDTH 7.0
#define AIM_RIM    0.4 /* how dark the aim frame's rim is */

struct rc_camera_view {
	GtkWidget *area;
	const struct rc_stage *stage;
};

/* A path drawn white over an ink rim, so that it is seen on a white badge and on a dark coat. */
static void stroke_rimmed(struct rc_camera_view *view, cairo_t *cr, double scale, double rim_alpha)
{
	const struct rc_rgba *white = rc_stage_colour(view->stage, RC_COLOUR_ON_IN);
	struct rc_rgba rim = rc_token_colours[0][RC_COLOUR_INK];

	rim.a = rim_alpha;
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	cairo_set_line_width(cr, RIM_WIDTH * scale);
	rc_shape_source(cr, &rim);
	cairo_stroke_preserve(cr);
	cairo_set_line_width(cr, LINE_WIDTH * scale);
	rc_shape_source(cr, white);
	cairo_stroke(cr);
}

/* One corner of the aim frame: a leg of 22, a quarter circle of 20, a leg of 22, turned by quarters. */
static void add_aim_corner(cairo_t *cr, double x, double y, int turn)
{
	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_rotate(cr, turn * M_PI / 2);
	cairo_move_to(cr, 0, 42);
	cairo_line_to(cr, 0, 20);
	cairo_arc(cr, 20, 20, 20, M_PI, 3 * M_PI / 2);
	cairo_line_to(cr, 42, 0);
	cairo_restore(cr);
}

static void draw_aim(struct rc_camera_view *view, cairo_t *cr, int width, int height)
{
	double scale = fmax(width, height) / DRAWN_SIZE;

	cairo_save(cr);
	cairo_translate(cr, (width - DRAWN_SIZE * scale) / 2, (height - DRAWN_SIZE * scale) / 2);
	cairo_scale(cr, scale, scale);
	add_aim_corner(cr, 100, 176, 0);
	add_aim_corner(cr, 284, 176, 1);
	add_aim_corner(cr, 284, 340, 2);
	add_aim_corner(cr, 100, 340, 3);
	stroke_rimmed(view, cr, 1, AIM_RIM);
	cairo_restore(cr);
}

static void draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	struct rc_camera_view *view = data;

	(void)area;
	if (width == 0 || height == 0)
		return;
	rc_shape_round_box(cr, 0, 0, width, height, view->stage->layout.size[RC_SIZE_R_VIEW]);
	cairo_clip(cr);
	rc_shape_source(cr, rc_stage_colour(view->stage, RC_COLOUR_EDGE));
	cairo_paint(cr);
	draw_aim(view, cr, width, height);
}

struct rc_camera_view *rc_camera_view_new(const struct rc_stage *stage)
{
	struct rc_camera_view *view = g_new0(struct rc_camera_view, 1);

	view->stage = stage;
	view->area =
	    g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
	gtk_widget_set_can_target(view->area, FALSE);
	gtk_widget_set_halign(view->area, GTK_ALIGN_START);
	gtk_widget_set_valign(view->area, GTK_ALIGN_START);
	gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(view->area), draw, view, g_free);
	return view;
}

GtkWidget *rc_camera_view_widget(struct rc_camera_view *view)
{
	return view->area;
}

void rc_camera_view_take_picture(struct rc_camera_view *view, int fd)
{
	(void)view;
	rc_close_p(&fd);
}

void rc_camera_view_relayout(struct rc_camera_view *view)
{
	const struct rc_box *box = &view->stage->layout.camera;

	gtk_widget_set_size_request(view->area, box->width, box->height);
	gtk_widget_set_margin_start(view->area, box->x);
	gtk_widget_set_margin_top(view->area, box->y);
	gtk_widget_queue_draw(view->area);
}
