/* SPDX-License-Identifier: Apache-2.0 */
/* The store's promises, and the query plans of all statements of the kiosk. */
#include "firmware/journal_sql/statements.h"
#include "firmware/roster_sql/statements.h"
#include "firmware/store/files.h"
#include "firmware/store/store.h"
#include "shared/base/buf.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/power/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUT, GET, ALL, COUNT };

static const struct rc_sql_statement statements[] = {
    [PUT] = {.name = "put", .sqlite = "INSERT INTO thing (n, text, bytes) VALUES (?1, ?2, ?3)"},
    [GET] = {.name = "get", .sqlite = "SELECT text, bytes FROM thing WHERE n = ?1"},
    [ALL] = {.name = "all", .sqlite = "SELECT n FROM thing ORDER BY n"},
};
static const struct rc_sql_migration migrations[] = {
    {.number = 1,
     .name = "0001_thing",
     .sqlite = "CREATE TABLE thing (n INTEGER NOT NULL PRIMARY KEY, text TEXT) STRICT;"},
    {.number = 2, .name = "0002_bytes", .sqlite = "ALTER TABLE thing ADD COLUMN bytes BLOB;"},
};

struct bench {
	char folder[64];
	char path[96];
	struct rc_store_options options;
	struct rc_store *store;
	struct rc_error err;
};

static void must(struct bench *bench, enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), bench->err.text);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	rc_sim_folder_make(NULL, "store", bench->folder);
	(void)snprintf(bench->path, sizeof(bench->path), "%s/thing.db", bench->folder);
	bench->options = (struct rc_store_options){
	    .role = RC_STORE_WRITER,
	    .mode = RC_STORE_WAL,
	    .plan = {migrations, 2, statements, COUNT},
	    .page_bytes = 1024,
	    .wal_bytes = 65536,
	    .may_create = true,
	};
	must(bench, rc_store_open(bench->path, &bench->options, &bench->store, &bench->err));
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	rc_store_close(bench->store);
	rc_sim_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static enum rc_status put(struct bench *bench, int64_t n, const char *text)
{
	const struct rc_store_value values[] = {rc_store_int(n), rc_store_text(rc_bytes_of_text(text)),
						rc_store_bytes("\0\1\2", 3)};

	return rc_store_run(bench->store, PUT, values, NULL, &bench->err);
}

static int64_t count_rows(struct rc_store *store)
{
	RC_AUTO(rc_store_done) struct rc_store_rows rows = rc_store_look(store, ALL, NULL);
	int64_t count = 0;

	while (rc_store_next(&rows, NULL) == RC_OK)
		count++;
	return count;
}

static void values_come_back_as_they_went_in(void **state)
{
	struct bench *bench = *state;
	const struct rc_store_value key = rc_store_int(-5);
	char text[8], short_text[3];
	uint8_t bytes[3], more[4];

	must(bench, rc_store_begin(bench->store, &bench->err));
	must(bench, rc_store_end(bench->store, put(bench, -5, "007"), &bench->err));
	RC_AUTO(rc_store_done) struct rc_store_rows rows = rc_store_look(bench->store, GET, &key);
	must(bench, rc_store_next(&rows, &bench->err));
	assert_true(rc_store_get_text(&rows, 0, text, sizeof(text)));
	assert_string_equal(text, "007");
	assert_false(rc_store_get_text(&rows, 0, short_text, sizeof(short_text)));
	assert_true(rc_store_get_exact(&rows, 1, bytes, sizeof(bytes)));
	assert_memory_equal(bytes, "\0\1\2", 3);
	assert_false(rc_store_get_exact(&rows, 1, more, sizeof(more)));
	assert_int_equal(rc_store_next(&rows, &bench->err), RC_ENOTFOUND);
}

static void a_failed_transaction_leaves_nothing(void **state)
{
	struct bench *bench = *state;
	enum rc_status status;

	must(bench, rc_store_begin(bench->store, &bench->err));
	must(bench, put(bench, 1, "a"));
	status = put(bench, 1, "again");
	assert_int_equal(status, RC_ECONFLICT);
	assert_int_equal(rc_store_end(bench->store, status, &bench->err), RC_ECONFLICT);
	assert_int_equal(count_rows(bench->store), 0);
	assert_false(rc_store_is_failed(bench->store));
	must(bench, rc_store_begin(bench->store, &bench->err));
	must(bench, rc_store_end(bench->store, put(bench, 1, "b"), &bench->err));
	assert_int_equal(count_rows(bench->store), 1);
}

