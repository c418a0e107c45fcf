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
	int button_x;      /* where it begins */
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

/* An icon and its words, as they come out in the room that the button leaves. */
struct mark {
	enum rc_icon icon;
	char text[RC_WORDS_BYTES];
	struct rc_label_style style;
	int width, height, line_count;
};

static int mark_text_x(const struct rc_layout *layout)
{
	return layout->icon_mark + (int)lround(10 * layout->factor);
}

static void measure_mark(const struct rc_layout *layout, struct mark *mark, int size, int room)
{
	mark->style.size = size;
	mark->style.width = MAX(room - mark_text_x(layout), 1);
	GtkWidget *label = g_object_ref_sink(rc_label_new(mark->text, &mark->style));
	struct rc_text_extent extent = rc_label_extent(label);

	mark->width = mark_text_x(layout) + extent.width;
	mark->height = MAX(rc_label_height(label, &mark->style), layout->icon_mark);
	mark->line_count = extent.line_count;
	g_object_unref(label);
}

enum arrangement { BESIDE, BENEATH, TOO_BIG };

static int mark_gap(const struct rc_layout *layout)
{
	return layout->size[RC_SIZE_S_2] + layout->size[RC_SIZE_S_3];
}

/* Beside each other on one line; where the button leaves no room for that, under each other. */
static enum arrangement arrange(const struct rc_layout *layout, struct mark *marks, size_t count,
				int size, int room)
{
	int width = -mark_gap(layout), height = 0, widest = 0;
	bool is_on_one_line = true;

	for (size_t i = 0; i < count; i++) {
		measure_mark(layout, &marks[i], size, room);
		width += marks[i].width + mark_gap(layout);
		height += marks[i].height;
		widest = MAX(widest, marks[i].width);
		is_on_one_line = is_on_one_line && marks[i].line_count == 1;
	}
	if (is_on_one_line && width <= room)
		return BESIDE;
	return widest <= room && height <= layout->bar.height ? BENEATH : TOO_BIG;
}

static void put_mark(struct rc_bar *bar, struct mark *mark, int x, int middle)
{
	const struct rc_layout *layout = &bar->stage->layout;
	GtkWidget *label = rc_label_new(mark->text, &mark->style);

	gtk_fixed_put(GTK_FIXED(bar->marks),
		      rc_drawing_new_icon(bar->stage, mark->icon, layout->icon_mark, RC_COLOUR_INK_2),
		      x, middle - layout->icon_mark / 2);
	rc_label_put(GTK_FIXED(bar->marks), label, &mark->style, x + mark_text_x(layout),
		     middle - rc_label_height(label, &mark->style) / 2);
}

static void put_marks(struct rc_bar *bar, struct mark *marks, size_t count, int x, int room)
{
	const struct rc_layout *layout = &bar->stage->layout;
	const int note = layout->size[RC_SIZE_T_NOTE];
	const int sizes[] = {note, note * 9 / 10, note * 4 / 5, note * 2 / 3};
	enum arrangement arrangement = TOO_BIG;
	int y = 0;

	/* A single one rather shrinks a little than breaks. */
	for (size_t i = 0; i < 3 && count == 1 && arrangement != BESIDE; i++)
		arrangement = arrange(layout, marks, count, sizes[i], room);
	if (arrangement != BESIDE)
		arrangement = TOO_BIG;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes) && arrangement == TOO_BIG; i++)
		arrangement = arrange(layout, marks, count, sizes[i], room);
	for (size_t i = 0; i < count; i++)
		y += marks[i].height;
	y = (layout->bar.height - y) / 2;
	for (size_t i = 0; i < count; i++) {
		bool is_beside = arrangement == BESIDE;

		put_mark(bar, &marks[i], x, is_beside ? layout->bar.height / 2 : y + marks[i].height / 2);
		if (is_beside)
			x += marks[i].width + mark_gap(layout);
		y += marks[i].height;
	}
}

static size_t marks_of(const struct rc_view *view, struct mark marks[2])
{
	size_t count = 0;

	/* Enrolment has nothing to send yet. */
	if (view->screen != RC_VIEW_ENROL) {
		marks[count].icon = view->sync.is_waiting ? RC_ICON_QUEUE : RC_ICON_SENT;
		rc_words_of_sync(view, marks[count++].text);
	}
	if (!view->sync.is_clock_sure) {
		marks[count].icon = RC_ICON_CLOCKQ;
		(void)rc_text_copy(rc_text(view->lang, N_("Time to be confirmed")),
				   marks[count].text, sizeof(marks[count].text));
		count++;
	}
	for (size_t i = 0; i < count; i++)
		marks[i].style = (struct rc_label_style){
		    .line_height = 1.2, .is_tabular = true, .lang = view->lang, .colour = RC_COLOUR_INK_2};
	return count;
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
	struct mark marks[2];
	size_t count;

	rc_label_clear(GTK_FIXED(bar->marks));
	if (view->is_unconnected)
		return;
	rc_words_of_time(view, text);
	GtkWidget *label = rc_label_new(text, &now);

	rc_label_put(GTK_FIXED(bar->marks), label, &now, x, (layout->bar.height - now.size) / 2);
	x += rc_label_extent(label).width + 2 * gap;
	count = marks_of(view, marks);
	put_marks(bar, marks, count, x, bar->button_x - gap - x);
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
	bar->button_x = layout->width - layout->size[RC_SIZE_MARGIN] - MAX(width, target);
	gtk_fixed_move(GTK_FIXED(bar->fixed), bar->button, bar->button_x,
		       (layout->bar.height - target) / 2);
}

void rc_bar_fill(struct rc_bar *bar, const struct rc_view *view)
{
	const struct rc_layout *layout = &bar->stage->layout;

	gtk_widget_set_size_request(bar->fixed, layout->bar.width, layout->bar.height);
	gtk_widget_set_size_request(bar->marks, layout->bar.width, layout->bar.height);
	fill_button(bar, view);
	fill_marks(bar, view);
}
