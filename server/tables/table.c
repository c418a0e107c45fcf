/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a file under the names of their columns. The first rows are read up to three times, once a separator: the one under
 * which most of the columns are found is the file's. A title above the header has none and would decide wrongly.
 */
#include "server/tables/table_priv.h"
#include "shared/base/cleanup.h"
#include "shared/csv/csv.h"

#include <stdlib.h>

#define NOT_THERE SIZE_MAX

struct rc_table {
	const struct rc_table_request *request;
	struct rc_import *import;
	size_t place[RC_TABLE_COLUMNS_MAX]; /* of each column in the file, or NOT_THERE */
	char title[RC_TABLE_COLUMNS_MAX][RC_REPORT_COLUMN_MAX_BYTES + 1]; /* as the file has it */
	size_t width;                                                     /* cells of the header */
	uint64_t header_line; /* rows up to here are passed over */
	const struct rc_csv_row *row;
	struct rc_buf folded;                        /* cells of the row that are folded */
	struct rc_bytes cells[RC_TABLE_COLUMNS_MAX]; /* the row's, by column */
	bool is_faulty;
	bool has_row_failed; /* the reading ended by the row's function, not by the file */
};

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

static struct candidate find_header(const struct rc_table *table)
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

static void report(struct rc_table *table, size_t line, struct rc_report_text text, const char *value)
{
	const char *const values[2] = {value, NULL};

	rc_report_add(&table->import->errors, line, "", text, values);
}

