/* SPDX-License-Identifier: Apache-2.0 */
/* What only PostgreSQL can do to a transaction: break off, run into another one, and leave open whether it happened. */
#include "tests/module/db/bench.h"
#include "tests/module/db_sql/statements.h"
#include "tests/sim/postgres/wire.h"

#include <libpq-fe.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- beside the program ---- */

/* Ends every other session of the database, as an administrator may at any time. */
static void end_sessions(const struct bench *bench)
{
	PGconn *connection = PQconnectdb(bench->url + strlen("postgres:"));
	PGresult *result =
	    PQexec(connection, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
			       "datname = current_database() AND pid <> pg_backend_pid()");

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) == 0)
		abort();
	PQclear(result);
	PQfinish(connection);
}

/* ---- sessions that end ---- */

struct broken {
	const struct bench *bench;
	struct item item;
	int runs;
};

static enum rc_status insert_and_break(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct broken *broken = arg;
	const enum rc_status status = insert_item(tx, &broken->item, err);

	if (broken->runs++ == 0)
		end_sessions(broken->bench);
	return status;
}

static void a_transaction_whose_session_ends_is_run_again_on_a_new_one(void **state)
{
	struct bench *bench = *state;
	struct broken broken = {.bench = bench, .item = {.id = "a"}};
	struct rc_error err = {{0}};

	bench_expect(rc_db_write(bench->db, insert_and_break, &broken, &err), RC_OK, &err);
	assert_int_equal(broken.runs, 2);
	assert_int_equal(bench_count(bench->db), 1);
}

static void a_session_that_ended_while_nobody_used_it_is_not_noticed(void **state)
{
	struct bench *bench = *state;

	bench_insert(bench->db, "a", 1);
	end_sessions(bench);
	assert_true(bench_has(bench->db, "a"));
	end_sessions(bench);
	bench_insert(bench->db, "b", 1);
	assert_int_equal(bench_count(bench->db), 2);
}

/* ---- transactions that run into each other ---- */

struct crossing {
	const char *first, *second;
	sem_t *mine, *theirs; /* each stands at its first row before either goes for its second */
	int runs;
};

static enum rc_status take(struct rc_db_tx *tx, const char *id, struct rc_error *err)
{
	return rc_db_exec(tx, &rc_sql_bench_item_take, RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(100)), err);
}

static enum rc_status take_both(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct crossing *crossing = arg;
	enum rc_status status = take(tx, crossing->first, err);

	if (crossing->runs++ == 0) {
		(void)sem_post(crossing->mine);
		(void)sem_wait(crossing->theirs);
	}
	return status == RC_OK ? take(tx, crossing->second, err) : status;
}

static enum rc_status sum_is_four(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	for (int i = 0; i < 2; i++) {
		int64_t changed = -1;
		enum rc_status status = rc_db_exec_counted(
		    tx, &rc_sql_bench_item_take,
		    RC_DB_VALUES(RC_DB_TEXT(i ? "a" : "b"), RC_DB_INT(2)), &changed, err);

		if (status != RC_OK)
			return status;
		EXPECT(changed == 0); /* it stands at 2 already */
	}
	return RC_OK;
}

static void two_that_wait_for_each_other_both_get_through(void **state)
{
	struct bench *bench = *state;
	sem_t at_a, at_b;
	struct crossing one = {"a", "b", &at_a, &at_b, 0}, other = {"b", "a", &at_b, &at_a, 0};
	struct caller callers[2];
	struct rc_error err = {{0}};

	(void)sem_init(&at_a, 0, 0);
	(void)sem_init(&at_b, 0, 0);
	bench_insert(bench->db, "a", 0);
	bench_insert(bench->db, "b", 0);
	caller_start(&callers[0], bench->db, take_both, &one);
	caller_start(&callers[1], bench->db, take_both, &other);
	bench_expect(caller_end(&callers[0]), RC_OK, &callers[0].err);
	bench_expect(caller_end(&callers[1]), RC_OK, &callers[1].err);
	assert_true(one.runs + other.runs >= 3); /* they may run into each other once more */
	bench_expect(rc_db_write(bench->db, sum_is_four, NULL, &err), RC_OK, &err);
	(void)sem_destroy(&at_a);
	(void)sem_destroy(&at_b);
}

/* ---- commits that are cut off ---- */

/* A second handle on the bench's database whose sessions go over a wire. */
static struct rc_db *open_over_wire(const struct bench *bench, struct wire **wire)
{
	const struct rc_db_options options = {.reader_count = 1};
	struct rc_error err = {{0}};
	struct rc_db *db = NULL;
	char url[256], host[160], to[256];

