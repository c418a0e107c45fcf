/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each single piece of memory, read, write and sync of what the journal does fails once, or for good, in each way that it can.
 * What was confirmed is there afterwards, nothing is set aside, and the journal goes on.
 */
#include "shared/base/log.h"
#include "tests/faults/calls.h"
#include "tests/faults/kiosk_journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define K_MAX 20000

struct failure {
	enum calls_kind kind;
	int error;
	bool for_good;
};

static const char *error_name(int error)
{
	return error == CALLS_SHORT ? "short" : strerror(error);
}

/* One run in which the k-th call fails while `work` is done; false if there was no k-th call. */
static bool fail_work(enum kiosk_work work, const struct failure *failure, long k)
{
	struct kiosk_journal kiosk;
	struct rc_error why = {.text = ""};
	bool has_struck;

	kiosk_make(&kiosk, NULL);
	assert_int_equal(kiosk_open(&kiosk), RC_OK);
	assert_true(kiosk_prepare(&kiosk));
	calls_plan(failure->kind, k, failure->error, failure->for_good);
	(void)!kiosk_do(&kiosk, work);
	/* The disk may be well again for the next one: what it is told counts as well. */
	(void)!kiosk_do(&kiosk, KIOSK_SIGN_IN);
	has_struck = calls_heal();
	if (!kiosk_holds(&kiosk, &why))
		fail_msg("%s, call %ld of kind %d, %s: %s", kiosk_work_name(work), k,
			 (int)failure->kind, error_name(failure->error), why.text);
	kiosk_remove(&kiosk);
	return has_struck;
}

/* The same while an old journal, or a first one, is opened. */
static bool fail_opening(bool is_first, const struct failure *failure, long k)
{
	struct kiosk_journal kiosk;
	struct rc_error why = {.text = ""};
	bool has_struck;

	kiosk_make(&kiosk, NULL);
	if (!is_first) {
		assert_int_equal(kiosk_open(&kiosk), RC_OK);
		assert_true(kiosk_prepare(&kiosk));
		kiosk_close(&kiosk);
	}
	calls_plan(failure->kind, k, failure->error, failure->for_good);
	if (kiosk_open(&kiosk) == RC_OK)
		(void)!kiosk_do(&kiosk, KIOSK_SIGN_IN);
	else
		assert_null(kiosk.journal);
	has_struck = calls_heal();
	if (kiosk.journal != NULL && rc_journal_set_aside(kiosk.journal)[0] != '\0')
		fail_msg("opening, call %ld of kind %d, %s: set aside", k, (int)failure->kind,
			 error_name(failure->error));
	if (!kiosk_holds(&kiosk, &why))
		fail_msg("opening, call %ld of kind %d, %s: %s", k, (int)failure->kind,
			 error_name(failure->error), why.text);
	kiosk_remove(&kiosk);
	return has_struck;
}

static void fail_everywhere(enum kiosk_work work, const struct failure *failure)
{
	long k = 1;

	while (fail_work(work, failure, k))
		assert_true(++k < K_MAX);
}

static void fail_all_works(const struct failure *failure)
{
	for (enum kiosk_work work = KIOSK_SIGN_IN; work < KIOSK_WORKS; work++)
		fail_everywhere(work, failure);
}

/*
 * An opening makes hundreds of calls, most of them alike (pages read, the WAL filled, statements prepared). The first ones and each
 * seventh of the others are enough, unless all are asked for (./dev faults).
 */
static void fail_all_openings(const struct failure *failure, bool is_first)
{
	const long step = getenv("RC_FAULTS_ALL") != NULL ? 1 : 7;
	long k = 1;

	while (fail_opening(is_first, failure, k)) {
		k += k < 30 ? 1 : step;
		assert_true(k < K_MAX);
	}
	assert_true(k > 2); /* otherwise nothing was tried */
}

/* ---- memory ---- */

static void a_sign_in_without_memory_confirms_nothing_false(void **state)
{
	(void)state;
	fail_everywhere(KIOSK_SIGN_IN, &(struct failure){CALLS_MEMORY, 0, false});
	fail_everywhere(KIOSK_SIGN_IN, &(struct failure){CALLS_MEMORY, 0, true});
	fail_everywhere(KIOSK_SIGN_IN_MANY, &(struct failure){CALLS_MEMORY, 0, false});
}

