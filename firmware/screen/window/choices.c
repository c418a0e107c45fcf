/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/choices.h"

#include "firmware/screen/window/labels.h"

struct touch {
	void (*chosen)(void *context, size_t n);
	void *context;
	size_t n;
};

/* A row's three texts. */
struct row {
	GtkWidget *when, *what, *where;
	struct rc_label_style time, title, room;
	int x; /* of title and room */
	int title_height, room_height;
};

static struct row row_new(const struct rc_stage *stage, const struct rc_view_choice *choice,
			  enum rc_view_lang lang, int width)
{
	const struct rc_layout *layout = &stage->layout;
	const struct rc_label_style time = {.size = layout->size[RC_SIZE_T_LEAD],
					    .line_height = 1.15,
					    .is_bold = true,
					    .is_tabular = true,
					    .lang = lang,
					    .colour = RC_COLOUR_INK};
	struct row row = {.time = time, .title = time, .room = time};
	const int sizes[] = {time.size, layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE]};

	row.when = rc_label_new(choice->starts, &row.time);
	row.x = layout->row_pad + rc_label_extent(row.when).width + layout->size[RC_SIZE_S_3];
	row.title.width = row.room.width = width - row.x - layout->row_pad;
	row.title.is_tabular = false;
	row.title.size = rc_label_fit(choice->title, row.title, sizes, 3, 1);
	row.room.size = layout->size[RC_SIZE_T_NOTE];
	row.room.is_bold = false;
	row.what = rc_label_new(choice->title, &row.title);
	row.where = rc_label_new(choice->room, &row.room);
	row.title_height = rc_label_height(row.what, &row.title);
	row.room_height = choice->room[0] ? rc_label_height(row.where, &row.room) : 0;
	return row;
}

/* A long title makes its row higher. */
static int row_height(const struct rc_layout *layout, const struct row *row)
{
	return MAX(layout->choice_height, row->title_height + row->room_height + layout->row_pad / 2);
}

static GtkWidget *content_new(const struct rc_stage *stage, const struct rc_view_choice *choice,
			      enum rc_view_lang lang, int width)
{
	const struct rc_layout *layout = &stage->layout;
	GtkWidget *fixed = gtk_fixed_new();
	struct row row = row_new(stage, choice, lang, width);
	int height = row_height(layout, &row);
	int y = (height - row.title_height - row.room_height) / 2;

	rc_label_put(GTK_FIXED(fixed), row.when, &row.time, layout->row_pad,
		     (height - rc_label_height(row.when, &row.time)) / 2);
	rc_label_put(GTK_FIXED(fixed), row.what, &row.title, row.x, y);
	rc_label_put(GTK_FIXED(fixed), row.where, &row.room, row.x, y + row.title_height);
	return fixed;
}

int rc_choice_height(const struct rc_stage *stage, const struct rc_view_choice *choice,
		     enum rc_view_lang lang, int width)
{
	struct row row = row_new(stage, choice, lang, width);
	GtkWidget *const labels[] = {row.when, row.what, row.where};

	for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
		g_object_unref(g_object_ref_sink(labels[i]));
	return row_height(&stage->layout, &row);
}

GtkWidget *rc_choice_new(const struct rc_stage *stage, const struct rc_view_choice *choice,
			 enum rc_view_lang lang, int width)
{
	GtkWidget *row = gtk_button_new();
	char *name = g_strjoin(" ", choice->starts, choice->title, choice->room, NULL);

	gtk_button_set_child(GTK_BUTTON(row), content_new(stage, choice, lang, width));
	gtk_widget_add_css_class(row, "choice");
	gtk_widget_set_overflow(row, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_size_request(row, width, rc_choice_height(stage, choice, lang, width));
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
