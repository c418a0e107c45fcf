/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/text_table.h"

#include "shared/base/utf8.h"

#include <stdlib.h>

#define COLUMNS_MAX   16u
#define TEXT_MAX      (16u * 1024u * 1024u)
#define BETWEEN_CHARS 2u

struct rc_text_table {
	size_t columns;
	size_t widths[COLUMNS_MAX]; /* of the widest cell, in terminal columns */
	struct rc_buf cells;        /* texts one behind the other, each with its NUL */
	size_t rows;
};

struct rc_text_table *rc_text_table_new(size_t columns)
{
	struct rc_text_table *table = columns <= COLUMNS_MAX ? calloc(1, sizeof(*table)) : NULL;

	if (table) {
		table->columns = columns;
		rc_buf_init(&table->cells, TEXT_MAX);
	}
	return table;
}

void rc_text_table_free(struct rc_text_table *table)
{
	if (!table)
		return;
	rc_buf_deinit(&table->cells);
	free(table);
}

/* The wide and full-width ranges of Unicode's East Asian Width that names and titles are written in. */
static size_t width_of(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
		       (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
		       (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
		       (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x20000 && c <= 0x3FFFD)
		   ? 2
		   : 1;
}

/* Copies a cell, made harmless for a terminal, and returns its width. */
static size_t add_cell(struct rc_buf *cells, const char *text)
{
	struct rc_bytes rest = rc_bytes_of_text(text);
	size_t width = 0;

	while (rest.size > 0) {
		uint32_t c = 0;
		size_t size = rc_utf8_next(rest, &c);
		bool is_plain = size > 0 && rc_utf8_is_visible(c);

		if (is_plain)
			rc_buf_append(cells, rest.data, size);
		else
			rc_buf_append_char(cells, '?');
		width += is_plain ? width_of(c) : 1;
		size = size ? size : 1;
		rest = rc_bytes_of(rest.data + size, rest.size - size);
	}
	rc_buf_append_char(cells, '\0');
	return width;
}

void rc_text_table_add(struct rc_text_table *table, const char *const cells[])
{
	for (size_t i = 0; i < table->columns; i++) {
		size_t width = add_cell(&table->cells, cells[i]);

		if (width > table->widths[i])
			table->widths[i] = width;
	}
	table->rows++;
}

static size_t text_width(const char *text)
{
	struct rc_bytes rest = rc_bytes_of_text(text);
	size_t width = 0, size;
	uint32_t c;

	while ((size = rc_utf8_next(rest, &c)) > 0) {
		width += width_of(c);
		rest = rc_bytes_of(rest.data + size, rest.size - size);
	}
	return width;
}

static void pad(struct rc_buf *out, size_t count)
{
	while (count-- > 0)
		rc_buf_append_char(out, ' ');
}

/* One row, without blanks at its end. Returns where the next row begins. */
static const char *write_row(const struct rc_text_table *table, const char *cell, struct rc_buf *out)
{
	size_t owed = 0; /* blanks, written only when something follows */

	for (size_t i = 0; i < table->columns; i++) {
		if (cell[0]) {
			pad(out, owed);
			rc_buf_append_text(out, cell);
			owed = 0;
		}
		owed += table->widths[i] - text_width(cell) + BETWEEN_CHARS;
		cell += strlen(cell) + 1;
	}
	rc_buf_append_char(out, '\n');
	return cell;
}

static void write_rule(const struct rc_text_table *table, struct rc_buf *out)
{
	for (size_t i = 0; i < table->columns; i++) {
		for (size_t k = 0; k < table->widths[i]; k++)
			rc_buf_append_text(out, "─");
		if (i + 1 < table->columns)
			pad(out, BETWEEN_CHARS);
	}
	rc_buf_append_char(out, '\n');
}

void rc_text_table_write(const struct rc_text_table *table, struct rc_buf *out)
{
	const char *cell = rc_buf_text(&table->cells);

	if (rc_buf_status(&table->cells, NULL) != RC_OK) {
		out->status = table->cells.status;
		return;
	}
	for (size_t row = 0; row < table->rows; row++) {
		cell = write_row(table, cell, out);
		if (row == 0)
			write_rule(table, out);
	}
}
