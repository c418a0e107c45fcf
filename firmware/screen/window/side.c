/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/side.h"

#include "firmware/screen/window/backdrop.h"
#include "firmware/screen/window/drawings.h"
#include "firmware/screen/window/labels.h"
#include "firmware/screen/wording.h"

#include <math.h>

size_t rc_side_scans(const struct rc_stage *stage, const struct rc_view *view,
		     const struct rc_view_scan **first)
{
	bool is_on_panel = view->screen == RC_VIEW_GREETING && view->sheet.kind == RC_VIEW_SHEET_NONE;
	size_t skipped = is_on_panel ? 1 : 0;

	*first = view->recent + skipped;
	if (view->screen == RC_VIEW_ENROL || view->recent_count <= skipped)
		return 0;
	return MIN(view->recent_count - skipped, (size_t)stage->layout.row_max);
}

GtkWidget *rc_side_new(void)
{
	GtkWidget *side = gtk_fixed_new();

	gtk_widget_set_can_target(side, FALSE);
	return side;
}

/* The two texts of a row. */
struct row {
	struct rc_row_words words;
	struct rc_label_style name, line;
};

static int text_height(const char *text, const struct rc_label_style *style)
{
	GtkWidget *label = g_object_ref_sink(rc_label_new(text, style));
	int height = rc_label_height(label, style);

	g_object_unref(label);
	return height;
}

static bool is_broken(const struct row *row)
{
	const int size = row->name.size;
	GtkWidget *label = g_object_ref_sink(rc_label_new(row->words.name, &row->name));
	struct rc_text_extent extent = rc_label_extent(label);

	g_object_unref(label);
	return extent.width > row->name.width || (extent.line_count > 1 && size > row->line.size);
}

/* A name shrinks until its words stand whole and the row holds it, on one line while it is bigger than the line below. Only
 * one that is too long even then breaks anywhere. */
static void fit_row(const struct rc_layout *layout, struct row *row, int max_height)
{
	const int steps[] = {layout->row_name, layout->size[RC_SIZE_T_BODY],
			     layout->size[RC_SIZE_T_NOTE], layout->size[RC_SIZE_T_NOTE] * 5 / 6,
			     layout->size[RC_SIZE_T_NOTE] * 3 / 4};
	int rest = max_height - text_height(row->words.line, &row->line);

	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		row->name.size = steps[i];
		if (!is_broken(row) && text_height(row->words.name, &row->name) <= rest)
			return;
	}
	row->name.is_unbroken = false;
	while (row->name.size > 1 && text_height(row->words.name, &row->name) > rest)
		row->name.size--;
}

static struct row row_of(const struct rc_layout *layout, const struct rc_view_scan *scan, int width,
			 int max_height)
{
	struct row row = {.name = {.line_height = 1.15,
				   .is_bold = true,
				   .is_unbroken = true,
				   .width = width,
				   .lang = scan->lang,
				   .colour = RC_COLOUR_INK},
			  .line = {.size = layout->size[RC_SIZE_T_NOTE],
				   .line_height = layout->is_large_text ? 1.15 : 1.25,
				   .is_tabular = true,
				   .width = width,
				   .lang = scan->lang,
				   .colour = RC_COLOUR_INK_2}};
	const int sizes[] = {row.line.size, row.line.size * 5 / 6, row.line.size * 3 / 4};

	rc_words_of_row(scan, &row.words);
	row.line.is_unbroken = layout->is_large_text; /* which rather takes a second line */
	row.line.size = rc_label_fit(row.words.line, row.line, sizes, 3, layout->is_large_text ? 2 : 1);
	fit_row(layout, &row, max_height);
	return row;
}

static void fill_row(GtkFixed *fixed, const struct rc_stage *stage, const struct rc_view_scan *scan,
		     struct rc_box box)
{
	const struct rc_layout *layout = &stage->layout;
	const struct rc_look *look = rc_look_of(scan);
	int x = box.x + layout->row_pad;
	int text_x = x + (look->shape == RC_SHAPE_NONE ? 0 : layout->row_mark + layout->row_mark_gap);
	struct row row = row_of(layout, scan, box.x + box.width - layout->row_pad / 2 - text_x,
				box.height - layout->row_pad / 2);
	GtkWidget *upper = rc_label_new(row.words.name, &row.name);
	GtkWidget *lower = rc_label_new(row.words.line, &row.line);
	int height = rc_label_height(upper, &row.name) + rc_label_height(lower, &row.line);
	int y = box.y + (box.height - height) / 2;

