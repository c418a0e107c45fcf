/* SPDX-License-Identifier: Apache-2.0 */
/* What goes in comes out; what doesn't fit is refused; a transaction that has failed is spent. */
#include "tests/module/db/bench.h"
#include "tests/module/db_sql/statements.h"

#include <stdio.h>
#include <string.h>

static const uint8_t some_bytes[] = {0, 255, 1, 0};

/* Runs `fn` for writing and expects a status and, where `text` is one, a part of the error's text. */
static void expect_write(void **state, rc_db_fn *fn, void *arg, enum rc_status expected, const char *text)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};

	bench_expect(rc_db_write(bench->db, fn, arg, &err), expected, &err);
	if (text != NULL && strstr(err.text, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, err.text);
}

/* ---- values ---- */

static enum rc_status insert_full(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db_exec(tx, &rc_sql_bench_item_insert,
			  RC_DB_VALUES(RC_DB_TEXT("a"), RC_DB_INT(INT64_MAX), RC_DB_TEXT("张伟"),
				       RC_DB_BOOL(true),
				       RC_DB_BYTES(rc_bytes_of(some_bytes, sizeof(some_bytes)))),
			  err);
}

static enum rc_status check_full(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	char id[8], short_id[2];
	uint8_t copy[4];

	EXPECT(rc_db_row_int(row, 1) == INT64_MAX);
	EXPECT(rc_bytes_is_text(rc_db_row_text(row, 2), "张伟"));
	EXPECT(!rc_db_row_is_null(row, 2));
	EXPECT(rc_db_row_bool(row, 3));
	EXPECT(rc_bytes_equal(rc_db_row_bytes(row, 4), rc_bytes_of(some_bytes, sizeof(some_bytes))));
	rc_db_row_copy_text(row, 0, id, sizeof(id));
	EXPECT(strcmp(id, "a") == 0);
	rc_db_row_copy_text(row, 0, short_id, sizeof(short_id));
	EXPECT(strcmp(short_id, "a") == 0);
	rc_db_row_copy_bytes(row, 4, copy, sizeof(copy));
	EXPECT(memcmp(copy, some_bytes, sizeof(copy)) == 0);
	EXPECT(strcmp(rc_db_row_column(row, 3), "is_done") == 0);
	EXPECT(rc_db_row_column(row, 5) == NULL);
	*(bool *)context = true;
	return RC_OK;
}

static enum rc_status read_full(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_bench_item, RC_DB_VALUES(RC_DB_TEXT("a")), check_full, arg, err);
}

static void what_was_written_is_read_back_with_its_types(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	bool was_seen = false;

	expect_write(state, insert_full, NULL, RC_OK, NULL);
	bench_expect(rc_db_read(bench->db, read_full, &was_seen, &err), RC_OK, &err);
	assert_true(was_seen);
}

static enum rc_status check_null(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	char text[4] = "abc";

	(void)context;
	EXPECT(rc_db_row_is_null(row, 2));
	EXPECT(rc_db_row_text(row, 2).size == 0);
	EXPECT(rc_db_row_int(row, 2) == 0);
	rc_db_row_copy_text(row, 2, text, sizeof(text));
	EXPECT(strcmp(text, "") == 0);
	EXPECT(!rc_db_row_is_null(row, 4)); /* no bytes are something else than NULL */
	EXPECT(rc_db_row_bytes(row, 4).size == 0);
	return RC_OK;
}

static enum rc_status read_null(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db_one(tx, &rc_sql_bench_item, RC_DB_VALUES(RC_DB_TEXT("a")), check_null, NULL, err);
}

static void null_reads_as_nothing_and_is_told_apart_from_it(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};

	bench_insert(bench->db, "a", 1);
	bench_expect(rc_db_read(bench->db, read_null, NULL, &err), RC_OK, &err);
}

