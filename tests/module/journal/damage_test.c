/* SPDX-License-Identifier: Apache-2.0 */
/* Files that can't be trusted any more, folders that can't be written. */
#include "shared/base/log.h"
#include "tests/module/journal/bench_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NAME "journal/facts.db"
#define NOBODY    65534

/* A WAL that holds nothing, of the size it had. */
static void empty_wal(const struct bench *bench)
{
	const long long size = bench_file_size(bench, FILE_NAME "-wal");

	assert_int_equal(truncate(bench_path(bench, FILE_NAME "-wal"), 0), 0);
	assert_int_equal(truncate(bench_path(bench, FILE_NAME "-wal"), (off_t)size), 0);
}

/* A journal of 200 facts, closed; all of it in the database, for what the WAL still holds would hide damage (and heal it). */
static void fill(struct bench *bench)
{
	struct rc_journal *journal = bench_open(bench);

	while (rc_journal_head(journal).seq < 200) {
		bench->now.up_ms = 5000001 + rc_journal_head(journal).seq; /* findable in the file */
		bench_append(bench, journal);
	}
	assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
	rc_journal_close(journal);
	empty_wal(bench);
}

/* What must hold after any damage: the old one is set aside whole, a new one says why, and facts can be stated. */
static void assert_set_aside(struct bench *bench)
{
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_reader *reader = bench_open_reader(bench);
	struct rc_journal_range range = {
	    .epoch = rc_journal_head(journal).epoch, .from = 1, .max_lines = 1, .max_bytes = 9999};
	char name[64] = "";
	struct rc_buf lines;
	size_t count = 0;

	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_DAMAGED);
	assert_int_equal(bench_count_entries(bench, "journal.damaged-20261124T090203Z", name), 1);
	assert_string_equal(rc_journal_set_aside(journal), name);
	rc_buf_init(&lines, 10000);
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_OK);
	assert_non_null(
	    strstr(rc_buf_text(&lines), "\"b\":{\"reason\":\"damaged\",\"old_epoch\":null,"));
	assert_int_equal(bench_append(bench, journal).seq, 2);
	rc_buf_deinit(&lines);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

/* Where a text stands in the file, or -1. */
static long find_text(const struct bench *bench, const char *text)
{
	const long long size = bench_file_size(bench, FILE_NAME);
	uint8_t *content = malloc((size_t)size);
	int fd = open(bench_path(bench, FILE_NAME), O_RDONLY | O_CLOEXEC);
	const uint8_t *found;
	long place;

	assert_non_null(content);
	assert_int_equal(read(fd, content, (size_t)size), size);
	(void)close(fd);
	found = memmem(content, (size_t)size, text, strlen(text));
	place = found != NULL ? (long)(found - content) : -1;
	free(content);
	return place;
}

static void damaged_pages_are_set_aside(void **state)
{
	struct bench *bench = *state;
	uint8_t noise[4096];

	fill(bench);
	memset(noise, 0xa5, sizeof(noise));
	bench_scribble(bench, FILE_NAME, (long)(bench_file_size(bench, FILE_NAME) / 2), noise,
		       sizeof(noise));
	assert_set_aside(bench);
}

static void a_zeroed_header_is_set_aside(void **state)
{
	struct bench *bench = *state;
	static const uint8_t nothing[100];

	fill(bench);
	bench_scribble(bench, FILE_NAME, 0, nothing, sizeof(nothing));
	assert_set_aside(bench);
}

static void a_file_of_no_bytes_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	assert_int_equal(truncate(bench_path(bench, FILE_NAME), 0), 0);
	assert_set_aside(bench);
}

static void a_file_cut_in_half_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	assert_int_equal(truncate(bench_path(bench, FILE_NAME),
				  (off_t)(bench_file_size(bench, FILE_NAME) / 1024 * 512)),
			 0);
	assert_set_aside(bench);
}

static void a_deleted_file_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	assert_int_equal(unlink(bench_path(bench, FILE_NAME)), 0);
	assert_set_aside(bench);
}

static void a_deleted_wal_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	assert_int_equal(unlink(bench_path(bench, FILE_NAME "-wal")), 0);
	assert_set_aside(bench);
}

static void a_changed_newest_fact_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	bench_scribble(bench, FILE_NAME, find_text(bench, "\"roster_n\":199") + 11, "2", 1);
	assert_set_aside(bench);
}

