/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are written down as text: fields in <>, each row in front by its line: "1<a><b>2<c>". */
#include "shared/csv/csv.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static enum rc_status write_down(void *context, const struct rc_csv_row *row, struct rc_error *err)
{
	struct rc_buf *seen = context;

	(void)err;
	rc_buf_printf(seen, "%" PRIu64, row->line);
	for (size_t i = 0; i < row->count; i++) {
		rc_buf_append_char(seen, '<');
		rc_buf_append_bytes(seen, row->fields[i]);
		rc_buf_append_char(seen, '>');
	}
	return RC_OK;
}

/* Reads in pieces of `step` bytes, each in a block of its own. */
static enum rc_status read_by(struct rc_bytes content, size_t step, struct rc_buf *seen,
			      struct rc_error *err)
{
	struct rc_csv_reader reader;
	enum rc_status status = RC_OK;

	rc_buf_clear(seen);
	rc_csv_reader_init(&reader, RC_CSV_SEPARATOR_BY_HEADER, write_down, seen);
	for (size_t at = 0; at < content.size && status == RC_OK; at += step) {
		size_t size = content.size - at < step ? content.size - at : step;
		uint8_t *piece = malloc(size);

		memcpy(piece, content.data + at, size);
		status = rc_csv_reader_add(&reader, rc_bytes_of(piece, size), err);
		free(piece);
	}
	if (status == RC_OK)
		status = rc_csv_reader_end(&reader, err);
	rc_csv_reader_deinit(&reader);
	return status;
}

struct row {
	const char *content, *seen;
};

static void rows_come_out_as_they_are_meant_however_they_are_cut(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"\n\r\n\r", ""},
	    {"a,b\r\n1,2\r\n", "1<a><b>2<1><2>"},
	    {"a,b\n1,2", "1<a><b>2<1><2>"},
	    {"a,b\r1,2\r", "1<a><b>2<1><2>"},
	    {"a\n\n\nb\n", "1<a>4<b>"},
	    {"a,b,\n,,\n", "1<a><b><>2<><><>"},
	    {"\"a,b\",\"c\"\"d\"\n", "1<a,b><c\"d>"},
	    {"\"\",\"\"\n\"\"\n", "1<><>2<>"},
	    {"\"a\nb\r\nc\rd\",e\nf\n", "1<a\nb\r\nc\rd><e>5<f>"},
	    {"\"a\r\"\n\"b\"\n", "1<a\r>3<b>"},
	    {"\xef\xbb\xbf"
	     "a,b\n",
	     "1<a><b>"},
	    {"\xef\xbb\xbf\"a\",b\n", "1<a><b>"},
	    {"\xe7\x94\x9f\xe4\xba\xa7,b\n", "1<\xe7\x94\x9f\xe4\xba\xa7><b>"},
	    {"\xef\xbc\x8c,b\n", "1<\xef\xbc\x8c><b>"},
	    {"a;b\n1,5;2\n", "1<a><b>2<1,5><2>"},
	    {"a,b;c\n1;2,3\n", "1<a><b;c>2<1;2><3>"},
	    {"\"x,y\";b\n1;2\n", "1<x,y><b>2<1><2>"},
	    {"a\n1,2\n", "1<a>2<1><2>"},
	    {"37\xc2\xb0 36'37.8\"N,5\"\n", "1<37\xc2\xb0 36'37.8\"N><5\">"},
	    {"007, 1.23E+05 ,=cmd|x\n", "1<007>< 1.23E+05 ><=cmd|x>"},
	};
	struct rc_buf seen;

	(void)state;
	rc_buf_init(&seen, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step <= strlen(rows[i].content) + 1; step++) {
			assert_int_equal(read_by(rc_bytes_of_text(rows[i].content), step, &seen, NULL),
					 RC_OK);
			assert_string_equal(rc_buf_text(&seen), rows[i].seen);
		}
	}
	rc_buf_deinit(&seen);
}