	assert_int_equal(sscanf(bench->url, "postgres:host=%159s", host), 1);
	(void)snprintf(to, sizeof(to), "%s/.s.PGSQL.5432", host);
	*wire = wire_open(bench->folder, to);
	(void)snprintf(url, sizeof(url), "postgres:host=%s user=rollcall dbname=%s", bench->folder,
		       strrchr(bench->folder, '-') + 1);
	bench_expect(rc_db_open(url, &options, &db, &err), RC_OK, &err);
	return db;
}

static enum rc_status insert_counting(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct broken *broken = arg;

	broken->runs++;
	return insert_item(tx, &broken->item, err);
}

static void cut_a_commit(struct bench *bench, enum wire_cut cut, int expected_runs)
{
	struct broken broken = {.item = {.id = "a"}};
	struct rc_error err = {{0}};
	struct wire *wire;
	struct rc_db *db = open_over_wire(bench, &wire);

	wire_set_cut(wire, cut);
	bench_expect(rc_db_write(db, insert_counting, &broken, &err), RC_OK, &err);
	assert_int_equal(wire_cuts(wire), 1);
	assert_int_equal(broken.runs, expected_runs);
	assert_int_equal(bench_count(bench->db), 1);
	rc_db_close(db);
	wire_close(wire);
}

static void a_commit_whose_answer_was_lost_is_not_run_again(void **state)
{
	cut_a_commit(*state, WIRE_CUT_AFTER_COMMIT, 1);
}

static void a_commit_that_never_arrived_is_run_again(void **state)
{
	cut_a_commit(*state, WIRE_CUT_BEFORE_COMMIT, 2);
}

/* ---- the order of log numbers ---- */

struct numbering {
	const char *id;
	int64_t number;
	sem_t *has_number, *may_end; /* NULL: it doesn't wait */
};

/* An item that carries its log number, taken last as the rule says. */
static enum rc_status insert_numbered(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct numbering *numbering = arg;
	enum rc_status status = rc_db_log_take(tx, "change", 1, &numbering->number, err);
	struct item item = {.id = numbering->id, .n = numbering->number};

	if (status == RC_OK && numbering->has_number) {
		(void)sem_post(numbering->has_number);
		(void)sem_wait(numbering->may_end);
	}
	return status == RC_OK ? insert_item(tx, &item, err) : status;
}

static enum rc_status keep_highest(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	int64_t *seen = context;

	(void)err;
	seen[0]++;
	if (rc_db_row_int(row, 1) > seen[1])
		seen[1] = rc_db_row_int(row, 1);
	return RC_OK;
}

/* seen[0] numbers are there, the highest is seen[1]: without a hole both are the same. */
static enum rc_status look_at_log(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	int64_t *seen = arg;

	seen[0] = seen[1] = 0;
	return rc_db_query(tx, &rc_sql_bench_items, RC_DB_NO_VALUES, keep_highest, seen, err);
}

static void no_reader_sees_a_number_before_all_that_are_smaller(void **state)
{
	struct bench *bench = *state;
	struct rc_db *second = bench_open(bench, NULL);
	sem_t has_number, may_end;
	struct numbering slow = {.id = "slow", .has_number = &has_number, .may_end = &may_end};
	struct numbering quick = {.id = "quick"};
	struct caller callers[2];
	int64_t seen[2];
	struct rc_error err = {{0}};

	(void)sem_init(&has_number, 0, 0);
	(void)sem_init(&may_end, 0, 0);
	caller_start(&callers[0], bench->db, insert_numbered, &slow);
	(void)sem_wait(&has_number);
	caller_start(&callers[1], second, insert_numbered, &quick);
	for (int i = 0; i < 50; i++) {
		bench_expect(rc_db_read(second, look_at_log, seen, &err), RC_OK, &err);
		assert_int_equal(seen[0], 0); /* nobody has passed the one that holds the log */
	}
	(void)sem_post(&may_end);
	do {
		bench_expect(rc_db_read(second, look_at_log, seen, &err), RC_OK, &err);
		assert_int_equal(seen[0], seen[1]);
	} while (seen[0] < 2);
	bench_expect(caller_end(&callers[0]), RC_OK, &callers[0].err);
	bench_expect(caller_end(&callers[1]), RC_OK, &callers[1].err);
	assert_true(slow.number == 1 && quick.number == 2);
	rc_db_close(second);
	(void)sem_destroy(&has_number);
	(void)sem_destroy(&may_end);
}

/* ---- news ---- */

static void tell(void *context)
{
	(void)sem_post((sem_t *)context);
}

static enum rc_status wait_for_no_numbers(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct item item = {.id = "quiet"};

	(void)arg;
	return insert_item(tx, &item, err);
}

