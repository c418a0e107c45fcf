/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement of every module of the server, on a fresh schema: taken by SQLite, by an index, under a name of its own. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "server/db_sql/statements.h"
#include "tests/unit/sql/schema_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOWED_SCANS "/server/db/allowed_scans.tsv"

static int set_up(void **state)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s" ALLOWED_SCANS, getenv("RC_SOURCE"));
	*state = schema_check_new(rc_sql_db_migrations, rc_sql_db_migration_count, path);
	return *state == NULL;
}

static int tear_down(void **state)
{
	schema_check_free(*state);
	return 0;
}

static void every_statement_is_taken_and_reads_no_whole_table_without_a_reason(void **state)
{
	int found = 0;

	assert_true(sql_set_count > 0);
	for (size_t i = 0; i < sql_set_count; i++) {
		for (size_t j = 0; j < *sql_sets[i].count; j++)
			found += schema_check_statement(*state, sql_sets[i].all[j]);
	}
	assert_int_equal(found, 0);
	assert_int_equal(schema_check_unused(*state), 0);
}

static size_t times_named(const char *name)
{
	size_t times = 0;

	for (size_t i = 0; i < sql_set_count; i++) {
		for (size_t j = 0; j < *sql_sets[i].count; j++)
			times += strcmp(sql_sets[i].all[j]->name, name) == 0 ? 1 : 0;
	}
	return times;
}

static void every_statement_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < sql_set_count; i++) {
		for (size_t j = 0; j < *sql_sets[i].count; j++) {
			const char *name = sql_sets[i].all[j]->name;

			if (times_named(name) != 1)
				fail_msg("%s is the name of %zu statements", name, times_named(name));
		}
	}
}

/* The check itself: what it must find, it finds. */

static int findings_of(void **state, const char *text)
{
	const struct rc_sql_statement statement = {.name = "trial", .kind = RC_SQL_MANY, .sqlite = text};

	return schema_check_statement(*state, &statement);
}

static void a_statement_that_reads_a_whole_table_is_found(void **state)
{
	assert_int_equal(findings_of(state, "SELECT name_zh FROM room WHERE name_en = ?1"), 1);
	assert_int_equal(findings_of(state, "SELECT id FROM room ORDER BY id"), 1);
	assert_true(findings_of(state, "DELETE FROM room") > 0);
	assert_int_equal(
	    findings_of(state, "SELECT r.id FROM room AS r JOIN site AS s ON s.id = r.site"), 1);
	assert_int_equal(findings_of(state, "SELECT name_zh FROM room WHERE id = ?1"), 0);
	assert_int_equal(findings_of(state, "SELECT 1"), 0);
}

static void a_foreign_key_that_has_no_index_on_its_own_side_is_found(void **state)
{
	assert_true(findings_of(state, "DELETE FROM site WHERE id = ?1") > 0); /* room.site */
	assert_int_equal(findings_of(state, "DELETE FROM registration WHERE id = ?1"), 0);
}

static void a_statement_that_the_engine_does_not_take_is_found(void **state)
{
	assert_int_equal(findings_of(state, "SELECT nothing FROM room"), 1);
	assert_int_equal(findings_of(state, "SELECT FROM room"), 1);
}

static void a_line_of_the_list_that_nobody_needs_is_found(void **state)
{
	/* Nothing was looked at in this test, so every line of the list is one too many. */
	assert_true(schema_check_unused(*state) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_statement_is_taken_and_reads_no_whole_table_without_a_reason),
	    cmocka_unit_test(every_statement_has_a_name_of_its_own),
	    TEST(a_statement_that_reads_a_whole_table_is_found),
	    TEST(a_foreign_key_that_has_no_index_on_its_own_side_is_found),
	    TEST(a_statement_that_the_engine_does_not_take_is_found),
	    TEST(a_line_of_the_list_that_nobody_needs_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
