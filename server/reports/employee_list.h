/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_EMPLOYEE_LIST_H
#define RC_REPORTS_EMPLOYEE_LIST_H
/* Employees as pages in the order of their numbers. Any thread; blocks on the database. */
#include "server/hr/people.h"
#include "server/reports/page.h"

extern const struct rc_page_kind rc_employee_list_kind; /* for its cursors */

/* Writes those behind `after`, a place of this list ("" from the beginning). `next` gets the next cursor, "" after the last. */
RC_CHECKED enum rc_status rc_employee_list(struct rc_db *db, const struct rc_page_request *request,
					   const char *after, struct rc_buf *out,
					   char next[RC_PAGE_CURSOR_MAX_CHARS + 1],
					   struct rc_error *err);

/* Writes a list of who has this number, or had it: one row or none. */
RC_CHECKED enum rc_status rc_employee_list_number(struct rc_db *db, const struct rc_page_request *request,
						  const char *number, struct rc_buf *out,
						  struct rc_error *err);

/* Writes one as an object. */
RC_CHECKED enum rc_status rc_employee_append_json(const struct rc_person *person,
						  struct rc_buf *out, struct rc_error *err);

#endif