static void take_title(struct rc_table *table, const struct rc_csv_row *row, size_t place)
{
	const struct rc_bytes cell = rc_table__trim(row->fields[place]);
	const size_t column = column_of(&table->request->columns, cell);
	char title[RC_REPORT_COLUMN_MAX_BYTES + 1];
	const char *const values[2] = {title, NULL};

	if (!rc_bytes_copy_text(cell, title, sizeof(title)))
		(void)rc_text_copy("…", title, sizeof(title));
	if (column == table->request->columns.count) {
		if (cell.size > 0)
			rc_report_add(&table->import->warnings, (size_t)row->line, title,
				      (struct rc_report_text){"unknown column “%s” is passed over",
							      "未知的列“%s”已忽略"},
				      values);
		return;
	}
	if (table->place[column] != NOT_THERE) {
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

static void take_header(struct rc_table *table, const struct rc_csv_row *row)
{
	char name[128] = "";

	table->width = row->count;
	for (size_t i = 0; i < row->count; i++)
		take_title(table, row, i);
	for (size_t column = 0; column < table->request->columns.count; column++) {
		if (!table->request->columns.items[column].is_required || table->place[column] != NOT_THERE)
			continue;
		name_column(&table->request->columns.items[column], name);
		report(table, (size_t)row->line,
		       (struct rc_report_text){"the column %s is missing", "缺少列 %s"}, name);
	}
}

/* ---- rows ---- */

bool rc_table_has(const struct rc_table *table, size_t column)
{
	return table->place[column] != NOT_THERE;
}

struct rc_bytes rc_table_cell(const struct rc_table *table, size_t column)
{
	return table->cells[column];
}

size_t rc_table_line(const struct rc_table *table)
{
	return (size_t)table->row->line;
}

bool rc_table_is_faulty(const struct rc_table *table)
{
	return table->is_faulty;
}

bool rc_table__is_missing(const struct rc_table *table, size_t column)
{
	return table->request->columns.items[column].is_required && table->cells[column].size == 0;
}

/* Cells trimmed and folded. The folded ones are never longer than the row, so the buffer is reserved once and stays in place. */
static enum rc_status take_cells(struct rc_table *table)
{
	const struct rc_table_columns *columns = &table->request->columns;
	size_t size = 0;

	for (size_t i = 0; i < table->row->count; i++)
		size += table->row->fields[i].size;
	rc_buf_clear(&table->folded);
	if (rc_buf_reserve(&table->folded, size) != RC_OK)
		return RC_ENOMEM;
	for (size_t column = 0; column < columns->count; column++) {
		const size_t place = table->place[column], begin = table->folded.size;
		struct rc_bytes cell = rc_bytes_of(NULL, 0);

		if (place != NOT_THERE && place < table->row->count)
			cell = rc_table__trim(table->row->fields[place]);
		if (columns->items[column].is_folded && cell.size > 0) {
			rc_table__fold(cell, &table->folded);
			cell = rc_bytes_of(table->folded.data + begin, table->folded.size - begin);
			cell = rc_table__trim(cell);
		}
		table->cells[column] = cell;
	}
	return RC_OK;
}

static bool is_empty(const struct rc_csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (rc_table__trim(row->fields[i]).size > 0)
			return false;
	return true;
}

static void check_row(struct rc_table *table)
{
	for (size_t column = 0; column < table->request->columns.count; column++)
		if (rc_table__is_missing(table, column))
			rc_table_error(table, column,
				       (struct rc_report_text){"must not be empty", "不能为空"}, NULL);
	for (size_t i = table->width; i < table->row->count; i++) {
		if (rc_table__trim(table->row->fields[i]).size == 0)
			continue;
		table->is_faulty = true;
		report(table, (size_t)table->row->line,
		       (struct rc_report_text){"the row has more cells than the header",
					       "该行的单元格比表头多"},
		       NULL);
		return;
	}
}

static enum rc_status take_row(void *context, const struct rc_csv_row *row, struct rc_error *err)
{
	struct rc_table *table = context;
	enum rc_status status;

	if (row->line < table->header_line || is_empty(row))
		return RC_OK;
	if (row->line == table->header_line) {
		take_header(table, row);
		table->has_row_failed = table->import->errors.count > 0; /* no row is read then */
		return table->has_row_failed ? RC_EFORMAT : RC_OK;
	}
	table->row = row;
	table->is_faulty = false;
	table->import->rows++;
	status = take_cells(table);
	if (status == RC_OK) {
		check_row(table);
		status = table->request->row(table, table->request->context, err);
	} else {
		status = rc_fail(err, status, "no memory for a row");
	}
	table->has_row_failed = status != RC_OK;
	return status;
}

static enum rc_status read_rows(struct rc_table *table, char separator, struct rc_error *err)
{
	RC_AUTO(rc_csv_reader_deinit) struct rc_csv_reader reader;
	struct rc_error fault = {""};
	enum rc_status status;

	rc_csv_reader_init(&reader, separator, take_row, table);
	status = rc_csv_reader_add(&reader, table->request->file, &fault);
	if (status == RC_OK)
		status = rc_csv_reader_end(&reader, &fault);
	if (status == RC_OK || (table->has_row_failed && !table->row))
		return RC_OK;
	if (table->has_row_failed)
		return rc_fail(err, status, "%s", fault.text);
	if (status == RC_ENOMEM)
		return rc_fail(err, status, "no memory for a row");
	report(table, (size_t)reader.line,
	       (struct rc_report_text){"%s; nothing behind it was read",
				       "CSV 格式错误（%s），其后的内容没有读取"},
	       fault.text);
	return RC_OK;
}

/* The names of the columns that must be there, for somebody who has none of them. */
static void name_required(const struct rc_table *table, struct rc_buf *names)
{
	for (size_t column = 0; column < table->request->columns.count; column++)
		if (table->request->columns.items[column].is_required)
			rc_buf_printf(names, "%s%s", names->size > 0 ? ", " : "",
				      table->request->columns.items[column].field);
}

static enum rc_status read_table(struct rc_table *table, struct rc_error *err)
{
	const struct candidate header = find_header(table);
	char memory[512];
	struct rc_buf names;

	if (header.line == 0 && header.is_broken) {
		table->header_line = UINT64_MAX; /* it can't be read: that says why */
		return read_rows(table, header.separator, err);
	}
	if (header.line == 0) {
		rc_buf_init_fixed(&names, memory, sizeof(memory));
		name_required(table, &names);
		report(table, 1,
		       (struct rc_report_text){
			   "no header found: the first row must name the columns, at least %s",
			   "没有找到表头：第一行必须是列名，至少包括 %s"},
		       rc_buf_text(&names));
		return RC_OK;
	}
	table->header_line = header.line;
	return read_rows(table, header.separator, err);
}

enum rc_status rc_table_read(const struct rc_table_request *request, struct rc_import *import,
			     struct rc_error *err)
{
	struct rc_table_request behind_mark = *request;
	RC_AUTO(rc_free_p) struct rc_table *table = NULL;
	enum rc_status status;

	if (rc_table__check_encoding(&behind_mark.file, import) != RC_OK)
		return RC_OK;
	table = calloc(1, sizeof(*table));
	if (!table)
		return rc_fail(err, RC_ENOMEM, "no memory for a table");
	table->request = &behind_mark;
	table->import = import;
	rc_buf_init(&table->folded, (size_t)RC_CSV_FIELD_MAX_BYTES * RC_CSV_COLUMNS_MAX);
	for (size_t i = 0; i < RC_TABLE_COLUMNS_MAX; i++)
		table->place[i] = NOT_THERE;
	status = read_table(table, err);
	rc_buf_deinit(&table->folded);
	return status;
}

/* ---- reports ---- */

/* The cell as an ended text, cut: the report cuts it again for people. */
static void copy_cell(const struct rc_table *table, size_t column, char text[256])
{
	struct rc_bytes cell = table->cells[column];

	if (cell.size > 255)
		cell.size = 255;
	if (!rc_bytes_copy_text(cell, text, 256))
		text[0] = '\0';
}

static const char *title_of(const struct rc_table *table, size_t column)
{
	return table->title[column][0] ? table->title[column]
				       : table->request->columns.items[column].field;
}

void rc_table_error(struct rc_table *table, size_t column, struct rc_report_text text, const char *detail)
{
	char cell[256];
	const char *const values[2] = {cell, detail};

	copy_cell(table, column, cell);
	table->is_faulty = true;
	rc_report_add(&table->import->errors, rc_table_line(table), title_of(table, column), text, values);
}

void rc_table_warn(struct rc_table *table, size_t column, struct rc_report_text text, const char *detail)
{
	char cell[256];
	const char *const values[2] = {cell, detail};

	copy_cell(table, column, cell);
	rc_report_add(&table->import->warnings, rc_table_line(table), title_of(table, column), text,
		      values);
}

void rc_table__error_of_size(struct rc_table *table, size_t column, struct rc_report_text text, size_t size)
{
	char cell[256], number[24];
	const char *const values[2] = {number, cell};
	struct rc_buf buf;

	rc_buf_init_fixed(&buf, number, sizeof(number));
	rc_buf_printf(&buf, "%zu", size);
	copy_cell(table, column, cell);
	table->is_faulty = true;
	rc_report_add(&table->import->errors, rc_table_line(table), title_of(table, column), text, values);
}

void rc_table__error_of_range(struct rc_table *table, size_t column, int min, int max)
{
	char range[40];
	struct rc_buf buf;

	rc_buf_init_fixed(&buf, range, sizeof(range));
	rc_buf_printf(&buf, "%d … %d", min, max);
	rc_table_error(
	    table, column,
	    (struct rc_report_text){"“%s” is no whole number in %s", "“%s”不是 %s 范围内的整数"}, range);
}
