/* SPDX-License-Identifier: Apache-2.0 */
/*
 * However a file is cut into pieces, its rows are the same; and rows that were read are the same when written and read again. The
 * same file as an upload: what is found of its encoding is UTF-8 without NUL and the same when asked for, and a table is read or
 * refused in words.
 */
#include "server/tables/encoding.h"
#include "server/tables/preview.h"
#include "shared/base/utf8.h"
#include "shared/csv/csv.h"

#include <stdlib.h>

#define SEEN_MAX_BYTES 16777216u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rows written as CSV: a reading in one form that can be compared. */
static enum rc_status write_row(void *context, const struct rc_csv_row *row, struct rc_error *err)
{
	struct rc_csv_writer *writer = context;

	(void)err;
	for (size_t i = 0; i < row->count; i++)
		rc_csv_write_bytes(writer, row->fields[i]);
	rc_csv_end_row(writer);
	return RC_OK;
}

static enum rc_status read_by(struct rc_bytes content, char separator, size_t step, struct rc_buf *seen)
{
	struct rc_csv_reader reader;
	struct rc_csv_writer writer;
	enum rc_status status = RC_OK;

	rc_csv_writer_init(&writer, seen, false);
	rc_csv_reader_init(&reader, separator, write_row, &writer);
	for (size_t at = 0; at < content.size && status == RC_OK; at += step)
		status = rc_csv_reader_add(
		    &reader,
		    rc_bytes_of(content.data + at, content.size - at < step ? content.size - at : step),
		    NULL);
	if (status == RC_OK)
		status = rc_csv_reader_end(&reader, NULL);
	rc_csv_reader_deinit(&reader);
	return status;
}

static bool has_guard(struct rc_bytes text)
{
	return text.size > 0 && memchr(text.data, '\'', text.size) != NULL;
}

/* ---- as an upload ---- */

static const struct rc_table_column columns[] = {
    {"number", (const char *const[]){"工号", NULL}, true, true},
    {"name", (const char *const[]){"姓名", NULL}, true, false},
    {"at", NULL, false, true},
};

static enum rc_status take_row(struct rc_table *table, void *context, struct rc_error *err)
{
	char number[33] = "", name[81] = "";
	int64_t at_ms;

	(void)context;
	(void)err;
	if (rc_table_get_key(table, 0, number, sizeof(number)) && strpbrk(number, "/\\%?#"))
		abort();
	if (rc_table_get_text(table, 1, name, sizeof(name)) && !rc_utf8_is_valid(rc_bytes_of_text(name)))
		abort();
	(void)rc_table_get_time(table, 2, 480, &at_ms);
	return RC_OK;
}

static void read_table(struct rc_bytes utf8, struct rc_import *import)
{
	const struct rc_table_request request = {
	    .file = utf8, .columns = {columns, sizeof(columns) / sizeof(columns[0])}, .row = take_row};

	import->preview = calloc(1, sizeof(*import->preview));
	if (!import->preview || rc_table_read(&request, import, NULL) != RC_OK)
		abort();
	free(import->preview);
	import->preview = NULL;
}

static void upload(struct rc_bytes file)
{
	struct rc_encoding_text found, asked;
	struct rc_buf memory, again;
	struct rc_import import;
	enum rc_status status;

	rc_import_init(&import);
	rc_buf_init(&memory, RC_TABLE_TEXT_MAX_BYTES);
	rc_buf_init(&again, RC_TABLE_TEXT_MAX_BYTES);
	status = rc_encoding_read(file, RC_ENCODING_FIND, &memory, &found, &import, NULL);
	if ((status == RC_EFORMAT) != (import.errors.count == 1))
		abort();
	if (status == RC_OK) {
		if (!rc_utf8_is_valid(found.utf8) ||
		    (found.utf8.size > 0 && memchr(found.utf8.data, 0, found.utf8.size)))
			abort();
		if (rc_encoding_read(file, found.encoding, &again, &asked, &import, NULL) != RC_OK ||
		    !rc_bytes_equal(found.utf8, asked.utf8))
			abort();
		read_table(found.utf8, &import);
	}
	rc_buf_deinit(&memory);
	rc_buf_deinit(&again);
	rc_import_deinit(&import);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t step = size ? data[0] % 16u + 1u : 1;
	const struct rc_bytes content = rc_bytes_of(data, size);
	struct rc_buf whole, pieces, again;
	enum rc_status status;

	rc_buf_init(&whole, SEEN_MAX_BYTES);
	rc_buf_init(&pieces, SEEN_MAX_BYTES);
	rc_buf_init(&again, SEEN_MAX_BYTES);
	status = read_by(content, RC_CSV_SEPARATOR_BY_HEADER, size + 1, &whole);
	if (read_by(content, RC_CSV_SEPARATOR_BY_HEADER, step, &pieces) != status ||
	    !rc_bytes_equal(rc_buf_bytes(&whole), rc_buf_bytes(&pieces)))
		abort();
	/* An apostrophe put in front may reach the field's limit; else what was written is read. */
	if (whole.size < RC_CSV_FIELD_MAX_BYTES && read_by(rc_buf_bytes(&whole), ',', 7, &again) != RC_OK)
		abort();
	if (whole.size < RC_CSV_FIELD_MAX_BYTES && !has_guard(rc_buf_bytes(&whole)) &&
	    !rc_bytes_equal(rc_buf_bytes(&whole), rc_buf_bytes(&again)))
		abort();
	upload(content);
	rc_buf_deinit(&whole);
	rc_buf_deinit(&pieces);
	rc_buf_deinit(&again);
	return 0;
}
