/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short form of ./dev faults, and who writes: SQLite before 3.51.3 may damage a WAL when a checkpoint of one connection meets the
 * write of another, so one connection does both.
 */
#include "server/db/db.h"
#include "shared/base/log.h"
#include "tests/faults/campaign.h"
#include "tests/faults/kiosk_journal.h"
#include "tests/module/db_sql/statements.h"
#include "tests/sim/power/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define RUNS 60

/* How many runs broke a promise; at least a third of them were cut. */
static int count_broken(campaign_fn *run, bool tells)
{
	int broken = 0, cut = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		const struct campaign_run done = run(seed);

		cut += done.was_cut ? 1 : 0;
		broken += done.is_kept ? 0 : 1;
		if (!done.is_kept && tells)
			print_message("# seed %llu: %s\n", (unsigned long long)seed, done.why.text);
	}
	assert_true(cut > RUNS / 3);
	return broken;
}

static void random_cuts_lose_nothing_of_the_journal(void **state)
{
	(void)state;
	assert_int_equal(count_broken(campaign_journal, true), 0);
}

static void random_cuts_lose_nothing_of_the_roster(void **state)
{
	(void)state;
	assert_int_equal(count_broken(campaign_roster, true), 0);
}

static void random_cuts_lose_nothing_of_the_server(void **state)
{
	(void)state;
	assert_int_equal(count_broken(campaign_server, true), 0);
}

static void the_same_cuts_without_syncs_lose_facts(void **state)
{
	(void)state;
	assert_true(count_broken(campaign_journal_unsynced, false) > 0);
}

static void one_connection_writes_the_journal_and_makes_its_checkpoints(void **state)
{
	struct kiosk_journal kiosk;
	struct rc_journal_reader *reader = NULL;
	struct rc_journal_report report;
	struct rc_error err;
	char path[128];
	long writes = 0, before;

	(void)state;
	rc_power_install_as_default(); /* readers come here too */
	kiosk_make(&kiosk, RC_POWER_VFS);
	assert_int_equal(kiosk_open(&kiosk), RC_OK);
	kiosk_close(&kiosk);
	rc_power_install(); /* counts anew: making one is a connection of its own, before this one */
	assert_int_equal(kiosk_open(&kiosk), RC_OK);
	assert_int_equal(rc_journal_reader_open(kiosk.folder, &reader, &err), RC_OK);
	assert_true(kiosk_prepare(&kiosk));
	assert_int_equal(rc_journal_verify(kiosk.folder, &report, &err), RC_OK);
	(void)snprintf(path, sizeof(path), "%s/journal/facts.db", kiosk.folder);
	assert_int_equal(rc_power_writers(path, &writes), 1);
	assert_true(writes > 10);
	before = writes;
	kiosk_close(&kiosk);
	rc_journal_reader_close(reader); /* the last one to leave would make a checkpoint */
	assert_int_equal(rc_power_writers(path, &writes), 1);
	assert_true(writes >= before);
	kiosk_remove(&kiosk);
}

static enum rc_status insert(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	int *number = arg;
	char id[24];

	(void)snprintf(id, sizeof(id), "%08d", *number);
	return rc_db_exec(tx, &rc_sql_bench_item_insert,
			  RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(*number), RC_DB_NULL,
				       RC_DB_BOOL(true), RC_DB_BYTES(rc_bytes_of_text(id))),
			  err);
}

static enum rc_status count_rows(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one_int(tx, &rc_sql_bench_item_count, RC_DB_NO_VALUES, arg, err);
}

static void one_connection_writes_the_servers_database_and_makes_its_checkpoints(void **state)
{
	char folder[RC_SIM_FOLDER_CHARS], path[128], url[160], copy[128];
	struct rc_db *db = NULL;
	struct rc_error err;
	int64_t rows = 0;
	long writes = 0;

	(void)state;
	rc_power_install_as_default();
	rc_sim_folder_make(rc_sim_folder_memory(), "faults", folder);
	(void)snprintf(path, sizeof(path), "%s/server.db", folder);
	(void)snprintf(copy, sizeof(copy), "%s/copy.db", folder);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	assert_int_equal(rc_db_open(url, NULL, &db, &err), RC_OK);
	assert_int_equal(
	    rc_db_migrate(db, rc_sql_bench_migrations, rc_sql_bench_migration_count, &err), RC_OK);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(rc_db_write(db, insert, &i, &err), RC_OK);
		assert_int_equal(rc_db_read(db, count_rows, &rows, &err), RC_OK);
		assert_int_equal(rows, i + 1);
	}
	assert_int_equal(rc_db_copy(url, copy, &err), RC_OK);
	rc_db_close(db);
	assert_int_equal(rc_power_writers(path, &writes), 1);
	assert_true(writes > 50);
	rc_sim_folder_remove(folder);
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
	    cmocka_unit_test(random_cuts_lose_nothing_of_the_journal),
	    cmocka_unit_test(random_cuts_lose_nothing_of_the_roster),
	    cmocka_unit_test(random_cuts_lose_nothing_of_the_server),
	    cmocka_unit_test(the_same_cuts_without_syncs_lose_facts),
	    cmocka_unit_test(one_connection_writes_the_journal_and_makes_its_checkpoints),
	    cmocka_unit_test(one_connection_writes_the_servers_database_and_makes_its_checkpoints),
	};

	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
