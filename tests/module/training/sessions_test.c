/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions from a table: versions that stay, changes only for what changed. */
#include "server/training/sessions.h"
#include "tests/module/hr/office.h"
#include "tests/module/hr_sql/statements.h"

#include <stdio.h>
#include <string.h>

#define HEADER "session,course,title_zh,title_en,room,starts,ends,trainer,walk_in\n"
#define SAFE                                                                                       \
	"SAFE-1,T-001-01,安全操作规程,Safe operation,3F-305,2026-11-24 09:00,2026-11-24 "    \
	"11:30,,free\n"
#define FORK "FORK-1,T-002-01,叉车复训,,3F-302,2026/11/25 9:00,2026-11-25T11:00,,no\n"

#define SAFE_STARTS_MS INT64_C(1795482000000) /* 2026-11-24T01:00Z */

static int set_up(void **state)
{
	if (office_set_up_with_rooms(state) != 0)
		return -1;
	office_take(*state, rc_people_import,
		    "number,name,role\n001-01,张伟,employee\n009-01,Ethan Lee,trainer\n");
	return 0;
}

static struct rc_session find(struct office *office, const char *code)
{
	struct rc_session session = {.version = 0};

	assert_int_equal(rc_sessions_find(office->db, code, &session, NULL), RC_OK);
	return session;
}

static enum rc_status count_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one_int(tx, &rc_sql_office_count_versions, RC_DB_NO_VALUES, arg, err);
}

static int64_t versions(struct office *office)
{
	int64_t count = -1;

	assert_int_equal(rc_db_read(office->db, count_in, &count, NULL), RC_OK);
	return count;
}

static enum rc_status start_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one_int(tx, &rc_sql_office_version_start, RC_DB_VALUES(RC_DB_INT(1)), arg, err);
}

static void a_session_goes_down_as_the_table_says(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_ref_session down;
	struct rc_session session;
	struct rc_room room;

	(void)office_changes(office, changes, 16);
	office_take(office, rc_sessions_import, HEADER SAFE);
	assert_int_equal(office_changes(office, changes, 16), 1);
	assert_int_equal(rc_ref_session_decode(&changes[0], &down, NULL), RC_OK);
	session = find(office, "SAFE-1");
	assert_int_equal(rc_rooms_find(office->db, "3F-305", &room, NULL), RC_OK);
	assert_true(rc_id_equal(&down.id, &session.id));
	assert_true(rc_id_equal(&down.room, &room.id));
	assert_int_equal(down.version, 1);
	assert_string_equal(down.title.zh, "安全操作规程");
	assert_string_equal(down.title.en, "Safe operation");
	assert_string_equal(down.course, "T-001-01");
	assert_int_equal(down.terms.starts_ms, SAFE_STARTS_MS);
	assert_int_equal(down.terms.ends_ms, SAFE_STARTS_MS + 150 * RC_MINUTE_MS);
	assert_int_equal(down.terms.rules.opens_before_min, 30);
	assert_int_equal(down.terms.rules.late_after_min, 10);
	assert_int_equal(down.terms.rules.share_percent, 80);
	assert_int_equal(down.terms.rules.walk_in, RC_WALK_IN_FREE);
	assert_false(down.is_cancelled);
	assert_int_equal(down.expected, 0);
}

static void the_same_file_again_makes_no_version_and_no_change(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];

	office_take(office, rc_sessions_import, HEADER SAFE FORK);
	(void)office_changes(office, changes, 16);
	office_take(office, rc_sessions_import, HEADER SAFE FORK);
	assert_int_equal(office->import.unchanged, 2);
	assert_int_equal(office_changes(office, changes, 16), 0);
	assert_int_equal(versions(office), 2);
}

