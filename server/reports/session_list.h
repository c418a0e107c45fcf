/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_SESSION_LIST_H
#define RC_REPORTS_SESSION_LIST_H
/* Sessions as pages in the order of their starts. Any thread; blocks on the database. */
#include "server/reports/page.h"
#include "server/training/sessions.h"

extern const struct rc_page_kind rc_session_list_kind; /* for its cursors */

/* The place that a cursor held ("" : the beginning). RC_EFORMAT: it is none of this list. */
RC_CHECKED enum rc_status rc_session_list_place_read(const char *place, struct rc_sessions_cursor *after);

/* Writes those behind `after`. `next` gets the next cursor, "" after the last. */
RC_CHECKED enum rc_status rc_session_list(struct rc_db *db, const struct rc_page_request *request,
					  const struct rc_sessions_cursor *after, struct rc_buf *out,
					  char next[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_error *err);

/* Writes one session as an object; attendance lists begin with it too. What doesn't fit stays in the buffer's status. */
void rc_session_append_json(struct rc_buf *out, const struct rc_session *session);

#endif
