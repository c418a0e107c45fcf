/* SPDX-License-Identifier: Apache-2.0 */
/* The one writer: who waits together is stored together, and nobody's failure is anybody else's. */
#include "tests/module/db/bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLERS 24

struct crowd {
	struct item items[CALLERS];
	char ids[CALLERS][16];
	struct caller callers[CALLERS];
};

/* Every third one carries a number that the table refuses. */
static void name_crowd(struct crowd *crowd, bool has_failures)
{
	for (int i = 0; i < CALLERS; i++) {
		(void)snprintf(crowd->ids[i], sizeof(crowd->ids[i]), "item-%02d", i);
		crowd->items[i] =
		    (struct item){.id = crowd->ids[i], .n = has_failures && i % 3 == 0 ? -1 : i};
	}
}

static void start_crowd(struct crowd *crowd, struct rc_db *db)
{
	for (int i = 0; i < CALLERS; i++)
		caller_start(&crowd->callers[i], db, insert_item, &crowd->items[i]);
	bench_await_queue(db, CALLERS);
}

static void functions_that_wait_together_share_one_commit(void **state)
{
	struct bench *bench = *state;
	const struct rc_db_statistics before = bench_statistics(bench->db);
	struct rc_db_statistics after;
	struct crowd crowd;
	struct gate gate;

	name_crowd(&crowd, false);
	gate_close(&gate, bench->db, "gate");
	start_crowd(&crowd, bench->db);
	gate_open(&gate);
	for (int i = 0; i < CALLERS; i++)
		bench_expect(caller_end(&crowd.callers[i]), RC_OK, &crowd.callers[i].err);
	after = bench_statistics(bench->db);
	assert_int_equal(after.commits - before.commits, 2); /* the gate's, and everybody else's */
	assert_int_equal(after.functions - before.functions, CALLERS + 1);
	assert_int_equal(after.functions_most, CALLERS);
	assert_int_equal(bench_count(bench->db), CALLERS + 1);
}

static void a_failing_function_takes_nothing_of_its_neighbours_away(void **state)
{
	struct bench *bench = *state;
	struct crowd crowd;
	struct gate gate;

	name_crowd(&crowd, true);
	gate_close(&gate, bench->db, "gate");
	start_crowd(&crowd, bench->db);
	gate_open(&gate);
	for (int i = 0; i < CALLERS; i++) {
		bench_expect(caller_end(&crowd.callers[i]), i % 3 == 0 ? RC_ECONFLICT : RC_OK,
			     &crowd.callers[i].err);
		assert_int_equal(bench_has(bench->db, crowd.ids[i]), i % 3 != 0);
	}
}

static enum rc_status insert_then_refuse(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const enum rc_status status = insert_item(tx, arg, err);

	return status == RC_OK ? rc_fail(err, RC_EDENIED, "changed my mind") : status;
}

static void a_function_that_returns_a_failure_leaves_nothing_behind(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	struct item item = {.id = "a"};

	bench_expect(rc_db_write(bench->db, insert_then_refuse, &item, &err), RC_EDENIED, &err);
	assert_string_equal(err.text, "changed my mind");
	assert_false(bench_has(bench->db, "a"));
	bench_insert(bench->db, "a", 1);
}

static enum rc_status refuse_without_a_word(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)tx;
	(void)arg;
	(void)err;
	return RC_EDENIED;
}

static void a_failure_without_a_word_isnt_told_in_old_ones(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {"what failed an hour ago"};

	assert_int_equal(rc_db_write(bench->db, refuse_without_a_word, NULL, &err), RC_EDENIED);
	assert_string_equal(err.text, "");
	(void)snprintf(err.text, sizeof(err.text), "what failed an hour ago");
	assert_int_equal(rc_db_read(bench->db, refuse_without_a_word, NULL, &err), RC_EDENIED);
	assert_string_equal(err.text, "");
}

static void a_full_queue_refuses_at_once(void **state)
{
	const struct rc_db_options options = {.queue_max = 2};
	struct bench *bench = *state;
	struct item items[] = {{.id = "a"}, {.id = "b"}, {.id = "c"}};
	struct caller callers[2];
	struct rc_error err = {{0}};
	struct gate gate;

	bench_reopen(bench, &options);
	gate_close(&gate, bench->db, "gate");
	caller_start(&callers[0], bench->db, insert_item, &items[0]);
	caller_start(&callers[1], bench->db, insert_item, &items[1]);
	bench_await_queue(bench->db, 2);
	bench_expect(rc_db_write(bench->db, insert_item, &items[2], &err), RC_EBUSY, &err);
	assert_int_equal(bench_statistics(bench->db).refused, 1);
	gate_open(&gate);
	bench_expect(caller_end(&callers[0]), RC_OK, &callers[0].err);
	bench_expect(caller_end(&callers[1]), RC_OK, &callers[1].err);
	assert_false(bench_has(bench->db, "c"));
}

/* ---- readers ---- */

