/* SPDX-License-Identifier: Apache-2.0 */
/* What was acknowledged is there after a kill; the schema goes forward in steps and never back; what is no database is refused. */
#include "tests/module/db/bench.h"
#include "tests/module/db_sql/statements.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- killed ---- */

#define WRITERS      4
#define ACKNOWLEDGED 300

struct child_writer {
	struct rc_db *db;
	int number, pipe;
};

/* Writes without end, and says so after each acknowledgement. */
static void *write_and_tell(void *context)
{
	const struct child_writer *writer = context;

	for (int32_t i = 0;; i++) {
		const int32_t word = writer->number * 1000000 + i;
		char id[16];
		struct item item = {.id = id};

		(void)snprintf(id, sizeof(id), "%d", (int)word);
		if (rc_db_write(writer->db, insert_item, &item, NULL) != RC_OK)
			_exit(2);
		if (write(writer->pipe, &word, sizeof(word)) != sizeof(word))
			_exit(3);
	}
	return NULL;
}

static void run_child(const char *url, int pipe)
{
	struct child_writer writers[WRITERS];
	struct rc_db *db;
	pthread_t thread;

	if (rc_db_open(url, NULL, &db, NULL) != RC_OK)
		_exit(4);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct child_writer){.db = db, .number = i, .pipe = pipe};
		if (pthread_create(&thread, NULL, write_and_tell, &writers[i]) != 0)
			_exit(5);
	}
	for (;;)
		(void)pause();
}

/* Reads what the child acknowledged, kills it in the middle, and takes what it had said until then. */
static size_t kill_after(pid_t child, int pipe, int32_t *words, size_t max, size_t wanted)
{
	size_t count = 0;

	while (count < max && read(pipe, &words[count], sizeof(words[0])) == sizeof(words[0])) {
		if (++count == wanted)
			assert_int_equal(kill(child, SIGKILL), 0);
	}
	return count;
}

static void what_was_acknowledged_is_there_after_a_kill(void **state)
{
	static int32_t words[ACKNOWLEDGED + 20000];
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	size_t count;
	int pipes[2], how;
	pid_t child;

	rc_db_close(bench->db); /* no thread may live at a fork */
	bench->db = NULL;
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0)
		run_child(bench->url, pipes[1]);
	(void)close(pipes[1]);
	count = kill_after(child, pipes[0], words, COUNT(words), ACKNOWLEDGED);
	(void)close(pipes[0]);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);

	assert_true(count >= ACKNOWLEDGED);
	bench->db = bench_open(bench, NULL);
	for (size_t i = 0; i < count; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%d", (int)words[i]);
		assert_true(bench_has(bench->db, id));
	}
	bench_insert(bench->db, "and on it goes", 1);
	bench_expect(rc_db_check(bench->db, &err), RC_OK, &err);
}

static void what_was_written_is_there_after_a_restart(void **state)
{
	struct bench *bench = *state;

	bench_insert(bench->db, "a", 1);
	bench_reopen(bench, NULL);
	assert_true(bench_has(bench->db, "a"));
	assert_int_equal(bench_count(bench->db), 1);
}

/* ---- migrations ---- */

static struct rc_db *open_empty(const struct bench *bench, const char *name)
{
	struct rc_error err = {{0}};
	struct rc_db *db = NULL;
	char url[160];

	(void)snprintf(url, sizeof(url), "sqlite:%s/%s", bench->folder, name);
	bench_expect(rc_db_open(url, NULL, &db, &err), RC_OK, &err);
	return db;
}

static enum rc_status insert_later(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db_exec(tx, &rc_sql_bench_later_insert, RC_DB_VALUES(RC_DB_INT(1)), err);
}

static void the_schema_goes_forward_one_step_at_a_time(void **state)
{
	struct rc_db *db = open_empty(*state, "steps.db");
	struct rc_error err = {{0}};

	bench_expect(rc_db_migrate(db, rc_sql_bench_migrations, 1, &err), RC_OK, &err);
	bench_insert(db, "kept", 1);
	bench_expect(rc_db_write(db, insert_later, NULL, &err), RC_EBUG, &err);
	assert_non_null(strstr(err.text, "no such table: later"));
	bench_expect(rc_db_migrate(db, rc_sql_bench_migrations, 2, &err), RC_OK, &err);
	bench_expect(rc_db_migrate(db, rc_sql_bench_migrations, 2, &err), RC_OK, &err);
	bench_expect(rc_db_write(db, insert_later, NULL, &err), RC_OK, &err);
	assert_true(bench_has(db, "kept"));
	rc_db_close(db);
}

