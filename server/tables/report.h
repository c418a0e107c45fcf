/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_REPORT_H
#define RC_TABLES_REPORT_H
/*
 * What an import has to say to the human who sent the file: every fault of the file in one run, each with its line and column,
 * in English and Chinese, and how many rows did what.
 *
 * The first RC_REPORT_ISSUES_MAX faults are kept in words, of the others only the count; warnings likewise, apart from them. A
 * report belongs to one thread.
 */
#include "shared/base/buf.h"

#include <stdarg.h>

#define RC_REPORT_ISSUES_MAX       200u /* more than anybody mends by hand */
#define RC_REPORT_COLUMN_MAX_BYTES 63u
#define RC_REPORT_TEXT_MAX_BYTES   255u

struct rc_report_issue {
	size_t line; /* in the file, from 1; where the row begins. 0: the file as a whole */
	char column[RC_REPORT_COLUMN_MAX_BYTES + 1]; /* as the file's own header has it; "" for the row as a whole */
	char en[RC_REPORT_TEXT_MAX_BYTES + 1];
	char zh[RC_REPORT_TEXT_MAX_BYTES + 1];
};

struct rc_report_list {
	struct rc_report_issue *issues; /* owned; min(count, RC_REPORT_ISSUES_MAX) of them */
	size_t count;                   /* all, the unkept ones too */
};

struct rc_import_preview; /* server/tables/preview.h */

struct rc_import {
	struct rc_report_list errors; /* one of them and nothing of the file is written */
	struct rc_report_list warnings; /* unknown columns and the like: the file is taken all the same */
	int64_t rows;                   /* of data, empty ones not counted */
	int64_t added;                  /* rows that made something new */
	int64_t changed;
	int64_t unchanged;
	int64_t refused;                   /* rows with an error */
	struct rc_import_preview *preview; /* borrowed, may be NULL: filled as the rows are read */
};

/* Without a word and without a preview, and with all memory given back. */
void rc_import_init(struct rc_import *import);
void rc_import_deinit(struct rc_import *import);

/* Forgets everything that was said and counted; the preview stays, emptied. */
void rc_import_clear(struct rc_import *import);

/* How many issues of a list are there in words. */
size_t rc_report_kept(const struct rc_report_list *list);

/* A sentence in both languages, by literals without arguments: see rc_report_add for sentences with one. */
struct rc_report_text {
	const char *en;
	const char *zh;
};

/*
 * Adds an issue. "%s" may stand in both sentences, at most twice in each, and becomes `first` and then `second` (NULL: ""): cut
 * to 60 bytes at a character's end, with control and bidirectional characters as "?". Nothing else is interpreted.
 */
void rc_report_add(struct rc_report_list *list, size_t line, const char *column,
		   struct rc_report_text text, const char *const values[2]);

/*
 * RC_OK without errors; else RC_EFORMAT and "N errors in the file, nothing was imported; the first: line 7, 姓名: …".
 */
RC_CHECKED enum rc_status rc_import_verdict(const struct rc_import *import, struct rc_error *err);

/*
 * Appends the report as a JSON object: {"rows","added","changed","unchanged","refused","error_count","warning_count",
 * "errors":[{"line","column","en","zh"}…],"warnings":[…]}. What API and CLI show.
 */
void rc_import_encode(const struct rc_import *import, struct rc_buf *json);

#endif
