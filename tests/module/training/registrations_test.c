/* SPDX-License-Identifier: Apache-2.0 */
/* Who is registered, what kiosks hear of it, and how many a session expects then. */
#include "server/training/registrations.h"
#include "server/training/sessions.h"
#include "tests/module/hr/office.h"
#include "tests/module/hr_sql/statements.h"

#include <string.h>

static int set_up(void **state)
{
	struct rc_change changes[32];

	if (office_set_up_with_rooms(state) != 0)
		return -1;
	office_take(*state, rc_people_import, "number,name\n001-01,张伟\n001-02,王芳\n001-03,李娜\n");
	office_take(*state, rc_sessions_import,
		    "session,course,title_zh,room,starts,ends\n"
		    "SAFE-1,T-001-01,安全,3F-305,2026-11-24 09:00,2026-11-24 11:30\n"
		    "FORK-1,T-002-01,叉车,3F-302,2026-11-24 09:00,2026-11-24 11:30\n");
	(void)office_changes(*state, changes, 32);
	return 0;
}

static int64_t expected(struct office *office, const char *code)
{
	struct rc_session session = {.expected = -1};

	assert_int_equal(rc_sessions_find(office->db, code, &session, NULL), RC_OK);
	return session.expected;
}

static void registered_people_go_down_with_the_sessions_that_expect_them(void **state)
{
	struct office *office = *state;
	struct rc_change changes[32];
	struct rc_ref_registration down;
	struct rc_ref_session session;
	struct rc_person person;
	size_t count;

	office_take(office, rc_registrations_import,
		    "session,number\nSAFE-1,001-01\nSAFE-1,001-02\nFORK-1,001-03\n");
	assert_int_equal(office->import.added, 3);
	count = office_changes(office, changes, 32);
	assert_int_equal(count, 5);
	assert_int_equal(office_count(changes, count, RC_ENTITY_REGISTRATION), 3);
	assert_int_equal(rc_ref_registration_decode(&changes[0], &down, NULL), RC_OK);
	person = office_person(office, "001-01");
	assert_true(rc_id_equal(&down.ref, &person.ref));
	assert_int_equal(rc_ref_session_decode(&changes[3], &session, NULL), RC_OK);
	assert_true(rc_id_equal(&down.session, &session.id));
	assert_int_equal(session.expected, 2);
	assert_int_equal(session.version, 1); /* what is judged by has not changed */
	assert_int_equal(expected(office, "SAFE-1"), 2);
}

static void a_session_takes_its_registrations_to_another_site(void **state)
{
	static const char there[] = "session,course,room,starts,ends\n"
				    "SAFE-1,T-001-01,B-101,2026-11-24 09:00,2026-11-24 11:30\n";
	static const char back[] = "session,course,room,starts,ends\n"
				   "SAFE-1,T-001-01,3F-305,2026-11-24 09:00,2026-11-24 11:30\n";
	struct office *office = *state;
	struct rc_change changes[32];
	struct rc_ref_registration down;
	struct rc_person person;
	size_t count;

	office_take(office, rc_rooms_import, "room,site,name_zh\nB-101,B,乙\n");
	office_take(
	    office, rc_registrations_import,
	    "session,number,state\nSAFE-1,001-01,\nSAFE-1,001-02,excused\nFORK-1,001-01,\n");
	(void)office_changes(office, changes, 32);
	office_take(office, rc_sessions_import, there);
	count = office_changes(office, changes, 32);
	assert_int_equal(count, 2);
	assert_int_equal(changes[0].entity, RC_ENTITY_SESSION);
	assert_int_equal(changes[1].entity, RC_ENTITY_REGISTRATION);
	assert_true(changes[0].is_deletion && changes[1].is_deletion);

	office_take(office, rc_sessions_import, back);
	assert_int_equal(office_changes(office, changes, 32), 2);
	assert_false(changes[0].is_deletion);
	assert_int_equal(rc_ref_registration_decode(&changes[1], &down, NULL), RC_OK);
	person = office_person(office, "001-01");
	assert_true(rc_id_equal(&down.ref, &person.ref));
}

static void the_same_file_again_publishes_nothing(void **state)
{
	struct office *office = *state;
	struct rc_change changes[32];

	office_take(office, rc_registrations_import, "session,number\nSAFE-1,001-01\n");
	(void)office_changes(office, changes, 32);
	office_take(office, rc_registrations_import, "场次,工号\nSAFE-1,001-01\n");
	assert_int_equal(office->import.unchanged, 1);
	assert_int_equal(office_changes(office, changes, 32), 0);
}

static enum rc_status take_state(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	rc_db_row_copy_text(row, 0, context, 16);
	return RC_OK;
}

struct asking {
	char ref[RC_ID_CHARS + 1];
	char state[16];
};

static enum rc_status ask_state(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct asking *asking = arg;

	return rc_db_one(tx, &rc_sql_office_registration_state,
			 RC_DB_VALUES(RC_DB_TEXT(asking->ref)), take_state, asking->state, err);
}

