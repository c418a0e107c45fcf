/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions from a table. A row is read over the session's newest version, or over the rules' defaults; if anything differs, the
 * result is a new version beside the old ones.
 */
#include "server/db/db.h"
#include "server/hr/import.h"
#include "server/hr/people.h"
#include "server/hr/rooms.h"
#include "server/training/sessions_priv.h"
#include "server/training_sql/statements.h"
#include "shared/standard/standard.h"

#define SESSION_MAX_MS (7 * RC_DAY_MS) /* longer is a mistyped date */

enum {
	COLUMN_SESSION,
	COLUMN_COURSE,
	COLUMN_TITLE_ZH,
	COLUMN_TITLE_EN,
	COLUMN_ROOM,
	COLUMN_STARTS,
	COLUMN_ENDS,
	COLUMN_TRAINER,
	COLUMN_STATE,
	COLUMN_WALK_IN,
	COLUMN_OPENS_BEFORE,
	COLUMN_CLOSES_AFTER,
	COLUMN_LATE_AFTER,
	COLUMN_SHARE,
	COLUMN_SIGN_OUT,
	COLUMN_COUNT
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct rc_table_column COLUMNS[COLUMN_COUNT] = {
    [COLUMN_SESSION] = {"session", NAMES("课次", "课次编号", "场次", "场次编号", "session code"),
			true, true},
    [COLUMN_COURSE] = {"course", NAMES("课程编号", "课程", "course code"), true, true},
    [COLUMN_TITLE_ZH] = {"title_zh", NAMES("标题", "中文标题", "课程名称"), false, false},
    [COLUMN_TITLE_EN] = {"title_en", NAMES("英文标题", "title"), false, false},
    [COLUMN_ROOM] = {"room", NAMES("培训室", "培训室编号", "教室", "教室编号", "房间"), true, true},
    [COLUMN_STARTS] = {"starts", NAMES("开始时间", "开始", "start"), true, true},
    [COLUMN_ENDS] = {"ends", NAMES("结束时间", "结束", "end"), true, true},
    [COLUMN_TRAINER] = {"trainer", NAMES("讲师工号", "讲师"), false, true},
    [COLUMN_STATE] = {"state", NAMES("状态"), false, true},
    [COLUMN_WALK_IN] = {"walk_in", NAMES("临时参加", "walk-in"), false, true},
    [COLUMN_OPENS_BEFORE] = {"opens_before_min", NAMES("提前签到分钟"), false, true},
    [COLUMN_CLOSES_AFTER] = {"closes_after_min", NAMES("结束后签到分钟"), false, true},
    [COLUMN_LATE_AFTER] = {"late_after_min", NAMES("迟到分钟"), false, true},
    [COLUMN_SHARE] = {"share_percent", NAMES("出勤比例"), false, true},
    [COLUMN_SIGN_OUT] = {"sign_out", NAMES("签退"), false, true},
};

static const struct rc_table_choice STATES[] = {{"planned", 0}, {"cancelled", 1}, {"计划", 0},
						{"取消", 1},    {"已取消", 1},    {NULL, 0}};
static const struct rc_table_choice WALK_INS[] = {{"free", RC_WALK_IN_FREE},
						  {"ask", RC_WALK_IN_ASK},
						  {"no", RC_WALK_IN_NO},
						  {"允许", RC_WALK_IN_FREE},
						  {"询问", RC_WALK_IN_ASK},
						  {"不允许", RC_WALK_IN_NO},
						  {NULL, 0}};

/* ---- what a row says ---- */

static enum rc_status take_room(struct rc_import_run *run, struct rc_session *session,
				struct rc_error *err)
{
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1] = "";
	struct rc_room room;
	enum rc_status status;

	if (!rc_table_get_code(run->table, COLUMN_ROOM, code, sizeof(code)))
		return RC_OK;
	status = rc_rooms_find_in(run->work.tx, code, &room, err);
	if (status == RC_ENOTFOUND) {
		rc_table_error(run->table, COLUMN_ROOM,
			       (struct rc_report_text){"no room “%s”", "没有培训室“%s”"}, NULL);
		return RC_OK;
	}
	if (status != RC_OK)
		return status;
	session->room = room.id;
	session->site = room.site;
	memcpy(session->room_code, room.code, sizeof(session->room_code));
	return RC_OK;
}

static enum rc_status take_trainer(struct rc_import_run *run, struct rc_session *session,
				   struct rc_error *err)
{
	char number[RC_PERSON_NUMBER_MAX_BYTES + 1] = "";
	struct rc_person person;
	enum rc_status status;