static void a_database_newer_than_the_program_is_refused_and_left_alone(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};

	bench_insert(bench->db, "a", 1);
	bench_expect(rc_db_migrate(bench->db, rc_sql_bench_migrations, 1, &err), RC_ECONFLICT, &err);
	assert_non_null(strstr(err.text, "newer than this program"));
	assert_non_null(strstr(err.text, "0002_later"));
	assert_true(bench_has(bench->db, "a"));
	bench_expect(rc_db_migrate(bench->db, rc_sql_bench_migrations, rc_sql_bench_migration_count, &err),
		     RC_OK, &err);
}

static void a_step_that_fails_leaves_nothing_of_itself(void **state)
{
	const struct rc_sql_migration steps[] = {
	    rc_sql_bench_migrations[0],
	    {.number = 2,
	     .name = "0002_broken",
	     .sqlite =
		 "CREATE TABLE later (id INTEGER) STRICT; INSERT INTO nowhere (a) VALUES (1);"},
	};
	struct rc_db *db = open_empty(*state, "broken.db");
	struct rc_error err = {{0}};

	bench_expect(rc_db_migrate(db, steps, 2, &err), RC_EBUG, &err);
	assert_non_null(strstr(err.text, "schema 0002_broken"));
	assert_non_null(strstr(err.text, "no such table: nowhere"));
	bench_expect(rc_db_migrate(db, rc_sql_bench_migrations, 2, &err), RC_OK, &err);
	rc_db_close(db);
}

static void a_gap_between_steps_is_refused(void **state)
{
	struct rc_db *db = open_empty(*state, "gap.db");
	struct rc_error err = {{0}};

	bench_expect(rc_db_migrate(db, &rc_sql_bench_migrations[1], 1, &err), RC_EBUG, &err);
	assert_non_null(strstr(err.text, "after 0 comes no 0002"));
	rc_db_close(db);
}

/* ---- what can't be opened ---- */

static void expect_refusal(const char *url, enum rc_status expected, const char *text)
{
	struct rc_error err = {{0}};
	struct rc_db *db = NULL;

	bench_expect(rc_db_open(url, NULL, &db, &err), expected, &err);
	assert_null(db);
	if (strstr(err.text, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, err.text);
	assert_null(strstr(err.text, "secret"));
}

static void a_url_of_another_kind_is_refused_without_telling_its_password(void **state)
{
	(void)state;
	expect_refusal("postgresql://rollcall:secret@db/rollcall", RC_EUSAGE, "postgresql is not known");
	expect_refusal("/var/lib/rollcall.db", RC_EUSAGE, "not known");
	expect_refusal("", RC_EUSAGE, "not known");
	expect_refusal("sqlite:", RC_EUSAGE, "a file's path");
	expect_refusal("sqlite::memory:", RC_EUSAGE, "a file's path");
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	(void)state;
	expect_refusal("sqlite:/nowhere/at/all/rollcall.db", RC_ENOTFOUND, "/nowhere/at/all");
}

static void a_file_that_is_no_database_is_refused_and_left_alone(void **state)
{
	static const char text[] = "This is a letter and no database, and it is long enough to be "
				   "taken for a header of one hundred bytes.\n";
	const struct bench *bench = *state;
	char path[128], url[160], found[sizeof(text)];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/letter.db", bench->folder);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	(void)close(fd);
	expect_refusal(url, RC_EFORMAT, "not a database");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, found, sizeof(found)), sizeof(found));
	(void)close(fd);
	assert_memory_equal(found, text, sizeof(text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_acknowledged_is_there_after_a_kill),
	    TEST(what_was_written_is_there_after_a_restart),
	    TEST(the_schema_goes_forward_one_step_at_a_time),
	    TEST(a_database_newer_than_the_program_is_refused_and_left_alone),
	    TEST(a_step_that_fails_leaves_nothing_of_itself),
	    TEST(a_gap_between_steps_is_refused),
	    TEST(a_url_of_another_kind_is_refused_without_telling_its_password),
	    TEST(a_folder_that_is_not_there_is_named),
	    TEST(a_file_that_is_no_database_is_refused_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
