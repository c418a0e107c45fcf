/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/camera_view.h"

#include "firmware/picture/picture.h"
#include "firmware/screen/window/shapes.h"
#include "shared/base/cleanup.h"
#include "shared/base/log.h"

#include <math.h>

#define DRAWN_SIZE                                                                                 \
	384.0 /* px: the square that the frames were drawn for; the view shows its middle */
#define RIM_WIDTH  13.0 /* px of it: the ink behind a white line */
#define LINE_WIDTH 7.0
#define AIM_BOTTOM 340.0
#define AIM_MARGIN 24.0
#define CODE_RIM   0.92
#define AIM_RIM    0.4 /* how dark the aim frame's rim is */

#define CORNER_SHARE 0.28 /* of a side: how long a found code's corner is */
#define CORNER_REACH 1.2  /* times the code: how far outside the corners stand */
#define CORNER_BEND  0.1  /* of a side: how round they are */

#define LOOK_MS 33 /* how often the picture is looked at: the camera's pace */
#define STALE_US                                                                                   \
	1500000 /* a picture this old is no mirror any more: the camera or its process has gone */

struct rc_camera_view {
	GtkWidget *area;
	const struct rc_stage *stage;

	struct rc_picture *picture; /* NULL without one */
	guint timer;
	uint64_t version;                 /* of the picture when it was last read */
	gint64 read_us;                   /* when that was; monotonic */
	struct rc_picture_frame incoming; /* a failed read may leave anything here */

	bool is_away;   /* neither picture nor aim frame */
	bool has_frame; /* `image` and `codes` are of the last whole frame */
	cairo_surface_t *image;
	size_t code_count;
	struct rc_picture_code codes[RC_PICTURE_CODES_MAX];
};

struct point {
	double x, y;
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
	double seen_bottom = (DRAWN_SIZE + height / scale) / 2;
	double lifted = fmax(0, AIM_BOTTOM + AIM_MARGIN - seen_bottom); /* in a flat view */

	cairo_save(cr);
	cairo_translate(cr, (width - DRAWN_SIZE * scale) / 2,
			(height - DRAWN_SIZE * scale) / 2 - lifted * scale);
	cairo_scale(cr, scale, scale);
	add_aim_corner(cr, 100, 176, 0);
	add_aim_corner(cr, 284, 176, 1);
	add_aim_corner(cr, 284, AIM_BOTTOM, 2);
	add_aim_corner(cr, 100, AIM_BOTTOM, 3);
	stroke_rimmed(view, cr, 1, AIM_RIM);
	cairo_restore(cr);
}

/* The picture fills the view and loses what is too wide; left and right are exchanged, as in a mirror. */
static double picture_scale(int width, int height)
{
	return fmax((double)width / RC_PICTURE_WIDTH, (double)height / RC_PICTURE_HEIGHT);
}

static void draw_picture(struct rc_camera_view *view, cairo_t *cr, int width, int height)
{
	double scale = picture_scale(width, height);

	cairo_save(cr);
	cairo_translate(cr, width / 2.0, height / 2.0);
	cairo_scale(cr, -scale, scale);
	cairo_set_source_surface(cr, view->image, -(double)RC_PICTURE_WIDTH / 2,
				 -(double)RC_PICTURE_HEIGHT / 2);
	cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BILINEAR);
	cairo_paint(cr);
	cairo_restore(cr);
}