static void an_acknowledgement_without_memory_confirms_nothing_false(void **state)
{
	(void)state;
	for (int for_good = 0; for_good < 2; for_good++) {
		const struct failure failure = {CALLS_MEMORY, 0, for_good != 0};

		fail_everywhere(KIOSK_ACKNOWLEDGE, &failure);
		fail_everywhere(KIOSK_PRUNE, &failure);
		fail_everywhere(KIOSK_CHECKPOINT, &failure);
		fail_everywhere(KIOSK_EPOCH, &failure);
		fail_everywhere(KIOSK_STATE, &failure);
	}
}

static void an_opening_without_memory_sets_nothing_aside(void **state)
{
	(void)state;
	fail_all_openings(&(struct failure){CALLS_MEMORY, 0, false}, false);
	fail_all_openings(&(struct failure){CALLS_MEMORY, 0, true}, false);
	fail_all_openings(&(struct failure){CALLS_MEMORY, 0, false}, true);
}

/* ---- files ---- */

static const struct failure file_failures[] = {
    {CALLS_READ, EIO, false},          {CALLS_READ, EINTR, false},
    {CALLS_READ, CALLS_SHORT, false},  {CALLS_READ, EIO, true},
    {CALLS_WRITE, EIO, false},         {CALLS_WRITE, ENOSPC, false},
    {CALLS_WRITE, EROFS, false},       {CALLS_WRITE, EINTR, false},
    {CALLS_WRITE, CALLS_SHORT, false}, {CALLS_WRITE, EIO, true},
    {CALLS_WRITE, ENOSPC, true},       {CALLS_WRITE, EROFS, true},
    {CALLS_WRITE, CALLS_SHORT, true},  {CALLS_SYNC, EIO, false},
    {CALLS_SYNC, ENOSPC, false},       {CALLS_SYNC, EROFS, false},
    {CALLS_SYNC, EINTR, false},        {CALLS_SYNC, EIO, true},
};
#define FILE_FAILURES (sizeof(file_failures) / sizeof(file_failures[0]))

static void a_read_write_or_sync_that_fails_confirms_nothing_false(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILE_FAILURES; i++)
		fail_all_works(&file_failures[i]);
}

static void an_opening_whose_calls_fail_sets_nothing_aside(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILE_FAILURES; i++)
		fail_all_openings(&file_failures[i], false);
}

static void a_first_opening_whose_calls_fail_starts_at_the_next_try(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILE_FAILURES; i++)
		fail_all_openings(&file_failures[i], true);
}

static void calls_that_are_interrupted_or_short_are_made_again(void **state)
{
	struct kiosk_journal kiosk;

	(void)state;
	kiosk_make(&kiosk, NULL);
	assert_int_equal(kiosk_open(&kiosk), RC_OK);
	assert_true(kiosk_prepare(&kiosk));
	calls_plan(CALLS_WRITE, 1, EINTR, false);
	assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN), RC_OK);
	assert_true(calls_heal());
	calls_plan(CALLS_WRITE, 1, CALLS_SHORT, true);
	assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN), RC_OK);
	assert_true(calls_heal());
	kiosk_remove(&kiosk);
}

static void after_a_sync_that_failed_in_any_way_nothing_is_confirmed(void **state)
{
	static const int errors[] = {EIO, ENOSPC, EROFS, EINTR};

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct kiosk_journal kiosk;

		kiosk_make(&kiosk, NULL);
		assert_int_equal(kiosk_open(&kiosk), RC_OK);
		assert_true(kiosk_prepare(&kiosk));
		calls_plan(CALLS_SYNC, 1, errors[i], false);
		assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN), RC_EIO);
		assert_true(calls_heal());
		for (enum kiosk_work work = KIOSK_SIGN_IN; work < KIOSK_WORKS; work++)
			if (work != KIOSK_PRUNE) /* may find nothing to do */
				assert_int_not_equal(kiosk_do(&kiosk, work), RC_OK);
		assert_true(rc_journal_is_failed(kiosk.journal));
		kiosk_remove(&kiosk);
	}
}

/* ---- a full disk ---- */

/* Facts until one is refused; how many were taken. */
static int fill(struct kiosk_journal *kiosk)
{
	int taken = 0;

	calls_fill_disk();
	while (kiosk_do(kiosk, KIOSK_SIGN_IN) == RC_OK) {
		assert_true(++taken < 10000);
		if (rc_journal_wants_checkpoint(kiosk->journal))
			(void)!kiosk_do(kiosk, KIOSK_CHECKPOINT);
	}
	assert_non_null(strstr(kiosk->err.text, "disk full"));
	assert_false(rc_journal_is_failed(kiosk->journal));
	return taken;
}

