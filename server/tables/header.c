/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header and the separator. The first rows are read up to three times, once a separator: the one under which most of the
 * columns are found is the file's. A title above the header has none and would decide wrongly.
 */
#include "server/tables/table_priv.h"

/* ---- finding the header ---- */

/* One way to read the first rows. */
struct candidate {
	const struct rc_table_columns *columns;
	char separator;
	size_t rows;    /* looked at */
	size_t found;   /* columns known in the best row */
	uint64_t line;  /* of that row; 0: none yet */
	bool is_done;   /* enough was seen */
	bool is_broken; /* a fault came first */
};

static bool is_named(const struct rc_table_column *column, const char *name)
{
	char accepted[RC_TABLE_NAME_MAX_BYTES + 1];

	rc_table__normal_name(rc_bytes_of_text(column->field), accepted);
	if (strcmp(accepted, name) == 0)
		return true;
	for (const char *const *header = column->headers; header && *header; header++) {
		rc_table__normal_name(rc_bytes_of_text(*header), accepted);
		if (strcmp(accepted, name) == 0)
			return true;
	}
	return false;
}

/* The column that a header's cell names, or columns->count. */
static size_t column_of(const struct rc_table_columns *columns, struct rc_bytes cell)
{
	char name[RC_TABLE_NAME_MAX_BYTES + 1];
	size_t column = 0;

	rc_table__normal_name(cell, name);
	if (name[0] == '\0')
		return columns->count;
	while (column < columns->count && !is_named(&columns->items[column], name))
		column++;
	return column;
}

static enum rc_status look_at_row(void *context, const struct rc_csv_row *row, struct rc_error *err)
{
	struct candidate *candidate = context;
	size_t found = 0;

	(void)err;
	for (size_t i = 0; i < row->count; i++)
		found += column_of(candidate->columns, row->fields[i]) < candidate->columns->count;
	if (found > candidate->found) {
		candidate->found = found;
		candidate->line = row->line;
	}
	/* Two names in a row are no accident; a cell "number" of some note above would be. */
	candidate->is_done = candidate->found >= 2 || ++candidate->rows >= RC_TABLE_HEADERS_MAX;
	return candidate->is_done ? RC_EBUSY : RC_OK;
}

/* What can't be read under one separator may be fine under another, so faults count as "nothing found" here. */
static struct candidate try_separator(const struct rc_table *table, char separator)
{
	struct candidate candidate = {.columns = &table->request->columns, .separator = separator};

	const enum rc_status status =
	    rc_csv_read(table->request->file, separator, look_at_row, &candidate, NULL);

	candidate.is_broken = status != RC_OK && !candidate.is_done;
	return candidate;
}

static struct candidate best_of(const struct rc_table *table)
{
	static const char separators[] = {',', ';', '\t'};
	struct candidate best = try_separator(table, separators[0]);

	for (size_t i = 1; i < sizeof(separators); i++) {
		const struct candidate other = try_separator(table, separators[i]);

		if (other.found > best.found)
			best = other;
	}
	return best;
}

/* ---- the header's cells ---- */

static void take_title(struct rc_table *table, const struct rc_csv_row *row, size_t place)
{
	const struct rc_bytes cell = rc_table__trim(row->fields[place]);
	const size_t column = column_of(&table->request->columns, cell);
	const bool is_known = column < table->request->columns.count;
	char title[RC_REPORT_COLUMN_MAX_BYTES + 1];
	const char *const values[2] = {title, NULL};

	if (!rc_bytes_copy_text(cell, title, sizeof(title)))
		(void)rc_text_copy("…", title, sizeof(title));
	if (table->import->preview)
		rc_preview__take_column(table->import->preview, title,
					is_known ? table->request->columns.items[column].field : NULL);
	if (!is_known) {
		if (cell.size > 0)
			rc_report_add(&table->import->warnings, (size_t)row->line, title,
				      (struct rc_report_text){"unknown column “%s” is passed over",
							      "未知的列“%s”已忽略"},
				      values);
		return;
	}
	if (table->place[column] != RC_TABLE_NOT_THERE) {
		rc_report_add(
		    &table->import->errors, (size_t)row->line, title,
		    (struct rc_report_text){"the column “%s” is there twice", "列“%s”重复出现"}, values);
		return;
	}
	table->place[column] = place;
	(void)rc_text_copy(title, table->title[column], sizeof(table->title[column]));
}

static void name_column(const struct rc_table_column *column, char name[128])
{
	struct rc_buf text;

	rc_buf_init_fixed(&text, name, 128);
	rc_buf_append_text(&text, column->field);
	if (column->headers && column->headers[0])
		rc_buf_printf(&text, " / %s", column->headers[0]);
}

void rc_table__take_header(struct rc_table *table, const struct rc_csv_row *row)
{
	char name[128] = "";

	table->width = row->count;
	if (table->import->preview)
		rc_preview__take_header(table);
	for (size_t i = 0; i < row->count; i++)
		take_title(table, row, i);
	for (size_t column = 0; column < table->request->columns.count; column++) {
		if (!table->request->columns.items[column].is_required ||
		    table->place[column] != RC_TABLE_NOT_THERE)
			continue;
		name_column(&table->request->columns.items[column], name);
		rc_table__report(table, (size_t)row->line,
				 (struct rc_report_text){"the column %s is missing", "缺少列 %s"}, name);
	}
}

/* The names of the columns that must be there, for somebody who has none of them. */
static void name_required(const struct rc_table *table, struct rc_buf *names)
{
	for (size_t column = 0; column < table->request->columns.count; column++)
		if (table->request->columns.items[column].is_required)
			rc_buf_printf(names, "%s%s", names->size > 0 ? ", " : "",
				      table->request->columns.items[column].field);
}

bool rc_table__find_header(struct rc_table *table)
{
	const struct candidate header = best_of(table);
	char memory[512];
	struct rc_buf names;

	table->separator = header.separator;
	table->header_line = header.line;
	if (header.line == 0 && header.is_broken)
		table->header_line = UINT64_MAX; /* it can't be read: that says why */
	if (table->header_line != 0)
		return true;
	rc_buf_init_fixed(&names, memory, sizeof(memory));
	name_required(table, &names);
	rc_table__report(table, 1,
			 (struct rc_report_text){
			     "no header found: the first row must name the columns, at least %s",
			     "没有找到表头：第一行必须是列名，至少包括 %s"},
			 rc_buf_text(&names));
	return false;
}