	if (look->shape != RC_SHAPE_NONE)
		gtk_fixed_put(fixed, rc_drawing_new_mark(stage, look, layout->row_mark), x,
			      box.y + (box.height - layout->row_mark) / 2);
	rc_label_put(fixed, upper, &row.name, text_x, y);
	rc_label_put(fixed, lower, &row.line, text_x, y + rc_label_height(upper, &row.name));
}

static void fill_count(GtkFixed *fixed, const struct rc_stage *stage, const struct rc_view *view)
{
	const struct rc_layout *layout = &stage->layout;
	const struct rc_view_header *header = &view->header;
	bool has_seats = !layout->is_large_text; /* the number says it; the dots would take its room */
	int seats = has_seats ? rc_drawing_seats_height(layout, header->expected_count) : 0;
	int bottom = layout->side.y + layout->side.height;
	bool is_beneath = layout->form == RC_FORM_PORTRAIT || layout->is_large_text;
	struct rc_label_style big = {.size = layout->count,
				     .line_height = 1,
				     .spacing = -0.03,
				     .is_bold = true,
				     .colour = RC_COLOUR_INK,
				     .lang = view->lang};
	struct rc_label_style of = {.size = layout->size[RC_SIZE_T_BODY],
				    .line_height = layout->is_large_text ? 1.15 : 1.4,
				    .is_tabular = true,
				    .colour = RC_COLOUR_INK_2,
				    .lang = view->lang};
	char number[16];
	char text[RC_WORDS_BYTES];
	int x = layout->side.x - (int)lround(5.0 / 88 * layout->count);
	int y = bottom - seats - (seats > 0 ? layout->seats_top : 0) - layout->count;

	(void)g_snprintf(number, sizeof(number), "%d", header->here_count);
	rc_words_of_count(view, text);
	GtkWidget *count = rc_label_new(number, &big);
	int of_x = is_beneath ? layout->side.x : x + rc_label_extent(count).width + layout->count_gap;
	const int of_sizes[] = {of.size, layout->size[RC_SIZE_T_NOTE],
				layout->size[RC_SIZE_T_NOTE] * 5 / 6};

	of.width = layout->side.x + layout->side.width - of_x;
	of.size = rc_label_fit(text, of, of_sizes, 3, 1);
	GtkWidget *label = rc_label_new(text, &of);
	int of_y = y + rc_layout_baseline(big.size, 1) - rc_layout_baseline(of.size, of.line_height);

	if (is_beneath) { /* beneath, not beside */
		of_y = y + layout->count - rc_label_height(label, &of);
		y = of_y - layout->count;
	}
	rc_label_put(fixed, count, &big, x, y);
	rc_label_put(fixed, label, &of, of_x, of_y);
	if (seats > 0)
		gtk_fixed_put(fixed,
			      rc_drawing_new_seats(stage, header->here_count, header->expected_count),
			      layout->side.x, bottom - seats);
}

/* In the lower left of the camera's place, where a picture would be. */
static void fill_camera(GtkFixed *fixed, const struct rc_stage *stage, const struct rc_view *view)
{
	const struct rc_layout *layout = &stage->layout;
	const char *text = rc_words_of_camera(view);
	const int sizes[] = {layout->size[RC_SIZE_T_LEAD], layout->size[RC_SIZE_T_BODY],
			     layout->size[RC_SIZE_T_NOTE], layout->size[RC_SIZE_T_NOTE] * 5 / 6,
			     layout->size[RC_SIZE_T_NOTE] * 3 / 4};
	int pad = layout->size[RC_SIZE_S_3];
	struct rc_label_style style = {.line_height = 1.3,
				       .is_unbroken = view->lang == RC_VIEW_EN, /* Chinese has no spaces to break at */
				       .width = layout->camera.width - 2 * pad,
				       .colour = RC_COLOUR_INK,
				       .lang = view->lang};

	if (!text[0])
		return;
	style.size = rc_label_fit(text, style, sizes, 5, layout->is_large_text ? 3 : 2);
	GtkWidget *label = rc_label_new(text, &style);

	rc_label_put(fixed, label, &style, layout->camera.x + pad,
		     layout->camera.y + layout->camera.height - pad - rc_label_height(label, &style));
}

void rc_side_fill(GtkWidget *side, const struct rc_stage *stage, const struct rc_view *view)
{
	GtkFixed *fixed = GTK_FIXED(side);
	const struct rc_view_scan *scans;
	size_t count = rc_side_scans(stage, view, &scans);

	rc_label_clear(fixed);
	fill_camera(fixed, stage, view);
	for (size_t i = 0; i < count; i++)
		fill_row(fixed, stage, &scans[i], rc_backdrop_tile(&stage->layout, i, count));
	if (count == 0 && view->header.has_count && view->screen != RC_VIEW_ENROL)
		fill_count(fixed, stage, view);
}