static void a_changed_fact_in_the_middle_is_one_fault_of_verify(void **state)
{
	struct bench *bench = *state;
	struct rc_journal_report report;
	struct rc_journal *journal;

	fill(bench);
	assert_true(find_text(bench, "\"roster_n\":77}") > 0);
	bench_scribble(bench, FILE_NAME, find_text(bench, "\"roster_n\":77}") + 11, "8", 1);
	report = bench_verify(bench);
	assert_int_equal(report.faults, 1);
	assert_int_equal(report.facts, 200);
	assert_non_null(strstr(report.first_fault, "fact 78 "));
	journal = bench_open(bench);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
	rc_journal_close(journal);
}

static void a_changed_envelope_breaks_the_chain_where_it_stands(void **state)
{
	struct bench *bench = *state;
	struct rc_journal_report report;
	long place;

	fill(bench);
	place = find_text(bench, "\"up_ms\":5000050");
	assert_true(place > 0);
	bench_scribble(bench, FILE_NAME, place + 14, "9", 1);
	report = bench_verify(bench);
	/* The changed fact is still a fact; the one behind it names another predecessor. */
	assert_int_equal(report.faults, 1);
	assert_non_null(strstr(report.first_fault, "fact 51 does not follow"));
}

static void verify_reports_a_file_that_is_no_database(void **state)
{
	struct bench *bench = *state;
	static const uint8_t nothing[100];
	struct rc_journal_report report;

	fill(bench);
	bench_scribble(bench, FILE_NAME, 0, nothing, sizeof(nothing));
	report = bench_verify(bench);
	assert_true(report.faults > 0);
	assert_true(report.first_fault[0] != '\0');
	assert_int_equal(bench_count_entries(bench, "journal.damaged", NULL), 0); /* it only looks */
}

/* A file too large to be read whole at every opening. */
static void damage_met_while_running_is_set_aside_at_the_next_opening(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_statement statements[100];
	struct rc_journal_entry entries[100];
	uint64_t epoch = rc_journal_head(journal).epoch;
	uint8_t noise[4096];

	for (int i = 0; i < 100; i++)
		statements[i] = (struct rc_journal_statement){
		    .kind = "attendance.signed_in", .version = 1, .body = bench_body(7)};
	for (int i = 0; i < 200; i++)
		assert_int_equal(rc_journal_append_many(journal, statements, 100, &bench->now,
							entries, &bench->err),
				 RC_OK);
	assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
	rc_journal_close(journal);
	empty_wal(bench);
	memset(noise, 0xa5, sizeof(noise));
	for (long at = 1024 * 1024; at < 8 * 1024 * 1024; at += (long)sizeof(noise))
		bench_scribble(bench, FILE_NAME, at, noise, sizeof(noise));

	journal = bench_open(bench);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE); /* its head is */
	assert_int_equal(rc_journal_acknowledge(journal, epoch, 8000, entries[0].hash, &bench->err),
			 RC_EFORMAT);
	assert_true(rc_journal_is_failed(journal));
	assert_int_equal(rc_journal_append(journal,
					   &(struct rc_journal_statement){"x.y", 1, bench_body(1)},
					   &bench->now, entries, &bench->err),
			 RC_EFORMAT);
	rc_journal_close(journal);
	assert_set_aside(bench);
}

static void two_damages_in_one_second_have_two_names(void **state)
{
	struct bench *bench = *state;

	for (int i = 0; i < 3; i++) {
		rc_journal_close(bench_open(bench));
		assert_int_equal(unlink(bench_path(bench, FILE_NAME "-wal")), 0);
	}
	rc_journal_close(bench_open(bench));
	assert_int_equal(bench_count_entries(bench, "journal.damaged-20261124T090203Z", NULL), 3);
}

static void what_an_interrupted_making_left_is_cleared(void **state)
{
	struct bench *bench = *state;
	int fd;

	assert_int_equal(mkdir(bench_path(bench, "journal.new"), 0700), 0);
	fd = open(bench_path(bench, "journal.new/facts.db"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "half", 4), 4);
	(void)close(fd);
	rc_journal_close(bench_open(bench));
	assert_int_equal(bench_count_entries(bench, "journal.new", NULL), 0);
}

/* Runs as somebody else where that is possible (tests often run as root, whom no mode bits stop). */
static enum rc_status open_as_nobody(struct bench *bench)
{
	int wait_status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct rc_journal *journal = NULL;
		enum rc_status status;