static void text_that_looks_like_sql_is_only_text(void **state)
{
	struct bench *bench = *state;
	const char *ids[] = {
	    "x'; DROP TABLE item; --", "007", "' OR '1'='1", "%s%n", "?1", "", "\""};

	for (size_t i = 0; i < COUNT(ids); i++)
		bench_insert(bench->db, ids[i], 1);
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_true(bench_has(bench->db, ids[i]));
	assert_false(bench_has(bench->db, "7"));
	assert_int_equal(bench_count(bench->db), COUNT(ids));
}

static enum rc_status insert_values(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_exec(tx, &rc_sql_bench_item_insert, *(struct rc_db_values *)arg, err);
}

static void values_that_do_not_fit_their_statement_are_refused(void **state)
{
	struct bench *bench = *state;
	const struct rc_db_value good[] = {RC_DB_TEXT("a"), RC_DB_INT(1), RC_DB_NULL,
					   RC_DB_BOOL(true), RC_DB_BYTES(rc_bytes_of("", 0))};
	struct rc_db_value values[COUNT(good)];
	struct rc_db_values all = {values, COUNT(good)}, few = {good, COUNT(good) - 1};
	const struct {
		size_t place;
		struct rc_db_value value;
		const char *text;
	} cases[] = {
	    {0, RC_DB_INT(1), "$1 is of another type"},
	    {0, RC_DB_NULL, "$1 may not be NULL"},
	    {1, RC_DB_TEXT("1"), "$2 is of another type"},
	    {3, RC_DB_INT(2), "$4 is neither 0 nor 1"},
	    {4, RC_DB_TEXT("a"), "$5 is of another type"},
	};

	expect_write(state, insert_values, &few, RC_EBUG, "4 values for 5 parameters");
	for (size_t i = 0; i < COUNT(cases); i++) {
		memcpy(values, good, sizeof(good));
		values[cases[i].place] = cases[i].value;
		expect_write(state, insert_values, &all, RC_EBUG, cases[i].text);
	}
	assert_int_equal(bench_count(bench->db), 0);
}

static void text_with_nul_or_broken_characters_is_refused(void **state)
{
	struct bench *bench = *state;
	const struct rc_bytes texts[] = {rc_bytes_of("a\0b", 3), rc_bytes_of("\xff", 1),
					 rc_bytes_of("\xed\xa0\x80", 3), rc_bytes_of("\xe5\xbc", 2)};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct rc_db_values values =
		    RC_DB_VALUES(RC_DB_TEXT_BYTES(texts[i]), RC_DB_INT(1), RC_DB_NULL,
				 RC_DB_BOOL(true), RC_DB_BYTES(rc_bytes_of("", 0)));

		expect_write(state, insert_values, &values, RC_EFORMAT, "$1 is no text");
	}
	assert_int_equal(bench_count(bench->db), 0);
}

/* ---- rows ---- */

static enum rc_status read_wrong(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	uint8_t bytes[3];
	char text[2];

	switch (*(int *)context) {
	case 0:
		EXPECT(rc_db_row_int(row, 0) == 0);
		break;
	case 1:
		EXPECT(rc_db_row_text(row, 1).size == 0);
		break;
	case 2:
		EXPECT(rc_db_row_int(row, 5) == 0);
		break;
	case 3:
		rc_db_row_copy_text(row, 0, text, sizeof(text));
		break;
	default:
		rc_db_row_copy_bytes(row, 4, bytes, sizeof(bytes));
		break;
	}
	return RC_OK;
}

static enum rc_status read_wrongly(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_bench_item, RC_DB_VALUES(RC_DB_TEXT("abc")), read_wrong, arg, err);
}

static void a_column_read_wrongly_fails_its_statement_by_name(void **state)
{
	struct bench *bench = *state;
	const char *texts[] = {"column 0 is of another type", "column 1 is of another type",
			       "column 5 is not there", "column 0 is too long",
			       "column 4 is of another length"};

	bench_insert(bench->db, "abc", 1);
	for (int i = 0; i < (int)COUNT(texts); i++)
		expect_write(state, read_wrongly, &i, RC_EFORMAT, texts[i]);
}

