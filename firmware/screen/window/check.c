/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every line of every label becomes a box of ink in the window's coordinates; icons and marks become boxes too. A box must
 * lie inside its place (the panel's cut shape, the side column, the bar, its button) and may not touch another widget's,
 * but for a number inside its ring. Text that large letters push below the panel's end is looked at when it is moved there.
 */
#include "firmware/screen/window/check.h"

#include "firmware/screen/keypad.h"
#include "firmware/screen/window/backdrop.h"
#include "firmware/screen/window/shapes.h"

#include <stdio.h>

struct ink {
	GtkWidget *widget;
	graphene_rect_t box;
	bool is_text;
};

struct check {
	const struct rc_check_fields *fields;
	const char *name;
	GArray *inks; /* struct ink */
	size_t found_count;
};

static const char *text_of(const struct ink *ink)
{
	return ink->is_text ? gtk_label_get_text(GTK_LABEL(ink->widget)) : "(drawing)";
}

static void report(struct check *check, const struct ink *ink, const char *what)
{
	check->found_count++;
	(void)printf("%s: \"%s\" %s (%.0f,%.0f %.0fx%.0f)\n", check->name, text_of(ink), what,
		     (double)ink->box.origin.x, (double)ink->box.origin.y,
		     (double)ink->box.size.width, (double)ink->box.size.height);
}

static void add_line(struct check *check, GtkWidget *label, PangoRectangle ink, int x, int y)
{
	graphene_point_t at = GRAPHENE_POINT_INIT((float)(x + ink.x), (float)(y + ink.y));
	struct ink line = {.widget = label, .is_text = true};

	if (ink.width == 0 || !gtk_widget_compute_point(label, check->fields->window, &at, &at))
		return;
	line.box = GRAPHENE_RECT_INIT(at.x, at.y, (float)ink.width, (float)ink.height);
	g_array_append_val(check->inks, line);
}

/* What only the label's own layout knows. */
static void check_label(struct check *check, GtkWidget *label)
{
	PangoLayout *layout = gtk_label_get_layout(GTK_LABEL(label));
	PangoLayoutIter *iter = pango_layout_get_iter(layout);
	const struct ink whole = {.widget = label, .is_text = true};
	PangoRectangle ink;
	int x, y;

	gtk_label_get_layout_offsets(GTK_LABEL(label), &x, &y);
	do {
		pango_layout_iter_get_line_extents(iter, &ink, NULL);
		pango_extents_to_pixels(&ink, NULL);
		add_line(check, label, ink, x, y);
	} while (pango_layout_iter_next_line(iter));
	pango_layout_iter_free(iter);
	if (pango_layout_is_ellipsized(layout))
		report(check, &whole, "ends in an ellipsis");
	if (pango_layout_get_unknown_glyphs_count(layout) > 0)
		report(check, &whole, "has characters that no font draws");
}

static void add_drawing(struct check *check, GtkWidget *area)
{
	struct ink drawing = {.widget = area};

	if (gtk_widget_compute_bounds(area, check->fields->window, &drawing.box))
		g_array_append_val(check->inks, drawing);
}

static void collect(struct check *check, GtkWidget *widget)
{
	if (!gtk_widget_get_mapped(widget))
		return;
	if (GTK_IS_LABEL(widget))
		check_label(check, widget);
	else if (GTK_IS_DRAWING_AREA(widget))
		add_drawing(check, widget);
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child))
		collect(check, child);
}

static graphene_rect_t rect_of(struct rc_box box)
{
	return GRAPHENE_RECT_INIT((float)box.x, (float)box.y, (float)box.width, (float)box.height);
}

static bool is_in_shape(cairo_t *cr, const graphene_rect_t *box)
{
	double left = box->origin.x, top = box->origin.y;
	double right = left + box->size.width, bottom = top + box->size.height;

	return cairo_in_fill(cr, left, top) && cairo_in_fill(cr, right, top) &&
	       cairo_in_fill(cr, left, bottom) && cairo_in_fill(cr, right, bottom);
}

/* True where the panel can be moved and the line isn't wholly in sight. */
static bool is_scrolled_away(const struct check *check, const graphene_rect_t *box)
{
	const struct rc_layout *layout = &check->fields->stage->layout;
	GtkAdjustment *at =
	    gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(check->fields->panel));

	return layout->is_large_text &&
	       gtk_adjustment_get_upper(at) > gtk_adjustment_get_page_size(at) &&
	       (box->origin.y < 0 ||
		box->origin.y + box->size.height > (float)gtk_adjustment_get_page_size(at));
}

