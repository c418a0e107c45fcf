/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_SHAPES_H
#define RC_SCREEN_SHAPES_H
/* Draws shapes, icons and panel edges with cairo, from the tables made of shapes.json. GTK's thread. */
#include "firmware/screen/layout.h"
#include "firmware/screen/look.h"

#include <cairo.h>

#define RC_EDGE_SAMPLES 97

/* The cut side of a panel as a function: x for evenly spaced y (portrait: y for evenly spaced x), in px. */
struct rc_edge_profile {
	double at[RC_EDGE_SAMPLES];
};

/* Makes a token's colour the source of what is drawn next. */
void rc_shape_source(cairo_t *cr, const struct rc_rgba *colour);

/* The verdict's shape with its glyph in a square of `size` at the origin. */
void rc_shape_draw(cairo_t *cr, const struct rc_look *look, double size,
		   const struct rc_rgba *shape, const struct rc_rgba *glyph);

/* An icon in a square of `size` at the origin. */
void rc_shape_draw_icon(cairo_t *cr, enum rc_icon icon, double size, const struct rc_rgba *colour);

/* Adds the panel's outline to the path. */
void rc_shape_edge(cairo_t *cr, const struct rc_layout *layout, enum rc_edge edge);

/* The same outline as samples, to be mixed with another's; and back to a path. */
void rc_shape_edge_profile(const struct rc_layout *layout, enum rc_edge edge,
			   struct rc_edge_profile *profile);
void rc_shape_profile_path(cairo_t *cr, const struct rc_layout *layout,
			   const struct rc_edge_profile *profile);

/* Adds a box with round corners to the path. */
void rc_shape_round_box(cairo_t *cr, double x, double y, double width, double height, double radius);

#endif