/* As the daemon does while space is short and nobody is at the door. */
static size_t upkeep(struct kiosk_journal *kiosk)
{
	const struct rc_journal_room room = {
	    .free_bytes = 0, .least_free_bytes = INT64_C(1) << 40, .max_facts = 20};
	size_t removed = 0;

	if (rc_journal_prune(kiosk->journal, &room, &removed, &kiosk->err) != RC_OK)
		fail_msg("%s", kiosk->err.text);
	kiosk->head = rc_journal_head(kiosk->journal);
	if (kiosk_do(kiosk, KIOSK_CHECKPOINT) != RC_OK)
		fail_msg("%s", kiosk->err.text);
	return removed;
}

static void on_a_full_disk_the_oldest_acknowledged_facts_make_room(void **state)
{
	struct kiosk_journal kiosk;
	struct rc_error why = {.text = ""};
	int64_t pruned = 0;

	(void)state;
	kiosk_make(&kiosk, NULL);
	assert_int_equal(kiosk_open(&kiosk), RC_OK);
	for (int i = 0; i < 30; i++)
		assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN_MANY), RC_OK);
	assert_int_equal(kiosk_do(&kiosk, KIOSK_ACKNOWLEDGE), RC_OK);
	assert_int_equal(kiosk_do(&kiosk, KIOSK_CHECKPOINT), RC_OK);
	calls_fill_disk();
	for (int i = 0; i < 15; i++) {
		assert_int_equal(upkeep(&kiosk), 20);
		pruned += 20;
		assert_int_equal(rc_journal_last_pruned(kiosk.journal).seq, pruned); /* the oldest, in order */
		for (int j = 0; j < 10; j++)
			assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN), RC_OK);
	}
	assert_int_equal(upkeep(&kiosk), 1);
	assert_int_equal(upkeep(&kiosk), 0); /* what isn't acknowledged stays */
	assert_true(fill(&kiosk) > 0);
	assert_true(calls_heal());
	if (!kiosk_holds(&kiosk, &why))
		fail_msg("%s", why.text);
	kiosk_remove(&kiosk);
}

static void on_a_full_disk_without_acknowledged_facts_nothing_is_confirmed_or_lost(void **state)
{
	const struct rc_journal_room room = {.free_bytes = 0, .least_free_bytes = INT64_C(1) << 40};
	struct kiosk_journal kiosk;
	struct rc_error why = {.text = ""};
	size_t removed = 1;

	(void)state;
	kiosk_make(&kiosk, NULL);
	assert_int_equal(kiosk_open(&kiosk), RC_OK);
	assert_true(fill(&kiosk) > 0);
	if (rc_journal_prune(kiosk.journal, &room, &removed, &kiosk.err) != RC_OK)
		fail_msg("%s", kiosk.err.text);
	assert_int_equal(removed, 0);
	assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN), RC_EIO);
	assert_true(calls_heal());
	assert_int_equal(kiosk_do(&kiosk, KIOSK_SIGN_IN), RC_OK); /* somebody made room */
	if (!kiosk_holds(&kiosk, &why))
		fail_msg("%s", why.text);
	kiosk_remove(&kiosk);
}

static void ignore_line(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

/* A test that ends in the middle leaves no plan to the next one. */
static int heal(void **state)
{
	(void)state;
	(void)calls_heal();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, heal)
	    TEST(a_sign_in_without_memory_confirms_nothing_false),
	    TEST(an_acknowledgement_without_memory_confirms_nothing_false),
	    TEST(an_opening_without_memory_sets_nothing_aside),
	    TEST(a_read_write_or_sync_that_fails_confirms_nothing_false),
	    TEST(an_opening_whose_calls_fail_sets_nothing_aside),
	    TEST(a_first_opening_whose_calls_fail_starts_at_the_next_try),
	    TEST(calls_that_are_interrupted_or_short_are_made_again),
	    TEST(after_a_sync_that_failed_in_any_way_nothing_is_confirmed),
	    TEST(on_a_full_disk_the_oldest_acknowledged_facts_make_room),
	    TEST(on_a_full_disk_without_acknowledged_facts_nothing_is_confirmed_or_lost),
	};

	calls_install();
	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