	if (!rc_table_get_code(run->table, COLUMN_TRAINER, number, sizeof(number)) || !number[0])
		return RC_OK;
	status = rc_people_find_in(run->work.tx, number, &person, err);
	if (status == RC_ENOTFOUND) {
		rc_table_error(run->table, COLUMN_TRAINER,
			       (struct rc_report_text){"no employee “%s”", "没有工号为“%s”的员工"},
			       NULL);
		return RC_OK;
	}
	if (status != RC_OK)
		return status;
	if (person.role == RC_ROLE_EMPLOYEE)
		rc_table_warn(run->table, COLUMN_TRAINER,
			      (struct rc_report_text){
				  "“%s” is no trainer and can't open the session at a kiosk",
				  "“%s”不是讲师，不能在签到机上开课"},
			      NULL);
	session->trainer = person.ref;
	return RC_OK;
}

static void take_titles(struct rc_import_run *run, struct rc_session *session)
{
	(void)rc_table_get_text(run->table, COLUMN_TITLE_ZH, session->title.zh,
				sizeof(session->title.zh));
	(void)rc_table_get_text(run->table, COLUMN_TITLE_EN, session->title.en,
				sizeof(session->title.en));
	if (!session->title.zh[0] && !session->title.en[0] && !rc_table_is_faulty(run->table))
		rc_table_error(run->table,
			       rc_table_has(run->table, COLUMN_TITLE_ZH) ? COLUMN_TITLE_ZH : COLUMN_TITLE_EN,
			       (struct rc_report_text){"a title in one language is needed",
						       "至少需要一种语言的标题"},
			       NULL);
}

static void take_times(struct rc_import_run *run, struct rc_session *session)
{
	struct rc_attendance_terms *terms = &session->terms;
	const int offset_min = session->site.utc_offset_min;
	bool is_good = rc_table_get_time(run->table, COLUMN_STARTS, offset_min, &terms->starts_ms);

	is_good &= rc_table_get_time(run->table, COLUMN_ENDS, offset_min, &terms->ends_ms);
	if (is_good && terms->ends_ms <= terms->starts_ms)
		rc_table_error(
		    run->table, COLUMN_ENDS,
		    (struct rc_report_text){"“%s” is not after the start", "“%s”不晚于开始时间"}, NULL);
	else if (is_good && terms->ends_ms - terms->starts_ms > SESSION_MAX_MS)
		rc_table_error(run->table, COLUMN_ENDS,
			       (struct rc_report_text){"“%s” is more than a week after the start",
						       "“%s”比开始时间晚一周以上"},
			       NULL);
}

static void take_rules(struct rc_table *table, struct rc_attendance_rules *rules)
{
	int walk_in = (int)rules->walk_in;

	(void)rc_table_get_choice(table, COLUMN_WALK_IN, WALK_INS, &walk_in);
	rules->walk_in = (enum rc_walk_in_rule)walk_in;
	(void)rc_table_get_int(table, COLUMN_OPENS_BEFORE, 0, 1440, &rules->opens_before_min);
	(void)rc_table_get_int(table, COLUMN_CLOSES_AFTER, 0, 1440, &rules->closes_after_min);
	(void)rc_table_get_int(table, COLUMN_LATE_AFTER, 0, 1440, &rules->late_after_min);
	(void)rc_table_get_int(table, COLUMN_SHARE, 1, 100, &rules->share_percent);
	(void)rc_table_get_bool(table, COLUMN_SIGN_OUT, &rules->has_sign_out);
}

/* The course's code in its one form. */
static void take_course(struct rc_table *table, struct rc_session *session)
{
	char text[RC_STANDARD_CODE_MAX_BYTES + 1] = "";
	struct rc_standard_course course;
	struct rc_error why = {""};

	if (!rc_table_get_code(table, COLUMN_COURSE, text, sizeof(text)))
		return;
	if (rc_standard_course_decode(rc_bytes_of_text(text), &course, &why) != RC_OK) {
		rc_table_error(table, COLUMN_COURSE,
			       (struct rc_report_text){"“%s” is no course code like T-001-01: %s",
						       "“%s”不是 T-001-01 这样的课程编号"},
			       why.text);
		return;
	}
	rc_standard_course_encode(&course, text);
	(void)rc_text_copy(text, session->course, sizeof(session->course));
}

static enum rc_status take_cells(struct rc_import_run *run, struct rc_session *session,
				 struct rc_error *err)
{
	int is_cancelled = session->is_cancelled;
	enum rc_status status;

	take_course(run->table, session);
	take_titles(run, session);
	status = take_room(run, session, err);
	take_times(run, session);
	if (status == RC_OK)
		status = take_trainer(run, session, err);
	(void)rc_table_get_choice(run->table, COLUMN_STATE, STATES, &is_cancelled);
	session->is_cancelled = is_cancelled != 0;
	take_rules(run->table, &session->terms.rules);
	return status;
}

/* ---- writing ---- */

