/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_INBOX_LIST_H
#define RC_REPORTS_INBOX_LIST_H
/* The inbox as pages: what waits for a human, what it means and what to do. Any thread; blocks on the database. */
#include "server/inbox/inbox.h"
#include "server/reports/page.h"

extern const struct rc_page_kind rc_inbox_list_kind; /* for its cursors */

/* Puts the place that a cursor held ("": the beginning) into the query, which borrows it. RC_EFORMAT: it is none of this list. */
RC_CHECKED enum rc_status rc_inbox_list_place_read(const char *place, struct rc_inbox_query *query);

/* Writes what the query asks for (its limit is the request's). `next` gets the next cursor, "" after the last. */
RC_CHECKED enum rc_status rc_inbox_list(struct rc_db *db, const struct rc_page_request *request,
					const struct rc_inbox_query *query, struct rc_buf *out,
					char next[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_error *err);

/* Writes one entry as an object. */
RC_CHECKED enum rc_status rc_inbox_append_json(const struct rc_inbox_entry *entry,
					       struct rc_buf *out, struct rc_error *err);

#endif