static void a_changed_row_makes_a_version_beside_the_old_one(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	int64_t starts_ms = 0;

	office_take(office, rc_sessions_import, HEADER SAFE);
	(void)office_changes(office, changes, 16);
	office_take(office, rc_sessions_import,
		    "session,course,room,starts,ends,late_after_min\n"
		    "SAFE-1,T-001-01,3F-302,2026-11-24 10:00,2026-11-24 11:30,20\n");
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office_changes(office, changes, 16), 1);
	assert_int_equal(changes[0].version, 2);
	assert_int_equal(versions(office), 2);
	assert_int_equal(rc_db_read(office->db, start_in, &starts_ms, NULL), RC_OK);
	assert_int_equal(starts_ms, SAFE_STARTS_MS);
	assert_int_equal(find(office, "SAFE-1").terms.starts_ms, SAFE_STARTS_MS + RC_HOUR_MS);
	assert_int_equal(find(office, "SAFE-1").terms.rules.late_after_min, 20);
	assert_string_equal(find(office, "SAFE-1").title.zh, "安全操作规程"); /* not in the file: kept */
	assert_string_equal(find(office, "SAFE-1").room_code, "3F-302");
}

static void a_cancelled_session_stays_and_says_so(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_ref_session down;

	office_take(office, rc_sessions_import, HEADER FORK);
	(void)office_changes(office, changes, 16);
	office_take(office, rc_sessions_import,
		    "场次,课程编号,教室,开始时间,结束时间,状态\n"
		    "FORK-1,T-002-01,3F-302,2026年11月25日 9:00,2026-11-25 11:00,取消\n");
	assert_int_equal(office_changes(office, changes, 16), 1);
	assert_int_equal(rc_ref_session_decode(&changes[0], &down, NULL), RC_OK);
	assert_true(down.is_cancelled);
}

static void every_rule_can_be_said_in_the_table(void **state)
{
	struct office *office = *state;
	struct rc_session session, again;
	struct rc_person trainer;
	char id[RC_ID_CHARS + 1];

	office_take(office, rc_sessions_import,
		    "session,course,title_en,room,starts,ends,trainer,walk_in,opens_before_min,"
		    "closes_after_min,late_after_min,share_percent,sign_out\n"
		    "X,t-003-02,Leading,3F-305,2026-11-24 09:00,2026-11-24 "
		    "11:00,009-01,ask,15,5,0,100,yes\n");
	session = find(office, "X");
	assert_string_equal(session.course, "T-003-02");
	assert_int_equal(session.terms.rules.opens_before_min, 15);
	assert_int_equal(session.terms.rules.closes_after_min, 5);
	assert_int_equal(session.terms.rules.late_after_min, 0);
	assert_int_equal(session.terms.rules.share_percent, 100);
	assert_int_equal(session.terms.rules.walk_in, RC_WALK_IN_ASK);
	assert_true(session.terms.rules.has_sign_out);
	trainer = office_person(office, "009-01");
	assert_true(rc_id_equal(&session.trainer, &trainer.ref));
	assert_int_equal(office->import.warnings.count, 0);
	rc_id_format(&session.id, id);
	again = find(office, id);
	assert_string_equal(again.code, "X");
}

