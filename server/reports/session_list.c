/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/session_list.h"

#include <inttypes.h>
#include <stdio.h>

#define PLACE_MS_MAX_CHARS 15u /* of milliseconds up to the year 9999 */

static const struct rc_page_column columns[] = {
    {"id", "编号", false},
    {"code", "课次", false},
    {"version", "版本", false},
    {"course", "课程编号", false},
    {"title", "标题", true},
    {"room", "培训室", false},
    {"site", "站点", false},
    {"trainer", "讲师编号", false},
    {"starts", "开始时间", false},
    {"ends", "结束时间", false},
    {"state", "状态", false},
    {"walk_in", "临时参加", false},
    {"sign_out", "需签退", false},
    {"opens_before_min", "提前开放（分钟）", false},
    {"closes_after_min", "延后关闭（分钟）", false},
    {"late_after_min", "迟到界限（分钟）", false},
    {"share_percent", "最低时长比例", false},
    {"expected", "应到人数", false},
};
const struct rc_page_kind rc_session_list_kind = {"sessions", columns,
						  sizeof(columns) / sizeof(columns[0])};

enum rc_status rc_session_list_place_read(const char *place, struct rc_sessions_cursor *after)
{
	struct rc_sessions_cursor read = {.starts_ms = 0};
	size_t i = 0;

	for (; place[i] && place[i] != '.'; i++) {
		if (place[i] < '0' || place[i] > '9' || i == PLACE_MS_MAX_CHARS)
			return RC_EFORMAT;
		read.starts_ms = read.starts_ms * 10 + (place[i] - '0');
	}
	if (place[0] && (i == 0 || place[i] == '\0' ||
			 rc_id_parse(rc_bytes_of_text(place + i + 1), &read.id) != RC_OK))
		return RC_EFORMAT;
	*after = read;
	return RC_OK;
}

static void add_terms(struct rc_page *page, const struct rc_attendance_terms *terms, const char *state)
{
	rc_page_time(page, terms->starts_ms);
	rc_page_time(page, terms->ends_ms);
	rc_page_text(page, state);
	rc_page_text(page, rc_walk_in_rule_name(terms->rules.walk_in));
	rc_page_bool(page, terms->rules.has_sign_out);
	rc_page_int(page, terms->rules.opens_before_min);
	rc_page_int(page, terms->rules.closes_after_min);
	rc_page_int(page, terms->rules.late_after_min);
	rc_page_int(page, terms->rules.share_percent);
}

static enum rc_status add(void *context, const struct rc_session *session, struct rc_error *err)
{
	struct rc_page *page = context;
	char id[RC_ID_CHARS + 1], place[RC_PAGE_PLACE_MAX_CHARS + 1];

	rc_id_format(&session->id, id);
	(void)snprintf(place, sizeof(place), "%" PRId64 ".%s", session->terms.starts_ms, id);
	rc_page_row(page, place);
	rc_page_text(page, id);
	rc_page_text(page, session->code);
	rc_page_int(page, session->version);
	rc_page_text(page, session->course);
	rc_page_pair(page, session->title.zh, session->title.en);
	rc_page_text(page, session->room_code);
	rc_page_text(page, session->site.code);
	rc_page_id_or_null(page, &session->trainer);
	add_terms(page, &session->terms, session->is_cancelled ? "cancelled" : "planned");
	rc_page_int(page, session->expected);
	return rc_buf_status(page->out, err);
}

void rc_session_append_json(struct rc_buf *out, const struct rc_session *session)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin_single(&page, &rc_session_list_kind, out);
	status = add(&page, session, NULL);
	if (status == RC_OK)
		status = rc_page_end(&page, NULL);
	rc_status_ignore(status); /* it is the buffer's own */
}

enum rc_status rc_session_list(struct rc_db *db, const struct rc_page_request *request,
			       const struct rc_sessions_cursor *after, struct rc_buf *out,
			       char next[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin(&page, &rc_session_list_kind, request, out);
	status = rc_sessions_list(db, after, request->limit, add, &page, err);
	if (status == RC_OK)
		status = rc_page_end(&page, err);
	if (status == RC_OK)
		memcpy(next, page.next, sizeof(page.next));
	return status;
}
