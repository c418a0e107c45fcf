/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/panel.h"

#include "firmware/screen/look.h"
#include "firmware/screen/window/panel_priv.h"

GtkWidget *rc_panel_new(void (*chosen)(void *context, size_t choice), void *context)
{
	GtkWidget *panel =
	    g_object_new(GTK_TYPE_FIXED, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
	struct rc_panel_chooser *chooser = g_new(struct rc_panel_chooser, 1);

	*chooser = (struct rc_panel_chooser){.chosen = chosen, .context = context};
	g_object_set_data_full(G_OBJECT(panel), "rc-chooser", chooser, g_free);
	gtk_widget_set_overflow(panel, GTK_OVERFLOW_HIDDEN);
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

void rc_panel_fill(GtkWidget *panel, const struct rc_stage *stage, const struct rc_view *view)
{
	const struct rc_layout *layout = &stage->layout;
	const struct rc_look *look = rc_look_of_view(view);
	bool is_greeting = view->screen == RC_VIEW_GREETING;
	bool has_choices = is_greeting && !view->greeting.scan.is_other &&
			   view->greeting.scan.verdict == RC_VERDICT_CHOOSE_SESSION &&
			   view->greeting.choice_count > 0;
	struct rc_column column = {.fixed = GTK_FIXED(panel), .stage = stage, .ink = look->ink};

	column.lang = is_greeting ? view->greeting.scan.lang : view->lang;
	set_widths(&column, layout, look->edge);
	rc_label_clear(GTK_FIXED(panel));
	gtk_widget_set_size_request(panel, layout->panel.width, layout->panel.height);
	gtk_widget_set_can_target(panel, has_choices);
	if (has_choices)
		rc_panel__fill_choices(&column, panel, view);
	else if (is_greeting || view->screen == RC_VIEW_FAULT)
		rc_panel__fill_greeting(&column, panel, view);
	else
		rc_panel__fill_calm(&column, panel, view);
}
