/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/bar.h"

#include "firmware/screen/texts.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/labels.h"
#include "firmware/screen/wording.h"

#include <math.h>

struct rc_bar {
	GtkWidget *fixed;
	const struct rc_stage *stage;
	GtkWidget *marks;  /* refilled with each model */
	GtkWidget *button; /* kept */
	void (*touched)(void *context);
	void *context;
};

static void handle_clicked(GtkButton *button, gpointer data)
{
	struct rc_bar *bar = data;

	(void)button;
	bar->touched(bar->context);
}

struct rc_bar *rc_bar_new(const struct rc_stage *stage, void (*touched)(void *context), void *context)
{
	struct rc_bar *bar = g_new0(struct rc_bar, 1);

	bar->stage = stage;
	bar->touched = touched;
	bar->context = context;
	bar->fixed = gtk_fixed_new();
	bar->marks = gtk_fixed_new();
	bar->button = gtk_button_new();
	gtk_widget_set_can_target(bar->marks, FALSE);
	gtk_widget_set_halign(bar->fixed, GTK_ALIGN_FILL);
	gtk_widget_set_valign(bar->fixed, GTK_ALIGN_END);
	gtk_fixed_put(GTK_FIXED(bar->fixed), bar->marks, 0, 0);
	gtk_fixed_put(GTK_FIXED(bar->fixed), bar->button, 0, 0);
	g_signal_connect(bar->button, "clicked", G_CALLBACK(handle_clicked), bar);
	g_object_set_data_full(G_OBJECT(bar->fixed), "rc-bar", bar, g_free);
	return bar;
}

GtkWidget *rc_bar_widget(struct rc_bar *bar)
{
	return bar->fixed;
}

/* One icon and its words; returns the x behind them. */
static int put_mark(struct rc_bar *bar, enum rc_icon icon, const char *text, enum rc_view_lang lang, int x)
{
	const struct rc_layout *layout = &bar->stage->layout;
	struct rc_label_style note = {.size = layout->size[RC_SIZE_T_NOTE],
				      .line_height = 1.2,
				      .is_tabular = true,
				      .lang = lang,
				      .colour = RC_COLOUR_INK_2};
	int middle = layout->bar.height / 2;
	int text_x = x + layout->icon_mark + (int)lround(10 * layout->factor);
	GtkWidget *label = rc_label_new(text, &note);

	gtk_fixed_put(GTK_FIXED(bar->marks),
		      rc_drawing_new_icon(bar->stage, icon, layout->icon_mark, RC_COLOUR_INK_2), x,
		      middle - layout->icon_mark / 2);
	rc_label_put(GTK_FIXED(bar->marks), label, &note, text_x,
		     middle - rc_label_height(label, &note) / 2);
	return text_x + rc_label_extent(label).width;
}

static void fill_marks(struct rc_bar *bar, const struct rc_view *view)
{
	const struct rc_layout *layout = &bar->stage->layout;
	struct rc_label_style now = {.size = layout->now,
				     .line_height = 1,
				     .spacing = -0.01,
				     .is_tabular = true,
				     .lang = view->lang,
				     .colour = RC_COLOUR_INK};
	char text[RC_WORDS_BYTES];
	int gap = layout->size[RC_SIZE_S_2];
	int x = layout->size[RC_SIZE_MARGIN];

	rc_label_clear(GTK_FIXED(bar->marks));
	if (view->is_unconnected)
		return;
	rc_words_of_time(view, text);
	GtkWidget *label = rc_label_new(text, &now);

	rc_label_put(GTK_FIXED(bar->marks), label, &now, x, (layout->bar.height - now.size) / 2);
	x += rc_label_extent(label).width + 2 * gap;
	/* Enrolment has nothing to send yet. */
	if (view->screen != RC_VIEW_ENROL) {
		rc_words_of_sync(view, text);
		x = put_mark(bar, view->sync.is_waiting ? RC_ICON_QUEUE : RC_ICON_SENT, text,
			     view->lang, x) +
		    gap + layout->size[RC_SIZE_S_3];
	}
	if (!view->sync.is_clock_sure)
		put_mark(bar, RC_ICON_CLOCKQ, rc_text(view->lang, N_("Time to be confirmed")),
			 view->lang, x);
}

/* The button names the language that it leads to, in that language. */
static void fill_button(struct rc_bar *bar, const struct rc_view *view)
{
	const struct rc_layout *layout = &bar->stage->layout;
	enum rc_view_lang other = rc_text_other(view->lang);
	struct rc_label_style style = {.size = layout->size[RC_SIZE_T_BODY],
				       .line_height = 1.4,
				       .is_bold = true,
				       .lang = other,
				       .colour = RC_COLOUR_INK};
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, layout->button_gap);
	GtkWidget *label = rc_label_new(rc_text(other, N_("English")), &style);
	int target = layout->size[RC_SIZE_TARGET];
	int width = 2 * layout->button_pad + layout->icon_button + layout->button_gap +
		    rc_label_extent(label).width;

	gtk_box_append(GTK_BOX(box), rc_drawing_new_icon(bar->stage, RC_ICON_LANG,
							 layout->icon_button, RC_COLOUR_INK));
	gtk_box_append(GTK_BOX(box), label);
	gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
	gtk_button_set_child(GTK_BUTTON(bar->button), box);
	gtk_accessible_update_property(GTK_ACCESSIBLE(bar->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       rc_text(other, N_("English")), -1);
	gtk_widget_set_size_request(bar->button, MAX(width, target), target);
	gtk_widget_set_visible(bar->button, !view->is_unconnected);
	gtk_fixed_move(GTK_FIXED(bar->fixed), bar->button,
		       layout->width - layout->size[RC_SIZE_MARGIN] - MAX(width, target),
		       (layout->bar.height - target) / 2);
}

void rc_bar_fill(struct rc_bar *bar, const struct rc_view *view)
{
	const struct rc_layout *layout = &bar->stage->layout;

	gtk_widget_set_size_request(bar->fixed, layout->bar.width, layout->bar.height);
	gtk_widget_set_size_request(bar->marks, layout->bar.width, layout->bar.height);
	fill_marks(bar, view);
	fill_button(bar, view);
}
