/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_TABLE_PRIV_H
#define RC_TABLES_TABLE_PRIV_H
/* What the sources of this module share: reports whose values are numbers, and names of columns. */
#include "server/tables/preview.h"
#include "server/tables/table.h"
#include "shared/csv/csv.h"

/* Cells of a column that are digits and nothing else: where zeros in front were lost, their lengths differ. */
struct rc_table__digits {
	size_t least, most; /* digits */
	size_t line;        /* of the first of `least` */
	char shortest[24];
};

#define RC_TABLE_NOT_THERE SIZE_MAX

struct rc_table {
	const struct rc_table_request *request;
	struct rc_import *import;
	size_t place[RC_TABLE_COLUMNS_MAX]; /* of each column in the file, or RC_TABLE_NOT_THERE */
	char title[RC_TABLE_COLUMNS_MAX][RC_REPORT_COLUMN_MAX_BYTES + 1]; /* as the file has it */
	size_t width;                                                     /* cells of the header */
	char separator;
	uint64_t header_line; /* rows up to here are passed over */
	const struct rc_csv_row *row;
	struct rc_buf folded;                        /* cells of the row that are folded */
	struct rc_bytes cells[RC_TABLE_COLUMNS_MAX]; /* the row's, by column */
	struct rc_table__digits digits[RC_TABLE_COLUMNS_MAX];
	bool is_faulty;
	bool has_row_failed; /* the reading ended by the row's function, not by the file */
};

/* ---- header.c ---- */

/* Finds separator and header. False: there is none, which was reported. */
bool rc_table__find_header(struct rc_table *table);

/* Notes where the columns are, and reports what is missing, unknown or there twice. */
void rc_table__take_header(struct rc_table *table, const struct rc_csv_row *row);

/* ---- suspicions.c ---- */

/* What a spreadsheet makes of a code that it takes for a number, a day or a formula; NULL if it is none of that. */
const struct rc_report_text *rc_table__damage_of(struct rc_bytes cell);

/* Why a cell is no time, where that can be said: it reads two ways, it is a spreadsheet's number. NULL: nothing is known. */
const struct rc_report_text *rc_table__doubt_of_time(struct rc_bytes cell);

/* Looks at a code; what it means shows at the end of the file, when the warnings are given. */
void rc_table__note_digits(struct rc_table *table, size_t column);
void rc_table__tell_suspicions(struct rc_table *table);

/* ---- report.c ---- */

/* Appends at most `max` bytes of a text as people may see it: control and bidirectional characters as "?", cut with "…". */
void rc_report__append_shown(struct rc_buf *out, struct rc_bytes text, size_t max);

/* ---- preview.c ---- */
void rc_preview__take_header(const struct rc_table *table);
void rc_preview__take_column(struct rc_import_preview *preview, const char *title, const char *field);
void rc_preview__take_row(const struct rc_table *table, const struct rc_import *before);

/* ---- table.c, names.c ---- */

/* An error of a line as a whole. */
void rc_table__report(struct rc_table *table, size_t line, struct rc_report_text text, const char *value);

/* True if the cell is empty though it must not be: it was reported with the row. */
bool rc_table__is_missing(const struct rc_table *table, size_t column);

/* "too long, at most %s bytes: “%s”" and the like: the number first, then the cell. */
void rc_table__error_of_size(struct rc_table *table, size_t column, struct rc_report_text text,
			     size_t size);
void rc_table__error_of_range(struct rc_table *table, size_t column, int min, int max);

/* A header's cell or an accepted name as it is compared: full-width as ASCII, lower case, without spaces, hyphens, marks and what stands in
 * brackets at its end ("工号（必填）" is "工号"). */
#define RC_TABLE_NAME_MAX_BYTES 128u
void rc_table__normal_name(struct rc_bytes cell, char name[RC_TABLE_NAME_MAX_BYTES + 1]);

/* Appends the cell with its full-width ASCII (U+FF01 … U+FF5E) as ASCII. */
void rc_table__fold(struct rc_bytes cell, struct rc_buf *out);

/* Without spaces, TAB and U+3000 at both ends. */
struct rc_bytes rc_table__trim(struct rc_bytes cell);

#endif
