/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/inbox_list.h"

#include <inttypes.h>
#include <stdio.h>

#define PLACE_MS_MAX_CHARS 15u /* of milliseconds up to the year 9999 */

static const struct rc_page_column columns[] = {
    {"id", "编号", false},           {"kind", "类别", false},        {"meaning", "含义", true},
    {"action", "处理办法", true},    {"kiosk", "签到机编号", false}, {"session", "课次编号", false},
    {"ref", "人员编号", false},      {"detail", "详情", false},      {"count", "次数", false},
    {"first", "首次时间", false},    {"last", "最近时间", false},    {"settled", "处理时间", false},
    {"settled_by", "处理人", false}, {"note", "备注", false},
};
const struct rc_page_kind rc_inbox_list_kind = {"inbox", columns, sizeof(columns) / sizeof(columns[0])};

enum rc_status rc_inbox_list_place_read(const char *place, struct rc_inbox_query *query)
{
	int64_t first_ms = 0;
	size_t i = 0;

	for (; place[i] && place[i] != '.'; i++) {
		if (place[i] < '0' || place[i] > '9' || i == PLACE_MS_MAX_CHARS)
			return RC_EFORMAT;
		first_ms = first_ms * 10 + (place[i] - '0');
	}
	if (place[0] && (i == 0 || place[i] == '\0'))
		return RC_EFORMAT;
	query->after_first_ms = first_ms;
	query->after_key = place[0] ? place + i + 1 : "";
	return RC_OK;
}

static enum rc_status add(void *context, const struct rc_inbox_entry *entry, struct rc_error *err)
{
	struct rc_page *page = context;
	const struct rc_inbox_kind *kind = rc_inbox_kind(entry->kind);
	char place[RC_PAGE_PLACE_MAX_CHARS + 1];

	(void)snprintf(place, sizeof(place), "%" PRId64 ".%s", entry->first_ms, entry->key);
	rc_page_row(page, place);
	rc_page_text(page, entry->key);
	rc_page_text(page, entry->kind);
	rc_page_pair(page, kind->meaning.zh, kind->meaning.en);
	rc_page_pair(page, kind->action.zh, kind->action.en);
	rc_page_text_or_null(page, entry->kiosk);
	rc_page_text_or_null(page, entry->session);
	rc_page_text_or_null(page, entry->ref);
	rc_page_json(page, entry->detail);
	rc_page_int(page, entry->count);
	rc_page_time(page, entry->first_ms);
	rc_page_time(page, entry->last_ms);
	rc_page_time(page, entry->settled_ms);
	rc_page_text_or_null(page, entry->settled_by);
	rc_page_text_or_null(page, entry->note);
	return rc_buf_status(page->out, err);
}

enum rc_status rc_inbox_list(struct rc_db *db, const struct rc_page_request *request,
			     const struct rc_inbox_query *query, struct rc_buf *out,
			     char next[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin(&page, &rc_inbox_list_kind, request, out);
	status = rc_inbox_entries(db, query, add, &page, err);
	if (status == RC_OK)
		status = rc_page_end(&page, err);
	if (status == RC_OK)
		memcpy(next, page.next, sizeof(page.next));
	return status;
}

enum rc_status rc_inbox_append_json(const struct rc_inbox_entry *entry, struct rc_buf *out,
				    struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin_single(&page, &rc_inbox_list_kind, out);
	status = add(&page, entry, err);
	return status == RC_OK ? rc_page_end(&page, err) : status;
}
