/* SPDX-License-Identifier: Apache-2.0 */
/* How often a function of a group runs, and functions that are handed over without a thread that waits. */
#include "tests/module/db/bench.h"

#include <semaphore.h>
#include <stdio.h>

/* An item that counts how often its function ran, and may fail before or after it is inserted. */
struct counted {
	struct item item;
	enum { FINE, FAILS_FIRST, FAILS_LAST } how;
	int runs;
};

static enum rc_status insert_counted(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct counted *counted = arg;
	enum rc_status status = RC_OK;

	counted->runs++;
	if (counted->how == FAILS_FIRST)
		return rc_fail(err, RC_EDENIED, "not wanted");
	status = insert_item(tx, &counted->item, err);
	return status == RC_OK && counted->how == FAILS_LAST ? rc_fail(err, RC_EDENIED, "too late")
							     : status;
}

/* Three that wait together, the middle one as it is told. */
static void run_three(struct rc_db *db, int round, int how, struct counted three[3])
{
	struct caller callers[3];
	char ids[3][16], gate_id[16];
	struct gate gate;

	(void)snprintf(gate_id, sizeof(gate_id), "gate-%d", round);
	gate_close(&gate, db, gate_id);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "%d-%d", round, i);
		three[i] = (struct counted){.item = {.id = ids[i]}};
		if (i == 1)
			three[i].how = how;
		caller_start(&callers[i], db, insert_counted, &three[i]);
		bench_await_queue(db, (uint64_t)i + 1);
	}
	gate_open(&gate);
	for (int i = 0; i < 3; i++) {
		const bool fails = i == 1 && how != FINE;

		bench_expect(caller_end(&callers[i]), fails ? RC_EDENIED : RC_OK, &callers[i].err);
		assert_int_equal(bench_has(db, ids[i]), !fails);
	}
}

static void who_fails_before_writing_costs_the_neighbours_nothing(void **state)
{
	struct bench *bench = *state;
	struct counted three[3];

	run_three(bench->db, 0, FAILS_FIRST, three);
	for (int i = 0; i < 3; i++)
		assert_int_equal(three[i].runs, 1);
}

static void who_fails_after_writing_makes_the_neighbours_run_again_but_once(void **state)
{
	struct bench *bench = *state;
	struct counted three[3];

	run_three(bench->db, 0, FAILS_LAST, three);
	assert_int_equal(three[0].runs, 2);
	assert_int_equal(three[1].runs, 2);
	assert_int_equal(three[2].runs, 1); /* its turn had not come yet */
	/* From now on each has a way back of its own. */
	for (int round = 1; round < 4; round++) {
		run_three(bench->db, round, FAILS_LAST, three);
		for (int i = 0; i < 3; i++)
			assert_int_equal(three[i].runs, 1);
	}
	assert_int_equal(bench_count(bench->db), 4 * 3);
}

/* ---- handed over ---- */

struct handed {
	struct rc_db_job job;
	struct item item;
	char id[16];
	sem_t *done;
};

static void note_done(struct rc_db_job *job)
{
	(void)sem_post(((struct handed *)job)->done);
}

static void hand_over(struct rc_db *db, struct handed *handed, size_t count, sem_t *done)
{
	struct rc_error err = {{0}};

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(handed[i].id, sizeof(handed[i].id), "handed-%03zu", i);
		handed[i].item = (struct item){.id = handed[i].id, .n = i % 10 == 9 ? -1 : (int64_t)i};
		handed[i].done = done;
		handed[i].job =
		    (struct rc_db_job){.fn = insert_item, .arg = &handed[i].item, .done = note_done};
		bench_expect(rc_db_submit(db, &handed[i].job, &err), RC_OK, &err);
	}
}

static void functions_without_a_thread_of_their_own_share_a_commit_too(void **state)
{
	struct bench *bench = *state;
	const struct rc_db_statistics before = bench_statistics(bench->db);
	struct handed handed[300];
	struct gate gate;
	sem_t done;

	assert_int_equal(sem_init(&done, 0, 0), 0);
	gate_close(&gate, bench->db, "gate");
	hand_over(bench->db, handed, COUNT(handed), &done);
	assert_int_not_equal(sem_trywait(&done), 0);
	gate_open(&gate);
	for (size_t i = 0; i < COUNT(handed); i++)
		assert_int_equal(sem_wait(&done), 0);
	for (size_t i = 0; i < COUNT(handed); i++) {
		const bool fails = handed[i].item.n < 0;

		bench_expect(handed[i].job.status, fails ? RC_ECONFLICT : RC_OK, &handed[i].job.err);
		assert_int_equal(bench_has(bench->db, handed[i].id), !fails);
		assert_int_equal(handed[i].job.err.text[0] != '\0', fails);
	}
	assert_int_equal(bench_statistics(bench->db).commits - before.commits, 2);
	(void)sem_destroy(&done);
}

static void what_is_handed_over_is_stored_before_the_database_closes(void **state)
{
	struct bench *bench = *state;
	struct handed handed[50];
	sem_t done;

	assert_int_equal(sem_init(&done, 0, 0), 0);
	hand_over(bench->db, handed, COUNT(handed), &done);
	bench_reopen(bench, NULL);
	for (size_t i = 0; i < COUNT(handed); i++)
		assert_int_equal(sem_trywait(&done), 0);
	assert_int_equal(bench_count(bench->db), COUNT(handed) / 10 * 9);
	(void)sem_destroy(&done);
}

static void a_full_queue_refuses_what_is_handed_over_and_never_says_done(void **state)
{
	const struct rc_db_options options = {.queue_max = 2};
	struct bench *bench = *state;
	struct handed handed[3];
	struct gate gate;
	sem_t done;

	assert_int_equal(sem_init(&done, 0, 0), 0);
	bench_reopen(bench, &options);
	gate_close(&gate, bench->db, "gate");
	hand_over(bench->db, handed, 2, &done);
	handed[2].job = (struct rc_db_job){.fn = insert_item, .arg = &handed[2].item, .done = note_done};
	assert_int_equal(rc_db_submit(bench->db, &handed[2].job, NULL), RC_EBUSY);
	gate_open(&gate);
	bench_reopen(bench, NULL);
	assert_int_equal(sem_trywait(&done), 0);
	assert_int_equal(sem_trywait(&done), 0);
	assert_int_not_equal(sem_trywait(&done), 0);
	(void)sem_destroy(&done);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_fails_before_writing_costs_the_neighbours_nothing),
	    TEST(who_fails_after_writing_makes_the_neighbours_run_again_but_once),
	    TEST(functions_without_a_thread_of_their_own_share_a_commit_too),
	    TEST(what_is_handed_over_is_stored_before_the_database_closes),
	    TEST(a_full_queue_refuses_what_is_handed_over_and_never_says_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
