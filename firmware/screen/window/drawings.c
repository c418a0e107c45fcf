/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/drawings.h"

#include "firmware/screen/window/shapes.h"

#include <math.h>

struct drawing {
	const struct rc_stage *stage;
	const struct rc_look *look;
	enum rc_icon icon;
	enum rc_colour colour, on_colour;
	int here_count, expected_count;
};

static GtkWidget *drawing_new(struct drawing what, int width, int height, GtkDrawingAreaDrawFunc draw)
{
	GtkWidget *area = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
				       GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
	struct drawing *copy = g_new(struct drawing, 1);

	*copy = what;
	gtk_widget_set_size_request(area, width, height);
	gtk_widget_set_can_target(area, FALSE);
	gtk_widget_set_valign(area, GTK_ALIGN_CENTER); /* in a taller box, the language button's */
	gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(area), draw, copy, g_free);
	return area;
}

static void draw_shape(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	const struct drawing *drawing = data;

	(void)area;
	(void)height;
	rc_shape_draw(cr, drawing->look, width, rc_stage_colour(drawing->stage, drawing->colour),
		      rc_stage_colour(drawing->stage, drawing->on_colour));
}

GtkWidget *rc_drawing_new_shape(const struct rc_stage *stage, const struct rc_look *look, int size)
{
	struct drawing what = {.stage = stage, .look = look, .colour = look->ink, .on_colour = look->field};

	return drawing_new(what, size, size, draw_shape);
}

GtkWidget *rc_drawing_new_mark(const struct rc_stage *stage, const struct rc_look *look, int size)
{
	struct drawing what = {
	    .stage = stage, .look = look, .colour = look->mark, .on_colour = look->on_mark};

	return drawing_new(what, size, size, draw_shape);
}

static void draw_icon(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	const struct drawing *drawing = data;

	(void)area;
	(void)height;
	rc_shape_draw_icon(cr, drawing->icon, width, rc_stage_colour(drawing->stage, drawing->colour));
}

GtkWidget *rc_drawing_new_icon(const struct rc_stage *stage, enum rc_icon icon, int size,
			       enum rc_colour colour)
{
	struct drawing what = {.stage = stage, .icon = icon, .colour = colour};

	return drawing_new(what, size, size, draw_icon);
}

static void draw_ring(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	const struct drawing *drawing = data;
	double edge = drawing->stage->layout.seat_edge;

	(void)area;
	rc_shape_source(cr, rc_stage_colour(drawing->stage, RC_COLOUR_INK));
	cairo_set_line_width(cr, edge);
	cairo_arc(cr, width / 2.0, height / 2.0, fmax(width - edge, 0) / 2, 0, 2 * M_PI);
	cairo_stroke(cr);
}

GtkWidget *rc_drawing_new_ring(const struct rc_stage *stage, int size)
{
	return drawing_new((struct drawing){.stage = stage}, size, size, draw_ring);
}

/* A fifth row would touch the camera, or in portrait leave the column: the dots close up instead. */
static int seats_per_row(const struct rc_layout *layout, int expected_count)
{
	bool is_crowded = expected_count > 4 * layout->seats_per_row;

	if (!is_crowded || layout->form == RC_FORM_SMALL)
		return layout->seats_per_row;
	return layout->seats_per_row + (layout->form == RC_FORM_PORTRAIT ? 4 : 3);
}

static double seat_size(const struct rc_layout *layout, int n)
{
	return (layout->side.width - (n - 1.0) * layout->seat_gap) / n;
}

int rc_drawing_seats_height(const struct rc_layout *layout, int expected_count)
{
	int n = seats_per_row(layout, MIN(expected_count, RC_SEATS_MAX));
	int rows = expected_count > RC_SEATS_MAX ? 1 : (expected_count + n - 1) / n;

	if (rows == 0)
		return 0;
	return (int)lround(rows * seat_size(layout, n) + (rows - 1) * layout->seat_gap);
}

static void draw_bar(cairo_t *cr, const struct drawing *drawing, double width, double height)
{
	double share = fmin((double)drawing->here_count / drawing->expected_count, 1);

	rc_shape_source(cr, rc_stage_colour(drawing->stage, RC_COLOUR_SUNKEN));
	rc_shape_round_box(cr, 0, 0, width, height, height / 2);
	cairo_fill(cr);
	if (drawing->here_count == 0)
		return;
	rc_shape_source(cr, rc_stage_colour(drawing->stage, RC_COLOUR_INK));
	rc_shape_round_box(cr, 0, 0, fmax(height, width * share), height, height / 2);
	cairo_fill(cr);
}

static void draw_dots(cairo_t *cr, const struct drawing *drawing)
{
	const struct rc_layout *layout = &drawing->stage->layout;
	int n = seats_per_row(layout, drawing->expected_count);
	double size = seat_size(layout, n);
	double step = size + layout->seat_gap;
	double edge = layout->seat_edge;

	cairo_set_line_width(cr, edge);
	for (int i = 0; i < drawing->expected_count; i++) {
		bool is_here = i < drawing->here_count;
		double x = i % n * step + size / 2;
		double y = i / n * step + size / 2;

		rc_shape_source(
		    cr, rc_stage_colour(drawing->stage, is_here ? RC_COLOUR_INK : RC_COLOUR_EDGE));
		cairo_arc(cr, x, y, is_here ? size / 2 : (size - edge) / 2, 0, 2 * M_PI);
		if (is_here)
			cairo_fill(cr);
		else
			cairo_stroke(cr);
	}
}

static void draw_seats(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
	const struct drawing *drawing = data;

	(void)area;
	if (drawing->expected_count > RC_SEATS_MAX)
		draw_bar(cr, drawing, width, height);
	else
		draw_dots(cr, drawing);
}

GtkWidget *rc_drawing_new_seats(const struct rc_stage *stage, int here_count, int expected_count)
{
	struct drawing what = {.stage = stage, .here_count = here_count, .expected_count = expected_count};

	return drawing_new(what, stage->layout.side.width,
			   rc_drawing_seats_height(&stage->layout, expected_count), draw_seats);
}
