/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/session_list.h"
#include "server/reports/text_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Two columns; `rows` are pairs. */
static void expect_table(const char *const rows[][2], size_t count, const char *expected)
{
	struct rc_text_table *table = rc_text_table_new(2);
	struct rc_buf out;

	assert_non_null(table);
	rc_buf_init(&out, 4096);
	for (size_t i = 0; i < count; i++)
		rc_text_table_add(table, rows[i]);
	rc_text_table_write(table, &out);
	assert_int_equal(rc_buf_status(&out, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&out), expected);
	rc_buf_deinit(&out);
	rc_text_table_free(table);
}

static void columns_stand_under_each_other_in_chinese_too(void **state)
{
	static const char *const rows[][2] = {
	    {"name", "x"}, {"张伟", "1"}, {"朱𠮷祥", "2"}, {"Müller", "3"}};

	(void)state;
	expect_table(rows, 4,
		     "name    x\n"
		     "──────  ─\n"
		     "张伟    1\n"
		     "朱𠮷祥  2\n"
		     "Müller  3\n");
}

static void an_empty_last_cell_leaves_no_blanks(void **state)
{
	static const char *const rows[][2] = {{"a", "b"}, {"long", ""}, {"", "x"}, {"", ""}};

	(void)state;
	expect_table(rows, 4,
		     "a     b\n"
		     "────  ─\n"
		     "long\n"
		     "      x\n"
		     "\n");
}

static void a_cell_can_not_steer_the_terminal(void **state)
{
	static const char *const rows[][2] = {{"a\x1b[2J", "b\nc"},
					      {"\xe2\x80\xae"
					       "cod",
					       "\xff"
					       "d"},
					      {"\xc2\x9b"
					       "1m",
					       "\t"}};

	(void)state;
	expect_table(rows, 3,
		     "a?[2J  b?c\n"
		     "─────  ───\n"
		     "?cod   ?d\n"
		     "?1m    ?\n");
}

static void a_cursor_is_read_strictly(void **state)
{
	static const char *const bad[] = {".",
					  "1",
					  "1.",
					  ".00000000-0000-4000-8000-000000000001",
					  "-1.00000000-0000-4000-8000-000000000001",
					  "1.00000000-0000-4000-8000-00000000000",
					  "1.00000000-0000-4000-8000-0000000000011",
					  "1000000000000000.00000000-0000-4000-8000-000000000001"};
	const char *good = "999999999999999.00000000-0000-4000-8000-000000000001";
	struct rc_sessions_cursor cursor = {.starts_ms = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rc_session_list_place_read(bad[i], &cursor), RC_EFORMAT);
	assert_true(cursor.starts_ms == 7);
	assert_int_equal(rc_session_list_place_read(good, &cursor), RC_OK);
	assert_true(cursor.starts_ms == INT64_C(999999999999999));
	assert_int_equal(cursor.id.octets[15], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_stand_under_each_other_in_chinese_too),
	    cmocka_unit_test(an_empty_last_cell_leaves_no_blanks),
	    cmocka_unit_test(a_cell_can_not_steer_the_terminal),
	    cmocka_unit_test(a_cursor_is_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
