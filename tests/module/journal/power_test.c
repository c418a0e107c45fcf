/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes at every write and every sync of what the journal does, and what was not synced is lost or torn. Whatever was
 * confirmed must be there, the chain must hold, and the journal must go on, never as "damaged".
 */
#include "shared/base/log.h"
#include "tests/module/journal/bench_folder.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/power/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUTS_MAX 2000

/* What the outside was told. */
struct promise {
	struct rc_journal_mark head;
	int64_t acknowledged;
	int64_t known_ms;
};

typedef void work(struct bench *bench, struct rc_journal *journal, struct promise *promise);

static void sign_in(struct bench *bench, struct rc_journal *journal, struct promise *promise)
{
	struct rc_journal_entry entry;

	for (int i = 0; i < 3; i++) {
		if (rc_journal_append(
			journal,
			&(struct rc_journal_statement){"attendance.signed_in", 1, bench_body(i)},
			&bench->now, &entry, NULL) != RC_OK)
			return;
		promise->head = rc_journal_head(journal);
	}
}

static void acknowledge(struct bench *bench, struct rc_journal *journal, struct promise *promise)
{
	const struct rc_journal_mark head = rc_journal_head(journal);

	(void)bench;
	if (rc_journal_acknowledge(journal, head.epoch, head.seq, head.hash, NULL) == RC_OK)
		promise->acknowledged = head.seq;
}

static void checkpoint(struct bench *bench, struct rc_journal *journal, struct promise *promise)
{
	if (rc_journal_checkpoint(journal, NULL) == RC_OK)
		sign_in(bench, journal, promise);
}

static void prune(struct bench *bench, struct rc_journal *journal, struct promise *promise)
{
	const struct rc_journal_room room = {.least_free_bytes = INT64_C(1) << 40, .max_facts = 5};
	size_t removed = 1;

	acknowledge(bench, journal, promise);
	for (int i = 0; i < 20 && removed > 0; i++) {
		if (rc_journal_prune(journal, &room, &removed, NULL) != RC_OK)
			return;
		promise->head = rc_journal_head(journal);
	}
}

static void begin_epoch(struct bench *bench, struct rc_journal *journal, struct promise *promise)
{
	if (rc_journal_begin_epoch(journal, "behind", NULL) == RC_OK)
		promise->head = rc_journal_head(journal);
	sign_in(bench, journal, promise);
}

static void put_state(struct bench *bench, struct rc_journal *journal, struct promise *promise)
{
	(void)bench;
	for (int64_t ms = 1; ms < 4; ms++) {
		if (rc_journal_state_put_int(journal, "time.known", ms, NULL) == RC_OK)
			promise->known_ms = ms;
	}
}

static void begin(struct bench *bench)
{
	rc_power_install();
	bench->options.vfs = RC_POWER_VFS;
	bench->options.wal_bytes = 64 * 1024;
}

/* True if everything that was promised is there. */
static bool is_kept(struct bench *bench, const struct promise *promise)
{
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_reader *reader = bench_open_reader(bench);
	uint8_t hash[RC_FACT_HASH_BYTES];
	int64_t known_ms = 0;
	bool is_there = rc_journal_found(journal) == RC_JOURNAL_FOUND_WHOLE;

	is_there =
	    is_there &&
	    rc_journal_hash_at(reader, promise->head.epoch, promise->head.seq, hash, NULL) == RC_OK &&
	    memcmp(hash, promise->head.hash, sizeof(hash)) == 0;
	is_there = is_there && rc_journal_last_acknowledged(journal).seq >= promise->acknowledged;
	if (promise->known_ms > 0)
		is_there = is_there &&
			   rc_journal_state_get_int(journal, "time.known", &known_ms, NULL) == RC_OK &&
			   known_ms >= promise->known_ms;
	bench_append(bench, journal);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
	return is_there && bench_verify(bench).faults == 0;
}

/* One run with a cut at the n-th operation; false if the work was done before. `*kept` says whether promises were. */
static bool run_with_cut(struct bench *bench, work *what, long operation, enum rc_power_loss loss,
			 bool *kept)
{
	struct rc_journal *journal = bench_open(bench);
	struct promise promise = {.acknowledged = 0};
	bool was_cut;

	for (int i = 0; i < 12; i++)
		bench_append(bench, journal);
	promise.head = rc_journal_head(journal);
	rc_power_cut_at(operation);
	what(bench, journal, &promise);
	was_cut = rc_power_is_cut();
	rc_power_cut_at(1); /* closing doesn't help either */
	rc_journal_close(journal);
	rc_power_restore(loss, (uint32_t)operation);
	*kept = is_kept(bench, &promise);
	return was_cut;
}

/* How many of all cuts break a promise. */
static long count_broken(struct bench *bench, work *what, enum rc_power_loss loss)
{
	long broken = 0;

	for (long operation = 1;; operation++) {
		bool kept = false;
		void *state = NULL;
		struct bench *fresh;
		bool was_cut;

		assert_true(operation < CUTS_MAX);
		assert_int_equal(bench_setup(&state), 0);
		fresh = state;
		begin(fresh);
		fresh->options.is_unsynced = bench->options.is_unsynced;
		was_cut = run_with_cut(fresh, what, operation, loss, &kept);
		if (!kept) {
			if (!bench->options.is_unsynced)
				print_message("# broken at operation %ld\n", operation);
			broken++;
		}
		(void)bench_teardown(&state);
		if (!was_cut)
			return broken;
	}
}

