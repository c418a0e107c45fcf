/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying finds what was changed behind the server's back, and says where. */
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#define EPOCH UINT64_C(0xabc0000000000005)

static struct rc_records_verify_report verify(struct school *school)
{
	struct rc_records_verify_report report;
	struct rc_error err = {{0}};

	school_expect(rc_records_verify(school->db, &report, &err), &err);
	return report;
}

/* Two chains: one of ten facts with a branch, an unread line and a signature, one of three behind a loss. */
static void make_chains(struct school *school)
{
	struct journal journal = journal_of(school, 0, EPOCH), branch,
		       other = journal_of(school, 1, EPOCH);
	struct rc_device_lost lost = {.from = 1, .to = 5, .reason = "space"};
	struct rc_buf body;

	rc_buf_init(&body, 65536);
	for (int i = 0; i < 5; i++)
		journal_sign_in(&journal, school, 0, i, &body);
	branch = journal;
	journal_sign_in(&journal, school, 0, 5, &body);
	rc_buf_append_text(&body, "no fact\n");
	journal.seq++;
	for (int i = 0; i < 3; i++)
		journal_sign_in(&journal, school, 0, i + 6, &body);
	assert_int_equal(school_send(school, &journal, 1, 10, &body).unread, 1);
	rc_buf_clear(&body);
	journal_sign_in(&branch, school, 0, 20, &body);
	assert_int_equal(school_send(school, &branch, 6, 1, &body).branched, 1);
	rc_buf_clear(&body);
	journal_header(&journal, 11, 0, false, &body);
	journal_signature(&journal, school->keys[0], &body);
	assert_int_equal(school_upload(school, &journal.kiosk, &body, SCHOOL_ENDS_MS).status, 200);
	rc_buf_clear(&body);
	other.seq = 5;
	journal_header(&other, 6, 3, false, &body);
	for (int i = 0; i < 3; i++)
		journal_sign_in(&other, school, 0, i, &body);
	rc_device_lost_encode(&lost, &body);
	assert_int_equal(school_upload(school, &other.kiosk, &body, SCHOOL_ENDS_MS).mark.through, 8);
	rc_buf_deinit(&body);
}

static void good_chains_have_no_fault(void **state)
{
	struct rc_records_verify_report report;

	make_chains(*state);
	report = verify(*state);
	assert_string_equal(report.first_fault, "");
	assert_true(rc_records_verify_is_good(&report));
	assert_int_equal(report.kiosks_and_epochs, 2);
	assert_int_equal(report.facts, 13);
	assert_int_equal(report.unread, 1);
	assert_int_equal(report.lost, 5);
	assert_int_equal(report.good_signatures, 1);
}

static void an_empty_database_has_no_fault(void **state)
{
	const struct rc_records_verify_report report = verify(*state);

	assert_true(rc_records_verify_is_good(&report));
	assert_int_equal(report.kiosks_and_epochs, 0);
}

static void an_altered_body_is_found(void **state)
{
	struct school *school = *state;
	struct rc_records_verify_report report;

	make_chains(school);
	school_exec(school, &rc_sql_school_alter_body,
		    RC_DB_VALUES(RC_DB_INT(3), RC_DB_BYTES(rc_bytes_of_text("{}"))));
	report = verify(school);
	assert_int_equal(report.altered, 1);
	assert_int_equal(report.missing + report.broken_links + report.wrong_marks, 0);
	assert_non_null(strstr(report.first_fault, "fact 3"));
	assert_false(rc_records_verify_is_good(&report));
}

static void a_fact_that_was_taken_away_is_missed(void **state)
{
	struct school *school = *state;
	struct rc_records_verify_report report;

	make_chains(school);
	school_exec(school, &rc_sql_school_drop_fact, RC_DB_VALUES(RC_DB_INT(4)));
	report = verify(school);
	assert_int_equal(report.missing, 1);
	assert_non_null(strstr(report.first_fault, "fact 4"));
}

static void the_last_fact_taken_away_is_missed_too(void **state)
{
	struct school *school = *state;
	struct rc_records_verify_report report;

	make_chains(school);
	school_exec(school, &rc_sql_school_drop_fact, RC_DB_VALUES(RC_DB_INT(10)));
	report = verify(school);
	assert_int_equal(report.missing, 1);
	assert_int_equal(report.bad_signatures, 1);
}

static void a_mark_that_names_another_fact_is_found(void **state)
{
	struct school *school = *state;
	const uint8_t hash[RC_FACT_HASH_BYTES] = {1};
	struct rc_records_verify_report report;

	make_chains(school);
	school_exec(school, &rc_sql_school_alter_mark,
		    RC_DB_VALUES(RC_DB_BYTES(rc_bytes_of(hash, sizeof(hash)))));
	report = verify(school);
	assert_int_equal(report.wrong_marks, 2);
}

static void a_signature_that_does_not_hold_is_found(void **state)
{
	struct school *school = *state;
	const uint8_t rs[RC_KEY_SIGNATURE_BYTES] = {1};
	struct rc_records_verify_report report;

	make_chains(school);
	school_exec(school, &rc_sql_school_alter_signature,
		    RC_DB_VALUES(RC_DB_BYTES(rc_bytes_of(rs, sizeof(rs)))));
	report = verify(school);
	assert_int_equal(report.bad_signatures, 1);
	assert_int_equal(report.good_signatures, 0);
}

static void a_broken_link_is_found(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 2, EPOCH);
	struct rc_records_verify_report report;
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal_sign_in(&journal, school, 0, 0, &lines);
	journal.prev[7] ^= 1;
	journal_sign_in(&journal, school, 0, 1, &lines);
	assert_int_equal(school_send(school, &journal, 1, 2, &lines).status, 200);
	report = verify(school);
	assert_int_equal(report.broken_links, 1);
	assert_non_null(strstr(report.first_fault, "fact 2"));
	rc_buf_deinit(&lines);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(good_chains_have_no_fault),
	    TEST(an_empty_database_has_no_fault),
	    TEST(an_altered_body_is_found),
	    TEST(a_fact_that_was_taken_away_is_missed),
	    TEST(the_last_fact_taken_away_is_missed_too),
	    TEST(a_mark_that_names_another_fact_is_found),
	    TEST(a_signature_that_does_not_hold_is_found),
	    TEST(a_broken_link_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
