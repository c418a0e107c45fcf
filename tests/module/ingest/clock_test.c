/* SPDX-License-Identifier: Apache-2.0 */
/* Bad and missing clocks through a whole upload: what is stored, and who decides. */
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#include <stdio.h>

#define EPOCH UINT64_C(0xabc0000000000002)

struct stored {
	int64_t seq;
	int64_t best_ms, earliest_ms, latest_ms;
	bool is_clock_bad;
	char envelope[1024];
};

static enum rc_status take_stored(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct stored *stored = context;
	const struct rc_bytes envelope = rc_db_row_bytes(row, 0);

	(void)err;
	stored->best_ms = rc_db_row_int(row, 3);
	stored->earliest_ms = rc_db_row_int(row, 4);
	stored->latest_ms = rc_db_row_int(row, 5);
	stored->is_clock_bad = rc_db_row_bool(row, 6);
	assert_true(rc_bytes_copy_text(envelope, stored->envelope, sizeof(stored->envelope)));
	return RC_OK;
}

static enum rc_status read_stored(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct stored *stored = arg;

	return rc_db_one(tx, &rc_sql_school_fact_at,
			 RC_DB_VALUES(RC_DB_TEXT("66000000-0000-0000-0000-000000000000"),
				      RC_DB_TEXT("abc0000000000002"), RC_DB_INT(stored->seq),
				      RC_DB_INT(0)),
			 take_stored, arg, err);
}

static struct stored stored_at(struct school *school, int64_t seq)
{
	struct stored stored = {.seq = seq};
	struct rc_error err = {{0}};

	school_expect(rc_db_read(school->db, read_stored, &stored, &err), &err);
	return stored;
}

static void upload_at(struct school *school, const struct journal *journal, int64_t from,
		      const struct rc_buf *lines, int64_t now_ms)
{
	struct rc_buf body;

	rc_buf_init(&body, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES);
	journal_header(journal, from, journal->seq - from + 1, false, &body);
	rc_buf_append_bytes(&body, rc_buf_bytes(lines));
	assert_int_equal(school_upload(school, &journal->kiosk, &body, now_ms).status, 200);
	rc_buf_deinit(&body);
}

static void a_kiosk_in_1970_is_judged_by_the_time_its_upload_gives(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;
	struct stored stored;

	rc_buf_init(&lines, 65536);
	journal.clock.source = RC_CLOCK_NONE;
	journal.clock.error_ms = RC_CLOCK_ERROR_UNKNOWN;
	journal.clock.at_ms = 4000;
	journal_sign_in(&journal, school, 0, 0, &lines);
	/* The fact was written a second before; the upload comes 20 minutes into the session. */
	upload_at(school, &journal, 1, &lines, SCHOOL_STARTS_MS + 20 * RC_MINUTE_MS);
	stored = stored_at(school, 1);
	assert_int_equal(stored.best_ms, SCHOOL_STARTS_MS + 20 * RC_MINUTE_MS - RC_SECOND_MS);
	assert_non_null(strstr(stored.envelope, "1970-01-01T00:00:04.000Z"));
	assert_string_equal(school_record_state(school, 0, 0), "late");
	rc_buf_deinit(&lines);
}

static void facts_of_an_earlier_boot_use_the_anchor_of_its_own_upload(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;
	const struct rc_id first_boot = journal.clock.boot;

	rc_buf_init(&lines, 65536);
	journal.clock.source = RC_CLOCK_NONE;
	journal.clock.error_ms = RC_CLOCK_ERROR_UNKNOWN;
	journal_sign_in(&journal, school, 0, 0, &lines);
	upload_at(school, &journal, 1, &lines, SCHOOL_STARTS_MS);
	rc_buf_clear(&lines);
	journal.clock.up_ms += 5 * RC_MINUTE_MS - RC_SECOND_MS;
	journal_sign_in(&journal, school, 0, 1, &lines);
	journal.clock.boot.octets[9] = 1;
	journal.clock.up_ms = 3000;
	assert_false(rc_id_equal(&first_boot, &journal.clock.boot));
	upload_at(school, &journal, 2, &lines, SCHOOL_STARTS_MS + RC_DAY_MS);
	assert_int_equal(stored_at(school, 2).best_ms, SCHOOL_STARTS_MS + 5 * RC_MINUTE_MS - RC_SECOND_MS);
	assert_string_equal(school_record_state(school, 0, 1), "present");
	rc_buf_deinit(&lines);
}

static void a_boot_that_was_never_tied_leaves_the_decision_to_a_human(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;
	struct stored stored;

	rc_buf_init(&lines, 65536);
	journal.clock.at_ms = SCHOOL_STARTS_MS - 5 * RC_MINUTE_MS;
	journal_sign_in(&journal, school, 0, 0, &lines);
	journal.clock.source = RC_CLOCK_NONE;
	journal.clock.error_ms = RC_CLOCK_ERROR_UNKNOWN;
	journal.clock.boot.octets[9] = 1;
	journal_sign_in(&journal, school, 0, 1, &lines);
	journal.clock.boot.octets[9] = 2;
	journal.clock.up_ms = RC_MINUTE_MS;
	upload_at(school, &journal, 1, &lines, SCHOOL_STARTS_MS + RC_HOUR_MS);
	stored = stored_at(school, 2);
	assert_int_equal(stored.earliest_ms, SCHOOL_STARTS_MS - 5 * RC_MINUTE_MS - 20);
	assert_int_equal(stored.latest_ms, SCHOOL_STARTS_MS + RC_HOUR_MS - RC_MINUTE_MS);
	assert_string_equal(school_record_state(school, 0, 1), "unsure");
	assert_int_equal(school_inbox(school, "clock.unsure"), 1);
	rc_buf_deinit(&lines);
}

/* 2099 in the line as another program would have written it, with its own hash chain. */
static void a_clock_that_says_2099_is_flagged_and_its_value_kept(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines;
	struct stored stored;
	uint8_t *at;

	rc_buf_init(&lines, 65536);
	journal.clock.source = RC_CLOCK_RTC;
	journal_sign_in(&journal, school, 0, 0, &lines);
	at = memmem(lines.data, lines.size, "\"at\":\"2026", 10);
	assert_non_null(at);
	memcpy(at + 6, "2099", 4);
	upload_at(school, &journal, 1, &lines, SCHOOL_STARTS_MS + RC_MINUTE_MS);
	stored = stored_at(school, 1);
	assert_true(stored.is_clock_bad);
	assert_non_null(strstr(stored.envelope, "\"at\":\"2099"));
	assert_int_equal(stored.best_ms, SCHOOL_STARTS_MS + RC_MINUTE_MS - RC_SECOND_MS);
	assert_string_equal(school_record_state(school, 0, 0), "present");
	rc_buf_deinit(&lines);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_kiosk_in_1970_is_judged_by_the_time_its_upload_gives),
	    TEST(facts_of_an_earlier_boot_use_the_anchor_of_its_own_upload),
	    TEST(a_boot_that_was_never_tied_leaves_the_decision_to_a_human),
	    TEST(a_clock_that_says_2099_is_flagged_and_its_value_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
