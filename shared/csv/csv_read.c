/* SPDX-License-Identifier: Apache-2.0 */
/* A state machine over bytes: everything that matters to it is ASCII, so UTF-8 is looked at a field at a time, when it is whole. */
#include "shared/base/utf8.h"
#include "shared/csv/csv.h"

#include <inttypes.h>

#define TEXT_MAX_BYTES (RC_CSV_COLUMNS_MAX * (size_t)RC_CSV_FIELD_MAX_BYTES)

static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
#define PAST_MARK (sizeof(mark) + 1)

void rc_csv_reader_init(struct rc_csv_reader *reader, char separator, rc_csv_take take, void *context)
{
	memset(reader, 0, sizeof(*reader));
	reader->take = take;
	reader->context = context;
	reader->separator = separator;
	reader->line = 1;
	rc_buf_init(&reader->text, TEXT_MAX_BYTES);
}

void rc_csv_reader_deinit(struct rc_csv_reader *reader)
{
	rc_buf_deinit(&reader->text);
}

/* ---- faults ------------------------------------------------------------------------------------------------------------- */

static const char *const sentences[] = {
    [RC_CSV_NO_FAULT] = "no memory for the row",
    [RC_CSV_TEXT_BEHIND_QUOTE] = "text behind the closing quote",
    [RC_CSV_UNCLOSED_QUOTE] = "a quote opens here and is never closed",
    [RC_CSV_NOT_UTF8] = "the text is not UTF-8",
    [RC_CSV_NUL] = "a NUL (is it UTF-16?)",
    [RC_CSV_UTF16] = "the file is UTF-16; save it as UTF-8",
    [RC_CSV_FIELD_TOO_LONG] = "a field of more than 64 KiB",
    [RC_CSV_TOO_MANY_COLUMNS] = "more than 256 columns",
};

static enum rc_status fail_at(struct rc_csv_reader *reader, enum rc_status status,
			      enum rc_csv_fault fault, struct rc_error *err)
{
	reader->state = RC_CSV_FAILED;
	reader->fault = fault;
	reader->fault_line = fault == RC_CSV_UNCLOSED_QUOTE ? reader->quote_line : reader->line;
	reader->fault_column = reader->row.count + 1;
	return rc_fail(err, status, "line %" PRIu64 ", column %zu: %s", reader->fault_line,
		       reader->fault_column, sentences[fault]);
}

/* ---- fields and rows -------------------------------------------------------------------------------------------------------- */

/* The first byte of a field, or what ends an empty one. */
static enum rc_status begin_field(struct rc_csv_reader *reader, struct rc_error *err)
{
	if (reader->row.count == RC_CSV_COLUMNS_MAX)
		return fail_at(reader, RC_ELIMIT, RC_CSV_TOO_MANY_COLUMNS, err);
	if (!reader->is_row_begun)
		reader->row.line = reader->line;
	reader->is_row_begun = true;
	reader->field_begin[reader->row.count] = reader->text.size;
	reader->row.field_line[reader->row.count] = reader->line;
	return RC_OK;
}

static enum rc_status append(struct rc_csv_reader *reader, uint8_t c, struct rc_error *err)
{
	if (reader->text.size - reader->field_begin[reader->row.count] == RC_CSV_FIELD_MAX_BYTES)
		return fail_at(reader, RC_ELIMIT, RC_CSV_FIELD_TOO_LONG, err);
	rc_buf_append_char(&reader->text, (char)c);
	if (reader->text.status != RC_OK)
		return fail_at(reader, reader->text.status, RC_CSV_NO_FAULT, err);
	return RC_OK;
}

static enum rc_status end_field(struct rc_csv_reader *reader, struct rc_error *err)
{
	const size_t begin = reader->field_begin[reader->row.count];
	const size_t size = reader->text.size - begin;

	if (size > 0 && !rc_utf8_is_valid(rc_bytes_of(reader->text.data + begin, size)))
		return fail_at(reader, RC_EFORMAT, RC_CSV_NOT_UTF8, err);
	reader->row.count++;
	reader->field_begin[reader->row.count] = reader->text.size;
	reader->state = RC_CSV_FIELD_BEGIN;
	return RC_OK;
}

static enum rc_status deliver(struct rc_csv_reader *reader, struct rc_error *err)
{
	struct rc_csv_row *row = &reader->row;
	enum rc_status status;

	for (size_t i = 0; i < row->count; i++)
		row->fields[i] =
		    rc_bytes_of(reader->text.data ? reader->text.data + reader->field_begin[i]
						  : (const uint8_t *)"",
				reader->field_begin[i + 1] - reader->field_begin[i]);
	status = reader->take(reader->context, row, err);
	if (status != RC_OK)
		reader->state = RC_CSV_FAILED;
	row->count = 0;
	reader->is_row_begun = false;
	rc_buf_clear(&reader->text);
	return status;
}

/* A line end outside quotes, of a row that may have no byte at all. */
static enum rc_status end_row(struct rc_csv_reader *reader, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (!reader->is_row_begun)
		return RC_OK;
	if (reader->state == RC_CSV_FIELD_BEGIN)
		status = begin_field(reader, err);
	if (status == RC_OK)
		status = end_field(reader, err);
	return status == RC_OK ? deliver(reader, err) : status;
}

/* ---- bytes ----------------------------------------------------------------------------------------------------------------- */

