/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_TABLE_H
#define RC_TABLES_TABLE_H
/*
 * A table that somebody uploads, read row by row: which column is which, and what is wrong with the rest.
 *
 * The header row is found among the first rows (above it may stand a title or notes) by the names of its cells, in English or
 * Chinese, in any order; full-width letters, spaces, `*` and `（必填）` don't matter. Separator, quotes and line ends are
 * shared/csv's. The encoding is UTF-8 with or without BOM; what makes UTF-8 of other files is server/tables/encoding.h.
 * Memory: the file, which the caller holds, and one row. One thread; nothing here touches the system.
 *
 *     static enum rc_status take_row(struct rc_table *table, void *context, struct rc_error *err)
 *     {
 *             char number[33] = "";
 *
 *             (void)rc_table_get_code(table, COLUMN_NUMBER, number, sizeof(number));
 *             …
 *     }
 */
#include "server/tables/report.h"

#define RC_TABLE_COLUMNS_MAX 32u /* that one import may know */
#define RC_TABLE_HEADERS_MAX 10u /* rows among which the header is looked for */

/* A column that an import knows: a const table of these, the index is how the import names it. */
struct rc_table_column {
	const char *field;          /* the first accepted header, and its name in templates */
	const char *const *headers; /* more of them, ended by NULL; compared without case, width and marks */
	bool is_required;           /* the column must be there and no cell of it empty */
	bool is_folded; /* full-width letters and digits in cells become ASCII: for codes and numbers */
};

struct rc_table_columns {
	const struct rc_table_column *items;
	size_t count; /* at most RC_TABLE_COLUMNS_MAX */
};

struct rc_table; /* a file being read, at one row */

/* Called for each row that isn't empty. Anything but RC_OK ends the reading and is passed up: not for faults of the file. */
typedef enum rc_status rc_table_fn(struct rc_table *table, void *context, struct rc_error *err);

/* What is read, and what is done with it. All borrowed. */
struct rc_table_request {
	struct rc_bytes file;
	struct rc_table_columns columns;
	rc_table_fn *row;
	void *context;
};

/*
 * Finds the header and goes through the rows, which are counted in import->rows. RC_OK also for a file full of faults, which stand
 * in import->errors then: no file of ours, too large, another encoding, no header, a column missing or there twice (then no row is
 * shown); a required cell empty, a row with more cells than the header (the row is shown as faulty); a broken quote (the rows
 * before it are shown). Otherwise what `row` returned, or RC_ENOMEM.
 */
RC_CHECKED enum rc_status rc_table_read(const struct rc_table_request *request,
					struct rc_import *import, struct rc_error *err);

/* True if the file has this column. */
bool rc_table_has(const struct rc_table *table, size_t column);

/* The cell of the current row, without spaces (U+3000 too) around it; empty where there is none. Borrowed until the next row. */
struct rc_bytes rc_table_cell(const struct rc_table *table, size_t column);

/* The line where the current row begins, from 1. */
size_t rc_table_line(const struct rc_table *table);

/* True if an error of the current row was reported since it is shown. */
bool rc_table_is_faulty(const struct rc_table *table);

/* Reports an error or warning of a cell; `%s` in the texts is the cell's content, a second one is `detail` (may be NULL). */
void rc_table_error(struct rc_table *table, size_t column, struct rc_report_text text, const char *detail);
void rc_table_warn(struct rc_table *table, size_t column, struct rc_report_text text, const char *detail);

/* ---- cells as values: each reports what is wrong and is then false, leaving `*out` alone ----
 *
 * An empty cell leaves `*out` as it is and is true: the default is what the caller put there (a required one was reported by
 * that already, and is false). */

/* Text of at most size - 1 bytes, valid UTF-8 without control, bidirectional and invisible characters. Formula signs are text. */
bool rc_table_get_text(struct rc_table *table, size_t column, char *out, size_t size);

/* As rc_table_get_text, and no space inside: a code. What a spreadsheet makes of codes (`1.23E+05`, `5-Mar`, `#N/A`) is none. */
bool rc_table_get_code(struct rc_table *table, size_t column, char *out, size_t size);

/* As rc_table_get_code, of ASCII letters and digits, Chinese characters, and behind the first one `-`, `_` and `.`: a code that
 * stands in addresses of pages and in names of files, where / and .. lead elsewhere. */
bool rc_table_get_key(struct rc_table *table, size_t column, char *out, size_t size);

/* Digits, perhaps with a sign, from `min` to `max`. */
bool rc_table_get_int(struct rc_table *table, size_t column, int min, int max, int *out);

/* One of a few words, without regard to case. `choices` ends with a NULL name. */
struct rc_table_choice {
	const char *name;
	int value;
};
bool rc_table_get_choice(struct rc_table *table, size_t column,
			 const struct rc_table_choice *choices, int *out);

/* yes/no, true/false, 1/0, 是/否. */
bool rc_table_get_bool(struct rc_table *table, size_t column, bool *out);

/*
 * A moment: `2026-01-05 09:00`, `2026/1/5 9:00`, `2026年1月5日 9:00`, with `T` for the space, with seconds, or with an offset of
 * its own behind it (`Z`, `+08:00`). Without one it is local at `utc_offset_min`. Years 2000 … 2199.
 */
bool rc_table_get_time(struct rc_table *table, size_t column, int utc_offset_min, int64_t *at_ms);

/* `+08:00`, `-03:30`, `Z`: minutes east of UTC, at most 14 hours. */
bool rc_table_get_offset(struct rc_table *table, size_t column, int *utc_offset_min);

/* ---- what was there before ---- */

/* Remembers keys of a file (by hash, 16 bytes each), so that a row that comes twice is found. */
struct rc_seen {
	struct rc_seen_slot *slots; /* owned */
	size_t capacity, count;
};

/* Empty, and with all memory given back. */
void rc_seen_init(struct rc_seen *seen);
void rc_seen_deinit(struct rc_seen *seen);

/* The line at which `key` was added before, or 0: then it is added with `line`. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_seen_add(struct rc_seen *seen, struct rc_bytes key, size_t line,
				      size_t *before);

#endif
