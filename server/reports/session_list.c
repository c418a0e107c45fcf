/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/session_list.h"

#include "shared/json/write.h"

#include <inttypes.h>
#include <stdio.h>

#define CURSOR_MS_MAX_CHARS 15u /* of milliseconds up to the year 9999 */

enum rc_status rc_session_list_cursor_read(struct rc_bytes text, struct rc_sessions_cursor *cursor)
{
	struct rc_sessions_cursor read = {.starts_ms = 0};
	size_t i = 0;

	for (; i < text.size && text.data[i] != '.'; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || i == CURSOR_MS_MAX_CHARS)
			return RC_EFORMAT;
		read.starts_ms = read.starts_ms * 10 + (text.data[i] - '0');
	}
	if (i == 0 || i == text.size ||
	    rc_id_parse(rc_bytes_of(text.data + i + 1, text.size - i - 1), &read.id) != RC_OK)
		return RC_EFORMAT;
	*cursor = read;
	return RC_OK;
}

void rc_session_append_json(struct rc_buf *json, const struct rc_session *session)
{
	rc_json_open(json, '{');
	rc_json_member_id(json, "id", &session->id);
	rc_json_member_text(json, "code", session->code);
	rc_json_member_int(json, "version", session->version);
	rc_json_member_text(json, "course", session->course);
	rc_json_append_key(json, "title");
	rc_json_open(json, '{');
	rc_json_member_text(json, "zh", session->title.zh);
	rc_json_member_text(json, "en", session->title.en);
	rc_json_close(json, '}');
	rc_json_member_text(json, "room", session->room_code);
	rc_json_member_text(json, "site", session->site.code);
	rc_json_member_time(json, "starts", session->terms.starts_ms);
	rc_json_member_time(json, "ends", session->terms.ends_ms);
	rc_json_member_text(json, "state", session->is_cancelled ? "cancelled" : "planned");
	rc_json_member_int(json, "expected", session->expected);
	rc_json_close(json, '}');
}

struct page {
	struct rc_buf *json;
	struct rc_sessions_cursor last;
	size_t count;
};

static enum rc_status append_session(void *context, const struct rc_session *session, struct rc_error *err)
{
	struct page *page = context;

	rc_session_append_json(page->json, session);
	page->last.starts_ms = session->terms.starts_ms;
	page->last.id = session->id;
	page->count++;
	return rc_buf_status(page->json, err);
}

static void append_next(const struct page *page, size_t limit)
{
	char id[RC_ID_CHARS + 1], cursor[64];

	rc_json_append_key(page->json, "next");
	if (page->count < limit) {
		rc_json_append_null(page->json);
		return;
	}
	rc_id_format(&page->last.id, id);
	(void)snprintf(cursor, sizeof(cursor), "%" PRId64 ".%s", page->last.starts_ms, id);
	rc_json_append_text(page->json, cursor);
}

enum rc_status rc_session_list(struct rc_db *db, const struct rc_sessions_cursor *after,
			       size_t limit, struct rc_buf *json, struct rc_error *err)
{
	struct page page = {.json = json};
	enum rc_status status;

	rc_json_open(json, '{');
	rc_json_append_key(json, "sessions");
	rc_json_open(json, '[');
	status = rc_sessions_list(db, after, limit, append_session, &page, err);
	rc_json_close(json, ']');
	append_next(&page, limit);
	rc_json_close(json, '}');
	return status == RC_OK ? rc_buf_status(json, err) : status;
}