static void a_fault_is_told_with_line_and_column(void **state)
{
	static const struct row rows[] = {
	    {"a,b\n1,\"2\n3\n", "line 2, column 2: a quote opens here and is never closed"},
	    {"a,b\n\"1\"x,2\n", "line 2, column 1: text behind the closing quote"},
	    {"a,b\n\"1\" ,2\n", "line 2, column 1: text behind the closing quote"},
	    {"a,b\n1,\xff\n", "line 2, column 2: the text is not UTF-8"},
	    {"a,\xd6\xd0\xce\xc4\n", "line 1, column 2: the text is not UTF-8"},
	    {"\xef\xbb", "line 1, column 1: the text is not UTF-8"},
	    {"\xff\xfe"
	     "a",
	     "line 1, column 1: the file is UTF-16; save it as UTF-8"},
	};
	struct rc_buf seen;
	struct rc_error err;

	(void)state;
	rc_buf_init(&seen, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_by(rc_bytes_of_text(rows[i].content), 1, &seen, &err), RC_EFORMAT);
		assert_string_equal(err.text, rows[i].seen);
	}
	assert_int_equal(read_by(rc_bytes_of("a\0b", 3), 3, &seen, &err), RC_EFORMAT);
	assert_string_equal(err.text, "line 1, column 1: a NUL (is it UTF-16?)");
	rc_buf_deinit(&seen);
}

/* `count` times a byte, between two texts. */
static struct rc_bytes repeated(struct rc_buf *buf, const char *before, char c, size_t count,
				const char *after)
{
	rc_buf_clear(buf);
	rc_buf_append_text(buf, before);
	for (size_t i = 0; i < count; i++)
		rc_buf_append_char(buf, c);
	rc_buf_append_text(buf, after);
	return rc_buf_bytes(buf);
}

static void fields_and_columns_have_limits(void **state)
{
	struct rc_buf content, seen;

	(void)state;
	rc_buf_init(&content, 200000);
	rc_buf_init(&seen, 200000);
	assert_int_equal(read_by(repeated(&content, "a,\"", 'x', RC_CSV_FIELD_MAX_BYTES, "\"\n"),
				 4096, &seen, NULL),
			 RC_OK);
	assert_int_equal(read_by(repeated(&content, "a,\"", 'x', RC_CSV_FIELD_MAX_BYTES + 1, "\"\n"),
				 4096, &seen, NULL),
			 RC_ELIMIT);
	assert_int_equal(
	    read_by(repeated(&content, "", ',', RC_CSV_COLUMNS_MAX - 1, "\n"), 4096, &seen, NULL), RC_OK);
	assert_int_equal(read_by(repeated(&content, "", ',', RC_CSV_COLUMNS_MAX, "\n"), 4096, &seen, NULL),
			 RC_ELIMIT);
	assert_int_equal(read_by(repeated(&content, "", ',', RC_CSV_COLUMNS_MAX, "a"), 4096, &seen, NULL),
			 RC_ELIMIT);
	rc_buf_deinit(&content);
	rc_buf_deinit(&seen);
}

static enum rc_status stop_at_second(void *context, const struct rc_csv_row *row, struct rc_error *err)
{
	++*(int *)context;
	return row->line == 2 ? rc_fail(err, RC_ECONFLICT, "enough") : RC_OK;
}

static void a_callback_may_stop_the_reading(void **state)
{
	struct rc_error err;
	int rows = 0;

	(void)state;
	assert_int_equal(rc_csv_read(rc_bytes_of_text("a\nb\nc\n"), ',', stop_at_second, &rows, &err),
			 RC_ECONFLICT);
	assert_string_equal(err.text, "enough");
	assert_int_equal(rows, 2);
}

static void after_a_fault_nothing_more_is_taken(void **state)
{
	struct rc_csv_reader reader;
	struct rc_buf seen;

	(void)state;
	rc_buf_init(&seen, 100);
	rc_csv_reader_init(&reader, ',', write_down, &seen);
	assert_int_equal(rc_csv_reader_add(&reader, rc_bytes_of_text("\"a\"x\n"), NULL), RC_EFORMAT);
	assert_int_equal(rc_csv_reader_add(&reader, rc_bytes_of_text("b\n"), NULL), RC_EFORMAT);
	assert_int_equal(rc_csv_reader_end(&reader, NULL), RC_EFORMAT);
	assert_int_equal(seen.size, 0);
	rc_csv_reader_deinit(&reader);
	rc_buf_deinit(&seen);
}

