/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/texts.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/panel_priv.h"
#include "firmware/screen/wording.h"

#include <math.h>

static void add_calm_head(struct rc_column *column, const struct rc_calm_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	const int sizes[] = {layout->size[RC_SIZE_T_TITLE], layout->size[RC_SIZE_T_LEAD],
			     layout->size[RC_SIZE_T_BODY], layout->size[RC_SIZE_T_NOTE]};
	struct rc_label_style meta = rc_column_style(column, layout->size[RC_SIZE_T_BODY], 1.4);
	struct rc_label_style title = rc_column_style(column, 0, 1.12);
	double f = layout->factor * (layout->form == RC_FORM_SMALL ? 0.4 : 1);

	meta.colour = RC_COLOUR_INK_2;
	title.is_bold = true;
	title.spacing = -0.01;
	if (words->room[0])
		rc_column_add(column, words->room, 0, meta);
	if (words->session[0]) {
		title.size = rc_label_fit(words->session, title, sizes, 3, 1);
		rc_column_add(column, words->session, (int)lround(8 * f), title);
	}
	if (words->meta[0]) {
		meta.size = rc_label_fit(words->meta, meta, sizes + 2, 2, 1);
		rc_column_add(column, words->meta, (int)lround(10 * f), meta);
	}
}

static void add_call(struct rc_column *column, const struct rc_calm_words *words, bool is_enrol)
{
	bool is_top = words->steps[0] != NULL; /* the steps take the room below */
	const struct rc_layout *layout = &column->stage->layout;
	int call = is_enrol ? layout->enrol_call : layout->size[RC_SIZE_T_CALL];
	int gap = layout->size[RC_SIZE_S_2];
	const int sizes[] = {layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY],
			     layout->size[RC_SIZE_T_NOTE]};
	struct rc_label_style big = rc_column_style(column, call, RC_LAYOUT_NAME_LINE_HEIGHT);
	struct rc_label_style lead = rc_column_style(column, layout->size[RC_SIZE_T_LEAD], 1.4);

	big.is_bold = true;
	big.spacing = -0.025;
	big.width = layout->panel.width - layout->text_left; /* the disc is widest where the call is */
	rc_column_add(column, words->call, is_top ? (int)lround(14 * layout->factor) : 0, big)->is_pushed =
	    !is_top;
	if (words->line[0]) {
		/* What went wrong is rather read in two lines than overlooked. */
		lead.size = rc_label_fit(words->line, lead, sizes, 2, layout->is_large_text ? 1 : 2);
		rc_column_add(column, words->line, gap, lead);
	}
	lead.colour = RC_COLOUR_INK_2;
	lead.lang = rc_text_other(column->lang);
	lead.size = rc_label_fit(words->other, lead, sizes, 3, 1);
	rc_column_add(column, words->other, words->line[0] ? 0 : gap + 2, lead);
}

static int step_x(const struct rc_layout *layout)
{
	return layout->text_left + layout->step + layout->size[RC_SIZE_S_3];
}

/* All steps in one size: the first at which each stands on one line. */
static struct rc_label_style step_style(struct rc_column *column, const struct rc_calm_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	const int sizes[] = {layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY],
			     layout->size[RC_SIZE_T_NOTE]};
	struct rc_label_style style = rc_column_style(column, sizes[0], 1.4);

	style.width = layout->text_right - step_x(layout);
	for (size_t i = 0; i < RC_CALM_STEP_COUNT; i++) {
		int size = rc_label_fit(words->steps[i], style, sizes, 3, 1);

		style.size = MIN(style.size, size);
	}
	return style;
}

static int step_height(struct rc_column *column, const struct rc_label_style *style, const char *text)
{
	GtkWidget *label = g_object_ref_sink(rc_label_new(text, style));
	int height = rc_label_height(label, style);

	g_object_unref(label);
	return MAX(height, column->stage->layout.step);
}

/* The number in its ring, and what to do. */
static void place_step(struct rc_column *column, int number, const char *text,
		       const struct rc_label_style *style, const struct rc_layout_block *block)
{
	const struct rc_layout *layout = &column->stage->layout;
	int x = step_x(layout);
	int y = block->y + (block->height - layout->step) / 2;
	struct rc_label_style lead = *style;
	struct rc_label_style bold = rc_column_style(column, layout->size[RC_SIZE_T_BODY], 1.4);
	char digit[2] = {(char)('0' + number), '\0'};

	bold.is_bold = true;
	bold.width = 0;
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

static void add_steps(struct rc_column *column, const struct rc_calm_words *words,
		      const struct rc_label_style *style)
{
	const struct rc_layout *layout = &column->stage->layout;

	for (size_t i = 0; i < RC_CALM_STEP_COUNT; i++)
		rc_column_add_room(column, step_height(column, style, words->steps[i]),
				   i > 0 ? layout->step_gap : 0)
		    ->is_pushed = i == 0;
}

static void add_privacy(struct rc_column *column, const struct rc_calm_words *words)
{
	const struct rc_layout *layout = &column->stage->layout;
	int indent = layout->icon_note + (int)lround(12 * layout->factor);
	struct rc_label_style note = rc_column_style(column, layout->size[RC_SIZE_T_NOTE], 1.4);

	note.colour = RC_COLOUR_INK_2;
	note.width = column->line_width - indent;
	rc_column_add(column, words->privacy, 0, note)->is_pushed = true;
	column->x[column->count - 1] += indent;
}

static void place_shield(struct rc_column *column, const struct rc_layout_block *privacy)
{
	const struct rc_layout *layout = &column->stage->layout;

	gtk_fixed_put(column->fixed,
		      rc_drawing_new_icon(column->stage, RC_ICON_SHIELD, layout->icon_note, RC_COLOUR_INK_2),
		      layout->text_left, privacy->y + (privacy->height - layout->icon_note) / 2);
}

void rc_panel__fill_calm(struct rc_column *column, GtkWidget *panel, const struct rc_view *view)
{
	struct rc_calm_words words;
	struct rc_label_style steps;

	rc_words_of_calm(view, &words);
	if (words.steps[0])
		steps = step_style(column, &words);
	rc_column_name(panel, words.call, words.line, words.session);
	add_calm_head(column, &words);
	add_call(column, &words, view->screen == RC_VIEW_ENROL);
	if (words.steps[0])
		add_steps(column, &words, &steps);
	else if (words.privacy[0])
		add_privacy(column, &words);
	else
		rc_column_add_room(column, 0, 0)->is_pushed = true;
	rc_column_place(column);
	for (size_t i = 0; words.steps[0] && i < RC_CALM_STEP_COUNT; i++)
		place_step(column, (int)i + 1, words.steps[i], &steps,
			   &column->blocks[column->count - RC_CALM_STEP_COUNT + i]);
	if (!words.steps[0] && words.privacy[0])
		place_shield(column, &column->blocks[column->count - 1]);
}
