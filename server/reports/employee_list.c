/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/employee_list.h"

static const struct rc_page_column columns[] = {
    {"ref", "编号", false},      {"number", "工号", false}, {"name", "姓名", false},
    {"language", "语言", false}, {"role", "角色", false},   {"department", "部门", false},
    {"position", "岗位", false}, {"site", "站点", false},   {"state", "员工状态", false},
    {"version", "版本", false},
};
const struct rc_page_kind rc_employee_list_kind = {"employees", columns,
						   sizeof(columns) / sizeof(columns[0])};

static const char *const roles[] = {
    [RC_ROLE_EMPLOYEE] = "employee", [RC_ROLE_TRAINER] = "trainer", [RC_ROLE_ADMINISTRATOR] = "administrator"};

static enum rc_status add(void *context, const struct rc_person *person, struct rc_error *err)
{
	struct rc_page *page = context;

	rc_page_row(page, person->number);
	rc_page_id_or_null(page, &person->ref);
	rc_page_text(page, person->number);
	rc_page_text(page, person->name);
	rc_page_text(page, rc_language_name(person->language));
	rc_page_text(page, roles[person->role]);
	rc_page_text(page, person->department);
	rc_page_text(page, person->position);
	rc_page_text(page, person->site);
	rc_page_text(page, person->is_active ? "active" : "left");
	rc_page_int(page, person->version);
	return rc_buf_status(page->out, err);
}

enum rc_status rc_employee_list(struct rc_db *db, const struct rc_page_request *request,
				const char *after, struct rc_buf *out,
				char next[RC_PAGE_CURSOR_MAX_CHARS + 1], struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin(&page, &rc_employee_list_kind, request, out);
	status = rc_people_list(db, after, request->limit, add, &page, err);
	if (status == RC_OK)
		status = rc_page_end(&page, err);
	if (status == RC_OK)
		memcpy(next, page.next, sizeof(page.next));
	return status;
}

enum rc_status rc_employee_list_number(struct rc_db *db, const struct rc_page_request *request,
				       const char *number, struct rc_buf *out, struct rc_error *err)
{
	struct rc_page_request all = *request;
	struct rc_person person;
	struct rc_page page;
	enum rc_status status = rc_people_find(db, number, &person, err);

	all.limit = 0;
	rc_page_begin(&page, &rc_employee_list_kind, &all, out);
	if (status == RC_OK)
		status = add(&page, &person, err);
	else if (status == RC_ENOTFOUND)
		status = RC_OK;
	return status == RC_OK ? rc_page_end(&page, err) : status;
}

enum rc_status rc_employee_append_json(const struct rc_person *person, struct rc_buf *out,
				       struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin_single(&page, &rc_employee_list_kind, out);
	status = add(&page, person, err);
	return status == RC_OK ? rc_page_end(&page, err) : status;
}
