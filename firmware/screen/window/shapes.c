/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/shapes.h"

#include <math.h>

#define SHAPE_BOX 64.0
#define ICON_BOX  32.0

void rc_shape_source(cairo_t *cr, const struct rc_rgba *colour)
{
	cairo_set_source_rgba(cr, colour->r, colour->g, colour->b, colour->a);
}

static void add_steps(cairo_t *cr, const struct rc_step *steps, int count)
{
	for (int i = 0; i < count; i++) {
		const double *p = steps[i].xy;

		switch (steps[i].op) {
		case 'M':
			cairo_move_to(cr, p[0], p[1]);
			break;
		case 'L':
			cairo_line_to(cr, p[0], p[1]);
			break;
		case 'C':
			cairo_curve_to(cr, p[0], p[1], p[2], p[3], p[4], p[5]);
			break;
		default:
			cairo_close_path(cr);
		}
	}
}

static void draw(cairo_t *cr, const struct rc_drawing *drawing)
{
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	for (int i = 0; i < drawing->stroke_count; i++) {
		const struct rc_stroke *stroke = &drawing->strokes[i];

		cairo_new_path(cr);
		add_steps(cr, stroke->steps, stroke->step_count);
		cairo_set_line_width(cr, stroke->width);
		if (stroke->width > 0)
			cairo_stroke(cr);
		else
			cairo_fill(cr);
	}
}

/* "Late": a tick with a small clock in a bite of the disc. The numbers are of the 64 grid. */
static void draw_late(cairo_t *cr, const struct rc_rgba *shape, const struct rc_rgba *glyph)
{
	static const struct rc_step tick[] = {{'M', {16, 30.5}}, {'L', {25.5, 40}}, {'L', {43.5, 20}}};
	static const struct rc_step hands[] = {{'M', {50, 42.5}}, {'L', {50, 50.5}}, {'L', {55, 54}}};

	cairo_push_group(cr);
	rc_shape_source(cr, shape);
	draw(cr, &rc_shape_drawings[RC_SHAPE_DISC]);
	rc_shape_source(cr, glyph);
	add_steps(cr, tick, 3);
	cairo_set_line_width(cr, 6.4);
	cairo_stroke(cr);
	cairo_set_operator(cr, CAIRO_OPERATOR_CLEAR);
	cairo_arc(cr, 50, 50, 18, 0, 2 * M_PI);
	cairo_fill(cr);
	cairo_pop_group_to_source(cr);
	cairo_paint(cr);
	rc_shape_source(cr, shape);
	cairo_arc(cr, 50, 50, 14, 0, 2 * M_PI);
	cairo_fill(cr);
	rc_shape_source(cr, glyph);
	add_steps(cr, hands, 3);
	cairo_set_line_width(cr, 3.6);
	cairo_stroke(cr);
}

static void draw_plain(cairo_t *cr, const struct rc_look *look, const struct rc_rgba *shape,
		       const struct rc_rgba *glyph)
{
	bool is_open = look->shape == RC_SHAPE_RING || look->shape == RC_SHAPE_FRAME;
	double scale = rc_glyph_scales[look->shape];

	rc_shape_source(cr, shape);
	draw(cr, &rc_shape_drawings[look->shape]);
	if (look->glyph == RC_GLYPH_NONE)
		return;
	rc_shape_source(cr, is_open ? shape : glyph);
	cairo_translate(cr, SHAPE_BOX / 2, SHAPE_BOX / 2);
	cairo_scale(cr, scale, scale);
	cairo_translate(cr, -SHAPE_BOX / 2, -SHAPE_BOX / 2);
	draw(cr, &rc_glyph_drawings[look->glyph]);
}

void rc_shape_draw(cairo_t *cr, const struct rc_look *look, double size,
		   const struct rc_rgba *shape, const struct rc_rgba *glyph)
{
	if (look->shape == RC_SHAPE_NONE)
		return;
	cairo_save(cr);
	cairo_scale(cr, size / SHAPE_BOX, size / SHAPE_BOX);
	if (look->is_late)
		draw_late(cr, shape, glyph);
	else
		draw_plain(cr, look, shape, glyph);
	cairo_restore(cr);
}

void rc_shape_draw_icon(cairo_t *cr, enum rc_icon icon, double size, const struct rc_rgba *colour)
{
	cairo_save(cr);
	cairo_scale(cr, size / ICON_BOX, size / ICON_BOX);
	rc_shape_source(cr, colour);
	draw(cr, &rc_icon_drawings[icon]);
	cairo_restore(cr);
}