static bool is_same_terms(const struct rc_attendance_terms *a, const struct rc_attendance_terms *b)
{
	return a->starts_ms == b->starts_ms && a->ends_ms == b->ends_ms &&
	       a->rules.opens_before_min == b->rules.opens_before_min &&
	       a->rules.closes_after_min == b->rules.closes_after_min &&
	       a->rules.late_after_min == b->rules.late_after_min &&
	       a->rules.share_percent == b->rules.share_percent &&
	       a->rules.walk_in == b->rules.walk_in && a->rules.has_sign_out == b->rules.has_sign_out;
}

static bool is_same(const struct rc_session *a, const struct rc_session *b)
{
	return is_same_terms(&a->terms, &b->terms) && strcmp(a->course, b->course) == 0 &&
	       strcmp(a->title.zh, b->title.zh) == 0 && strcmp(a->title.en, b->title.en) == 0 &&
	       rc_id_equal(&a->room, &b->room) && rc_id_equal(&a->trainer, &b->trainer) &&
	       a->is_cancelled == b->is_cancelled;
}

static enum rc_status insert_version(struct rc_import_run *run, const struct rc_session *session,
				     struct rc_error *err)
{
	const struct rc_attendance_rules *rules = &session->terms.rules;
	char id[RC_ID_CHARS + 1], room[RC_ID_CHARS + 1], trainer[RC_ID_CHARS + 1];

	rc_id_format(&session->id, id);
	rc_id_format(&session->room, room);
	rc_id_format(&session->trainer, trainer);
	return rc_db_exec(
	    run->work.tx, &rc_sql_training_version_add,
	    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(session->version), RC_DB_TEXT(session->course),
			 RC_DB_TEXT(session->title.zh), RC_DB_TEXT(session->title.en), RC_DB_TEXT(room),
			 rc_id_is_nil(&session->trainer) ? RC_DB_NULL : RC_DB_TEXT(trainer),
			 RC_DB_INT(session->terms.starts_ms), RC_DB_INT(session->terms.ends_ms),
			 RC_DB_BOOL(session->is_cancelled), RC_DB_INT(rules->opens_before_min),
			 RC_DB_INT(rules->closes_after_min), RC_DB_INT(rules->late_after_min),
			 RC_DB_INT(rules->share_percent),
			 RC_DB_TEXT(rc_walk_in_rule_name(rules->walk_in)),
			 RC_DB_BOOL(rules->has_sign_out), RC_DB_INT(run->work.hr->now_ms)),
	    err);
}

static enum rc_status write_session(struct rc_import_run *run, const struct rc_session *session,
				    struct rc_error *err)
{
	const struct rc_db_value version = RC_DB_INT(session->version);
	char id[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(&session->id, id);
	status = session->version == 1
		     ? rc_db_exec(run->work.tx, &rc_sql_training_session_add,
				  RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(session->code),
					       RC_DB_TEXT(session->site.id), version),
				  err)
		     : rc_db_exec(run->work.tx, &rc_sql_training_session_raise,
				  RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(session->site.id), version),
				  err);
	if (status == RC_OK)
		status =
		    rc_db_exec(run->work.tx, &rc_sql_training_course_add,
			       RC_DB_VALUES(RC_DB_TEXT(session->course), RC_DB_TEXT(session->title.zh),
					    RC_DB_TEXT(session->title.en)),
			       err);
	if (status == RC_OK)
		status = insert_version(run, session, err);
	return status == RC_OK ? rc_sessions__publish(&run->work.changes, session, err) : status;
}

static enum rc_status take_row(struct rc_import_run *run, struct rc_error *err)
{
	struct rc_session before = {.version = 0}, session;
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1] = "";
	enum rc_status status = RC_ENOTFOUND;

	before.terms.rules = rc_attendance_rules_default();
	if (rc_table_get_key(run->table, COLUMN_SESSION, code, sizeof(code))) {
		status = rc_import_once(run, COLUMN_SESSION, code, err);
		if (status == RC_OK)
			status = rc_sessions_find_in(run->work.tx, code, &before, err);
	}
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	session = before;
	status = take_cells(run, &session, err);
	if (status != RC_OK || rc_table_is_faulty(run->table))
		return status;
	if (before.version > 0 && is_same(&before, &session)) {
		run->import->unchanged++;
		return RC_OK;
	}
	if (before.version == 0) {
		session.id = rc_id_new();
		memcpy(session.code, code, sizeof(session.code));
	}
	*(before.version == 0 ? &run->import->added : &run->import->changed) += 1;
	session.version++;
	status = write_session(run, &session, err);
	if (status != RC_OK || before.version == 0 || strcmp(before.site.id, session.site.id) == 0)
		return status;
	return rc_registrations__move(run->work.tx, &run->work.changes, &session, err);
}

enum rc_status rc_sessions_import(const struct rc_hr *hr, struct rc_bytes file,
				  struct rc_import *import, struct rc_error *err)
{
	const struct rc_import_kind kind = {
	    .action = "import.sessions", .columns = {COLUMNS, COLUMN_COUNT}, .row = take_row};

	return rc_import_perform(hr, file, &kind, import, err);
}
