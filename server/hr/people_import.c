/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Employees from a table. A row is read over what is there already, so what it doesn't say stays; the difference decides whether
 * kiosks hear of it.
 */
#include "server/auth/secrets.h"
#include "server/db/db.h"
#include "server/hr/hr_priv.h"
#include "server/hr_sql/statements.h"
#include "server/tables/table.h"
#include "shared/base/cleanup.h"
#include "shared/base/random.h"

enum {
	COLUMN_NUMBER,
	COLUMN_NAME,
	COLUMN_LANGUAGE,
	COLUMN_DEPARTMENT,
	COLUMN_POSITION,
	COLUMN_ROLE,
	COLUMN_SITE,
	COLUMN_OLD_NUMBER,
	COLUMN_STATE,
	COLUMN_COUNT
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct rc_table_column COLUMNS[COLUMN_COUNT] = {
    [COLUMN_NUMBER] = {"number",
		       NAMES("工号", "员工编号", "员工工号", "员工ID", "employee id",
			     "employee number", "staff number"),
		       true, true},
    [COLUMN_NAME] = {"name", NAMES("姓名", "员工姓名", "full name"), true, false},
    [COLUMN_LANGUAGE] = {"language", NAMES("语言", "lang"), false, true},
    [COLUMN_DEPARTMENT] = {"department", NAMES("部门", "所属部门"), false, false},
    [COLUMN_POSITION] = {"position", NAMES("岗位", "职位", "职务"), false, false},
    [COLUMN_ROLE] = {"role", NAMES("角色"), false, true},
    [COLUMN_SITE] = {"site", NAMES("站点", "厂区", "工作地点"), false, true},
    [COLUMN_STATE] = {"state", NAMES("员工状态", "状态", "status"), false, true},
    [COLUMN_OLD_NUMBER] = {"old_number", NAMES("原工号", "old number"), false, true},
};

static const struct rc_table_choice LANGUAGES[] = {{"zh", RC_LANGUAGE_ZH},
						   {"en", RC_LANGUAGE_EN},
						   {"中文", RC_LANGUAGE_ZH},
						   {"英文", RC_LANGUAGE_EN},
						   {"Chinese", RC_LANGUAGE_ZH},
						   {"English", RC_LANGUAGE_EN},
						   {NULL, 0}};
static const struct rc_table_choice STATES[] = {
    {"active", 1}, {"left", 0}, {"在职", 1}, {"离职", 0}, {"试用", 1}, {"正式", 1}, {NULL, 0}};
static const struct rc_table_choice ROLES[] = {{"employee", RC_ROLE_EMPLOYEE},
					       {"trainer", RC_ROLE_TRAINER},
					       {"administrator", RC_ROLE_ADMINISTRATOR},
					       {"员工", RC_ROLE_EMPLOYEE},
					       {"讲师", RC_ROLE_TRAINER},
					       {"管理员", RC_ROLE_ADMINISTRATOR},
					       {NULL, 0}};

/* ---- whom a row is about ---- */

static enum rc_status look_up(struct rc_import_run *run, const char *number,
			      struct rc_person *person, bool *is_there, struct rc_error *err)
{
	const enum rc_status status = rc_people_find_in(run->work.tx, number, person, err);

	*is_there = status == RC_OK;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

/* A row with an old number: its person, who is to get the new one. */
static enum rc_status rename_person(struct rc_import_run *run, const char *number, const char *old_number,
				    struct rc_person *before, bool *is_there, struct rc_error *err)
{
	struct rc_person other;
	bool is_taken;
	enum rc_status status = look_up(run, old_number, before, is_there, err);

