/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/window/column.h"

struct rc_layout_block *rc_column_add(struct rc_column *column, const char *text, int gap,
				      struct rc_label_style style)
{
	size_t n = column->count++;
	struct rc_layout_block *block = &column->blocks[n];

	g_assert(n < RC_COLUMN_BLOCK_MAX);
	if (style.width == 0)
		style.width = column->width;
	column->styles[n] = style;
	column->x[n] = column->stage->layout.text_left;
	column->widgets[n] = rc_label_new(text, &style);
	*block = (struct rc_layout_block){.height = rc_label_height(column->widgets[n], &style),
					  .gap = gap};
	return block;
}

struct rc_layout_block *rc_column_add_room(struct rc_column *column, int height, int gap)
{
	struct rc_layout_block *block = &column->blocks[column->count++];

	*block = (struct rc_layout_block){.height = height, .gap = gap};
	return block;
}

void rc_column_place(struct rc_column *column)
{
	const struct rc_layout *layout = &column->stage->layout;

	rc_layout_column(layout->text_top, layout->text_bottom, column->blocks, column->count);
	for (size_t i = 0; i < column->count; i++) {
		if (column->widgets[i])
			rc_label_put(column->fixed, column->widgets[i], &column->styles[i],
				     column->x[i], column->blocks[i].y);
	}
}

int rc_column_bottom(const struct rc_column *column)
{
	int bottom = 0;

	for (size_t i = 0; i < column->count; i++)
		bottom = MAX(bottom, column->blocks[i].y + column->blocks[i].height);
	return bottom;
}

struct rc_label_style rc_column_style(const struct rc_column *column, int size, double line_height)
{
	bool is_close = column->stage->layout.is_large_text; /* large lines stand closer */

	return (struct rc_label_style){.size = size,
				       .line_height = is_close ? MIN(line_height, 1.2) : line_height,
				       .lang = column->lang,
				       .colour = column->ink,
				       .is_tabular = true,
				       .width = column->width};
}

void rc_column_name(GtkWidget *panel, const char *a, const char *b, const char *c)
{
	char *name = g_strjoin(". ", a[0] ? a : b, a[0] ? b : c, a[0] && c[0] ? c : NULL, NULL);

	gtk_accessible_update_property(GTK_ACCESSIBLE(panel), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
	g_free(name);
}

int rc_column_height(const struct rc_column *column)
{
	int used = 0;

	for (size_t i = 0; i < column->count; i++)
		used += column->blocks[i].height + column->blocks[i].gap;
	return used;
}
