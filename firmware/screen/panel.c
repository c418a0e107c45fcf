/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each screen is a column: its blocks are made as labels first, measured, and then placed by rc_layout_column. A block
 * that has no text is left out.
 */
#include "firmware/screen/panel.h"

#include "firmware/screen/choices.h"
#include "firmware/screen/drawings.h"
#include "firmware/screen/labels.h"
#include "firmware/screen/texts.h"
#include "firmware/screen/wording.h"

#include <math.h>

#define BLOCK_MAX 10

struct column {
	GtkFixed *fixed;
	const struct rc_stage *stage;
	enum rc_view_lang lang;
	enum rc_colour ink;
	int width;      /* to the right limit */
	int head_width; /* of word and name beside the shape */
	int line_width; /* of what stands where the panel is wide: line, privacy */

	struct rc_layout_block blocks[BLOCK_MAX];
	GtkWidget *widgets[BLOCK_MAX];
	struct rc_label_style styles[BLOCK_MAX];
	int x[BLOCK_MAX];
	size_t count;
};

/* Hangs on the panel's widget. */
struct chooser {
	void (*chosen)(void *context, size_t choice);
	void *context;
};

GtkWidget *rc_panel_new(void (*chosen)(void *context, size_t choice), void *context)
{
	GtkWidget *panel =
	    g_object_new(GTK_TYPE_FIXED, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
	struct chooser *chooser = g_new(struct chooser, 1);

	*chooser = (struct chooser){.chosen = chosen, .context = context};
	g_object_set_data_full(G_OBJECT(panel), "rc-chooser", chooser, g_free);
	gtk_widget_set_overflow(panel, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_halign(panel, GTK_ALIGN_START);
	gtk_widget_set_valign(panel, GTK_ALIGN_START);
	return panel;
}

/* Adds a text; its style's language, colour and width are the column's unless they are set. */
static struct rc_layout_block *add(struct column *column, const char *text, int gap,
				   struct rc_label_style style)
{
	size_t n = column->count++;
	struct rc_layout_block *block = &column->blocks[n];

	g_assert(n < BLOCK_MAX);
	if (style.width == 0)
		style.width = column->width;
	column->styles[n] = style;
	column->x[n] = column->stage->layout.text_left;
	column->widgets[n] = rc_label_new(text, &style);
	*block = (struct rc_layout_block){.height = rc_label_height(column->widgets[n], &style),
					  .gap = gap};
	return block;
}

/* A block that somebody else fills: it only takes its room. */
static struct rc_layout_block *add_room(struct column *column, int height, int gap)
{
	struct rc_layout_block *block = &column->blocks[column->count++];

	*block = (struct rc_layout_block){.height = height, .gap = gap};
	return block;
}

static void place(struct column *column)
{
	const struct rc_layout *layout = &column->stage->layout;

	rc_layout_column(layout->text_top, layout->text_bottom, column->blocks, column->count);
	for (size_t i = 0; i < column->count; i++) {
		if (column->widgets[i])
			rc_label_put(column->fixed, column->widgets[i], &column->styles[i],
				     column->x[i], column->blocks[i].y);
	}
}

static struct rc_label_style style_of(const struct column *column, int size, double line_height)
{
	return (struct rc_label_style){.size = size,
				       .line_height = line_height,
				       .lang = column->lang,
				       .colour = column->ink,
				       .is_tabular = true,
				       .width = column->width};
}

/* ---- the greeting */

struct head {
	GtkWidget *word, *who; /* who: NULL where the name is the huge thing */
	struct rc_label_style word_style, who_style;
	int word_height, who_height;
};

static int line_count(const char *text, const struct rc_label_style *style)
{
	GtkWidget *label = g_object_ref_sink(rc_label_new(text, style));
	int count = rc_label_extent(label).line_count;

	g_object_unref(label);
	return count;
}

static struct head head_new(struct column *column, const struct rc_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	struct head head = {
	    .word_style = style_of(column, layout->size[RC_SIZE_T_HEAD], 1.1),
	    .who_style = style_of(column, layout->who, 1.4),
	};
	const int who_sizes[] = {layout->who, layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY]};

	head.word_style.is_bold = head.who_style.is_bold = true;
	head.word_style.is_unbroken = !rc_text_is_chinese(words->word);
	head.word_style.width = column->head_width;
	if (line_count(words->word, &head.word_style) > 1) /* then rather in two even lines */
		head.word_style.width = column->width - layout->shape - layout->shape_gap;
	head.who_style.width = head.word_style.width;
	head.word = rc_label_new(words->word, &head.word_style);
	head.word_height = rc_label_height(head.word, &head.word_style);
	if (words->who[0]) {
		head.who_style.size = rc_label_fit(words->who, head.who_style, who_sizes, 3, 1);
		head.who = rc_label_new(words->who, &head.who_style);
		head.who_height = rc_label_height(head.who, &head.who_style);
	}
	return head;
}

/* Shape and words beside each other, each in the middle of the row's height. */
static void place_head(struct column *column, const struct head *head, const struct rc_look *look,
		       const struct rc_layout_block *row)
{
	const struct rc_layout *layout = &column->stage->layout;
	int x = layout->text_left + layout->shape + layout->shape_gap;
	int y = row->y + (row->height - head->word_height - head->who_height) / 2;

	gtk_fixed_put(column->fixed, rc_drawing_new_shape(column->stage, look, layout->shape),
		      layout->text_left, row->y + (row->height - layout->shape) / 2);
	rc_label_put(column->fixed, head->word, &head->word_style, x, y);
	if (head->who)
		rc_label_put(column->fixed, head->who, &head->who_style, x, y + head->word_height);
}

struct huge {
	const char *text;
	struct rc_label_style style;
};

static struct rc_text_extent measure_huge(void *context, int size, int max_width)
{
	const struct huge *huge = context;
	struct rc_label_style style = huge->style;

	style.size = size;
	style.width = max_width;
	GtkWidget *label = g_object_ref_sink(rc_label_new(huge->text, &style));
	struct rc_text_extent extent = rc_label_extent(label);

	g_object_unref(label);
	return extent;
}

/* `rest` is the height that the other blocks leave. An action starts at the second step: it is long, and known. */
static void add_huge(struct column *column, const struct rc_words *words, int rest)
{
	const struct rc_layout *layout = &column->stage->layout;
	struct huge huge = {.text = words->huge, .style = style_of(column, 0, 0)};
	struct rc_box room = {0, 0, column->width, rest};
	int steps[RC_LAYOUT_NAME_STEPS];

	for (int i = 0; i < RC_LAYOUT_NAME_STEPS; i++)
		steps[i] = layout->name_steps[words->is_action && i == 0 ? 1 : i];
	huge.style.line_height = RC_LAYOUT_NAME_LINE_HEIGHT;
	huge.style.spacing = -0.02;
	huge.style.is_bold = true;
	huge.style.is_tabular = false;
	huge.style.is_unbroken = true;
	huge.style.size = rc_layout_fit(steps, room, measure_huge, &huge);
	if (huge.style.size == steps[RC_LAYOUT_NAME_STEPS - 1])
		huge.style.is_unbroken =
		    measure_huge(&huge, huge.style.size, room.width).width <= room.width;
	huge.style.width = room.width;
	add(column, words->huge, 0, huge.style)->is_pushed = true;
	column->x[column->count - 1] -= (int)lround(0.035 * huge.style.size);
}

static void name_panel(GtkWidget *panel, const char *a, const char *b, const char *c)
{
	char *name = g_strjoin(". ", a[0] ? a : b, a[0] ? b : c, a[0] && c[0] ? c : NULL, NULL);

	gtk_accessible_update_property(GTK_ACCESSIBLE(panel), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
	g_free(name);
}

static void add_line_and_foot(struct column *column, const struct rc_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	const int sizes[] = {layout->line, layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY]};
	const int foot_sizes[] = {layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE]};
	struct rc_label_style line = style_of(column, layout->line, 1.3);
	struct rc_label_style foot = style_of(column, layout->size[RC_SIZE_T_BODY], 1.4);

	line.width = column->line_width;
	if (words->line[0]) {
		line.size = rc_label_fit(words->line, line, sizes, 3, 2);
		add(column, words->line, layout->line_gap, line);
	}
	if (words->foot[0]) {
		foot.size = rc_label_fit(words->foot, foot, foot_sizes, 2, 1);
		add(column, words->foot, 0, foot)->is_pushed = true;
	} else {
		add_room(column, 0, 0)->is_pushed = true;
	}
}

