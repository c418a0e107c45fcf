/* SPDX-License-Identifier: Apache-2.0 */
/* Rooms from a table, in one transaction; sites are made as their first room comes. */
#include "server/db/db.h"
#include "server/hr/import.h"
#include "server/hr/rooms_priv.h"
#include "server/hr_sql/statements.h"
#include "server/tables/table.h"

#define DEFAULT_OFFSET_MIN (8 * 60)

enum {
	COLUMN_ROOM,
	COLUMN_SITE,
	COLUMN_NAME_ZH,
	COLUMN_NAME_EN,
	COLUMN_WAY_ZH,
	COLUMN_WAY_EN,
	COLUMN_OFFSET,
	COLUMN_COUNT
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct rc_table_column COLUMNS[COLUMN_COUNT] = {
    [COLUMN_ROOM] = {"room", NAMES("培训室", "培训室编号", "教室", "教室编号", "房间", "room code"),
		     true, true},
    [COLUMN_SITE] = {"site", NAMES("站点", "厂区", "工作地点"), true, true},
    [COLUMN_NAME_ZH] = {"name_zh", NAMES("培训室名称", "教室名称", "中文名称", "名称"), false, false},
    [COLUMN_NAME_EN] = {"name_en", NAMES("英文名称", "name"), false, false},
    [COLUMN_WAY_ZH] = {"way_zh", NAMES("路线", "中文路线"), false, false},
    [COLUMN_WAY_EN] = {"way_en", NAMES("英文路线", "way"), false, false},
    [COLUMN_OFFSET] = {"utc_offset", NAMES("时区", "time zone"), false, true},
};

/* ---- sites ---- */

static enum rc_status add_site(struct rc_import_run *run, const char *code, int offset_min,
			       struct rc_site *site, struct rc_error *err)
{
	const struct rc_id id = rc_id_new();
	enum rc_status status;

	*site = (struct rc_site){.utc_offset_min = offset_min};
	rc_id_format(&id, site->id);
	(void)rc_text_copy(code, site->code, sizeof(site->code));
	status = rc_db_exec(
	    run->work.tx, &rc_sql_hr_site_add,
	    RC_DB_VALUES(RC_DB_TEXT(site->id), RC_DB_TEXT(site->code), RC_DB_INT(offset_min)), err);
	if (status == RC_OK)
		status = rc_rooms__publish_settings(run->work.tx, &run->work.changes, site,
						    run->work.hr->now_ms, err);
	return status;
}

static enum rc_status take_offset(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	*(int *)context = (int)rc_db_row_int(row, 2);
	return RC_OK;
}

static void check_offset(struct rc_import_run *run, int offset_min, int stored_min,
			 struct rc_report_text text)
{
	if (offset_min != stored_min)
		rc_table_error(run->table, COLUMN_OFFSET, text, NULL);
}

/* The row's site, made if it isn't there and nothing is wrong with the row. */
static enum rc_status take_site(struct rc_import_run *run, struct rc_site *site, struct rc_error *err)
{
	static const struct rc_report_text kept = {
	    "the site has another offset, which an import doesn't change: “%s”",
	    "站点已有不同的时区，导入不会更改：“%s”"};
	static const struct rc_report_text shared = {
	    "all sites share one offset so far, and “%s” is another",
	    "目前所有站点必须使用同一时区，“%s”与之不同"};
	char code[RC_SITE_CODE_MAX_BYTES + 1] = "";
	int offset_min, others_min;
	enum rc_status status;

	if (!rc_table_get_code(run->table, COLUMN_SITE, code, sizeof(code)))
		return RC_OK;
	status = rc_site_find(run->work.tx, code, site, err);
	offset_min = status == RC_OK ? site->utc_offset_min : DEFAULT_OFFSET_MIN;
	if (!rc_table_get_offset(run->table, COLUMN_OFFSET, &offset_min))
		return status == RC_ENOTFOUND ? RC_OK : status;
	if (status == RC_OK)
		check_offset(run, offset_min, site->utc_offset_min, kept);
	if (status != RC_ENOTFOUND)
		return status;
	others_min = offset_min;
	status = rc_db_query(run->work.tx, &rc_sql_hr_sites_two, RC_DB_NO_VALUES, take_offset,
			     &others_min, err);
	check_offset(run, offset_min, others_min, shared);
	if (status != RC_OK || rc_table_is_faulty(run->table))
		return status;
	return add_site(run, code, offset_min, site, err);
}

/* ---- rooms ---- */

static struct rc_db_value text(const char *t)
{
	return RC_DB_TEXT(t);
}

static enum rc_status add_room(struct rc_import_run *run, struct rc_room *room, struct rc_error *err)
{
	char id[RC_ID_CHARS + 1];
	enum rc_status status;