/* The drawn edge keeps its scale; what the panel is longer than drawn is a plain box in front of it. */
void rc_shape_edge(cairo_t *cr, const struct rc_layout *layout, enum rc_edge edge)
{
	const struct rc_edge_path *path = &rc_edge_paths[layout->form][edge];
	bool is_portrait = layout->form == RC_FORM_PORTRAIT;
	double width = layout->panel.width, height = layout->panel.height;
	double sx = is_portrait ? width / path->width : layout->factor;
	double sy = is_portrait ? layout->factor : height / path->height;
	double tx = width - path->width * sx;
	double ty = height - path->height * sy;

	cairo_save(cr);
	cairo_translate(cr, tx, ty);
	cairo_scale(cr, sx, sy);
	add_steps(cr, path->steps, path->step_count);
	cairo_restore(cr);
	if (is_portrait && ty >= 1)
		cairo_rectangle(cr, 0, 0, width, ceil(ty));
	if (!is_portrait && tx >= 1)
		cairo_rectangle(cr, 0, 0, ceil(tx), height);
}

/* Widens the samples that the segment from a to b passes over. `along` counts samples, `out` is the distance. */
static void sample_segment(struct rc_edge_profile *profile, const double a[2], const double b[2])
{
	const double *low = a[0] <= b[0] ? a : b;
	const double *high = a[0] <= b[0] ? b : a;

	for (int i = (int)ceil(low[0] - 1e-6); i <= high[0] + 1e-6; i++) {
		double span = high[0] - low[0];
		double out = span < 1e-9 ? fmax(low[1], high[1])
					 : low[1] + (high[1] - low[1]) * (i - low[0]) / span;

		if (i >= 0 && i < RC_EDGE_SAMPLES)
			profile->at[i] = fmax(profile->at[i], out);
	}
}

void rc_shape_edge_profile(const struct rc_layout *layout, enum rc_edge edge,
			   struct rc_edge_profile *profile)
{
	cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
	cairo_t *cr = cairo_create(surface);
	bool is_portrait = layout->form == RC_FORM_PORTRAIT;
	double length = is_portrait ? layout->panel.width : layout->panel.height;
	double last[2] = {0, 0};

	*profile = (struct rc_edge_profile){0};
	rc_shape_edge(cr, layout, edge);
	cairo_path_t *flat = cairo_copy_path_flat(cr);

	for (int i = 0; i < flat->num_data; i += flat->data[i].header.length) {
		const cairo_path_data_t *data = &flat->data[i];

		if (data->header.type == CAIRO_PATH_CLOSE_PATH)
			continue;
		double x = data[1].point.x, y = data[1].point.y;
		double here[2] = {(is_portrait ? x : y) / length * (RC_EDGE_SAMPLES - 1),
				  is_portrait ? y : x};

		if (data->header.type == CAIRO_PATH_LINE_TO)
			sample_segment(profile, last, here);
		last[0] = here[0];
		last[1] = here[1];
	}
	cairo_path_destroy(flat);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
}

void rc_shape_profile_path(cairo_t *cr, const struct rc_layout *layout,
			   const struct rc_edge_profile *profile)
{
	bool is_portrait = layout->form == RC_FORM_PORTRAIT;
	double length = is_portrait ? layout->panel.width : layout->panel.height;

	cairo_move_to(cr, 0, 0);
	for (int i = 0; i < RC_EDGE_SAMPLES; i++) {
		double along = length * i / (RC_EDGE_SAMPLES - 1);

		cairo_line_to(cr, is_portrait ? along : profile->at[i],
			      is_portrait ? profile->at[i] : along);
	}
	cairo_line_to(cr, is_portrait ? length : 0, is_portrait ? 0 : length);
	cairo_close_path(cr);
}

void rc_shape_round_box(cairo_t *cr, double x, double y, double width, double height, double radius)
{
	double r = fmin(radius, fmin(width, height) / 2);

	cairo_new_sub_path(cr);
	cairo_arc(cr, x + width - r, y + r, r, -M_PI / 2, 0);
	cairo_arc(cr, x + width - r, y + height - r, r, 0, M_PI / 2);
	cairo_arc(cr, x + r, y + height - r, r, M_PI / 2, M_PI);
	cairo_arc(cr, x + r, y + r, r, M_PI, 3 * M_PI / 2);
	cairo_close_path(cr);
}
