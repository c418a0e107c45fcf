/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/panel.h"

#include "firmware/screen/look.h"
#include "firmware/screen/window/panel_priv.h"

GtkWidget *rc_panel_new(void (*chosen)(void *context, size_t choice), void *context)
{
	GtkWidget *panel = gtk_scrolled_window_new();
	GtkWidget *texts =
	    g_object_new(GTK_TYPE_FIXED, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
	struct rc_panel_chooser *chooser = g_new(struct rc_panel_chooser, 1);

	*chooser = (struct rc_panel_chooser){.chosen = chosen, .context = context};
	g_object_set_data_full(G_OBJECT(texts), "rc-chooser", chooser, g_free);
	g_object_set_data(G_OBJECT(panel), "rc-texts", texts);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(panel), GTK_POLICY_EXTERNAL,
				       GTK_POLICY_EXTERNAL);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(panel), texts);
	gtk_widget_set_halign(panel, GTK_ALIGN_START);
	gtk_widget_set_valign(panel, GTK_ALIGN_START);
	return panel;
}

/* The edge leaves more room where it bulges: a disc at its middle, a square all along; a diamond's corners are cut. */
static void set_widths(struct rc_column *column, const struct rc_layout *layout, enum rc_edge edge)
{
	int plain = layout->text_right - layout->text_left;
	int wide = layout->text_right_wide - layout->text_left;
	int beside = layout->shape + layout->shape_gap;

	column->width = edge == RC_EDGE_SQUARE || edge == RC_EDGE_DIAMOND ? wide : plain;
	column->line_width = edge == RC_EDGE_POST ? plain : wide;
	column->head_width = (edge == RC_EDGE_POST || edge == RC_EDGE_DIAMOND ? plain : wide) - beside;
	if (edge == RC_EDGE_DISC)
		column->head_width += (wide - plain) / 4;
}

/* What is too long for the panel is reached by moving it; everything else stands still and lets touches through. */
static void set_height(GtkWidget *panel, struct rc_column *column, bool has_choices)
{
	const struct rc_layout *layout = &column->stage->layout;
	int over = rc_column_bottom(column) - layout->text_bottom;
	int seen = layout->panel.height;
	bool is_long = over > 0;
	GtkAdjustment *at = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(panel));

	/* In portrait the cut edge lies below: text that moves must not reach it. */
	if (is_long && layout->form == RC_FORM_PORTRAIT)
		seen = layout->text_bottom;
	gtk_widget_set_size_request(panel, layout->panel.width, seen);
	gtk_widget_set_size_request(GTK_WIDGET(column->fixed), layout->panel.width, seen + MAX(over, 0));
	gtk_widget_set_focusable(panel, is_long);
	gtk_widget_set_can_target(panel, is_long || has_choices);
	gtk_adjustment_set_value(at, 0);
}

/* What is moved passes the corners that are cut off a diamond. */
static void set_narrow_widths(struct rc_column *column, const struct rc_layout *layout)
{
	int right = layout->form == RC_FORM_PORTRAIT ? layout->text_right
						     : (int)(layout->panel.width * 650.0 / 824);

	column->width = column->line_width = right - layout->text_left;
	column->head_width = column->width - layout->shape - layout->shape_gap;
}

static void fill_texts(struct rc_column *column, GtkWidget *texts, const struct rc_view *view,
		       bool has_choices)
{
	rc_label_clear(column->fixed);
	memset(column->widgets, 0, sizeof(column->widgets));
	if (has_choices)
		rc_panel__fill_choices(column, texts, view);
	else if (view->screen == RC_VIEW_GREETING || view->screen == RC_VIEW_FAULT)
		rc_panel__fill_greeting(column, texts, view);
	else
		rc_panel__fill_calm(column, texts, view);
}

void rc_panel_fill(GtkWidget *panel, const struct rc_stage *stage, const struct rc_view *view)
{
	GtkWidget *texts = g_object_get_data(G_OBJECT(panel), "rc-texts");
	const struct rc_layout *layout = &stage->layout;
	const struct rc_look *look = rc_look_of_view(view);
	bool is_greeting = view->screen == RC_VIEW_GREETING;
	bool has_choices = is_greeting && !view->greeting.scan.is_other &&
			   view->greeting.scan.verdict == RC_VERDICT_CHOOSE_SESSION &&
			   view->greeting.choice_count > 0;
	struct rc_column column = {.fixed = GTK_FIXED(texts), .stage = stage, .ink = look->ink};

	column.lang = is_greeting ? view->greeting.scan.lang : view->lang;
	set_widths(&column, layout, look->edge);
	fill_texts(&column, texts, view, has_choices);
	if (look->edge == RC_EDGE_DIAMOND && rc_column_bottom(&column) > layout->text_bottom) {
		column.count = 0;
		set_narrow_widths(&column, layout);
		fill_texts(&column, texts, view, has_choices);
	}
	set_height(panel, &column, has_choices);
}
