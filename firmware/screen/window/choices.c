/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/choices.h"

#include "firmware/screen/window/labels.h"

struct touch {
	void (*chosen)(void *context, size_t n);
	void *context;
	size_t n;
};

static GtkWidget *content_new(const struct rc_stage *stage, const struct rc_view_choice *choice,
			      enum rc_view_lang lang, int width)
{
	const struct rc_layout *layout = &stage->layout;
	GtkWidget *fixed = gtk_fixed_new();
	struct rc_label_style time = {.size = layout->size[RC_SIZE_T_LEAD],
				      .line_height = 1.15,
				      .is_bold = true,
				      .is_tabular = true,
				      .lang = lang,
				      .colour = RC_COLOUR_INK};
	struct rc_label_style title = time, room = time;
	const int sizes[] = {time.size, layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE]};
	GtkWidget *when = rc_label_new(choice->starts, &time);
	int x = layout->row_pad + rc_label_extent(when).width + layout->size[RC_SIZE_S_3];
	int room_height = 0;

	title.width = room.width = width - x - layout->row_pad;
	title.is_tabular = false;
	title.size = rc_label_fit(choice->title, title, sizes, 3, 1);
	room.size = layout->size[RC_SIZE_T_NOTE];
	room.is_bold = false;
	GtkWidget *what = rc_label_new(choice->title, &title);
	GtkWidget *where = rc_label_new(choice->room, &room);

	if (choice->room[0])
		room_height = rc_label_height(where, &room);
	int y = (layout->choice_height - rc_label_height(what, &title) - room_height) / 2;

	rc_label_put(GTK_FIXED(fixed), when, &time, layout->row_pad,
		     (layout->choice_height - rc_label_height(when, &time)) / 2);
	rc_label_put(GTK_FIXED(fixed), what, &title, x, y);
	rc_label_put(GTK_FIXED(fixed), where, &room, x, y + rc_label_height(what, &title));
	return fixed;
}

GtkWidget *rc_choice_new(const struct rc_stage *stage, const struct rc_view_greeting *greeting,
			 size_t n, int width)
{
	const struct rc_view_choice *choice = &greeting->choices[n];
	GtkWidget *row = gtk_button_new();
	char *name = g_strjoin(" ", choice->starts, choice->title, choice->room, NULL);

	gtk_button_set_child(GTK_BUTTON(row), content_new(stage, choice, greeting->scan.lang, width));
	gtk_widget_add_css_class(row, "choice");
	gtk_widget_set_overflow(row, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_size_request(row, width, stage->layout.choice_height);
	gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
	g_free(name);
	return row;
}

static void handle_clicked(GtkButton *row, gpointer data)
{
	const struct touch *touch = data;

	(void)row;
	touch->chosen(touch->context, touch->n);
}

static void touch_free(gpointer data, GClosure *closure)
{
	(void)closure;
	g_free(data);
}

void rc_choice_connect(GtkWidget *row, void (*chosen)(void *context, size_t n), void *context, size_t n)
{
	struct touch *touch = g_new(struct touch, 1);

	*touch = (struct touch){.chosen = chosen, .context = context, .n = n};
	g_signal_connect_data(row, "clicked", G_CALLBACK(handle_clicked), touch, touch_free, 0);
}