static enum rc_status collect(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_bytes id = rc_db_row_text(row, 0);

	(void)err;
	strncat(context, (const char *)id.data, id.size);
	return RC_OK;
}

static enum rc_status collect_ids(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_bench_items, RC_DB_NO_VALUES, collect, arg, err);
}

static void many_rows_come_in_order(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	char ids[16] = "";

	bench_insert(bench->db, "c", 1);
	bench_insert(bench->db, "a", 1);
	bench_insert(bench->db, "b", 1);
	bench_expect(rc_db_read(bench->db, collect_ids, ids, &err), RC_OK, &err);
	assert_string_equal(ids, "abc");
}

struct nest {
	struct rc_db_tx *tx;
	char ids[64];
};

static enum rc_status collect_nested(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct nest *nest = context;

	(void)row;
	return collect_ids(nest->tx, nest->ids, err);
}

static enum rc_status nest_query(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct nest *nest = arg;

	nest->tx = tx;
	return rc_db_query(tx, &rc_sql_bench_items, RC_DB_NO_VALUES, collect_nested, nest, err);
}

static void a_statement_may_run_within_its_own_rows(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	struct nest nest = {.ids = ""};

	bench_insert(bench->db, "a", 1);
	bench_insert(bench->db, "b", 1);
	bench_expect(rc_db_read(bench->db, nest_query, &nest, &err), RC_OK, &err);
	assert_string_equal(nest.ids, "abab");
}

static enum rc_status refuse(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)row;
	++*(int *)context;
	return rc_fail(err, RC_EDENIED, "enough");
}

static enum rc_status stop_early_then_insert(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct item item = {.id = "later"};
	const enum rc_status status =
	    rc_db_query(tx, &rc_sql_bench_items, RC_DB_NO_VALUES, refuse, arg, err);

	EXPECT(status == RC_EDENIED);
	return insert_item(tx, &item, err);
}

static void a_rows_function_may_end_the_reading_and_the_transaction_goes_on(void **state)
{
	struct bench *bench = *state;
	int seen = 0;

	bench_insert(bench->db, "a", 1);
	bench_insert(bench->db, "b", 1);
	expect_write(state, stop_early_then_insert, &seen, RC_OK, NULL);
	assert_int_equal(seen, 1);
	assert_true(bench_has(bench->db, "later"));
}

/* ---- one row and no more ---- */

static enum rc_status miss_then_insert(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct item item = {.id = "new"};
	const enum rc_status status =
	    rc_db_one(tx, &rc_sql_bench_item, RC_DB_VALUES(RC_DB_TEXT("none")), check_null, NULL, err);

	(void)arg;
	EXPECT(status == RC_ENOTFOUND);
	return insert_item(tx, &item, err);
}

static void no_row_is_no_failure_of_the_transaction(void **state)
{
	struct bench *bench = *state;

	expect_write(state, miss_then_insert, NULL, RC_OK, NULL);
	assert_true(bench_has(bench->db, "new"));
}

static enum rc_status read_one_of_many(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_bench_item_of_many, RC_DB_NO_VALUES, collect, arg, err);
}

static void a_second_row_where_one_was_promised_is_a_bug(void **state)
{
	struct bench *bench = *state;
	char ids[16] = "";

	bench_insert(bench->db, "a", 1);
	expect_write(state, read_one_of_many, ids, RC_OK, NULL);
	bench_insert(bench->db, "b", 1);
	expect_write(state, read_one_of_many, ids, RC_EBUG, "a second row");
}

static enum rc_status call_by_wrong_kind(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db_exec(tx, &rc_sql_bench_items, RC_DB_NO_VALUES, err);
}

static void a_statement_is_called_by_its_kind(void **state)
{
	expect_write(state, call_by_wrong_kind, NULL, RC_EBUG, "another kind");
}

static enum rc_status take_guarded(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_exec_counted(tx, &rc_sql_bench_item_take,
				  RC_DB_VALUES(RC_DB_TEXT("seat"), RC_DB_INT(2)), arg, err);
}