static void a_reader_does_not_wait_for_a_writer_nor_see_its_half_done_work(void **state)
{
	struct bench *bench = *state;
	struct gate gate;

	bench_insert(bench->db, "a", 1);
	gate_close(&gate, bench->db, "half done");
	assert_int_equal(bench_count(bench->db), 1);
	gate_open(&gate);
	assert_int_equal(bench_count(bench->db), 2);
}

struct long_reading {
	struct rc_db *db;
	int64_t before, after;
};

static enum rc_status read_around_a_write(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct long_reading *reading = arg;
	struct item item = {.id = "meanwhile"};
	struct caller caller;

	EXPECT(count_items(tx, &reading->before, err) == RC_OK);
	caller_start(&caller, reading->db, insert_item, &item);
	EXPECT(caller_end(&caller) == RC_OK);
	return count_items(tx, &reading->after, err);
}

static void a_reader_sees_one_moment_and_holds_no_writer_up(void **state)
{
	struct bench *bench = *state;
	struct long_reading reading = {.db = bench->db};
	struct rc_error err = {{0}};

	bench_insert(bench->db, "a", 1);
	bench_expect(rc_db_read(bench->db, read_around_a_write, &reading, &err), RC_OK, &err);
	assert_int_equal(reading.before, 1);
	assert_int_equal(reading.after, 1);
	assert_int_equal(bench_count(bench->db), 2);
}

struct meeting {
	pthread_barrier_t *barrier;
	struct rc_db *db;
	enum rc_status status;
	pthread_t thread;
};

static enum rc_status meet(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	int64_t count;
	const enum rc_status status = count_items(tx, &count, err);

	(void)pthread_barrier_wait(arg);
	return status;
}

static void *read_and_meet(void *context)
{
	struct meeting *meeting = context;

	meeting->status = rc_db_read(meeting->db, meet, meeting->barrier, NULL);
	return NULL;
}

static void as_many_readers_as_there_are_connections_read_at_once(void **state)
{
	const struct rc_db_options options = {.reader_count = 3};
	struct bench *bench = *state;
	struct meeting meetings[3];
	pthread_barrier_t barrier;

	bench_reopen(bench, &options);
	assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
	for (int i = 0; i < 3; i++) {
		meetings[i] = (struct meeting){.barrier = &barrier, .db = bench->db};
		assert_int_equal(
		    pthread_create(&meetings[i].thread, NULL, read_and_meet, &meetings[i]), 0);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(meetings[i].thread, NULL), 0);
		assert_int_equal(meetings[i].status, RC_OK);
	}
	(void)pthread_barrier_destroy(&barrier);
}

static void *write_and_read_much(void *context)
{
	struct meeting *meeting = context;
	struct item item;
	char id[32];
	int64_t count;

	meeting->status = RC_OK;
	for (int i = 0; i < 100 && meeting->status == RC_OK; i++) {
		(void)snprintf(id, sizeof(id), "%p-%d", context, i);
		item = (struct item){.id = id};
		meeting->status = rc_db_write(meeting->db, insert_item, &item, NULL);
		if (meeting->status == RC_OK)
			meeting->status = rc_db_read(meeting->db, count_items, &count, NULL);
	}
	return NULL;
}

static void many_threads_that_write_and_read_lose_nothing(void **state)
{
	struct bench *bench = *state;
	struct meeting threads[8];

	for (size_t i = 0; i < COUNT(threads); i++) {
		threads[i] = (struct meeting){.db = bench->db};
		assert_int_equal(
		    pthread_create(&threads[i].thread, NULL, write_and_read_much, &threads[i]), 0);
	}
	for (size_t i = 0; i < COUNT(threads); i++) {
		assert_int_equal(pthread_join(threads[i].thread, NULL), 0);
		assert_int_equal(threads[i].status, RC_OK);
	}
	assert_int_equal(bench_count(bench->db), 100 * COUNT(threads));
}

/* ---- the file ---- */

static int64_t size_of(const struct bench *bench, const char *suffix)
{
	char path[128];
	struct stat found;

	(void)snprintf(path, sizeof(path), "%s%s", bench->path, suffix);
	return stat(path, &found) == 0 ? found.st_size : -1;
}

static void the_log_of_changes_is_moved_into_the_database_as_it_grows(void **state)
{
	struct bench *bench = *state;
	const size_t size = 1u << 20;
	uint8_t *data = calloc(1, size);
	struct rc_error err = {{0}};
	char id[16];

	for (int i = 0; i < 24; i++) {
		struct item item = {.id = id, .data = data, .data_size = size};

		(void)snprintf(id, sizeof(id), "%d", i);
		bench_expect(rc_db_write(bench->db, insert_item, &item, &err), RC_OK, &err);
	}
	free(data);
	assert_true(bench_statistics(bench->db).checkpoints > 0);
	assert_true(size_of(bench, "-wal") < 12 << 20);
	assert_int_equal(bench_count(bench->db), 24);
}

