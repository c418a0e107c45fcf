/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_REGISTRATION_LIST_H
#define RC_REPORTS_REGISTRATION_LIST_H
/* A session's registrations as pages. Any thread; blocks on the database. */
#include "server/reports/page.h"
#include "server/training/registrations.h"

extern const struct rc_page_kind rc_registration_list_kind; /* for its cursors */

/* Writes those of a session (code or id) behind `after`, a place of this list ("" from the beginning). `next` gets the next cursor,
 * "" after the last. RC_ENOTFOUND: no such session. */
RC_CHECKED enum rc_status rc_registration_list(struct rc_db *db, const struct rc_page_request *request,
					       const char *session, const char *after, struct rc_buf *out,
					       char next[RC_PAGE_CURSOR_MAX_CHARS + 1],
					       struct rc_error *err);

/* Writes one as an object. */
RC_CHECKED enum rc_status rc_registration_append_json(const struct rc_registration *registration,
						      struct rc_buf *out, struct rc_error *err);

#endif
