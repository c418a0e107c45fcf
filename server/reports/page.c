/* SPDX-License-Identifier: Apache-2.0 */
/* Each value goes through one of two writers; the columns' table says under which key. */
#include "server/reports/page.h"

#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/base/utf8.h"
#include "shared/json/write.h"

#include <assert.h>
#include <stdio.h>

#define NAME_MAX_CHARS 32u
#define PLAIN_MAX      (NAME_MAX_CHARS + 1u + RC_PAGE_PLACE_MAX_CHARS)

static bool is_csv(const struct rc_page *page)
{
	return page->request.format == RC_PAGE_CSV;
}

/* ---- begin ---- */

static void write_heading(struct rc_page *page, const struct rc_page_column *column)
{
	const bool is_zh = page->request.language == RC_LANGUAGE_ZH;
	char text[80];

	if (!column->is_pair) {
		rc_csv_write_text(&page->csv, is_zh ? column->zh : column->key);
		return;
	}
	(void)snprintf(text, sizeof(text), is_zh ? "%s（中文）" : "%s_zh",
		       is_zh ? column->zh : column->key);
	rc_csv_write_text(&page->csv, text);
	(void)snprintf(text, sizeof(text), is_zh ? "%s（英文）" : "%s_en",
		       is_zh ? column->zh : column->key);
	rc_csv_write_text(&page->csv, text);
}

void rc_page_begin(struct rc_page *page, const struct rc_page_kind *kind,
		   const struct rc_page_request *request, struct rc_buf *out)
{
	*page = (struct rc_page){.kind = kind, .request = *request, .out = out};
	if (!is_csv(page)) {
		rc_json_open(out, '{');
		rc_json_append_key(out, kind->name);
		rc_json_open(out, '[');
		return;
	}
	rc_csv_writer_init(&page->csv, out, true);
	for (size_t i = 0; i < kind->column_count; i++)
		write_heading(page, &kind->columns[i]);
	rc_csv_end_row(&page->csv);
}

void rc_page_begin_single(struct rc_page *page, const struct rc_page_kind *kind, struct rc_buf *out)
{
	*page = (struct rc_page){.kind = kind, .out = out, .is_single = true};
}

/* ---- rows ---- */

static void end_row(struct rc_page *page)
{
	if (page->rows == 0)
		return;
	assert(page->column == page->kind->column_count);
	if (is_csv(page))
		rc_csv_end_row(&page->csv);
	else
		rc_json_close(page->out, '}');
}

void rc_page_row(struct rc_page *page, const char *place)
{
	end_row(page);
	if (!rc_text_copy(place, page->place, sizeof(page->place)))
		page->out->status = RC_ELIMIT; /* only a damaged row is so long */
	page->rows++;
	page->column = 0;
	if (!is_csv(page))
		rc_json_open(page->out, '{');
}

/* The key of the next value, which is written in JSON already. */
static const struct rc_page_column *next_column(struct rc_page *page)
{
	const struct rc_page_column *column = &page->kind->columns[page->column++];

	assert(page->column <= page->kind->column_count);
	if (!is_csv(page))
		rc_json_append_key(page->out, column->key);
	return column;
}

void rc_page_text(struct rc_page *page, const char *text)
{
	(void)next_column(page);
	if (is_csv(page))
		rc_csv_write_text(&page->csv, text);
	else
		rc_json_append_text(page->out, text);
}

static void write_null(struct rc_page *page)
{
	(void)next_column(page);
	if (is_csv(page))
		rc_csv_write_text(&page->csv, "");
	else
		rc_json_append_null(page->out);
}

void rc_page_text_or_null(struct rc_page *page, const char *text)
{
	if (text[0])
		rc_page_text(page, text);
	else
		write_null(page);
}

void rc_page_int(struct rc_page *page, int64_t number)
{
	(void)next_column(page);
	if (is_csv(page))
		rc_csv_write_int(&page->csv, number);
	else
		rc_json_append_int(page->out, number);
}

void rc_page_bool(struct rc_page *page, bool truth)
{
	(void)next_column(page);
	if (is_csv(page))
		rc_csv_write_text(&page->csv, truth ? "true" : "false");
	else
		rc_json_append_bool(page->out, truth);
}

void rc_page_id_or_null(struct rc_page *page, const struct rc_id *id)
{
	char text[RC_ID_CHARS + 1] = "";

	if (!rc_id_is_nil(id))
		rc_id_format(id, text);
	rc_page_text_or_null(page, text);
}

void rc_page_time(struct rc_page *page, int64_t at_ms)
{
	char text[RC_TIMESTAMP_CHARS + 1] = "";

	if (at_ms > 0)
		rc_timestamp_format(at_ms, text);
	rc_page_text_or_null(page, text);
}

void rc_page_pair(struct rc_page *page, const char *zh, const char *en)
{
	assert(page->kind->columns[page->column].is_pair);
	(void)next_column(page);
	if (is_csv(page)) {
		rc_csv_write_text(&page->csv, zh);
		rc_csv_write_text(&page->csv, en);
		return;
	}
	rc_json_open(page->out, '{');
	rc_json_member_text(page->out, "zh", zh);
	rc_json_member_text(page->out, "en", en);
	rc_json_close(page->out, '}');
}

void rc_page_json(struct rc_page *page, const char *json)
{
	(void)next_column(page);
	if (is_csv(page))
		rc_csv_write_text(&page->csv, json);
	else
		rc_json_append_raw(page->out, rc_bytes_of_text(json));
}

/* ---- end, and cursors ---- */

static void make_next(struct rc_page *page)
{
	char plain[PLAIN_MAX + 1];

	if (page->request.limit == 0 || page->rows < page->request.limit)
		return;
	(void)snprintf(plain, sizeof(plain), "%s:%s", page->kind->name, page->place);
	rc_base64url_encode(rc_bytes_of_text(plain), page->next);
}

enum rc_status rc_page_end(struct rc_page *page, struct rc_error *err)
{
	end_row(page);
	if (page->is_single)
		return rc_buf_status(page->out, err);
	make_next(page);
	if (!is_csv(page)) {
		rc_json_close(page->out, ']');
		rc_json_append_key(page->out, "next");
		if (page->next[0])
			rc_json_append_text(page->out, page->next);
		else
			rc_json_append_null(page->out);
		rc_json_close(page->out, '}');
	}
	return rc_buf_status(page->out, err);
}

enum rc_status rc_page_cursor_read(const struct rc_page_kind *kind, struct rc_bytes cursor,
				   char place[RC_PAGE_PLACE_MAX_CHARS + 1])
{
	const size_t name_size = strlen(kind->name);
	uint8_t plain[PLAIN_MAX];
	size_t size = 0;

	if (rc_base64url_decode(cursor, plain, sizeof(plain), &size) != RC_OK || size < name_size + 2 ||
	    memcmp(plain, kind->name, name_size) != 0 || plain[name_size] != ':')
		return RC_EFORMAT;
	if (!rc_bytes_copy_text(rc_bytes_of(plain + name_size + 1, size - name_size - 1), place,
				RC_PAGE_PLACE_MAX_CHARS + 1))
		return RC_EFORMAT;
	return rc_utf8_is_valid(rc_bytes_of_text(place)) ? RC_OK : RC_EFORMAT;
}