static struct point between(struct point a, struct point b, double share)
{
	return (struct point){a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

/* One bent corner at `at`, its legs towards the neighbours; `reach` 0.5 makes the legs of neighbours meet. */
static void add_code_corner(cairo_t *cr, struct point before, struct point at, struct point after,
			    double reach)
{
	struct point first = between(at, before, reach), bend_in = between(at, before, CORNER_BEND);
	struct point bend_out = between(at, after, CORNER_BEND), last = between(at, after, reach);

	cairo_move_to(cr, first.x, first.y);
	cairo_line_to(cr, bend_in.x, bend_in.y);
	cairo_curve_to(cr, at.x, at.y, at.x, at.y, bend_out.x, bend_out.y);
	cairo_line_to(cr, last.x, last.y);
}

static void draw_code(struct rc_camera_view *view, cairo_t *cr, int width, int height,
		      const struct rc_picture_code *code)
{
	double scale = picture_scale(width, height);
	struct point corners[4];
	struct point middle = {0, 0};

	for (int i = 0; i < 4; i++) {
		corners[i].x = width / 2.0 - (code->corners[i].x - RC_PICTURE_WIDTH / 2.0) * scale;
		corners[i].y = height / 2.0 + (code->corners[i].y - RC_PICTURE_HEIGHT / 2.0) * scale;
		middle.x += corners[i].x / 4;
		middle.y += corners[i].y / 4;
	}
	for (int i = 0; i < 4; i++)
		corners[i] = between(middle, corners[i], CORNER_REACH);
	for (int i = 0; i < 4; i++)
		add_code_corner(cr, corners[(i + 3) % 4], corners[i], corners[(i + 1) % 4],
				code->is_read ? 0.5 : CORNER_SHARE);
	stroke_rimmed(view, cr, fmax(width, height) / DRAWN_SIZE, CODE_RIM);
}

static enum rc_colour field_colour(const struct rc_camera_view *view)
{
	if (view->is_away)
		return RC_COLOUR_SUNKEN;
	return view->stage->is_dark ? RC_COLOUR_RAISED : RC_COLOUR_EDGE;
}

static void draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	struct rc_camera_view *view = data;

	(void)area;
	if (width == 0 || height == 0)
		return;
	rc_shape_round_box(cr, 0, 0, width, height, view->stage->layout.size[RC_SIZE_R_VIEW]);
	cairo_clip(cr);
	rc_shape_source(cr, rc_stage_colour(view->stage, field_colour(view)));
	cairo_paint(cr);
	if (view->is_away)
		return;
	if (view->has_frame)
		draw_picture(view, cr, width, height);
	if (!view->has_frame || view->code_count == 0)
		draw_aim(view, cr, width, height);
	for (size_t i = 0; view->has_frame && i < view->code_count; i++)
		draw_code(view, cr, width, height, &view->codes[i]);
}

/* Grey bytes become the words that cairo draws. */
static void fill_image(struct rc_camera_view *view)
{
	cairo_surface_flush(view->image);
	unsigned char *rows = cairo_image_surface_get_data(view->image);
	int stride = cairo_image_surface_get_stride(view->image);
	const uint8_t *grey = view->incoming.pixels;

	for (unsigned y = 0; y < RC_PICTURE_HEIGHT; y++) {
		for (unsigned x = 0; x < RC_PICTURE_WIDTH; x++, grey++) {
			uint32_t word = *grey * UINT32_C(0x010101);

			memcpy(rows + (size_t)y * (size_t)stride + (size_t)x * 4, &word, 4);
		}
	}
	cairo_surface_mark_dirty(view->image);
}

static void take_frame(struct rc_camera_view *view)
{
	fill_image(view);
	view->code_count = MIN(view->incoming.code_count, RC_PICTURE_CODES_MAX);
	memcpy(view->codes, view->incoming.codes, sizeof(view->codes));
	view->has_frame = true;
}

static gboolean handle_timer(gpointer data)
{
	struct rc_camera_view *view = data;
	uint64_t version = rc_picture_version(view->picture);
	gint64 now_us = g_get_monotonic_time();

	if (version != view->version && rc_picture_read(view->picture, &view->incoming) == RC_OK) {
		view->version = version;
		view->read_us = now_us;
		take_frame(view);
		gtk_widget_queue_draw(view->area);
	} else if (view->has_frame && now_us - view->read_us > STALE_US) {
		view->has_frame = false;
		gtk_widget_queue_draw(view->area);
	}
	return G_SOURCE_CONTINUE;
}

static void drop_picture(struct rc_camera_view *view)
{
	if (view->timer)
		g_source_remove(view->timer);
	view->timer = 0;
	rc_picture_close(view->picture);
	view->picture = NULL;
	view->has_frame = false;
}

static void camera_view_free(gpointer data)
{
	struct rc_camera_view *view = data;

	drop_picture(view);
	cairo_surface_destroy(view->image);
	g_free(view);
}

struct rc_camera_view *rc_camera_view_new(const struct rc_stage *stage)
{
	struct rc_camera_view *view = g_new0(struct rc_camera_view, 1);

	view->stage = stage;
	view->image =
	    cairo_image_surface_create(CAIRO_FORMAT_RGB24, RC_PICTURE_WIDTH, RC_PICTURE_HEIGHT);
	view->area =
	    g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
	gtk_widget_set_can_target(view->area, FALSE);
	gtk_widget_set_halign(view->area, GTK_ALIGN_START);
	gtk_widget_set_valign(view->area, GTK_ALIGN_START);
	gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(view->area), draw, view, camera_view_free);
	return view;
}

GtkWidget *rc_camera_view_widget(struct rc_camera_view *view)
{
	return view->area;
}

void rc_camera_view_take_picture(struct rc_camera_view *view, int fd)
{
	struct rc_error err;

	drop_picture(view);
	if (fd >= 0 && rc_picture_open_for_reading(fd, &view->picture, &err) != RC_OK)
		rc_log_failure("camera picture not shown", &err);
	if (view->picture) {
		view->version = 0;
		view->timer = g_timeout_add(LOOK_MS, handle_timer, view);
	}
	rc_close_p(&fd);
	gtk_widget_queue_draw(view->area);
}

void rc_camera_view_relayout(struct rc_camera_view *view)
{
	const struct rc_box *box = &view->stage->layout.camera;

	gtk_widget_set_size_request(view->area, box->width, box->height);
	gtk_widget_set_margin_start(view->area, box->x);
	gtk_widget_set_margin_top(view->area, box->y);
	gtk_widget_queue_draw(view->area);
}

void rc_camera_view_set_away(struct rc_camera_view *view, bool is_away)
{
	if (view->is_away == is_away)
		return;
	view->is_away = is_away;
	gtk_widget_queue_draw(view->area);
}

void rc_camera_view_set_name(struct rc_camera_view *view, const char *name)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(view->area), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
}