static void only_its_owner_may_read_the_file(void **state)
{
	struct bench *bench = *state;
	struct stat found;

	assert_int_equal(stat(bench->path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
}

static void another_process_that_writes_is_waited_for_and_then_named(void **state)
{
	const struct rc_db_options options = {.busy_ms = 10};
	struct bench *bench = *state;
	struct item item = {.id = "a"};
	struct rc_error err = {{0}};
	char path[128];
	int fd;

	bench_reopen(bench, &options);
	(void)snprintf(path, sizeof(path), "%s-writer", bench->path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	bench_expect(rc_db_write(bench->db, insert_item, &item, &err), RC_EBUSY, &err);
	assert_non_null(strstr(err.text, "another process"));
	assert_int_equal(flock(fd, LOCK_UN), 0);
	(void)close(fd);
	bench_expect(rc_db_write(bench->db, insert_item, &item, &err), RC_OK, &err);
}

static void two_handles_on_one_file_see_each_others_work(void **state)
{
	struct bench *bench = *state;
	struct rc_db *other = bench_open(bench, NULL);

	bench_insert(bench->db, "a", 1);
	bench_insert(other, "b", 1);
	assert_int_equal(bench_count(bench->db), 2);
	assert_int_equal(bench_count(other), 2);
	rc_db_close(other);
	bench_insert(bench->db, "c", 1);
	assert_int_equal(bench_count(bench->db), 3);
}

/* ---- a disk that fills up: a limit on the size of files stands for it ---- */

static void limit_files(int64_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < 0 ? limit.rlim_max : (rlim_t)bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int lift_limit(void **state)
{
	limit_files(-1);
	return bench_tear_down(state);
}

static void a_full_disk_confirms_nothing_and_the_database_recovers_by_itself(void **state)
{
	struct bench *bench = *state;
	struct item item = {.id = "after"};
	struct rc_error err = {{0}};

	bench_insert(bench->db, "before", 1);
	bench_expect(rc_db_check(bench->db, &err), RC_OK, &err);
	limit_files(size_of(bench, "-wal"));
	for (int i = 0; i < 3; i++)
		bench_expect(rc_db_write(bench->db, insert_item, &item, &err), RC_EIO, &err);
	assert_non_null(strstr(err.text, "File too large"));
	assert_non_null(strstr(err.text, bench->path));
	bench_expect(rc_db_check(bench->db, &err), RC_EIO, &err);
	assert_true(bench_has(bench->db, "before")); /* reading goes on */
	assert_false(bench_has(bench->db, "after"));

	limit_files(-1);
	bench_expect(rc_db_check(bench->db, &err), RC_OK, &err);
	bench_expect(rc_db_write(bench->db, insert_item, &item, &err), RC_OK, &err);
	bench_reopen(bench, NULL);
	assert_true(bench_has(bench->db, "before"));
	assert_true(bench_has(bench->db, "after"));
}

/* So large that SQLite must write before the commit, fails there, and ends the transaction of all by itself. */
static void a_function_too_large_for_the_disk_fails_alone(void **state)
{
	const size_t size = 24u << 20;
	struct bench *bench = *state;
	uint8_t *data = calloc(1, size);
	struct item items[] = {{.id = "a"}, {.id = "large", .data = data, .data_size = size}, {.id = "b"}};
	struct caller callers[COUNT(items)];
	struct gate gate;

	gate_close(&gate, bench->db, "gate");
	for (size_t i = 0; i < COUNT(items); i++) {
		caller_start(&callers[i], bench->db, insert_item, &items[i]);
		bench_await_queue(bench->db, i + 1);
	}
	limit_files(4 << 20);
	gate_open(&gate);
	assert_int_equal(caller_end(&callers[0]), RC_OK);
	assert_int_equal(caller_end(&callers[1]), RC_EIO);
	assert_int_equal(caller_end(&callers[2]), RC_OK);
	limit_files(-1);
	free(data);
	bench_reopen(bench, NULL);
	assert_true(bench_has(bench->db, "a"));
	assert_false(bench_has(bench->db, "large"));
	assert_true(bench_has(bench->db, "b"));
}

#define TEST(name)         cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
#define TEST_LIMITED(name) cmocka_unit_test_setup_teardown(name, bench_set_up, lift_limit)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(functions_that_wait_together_share_one_commit),
	    TEST(a_failing_function_takes_nothing_of_its_neighbours_away),
	    TEST(a_function_that_returns_a_failure_leaves_nothing_behind),
	    TEST(a_failure_without_a_word_isnt_told_in_old_ones),
	    TEST(a_full_queue_refuses_at_once),
	    TEST(a_reader_does_not_wait_for_a_writer_nor_see_its_half_done_work),
	    TEST(a_reader_sees_one_moment_and_holds_no_writer_up),
	    TEST(as_many_readers_as_there_are_connections_read_at_once),
	    TEST(many_threads_that_write_and_read_lose_nothing),
	    TEST(the_log_of_changes_is_moved_into_the_database_as_it_grows),
	    TEST(only_its_owner_may_read_the_file),
	    TEST(another_process_that_writes_is_waited_for_and_then_named),
	    TEST(two_handles_on_one_file_see_each_others_work),
	    TEST_LIMITED(a_full_disk_confirms_nothing_and_the_database_recovers_by_itself),
	    TEST_LIMITED(a_function_too_large_for_the_disk_fails_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
