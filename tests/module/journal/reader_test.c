/* SPDX-License-Identifier: Apache-2.0 */
/* The sync thread reads while the door writes: neither waits, nothing is read twice or missed, the WAL doesn't run away. */
#include "tests/module/journal/bench_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define FACTS 3000

/* What the reading thread does and finds; the writer looks at it after joining. */
struct reading {
	struct rc_journal_reader *reader;
	struct rc_journal_range range;
	int64_t lines;
	enum rc_status status;
	struct rc_error err;
};

static int64_t count_lines(struct rc_bytes text)
{
	int64_t count = 0;

	for (size_t i = 0; i < text.size; i++)
		count += text.data[i] == '\n';
	return count;
}

static void *read_to_the_end(void *argument)
{
	struct reading *reading = argument;
	struct rc_buf lines;

	rc_buf_init(&lines, 256 * 1024);
	while (reading->status == RC_OK && reading->range.from <= FACTS) {
		size_t count = 0;

		rc_buf_clear(&lines);
		reading->status =
		    rc_journal_read(reading->reader, &reading->range, &lines, &count, &reading->err);
		reading->range.from += (int64_t)count;
		reading->lines += count_lines(rc_buf_bytes(&lines));
	}
	rc_buf_deinit(&lines);
	return NULL;
}

static void reading_beside_the_writer_misses_nothing(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const long long wal_size = bench_file_size(bench, "journal/facts.db-wal");
	struct reading reading = {.reader = bench_open_reader(bench),
				  .range = {.epoch = rc_journal_head(journal).epoch,
					    .from = 1,
					    .max_lines = 100,
					    .max_bytes = 100000}};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, read_to_the_end, &reading), 0);
	while (rc_journal_head(journal).seq < FACTS) {
		bench_append(bench, journal);
		if (rc_journal_wants_checkpoint(journal))
			assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (reading.status != RC_OK)
		fail_msg("%s", reading.err.text);
	assert_int_equal(reading.lines, FACTS);
	/* A look under way keeps one checkpoint from being whole; the next makes up for it. */
	assert_true(bench_file_size(bench, "journal/facts.db-wal") <= 2 * wal_size);
	rc_journal_reader_close(reading.reader);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

/* What the verifying thread does and finds. */
struct verifying {
	const char *folder;
	atomic_bool is_over;
	int64_t faults;
	int64_t rounds;
	char first_fault[256];
	struct rc_error err;
};

static void *verify_again_and_again(void *argument)
{
	struct verifying *verifying = argument;
	struct rc_journal_report report;

	do {
		if (rc_journal_verify(verifying->folder, &report, &verifying->err) != RC_OK)
			continue;
		verifying->rounds++;
		verifying->faults += report.faults;
		if (report.faults > 0)
			memcpy(verifying->first_fault, report.first_fault, sizeof(report.first_fault));
	} while (!atomic_load(&verifying->is_over));
	return NULL;
}

static void pruning_beside_verify_is_no_fault(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct verifying verifying = {.folder = bench->folder};
	const struct rc_journal_room room = {.max_bytes = 1, .max_facts = 10};
	pthread_t thread;
	size_t removed = 1;

	while (rc_journal_head(journal).seq < FACTS)
		bench_append(bench, journal);
	bench_acknowledge(bench, journal, FACTS - 1);
	assert_int_equal(pthread_create(&thread, NULL, verify_again_and_again, &verifying), 0);
	while (removed > 0)
		assert_int_equal(rc_journal_prune(journal, &room, &removed, &bench->err), RC_OK);
	atomic_store(&verifying.is_over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	rc_journal_close(journal);
	assert_true(verifying.rounds > 0);
	if (verifying.faults > 0)
		fail_msg("%s", verifying.first_fault);
}

static void a_reader_sees_an_epoch_that_began_after_it_opened(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_reader *reader = bench_open_reader(bench);
	struct rc_journal_range range = {.from = 1, .max_lines = 10, .max_bytes = 10000};
	struct rc_buf lines;
	size_t count = 0;

	assert_int_equal(rc_journal_begin_epoch(journal, "clone", &bench->err), RC_OK);
	range.epoch = rc_journal_head(journal).epoch;
	rc_buf_init(&lines, 10000);
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_OK);
	assert_int_equal(count, 1);
	assert_non_null(strstr(rc_buf_text(&lines), "\"reason\":\"clone\",\"old_epoch\":"));
	rc_buf_deinit(&lines);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
}

static void without_a_journal_there_is_nothing_to_read(void **state)
{
	struct bench *bench = *state;
	struct rc_journal_reader *reader = NULL;

	assert_int_equal(rc_journal_reader_open(bench->folder, &reader, &bench->err), RC_ENOTFOUND);
	assert_null(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	    TEST(reading_beside_the_writer_misses_nothing),
	    TEST(pruning_beside_verify_is_no_fault),
	    TEST(a_reader_sees_an_epoch_that_began_after_it_opened),
	    TEST(without_a_journal_there_is_nothing_to_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
