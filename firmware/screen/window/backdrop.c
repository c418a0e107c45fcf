/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/backdrop.h"

#include "firmware/screen/motion.h"
#include "firmware/screen/window/shapes.h"

struct rc_backdrop {
	GtkWidget *area;
	const struct rc_stage *stage;
	const struct rc_look *look;
	size_t tile_count;

	guint tick; /* 0 at rest */
	gint64 begun_us;
	gint64 flood_us; /* how long this flood lasts */
	bool is_settling;
	struct rc_rgba from_colour;
	struct rc_edge_profile from_edge;
};

struct rc_box rc_backdrop_tile(const struct rc_layout *layout, size_t n, size_t count)
{
	int step = layout->row_height + layout->row_gap;
	int bottom = layout->side.y + layout->side.height;
	int top = layout->form == RC_FORM_PORTRAIT ? layout->side.y
						   : bottom - (int)count * step + layout->row_gap;

	return (struct rc_box){layout->side.x, top + (int)n * step, layout->side.width,
			       layout->row_height};
}

static double mixed(double from, double to, double t)
{
	return from + (to - from) * t;
}

static struct rc_rgba mixed_colour(const struct rc_rgba *from, const struct rc_rgba *to, double t)
{
	return (struct rc_rgba){mixed(from->r, to->r, t), mixed(from->g, to->g, t),
				mixed(from->b, to->b, t), mixed(from->a, to->a, t)};
}

static gint64 elapsed_us(struct rc_backdrop *backdrop)
{
	GdkFrameClock *clock = gtk_widget_get_frame_clock(backdrop->area);

	return clock ? gdk_frame_clock_get_frame_time(clock) - backdrop->begun_us : G_MAXINT64;
}

static struct rc_edge_profile edge_at(struct rc_backdrop *backdrop, double t)
{
	struct rc_edge_profile to;

	rc_shape_edge_profile(&backdrop->stage->layout, backdrop->look->edge, &to);
	for (int i = 0; i < RC_EDGE_SAMPLES; i++)
		to.at[i] = mixed(backdrop->from_edge.at[i], to.at[i], t);
	return to;
}

static struct rc_rgba colour_at(struct rc_backdrop *backdrop, double t)
{
	return mixed_colour(&backdrop->from_colour,
			    rc_stage_colour(backdrop->stage, backdrop->look->field), t);
}

static void draw_panel(struct rc_backdrop *backdrop, cairo_t *cr, double t)
{
	struct rc_rgba colour = colour_at(backdrop, t);

	rc_shape_source(cr, &colour);
	if (t < 1) {
		struct rc_edge_profile edge = edge_at(backdrop, t);

		rc_shape_profile_path(cr, &backdrop->stage->layout, &edge);
	} else {
		rc_shape_edge(cr, &backdrop->stage->layout, backdrop->look->edge);
	}
	cairo_fill(cr);
}

static void draw_tiles(struct rc_backdrop *backdrop, cairo_t *cr)
{
	const struct rc_layout *layout = &backdrop->stage->layout;

	rc_shape_source(cr, rc_stage_colour(backdrop->stage, RC_COLOUR_SURFACE));
	for (size_t i = 0; i < backdrop->tile_count; i++) {
		struct rc_box box = rc_backdrop_tile(layout, i, backdrop->tile_count);

		rc_shape_round_box(cr, box.x, box.y, box.width, box.height, layout->size[RC_SIZE_R_TILE]);
		cairo_fill(cr);
	}
}

/* The old greeting's field on its way from the panel's place to the top tile's, turning into a tile. It passes behind
 * both: no text ever stands on it. */
static void draw_settling(struct rc_backdrop *backdrop, cairo_t *cr, double t)
{
	const struct rc_layout *layout = &backdrop->stage->layout;
	const struct rc_box *from = &layout->panel;
	struct rc_box to = rc_backdrop_tile(layout, 0, backdrop->tile_count);
	struct rc_rgba colour = mixed_colour(&backdrop->from_colour,
					     rc_stage_colour(backdrop->stage, RC_COLOUR_SURFACE), t);

	rc_shape_source(cr, &colour);
	rc_shape_round_box(cr, mixed(from->x, to.x, t), mixed(from->y, to.y, t),
			   mixed(from->width, to.width, t), mixed(from->height, to.height, t),
			   layout->size[RC_SIZE_R_TILE]);
	cairo_fill(cr);
}

