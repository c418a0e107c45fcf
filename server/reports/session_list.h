/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_SESSION_LIST_H
#define RC_REPORTS_SESSION_LIST_H
/* Sessions as JSON, a page at a time. Any thread; blocks on the database. */
#include "server/training/sessions.h"

/* Appends {"sessions":[…],"next":cursor or null}; `next` is what the next page is asked for with. */
RC_CHECKED enum rc_status rc_session_list(struct rc_db *db, const struct rc_sessions_cursor *after,
					  size_t limit, struct rc_buf *json, struct rc_error *err);

/* A cursor as text: the start in ms, a dot, the id. */
RC_CHECKED enum rc_status rc_session_list_cursor_read(struct rc_bytes text,
						      struct rc_sessions_cursor *cursor);

/* Appends one session as an object; attendance lists begin with it too. */
void rc_session_append_json(struct rc_buf *json, const struct rc_session *session);

#endif