		if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
			_exit(99);
		status = rc_journal_open(bench->folder, &bench->kiosk, &bench->options, &journal,
					 &bench->err);
		if (status == RC_OK && rc_journal_found(journal) == RC_JOURNAL_FOUND_DAMAGED)
			status = RC_EFORMAT; /* set aside and begun anew */
		rc_journal_close(journal);
		_exit((int)status);
	}
	assert_int_equal(waitpid(child, &wait_status, 0), child);
	assert_true(WIFEXITED(wait_status));
	return (enum rc_status)WEXITSTATUS(wait_status);
}

static void a_folder_that_cannot_be_written_is_an_error_and_nothing_is_moved(void **state)
{
	struct bench *bench = *state;
	enum rc_status status;

	fill(bench);
	assert_int_equal(chmod(bench->folder, 0555), 0);
	status = open_as_nobody(bench);
	assert_int_equal(chmod(bench->folder, 0700), 0);
	assert_int_equal(status, RC_EDENIED);
	assert_int_equal(bench_count_entries(bench, "journal.damaged", NULL), 0);
	rc_journal_close(bench_open(bench));
}

static void a_journal_of_the_wrong_owner_is_set_aside(void **state)
{
	struct bench *bench = *state;

	if (geteuid() != 0)
		skip(); /* only root can give a file away */
	fill(bench);
	assert_int_equal(unlink(bench_path(bench, "journal.lock")), 0);
	assert_int_equal(chown(bench->folder, NOBODY, NOBODY), 0);
	assert_int_equal(open_as_nobody(bench), RC_EFORMAT);
	assert_int_equal(bench_count_entries(bench, "journal.damaged", NULL), 1);
}

/* Changes the closed journal by SQL, as somebody with the card in their hands could: the file stays a good database. */
static void forge(const struct bench *bench, const char *sql)
{
	sqlite3 *db = NULL;
	int persist = 1;

	assert_int_equal(sqlite3_open(bench_path(bench, FILE_NAME), &db), SQLITE_OK);
	assert_int_equal(sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_newest_fact_longer_than_any_line_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	forge(bench, "UPDATE fact SET body = printf('%.*c', 20000, 'x') "
		     "WHERE place = (SELECT max(place) FROM fact)");
	assert_set_aside(bench);
}

static void more_epochs_than_a_journal_can_have_are_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	forge(bench,
	      "WITH RECURSIVE i (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM i WHERE n < 5000) "
	      "INSERT INTO epoch SELECT n, n, 0, 0, 0, zeroblob(32) FROM i");
	assert_set_aside(bench);
}

static void a_table_that_is_gone_or_is_a_view_is_set_aside(void **state)
{
	struct bench *bench = *state;

	fill(bench);
	forge(bench, "ALTER TABLE fact RENAME TO facts; CREATE VIEW fact AS SELECT * FROM facts");
	assert_set_aside(bench);
}

static void a_closed_epoch_that_ends_before_what_was_acknowledged_is_set_aside(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;

	fill(bench);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_begin_epoch(journal, "behind", &bench->err), RC_OK);
	rc_journal_close(journal);
	forge(bench, "UPDATE epoch SET acknowledged = 500 WHERE n = 1");
	assert_set_aside(bench);
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
	    TEST(damaged_pages_are_set_aside),
	    TEST(a_zeroed_header_is_set_aside),
	    TEST(a_file_of_no_bytes_is_set_aside),
	    TEST(a_file_cut_in_half_is_set_aside),
	    TEST(a_deleted_file_is_set_aside),
	    TEST(a_deleted_wal_is_set_aside),
	    TEST(a_changed_newest_fact_is_set_aside),
	    TEST(a_changed_fact_in_the_middle_is_one_fault_of_verify),
	    TEST(a_changed_envelope_breaks_the_chain_where_it_stands),
	    TEST(verify_reports_a_file_that_is_no_database),
	    TEST(damage_met_while_running_is_set_aside_at_the_next_opening),
	    TEST(two_damages_in_one_second_have_two_names),
	    TEST(what_an_interrupted_making_left_is_cleared),
	    TEST(a_folder_that_cannot_be_written_is_an_error_and_nothing_is_moved),
	    TEST(a_journal_of_the_wrong_owner_is_set_aside),
	    TEST(a_newest_fact_longer_than_any_line_is_set_aside),
	    TEST(more_epochs_than_a_journal_can_have_are_set_aside),
	    TEST(a_table_that_is_gone_or_is_a_view_is_set_aside),
	    TEST(a_closed_epoch_that_ends_before_what_was_acknowledged_is_set_aside),
	};

	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