static void who_is_excused_leaves_the_kiosks_and_may_come_back(void **state)
{
	struct office *office = *state;
	struct rc_change changes[32];
	struct asking asking;
	const struct rc_person person = office_person(office, "001-01");
	char id[RC_REFERENCE_ID_MAX_CHARS + 1];

	office_take(office, rc_registrations_import, "session,number\nSAFE-1,001-01\nSAFE-1,001-02\n");
	assert_int_equal(office_changes(office, changes, 32), 3);
	memcpy(id, changes[0].id, sizeof(id));

	office_take(office, rc_registrations_import, "session,number,state\nSAFE-1,001-01,请假\n");
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office_changes(office, changes, 32), 2);
	assert_int_equal(changes[0].entity, RC_ENTITY_REGISTRATION);
	assert_true(changes[0].is_deletion);
	assert_string_equal(changes[0].id, id);
	assert_int_equal(changes[0].version, 2);
	assert_int_equal(expected(office, "SAFE-1"), 1);
	rc_id_format(&person.ref, asking.ref);
	assert_int_equal(rc_db_read(office->db, ask_state, &asking, NULL), RC_OK);
	assert_string_equal(asking.state, "excused");

	/* From excused to cancelled nothing changes at a door. */
	office_take(office, rc_registrations_import, "session,number,state\nSAFE-1,001-01,cancelled\n");
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office_changes(office, changes, 32), 0);

	office_take(office, rc_registrations_import, "session,number,state\nSAFE-1,001-01,confirmed\n");
	assert_int_equal(office_changes(office, changes, 32), 2);
	assert_false(changes[0].is_deletion);
	assert_string_equal(changes[0].id, id);
	assert_int_equal(changes[0].version, 4);
	assert_int_equal(expected(office, "SAFE-1"), 2);
}

static void a_file_without_state_leaves_the_excused_excused(void **state)
{
	struct office *office = *state;
	struct rc_change changes[32];

	office_take(office, rc_registrations_import, "session,number,state\nSAFE-1,001-01,excused\n");
	assert_int_equal(office_changes(office, changes, 32), 0);
	office_take(office, rc_registrations_import, "session,number\nSAFE-1,001-01\n");
	assert_int_equal(office->import.unchanged, 1);
	assert_int_equal(expected(office, "SAFE-1"), 0);
}

static void unknown_sessions_and_people_are_told_with_their_lines(void **state)
{
	struct office *office = *state;
	struct rc_change changes[32];

	assert_int_equal(office_import(office, rc_registrations_import,
				       "session,number,state\n"
				       "SAFE-1,001-01,\n"
				       "NOPE,001-02,\n"
				       "SAFE-1,999-99,\n"
				       "NOPE,999-99,\n"
				       "SAFE-1,001-01,\n"
				       "SAFE-1,001-03,perhaps\n"),
			 RC_EFORMAT);
	assert_true(office_has_error(office, 3, "session", "no session “NOPE”"));
	assert_true(office_has_error(office, 4, "number", "no employee “999-99”"));
	assert_true(office_has_error(office, 5, "session", "no session"));
	assert_true(office_has_error(office, 5, "number", "no employee"));
	assert_true(office_has_error(office, 6, "number", "line 2 already"));
	assert_true(office_has_error(office, 7, "state", "none of"));
	assert_int_equal(office->import.errors.count, 6);
	assert_int_equal(expected(office, "SAFE-1"), 0);
	assert_int_equal(office_changes(office, changes, 32), 0);
}

static void old_numbers_register_the_same_person(void **state)
{
	struct office *office = *state;

	office_take(office, rc_people_import, "old_number,number,name\n001-01,002-01,张伟\n");
	office_take(office, rc_registrations_import, "session,number\nSAFE-1,001-01\n");
	office_take(office, rc_registrations_import, "session,number\nSAFE-1,002-01\n");
	assert_int_equal(office->import.unchanged, 1);
	assert_int_equal(expected(office, "SAFE-1"), 1);
	assert_int_equal(
	    office_import(office, rc_registrations_import,
			  "session,number\nSAFE-1,002-01\nFORK-1,002-01\nSAFE-1,001-01\n"),
	    RC_EFORMAT);
	assert_true(office_has_error(office, 4, "number", "line 2 already"));
	assert_int_equal(office->import.errors.count, 1);
}

#define SCHOOL(test) cmocka_unit_test_setup_teardown(test, set_up, office_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCHOOL(registered_people_go_down_with_the_sessions_that_expect_them),
	    SCHOOL(a_session_takes_its_registrations_to_another_site),
	    SCHOOL(the_same_file_again_publishes_nothing),
	    SCHOOL(who_is_excused_leaves_the_kiosks_and_may_come_back),
	    SCHOOL(a_file_without_state_leaves_the_excused_excused),
	    SCHOOL(unknown_sessions_and_people_are_told_with_their_lines),
	    SCHOOL(old_numbers_register_the_same_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
