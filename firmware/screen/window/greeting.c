/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/texts.h"
#include "firmware/screen/window/choices.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/panel_priv.h"
#include "firmware/screen/wording.h"

#include <math.h>

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

static struct head head_new(struct rc_column *column, const struct rc_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	struct head head = {
	    .word_style = rc_column_style(column, layout->size[RC_SIZE_T_HEAD], 1.1),
	    .who_style = rc_column_style(column, layout->who, 1.4),
	};
	const int word_sizes[] = {layout->size[RC_SIZE_T_HEAD], layout->size[RC_SIZE_T_TITLE]};
	const int who_sizes[] = {layout->who, layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY]};

	head.word_style.is_bold = head.who_style.is_bold = true;
	head.word_style.is_unbroken = !rc_text_is_chinese(words->word);
	head.word_style.width = column->head_width;
	if (layout->is_large_text)
		head.word_style.size = rc_label_fit(words->word, head.word_style, word_sizes, 2, 1);
	if (line_count(words->word, &head.word_style) > 1) /* then rather in two even lines */
		head.word_style.width =
		    MIN(column->head_width, column->width - layout->shape - layout->shape_gap);
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
static void place_head(struct rc_column *column, const struct head *head,
		       const struct rc_look *look, const struct rc_layout_block *row)
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
static void add_huge(struct rc_column *column, const struct rc_words *words, int rest)
{
	const struct rc_layout *layout = &column->stage->layout;
	struct huge huge = {.text = words->huge, .style = rc_column_style(column, 0, 0)};
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
	rc_column_add(column, words->huge, layout->is_large_text ? layout->size[RC_SIZE_S_1] : 0,
		      huge.style)
	    ->is_pushed = true;
	column->x[column->count - 1] -= (int)lround(0.035 * huge.style.size);
}

static void add_line_and_foot(struct rc_column *column, const struct rc_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	const int sizes[] = {layout->line, layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY]};
	const int foot_sizes[] = {layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE]};
	struct rc_label_style line = rc_column_style(column, layout->line, 1.3);
	struct rc_label_style foot = rc_column_style(column, layout->size[RC_SIZE_T_BODY], 1.4);

	line.width = column->line_width;
	if (words->line[0]) {
		line.size = layout->is_large_text ? rc_label_fit(words->line, line, sizes + 1, 2, 1)
						  : rc_label_fit(words->line, line, sizes, 3, 2);
		rc_column_add(column, words->line, layout->line_gap, line);
	}
	foot.width = MIN(foot.width, layout->text_right - layout->text_left); /* a diamond is cut there */
	if (words->foot[0]) {
		foot.size = rc_label_fit(words->foot, foot, foot_sizes, 2, 1);
		rc_column_add(column, words->foot, 0, foot)->is_pushed = true;
	} else {
		rc_column_add_room(column, 0, 0)->is_pushed = true;
	}
}

void rc_panel__fill_greeting(struct rc_column *column, GtkWidget *panel, const struct rc_view *view)
{
	const struct rc_layout *layout = &column->stage->layout;
	struct rc_column below = *column; /* measured first: the huge thing gets what is left */
	struct rc_words words;
	struct head head;
	int height, below_height;

	rc_words_of_greeting(view, &words);
	rc_column_name(panel, words.word, words.huge, words.line);
	head = head_new(column, &words);
	height = MAX(layout->shape, head.word_height + head.who_height);
	add_line_and_foot(&below, &words);
	below_height = rc_column_height(&below);
	if (layout->is_large_text) /* what is huge stays so: rather move to the foot */
		below_height -= below.blocks[below.count - 1].height;
	rc_column_add_room(column, height, 0);
	add_huge(column, &words,
		 layout->text_bottom - layout->text_top - height - below_height -
		     2 * layout->size[RC_SIZE_S_3]);
	for (size_t i = 0; i < below.count; i++) {
		if (below.widgets[i])
			g_object_unref(g_object_ref_sink(below.widgets[i]));
	}
	add_line_and_foot(column, &words);
	rc_column_place(column);
	place_head(column, &head, rc_look_of_view(view), &column->blocks[0]);
}

/* The question takes the head, the sessions the lower half; the name stands by the word. */
void rc_panel__fill_choices(struct rc_column *column, GtkWidget *panel, const struct rc_view *view)
{
	const struct rc_layout *layout = &column->stage->layout;
	const struct rc_view_greeting *greeting = &view->greeting;
	const struct rc_panel_chooser *chooser = g_object_get_data(G_OBJECT(panel), "rc-chooser");
	struct rc_label_style line = rc_column_style(column, layout->line, 1.3);
	struct rc_words words;
	struct head head;

	rc_words_of_greeting(view, &words);
	rc_column_name(panel, words.word, greeting->scan.name, words.line);
	(void)rc_text_copy(greeting->scan.name, words.who, sizeof(words.who));
	head = head_new(column, &words);
	rc_column_add_room(column, MAX(layout->shape, head.word_height + head.who_height), 0);
	rc_column_add(column, words.line, 0, line)->is_pushed = true;
	for (size_t i = 0; i < greeting->choice_count; i++)
		rc_column_add_room(column,
				   rc_choice_height(column->stage, &greeting->choices[i],
						    greeting->scan.lang, column->width),
				   i > 0 ? layout->row_gap : layout->size[RC_SIZE_S_3]);
	rc_column_place(column);
	place_head(column, &head, rc_look_of_view(view), &column->blocks[0]);
	for (size_t i = 0; i < greeting->choice_count; i++) {
		GtkWidget *row = rc_choice_new(column->stage, &greeting->choices[i],
					       greeting->scan.lang, column->width);

		rc_choice_connect(row, chooser->chosen, chooser->context, i);
		gtk_fixed_put(column->fixed, row, layout->text_left, column->blocks[2 + i].y);
	}
}