	if (status != RC_OK)
		return status;
	if (!*is_there) {
		rc_table_error(
		    run->table, COLUMN_OLD_NUMBER,
		    (struct rc_report_text){"nobody has the number “%s”", "没有工号为“%s”的员工"}, NULL);
		return RC_OK;
	}
	status = look_up(run, number, &other, &is_taken, err);
	if (status == RC_OK && is_taken && !rc_id_equal(&other.ref, &before->ref))
		rc_table_error(run->table, COLUMN_NUMBER,
			       (struct rc_report_text){"“%s” is somebody else's number",
						       "工号“%s”属于另一名员工"},
			       NULL);
	return status;
}

static enum rc_status find_before(struct rc_import_run *run, const char *number,
				  struct rc_person *before, bool *is_there, struct rc_error *err)
{
	char old_number[RC_PERSON_NUMBER_MAX_BYTES + 1] = "";
	char ref[RC_ID_CHARS + 1];
	enum rc_status status;

	if (!rc_table_get_code(run->table, COLUMN_OLD_NUMBER, old_number, sizeof(old_number)))
		return RC_OK;
	status = old_number[0] ? rename_person(run, number, old_number, before, is_there, err)
			       : look_up(run, number, before, is_there, err);
	if (status != RC_OK || !*is_there)
		return status;
	if (!old_number[0] && strcmp(before->number, number) != 0)
		rc_table_warn(run->table, COLUMN_NUMBER,
			      (struct rc_report_text){"“%s” is an old number of %s, who is updated",
						      "“%s”是员工 %s 的原工号，已按该员工更新"},
			      before->number);
	rc_id_format(&before->ref, ref);
	return rc_import_once(run, COLUMN_NUMBER, ref, err);
}

/* ---- what a row says ---- */

static enum rc_status take_site(struct rc_import_run *run, struct rc_person *person, struct rc_error *err)
{
	char code[RC_SITE_CODE_MAX_BYTES + 1];
	struct rc_site site;
	enum rc_status status;

	(void)rc_text_copy(person->site, code, sizeof(code));
	if (!rc_table_get_code(run->table, COLUMN_SITE, code, sizeof(code)))
		return RC_OK;
	status = rc_hr__site_find(&run->work, code, &site, err);
	if (status == RC_OK) {
		(void)rc_text_copy(site.code, person->site, sizeof(person->site));
		return RC_OK;
	}
	if (status == RC_ENOTFOUND && code[0])
		rc_table_error(run->table, COLUMN_SITE,
			       (struct rc_report_text){"no site “%s”: import rooms first",
						       "没有站点“%s”，请先导入培训室"},
			       NULL);
	else if (status == RC_ENOTFOUND)
		rc_table_error(run->table, COLUMN_SITE,
			       (struct rc_report_text){"there is no site yet: import rooms first",
						       "还没有站点，请先导入培训室"},
			       NULL);
	else if (status == RC_ECONFLICT)
		rc_table_error(run->table, COLUMN_SITE,
			       (struct rc_report_text){"there are several sites: say which",
						       "有多个站点，请填写站点"},
			       NULL);
	else
		return status;
	return RC_OK;
}

/* The row's cells over what was there. All are read, so that all faults of a row are found. */
static enum rc_status take_cells(struct rc_import_run *run, struct rc_person *person, struct rc_error *err)
{
	struct rc_table *table = run->table;
	int language = (int)person->language, role = (int)person->role;
	int is_active = person->is_active;

