/* SPDX-License-Identifier: Apache-2.0 */
/* The few rows that all of HR looks at, and the frame of a command. */
#include "server/db/db.h"
#include "server/hr/hr_priv.h"
#include "server/hr_sql/statements.h"
#include "shared/json/write.h"

enum rc_status rc_audit_import(struct rc_db_tx *tx, const struct rc_hr *hr, const char *action,
			       const struct rc_import *import, struct rc_error *err)
{
	struct rc_audit audit = {.actor = hr->actor, .action = action, .entity = "", .id = ""};
	char detail[160];
	struct rc_buf json;

	if (import->added + import->changed == 0)
		return RC_OK;
	rc_buf_init_fixed(&json, detail, sizeof(detail));
	rc_json_open(&json, '{');
	rc_json_member_int(&json, "rows", import->rows);
	rc_json_member_int(&json, "added", import->added);
	rc_json_member_int(&json, "changed", import->changed);
	rc_json_close(&json, '}');
	audit.detail = rc_buf_text(&json);
	return rc_audit_write(tx, &audit, hr->now_ms, err);
}

struct sites {
	struct rc_site first;
	size_t count;
};

static enum rc_status take_site(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct sites *sites = context;

	(void)err;
	if (sites->count++ > 0)
		return RC_OK;
	rc_db_row_copy_text(row, 0, sites->first.id, sizeof(sites->first.id));
	rc_db_row_copy_text(row, 1, sites->first.code, sizeof(sites->first.code));
	sites->first.utc_offset_min = (int)rc_db_row_int(row, 2);
	return RC_OK;
}

enum rc_status rc_site_find(struct rc_db_tx *tx, const char *code, struct rc_site *site,
			    struct rc_error *err)
{
	struct sites sites = {.count = 0};
	const enum rc_status status =
	    code[0] ? rc_db_one(tx, &rc_sql_hr_site_by_code, RC_DB_VALUES(RC_DB_TEXT(code)),
				take_site, &sites, err)
		    : rc_db_query(tx, &rc_sql_hr_sites_two, RC_DB_NO_VALUES, take_site, &sites, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_ENOTFOUND, "no site %s", code);
	if (status != RC_OK)
		return status;
	if (sites.count == 0)
		return rc_fail(err, RC_ENOTFOUND, "there is no site yet: import rooms first");
	if (sites.count > 1)
		return rc_fail(err, RC_ECONFLICT, "there are several sites: name one");
	*site = sites.first;
	return RC_OK;
}

static enum rc_status take_id(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const enum rc_status status = rc_id_parse(rc_db_row_text(row, 0), context);

	return status == RC_OK ? RC_OK : rc_fail(err, status, "organisation.id is no UUID");
}

enum rc_status rc_organisation_id(struct rc_db_tx *tx, struct rc_id *organisation, struct rc_error *err)
{
	const enum rc_status status =
	    rc_db_one(tx, &rc_sql_hr_state, RC_DB_VALUES(RC_DB_TEXT("organisation.id")), take_id,
		      organisation, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "the server has no organisation yet");
	return status;
}

enum rc_status rc_hr__work_begin(struct rc_hr_work *work, struct rc_db_tx *tx,
				 const struct rc_hr *hr, struct rc_error *err)
{
	work->tx = tx;
	work->hr = hr;
	work->site.code[0] = work->only_site.code[0] = '\0';
	rc_changes_list_init(&work->changes);
	return rc_organisation_id(tx, &work->organisation, err);
}

enum rc_status rc_hr__site_find(struct rc_hr_work *work, const char *code, struct rc_site *site,
				struct rc_error *err)
{
	struct rc_site *known = code[0] ? &work->site : &work->only_site;
	enum rc_status status = RC_OK;

	if (!known->code[0] || (code[0] && strcmp(known->code, code) != 0))
		status = rc_site_find(work->tx, code, known, err);
	if (status == RC_OK)
		*site = *known;
	return status;
}

enum rc_status rc_hr__work_finish(struct rc_hr_work *work, const struct rc_audit *audit,
				  struct rc_error *err)
{
	const enum rc_status status = rc_audit_write(work->tx, audit, work->hr->now_ms, err);

	if (status != RC_OK)
		return status;
	return rc_changes_publish(work->tx, &work->changes, work->hr->now_ms, err);
}

void rc_hr__work_deinit(struct rc_hr_work *work)
{
	rc_changes_list_deinit(&work->changes);
}