static void all_faults_of_a_file_are_told_and_nothing_is_written(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_session session;

	(void)office_changes(office, changes, 16);
	assert_int_equal(
	    office_import(office, rc_sessions_import,
			  "session,course,title_zh,room,starts,ends,trainer,walk_in,share_percent\n"
			  "OK,T-001-01,好,3F-305,2026-11-24 09:00,2026-11-24 11:00,,,\n"
			  "A,T001,好,3F-305,2026-11-24 09:00,2026-11-24 11:00,,,\n"
			  "B,T-001-01,,3F-305,2026-11-24 09:00,2026-11-24 11:00,,,\n"
			  "C,T-001-01,好,9F-999,24.11.2026 09:00,2026-11-24 11:00,999-99,maybe,0\n"
			  "D,T-001-01,好,3F-305,2026-11-24 09:00,2026-11-24 09:00,,,\n"
			  "E,T-001-01,好,3F-305,2026-11-24 09:00,2026-12-24 09:00,,,\n"
			  "OK,T-001-01,好,3F-305,2026-11-24 09:00,2026-11-24 11:00,,,\n"),
	    RC_EFORMAT);
	assert_true(office_has_error(office, 3, "course", "no course code"));
	assert_true(office_has_error(office, 4, "title_zh", "a title"));
	assert_true(office_has_error(office, 5, "room", "no room “9F-999”"));
	assert_true(office_has_error(office, 5, "starts", "no time"));
	assert_true(office_has_error(office, 5, "trainer", "no employee “999-99”"));
	assert_true(office_has_error(office, 5, "walk_in", "none of"));
	assert_true(office_has_error(office, 5, "share_percent", "1 … 100"));
	assert_true(office_has_error(office, 6, "ends", "not after the start"));
	assert_true(office_has_error(office, 7, "ends", "more than a week"));
	assert_true(office_has_error(office, 8, "session", "line 2 already"));
	assert_int_equal(office->import.errors.count, 10);
	assert_int_equal(rc_sessions_find(office->db, "OK", &session, NULL), RC_ENOTFOUND);
	assert_int_equal(office_changes(office, changes, 16), 0);
}

static void a_trainer_who_is_none_is_a_warning(void **state)
{
	struct office *office = *state;

	office_take(office, rc_sessions_import,
		    HEADER "X,T-001-01,好,,3F-305,2026-11-24 09:00,2026-11-24 11:00,001-01,\n");
	assert_int_equal(office->import.warnings.count, 1);
	assert_int_equal(office->import.warnings.issues[0].line, 2);
}

struct page {
	char codes[64];
	struct rc_sessions_cursor last;
	size_t count;
};

static enum rc_status next_session(void *context, const struct rc_session *session, struct rc_error *err)
{
	struct page *page = context;
	const size_t used = strlen(page->codes);

	(void)err;
	(void)snprintf(page->codes + used, sizeof(page->codes) - used, "%s ", session->code);
	page->last = (struct rc_sessions_cursor){session->terms.starts_ms, session->id};
	page->count++;
	return RC_OK;
}

static void a_list_goes_on_behind_its_cursor_by_start_and_id(void **state)
{
	struct office *office = *state;
	struct page page = {.count = 0};

	/* A and B begin together; C was moved to the front by a second version. */
	office_take(office, rc_sessions_import,
		    HEADER "A,T-001-01,a,,3F-305,2026-11-24 09:00,2026-11-24 10:00,,\n"
			   "B,T-001-01,b,,3F-302,2026-11-24 09:00,2026-11-24 10:00,,\n"
			   "C,T-001-01,c,,3F-302,2026-11-30 09:00,2026-11-30 10:00,,\n");
	office_take(office, rc_sessions_import,
		    HEADER "C,T-001-01,c,,3F-302,2026-11-20 09:00,2026-11-20 10:00,,\n");
	do {
		page.count = 0;
		assert_int_equal(
		    rc_sessions_list(office->db, &page.last, 1, next_session, &page, NULL), RC_OK);
	} while (page.count == 1);
	assert_true(strcmp(page.codes, "C A B ") == 0 || strcmp(page.codes, "C B A ") == 0);
}

#define SCHOOL(test) cmocka_unit_test_setup_teardown(test, set_up, office_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCHOOL(a_session_goes_down_as_the_table_says),
	    SCHOOL(the_same_file_again_makes_no_version_and_no_change),
	    SCHOOL(a_changed_row_makes_a_version_beside_the_old_one),
	    SCHOOL(a_cancelled_session_stays_and_says_so),
	    SCHOOL(every_rule_can_be_said_in_the_table),
	    SCHOOL(all_faults_of_a_file_are_told_and_nothing_is_written),
	    SCHOOL(a_trainer_who_is_none_is_a_warning),
	    SCHOOL(a_list_goes_on_behind_its_cursor_by_start_and_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
