/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a row shows in the counts before and after it, so no import has to tell. */
#include "server/tables/table_priv.h"

static void show(const char *text, size_t size, char *to, size_t max)
{
	struct rc_buf shown;

	rc_buf_init_fixed(&shown, to, max + 1);
	rc_report__append_shown(&shown, rc_bytes_of(text, size), max - 3);
	to[shown.size] = '\0';
}

void rc_preview__take_header(const struct rc_table *table)
{
	table->import->preview->separator = table->separator;
	table->import->preview->header_line = (size_t)table->header_line;
}

void rc_preview__take_column(struct rc_import_preview *preview, const char *title, const char *field)
{
	if (preview->column_count < RC_PREVIEW_COLUMNS_MAX) {
		struct rc_preview_column *column = &preview->columns[preview->column_count];

		show(title, strlen(title), column->title, RC_REPORT_COLUMN_MAX_BYTES);
		column->field = field;
	}
	preview->column_count++;
}

static void add_line(struct rc_preview_lines *lines, size_t line)
{
	if (lines->has_more)
		return;
	if (lines->run_count > 0 && lines->runs[lines->run_count - 1].to + 1 == line) {
		lines->runs[lines->run_count - 1].to = line;
	} else if (lines->run_count < RC_PREVIEW_RUNS_MAX) {
		lines->runs[lines->run_count].from = line;
		lines->runs[lines->run_count++].to = line;
	} else {
		lines->has_more = true;
	}
}

static void keep_row(const struct rc_table *table, struct rc_import_preview *preview)
{
	struct rc_preview_row *row = &preview->rows[preview->row_count++];

	row->line = rc_table_line(table);
	for (size_t i = 0; i < table->request->columns.count; i++) {
		preview->fields[i] =
		    rc_table_has(table, i) ? table->request->columns.items[i].field : NULL;
		show((const char *)table->cells[i].data, table->cells[i].size, row->cells[i],
		     RC_PREVIEW_CELL_MAX_BYTES);
	}
}

void rc_preview__take_row(const struct rc_table *table, const struct rc_import *before)
{
	const struct rc_import *import = table->import;
	struct rc_import_preview *preview = import->preview;

	if (preview->row_count < RC_PREVIEW_ROWS)
		keep_row(table, preview);
	if (table->is_faulty)
		add_line(&preview->refused, rc_table_line(table));
	else if (import->added > before->added)
		add_line(&preview->added, rc_table_line(table));
	else if (import->changed > before->changed)
		add_line(&preview->changed, rc_table_line(table));
	else
		add_line(&preview->unchanged, rc_table_line(table));
}
