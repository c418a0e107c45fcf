/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/bar.h"

#include "firmware/screen/texts.h"
#include "firmware/screen/window/buttons.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/labels.h"
#include "firmware/screen/wording.h"

#include <math.h>

struct rc_bar {
	GtkWidget *fixed;
	const struct rc_stage *stage;
	GtkWidget *status; /* kept: the button round time and marks */
	GtkWidget *marks;  /* refilled with each model */
	struct rc_buttons *buttons;
	int button_x; /* where they begin */
	void (*touched)(void *context, enum rc_view_touch touch, char key);
	void *context;
};

static void handle_clicked(GtkButton *button, gpointer data)
{
	struct rc_bar *bar = data;

	(void)button;
	bar->touched(bar->context, RC_VIEW_TOUCH_STATUS, '\0');
}

struct rc_bar *rc_bar_new(const struct rc_stage *stage,
			  void (*touched)(void *context, enum rc_view_touch touch, char key),
			  void *context)
{
	struct rc_bar *bar = g_new0(struct rc_bar, 1);

	bar->stage = stage;
	bar->touched = touched;
	bar->context = context;
	bar->fixed = gtk_fixed_new();
	bar->marks = gtk_fixed_new();
	bar->status = gtk_button_new();
	gtk_widget_set_can_target(bar->marks, FALSE);
	gtk_button_set_child(GTK_BUTTON(bar->status), bar->marks);
	gtk_widget_add_css_class(bar->status, "mark");
	gtk_widget_set_halign(bar->fixed, GTK_ALIGN_FILL);
	gtk_widget_set_valign(bar->fixed, GTK_ALIGN_END);
	gtk_fixed_put(GTK_FIXED(bar->fixed), bar->status, 0, 0);
	bar->buttons = rc_buttons_new(GTK_FIXED(bar->fixed), stage, touched, context);
	g_signal_connect(bar->status, "clicked", G_CALLBACK(handle_clicked), bar);
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

/* The icon shrinks with its words. */
static int icon_size(const struct rc_layout *layout, int size)
{
	return layout->icon_mark * size / layout->size[RC_SIZE_T_NOTE];
}

static int mark_text_x(const struct rc_layout *layout, int size)
{
	return icon_size(layout, size) + (int)lround(10 * layout->factor);
}

static void measure_mark(const struct rc_layout *layout, struct mark *mark, int size, int room)
{
	mark->style.size = size;
	mark->style.width = MAX(room - mark_text_x(layout, size), 1);
	GtkWidget *label = g_object_ref_sink(rc_label_new(mark->text, &mark->style));
	struct rc_text_extent extent = rc_label_extent(label);

	mark->width = mark_text_x(layout, size) + extent.width;
	mark->height = MAX(rc_label_height(label, &mark->style), icon_size(layout, size));
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
				int size, struct rc_box room)
{
	int width = -mark_gap(layout), height = 0, widest = 0;
	bool is_on_one_line = true;

	for (size_t i = 0; i < count; i++) {
		measure_mark(layout, &marks[i], size, room.width);
		width += marks[i].width + mark_gap(layout);
		height += marks[i].height;
		widest = MAX(widest, marks[i].width);
		is_on_one_line = is_on_one_line && marks[i].line_count == 1;
	}
	if (is_on_one_line && width <= room.width)
		return BESIDE;
	return widest <= room.width && height <= room.height ? BENEATH : TOO_BIG;
}

static void put_mark(struct rc_bar *bar, struct mark *mark, int x, int middle)
{
	const struct rc_layout *layout = &bar->stage->layout;
	GtkWidget *label = rc_label_new(mark->text, &mark->style);
	int icon = icon_size(layout, mark->style.size);

	gtk_fixed_put(GTK_FIXED(bar->marks),
		      rc_drawing_new_icon(bar->stage, mark->icon, icon, RC_COLOUR_INK_2), x,
		      middle - icon / 2);
	rc_label_put(GTK_FIXED(bar->marks), label, &mark->style,
		     x + mark_text_x(layout, mark->style.size),
		     middle - rc_label_height(label, &mark->style) / 2);
}

/* Returns the x at which the last one ends. */
static int put_marks(struct rc_bar *bar, struct mark *marks, size_t count, struct rc_box room)
{
	const struct rc_layout *layout = &bar->stage->layout;
	const int note = layout->size[RC_SIZE_T_NOTE];
	const int sizes[] = {note, note * 9 / 10, note * 4 / 5, note * 2 / 3, note / 2};
	enum arrangement arrangement = TOO_BIG;
	int x = room.x, y = 0, right = x;

	/* A single one rather shrinks a little than breaks. */
	for (size_t i = 0; i < 3 && count == 1 && arrangement != BESIDE; i++)
		arrangement = arrange(layout, marks, count, sizes[i], room);
	if (arrangement != BESIDE)
		arrangement = TOO_BIG;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes) && arrangement == TOO_BIG; i++)
		arrangement = arrange(layout, marks, count, sizes[i], room);
	for (size_t i = 0; i < count; i++)
		y += marks[i].height;
	y = room.y + (room.height - y) / 2;
	for (size_t i = 0; i < count; i++) {
		bool is_beside = arrangement == BESIDE;

		put_mark(bar, &marks[i], x,
			 is_beside ? room.y + room.height / 2 : y + marks[i].height / 2);
		right = MAX(right, x + marks[i].width);
		if (is_beside)
			x += marks[i].width + mark_gap(layout);
		y += marks[i].height;
	}
	return right;
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