static void a_reader_sees_commits_and_does_not_hold_the_writer(void **state)
{
	struct bench *bench = *state;
	struct rc_store_options options = bench->options;
	struct rc_store *reader = NULL;
	int64_t before = 0, after = 0;

	options.role = RC_STORE_READER;
	options.may_create = false;
	must(bench, rc_store_open(bench->path, &options, &reader, &bench->err));
	must(bench, rc_store_data_version(reader, &before, &bench->err));
	must(bench, rc_store_begin(bench->store, &bench->err));
	must(bench, put(bench, 1, "a"));
	assert_int_equal(count_rows(reader), 0);
	must(bench, rc_store_end(bench->store, RC_OK, &bench->err));
	assert_int_equal(count_rows(reader), 1);
	must(bench, rc_store_data_version(reader, &after, &bench->err));
	assert_true(before != after);
	rc_store_close(reader);
}

static void a_second_writer_waits_at_begin_and_no_later(void **state)
{
	struct bench *bench = *state;
	struct rc_store *second = NULL;

	must(bench, rc_store_open(bench->path, &bench->options, &second, &bench->err));
	must(bench, rc_store_begin(bench->store, &bench->err));
	assert_int_equal(rc_store_begin(second, &bench->err), RC_EBUSY);
	must(bench, rc_store_end(bench->store, RC_OK, &bench->err));
	must(bench, rc_store_begin(second, &bench->err));
	must(bench, rc_store_end(second, RC_OK, &bench->err));
	rc_store_close(second);
}

static void a_schema_is_brought_up_once_and_a_newer_one_is_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_store_options options = bench->options;

	rc_store_close(bench->store);
	bench->store = NULL;
	options.plan.migration_count = 1;
	options.plan.statement_count = 0;
	assert_int_equal(rc_store_open(bench->path, &options, &bench->store, &bench->err), RC_ECONFLICT);
	assert_null(bench->store);
	must(bench, rc_store_open(bench->path, &bench->options, &bench->store, &bench->err));
}

static void an_older_schema_is_migrated_by_the_writer_and_refused_by_a_reader(void **state)
{
	struct bench *bench = *state;
	struct rc_store_options options = bench->options;
	char path[96];
	struct rc_store *store = NULL;

	(void)snprintf(path, sizeof(path), "%s/old.db", bench->folder);
	options.plan.migration_count = 1;
	options.plan.statement_count = 0;
	must(bench, rc_store_open(path, &options, &store, &bench->err));
	rc_store_close(store);
	options = bench->options;
	options.role = RC_STORE_READER;
	assert_int_equal(rc_store_open(path, &options, &store, &bench->err), RC_ECONFLICT);
	must(bench, rc_store_open(path, &bench->options, &store, &bench->err));
	assert_int_equal(count_rows(store), 0);
	rc_store_close(store);
}

/* Opens a database of the first schema with the second one while the power goes; false if the work was done before. */
static bool migrate_with_cut(struct bench *bench, const char *path, long operation)
{
	struct rc_store_options options = bench->options;
	struct rc_store *store = NULL;
	bool was_cut;

	rc_power_install();
	options.vfs = RC_POWER_VFS;
	options.plan.migration_count = 1;
	options.plan.statement_count = 0;
	must(bench, rc_store_open(path, &options, &store, &bench->err));
	rc_store_close(store);
	store = NULL;
	rc_power_cut_at(operation);
	options.plan = bench->options.plan;
	if (rc_store_open(path, &options, &store, &bench->err) != RC_OK)
		assert_null(store);
	was_cut = rc_power_is_cut();
	rc_power_cut_at(1);
	rc_store_close(store);
	rc_power_restore(operation % 2 != 0 ? RC_POWER_DROPPED : RC_POWER_TORN, (uint32_t)operation);
	return was_cut;
}

static void a_power_cut_while_migrating_leaves_the_old_or_the_new_schema(void **state)
{
	struct bench *bench = *state;
	bool was_cut = true;
	long operation = 0;

	while (was_cut) {
		struct rc_store *store = NULL;
		char path[96];

		(void)snprintf(path, sizeof(path), "%s/cut-%ld.db", bench->folder, ++operation);
		was_cut = migrate_with_cut(bench, path, operation);
		must(bench, rc_store_open(path, &bench->options, &store, &bench->err));
		must(bench, rc_store_check(store, &bench->err));
		assert_int_equal(count_rows(store), 0);
		rc_store_close(store);
		assert_true(operation < 500);
	}
	assert_true(operation > 3);
}

static void a_missing_file_is_not_made_unasked_and_a_text_is_no_database(void **state)
{
	struct bench *bench = *state;
	struct rc_store_options options = bench->options;
	struct rc_store *store = NULL;
	char path[96];
	FILE *file;

	options.may_create = false;
	(void)snprintf(path, sizeof(path), "%s/other.db", bench->folder);
	assert_int_equal(rc_store_open(path, &options, &store, &bench->err), RC_ENOTFOUND);
	assert_int_equal(access(path, F_OK), -1);
	file = fopen(path, "we");
	assert_non_null(file);
	(void)fputs("This is a text that is long enough to be taken for a header, and then some "
		    "more of it.",
		    file);
	(void)fclose(file);
	assert_int_equal(rc_store_open(path, &options, &store, &bench->err), RC_EFORMAT);
	assert_null(store);
}