static void a_guarded_update_says_whether_it_was_let_through(void **state)
{
	struct bench *bench = *state;
	int64_t changed = -1;

	bench_insert(bench->db, "seat", 1);
	expect_write(state, take_guarded, &changed, RC_OK, NULL);
	assert_int_equal(changed, 1);
	expect_write(state, take_guarded, &changed, RC_OK, NULL);
	assert_int_equal(changed, 0);
}

/* ---- many rows for one statement ---- */

#define ROWS 5000u

static void fill_numbered(void *context, size_t index, struct rc_db_value *values)
{
	char *id = context; /* borrowed until the next call */

	(void)snprintf(id, 24, "%zu", index);
	values[0] = RC_DB_TEXT(id);
	values[1] = RC_DB_INT((int64_t)index);
	values[2] = index % 2 == 0 ? RC_DB_NULL : RC_DB_TEXT("张伟");
	values[3] = RC_DB_BOOL(index % 3 == 0);
	values[4] = RC_DB_BYTES(rc_bytes_of("\0\xff", index % 3));
}

static enum rc_status check_numbered(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)context;
	EXPECT(rc_db_row_int(row, 1) == 4999);
	EXPECT(rc_bytes_is_text(rc_db_row_text(row, 2), "张伟"));
	EXPECT(!rc_db_row_bool(row, 3));
	EXPECT(rc_bytes_equal(rc_db_row_bytes(row, 4), rc_bytes_of("\0", 1)));
	return RC_OK;
}

static enum rc_status insert_many(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const size_t *count = arg;
	char id[24];
	const struct rc_db_rows rows = {.count = *count, .fill = fill_numbered, .context = id};
	enum rc_status status = rc_db_exec_rows(tx, &rc_sql_bench_item_insert, &rows, err);

	if (status == RC_OK && *count == ROWS)
		status = rc_db_one(tx, &rc_sql_bench_item, RC_DB_VALUES(RC_DB_TEXT("4999")),
				   check_numbered, NULL, err);
	return status;
}

static void thousands_of_rows_go_in_by_one_call(void **state)
{
	struct bench *bench = *state;
	size_t count = 0;

	expect_write(state, insert_many, &count, RC_OK, NULL);
	assert_int_equal(bench_count(bench->db), 0);
	count = ROWS;
	expect_write(state, insert_many, &count, RC_OK, NULL);
	assert_int_equal(bench_count(bench->db), ROWS);
}

static void one_row_that_is_there_already_keeps_all_out(void **state)
{
	struct bench *bench = *state;
	size_t count = 20;

	bench_insert(bench->db, "19", 1);
	expect_write(state, insert_many, &count, RC_ECONFLICT, "bench_item_insert: ");
	assert_int_equal(bench_count(bench->db), 1);
}

static void fill_wrongly(void *context, size_t index, struct rc_db_value *values)
{
	fill_numbered(context, index, values);
	if (index == 2)
		values[1] = RC_DB_TEXT("2");
}

static enum rc_status insert_a_wrong_one(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	char id[24];
	const struct rc_db_rows rows = {.count = 4, .fill = fill_wrongly, .context = id};

	(void)arg;
	return rc_db_exec_rows(tx, &rc_sql_bench_item_insert, &rows, err);
}

static void one_value_that_does_not_fit_keeps_all_out(void **state)
{
	struct bench *bench = *state;

	expect_write(state, insert_a_wrong_one, NULL, RC_EBUG, "$2 is of another type");
	assert_int_equal(bench_count(bench->db), 0);
}

/* ---- spent transactions ---- */

static enum rc_status ignore_a_failure(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct item first = {.id = "first"}, wrong = {.id = "wrong", .n = -1};
	struct item second = {.id = "second"};

	(void)arg;
	EXPECT(insert_item(tx, &first, err) == RC_OK);
	EXPECT(insert_item(tx, &wrong, NULL) == RC_ECONFLICT);
	EXPECT(insert_item(tx, &second, NULL) == RC_ECONFLICT);
	return RC_OK;
}

