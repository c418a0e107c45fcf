/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three forms differ only in how a line is written: one table of functions {begin, line, end} each. A session that only facts
 * know (it ran unplanned) has a list too, with its id for a name.
 */
#include "server/reports/attendance_list.h"

#include "server/records/records.h"
#include "server/reports/session_list.h"
#include "server/reports/text_table.h"
#include "shared/csv/csv.h"
#include "shared/json/write.h"

#include <stdio.h>

#define STATES 8u

/* What every form is written from. */
struct list {
	const struct rc_attendance_request *request;
	struct rc_buf *out;
	struct rc_session session;
	bool has_session;
	int utc_offset_min;
	int64_t counts[STATES];
	struct rc_text_table *table; /* RC_ATTENDANCE_TABLE */
	struct rc_csv_writer csv;    /* RC_ATTENDANCE_CSV */
};

struct form {
	void (*begin)(struct list *list);
	void (*line)(struct list *list, const struct rc_records_line *line);
	void (*end)(struct list *list);
};

/* ---- JSON ---- */

static void begin_json(struct list *list)
{
	rc_json_open(list->out, '{');
	rc_json_append_key(list->out, "session");
	if (list->has_session)
		rc_session_append_json(list->out, &list->session);
	else
		rc_json_append_null(list->out);
	rc_json_member_time(list->out, "at", list->request->now_ms);
	rc_json_append_key(list->out, "people");
	rc_json_open(list->out, '[');
}

static void member_moment(struct rc_buf *out, const char *key, int64_t at_ms)
{
	if (at_ms > 0) {
		rc_json_member_time(out, key, at_ms);
		return;
	}
	rc_json_append_key(out, key);
	rc_json_append_null(out);
}

static void member_means(struct rc_buf *out, enum rc_attendance_means means)
{
	if (means != RC_ATTENDANCE_BY_NOTHING) {
		rc_json_member_text(out, "evidence", rc_attendance_means_name(means));
		return;
	}
	rc_json_append_key(out, "evidence");
	rc_json_append_null(out);
}

void rc_attendance_append_json(const struct rc_records_line *line, struct rc_buf *out)
{
	const struct rc_attendance_record *record = &line->record;

	rc_json_open(out, '{');
	rc_json_member_text(out, "ref", line->ref);
	rc_json_member_text(out, "number", line->number);
	rc_json_member_text(out, "name", line->name);
	rc_json_member_text(out, "department", line->department);
	rc_json_member_text(out, "state", rc_attendance_state_name(record->state));
	rc_json_member_bool(out, "known", line->is_known);
	rc_json_member_bool(out, "registered", line->is_registered);
	rc_json_member_bool(out, "walk_in", record->is_walk_in);
	member_moment(out, "first_in", record->first_in_ms);
	member_moment(out, "last_out", record->last_out_ms);
	rc_json_member_int(out, "late_min", record->late_min);
	rc_json_member_int(out, "minutes", record->minutes);
	member_means(out, record->means);
	rc_json_member_bool(out, "needs_decision", record->needs_decision);
	rc_json_member_int(out, "session_version", line->session_version);
	rc_json_close(out, '}');
}

static void line_json(struct list *list, const struct rc_records_line *line)
{
	rc_attendance_append_json(line, list->out);
}

static void end_json(struct list *list)
{
	rc_json_close(list->out, ']');
	rc_json_append_key(list->out, "counts");
	rc_json_open(list->out, '{');
	for (size_t i = 0; i < STATES; i++)
		rc_json_member_int(list->out, rc_attendance_state_name((enum rc_attendance_state)i),
				   list->counts[i]);
	rc_json_close(list->out, '}');
	rc_json_close(list->out, '}');
}

/* ---- columns, for CSV and terminal ---- */

#define COLUMNS 9u

static const struct {
	const char *zh, *en;
} headings[COLUMNS] = {
    {"工号", "number"},      {"姓名", "name"},        {"部门", "department"},
    {"状态", "state"},       {"签到", "signed in"},   {"迟到（分钟）", "late (min)"},
    {"临时参加", "walk-in"}, {"待处理", "to decide"}, {"依据", "known by"},
};

static const struct {
	const char *zh, *en;
} state_words[STATES] = {
    [RC_ATTENDANCE_EXPECTED] = {"未到", "not here yet"},
    [RC_ATTENDANCE_PRESENT] = {"已到", "present"},
    [RC_ATTENDANCE_LATE] = {"迟到", "late"},
    [RC_ATTENDANCE_LEFT_EARLY] = {"早退", "left early"},
    [RC_ATTENDANCE_PARTIAL] = {"时长不足", "partial"},
    [RC_ATTENDANCE_ABSENT] = {"缺席", "absent"},
    [RC_ATTENDANCE_EXCUSED] = {"请假", "excused"},
    [RC_ATTENDANCE_UNSURE] = {"时间待核对", "time to be checked"},
};

static const struct {
	const char *zh, *en;
} means_words[] = {
    [RC_ATTENDANCE_BY_NOTHING] = {"", ""},
    [RC_ATTENDANCE_BY_TYPED] = {"输入工号", "typed number"},
    [RC_ATTENDANCE_BY_MARKED] = {"补签", "marked by hand"},
    [RC_ATTENDANCE_BY_BADGE] = {"胸牌", "badge"},
};

static bool is_zh(const struct list *list)
{
	return list->request->language == RC_LANGUAGE_ZH;
}

