/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a file under the names of their columns, and what is said about them. */
#include "server/tables/encoding.h"
#include "server/tables/table_priv.h"
#include "shared/base/cleanup.h"

#include <stdlib.h>

/* ---- rows ---- */

bool rc_table_has(const struct rc_table *table, size_t column)
{
	return table->place[column] != RC_TABLE_NOT_THERE;
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

		if (place != RC_TABLE_NOT_THERE && place < table->row->count)
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
		rc_table__report(table, (size_t)table->row->line,
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
		rc_table__take_header(table, row);
		table->has_row_failed = table->import->errors.count > 0; /* no row is read then */
		return table->has_row_failed ? RC_EFORMAT : RC_OK;
	}
	const struct rc_import before = *table->import;

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
	table->import->refused += table->is_faulty;
	if (table->import->preview)
		rc_preview__take_row(table, &before);
	table->has_row_failed = status != RC_OK;
	return status;
}

/* What the file's form lacks, in the words of both languages. */
static void report_fault(struct rc_table *table, const struct rc_csv_reader *reader)
{
	static const struct rc_report_text texts[] = {
	    [RC_CSV_NO_FAULT] = {"", ""},
	    [RC_CSV_TEXT_BEHIND_QUOTE] =
		{"text behind the closing quote of column %s; nothing behind it was read",
		 "第 %s 列的右引号之后还有文字，其后的内容没有读取"},
	    [RC_CSV_UNCLOSED_QUOTE] = {"a quote opens here, in column %s, and is never closed; "
				       "nothing behind it was read",
				       "第 %s 列在这里有左引号，但没有右引号，其后的内容没有读取"},
	    [RC_CSV_NOT_UTF8] = {"column %s is not UTF-8; nothing behind it was read",
				 "第 %s 列不是 UTF-8 编码，其后的内容没有读取"},
	    [RC_CSV_NUL] = {"a NUL byte in column %s; nothing behind it was read",
			    "第 %s 列含有空字节（NUL），其后的内容没有读取"},
	    [RC_CSV_UTF16] = {"the file is UTF-16", "文件是 UTF-16 编码"},
	    [RC_CSV_FIELD_TOO_LONG] =
		{"the cell in column %s is longer than 64 KiB; nothing behind it was read",
		 "第 %s 列的单元格超过 64 KiB，其后的内容没有读取"},
	    [RC_CSV_TOO_MANY_COLUMNS] = {"more than 256 columns; nothing behind them was read",
					 "超过 256 列，其后的内容没有读取"},
	};
	char number[24];
	struct rc_buf column;

	rc_buf_init_fixed(&column, number, sizeof(number));
	rc_buf_printf(&column, "%zu", reader->fault_column);
	rc_table__report(table, (size_t)reader->fault_line, texts[reader->fault], number);
}

static enum rc_status read_rows(struct rc_table *table, struct rc_error *err)
{
	RC_AUTO(rc_csv_reader_deinit) struct rc_csv_reader reader;
	struct rc_error fault = {""};
	enum rc_status status;

	rc_csv_reader_init(&reader, table->separator, take_row, table);
	status = rc_csv_reader_add(&reader, table->request->file, &fault);
	if (status == RC_OK)
		status = rc_csv_reader_end(&reader, &fault);
	if (status == RC_OK || (table->has_row_failed && !table->row))
		return RC_OK;
	if (table->has_row_failed)
		return rc_fail(err, status, "%s", fault.text);
	if (status == RC_ENOMEM)
		return rc_fail(err, status, "no memory for a row");
	report_fault(table, &reader);
	return RC_OK;
}

enum rc_status rc_table_read(const struct rc_table_request *request, struct rc_import *import,
			     struct rc_error *err)
{
	struct rc_table_request behind_mark = *request;
	RC_AUTO(rc_free_p) struct rc_table *table = NULL;
	struct rc_encoding_text text;
	enum rc_status status;

	status = rc_encoding_read(request->file, RC_ENCODING_UTF8, NULL, &text, import, err);
	if (status != RC_OK)
		return status == RC_EFORMAT ? RC_OK : status;
	behind_mark.file = text.utf8;
	table = calloc(1, sizeof(*table));
	if (!table)
		return rc_fail(err, RC_ENOMEM, "no memory for a table");
	table->request = &behind_mark;
	table->import = import;
	rc_buf_init(&table->folded, (size_t)RC_CSV_FIELD_MAX_BYTES * RC_CSV_COLUMNS_MAX);
	for (size_t i = 0; i < RC_TABLE_COLUMNS_MAX; i++)
		table->place[i] = RC_TABLE_NOT_THERE;
	status = rc_table__find_header(table) ? read_rows(table, err) : RC_OK;
	if (status == RC_OK)
		rc_table__tell_suspicions(table);
	rc_buf_deinit(&table->folded);
	return status;
}

/* ---- reports ---- */

void rc_table__report(struct rc_table *table, size_t line, struct rc_report_text text, const char *value)
{
	const char *const values[2] = {value, NULL};

	rc_report_add(&table->import->errors, line, "", text, values);
}

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
