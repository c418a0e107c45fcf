/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads that are handed over: answered once each, in the order of their kiosk, as those that wait are. */
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"
#include "tests/sim/postgres/database.h"

#include <semaphore.h>
#include <string.h>

#define EPOCH   UINT64_C(0xabc0000000000003)
#define UPLOADS 30
#define FACTS   3

struct handed {
	struct rc_buf body;
	enum rc_status status;
	struct rc_ingest_answer answer;
	int calls;
	sem_t *done;
};

static void note_answer(void *context, enum rc_status status, const struct rc_ingest_answer *answer,
			const struct rc_error *err)
{
	struct handed *handed = context;

	(void)err;
	handed->status = status;
	handed->answer = *answer;
	handed->calls++;
	(void)sem_post(handed->done);
}

static void hand_over(struct school *school, const struct rc_id *kiosk, int64_t now_ms,
		      struct handed *handed)
{
	const struct rc_ingest_request request = {
	    .kiosk = *kiosk, .body = rc_buf_bytes(&handed->body), .now_ms = now_ms};

	rc_ingest_submit(school->db, &request, note_answer, handed);
}

/* As a kiosk does whose uploads need their order: SQLite's one writer keeps it for those that wait together; PostgreSQL takes them
 * side by side, so a kiosk (which has one upload under way) waits for its answer there. */
static void hand_over_next(struct school *school, const struct journal *journal, struct handed *handed)
{
	sem_t *all = handed->done, answered;

	assert_int_equal(sem_init(&answered, 0, 0), 0);
	if (rc_sim_database_is_on_postgres())
		handed->done = &answered;
	hand_over(school, &journal->kiosk, journal->clock.at_ms, handed);
	if (rc_sim_database_is_on_postgres()) {
		assert_int_equal(sem_wait(&answered), 0);
		assert_int_equal(sem_post(all), 0);
	}
	(void)sem_destroy(&answered);
}

/* The journal's next facts as an upload. */
static void write_upload(struct school *school, struct journal *journal, int64_t count,
			 struct rc_buf *body)
{
	const int64_t from = journal->seq + 1;
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	for (int64_t i = 0; i < count; i++)
		journal_sign_in(journal, school, 0, (int)(i % SCHOOL_PEOPLE), &lines);
	rc_buf_init(body, 65536);
	journal_header(journal, from, count, false, body);
	rc_buf_append_bytes(body, rc_buf_bytes(&lines));
	rc_buf_deinit(&lines);
}

static void uploads_of_one_kiosk_that_wait_together_are_stored_in_order(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct handed handed[UPLOADS];
	sem_t done;

	assert_int_equal(sem_init(&done, 0, 0), 0);
	memset(handed, 0, sizeof(handed));
	for (int i = 0; i < UPLOADS; i++) {
		handed[i].done = &done;
		write_upload(school, &journal, FACTS, &handed[i].body);
	}
	for (int i = 0; i < UPLOADS; i++)
		hand_over_next(school, &journal, &handed[i]);
	for (int i = 0; i < UPLOADS; i++)
		assert_int_equal(sem_wait(&done), 0);
	for (int i = 0; i < UPLOADS; i++) {
		assert_int_equal(handed[i].calls, 1);
		assert_int_equal(handed[i].status, RC_OK);
		assert_int_equal(handed[i].answer.status, 200);
		assert_int_equal(handed[i].answer.stored, FACTS);
		assert_int_equal(handed[i].answer.mark.through, (i + 1) * FACTS);
		rc_buf_deinit(&handed[i].body);
	}
	assert_memory_equal(handed[UPLOADS - 1].answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	(void)sem_destroy(&done);
}

static void one_that_comes_too_early_is_refused_and_takes_nothing_of_the_others(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH), other = journal_of(school, 1, EPOCH);
	struct handed first = {.calls = 0}, early = {.calls = 0}, neighbour = {.calls = 0};
	struct rc_buf skipped;
	sem_t done;

	assert_int_equal(sem_init(&done, 0, 0), 0);
	first.done = early.done = neighbour.done = &done;
	write_upload(school, &journal, FACTS, &first.body);
	write_upload(school, &journal, 1, &skipped);
	write_upload(school, &journal, FACTS, &early.body);
	write_upload(school, &other, FACTS, &neighbour.body);
	hand_over_next(school, &journal, &first);
	hand_over_next(school, &journal, &early);
	hand_over(school, &other.kiosk, other.clock.at_ms, &neighbour);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sem_wait(&done), 0);
	assert_int_equal(first.answer.status, 200);
	assert_int_equal(neighbour.answer.status, 200);
	assert_int_equal(early.status, RC_OK);
	assert_int_equal(early.answer.status, 409);
	assert_string_equal(early.answer.problem, RC_DEVICE_PROBLEM_GAP);
	assert_int_equal(early.answer.mark.through, FACTS);
	rc_buf_deinit(&first.body);
	rc_buf_deinit(&skipped);
	rc_buf_deinit(&early.body);
	rc_buf_deinit(&neighbour.body);
	(void)sem_destroy(&done);
}

static void what_needs_no_database_is_answered_at_once(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct handed handed = {.calls = 0};
	sem_t done;

	assert_int_equal(sem_init(&done, 0, 0), 0);
	handed.done = &done;
	write_upload(school, &journal, 1, &handed.body);
	hand_over(school, &school->kiosks[1], journal.clock.at_ms, &handed);
	assert_int_equal(sem_trywait(&done), 0);
	assert_int_equal(handed.status, RC_OK);
	assert_int_equal(handed.answer.status, 403);
	rc_buf_clear(&handed.body);
	rc_buf_append_text(&handed.body, "no header\n");
	hand_over(school, &journal.kiosk, journal.clock.at_ms, &handed);
	assert_int_equal(sem_trywait(&done), 0);
	assert_int_equal(handed.answer.status, 422);
	assert_int_equal(handed.calls, 2);
	rc_buf_deinit(&handed.body);
	(void)sem_destroy(&done);
}

static int64_t seen_ms(struct school *school, const struct rc_id *kiosk)
{
	char text[RC_ID_CHARS + 1];

	rc_id_format(kiosk, text);
	return school_number(school, &rc_sql_school_seen_ms, RC_DB_VALUES(RC_DB_TEXT(text)));
}

static void when_a_kiosk_was_seen_is_kept_to_the_second(void **state)
{
	static const int64_t after_ms[] = {0, 999, 1000, 1500, 900}, kept_ms[] = {0, 0, 1000, 1000, 900};
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	const int64_t begin_ms = journal.clock.at_ms;

	for (size_t i = 0; i < sizeof(after_ms) / sizeof(after_ms[0]); i++) {
		struct rc_buf body;

		write_upload(school, &journal, 1, &body);
		assert_int_equal(
		    school_upload(school, &journal.kiosk, &body, begin_ms + after_ms[i]).status, 200);
		assert_int_equal(seen_ms(school, &journal.kiosk), begin_ms + kept_ms[i]);
		rc_buf_deinit(&body);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(uploads_of_one_kiosk_that_wait_together_are_stored_in_order),
	    TEST(one_that_comes_too_early_is_refused_and_takes_nothing_of_the_others),
	    TEST(what_needs_no_database_is_answered_at_once),
	    TEST(when_a_kiosk_was_seen_is_kept_to_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
