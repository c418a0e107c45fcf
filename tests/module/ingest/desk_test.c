/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator says is a fact like any other: chained, verified, rebuilt, and told to kiosks. */
#include "server/ingest/desk.h"

#include "server/changes/changes.h"
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#define EPOCH  UINT64_C(0xde5c000000000001)
#define NOW_MS (SCHOOL_ENDS_MS + RC_HOUR_MS)

struct saying {
	struct rc_desk_statement statement;
	bool is_withdrawal;
};

static enum rc_status say_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct saying *saying = arg;

	return saying->is_withdrawal ? rc_desk_withdraw_in(tx, &saying->statement, err)
				     : rc_desk_mark_in(tx, &saying->statement, err);
}

static void say(struct school *school, struct saying saying, int person)
{
	char site[RC_ID_CHARS + 1];
	struct rc_error err = {{0}};

	rc_id_format(&school->site, site);
	saying.statement.session = school->sessions[0];
	saying.statement.session_version = 1;
	saying.statement.site = site;
	saying.statement.ref = school->people[person];
	saying.statement.actor = "hr";
	saying.statement.note = "was \"there\"";
	if (saying.statement.clock.at_ms == 0)
		saying.statement.clock.at_ms = NOW_MS;
	saying.statement.clock.boot = school->sessions[1];
	saying.statement.clock.source = RC_CLOCK_NTP;
	school_expect(rc_db_write(school->db, say_in, &saying, &err), &err);
}

static void mark(struct school *school, int person, int64_t came_ms)
{
	say(school, (struct saying){.statement = {.reason = "forgotten_badge", .came_ms = came_ms}},
	    person);
}

static void withdraw(struct school *school, int person)
{
	say(school, (struct saying){.statement = {.reason = "mistake"}, .is_withdrawal = true}, person);
}

static void scan(struct school *school, struct journal *journal, int person)
{
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal_sign_in(journal, school, 0, person, &lines);
	assert_int_equal(school_send(school, journal, journal->seq, 1, &lines).status, 200);
	rc_buf_deinit(&lines);
}

static struct rc_records_verify_report verify(struct school *school)
{
	struct rc_records_verify_report report;
	struct rc_error err = {{0}};

	school_expect(rc_records_verify(school->db, &report, &err), &err);
	assert_string_equal(report.first_fault, "");
	return report;
}

static int64_t audits(struct school *school, const char *action)
{
	return school_number(school, &rc_sql_school_count_audits, RC_DB_VALUES(RC_DB_TEXT(action)));
}

static void somebody_who_forgot_the_badge_is_marked_as_there_from_when_they_came(void **state)
{
	struct school *school = *state;

	mark(school, 0, SCHOOL_STARTS_MS);
	assert_string_equal(school_record_state(school, 0, 0), "present");
	mark(school, 1, SCHOOL_STARTS_MS + 20 * RC_MINUTE_MS);
	assert_string_equal(school_record_state(school, 0, 1), "late");
	assert_int_equal(audits(school, "attendance.marked"), 2);
}

static void a_mark_without_a_time_counts_from_when_it_is_made(void **state)
{
	struct school *school = *state;

	say(school,
	    (struct saying){.statement = {.reason = "other",
					  .clock = {.at_ms = SCHOOL_STARTS_MS + 2 * RC_MINUTE_MS}}},
	    0);
	assert_string_equal(school_record_state(school, 0, 0), "present");
}

static void a_wrong_mark_is_undone_and_nothing_is_erased(void **state)
{
	struct school *school = *state;
	struct rc_records_verify_report report;

	mark(school, 0, SCHOOL_STARTS_MS);
	withdraw(school, 0);
	assert_string_equal(school_record_state(school, 0, 0), "absent");
	report = verify(school);
	assert_int_equal(report.facts, 3); /* the journal's start, the mark, what takes it back */
	assert_int_equal(report.kiosks_and_epochs, 1);
	assert_int_equal(audits(school, "attendance.withdrawn"), 1);
	/* And again the other way: the mark is said later, though it speaks of a time before. */
	mark(school, 0, SCHOOL_STARTS_MS);
	assert_string_equal(school_record_state(school, 0, 0), "present");
	assert_int_equal(verify(school).facts, 4);
}