/* Returns where they end. */
static int fill_marks(struct rc_bar *bar, const struct rc_view *view)
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
	/* Upright, large letters leave no room beside the time: the marks stand beneath it. */
	bool is_beneath = layout->is_large_text && layout->form == RC_FORM_PORTRAIT;
	struct rc_box room = {.x = layout->size[RC_SIZE_MARGIN], .height = layout->bar.height};
	int time_right, marks_right;
	struct mark marks[2];
	size_t count;

	rc_label_clear(GTK_FIXED(bar->marks));
	if (view->is_unconnected)
		return 0;
	rc_words_of_time(view, text);
	GtkWidget *label = rc_label_new(text, &now);

	time_right = room.x + rc_label_extent(label).width;
	if (is_beneath) {
		room.y = now.size;
		room.height -= now.size + gap / 2;
	}
	rc_label_put(GTK_FIXED(bar->marks), label, &now, room.x,
		     is_beneath ? 0 : (layout->bar.height - now.size) / 2);
	if (!is_beneath)
		room.x = time_right + 2 * gap;
	room.width = bar->button_x - gap - room.x;
	count = marks_of(view, marks);
	marks_right = put_marks(bar, marks, count, room);
	return MAX(time_right, marks_right) + gap;
}

/* Time and marks are one button, as wide as they are and as high as the bar; what it is called says them all. */
static void fit_status(struct rc_bar *bar, const struct rc_view *view, int right)
{
	const struct rc_layout *layout = &bar->stage->layout;
	char time[RC_WORDS_BYTES], sync[RC_WORDS_BYTES];
	char *name;

	rc_words_of_time(view, time);
	rc_words_of_sync(view, sync);
	name = g_strdup_printf("%s · %s", time, sync);
	gtk_widget_set_size_request(bar->marks, right, layout->bar.height);
	gtk_widget_set_size_request(bar->status, right, layout->bar.height);
	gtk_widget_set_visible(bar->status, !view->is_unconnected);
	/* Enrolment has nothing to tell yet. */
	gtk_widget_set_can_target(bar->status, view->screen != RC_VIEW_ENROL);
	gtk_widget_set_can_focus(bar->status, view->screen != RC_VIEW_ENROL);
	gtk_accessible_update_property(GTK_ACCESSIBLE(bar->status), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
	g_free(name);
}

void rc_bar_fill(struct rc_bar *bar, const struct rc_view *view)
{
	const struct rc_layout *layout = &bar->stage->layout;
	int right;

	gtk_widget_set_size_request(bar->fixed, layout->bar.width, layout->bar.height);
	bar->button_x = rc_buttons_fill(bar->buttons, view);
	right = fill_marks(bar, view);
	fit_status(bar, view, right);
}