static int used_height(const struct column *column)
{
	int used = 0;

	for (size_t i = 0; i < column->count; i++)
		used += column->blocks[i].height + column->blocks[i].gap;
	return used;
}

static void fill_greeting(struct column *column, GtkWidget *panel, const struct rc_view *view)
{
	const struct rc_layout *layout = &column->stage->layout;
	struct column below = *column; /* measured first: the huge thing gets what is left */
	struct rc_words words;
	struct head head;
	int height;

	rc_words_of_greeting(view, &words);
	name_panel(panel, words.word, words.huge, words.line);
	head = head_new(column, &words);
	height = MAX(layout->shape, head.word_height + head.who_height);
	add_line_and_foot(&below, &words);
	add_room(column, height, 0);
	add_huge(column, &words,
		 layout->text_bottom - layout->text_top - height - used_height(&below) -
		     2 * layout->size[RC_SIZE_S_3]);
	for (size_t i = 0; i < below.count; i++) {
		if (below.widgets[i])
			g_object_unref(g_object_ref_sink(below.widgets[i]));
	}
	add_line_and_foot(column, &words);
	place(column);
	place_head(column, &head, rc_look_of_view(view), &column->blocks[0]);
}

/* The question takes the head, the sessions the lower half; the name stands by the word. */
static void fill_choices(struct column *column, GtkWidget *panel, const struct rc_view *view)
{
	const struct rc_layout *layout = &column->stage->layout;
	const struct rc_view_greeting *greeting = &view->greeting;
	const struct chooser *chooser = g_object_get_data(G_OBJECT(panel), "rc-chooser");
	struct rc_label_style line = style_of(column, layout->line, 1.3);
	struct rc_words words;
	struct head head;

	rc_words_of_greeting(view, &words);
	name_panel(panel, words.word, greeting->scan.name, words.line);
	(void)rc_text_copy(greeting->scan.name, words.who, sizeof(words.who));
	head = head_new(column, &words);
	add_room(column, MAX(layout->shape, head.word_height + head.who_height), 0);
	add(column, words.line, 0, line)->is_pushed = true;
	for (size_t i = 0; i < greeting->choice_count; i++)
		add_room(column, layout->row_height, i > 0 ? layout->row_gap : layout->size[RC_SIZE_S_3]);
	place(column);
	place_head(column, &head, rc_look_of_view(view), &column->blocks[0]);
	for (size_t i = 0; i < greeting->choice_count; i++) {
		GtkWidget *row = rc_choice_new(column->stage, greeting, i, column->width);

		rc_choice_connect(row, chooser->chosen, chooser->context, i);
		gtk_fixed_put(column->fixed, row, layout->text_left, column->blocks[2 + i].y);
	}
}