	(void)rc_table_get_text(table, COLUMN_NAME, person->name, sizeof(person->name));
	(void)rc_table_get_text(table, COLUMN_DEPARTMENT, person->department, sizeof(person->department));
	(void)rc_table_get_text(table, COLUMN_POSITION, person->position, sizeof(person->position));
	(void)rc_table_get_choice(table, COLUMN_LANGUAGE, LANGUAGES, &language);
	(void)rc_table_get_choice(table, COLUMN_ROLE, ROLES, &role);
	(void)rc_table_get_choice(table, COLUMN_STATE, STATES, &is_active);
	person->is_active = is_active != 0;
	person->language = (enum rc_language)language;
	person->role = (enum rc_role)role;
	return take_site(run, person, err);
}

/* ---- writing ---- */

static const char *state_name(const struct rc_person *person)
{
	return person->is_active ? "active" : "left";
}

static enum rc_status remember_number(struct rc_import_run *run, const char *number,
				      const char *ref, struct rc_error *err)
{
	return rc_db_exec(
	    run->work.tx, &rc_sql_hr_person_number_add,
	    RC_DB_VALUES(RC_DB_TEXT(number), RC_DB_TEXT(ref), RC_DB_INT(run->work.hr->now_ms)), err);
}

static enum rc_status insert(struct rc_import_run *run, const struct rc_person *person,
			     const struct rc_hr__key *key, struct rc_error *err)
{
	char ref[RC_ID_CHARS + 1];
	uint8_t memory[RC_SEAL_KEY_BYTES + RC_SEAL_OVERHEAD_BYTES + 1];
	struct rc_buf sealed;
	struct rc_site site;
	enum rc_status status = rc_hr__site_find(&run->work, person->site, &site, err);

	rc_id_format(&person->ref, ref);
	rc_buf_init_fixed(&sealed, memory, sizeof(memory));
	if (status == RC_OK)
		status = rc_secrets_seal(run->work.hr->secrets, "person_key", &person->ref,
					 rc_bytes_of(key->bytes, sizeof(key->bytes)), &sealed, err);
	if (status == RC_OK)
		status = rc_db_exec(
		    run->work.tx, &rc_sql_hr_person_add,
		    RC_DB_VALUES(
			RC_DB_TEXT(ref), RC_DB_TEXT(site.id), RC_DB_TEXT(person->number),
			RC_DB_TEXT(person->name), RC_DB_TEXT(rc_language_name(person->language)),
			RC_DB_TEXT(rc_hr__role_name(person->role)), RC_DB_TEXT(person->department),
			RC_DB_TEXT(person->position), RC_DB_TEXT("active"),
			RC_DB_INT(person->version), RC_DB_BYTES(rc_buf_bytes(&sealed))),
		    err);
	return status == RC_OK ? remember_number(run, person->number, ref, err) : status;
}

/* Who comes, or comes back, is told to kiosks and gets a badge. */
static enum rc_status welcome(struct rc_import_run *run, const struct rc_person *person,
			      const struct rc_hr__key *key, struct rc_error *err)
{
	const enum rc_status status = rc_hr__person_publish(&run->work, person, key, err);

	return status == RC_OK ? rc_hr__badge_add(&run->work, person, key, NULL, err) : status;
}

/* Who has left: the badges end, and kiosks forget the card. The person stays, because records do. */
static enum rc_status dismiss(struct rc_import_run *run, const struct rc_person *person,
			      struct rc_error *err)
{
	char ref[RC_ID_CHARS + 1];
	size_t count;

	rc_id_format(&person->ref, ref);
	rc_changes_list_delete(&run->work.changes, NULL, RC_ENTITY_PERSON, ref, person->version);
	return rc_hr__badges_revoke(&run->work, person, &count, err);
}

static enum rc_status add_person(struct rc_import_run *run, struct rc_person *person, struct rc_error *err)
{
	RC_AUTO(rc_hr__key_wipe) struct rc_hr__key key;
	enum rc_status status;

	rc_random(key.bytes, sizeof(key.bytes));
	person->ref = rc_id_new();
	person->version = 1;
	run->import->added++;
	status = insert(run, person, &key, err);
	return status == RC_OK && person->is_active ? welcome(run, person, &key, err) : status;
}

static enum rc_status update(struct rc_import_run *run, const struct rc_person *person,
			     struct rc_error *err)
{
	char ref[RC_ID_CHARS + 1];
	struct rc_site site;
	const enum rc_status status = rc_hr__site_find(&run->work, person->site, &site, err);