static void check_panel_line(struct check *check, cairo_t *cr, const struct ink *ink)
{
	const struct rc_layout *layout = &check->fields->stage->layout;

	if (is_scrolled_away(check, &ink->box))
		return;
	cairo_new_path(cr);
	rc_shape_edge(cr, layout, check->fields->edge);
	if (!is_in_shape(cr, &ink->box))
		report(check, ink, "leaves the panel's shape");
}

/* A row of the stack must stay on a tile, the count in the column; figures and
 * descenders may stand out by a hair. */
static void check_side_line(struct check *check, const struct ink *ink)
{
	const struct rc_layout *layout = &check->fields->stage->layout;
	graphene_rect_t side = rect_of(layout->side), camera = rect_of(layout->camera);

	for (size_t i = 0; i < check->fields->tile_count; i++) {
		graphene_rect_t tile = rect_of(rc_backdrop_tile(layout, i, check->fields->tile_count));

		if (graphene_rect_contains_rect(&tile, &ink->box))
			return;
	}
	if (check->fields->is_camera_away && graphene_rect_contains_rect(&camera, &ink->box))
		return;
	graphene_rect_inset(&side, -4, -4);
	if (check->fields->tile_count > 0)
		report(check, ink, "leaves its row");
	else if (!graphene_rect_contains_rect(&side, &ink->box))
		report(check, ink, "leaves the side column");
}

static void check_sheet_line(struct check *check, const struct ink *ink)
{
	graphene_rect_t sheet = rect_of(rc_sheet_box(&check->fields->stage->layout));

	if (!graphene_rect_contains_rect(&sheet, &ink->box))
		report(check, ink, "leaves its sheet");
}

static void check_place(struct check *check, cairo_t *cr, const struct ink *ink)
{
	const struct rc_check_fields *fields = check->fields;
	GtkWidget *button = gtk_widget_get_ancestor(ink->widget, GTK_TYPE_BUTTON);
	graphene_rect_t place = rect_of(fields->stage->layout.bar);

	if (gtk_widget_is_ancestor(ink->widget, fields->panel))
		check_panel_line(check, cr, ink);
	else if (gtk_widget_is_ancestor(ink->widget, fields->sheet))
		check_sheet_line(check, ink);
	else if (gtk_widget_is_ancestor(ink->widget, fields->side))
		check_side_line(check, ink);
	else if (gtk_widget_is_ancestor(ink->widget, fields->bar) &&
		 !graphene_rect_contains_rect(&place, &ink->box))
		report(check, ink, "leaves the bar");
	if (button && gtk_widget_compute_bounds(button, fields->window, &place) &&
	    !graphene_rect_contains_rect(&place, &ink->box))
		report(check, ink, "leaves its button");
}

/* Only layers that hold text: the backdrop lies behind them all, and no text may stand on the camera's picture. */
static bool is_behind(const struct check *check, const struct ink *ink)
{
	const struct rc_layout *layout = &check->fields->stage->layout;

	return !ink->is_text &&
	       (ink->box.size.width >= (float)layout->width ||
		(check->fields->is_camera_away && ink->widget == check->fields->camera));
}

static void check_pair(struct check *check, const struct ink *a, const struct ink *b)
{
	char what[400];

	if (a->widget == b->widget || (!a->is_text && !b->is_text) || is_behind(check, a) ||
	    is_behind(check, b) || !graphene_rect_intersection(&a->box, &b->box, NULL))
		return;
	if ((!a->is_text && graphene_rect_contains_rect(&a->box, &b->box) &&
	     !GTK_IS_OVERLAY(gtk_widget_get_parent(a->widget))) ||
	    (!b->is_text && graphene_rect_contains_rect(&b->box, &a->box) &&
	     !GTK_IS_OVERLAY(gtk_widget_get_parent(b->widget))))
		return; /* a number in its ring */
	if (is_scrolled_away(check, &a->box) || is_scrolled_away(check, &b->box))
		return;
	(void)g_snprintf(what, sizeof(what), "touches \"%s\"", text_of(b));
	report(check, a, what);
}

size_t rc_check_texts(const struct rc_check_fields *fields, const char *name)
{
	struct check check = {.fields = fields, .name = name};
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
	cairo_t *cr = cairo_create(surface);

	check.inks = g_array_new(FALSE, FALSE, sizeof(struct ink));
	collect(&check, fields->window);
	for (guint i = 0; i < check.inks->len; i++) {
		const struct ink *ink = &g_array_index(check.inks, struct ink, i);

		if (ink->is_text)
			check_place(&check, cr, ink);
		for (guint j = i + 1; j < check.inks->len; j++)
			check_pair(&check, ink, &g_array_index(check.inks, struct ink, j));
	}
	g_array_unref(check.inks);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return check.found_count;
}
