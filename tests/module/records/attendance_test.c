/* SPDX-License-Identifier: Apache-2.0 */
/* What facts and versions come to, and the list that HR sees. */
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#include <stdio.h>

#define EPOCH UINT64_C(0xabc0000000000003)

static void send_all(struct school *school, struct journal *journal, int64_t from, struct rc_buf *lines)
{
	assert_int_equal(school_send(school, journal, from, journal->seq - from + 1, lines).status, 200);
	rc_buf_clear(lines);
}

/* Version 1, which the kiosk knew, is late after 10 minutes; version 2, the newest, after 30. */
static void the_version_that_the_kiosk_knew_judges(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal.clock.at_ms = SCHOOL_STARTS_MS + 15 * RC_MINUTE_MS;
	journal_sign_in(&journal, school, 0, 0, &lines);
	send_all(school, &journal, 1, &lines);
	assert_string_equal(school_record_state(school, 0, 0), "late");
	rc_buf_deinit(&lines);
}

static void write_sign_in_of_version(struct journal *journal, const struct school *school,
				     int person, int64_t version, struct rc_buf *lines)
{
	const struct rc_fact_attendance_signed_in fact = {.session = school->sessions[0],
							  .session_version = version,
							  .ref = school->people[person],
							  .verdict = RC_VERDICT_SIGNED_IN};
	char memory[1024];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_signed_in_encode(&fact, &body);
	journal_write(journal, RC_FACT_KIND_ATTENDANCE_SIGNED_IN, rc_buf_text(&body), lines);
}

static void an_unknown_version_is_judged_by_the_newest(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal.clock.at_ms = SCHOOL_STARTS_MS + 15 * RC_MINUTE_MS;
	write_sign_in_of_version(&journal, school, 0, 9, &lines);
	send_all(school, &journal, 1, &lines);
	assert_string_equal(school_record_state(school, 0, 0), "present");
	rc_buf_deinit(&lines);
}

static void a_withdrawn_mark_leaves_a_trail_and_no_attendance(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal_sign_in(&journal, school, 0, 0, &lines);
	journal_withdraw(&journal, school, 0, 0, &lines);
	send_all(school, &journal, 1, &lines);
	assert_string_equal(school_record_state(school, 0, 0), "absent");
	assert_int_equal(school_number(school, &rc_sql_school_count_events, RC_DB_NO_VALUES), 2);
	rc_buf_deinit(&lines);
}

static void who_leaves_early_of_a_session_that_asks_for_it_is_partial(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal.clock.at_ms = SCHOOL_STARTS_MS + RC_DAY_MS;
	journal_sign_in(&journal, school, 1, 0, &lines);
	journal.clock.at_ms += 30 * RC_MINUTE_MS;
	journal_sign_out(&journal, school, 1, 0, &lines);
	send_all(school, &journal, 1, &lines);
	assert_string_equal(school_record_state(school, 1, 0), "partial");
	rc_buf_deinit(&lines);
}

static void a_flood_of_events_of_one_person_is_bounded_and_goes_to_a_human(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;

	rc_buf_init(&lines, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES);
	for (unsigned i = 0; i <= RC_RECORDS_EVENTS_MAX; i++)
		journal_sign_in(&journal, school, 0, 0, &lines);
	send_all(school, &journal, 1, &lines);
	assert_string_equal(school_record_state(school, 0, 0), "present");
	assert_int_equal(school_inbox(school, "clock.unsure"), 1);
	rc_buf_deinit(&lines);
}

static void register_late(struct school *school, int person, const char *state, int64_t changed_ms)
{
	char session[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1], id[16];

	rc_id_format(&school->sessions[0], session);
	rc_id_format(&school->people[person], ref);
	(void)snprintf(id, sizeof(id), "reg-%d", person);
	school_exec(school, &rc_sql_school_registration,
		    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(session), RC_DB_TEXT(ref),
				 RC_DB_TEXT(state), RC_DB_INT(changed_ms)));
}

struct wanted {
	const char *number;
	bool is_found, is_registered;
	enum rc_attendance_state state;
};

static enum rc_status find_line(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	struct wanted *wanted = context;

	(void)err;
	if (strcmp(line->number, wanted->number) != 0)
		return RC_OK;
	wanted->is_found = true;
	wanted->is_registered = line->is_registered;
	wanted->state = line->record.state;
	return RC_OK;
}

static struct wanted find(struct school *school, const char *number)
{
	struct wanted wanted = {.number = number};
	struct rc_error err = {{0}};

	school_expect(rc_records_attendance_of_session(school->db, "TS-0", SCHOOL_ENDS_MS,
						       find_line, &wanted, &err),
		      &err);
	return wanted;
}