/* The header decides by the first that it has. */
static bool is_separator(struct rc_csv_reader *reader, uint8_t c)
{
	if (reader->separator == RC_CSV_SEPARATOR_BY_HEADER && (c == ',' || c == ';'))
		reader->separator = (char)c;
	return reader->separator != RC_CSV_SEPARATOR_BY_HEADER && c == (uint8_t)reader->separator;
}

static enum rc_status take_in_quotes(struct rc_csv_reader *reader, uint8_t c, struct rc_error *err)
{
	if (c == '"') {
		reader->state = RC_CSV_QUOTE_SEEN;
		reader->is_after_cr = false;
		return RC_OK;
	}
	if (c == '\r' || (c == '\n' && !reader->is_after_cr))
		reader->line++;
	reader->is_after_cr = c == '\r';
	return append(reader, c, err);
}

static enum rc_status open_quote(struct rc_csv_reader *reader, struct rc_error *err)
{
	enum rc_status status = begin_field(reader, err);

	if (status != RC_OK)
		return status;
	reader->state = RC_CSV_QUOTED;
	reader->quote_line = reader->line;
	return RC_OK;
}

static enum rc_status take_line_end(struct rc_csv_reader *reader, uint8_t c, struct rc_error *err)
{
	enum rc_status status = end_row(reader, err);

	reader->is_after_cr = c == '\r';
	reader->line++;
	return status;
}

static enum rc_status take_separator(struct rc_csv_reader *reader, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (reader->state == RC_CSV_FIELD_BEGIN)
		status = begin_field(reader, err);
	return status == RC_OK ? end_field(reader, err) : status;
}

static enum rc_status take_text(struct rc_csv_reader *reader, uint8_t c, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (reader->state == RC_CSV_QUOTE_SEEN)
		return fail_at(reader, RC_EFORMAT, RC_CSV_TEXT_BEHIND_QUOTE, err);
	if (reader->state == RC_CSV_FIELD_BEGIN)
		status = begin_field(reader, err);
	if (status != RC_OK)
		return status;
	reader->state = RC_CSV_PLAIN;
	return append(reader, c, err);
}

static enum rc_status take_quote(struct rc_csv_reader *reader, struct rc_error *err)
{
	if (reader->state == RC_CSV_FIELD_BEGIN)
		return open_quote(reader, err);
	if (reader->state == RC_CSV_QUOTE_SEEN)
		reader->state = RC_CSV_QUOTED;
	return append(reader, '"', err);
}

static enum rc_status take_byte(struct rc_csv_reader *reader, uint8_t c, struct rc_error *err)
{
	const bool is_rest_of_line_end = reader->is_after_cr && c == '\n';

	if (c == '\0')
		return fail_at(reader, RC_EFORMAT, RC_CSV_NUL, err);
	if (reader->state == RC_CSV_QUOTED)
		return take_in_quotes(reader, c, err);
	reader->is_after_cr = false;
	if (c == '\r' || c == '\n')
		return is_rest_of_line_end ? RC_OK : take_line_end(reader, c, err);
	if (c == '"')
		return take_quote(reader, err);
	return is_separator(reader, c) ? take_separator(reader, err) : take_text(reader, c, err);
}

/* Drops a byte order mark at the very front; one of UTF-16 is told. */
static enum rc_status take_front(struct rc_csv_reader *reader, uint8_t c, struct rc_error *err)
{
	enum rc_status status = RC_OK;
	const size_t seen = reader->mark_seen;

	if (seen == 0 && (c == 0xFE || c == 0xFF))
		return fail_at(reader, RC_EFORMAT, RC_CSV_UTF16, err);
	if (seen < sizeof(mark) && c == mark[seen]) {
		reader->mark_seen++;
		return RC_OK;
	}
	reader->mark_seen = PAST_MARK;
	for (size_t i = 0; i < seen && seen < sizeof(mark) && status == RC_OK; i++)
		status = take_byte(reader, mark[i], err);
	return status == RC_OK ? take_byte(reader, c, err) : status;
}

enum rc_status rc_csv_reader_add(struct rc_csv_reader *reader, struct rc_bytes piece, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (reader->state == RC_CSV_FAILED)
		return rc_fail(err, RC_EFORMAT, "the file was given up before");
	for (size_t i = 0; i < piece.size && status == RC_OK; i++)
		status = reader->mark_seen == PAST_MARK ? take_byte(reader, piece.data[i], err)
							: take_front(reader, piece.data[i], err);
	return status;
}

enum rc_status rc_csv_reader_end(struct rc_csv_reader *reader, struct rc_error *err)
{
	if (reader->state == RC_CSV_FAILED)
		return rc_fail(err, RC_EFORMAT, "the file was given up before");
	if (reader->mark_seen > 0 && reader->mark_seen < sizeof(mark))
		return fail_at(reader, RC_EFORMAT, RC_CSV_NOT_UTF8, err);
	if (reader->state == RC_CSV_QUOTED)
		return fail_at(reader, RC_EFORMAT, RC_CSV_UNCLOSED_QUOTE, err);
	return end_row(reader, err);
}

enum rc_status rc_csv_read(struct rc_bytes content, char separator, rc_csv_take take, void *context,
			   struct rc_error *err)
{
	struct rc_csv_reader reader;
	enum rc_status status;

	rc_csv_reader_init(&reader, separator, take, context);
	status = rc_csv_reader_add(&reader, content, err);
	if (status == RC_OK)
		status = rc_csv_reader_end(&reader, err);
	rc_csv_reader_deinit(&reader);
	return status;
}
