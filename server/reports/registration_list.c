/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/registration_list.h"

static const struct rc_page_column columns[] = {
    {"id", "编号", false},      {"session", "课次编号", false}, {"ref", "人员编号", false},
    {"number", "工号", false},  {"name", "姓名", false},        {"state", "状态", false},
    {"version", "版本", false}, {"changed", "变更时间", false},
};
const struct rc_page_kind rc_registration_list_kind = {"registrations", columns,
						       sizeof(columns) / sizeof(columns[0])};

static enum rc_status add(void *context, const struct rc_registration *registration, struct rc_error *err)
{
	struct rc_page *page = context;
	char ref[RC_ID_CHARS + 1];

	rc_id_format(&registration->ref, ref);
	rc_page_row(page, ref);
	rc_page_id_or_null(page, &registration->id);
	rc_page_id_or_null(page, &registration->session);
	rc_page_text(page, ref);
	rc_page_text(page, registration->number);
	rc_page_text(page, registration->name);
	rc_page_text(page, rc_registration_state_name(registration->state));
	rc_page_int(page, registration->version);
	rc_page_time(page, registration->changed_ms);
	return rc_buf_status(page->out, err);
}

enum rc_status rc_registration_list(struct rc_db *db, const struct rc_page_request *request,
				    const char *session, const char *after, struct rc_buf *out,
				    char next[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin(&page, &rc_registration_list_kind, request, out);
	status = rc_registrations_list(
	    db, &(struct rc_registrations_query){session, after, request->limit}, add, &page, err);
	if (status == RC_OK)
		status = rc_page_end(&page, err);
	if (status == RC_OK)
		memcpy(next, page.next, sizeof(page.next));
	return status;
}

enum rc_status rc_registration_append_json(const struct rc_registration *registration,
					   struct rc_buf *out, struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin_single(&page, &rc_registration_list_kind, out);
	status = add(&page, registration, err);
	return status == RC_OK ? rc_page_end(&page, err) : status;
}