/* The schema says its number but isn't what the number means: somebody else's tables. */
static void a_schema_that_lacks_a_column_is_damage(void **state)
{
	struct bench *bench = *state;
	struct rc_store_options options = bench->options;
	const struct rc_sql_migration forged[] = {
	    migrations[0], {.number = 2, .name = "0002", .sqlite = "SELECT 1;"}};
	struct rc_store *store = NULL;
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/forged.db", bench->folder);
	options.plan = (struct rc_store_plan){forged, 2, NULL, 0};
	must(bench, rc_store_open(path, &options, &store, &bench->err));
	rc_store_close(store);
	store = NULL;
	assert_int_equal(rc_store_open(path, &bench->options, &store, &bench->err), RC_EFORMAT);
	assert_null(store);
}

static void only_one_holds_a_lock(void **state)
{
	struct bench *bench = *state;
	char path[96];
	int first = -1, second = -1;

	(void)snprintf(path, sizeof(path), "%s/lock", bench->folder);
	must(bench, rc_files_lock(path, &first, &bench->err));
	assert_int_equal(rc_files_lock(path, &second, &bench->err), RC_EBUSY);
	assert_int_equal(second, -1);
	(void)close(first);
	must(bench, rc_files_lock(path, &second, &bench->err));
	(void)close(second);
}

/* ---- the kiosk's statements ---- */

/* Statements that may look at a whole table, and why. */
static const struct {
	const char *name;
	const char *reason;
} scans[] = {
    {"epochs", "one row an epoch, all are wanted"},
    {"meta_empty", "emptying"},
    {"credential_empty", "emptying"},
    {"person_empty", "emptying"},
    {"room_empty", "emptying"},
    {"session_empty", "emptying"},
    {"registration_empty", "emptying"},
    {"presence_empty", "emptying"},
    {"setting_empty", "emptying"},
    {"entity_empty", "emptying"},
};

static bool may_scan(const char *name)
{
	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		if (strcmp(scans[i].name, name) == 0)
			return true;
	}
	return false;
}

static void assert_no_scans(struct bench *bench, const char *name, const struct rc_store_plan *plan)
{
	struct rc_store_options options = bench->options;
	struct rc_store *store = NULL;
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	options.plan = *plan;
	must(bench, rc_store_open(path, &options, &store, &bench->err));
	assert_true(plan->statement_count > 10);
	for (size_t i = 0; i < plan->statement_count; i++) {
		struct rc_buf text;

		rc_buf_init(&text, 10000);
		must(bench, rc_store_explain(store, i, &text, &bench->err));
		if (!may_scan(plan->statements[i].name) && strstr(rc_buf_text(&text), "SCAN") != NULL &&
		    strstr(rc_buf_text(&text), "SCAN CONSTANT ROW") == NULL)
			fail_msg("%s: %s", plan->statements[i].name, rc_buf_text(&text));
		rc_buf_deinit(&text);
	}
	rc_store_close(store);
}

static void no_statement_of_the_journal_scans_a_table(void **state)
{
	const struct rc_store_plan plan = {rc_sql_journal_migrations, rc_sql_journal_migration_count,
					   rc_sql_journal_statements, rc_sql_journal_count};

	assert_no_scans(*state, "journal.db", &plan);
}

static void no_statement_of_the_roster_scans_a_table(void **state)
{
	const struct rc_store_plan plan = {rc_sql_roster_migrations, rc_sql_roster_migration_count,
					   rc_sql_roster_statements, rc_sql_roster_count};

	assert_no_scans(*state, "roster.db", &plan);
}

static void a_full_scan_would_be_noticed(void **state)
{
	struct bench *bench = *state;
	struct rc_buf text;

	rc_buf_init(&text, 10000);
	must(bench, rc_store_explain(bench->store, ALL, &text, &bench->err));
	assert_non_null(strstr(rc_buf_text(&text), "SCAN thing"));
	rc_buf_deinit(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(values_come_back_as_they_went_in),
	    TEST(a_failed_transaction_leaves_nothing),
	    TEST(a_reader_sees_commits_and_does_not_hold_the_writer),
	    TEST(a_second_writer_waits_at_begin_and_no_later),
	    TEST(a_schema_is_brought_up_once_and_a_newer_one_is_refused),
	    TEST(an_older_schema_is_migrated_by_the_writer_and_refused_by_a_reader),
	    TEST(a_power_cut_while_migrating_leaves_the_old_or_the_new_schema),
	    TEST(a_missing_file_is_not_made_unasked_and_a_text_is_no_database),
	    TEST(a_schema_that_lacks_a_column_is_damage),
	    TEST(only_one_holds_a_lock),
	    TEST(no_statement_of_the_journal_scans_a_table),
	    TEST(no_statement_of_the_roster_scans_a_table),
	    TEST(a_full_scan_would_be_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