static void draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	struct rc_backdrop *backdrop = data;
	gint64 elapsed = backdrop->tick ? elapsed_us(backdrop) : G_MAXINT64;
	double settled = rc_motion_at(elapsed, RC_MOTION_SETTLE_US);

	(void)area;
	if (width == 0 || height == 0 || backdrop->stage->layout.width == 0)
		return;
	rc_shape_source(cr, rc_stage_colour(backdrop->stage, RC_COLOUR_GROUND));
	cairo_paint(cr);
	if (backdrop->is_settling && settled < 1)
		draw_settling(backdrop, cr, settled);
	draw_panel(backdrop, cr, rc_motion_at(elapsed, backdrop->flood_us));
	draw_tiles(backdrop, cr);
}

static gboolean handle_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	struct rc_backdrop *backdrop = data;
	gint64 last = MAX(backdrop->flood_us, backdrop->is_settling ? RC_MOTION_SETTLE_US : 0);
	gint64 elapsed = gdk_frame_clock_get_frame_time(clock) - backdrop->begun_us;

	gtk_widget_queue_draw(widget);
	if (elapsed < last)
		return G_SOURCE_CONTINUE;
	backdrop->tick = 0;
	backdrop->is_settling = false;
	return G_SOURCE_REMOVE;
}

struct rc_backdrop *rc_backdrop_new(const struct rc_stage *stage)
{
	struct rc_backdrop *backdrop = g_new0(struct rc_backdrop, 1);

	backdrop->stage = stage;
	backdrop->look = rc_look_calm();
	backdrop->area = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
				      GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
	gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(backdrop->area), draw, backdrop, g_free);
	return backdrop;
}

GtkWidget *rc_backdrop_widget(struct rc_backdrop *backdrop)
{
	return backdrop->area;
}

/* Remembers what is seen at this moment, so that an interrupted flood goes on from there. */
static void begin_motion(struct rc_backdrop *backdrop, const struct rc_look *look)
{
	GdkFrameClock *clock = gtk_widget_get_frame_clock(backdrop->area);
	gint64 elapsed = backdrop->tick ? elapsed_us(backdrop) : G_MAXINT64;
	double t = rc_motion_at(elapsed, backdrop->flood_us);
	struct rc_rgba colour = colour_at(backdrop, t);
	struct rc_edge_profile edge = edge_at(backdrop, t);

	if (!clock)
		return;
	backdrop->from_colour = colour;
	backdrop->from_edge = edge;
	backdrop->begun_us = gdk_frame_clock_get_frame_time(clock);
	backdrop->flood_us = look == rc_look_calm() ? RC_MOTION_FADE_US : RC_MOTION_FLOOD_US;
	if (!backdrop->tick)
		backdrop->tick =
		    gtk_widget_add_tick_callback(backdrop->area, handle_tick, backdrop, NULL);
}

static void rest(struct rc_backdrop *backdrop)
{
	if (backdrop->tick)
		gtk_widget_remove_tick_callback(backdrop->area, backdrop->tick);
	backdrop->tick = 0;
	backdrop->is_settling = false;
}

void rc_backdrop_show(struct rc_backdrop *backdrop, const struct rc_look *look, size_t tile_count,
		      bool is_settling)
{
	bool is_new_look = look != backdrop->look;

	if (!is_new_look && tile_count == backdrop->tile_count && !is_settling)
		return;
	if (backdrop->stage->is_still)
		rest(backdrop);
	else if (is_new_look || is_settling)
		begin_motion(backdrop, look);
	backdrop->is_settling = is_settling && tile_count > 0 && backdrop->tick != 0;
	backdrop->look = look;
	backdrop->tile_count = tile_count;
	gtk_widget_queue_draw(backdrop->area);
}

void rc_backdrop_relayout(struct rc_backdrop *backdrop)
{
	rest(backdrop);
	gtk_widget_queue_draw(backdrop->area);
}
