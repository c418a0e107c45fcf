/* SPDX-License-Identifier: Apache-2.0 */
/* A rebuild comes to the same as what uploads made, in every column, whatever stood in the tables before. */
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#include <stdlib.h>

#define EPOCH  UINT64_C(0xabc0000000000004)
#define ROUNDS 40

/* A fixed sequence of random numbers, so that a failure can be looked at again. */
struct dice {
	uint64_t state;
};

static int roll(struct dice *dice, int sides)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((dice->state >> 33) % (uint64_t)sides);
}

static void write_something(struct journal *journal, struct school *school, struct dice *dice,
			    struct rc_buf *lines)
{
	const int session = roll(dice, 2), person = roll(dice, SCHOOL_PEOPLE);

	journal->clock.at_ms = SCHOOL_STARTS_MS + session * RC_DAY_MS +
			       roll(dice, 150) * RC_MINUTE_MS - 20 * RC_MINUTE_MS;
	journal->clock.source = roll(dice, 5) == 0 ? RC_CLOCK_NONE : RC_CLOCK_NTP;
	journal->clock.error_ms =
	    journal->clock.source == RC_CLOCK_NONE ? RC_CLOCK_ERROR_UNKNOWN : roll(dice, 600000);
	journal->clock.boot.octets[3] = (uint8_t)roll(dice, 3);
	switch (roll(dice, 8)) {
	case 0:
		journal_withdraw(journal, school, session, person, lines);
		break;
	case 1:
	case 2:
		journal_sign_out(journal, school, session, person, lines);
		break;
	case 3:
		journal_write(journal, "scan.refused", "{}", lines);
		break;
	case 4:
		journal_write(journal, RC_FACT_KIND_ATTENDANCE_SIGNED_IN, "{\"ref\":3}", lines);
		break;
	default:
		journal_sign_in(journal, school, session, person, lines);
	}
}

/* Batches of three kiosks, some of them a second time with another content: branches. */
static void make_history(struct school *school)
{
	struct dice dice = {.state = 20261124};
	struct journal journals[SCHOOL_KIOSKS];
	struct rc_buf lines;

	rc_buf_init(&lines, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES);
	for (int i = 0; i < SCHOOL_KIOSKS; i++)
		journals[i] = journal_of(school, i, EPOCH);
	for (int round = 0; round < ROUNDS; round++) {
		struct journal *journal = &journals[round % SCHOOL_KIOSKS];
		const struct journal before = *journal;
		struct journal branch = before;

		rc_buf_clear(&lines);
		for (int i = roll(&dice, 30) + 1; i > 0; i--)
			write_something(journal, school, &dice, &lines);
		journal->clock.at_ms = SCHOOL_STARTS_MS + RC_DAY_MS;
		assert_int_equal(
		    school_send(school, journal, before.seq + 1, journal->seq - before.seq, &lines).status,
		    200);
		if (round % 5 != 0)
			continue;
		rc_buf_clear(&lines);
		write_something(&branch, school, &dice, &lines);
		branch.clock.at_ms = SCHOOL_STARTS_MS + RC_DAY_MS;
		assert_int_equal(school_send(school, &branch, branch.seq, 1, &lines).branched, 1);
	}
	rc_buf_deinit(&lines);
}

static void rebuild(struct school *school, struct rc_records_rebuild_report *report)
{
	struct rc_error err = {{0}};

	school_expect(rc_records_rebuild(school->db, report, &err), &err);
}

static void spoil_nothing(struct school *school)
{
	(void)school;
}

static void spoil_every_column(struct school *school)
{
	school_exec(school, &rc_sql_school_spoil_records, RC_DB_NO_VALUES);
	school_exec(school, &rc_sql_school_spoil_events, RC_DB_NO_VALUES);
}

static void drop_everything(struct school *school)
{
	school_exec(school, &rc_sql_school_drop_events, RC_DB_NO_VALUES);
	school_exec(school, &rc_sql_school_drop_records, RC_DB_NO_VALUES);
}