static void local_time(const struct list *list, int64_t at_ms, char text[6])
{
	struct rc_civil civil = rc_civil_of(at_ms, list->utc_offset_min);

	text[0] = '\0';
	if (at_ms > 0)
		(void)snprintf(text, 6, "%02u:%02u", civil.hour % 24, civil.minute % 60);
}

/* The cells of one line; texts are borrowed from the line or stand in `memory`. */
static void make_cells(const struct list *list, const struct rc_records_line *line,
		       char memory[2][16], const char *cells[COLUMNS])
{
	const struct rc_attendance_record *record = &line->record;
	const char *yes = is_zh(list) ? "是" : "yes";

	local_time(list, record->first_in_ms, memory[0]);
	memory[1][0] = '\0';
	if (record->late_min > 0)
		(void)snprintf(memory[1], sizeof(memory[1]), "%d", record->late_min);
	cells[0] = line->number;
	cells[1] = line->is_known ? line->name : is_zh(list) ? "（未知人员）" : "(unknown)";
	cells[2] = line->department;
	cells[3] = is_zh(list) ? state_words[record->state].zh : state_words[record->state].en;
	cells[4] = memory[0];
	cells[5] = memory[1];
	cells[6] = record->is_walk_in ? yes : "";
	cells[7] = record->needs_decision ? yes : "";
	cells[8] = is_zh(list) ? means_words[record->means].zh : means_words[record->means].en;
}

static void make_headings(const struct list *list, const char *cells[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = is_zh(list) ? headings[i].zh : headings[i].en;
}

/* ---- CSV ---- */

static void put_row(struct list *list, const char *const cells[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++)
		rc_csv_write_text(&list->csv, cells[i]);
	rc_csv_end_row(&list->csv);
}

static void begin_csv(struct list *list)
{
	const char *cells[COLUMNS];

	rc_csv_writer_init(&list->csv, list->out, true);
	make_headings(list, cells);
	put_row(list, cells);
}

static void line_csv(struct list *list, const struct rc_records_line *line)
{
	const char *cells[COLUMNS];
	char memory[2][16];

	make_cells(list, line, memory, cells);
	put_row(list, cells);
}

static void end_csv(struct list *list)
{
	(void)list;
}

/* ---- terminal ---- */

static void begin_table(struct list *list)
{
	const char *cells[COLUMNS];
	char starts[6], ends[6];
	struct rc_civil day;

	if (list->has_session) {
		const struct rc_text_pair *title = &list->session.title;
		const char *wanted = is_zh(list) ? title->zh : title->en;

		local_time(list, list->session.terms.starts_ms, starts);
		local_time(list, list->session.terms.ends_ms, ends);
		day = rc_civil_of(list->session.terms.starts_ms, list->utc_offset_min);
		rc_buf_printf(list->out, "%s · %s · %04d-%02u-%02u %s–%s · %s\n\n", list->session.code,
			      wanted[0]      ? wanted
			      : title->zh[0] ? title->zh
					     : title->en,
			      day.year, day.month, day.day, starts, ends, list->session.room_code);
	}
	make_headings(list, cells);
	rc_text_table_add(list->table, cells);
}

static void line_table(struct list *list, const struct rc_records_line *line)
{
	const char *cells[COLUMNS];
	char memory[2][16];

	make_cells(list, line, memory, cells);
	rc_text_table_add(list->table, cells);
}

static void end_table(struct list *list)
{
	const char *between = "";

	rc_text_table_write(list->table, list->out);
	rc_buf_append_char(list->out, '\n');
	for (size_t i = 0; i < STATES; i++) {
		if (list->counts[i] == 0)
			continue;
		rc_buf_printf(list->out, "%s%s %lld", between,
			      is_zh(list) ? state_words[i].zh : state_words[i].en,
			      (long long)list->counts[i]);
		between = " · ";
	}
	rc_buf_append_char(list->out, '\n');
}

static const struct form forms[] = {
    [RC_ATTENDANCE_JSON] = {begin_json, line_json, end_json},
    [RC_ATTENDANCE_CSV] = {begin_csv, line_csv, end_csv},
    [RC_ATTENDANCE_TABLE] = {begin_table, line_table, end_table},
};

/* ---- the list ---- */

static enum rc_status add_line(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	struct list *list = context;

	list->counts[line->record.state]++;
	forms[list->request->format].line(list, line);
	return rc_buf_status(list->out, err);
}

static enum rc_status find_session(struct rc_db *db, struct list *list, struct rc_error *err)
{
	enum rc_status status = rc_sessions_find(db, list->request->session, &list->session, err);

	list->has_session = status == RC_OK;
	list->utc_offset_min = list->has_session ? list->session.site.utc_offset_min : 0;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

enum rc_status rc_attendance_list(struct rc_db *db, const struct rc_attendance_request *request,
				  struct rc_buf *out, struct rc_error *err)
{
	RC_AUTO(rc_text_table_free_p) struct rc_text_table *table = rc_text_table_new(COLUMNS);
	struct list list = {.request = request, .out = out, .table = table};
	enum rc_status status = table ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory for a list");

	if (status == RC_OK)
		status = find_session(db, &list, err);
	if (status != RC_OK)
		return status;
	forms[request->format].begin(&list);
	status = rc_records_attendance_of_session(db, request->session, request->now_ms, add_line,
						  &list, err);
	if (status != RC_OK)
		return status;
	forms[request->format].end(&list);
	return rc_buf_status(out, err);
}