/* The kiosk's clock may be ahead of the server's. */
static void what_a_fast_clock_said_is_taken_back_too(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);

	journal.clock.at_ms = NOW_MS + 10 * RC_MINUTE_MS;
	scan(school, &journal, 0);
	withdraw(school, 0);
	assert_string_equal(school_record_state(school, 0, 0), "absent");
	mark(school, 0, SCHOOL_STARTS_MS);
	assert_string_equal(school_record_state(school, 0, 0), "present");
}

static void a_scan_after_it_was_taken_back_counts(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);

	journal.clock.at_ms = SCHOOL_STARTS_MS - 5 * RC_MINUTE_MS;
	scan(school, &journal, 0);
	say(school,
	    (struct saying){.statement = {.reason = "other_person", .clock = {.at_ms = SCHOOL_STARTS_MS}},
			    .is_withdrawal = true},
	    0);
	assert_string_equal(school_record_state(school, 0, 0), "absent");
	journal.clock.at_ms = SCHOOL_STARTS_MS + 5 * RC_MINUTE_MS;
	scan(school, &journal, 0);
	assert_string_equal(school_record_state(school, 0, 0), "present");
}

static void a_rebuild_holds_what_was_said_at_the_desk(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_records_rebuild_report report;
	struct rc_error err = {{0}};
	struct rc_buf before, after;

	rc_buf_init(&before, 1u << 20);
	rc_buf_init(&after, 1u << 20);
	scan(school, &journal, 1);
	mark(school, 0, SCHOOL_STARTS_MS);
	withdraw(school, 1);
	withdraw(school, 2);
	mark(school, 2, SCHOOL_STARTS_MS);
	school_dump(school, &before);
	school_exec(school, &rc_sql_school_spoil_events, RC_DB_NO_VALUES);
	school_exec(school, &rc_sql_school_spoil_records, RC_DB_NO_VALUES);
	school_expect(rc_records_rebuild(school->db, &report, &err), &err);
	school_dump(school, &after);
	assert_string_equal(rc_buf_text(&before), rc_buf_text(&after));
	school_exec(school, &rc_sql_school_drop_events, RC_DB_NO_VALUES);
	school_expect(rc_records_rebuild(school->db, &report, &err), &err);
	school_dump(school, &after);
	assert_string_equal(rc_buf_text(&before), rc_buf_text(&after));
	rc_buf_deinit(&before);
	rc_buf_deinit(&after);
}

static void a_server_that_was_restored_begins_another_chain(void **state)
{
	struct school *school = *state;
	struct rc_records_verify_report report;

	mark(school, 0, SCHOOL_STARTS_MS);
	school_exec(school, &rc_sql_school_server_epoch, RC_DB_VALUES(RC_DB_TEXT("00000000000000ff")));
	mark(school, 1, SCHOOL_STARTS_MS);
	mark(school, 2, SCHOOL_STARTS_MS);
	report = verify(school);
	assert_int_equal(report.kiosks_and_epochs, 2);
	assert_int_equal(report.facts, 5);
}

static void kiosks_hear_of_it(void **state)
{
	struct school *school = *state;
	int64_t before, after;

	assert_int_equal(rc_changes_head(school->db, &before, NULL), RC_OK);
	mark(school, 0, SCHOOL_STARTS_MS);
	assert_int_equal(rc_changes_head(school->db, &after, NULL), RC_OK);
	assert_int_equal(after, before + 1);
	withdraw(school, 0);
	assert_int_equal(rc_changes_head(school->db, &after, NULL), RC_OK);
	assert_int_equal(after, before + 2);
}

static void every_statement_stands_behind_the_one_before(void **state)
{
	struct school *school = *state;

	for (int i = 0; i < SCHOOL_PEOPLE; i++)
		mark(school, i, SCHOOL_STARTS_MS);
	assert_int_equal(verify(school).facts, SCHOOL_PEOPLE + 1);
	assert_int_equal(school_number(school, &rc_sql_school_count_branches, RC_DB_NO_VALUES), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(somebody_who_forgot_the_badge_is_marked_as_there_from_when_they_came),
	    TEST(a_mark_without_a_time_counts_from_when_it_is_made),
	    TEST(a_wrong_mark_is_undone_and_nothing_is_erased),
	    TEST(what_a_fast_clock_said_is_taken_back_too),
	    TEST(a_scan_after_it_was_taken_back_counts),
	    TEST(a_rebuild_holds_what_was_said_at_the_desk),
	    TEST(a_server_that_was_restored_begins_another_chain),
	    TEST(kiosks_hear_of_it),
	    TEST(every_statement_stands_behind_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
