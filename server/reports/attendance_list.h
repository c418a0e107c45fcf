/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_ATTENDANCE_LIST_H
#define RC_REPORTS_ATTENDANCE_LIST_H
/*
 * A session's attendance list, for programs (JSON), tables (CSV) and a terminal. One list, three forms: the same people in the
 * same order with the same states. Any thread; blocks on the database.
 */
#include "shared/base/buf.h"
#include "shared/reference/reference.h"

struct rc_db;

enum rc_attendance_format {
	RC_ATTENDANCE_JSON,
	RC_ATTENDANCE_CSV, /* UTF-8 with a mark and CRLF, as spreadsheets like it; cells that look like formulas are guarded */
	RC_ATTENDANCE_TABLE, /* aligned columns, Chinese characters counted as two */
};

struct rc_attendance_request {
	const char *session; /* its code or id */
	enum rc_attendance_format format;
	enum rc_language language; /* of the words in table and CSV; JSON has stable names */
	int64_t now_ms;            /* expected or absent is a matter of time */
};

/* Appends the list. RC_ENOTFOUND: no such session. */
RC_CHECKED enum rc_status rc_attendance_list(struct rc_db *db, const struct rc_attendance_request *request,
					     struct rc_buf *out, struct rc_error *err);

struct rc_records_line;

/* Appends one person's line as an object, as it stands in the list. */
void rc_attendance_append_json(const struct rc_records_line *line, struct rc_buf *out);

#endif
