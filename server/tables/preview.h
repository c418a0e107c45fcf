/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_PREVIEW_H
#define RC_TABLES_PREVIEW_H
/*
 * How a file was understood, for a human who decides whether to import it: which column is what, the first rows as they were read,
 * and which lines would do what. Texts come cleaned of what could mislead, and cut.
 *
 * Large (20 KiB): on the heap. Filled by rc_table_read where import->preview points to one; as long as nothing is said about
 * a file's form, all of it is zero.
 */
#include "server/tables/table.h"

#define RC_PREVIEW_ROWS           5u
#define RC_PREVIEW_COLUMNS_MAX    64u /* more are counted, not shown */
#define RC_PREVIEW_CELL_MAX_BYTES 63u
#define RC_PREVIEW_RUNS_MAX       12u

/* Numbers of lines, neighbours together: "2-7, 9". */
struct rc_preview_lines {
	struct {
		size_t from, to;
	} runs[RC_PREVIEW_RUNS_MAX];
	size_t run_count;
	bool has_more; /* lines that aren't in the runs */
};

struct rc_import_preview {
	char separator; /* 0: no header was found */
	size_t header_line;
	struct rc_preview_column {
		char title[RC_REPORT_COLUMN_MAX_BYTES + 1]; /* as the file has it */
		const char *field; /* the table's name for it; NULL: passed over */
	} columns[RC_PREVIEW_COLUMNS_MAX];
	size_t column_count; /* all */
	struct rc_preview_row {
		size_t line;
		char cells[RC_TABLE_COLUMNS_MAX][RC_PREVIEW_CELL_MAX_BYTES + 1]; /* "" : empty or not there */
	} rows[RC_PREVIEW_ROWS];
	const char *fields[RC_TABLE_COLUMNS_MAX]; /* of the cells; NULL: not in the file */
	size_t row_count;
	struct rc_preview_lines added, changed, unchanged, refused;
};

#endif
