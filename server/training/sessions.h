/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TRAINING_SESSIONS_H
#define RC_TRAINING_SESSIONS_H
/*
 * Sessions: one occurrence of a course in one room. What a record was judged by must stay, so a change makes a new version
 * beside the old ones. Functions block for the database; any thread.
 */
#include "server/hr/hr.h"
#include "server/tables/report.h"
#include "shared/reference/reference.h"

struct rc_session {
	struct rc_id id;
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1]; /* what people call it */
	struct rc_site site;
	struct rc_id room;
	char room_code[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_id trainer; /* nil: none named */
	char course[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_text_pair title;
	struct rc_attendance_terms terms;
	bool is_cancelled;
	int64_t version;
	int64_t expected; /* confirmed registrations */
};

/*
 * Imports sessions from a CSV file. Columns: session 课次, course 课程编号 (of the data standard), room 培训室, starts 开始时间,
 * ends 结束时间 (local at the room's site, or with an offset); title_zh, title_en, of which one must be there; optional trainer
 * 讲师 (a staff number), state 状态 (planned, cancelled), walk_in (free, ask, no), opens_before_min, closes_after_min,
 * late_after_min, share_percent, sign_out. A session that is there is found by its code; cells that are empty or missing leave it
 * as it is, and in a new one are the rules' defaults. A row that changes nothing makes no version and no change. All or nothing, as
 * rc_people_import.
 */
RC_CHECKED enum rc_status rc_sessions_import(const struct rc_hr *hr, struct rc_bytes file,
					     struct rc_import *import, struct rc_error *err);

/* By code or id (36 characters), in its newest version. RC_ENOTFOUND. */
RC_CHECKED enum rc_status rc_sessions_find(struct rc_db *db, const char *code_or_id,
					   struct rc_session *session, struct rc_error *err);
RC_CHECKED enum rc_status rc_sessions_find_in(struct rc_db_tx *tx, const char *code_or_id,
					      struct rc_session *session, struct rc_error *err);

/* Where a list goes on: behind the session with this start and id. Zeros: from the beginning. */
struct rc_sessions_cursor {
	int64_t starts_ms;
	struct rc_id id;
};

/* Looks at one session, which is borrowed; anything but RC_OK ends the list and is passed up. */
typedef enum rc_status rc_sessions_fn(void *context, const struct rc_session *session,
				      struct rc_error *err);

/* Up to `limit` sessions behind the cursor, in the order of their starts; the last one shown makes the next cursor. */
RC_CHECKED enum rc_status rc_sessions_list(struct rc_db *db, const struct rc_sessions_cursor *after,
					   size_t limit, rc_sessions_fn *each, void *context,
					   struct rc_error *err);

#endif