static void after_a_failed_statement_nothing_of_the_transaction_is_kept(void **state)
{
	struct bench *bench = *state;

	expect_write(state, ignore_a_failure, NULL, RC_ECONFLICT,
		     rc_sim_database_is_on_postgres() ? "bench_item_insert: new row"
						      : "bench_item_insert: CHECK");
	assert_int_equal(bench_count(bench->db), 0);
}

static enum rc_status insert_part(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db_exec(tx, &rc_sql_bench_part_insert,
			  RC_DB_VALUES(RC_DB_INT(1), RC_DB_TEXT("nothing")), err);
}

static void a_foreign_key_holds(void **state)
{
	expect_write(state, insert_part, NULL, RC_ECONFLICT,
		     rc_sim_database_is_on_postgres() ? "foreign key" : "FOREIGN KEY");
}

static void a_reading_transaction_writes_nothing(void **state)
{
	struct bench *bench = *state;
	struct rc_error err = {{0}};
	struct item item = {.id = "a"};

	bench_expect(rc_db_read(bench->db, insert_item, &item, &err), RC_EBUG, &err);
	assert_non_null(strstr(err.text, "in a transaction for reading"));
	assert_int_equal(bench_count(bench->db), 0);
}

/* ---- log numbers ---- */

struct taking {
	int64_t count, first;
	enum rc_status end;
};

static enum rc_status take_numbers(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct taking *taking = arg;
	const enum rc_status status = rc_db_log_take(tx, "change", taking->count, &taking->first, err);

	return status == RC_OK ? taking->end : status;
}

static void log_numbers_come_without_gaps_even_where_a_transaction_fails(void **state)
{
	struct taking one = {.count = 1}, three = {.count = 3}, next = {.count = 1};
	struct taking failing = {.count = 5, .end = RC_EDENIED};

	expect_write(state, take_numbers, &one, RC_OK, NULL);
	expect_write(state, take_numbers, &three, RC_OK, NULL);
	expect_write(state, take_numbers, &failing, RC_EDENIED, NULL);
	expect_write(state, take_numbers, &next, RC_OK, NULL);
	assert_int_equal(one.first, 1);
	assert_int_equal(three.first, 2);
	assert_int_equal(next.first, 5);
}

static enum rc_status take_unknown(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	EXPECT(rc_db_log_take(tx, "nolog", 1, arg, NULL) == RC_EBUG);
	return RC_OK;
}

static void a_log_without_a_head_spends_the_transaction(void **state)
{
	int64_t first;

	expect_write(state, take_unknown, &first, RC_EBUG, "the log nolog has no head");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_written_is_read_back_with_its_types),
	    TEST(null_reads_as_nothing_and_is_told_apart_from_it),
	    TEST(text_that_looks_like_sql_is_only_text),
	    TEST(values_that_do_not_fit_their_statement_are_refused),
	    TEST(text_with_nul_or_broken_characters_is_refused),
	    TEST(a_column_read_wrongly_fails_its_statement_by_name),
	    TEST(many_rows_come_in_order),
	    TEST(a_statement_may_run_within_its_own_rows),
	    TEST(a_rows_function_may_end_the_reading_and_the_transaction_goes_on),
	    TEST(no_row_is_no_failure_of_the_transaction),
	    TEST(a_second_row_where_one_was_promised_is_a_bug),
	    TEST(a_statement_is_called_by_its_kind),
	    TEST(thousands_of_rows_go_in_by_one_call),
	    TEST(one_row_that_is_there_already_keeps_all_out),
	    TEST(one_value_that_does_not_fit_keeps_all_out),
	    TEST(a_guarded_update_says_whether_it_was_let_through),
	    TEST(after_a_failed_statement_nothing_of_the_transaction_is_kept),
	    TEST(a_foreign_key_holds),
	    TEST(a_reading_transaction_writes_nothing),
	    TEST(log_numbers_come_without_gaps_even_where_a_transaction_fails),
	    TEST(a_log_without_a_head_spends_the_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