static void assert_survives(void **state, work *what)
{
	assert_int_equal(count_broken(*state, what, RC_POWER_DROPPED), 0);
	assert_int_equal(count_broken(*state, what, RC_POWER_TORN), 0);
}

static void a_power_cut_while_signing_in_loses_nothing_confirmed(void **state)
{
	assert_survives(state, sign_in);
}

static void a_power_cut_while_acknowledging_loses_nothing_confirmed(void **state)
{
	assert_survives(state, acknowledge);
}

static void a_power_cut_within_a_checkpoint_loses_nothing_confirmed(void **state)
{
	assert_survives(state, checkpoint);
}

static void a_power_cut_while_pruning_loses_nothing_confirmed(void **state)
{
	assert_survives(state, prune);
}

static void a_power_cut_while_an_epoch_begins_loses_nothing_confirmed(void **state)
{
	assert_survives(state, begin_epoch);
}

static void a_power_cut_while_state_is_put_loses_nothing_confirmed(void **state)
{
	assert_survives(state, put_state);
}

static void a_power_cut_at_the_first_start_leaves_one_that_starts(void **state)
{
	bool was_cut = true;

	(void)state;
	for (long operation = 1; was_cut; operation++) {
		struct rc_journal *journal = NULL;
		void *fresh_state = NULL;
		struct bench *fresh;

		assert_int_equal(bench_setup(&fresh_state), 0);
		fresh = fresh_state;
		begin(fresh);
		rc_power_cut_at(operation);
		if (rc_journal_open(fresh->folder, &fresh->kiosk, &fresh->options, &journal, NULL) != RC_OK)
			assert_null(journal);
		was_cut = rc_power_is_cut();
		rc_journal_close(journal);
		rc_power_restore(operation % 2 != 0 ? RC_POWER_DROPPED : RC_POWER_TORN,
				 (uint32_t)operation);
		journal = bench_open(fresh);
		assert_int_not_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_DAMAGED);
		assert_int_equal(rc_journal_head(journal).seq, 1);
		rc_journal_close(journal);
		assert_int_equal(bench_verify(fresh).faults, 0);
		(void)bench_teardown(&fresh_state);
	}
}

/* Without syncs the same cuts must break promises, or the tests above prove nothing. */
static void the_same_cuts_without_syncs_lose_facts(void **state)
{
	struct bench *bench = *state;

	bench->options.is_unsynced = true;
	assert_true(count_broken(bench, sign_in, RC_POWER_DROPPED) > 0);
}

static void after_a_failed_sync_nothing_is_confirmed_any_more(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;
	struct rc_journal_entry entry;
	struct rc_journal_mark head;

	begin(bench);
	journal = bench_open(bench);
	bench_append(bench, journal);
	head = rc_journal_head(journal);
	rc_power_fail_sync_at(1);
	assert_int_equal(rc_journal_append(journal,
					   &(struct rc_journal_statement){"x.y", 1, bench_body(1)},
					   &bench->now, &entry, &bench->err),
			 RC_EIO);
	assert_true(rc_journal_is_failed(journal));
	/* The disk is well again, and still nothing is believed. */
	assert_int_equal(rc_journal_append(journal,
					   &(struct rc_journal_statement){"x.y", 1, bench_body(2)},
					   &bench->now, &entry, &bench->err),
			 RC_EIO);
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch, head.seq, head.hash, &bench->err),
			 RC_EIO);
	assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_EIO);
	assert_int_equal(rc_journal_head(journal).seq, head.seq);
	rc_journal_close(journal);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
	assert_true(rc_journal_head(journal).seq >= head.seq);
	bench_append(bench, journal);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_full_disk_refuses_a_fact_and_takes_the_next(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;
	struct rc_journal_entry entry;

	begin(bench);
	journal = bench_open(bench);
	for (int i = 0; i < 2; i++) { /* what is synced, and the rest of its last frame behind it */
		const int64_t seq = rc_journal_head(journal).seq;

		rc_power_fill_at(1 + i);
		assert_int_equal(
		    rc_journal_append(journal, &(struct rc_journal_statement){"x.y", 1, bench_body(1)},
				      &bench->now, &entry, &bench->err),
		    RC_EIO);
		assert_non_null(strstr(bench->err.text, "disk full"));
		assert_false(rc_journal_is_failed(journal));
		assert_int_equal(rc_journal_head(journal).seq, seq);
		assert_int_equal(bench_append(bench, journal).seq, seq + 1);
	}
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void ignore_line(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	    TEST(a_power_cut_while_signing_in_loses_nothing_confirmed),
	    TEST(a_power_cut_while_acknowledging_loses_nothing_confirmed),
	    TEST(a_power_cut_within_a_checkpoint_loses_nothing_confirmed),
	    TEST(a_power_cut_while_pruning_loses_nothing_confirmed),
	    TEST(a_power_cut_while_an_epoch_begins_loses_nothing_confirmed),
	    TEST(a_power_cut_while_state_is_put_loses_nothing_confirmed),
	    TEST(a_power_cut_at_the_first_start_leaves_one_that_starts),
	    TEST(the_same_cuts_without_syncs_lose_facts),
	    TEST(after_a_failed_sync_nothing_is_confirmed_any_more),
	    TEST(a_full_disk_refuses_a_fact_and_takes_the_next),
	};

	bench_parent = rc_sim_folder_memory();
	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