static void another_process_hears_of_numbers_that_were_committed(void **state)
{
	struct bench *bench = *state;
	struct rc_db *second = bench_open(bench, NULL);
	struct numbering numbering = {.id = "a"};
	struct rc_db_listener *listener = NULL;
	struct rc_error err = {{0}};
	sem_t heard;
	const struct rc_db_hearer hearer = {tell, &heard};

	(void)sem_init(&heard, 0, 0);
	bench_expect(rc_db_listen(second, bench->url, &hearer, &listener, &err), RC_OK, &err);
	(void)sem_wait(&heard); /* it listens: what was before may have been missed */
	bench_expect(rc_db_write(bench->db, wait_for_no_numbers, NULL, &err), RC_OK, &err);
	bench_expect(rc_db_write(bench->db, insert_numbered, &numbering, &err), RC_OK, &err);
	(void)sem_wait(&heard);
	end_sessions(bench); /* the listener's, too: it comes back and says so */
	(void)sem_wait(&heard);
	rc_db_listen_end(second, listener);
	assert_int_equal(sem_trywait(&heard), -1); /* nothing was heard of the transaction without numbers */
	rc_db_close(second);
	(void)sem_destroy(&heard);
}

static void a_listener_is_told_where_no_postgresql_is_meant(void **state)
{
	struct bench *bench = *state;
	struct rc_db_listener *listener = NULL;
	const struct rc_db_hearer hearer = {tell, NULL};
	struct rc_error err = {{0}};

	bench_expect(rc_db_listen(bench->db, "sqlite:/tmp/x", &hearer, &listener, &err), RC_EUSAGE, &err);
	assert_null(listener);
}

/* ---- submitted work ---- */

struct submitted {
	struct rc_db_job job; /* first: `done` gets its address */
	struct item item;
	char id[8];
	sem_t *ended;
};

static void tell_end(struct rc_db_job *job)
{
	(void)sem_post(((struct submitted *)job)->ended);
}

static void submitted_work_is_done_by_other_threads_and_told(void **state)
{
	struct bench *bench = *state;
	struct submitted jobs[40];
	struct rc_error err = {{0}};
	sem_t ended;

	(void)sem_init(&ended, 0, 0);
	for (size_t i = 0; i < COUNT(jobs); i++) {
		jobs[i] = (struct submitted){.ended = &ended};
		(void)snprintf(jobs[i].id, sizeof(jobs[i].id), "%zu", i);
		jobs[i].item = (struct item){.id = jobs[i].id, .n = i == 7 ? -1 : 1};
		jobs[i].job =
		    (struct rc_db_job){.fn = insert_item, .arg = &jobs[i].item, .done = tell_end};
		bench_expect(rc_db_submit(bench->db, &jobs[i].job, &err), RC_OK, &err);
	}
	for (size_t i = 0; i < COUNT(jobs); i++)
		(void)sem_wait(&ended);
	for (size_t i = 0; i < COUNT(jobs); i++)
		bench_expect(jobs[i].job.status, i == 7 ? RC_ECONFLICT : RC_OK, &jobs[i].job.err);
	assert_int_equal(bench_count(bench->db), COUNT(jobs) - 1);
	(void)sem_destroy(&ended);
}

/* ---- settings ---- */

static void a_database_that_is_not_there_is_said_at_the_start(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	struct rc_db *db = NULL;
	char url[256];

	(void)snprintf(url, sizeof(url), "%s-not", bench->url);
	bench_expect(rc_db_open(url, NULL, &db, &err), RC_EBUSY, &err);
	assert_non_null(strstr(err.text, "PostgreSQL: "));
	assert_non_null(strstr(err.text, "does not exist"));
	assert_null(strchr(err.text, '\n'));
}

static void its_own_tools_make_copies(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};

	bench_expect(rc_db_copy(bench->url, "/nowhere", &err), RC_EUSAGE, &err);
	assert_non_null(strstr(err.text, "pg_dump"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_transaction_whose_session_ends_is_run_again_on_a_new_one),
	    T(a_session_that_ended_while_nobody_used_it_is_not_noticed),
	    T(two_that_wait_for_each_other_both_get_through),
	    T(a_commit_whose_answer_was_lost_is_not_run_again),
	    T(a_commit_that_never_arrived_is_run_again),
	    T(no_reader_sees_a_number_before_all_that_are_smaller),
	    T(another_process_hears_of_numbers_that_were_committed),
	    T(a_listener_is_told_where_no_postgresql_is_meant),
	    T(submitted_work_is_done_by_other_threads_and_told),
	    T(a_database_that_is_not_there_is_said_at_the_start),
	    T(its_own_tools_make_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