static void drop_events_alone(struct school *school)
{
	school_exec(school, &rc_sql_school_drop_events, RC_DB_NO_VALUES);
}

static void add_false_event(struct school *school)
{
	uint8_t hash[RC_FACT_HASH_BYTES] = {9};
	char session[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1];

	rc_id_format(&school->sessions[0], session);
	rc_id_format(&school->people[1], ref);
	school_exec(school, &rc_sql_school_false_event,
		    RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref),
				 RC_DB_BYTES(rc_bytes_of(hash, sizeof(hash)))));
	school_exec(school, &rc_sql_school_false_event,
		    RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT("ffffffff-0000-0000-0000-000000000000"),
				 RC_DB_BYTES(rc_bytes_of(hash, sizeof(hash)))));
}

static void expect_same_after(struct school *school, void (*spoil)(struct school *school),
			      struct rc_records_rebuild_report *report)
{
	struct rc_buf live, again;

	rc_buf_init(&live, 1 << 24);
	rc_buf_init(&again, 1 << 24);
	make_history(school);
	school_dump(school, &live);
	spoil(school);
	rebuild(school, report);
	school_dump(school, &again);
	assert_true(live.size > 1000);
	assert_string_equal(rc_buf_text(&live), rc_buf_text(&again));
	rc_buf_deinit(&live);
	rc_buf_deinit(&again);
}

static void a_rebuild_of_good_tables_changes_nothing(void **state)
{
	struct rc_records_rebuild_report report;

	expect_same_after(*state, spoil_nothing, &report);
	assert_int_equal(report.facts,
			 school_number(*state, &rc_sql_school_count_facts, RC_DB_NO_VALUES));
	assert_int_equal(report.events,
			 school_number(*state, &rc_sql_school_count_events, RC_DB_NO_VALUES));
	assert_int_equal(report.records,
			 school_number(*state, &rc_sql_school_count_records, RC_DB_NO_VALUES));
	assert_true(report.unreadable > 10);
	assert_int_equal(report.dropped_events + report.dropped_records, 0);
	assert_true(school_number(*state, &rc_sql_school_count_branches, RC_DB_NO_VALUES) >= 8);
	assert_true(school_inbox(*state, "clock.unsure") > 0);
}

static void a_rebuild_mends_every_column(void **state)
{
	struct rc_records_rebuild_report report;

	expect_same_after(*state, spoil_every_column, &report);
}

static void a_rebuild_fills_empty_tables(void **state)
{
	struct rc_records_rebuild_report report;

	expect_same_after(*state, drop_everything, &report);
}

static void a_rebuild_fills_events_under_standing_records(void **state)
{
	struct rc_records_rebuild_report report;

	expect_same_after(*state, drop_events_alone, &report);
}

static void a_rebuild_drops_what_no_fact_says(void **state)
{
	struct rc_records_rebuild_report report;

	expect_same_after(*state, add_false_event, &report);
	assert_int_equal(report.dropped_events, 2);
}

static void facts_in_quarantine_do_not_count(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_records_rebuild_report report;
	struct rc_buf lines;
	char kiosk[RC_ID_CHARS + 1];

	rc_buf_init(&lines, 65536);
	rc_id_format(&school->kiosks[0], kiosk);
	school_exec(school, &rc_sql_school_kiosk_state,
		    RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_TEXT("quarantined")));
	journal_sign_in(&journal, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 200);
	rebuild(school, &report);
	assert_int_equal(report.facts, 0);
	assert_string_equal(school_record_state(school, 0, 0), "");
	rc_buf_deinit(&lines);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_rebuild_of_good_tables_changes_nothing),
	    TEST(a_rebuild_mends_every_column),
	    TEST(a_rebuild_fills_empty_tables),
	    TEST(a_rebuild_fills_events_under_standing_records),
	    TEST(a_rebuild_drops_what_no_fact_says),
	    TEST(facts_in_quarantine_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