	run->import->added++;
	room->id = rc_id_new();
	room->version = 1;
	rc_id_format(&room->id, id);
	status = rc_db_exec(run->work.tx, &rc_sql_hr_room_add,
			    RC_DB_VALUES(text(id), text(room->site.id), text(room->code),
					 text(room->name.zh), text(room->name.en), text(room->way.zh),
					 text(room->way.en), RC_DB_INT(room->version)),
			    err);
	return status == RC_OK ? rc_rooms__publish(&run->work.changes, room, err) : status;
}

static bool is_same(const struct rc_text_pair *a, const struct rc_text_pair *b)
{
	return strcmp(a->zh, b->zh) == 0 && strcmp(a->en, b->en) == 0;
}

static enum rc_status change_room(struct rc_import_run *run, const struct rc_room *before,
				  struct rc_room *room, struct rc_error *err)
{
	char id[RC_ID_CHARS + 1];
	enum rc_status status;

	if (is_same(&before->name, &room->name) && is_same(&before->way, &room->way)) {
		run->import->unchanged++;
		return RC_OK;
	}
	run->import->changed++;
	room->version++;
	rc_id_format(&room->id, id);
	status =
	    rc_db_exec(run->work.tx, &rc_sql_hr_room_update,
		       RC_DB_VALUES(text(id), text(room->name.zh), text(room->name.en),
				    text(room->way.zh), text(room->way.en), RC_DB_INT(room->version)),
		       err);
	return status == RC_OK ? rc_rooms__publish(&run->work.changes, room, err) : status;
}

static void take_texts(struct rc_table *table, struct rc_room *room)
{
	(void)rc_table_get_text(table, COLUMN_NAME_ZH, room->name.zh, sizeof(room->name.zh));
	(void)rc_table_get_text(table, COLUMN_NAME_EN, room->name.en, sizeof(room->name.en));
	(void)rc_table_get_text(table, COLUMN_WAY_ZH, room->way.zh, sizeof(room->way.zh));
	(void)rc_table_get_text(table, COLUMN_WAY_EN, room->way.en, sizeof(room->way.en));
}

static enum rc_status take_row(struct rc_import_run *run, struct rc_error *err)
{
	struct rc_room before = {.version = 0}, room;
	struct rc_site site = {.utc_offset_min = 0};
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1] = "";
	bool is_there = false;
	enum rc_status status = RC_OK;

	if (rc_table_get_code(run->table, COLUMN_ROOM, code, sizeof(code)))
		status = rc_import_once(run, COLUMN_ROOM, code, err);
	if (status == RC_OK && code[0]) {
		status = rc_rooms_find_in(run->work.tx, code, &before, err);
		is_there = status == RC_OK;
	}
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	room = before;
	take_texts(run->table, &room);
	status = take_site(run, &site, err);
	if (is_there && site.code[0] && strcmp(site.code, before.site.code) != 0)
		rc_table_error(run->table, COLUMN_SITE,
			       (struct rc_report_text){"not “%s”: the room is at site %s",
						       "“%s”不对：培训室属于站点 %s"},
			       before.site.code);
	if (status != RC_OK || rc_table_is_faulty(run->table))
		return status;
	if (is_there)
		return change_room(run, &before, &room, err);
	room.site = site;
	(void)rc_text_copy(code, room.code, sizeof(room.code));
	return add_room(run, &room, err);
}

enum rc_status rc_rooms_import(const struct rc_hr *hr, struct rc_bytes file,
			       struct rc_import *import, struct rc_error *err)
{
	const struct rc_import_kind kind = {
	    .action = "import.rooms", .columns = {COLUMNS, COLUMN_COUNT}, .row = take_row};

	return rc_import_perform(hr, file, &kind, import, err);
}
