/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_PAGE_H
#define RC_REPORTS_PAGE_H
/*
 * A page of a list: the same rows as JSON or as CSV, from one table of columns. A row's values are given in the columns' order.
 *
 *     {"rooms":[{"code":"3F-305",…},…],"next":"cm9vbXM6M0YtMzA1"}
 *
 * A cursor is opaque to its holder: base64url of the list's name and of the place behind which it goes on, so that one of another
 * list, or one that was made up, is refused. As with rc_buf, what doesn't fit is reported once, by rc_page_end. One thread.
 */
#include "shared/base/buf.h"
#include "shared/base/id.h"
#include "shared/csv/csv.h"
#include "shared/reference/reference.h"

#define RC_PAGE_PLACE_MAX_CHARS  200u /* of a place in a list: a number, an id, a time and a key */
#define RC_PAGE_CURSOR_MAX_CHARS 320u /* of its cursor */

enum rc_page_format {
	RC_PAGE_JSON,
	RC_PAGE_CSV, /* UTF-8 with a mark and CRLF; cells that look like formulas are guarded */
};

struct rc_page_column {
	const char *key; /* in JSON; heads an English table too */
	const char *zh;  /* heads a Chinese table */
	bool is_pair;    /* {"zh":…,"en":…}; two columns in CSV */
};

struct rc_page_kind {
	const char *name; /* "rooms": the array's key, and what its cursors begin with */
	const struct rc_page_column *columns;
	size_t column_count;
};

struct rc_page_request {
	enum rc_page_format format;
	enum rc_language language; /* of CSV's headings */
	size_t limit;              /* rows; 0: the list has no pages, `next` is null */
};

struct rc_page {
	const struct rc_page_kind *kind;
	struct rc_page_request request;
	struct rc_buf *out;       /* borrowed */
	struct rc_csv_writer csv; /* RC_PAGE_CSV */
	size_t rows;
	size_t column; /* of the next value */
	bool is_single;
	char place[RC_PAGE_PLACE_MAX_CHARS + 1]; /* of the last row */
	char next[RC_PAGE_CURSOR_MAX_CHARS + 1]; /* after rc_page_end; "": no more rows */
};

/* Begins a list. */
void rc_page_begin(struct rc_page *page, const struct rc_page_kind *kind,
		   const struct rc_page_request *request, struct rc_buf *out);

/* Begins what is no list but one row, as a JSON object. */
void rc_page_begin_single(struct rc_page *page, const struct rc_page_kind *kind, struct rc_buf *out);

/* Begins the next row; `place` is where a page goes on that ends with it ("" where there are no pages). */
void rc_page_row(struct rc_page *page, const char *place);

/* The next value of the row. A time of 0 and an empty text of `_or_null` are null, and an empty cell. */
void rc_page_text(struct rc_page *page, const char *text);
void rc_page_text_or_null(struct rc_page *page, const char *text);
void rc_page_int(struct rc_page *page, int64_t number);
void rc_page_bool(struct rc_page *page, bool truth);
void rc_page_id_or_null(struct rc_page *page, const struct rc_id *id); /* null: the nil id */
void rc_page_time(struct rc_page *page, int64_t at_ms);
void rc_page_pair(struct rc_page *page, const char *zh, const char *en);
void rc_page_json(struct rc_page *page, const char *json); /* made already; CSV has it as text */

/* Ends the list, or the single row. RC_ELIMIT, RC_ENOMEM: the buffer. */
RC_CHECKED enum rc_status rc_page_end(struct rc_page *page, struct rc_error *err);

/* Takes the place out of a cursor of this list. RC_EFORMAT: it isn't one. */
RC_CHECKED enum rc_status rc_page_cursor_read(const struct rc_page_kind *kind, struct rc_bytes cursor,
					      char place[RC_PAGE_PLACE_MAX_CHARS + 1]);

#endif