	if (status != RC_OK)
		return status;
	rc_id_format(&person->ref, ref);
	return rc_db_exec(run->work.tx, &rc_sql_hr_person_update,
			  RC_DB_VALUES(RC_DB_TEXT(ref), RC_DB_TEXT(site.id),
				       RC_DB_TEXT(person->number), RC_DB_TEXT(person->name),
				       RC_DB_TEXT(rc_language_name(person->language)),
				       RC_DB_TEXT(rc_hr__role_name(person->role)),
				       RC_DB_TEXT(person->department), RC_DB_TEXT(person->position),
				       RC_DB_INT(person->version), RC_DB_TEXT(state_name(person))),
			  err);
}

static enum rc_status publish_change(struct rc_import_run *run, const struct rc_person *before,
				     const struct rc_person *after, struct rc_error *err)
{
	RC_AUTO(rc_hr__key_wipe) struct rc_hr__key key = {{0}};
	enum rc_status status;

	if (!after->is_active)
		return before->is_active ? dismiss(run, after, err) : RC_OK;
	status = rc_hr__key_load(&run->work, &after->ref, &key, err);
	if (status == RC_OK && !before->is_active)
		return welcome(run, after, &key, err);
	if (status == RC_OK)
		status = rc_hr__person_publish(&run->work, after, &key, err);
	if (status == RC_OK && strcmp(before->site, after->site) != 0)
		status = rc_hr__badges_move(&run->work, after, &key, err);
	return status;
}

static enum rc_status change_person(struct rc_import_run *run, const struct rc_person *before,
				    struct rc_person *after, struct rc_error *err)
{
	const bool is_renumbered = strcmp(before->number, after->number) != 0;
	const bool is_published = is_renumbered || strcmp(before->name, after->name) != 0 ||
				  strcmp(before->site, after->site) != 0 ||
				  before->language != after->language || before->role != after->role ||
				  before->is_active != after->is_active;
	const bool is_changed = is_published || strcmp(before->department, after->department) != 0 ||
				strcmp(before->position, after->position) != 0;
	char ref[RC_ID_CHARS + 1];
	enum rc_status status;

	if (!is_changed) {
		run->import->unchanged++;
		return RC_OK;
	}
	run->import->changed++;
	rc_id_format(&after->ref, ref);
	after->version += is_published ? 1 : 0;
	status = update(run, after, err);
	if (status == RC_OK && is_renumbered)
		status = remember_number(run, after->number, ref, err);
	return status == RC_OK && is_published ? publish_change(run, before, after, err) : status;
}

/* ---- a row ---- */

static enum rc_status take_row(struct rc_import_run *run, struct rc_error *err)
{
	struct rc_person before = {.language = RC_LANGUAGE_ZH, .role = RC_ROLE_EMPLOYEE, .is_active = true},
			 after;
	char number[RC_PERSON_NUMBER_MAX_BYTES + 1] = "";
	bool is_there = false, is_renamed;
	enum rc_status status = RC_OK;

	if (rc_table_get_code(run->table, COLUMN_NUMBER, number, sizeof(number))) {
		status = rc_import_once(run, COLUMN_NUMBER, number, err);
		if (status == RC_OK && !rc_table_is_faulty(run->table))
			status = find_before(run, number, &before, &is_there, err);
	}
	after = before;
	is_renamed = rc_table_cell(run->table, COLUMN_OLD_NUMBER).size > 0;
	if (!is_there || is_renamed)
		(void)rc_text_copy(number, after.number, sizeof(after.number));
	if (status == RC_OK)
		status = take_cells(run, &after, err);
	if (status != RC_OK || rc_table_is_faulty(run->table))
		return status;
	return is_there ? change_person(run, &before, &after, err) : add_person(run, &after, err);
}

enum rc_status rc_people_import(const struct rc_hr *hr, struct rc_bytes file,
				struct rc_import *import, struct rc_error *err)
{
	const struct rc_import_kind kind = {
	    .action = "import.employees", .columns = {COLUMNS, COLUMN_COUNT}, .row = take_row};

	return rc_import_perform(hr, file, &kind, import, err);
}