static void fields_know_their_line(void **state)
{
	struct rc_csv_reader reader;
	struct rc_buf seen;

	(void)state;
	rc_buf_init(&seen, 100);
	rc_csv_reader_init(&reader, ',', write_down, &seen);
	assert_int_equal(rc_csv_reader_add(&reader, rc_bytes_of_text("x\n\"a\n\n\",b,\"c"), NULL), RC_OK);
	assert_int_equal(reader.row.line, 2);
	assert_int_equal(reader.row.field_line[0], 2);
	assert_int_equal(reader.row.field_line[1], 4);
	rc_csv_reader_deinit(&reader);
	rc_buf_deinit(&seen);
}

static void what_is_written_is_quoted_and_guarded(void **state)
{
	static const char *const guarded[] = {"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx"};
	struct rc_csv_writer writer;
	struct rc_buf out;

	(void)state;
	rc_buf_init(&out, 1000);
	rc_csv_writer_init(&writer, &out, true);
	rc_csv_write_text(&writer, "");
	rc_csv_write_text(&writer, "a,b");
	rc_csv_write_text(&writer, "say \"x\"");
	rc_csv_write_text(&writer, " x");
	rc_csv_write_text(&writer, "");
	rc_csv_write_int(&writer, -5);
	rc_csv_end_row(&writer);
	rc_csv_write_text(&writer, "two\nlines");
	rc_csv_end_row(&writer);
	assert_string_equal(
	    rc_buf_text(&out),
	    "\xef\xbb\xbf\"\",\"a,b\",\"say \"\"x\"\"\",\" x\",,-5\r\n\"two\nlines\"\r\n");
	for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
		rc_buf_clear(&out);
		rc_csv_writer_init(&writer, &out, false);
		rc_csv_write_text(&writer, guarded[i]);
		assert_int_equal(out.data[0], '\'');
		assert_string_equal(rc_buf_text(&out) + 1, guarded[i]);
	}
	rc_buf_clear(&out);
	rc_csv_write_text(&writer, "\rx");
	assert_string_equal(rc_buf_text(&out), ",\"'\rx\"");
	rc_buf_deinit(&out);
}

static void what_is_written_is_read_back(void **state)
{
	static const char *const fields[] = {
	    "", " ", "a\"b", "\"\"", "x,y", "x;y", "1\r\n2", "\xef\xbb\xbfx", "\xe7\x94\x9f", "'"};
	struct rc_csv_writer writer;
	struct rc_buf out, seen, expected;

	(void)state;
	rc_buf_init(&out, 1000);
	rc_buf_init(&seen, 1000);
	rc_buf_init(&expected, 1000);
	rc_csv_writer_init(&writer, &out, true);
	rc_buf_append_char(&expected, '1');
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		rc_csv_write_text(&writer, fields[i]);
		rc_buf_printf(&expected, "<%s>", fields[i]);
	}
	rc_csv_end_row(&writer);
	rc_csv_write_text(&writer, "");
	rc_csv_end_row(&writer);
	rc_buf_append_text(&expected, "3<>");
	assert_int_equal(read_by(rc_buf_bytes(&out), 3, &seen, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&seen), rc_buf_text(&expected));
	rc_buf_deinit(&out);
	rc_buf_deinit(&seen);
	rc_buf_deinit(&expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_come_out_as_they_are_meant_however_they_are_cut),
	    cmocka_unit_test(a_fault_is_told_with_line_and_column),
	    cmocka_unit_test(fields_and_columns_have_limits),
	    cmocka_unit_test(a_callback_may_stop_the_reading),
	    cmocka_unit_test(after_a_fault_nothing_more_is_taken),
	    cmocka_unit_test(fields_know_their_line),
	    cmocka_unit_test(what_is_written_is_quoted_and_guarded),
	    cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
