/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: one set of rows in two forms, and cursors that are nobody's but their list's. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "server/reports/page.h"
#include "shared/base/encode.h"

static const struct rc_page_column columns[] = {
    {"number", "工号", false}, {"title", "标题", true}, {"count", "次数", false},
    {"seen", "时间", false},   {"note", "备注", false},
};
static const struct rc_page_kind things = {"things", columns, 5};
static const struct rc_page_kind others = {"others", columns, 5};

static void write_rows(struct rc_page *page, const struct rc_page_request *request, struct rc_buf *out)
{
	rc_buf_init(out, 4096);
	rc_page_begin(page, &things, request, out);
	rc_page_row(page, "001");
	rc_page_text(page, "001");
	rc_page_pair(page, "安全", "Safe");
	rc_page_int(page, -1);
	rc_page_time(page, 0);
	rc_page_text_or_null(page, "");
	rc_page_row(page, "002");
	rc_page_text(page, "=1+1");
	rc_page_pair(page, "", "a \"b\"");
	rc_page_int(page, 2);
	rc_page_time(page, 1000);
	rc_page_text_or_null(page, "x");
	assert_int_equal(rc_page_end(page, NULL), RC_OK);
}

static void json_has_keys_nulls_and_pairs(void **state)
{
	const struct rc_page_request request = {.format = RC_PAGE_JSON, .limit = 3};
	struct rc_page page;
	struct rc_buf out;

	(void)state;
	write_rows(&page, &request, &out);
	assert_string_equal(
	    rc_buf_text(&out),
	    "{\"things\":["
	    "{\"number\":\"001\",\"title\":{\"zh\":\"安全\",\"en\":\"Safe\"},\"count\":-1,\"seen\":"
	    "null,"
	    "\"note\":null},"
	    "{\"number\":\"=1+1\",\"title\":{\"zh\":\"\",\"en\":\"a \\\"b\\\"\"},\"count\":2,"
	    "\"seen\":\"1970-01-01T00:00:01.000Z\",\"note\":\"x\"}],\"next\":null}");
	assert_string_equal(page.next, "");
	rc_buf_deinit(&out);
}

static void csv_has_headings_in_the_readers_language_and_guards_formulas(void **state)
{
	static const char *const headings[] = {
	    "\xEF\xBB\xBF工号,标题（中文）,标题（英文）,次数,时间,备注\r\n",
	    "\xEF\xBB\xBFnumber,title_zh,title_en,count,seen,note\r\n"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct rc_page_request request = {
		    .format = RC_PAGE_CSV, .language = i == 0 ? RC_LANGUAGE_ZH : RC_LANGUAGE_EN};
		struct rc_page page;
		struct rc_buf out;

		write_rows(&page, &request, &out);
		assert_memory_equal(rc_buf_text(&out), headings[i], strlen(headings[i]));
		assert_string_equal(rc_buf_text(&out) + strlen(headings[i]),
				    "001,安全,Safe,-1,,\r\n"
				    "'=1+1,,\"a \"\"b\"\"\",2,1970-01-01T00:00:01.000Z,x\r\n");
		rc_buf_deinit(&out);
	}
}

static void a_full_page_has_a_cursor_that_leads_behind_its_last_row(void **state)
{
	const struct rc_page_request request = {.format = RC_PAGE_CSV, .limit = 2};
	char place[RC_PAGE_PLACE_MAX_CHARS + 1];
	struct rc_page page;
	struct rc_buf out;

	(void)state;
	write_rows(&page, &request, &out);
	assert_int_equal(rc_page_cursor_read(&things, rc_bytes_of_text(page.next), place), RC_OK);
	assert_string_equal(place, "002");
	assert_int_equal(rc_page_cursor_read(&others, rc_bytes_of_text(page.next), place), RC_EFORMAT);
	rc_buf_deinit(&out);
}

static void what_is_no_cursor_of_the_list_is_refused(void **state)
{
	static const char *const plain[] = {"",        "x",         "things",
					    "things:", "thing:002", "things:\xFF"};
	char text[RC_PAGE_CURSOR_MAX_CHARS + 1], place[RC_PAGE_PLACE_MAX_CHARS + 1];
	char huge[RC_PAGE_CURSOR_MAX_CHARS * 2];

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		rc_base64url_encode(rc_bytes_of_text(plain[i]), text);
		assert_int_equal(rc_page_cursor_read(&things, rc_bytes_of_text(text), place), RC_EFORMAT);
	}
	memset(huge, 'A', sizeof(huge));
	assert_int_equal(rc_page_cursor_read(&things, rc_bytes_of(huge, sizeof(huge)), place), RC_EFORMAT);
	assert_int_equal(rc_page_cursor_read(&things, rc_bytes_of_text("not base64!"), place), RC_EFORMAT);
}

static void a_page_that_does_not_fit_says_so(void **state)
{
	const struct rc_page_request request = {.format = RC_PAGE_JSON};
	struct rc_page page;
	struct rc_buf out;

	(void)state;
	rc_buf_init(&out, 20);
	rc_page_begin(&page, &things, &request, &out);
	assert_int_equal(rc_page_end(&page, NULL), RC_ELIMIT);
	rc_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_has_keys_nulls_and_pairs),
	    cmocka_unit_test(csv_has_headings_in_the_readers_language_and_guards_formulas),
	    cmocka_unit_test(a_full_page_has_a_cursor_that_leads_behind_its_last_row),
	    cmocka_unit_test(what_is_no_cursor_of_the_list_is_refused),
	    cmocka_unit_test(a_page_that_does_not_fit_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