/* Person i has the number 40 - i. */
static void who_cancels_after_the_start_was_expected_and_who_did_before_was_not(void **state)
{
	struct school *school = *state;
	struct wanted late;

	register_late(school, 30, "cancelled", SCHOOL_STARTS_MS + 1);
	register_late(school, 31, "cancelled", SCHOOL_STARTS_MS - 1);
	register_late(school, 32, "excused", SCHOOL_STARTS_MS - 1);
	late = find(school, "010-01");
	assert_true(late.is_found && late.is_registered);
	assert_int_equal(late.state, RC_ATTENDANCE_ABSENT);
	assert_false(find(school, "009-01").is_found);
	assert_int_equal(find(school, "008-01").state, RC_ATTENDANCE_EXCUSED);
}

/* ---- the list ---- */

struct seen {
	int lines, expected, absent, present, walk_ins;
	char last_number[16];
	bool is_sorted;
};

static enum rc_status see(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	struct seen *seen = context;

	(void)err;
	seen->is_sorted &= strcmp(seen->last_number, line->number) < 0;
	assert_true(rc_text_copy(line->number, seen->last_number, sizeof(seen->last_number)));
	assert_true(line->is_known);
	assert_string_equal(line->department, "A");
	seen->lines++;
	seen->expected += line->record.state == RC_ATTENDANCE_EXPECTED;
	seen->absent += line->record.state == RC_ATTENDANCE_ABSENT;
	seen->present += line->record.state == RC_ATTENDANCE_PRESENT;
	seen->walk_ins += line->record.is_walk_in && !line->is_registered;
	return RC_OK;
}

static struct seen look(struct school *school, const char *session, int64_t now_ms)
{
	struct seen seen = {.is_sorted = true};
	struct rc_error err = {{0}};

	school_expect(rc_records_attendance_of_session(school->db, session, now_ms, see, &seen, &err),
		      &err);
	return seen;
}

static void the_list_holds_everybody_registered_and_seen_by_number(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;
	char id[RC_ID_CHARS + 1];
	struct seen seen;

	rc_buf_init(&lines, 65536);
	journal_sign_in(&journal, school, 0, 3, &lines);
	journal_sign_in(&journal, school, 0, 12, &lines);
	journal_sign_in(&journal, school, 0, 38, &lines);
	journal_sign_in(&journal, school, 0, 39, &lines);
	journal_withdraw(&journal, school, 0, 39, &lines);
	send_all(school, &journal, 1, &lines);
	seen = look(school, "TS-0", SCHOOL_ENDS_MS - 1);
	assert_int_equal(seen.lines, SCHOOL_REGISTERED + 1);
	assert_int_equal(seen.expected, SCHOOL_REGISTERED - 2);
	assert_int_equal(seen.present, 3);
	assert_int_equal(seen.walk_ins, 1);
	assert_true(seen.is_sorted);
	rc_id_format(&school->sessions[0], id);
	seen = look(school, id, SCHOOL_ENDS_MS);
	assert_int_equal(seen.expected, 0);
	assert_int_equal(seen.absent, SCHOOL_REGISTERED - 2);
	rc_buf_deinit(&lines);
}

static void a_session_without_anybody_has_an_empty_list_and_an_unknown_one_none(void **state)
{
	struct school *school = *state;
	struct seen seen = {.is_sorted = true};
	struct rc_error err = {{0}};

	assert_int_equal(look(school, "TS-1", SCHOOL_ENDS_MS).lines, 0);
	assert_int_equal(rc_records_attendance_of_session(school->db, "TS-9", 1, see, &seen, &err),
			 RC_ENOTFOUND);
	assert_int_equal(rc_records_attendance_of_session(
			     school->db, "99999999-0000-0000-0000-000000000000", 1, see, &seen, &err),
			 RC_ENOTFOUND);
}

static enum rc_status stop(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	(void)line;
	*(int *)context += 1;
	return rc_fail(err, RC_EDENIED, "enough");
}

static void who_reads_the_list_can_stop_it(void **state)
{
	struct school *school = *state;
	struct rc_error err = {{0}};
	int lines = 0;

	assert_int_equal(rc_records_attendance_of_session(school->db, "TS-0", 1, stop, &lines, &err),
			 RC_EDENIED);
	assert_int_equal(lines, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_version_that_the_kiosk_knew_judges),
	    TEST(an_unknown_version_is_judged_by_the_newest),
	    TEST(a_withdrawn_mark_leaves_a_trail_and_no_attendance),
	    TEST(who_leaves_early_of_a_session_that_asks_for_it_is_partial),
	    TEST(a_flood_of_events_of_one_person_is_bounded_and_goes_to_a_human),
	    TEST(who_cancels_after_the_start_was_expected_and_who_did_before_was_not),
	    TEST(the_list_holds_everybody_registered_and_seen_by_number),
	    TEST(a_session_without_anybody_has_an_empty_list_and_an_unknown_one_none),
	    TEST(who_reads_the_list_can_stop_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
