/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/csv/csv.h"

#include <inttypes.h>

void rc_csv_writer_init(struct rc_csv_writer *writer, struct rc_buf *buf, bool has_mark)
{
	writer->buf = buf;
	writer->is_row_begun = false;
	if (has_mark)
		rc_buf_append_text(buf, "\xEF\xBB\xBF");
}

static void begin_field(struct rc_csv_writer *writer)
{
	if (writer->is_row_begun)
		rc_buf_append_char(writer->buf, ',');
	writer->is_row_begun = true;
}

static bool looks_like_a_formula(struct rc_bytes text)
{
	return text.size > 0 && text.data[0] && strchr("=+-@\t\r", text.data[0]);
}

static bool is_mark(struct rc_bytes text)
{
	return text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;
}

/* Where the RFC asks for quotes, at ; too, for readers that split there, around outer spaces, which many readers drop, and in front of
 * a byte order mark, which would be taken for the file's. */
static bool needs_quotes(struct rc_bytes text)
{
	if (text.size == 0)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] && strchr("\",;\r\n", text.data[i]))
			return true;
	}
	return text.data[0] == ' ' || is_mark(text) || text.data[text.size - 1] == ' ';
}

static void append_quoted(struct rc_buf *buf, struct rc_bytes text, bool is_guarded)
{
	rc_buf_append_char(buf, '"');
	if (is_guarded)
		rc_buf_append_char(buf, '\'');
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '"')
			rc_buf_append_char(buf, '"');
		rc_buf_append_char(buf, (char)text.data[i]);
	}
	rc_buf_append_char(buf, '"');
}

void rc_csv_write_bytes(struct rc_csv_writer *writer, struct rc_bytes text)
{
	const bool is_guarded = looks_like_a_formula(text);
	const bool is_first = !writer->is_row_begun;

	begin_field(writer);
	/* An empty field alone in its row would be an empty line. */
	if (needs_quotes(text) || (is_first && text.size == 0)) {
		append_quoted(writer->buf, text, is_guarded);
		return;
	}
	if (is_guarded)
		rc_buf_append_char(writer->buf, '\'');
	rc_buf_append_bytes(writer->buf, text);
}

void rc_csv_write_text(struct rc_csv_writer *writer, const char *text)
{
	rc_csv_write_bytes(writer, rc_bytes_of_text(text));
}

void rc_csv_write_int(struct rc_csv_writer *writer, int64_t value)
{
	begin_field(writer);
	rc_buf_printf(writer->buf, "%" PRId64, value);
}

void rc_csv_end_row(struct rc_csv_writer *writer)
{
	rc_buf_append_text(writer->buf, "\r\n");
	writer->is_row_begun = false;
}