/* ---- the calm screens */

static void add_calm_head(struct column *column, const struct rc_calm_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	const int sizes[] = {layout->size[RC_SIZE_T_TITLE], layout->size[RC_SIZE_T_LEAD],
			     layout->size[RC_SIZE_T_BODY]};
	struct rc_label_style meta = style_of(column, layout->size[RC_SIZE_T_BODY], 1.4);
	struct rc_label_style title = style_of(column, 0, 1.12);
	double f = layout->factor * (layout->form == RC_FORM_SMALL ? 0.4 : 1);

	meta.colour = RC_COLOUR_INK_2;
	title.is_bold = true;
	title.spacing = -0.01;
	if (words->room[0])
		add(column, words->room, 0, meta);
	if (words->session[0]) {
		title.size = rc_label_fit(words->session, title, sizes, 3, 1);
		add(column, words->session, (int)lround(8 * f), title);
	}
	if (words->meta[0])
		add(column, words->meta, (int)lround(10 * f), meta);
}

static void add_call(struct column *column, const struct rc_calm_words *words, bool is_enrol)
{
	bool is_top = words->steps[0] != NULL; /* the steps take the room below */
	const struct rc_layout *layout = &column->stage->layout;
	int call = is_enrol ? layout->enrol_call : layout->size[RC_SIZE_T_CALL];
	int gap = layout->size[RC_SIZE_S_2];
	struct rc_label_style big = style_of(column, call, RC_LAYOUT_NAME_LINE_HEIGHT);
	struct rc_label_style lead = style_of(column, layout->size[RC_SIZE_T_LEAD], 1.4);

	big.is_bold = true;
	big.spacing = -0.025;
	big.width = layout->panel.width - layout->text_left; /* the disc is widest where the call is */
	add(column, words->call, is_top ? (int)lround(14 * layout->factor) : 0, big)->is_pushed = !is_top;
	if (words->line[0])
		add(column, words->line, gap, lead);
	lead.colour = RC_COLOUR_INK_2;
	lead.lang = rc_text_other(column->lang);
	add(column, words->other, words->line[0] ? 0 : gap + 2, lead);
}

/* The number in its ring, and what to do. */
static void place_step(struct column *column, int number, const char *text, int y)
{
	const struct rc_layout *layout = &column->stage->layout;
	int x = layout->text_left + layout->step + layout->size[RC_SIZE_S_3];
	struct rc_label_style lead = style_of(column, layout->size[RC_SIZE_T_LEAD], 1.4);
	struct rc_label_style bold = style_of(column, layout->size[RC_SIZE_T_BODY], 1.4);
	const int sizes[] = {lead.size, layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE]};
	char digit[2] = {(char)('0' + number), '\0'};

	bold.is_bold = true;
	bold.width = 0;
	lead.width = layout->text_right_wide - x;
	lead.size = rc_label_fit(text, lead, sizes, 3, 1);
	GtkWidget *label = rc_label_new(text, &lead);
	GtkWidget *count = rc_label_new(digit, &bold);

	gtk_fixed_put(column->fixed, rc_drawing_new_ring(column->stage, layout->step),
		      layout->text_left, y);
	rc_label_put(column->fixed, count, &bold,
		     layout->text_left + (layout->step - rc_label_extent(count).width) / 2,
		     y + (layout->step - rc_label_height(count, &bold)) / 2);
	rc_label_put(column->fixed, label, &lead, x,
		     y + (layout->step - rc_label_height(label, &lead)) / 2);
}

static void add_steps(struct column *column)
{
	const struct rc_layout *layout = &column->stage->layout;

	for (size_t i = 0; i < RC_CALM_STEP_COUNT; i++)
		add_room(column, layout->step, i > 0 ? layout->step_gap : 0)->is_pushed = i == 0;
}

static void add_privacy(struct column *column, const struct rc_calm_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	int indent = layout->icon_note + (int)lround(12 * layout->factor);
	struct rc_label_style note = style_of(column, layout->size[RC_SIZE_T_NOTE], 1.4);

	note.colour = RC_COLOUR_INK_2;
	note.width = column->line_width - indent;
	add(column, words->privacy, 0, note)->is_pushed = true;
	column->x[column->count - 1] += indent;
}

static void place_shield(struct column *column, const struct rc_layout_block *privacy)
{
	const struct rc_layout *layout = &column->stage->layout;

	gtk_fixed_put(column->fixed,
		      rc_drawing_new_icon(column->stage, RC_ICON_SHIELD, layout->icon_note, RC_COLOUR_INK_2),
		      layout->text_left, privacy->y + (privacy->height - layout->icon_note) / 2);
}

static void fill_calm(struct column *column, GtkWidget *panel, const struct rc_view *view)
{
	struct rc_calm_words words;

	rc_words_of_calm(view, &words);
	name_panel(panel, words.call, words.line, words.session);
	add_calm_head(column, &words);
	add_call(column, &words, view->screen == RC_VIEW_ENROL);
	if (words.steps[0])
		add_steps(column);
	else if (words.privacy[0])
		add_privacy(column, &words);
	else
		add_room(column, 0, 0)->is_pushed = true;
	place(column);
	for (size_t i = 0; words.steps[0] && i < RC_CALM_STEP_COUNT; i++)
		place_step(column, (int)i + 1, words.steps[i],
			   column->blocks[column->count - RC_CALM_STEP_COUNT + i].y);
	if (!words.steps[0] && words.privacy[0])
		place_shield(column, &column->blocks[column->count - 1]);
}

/* The edge leaves more room where it bulges: a disc at its middle, a square all along; a diamond's corners are cut. */
static void set_widths(struct column *column, const struct rc_layout *layout, enum rc_edge edge)
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
	struct column column = {.fixed = GTK_FIXED(panel), .stage = stage, .ink = look->ink};

	column.lang = is_greeting ? view->greeting.scan.lang : view->lang;
	set_widths(&column, layout, look->edge);
	rc_label_clear(GTK_FIXED(panel));
	gtk_widget_set_size_request(panel, layout->panel.width, layout->panel.height);
	gtk_widget_set_can_target(panel, has_choices);
	if (has_choices)
		fill_choices(&column, panel, view);
	else if (is_greeting || view->screen == RC_VIEW_FAULT)
		fill_greeting(&column, panel, view);
	else
		fill_calm(&column, panel, view);
}
