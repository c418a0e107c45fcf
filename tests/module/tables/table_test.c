/* SPDX-License-Identifier: Apache-2.0 */
/* Files as people really make them, good and bad. */
#include "server/tables/encoding.h"
#include "server/tables/preview.h"
#include "shared/base/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CODE, NAME, COUNT, IS_ON, AT, OFFSET, COLUMNS };

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct rc_table_column columns[COLUMNS] = {
    [CODE] = {"code", NAMES("编号", "Item Code"), true, true},
    [NAME] = {"name", NAMES("姓名"), true, false},
    [COUNT] = {"count", NAMES("数量"), false, true},
    [IS_ON] = {"is_on", NULL, false, true},
    [AT] = {"at", NAMES("时间"), false, true},
    [OFFSET] = {"offset", NULL, false, true},
};

/* What the rows held, as text, and what the getters made of them. */
struct reading {
	struct rc_import import;
	struct rc_buf text; /* "line:code|name " for each row, "!" behind a faulty one */
	int count;
	bool is_on;
	int64_t at_ms;
	int offset_min;
	enum rc_status answer; /* of the row's function */
};

static enum rc_status take(struct rc_table *table, void *context, struct rc_error *err)
{
	struct reading *reading = context;
	char code[16] = "", name[32] = "";

	(void)err;
	(void)rc_table_get_code(table, CODE, code, sizeof(code));
	(void)rc_table_get_text(table, NAME, name, sizeof(name));
	(void)rc_table_get_int(table, COUNT, -5, 100, &reading->count);
	(void)rc_table_get_bool(table, IS_ON, &reading->is_on);
	(void)rc_table_get_time(table, AT, 480, &reading->at_ms);
	(void)rc_table_get_offset(table, OFFSET, &reading->offset_min);
	rc_buf_printf(&reading->text, "%zu:%s|%s%s ", rc_table_line(table), code, name,
		      rc_table_is_faulty(table) ? "!" : "");
	return reading->answer;
}

static enum rc_status read_bytes(struct reading *reading, struct rc_bytes file)
{
	const struct rc_table_request request = {
	    .file = file, .columns = {columns, COLUMNS}, .row = take, .context = reading};

	rc_import_clear(&reading->import);
	rc_buf_clear(&reading->text);
	return rc_table_read(&request, &reading->import, NULL);
}

/* A code that stands in addresses. */
static enum rc_status take_key(struct rc_table *table, void *context, struct rc_error *err)
{
	struct reading *reading = context;
	char code[41] = "";

	(void)err;
	reading->is_on = rc_table_get_key(table, CODE, code, sizeof(code));
	rc_buf_printf(&reading->text, "%s ", code);
	return RC_OK;
}

/* Reads a good file and gives its rows. */
static const char *rows_of(struct reading *reading, const char *csv)
{
	assert_int_equal(read_bytes(reading, rc_bytes_of_text(csv)), RC_OK);
	for (size_t i = 0; i < rc_report_kept(&reading->import.errors); i++)
		print_error("%zu %s: %s\n", reading->import.errors.issues[i].line,
			    reading->import.errors.issues[i].column,
			    reading->import.errors.issues[i].en);
	assert_int_equal(reading->import.errors.count, 0);
	return rc_buf_text(&reading->text);
}

/* Reads a file with one fault and gives it. */
static const struct rc_report_issue *fault_of(struct reading *reading, const char *csv)
{
	assert_int_equal(read_bytes(reading, rc_bytes_of_text(csv)), RC_OK);
	assert_int_equal(reading->import.errors.count, 1);
	assert_true(reading->import.errors.issues[0].zh[0] != '\0');
	return &reading->import.errors.issues[0];
}

static int set_up(void **state)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	assert_non_null(reading);
	rc_import_init(&reading->import);
	rc_buf_init(&reading->text, 1u << 20);
	*state = reading;
	return 0;
}

static int tear_down(void **state)
{
	struct reading *reading = *state;

	rc_import_deinit(&reading->import);
	rc_buf_deinit(&reading->text);
	free(reading);
	return 0;
}

/* ---- headers ---- */

static void columns_are_found_by_any_of_their_names_in_any_order(void **state)
{
	assert_string_equal(rows_of(*state, "code,name\n1,a\n"), "2:1|a ");
	assert_string_equal(rows_of(*state, "姓名,编号\na,1\n"), "2:1|a ");
	assert_string_equal(rows_of(*state, "NAME,ITEM code\na,1\n"), "2:1|a ");
	assert_string_equal(rows_of(*state, "\xef\xbb\xbf编号*,姓名（必填）\r\n1,a\r\n"), "2:1|a ");
	assert_string_equal(rows_of(*state, "＊编号　, 姓 名 (required)\n1,a\n"), "2:1|a ");
	assert_string_equal(rows_of(*state, "ｃｏｄｅ,Ｎａｍｅ\n1,a\n"), "2:1|a ");
}

static void a_title_and_notes_above_the_header_are_passed_over(void **state)
{
	assert_string_equal(rows_of(*state, "员工名单 2026\n\n请勿修改表头,,\n编号;姓名\n1;a\n"),
			    "5:1|a ");
}

static void semicolons_and_tabs_separate_too(void **state)
{
	assert_string_equal(rows_of(*state, "code;name\n1;\"a, b\"\n"), "2:1|a, b ");
	assert_string_equal(rows_of(*state, "code\tname\n1\ta,b\n"), "2:1|a,b ");
}

static void an_unknown_column_is_a_warning(void **state)
{
	struct reading *reading = *state;

	assert_string_equal(rows_of(reading, "code,shoe size,name\n1,44,a\n"), "2:1|a ");
	assert_int_equal(reading->import.warnings.count, 1);
	assert_string_equal(reading->import.warnings.issues[0].column, "shoe size");
}

static void a_column_that_is_missing_or_doubled_is_named(void **state)
{
	const struct rc_report_issue *fault = fault_of(*state, "code,count\n1,2\n");

	assert_int_equal(fault->line, 1);
	assert_non_null(strstr(fault->en, "name / 姓名 is missing"));
	fault = fault_of(*state, "code,name,编号\n1,a,2\n");
	assert_string_equal(fault->column, "编号");
	assert_non_null(strstr(fault->en, "twice"));
}

static void a_file_without_header_or_content_says_so(void **state)
{
	assert_non_null(strstr(fault_of(*state, "")->en, "no header"));
	assert_non_null(strstr(fault_of(*state, "1,a\n2,b\n")->en, "no header"));
	assert_non_null(strstr(fault_of(*state, "\n\n\n")->en, "no header"));
	assert_string_equal(rows_of(*state, "code,name\n"), "");
}

static void a_file_without_header_is_told_which_columns_are_wanted(void **state)
{
	const struct rc_report_issue *fault = fault_of(*state, "1,a\n2,b\n");

	assert_non_null(strstr(fault->en, "at least code, name"));
	assert_non_null(strstr(fault->zh, "code, name"));
}

static void a_number_that_a_spreadsheet_has_rewritten_is_no_code(void **state)
{
	assert_non_null(strstr(fault_of(*state, "code,name\n1.23E+05,a\n")->en, "spreadsheet"));
	assert_non_null(strstr(fault_of(*state, "code,name\n1E+11,a\n")->en, "spreadsheet"));
	assert_string_equal(rows_of(*state, "code,name\n2E-10,a\n1E+,b\nE+05,c\n00123,d\n"),
			    "2:2E-10|a 3:1E+|b 4:E+05|c 5:00123|d ");
	assert_non_null(strstr(fault_of(*state, "code,name\n1.10101e+17,a\n")->en, "spreadsheet"));
	assert_string_equal(rows_of(*state, "code,name\n1.2.3,a\nE+,b\n"), "2:1.2.3|a 3:E+|b ");
}

static void a_code_that_became_a_day_or_an_error_is_none(void **state)
{
	static const char *const bad[] = {"5-Mar", "Mar-05", "12-dec", "3月5日",
					  "####",  "#N/A",   "#REF!"};
	static const char *const good[] = {"5-Mars", "Mar-005", "T-001-01", "3月",
					   "#1",     "##",      "123-Mar"};
	char csv[96];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(csv, sizeof(csv), "code,name\n%s,a\n", bad[i]);
		assert_non_null(strstr(fault_of(*state, csv)->en, "spreadsheet"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(csv, sizeof(csv), "code,name\n%s,a\n", good[i]);
		assert_non_null(strstr(rows_of(*state, csv), good[i]));
	}
}

static void numbers_of_several_lengths_are_asked_about_once(void **state)
{
	struct reading *reading = *state;

	assert_non_null(rows_of(reading, "code,name\n00123,a\n456,b\n00789,c\n17,d\n"));
	assert_int_equal(reading->import.warnings.count, 1);
	assert_int_equal(reading->import.warnings.issues[0].line, 5);
	assert_non_null(strstr(reading->import.warnings.issues[0].en,
			       "“17” is shorter than others (5 digits)"));
	assert_non_null(rows_of(reading, "code,name\n00123,a\n00456,b\nX1,c\n"));
	assert_int_equal(reading->import.warnings.count, 0);
}

static void characters_that_were_lost_before_are_told(void **state)
{
	struct reading *reading = *state;

	assert_string_equal(rows_of(reading, "code,name\n1,\xe5\xbc\xa0\xef\xbf\xbd\n"),
			    "2:1|\xe5\xbc\xa0\xef\xbf\xbd ");
	assert_int_equal(reading->import.warnings.count, 1);
	assert_non_null(rows_of(reading, "code,name\n1,锟斤拷\n"));
	assert_int_equal(reading->import.warnings.count, 1);
}

static void a_key_is_of_a_closed_alphabet(void **state)
{
	static const char *const good[] = {"S-1", "安全-2026_01.a", "007", "𠮷1"};
	static const char *const bad[] = {"S/../1", "..",  ".",   "-1",  "_1", "a/b", "a\\b",
					  "a%2e",   "a?b", "a#b", "a:b", "é",  "a+b", "<a>"};
	struct reading *reading = *state;
	char csv[96];
	struct rc_table_request request = {
	    .columns = {columns, COLUMNS}, .row = take_key, .context = reading};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]) + sizeof(bad) / sizeof(bad[0]); i++) {
		const bool is_good = i < sizeof(good) / sizeof(good[0]);

		(void)snprintf(csv, sizeof(csv), "code,name\n%s,a\n",
			       is_good ? good[i] : bad[i - sizeof(good) / sizeof(good[0])]);
		request.file = rc_bytes_of_text(csv);
		rc_import_clear(&reading->import);
		assert_int_equal(rc_table_read(&request, &reading->import, NULL), RC_OK);
		assert_int_equal(reading->is_on, is_good);
		assert_int_equal(reading->import.errors.count, is_good ? 0 : 1);
	}
}

/* ---- what a human sees before ---- */

static void a_preview_shows_how_the_file_is_understood(void **state)
{
	struct reading *reading = *state;
	struct rc_import_preview *preview = calloc(1, sizeof(*preview));

	assert_non_null(preview);
	reading->import.preview = preview;
	assert_int_equal(
	    read_bytes(reading,
		       rc_bytes_of_text("Staff 2026\n编号;姓名;memo\n１;a;x\n2;b\x1b;\n3;c;\n"
					"4;d;\n5;e;\n6;f;\n")),
	    RC_OK);
	assert_int_equal(preview->separator, ';');
	assert_int_equal(preview->header_line, 2);
	assert_int_equal(preview->column_count, 3);
	assert_string_equal(preview->columns[0].title, "编号");
	assert_string_equal(preview->columns[0].field, "code");
	assert_null(preview->columns[2].field);
	assert_int_equal(preview->row_count, RC_PREVIEW_ROWS);
	assert_int_equal(preview->rows[0].line, 3);
	assert_string_equal(preview->rows[0].cells[CODE], "1");
	assert_string_equal(preview->rows[1].cells[NAME], "b?");
	assert_null(preview->fields[COUNT]);
	assert_int_equal(reading->import.refused, 1);
	assert_int_equal(preview->refused.runs[0].from, 4);
	assert_int_equal(preview->unchanged.run_count, 2);
	assert_int_equal(preview->unchanged.runs[1].from, 5);
	assert_int_equal(preview->unchanged.runs[1].to, 8);
	assert_int_equal(read_bytes(reading, rc_bytes_of_text("nothing\n")), RC_OK);
	assert_int_equal(preview->separator, 0);
	reading->import.preview = NULL;
	free(preview);
}

/* ---- the file as a whole ---- */

static void other_encodings_are_refused_with_the_line_and_a_way_out(void **state)
{
	struct reading *reading = *state;
	const struct rc_report_issue *fault;

	fault = fault_of(reading, "code,name\n1,a\n2,\xd5\xc5\xce\xb0\n"); /* 张伟 in GBK */
	assert_int_equal(fault->line, 3);
	assert_non_null(strstr(fault->en, "UTF-8"));
	assert_non_null(strstr(fault->zh, "CSV UTF-8"));
	assert_int_equal(read_bytes(reading, rc_bytes_of("\xff\xfe"
							 "c\0o\0",
							 6)),
			 RC_OK);
	assert_non_null(strstr(reading->import.errors.issues[0].en, "UTF-16"));
	assert_int_equal(read_bytes(reading, rc_bytes_of("code,name\n1,a\0b\n", 16)), RC_OK);
	assert_int_equal(reading->import.errors.issues[0].line, 2);
	assert_non_null(strstr(reading->import.errors.issues[0].en, "NUL"));
	assert_non_null(strstr(fault_of(reading, "PK\x03\x04xlsx")->en, "workbook"));
}

static void a_broken_quote_is_told_with_its_line_and_ends_the_file(void **state)
{
	struct reading *reading = *state;
	const struct rc_report_issue *fault = fault_of(reading, "code,name\n1,a\n2,\"b\n3,c\n");

	assert_string_equal(rc_buf_text(&reading->text), "2:1|a ");
	assert_int_equal(fault->line, 3);
	assert_non_null(strstr(fault->en, "a quote opens here, in column 2"));
	assert_non_null(strstr(fault->zh, "第 2 列"));
	fault = fault_of(reading, "\"code,name\n1,a\n");
	assert_int_equal(fault->line, 1);
	assert_string_equal(rc_buf_text(&reading->text), "");
}

static void a_file_over_the_limit_is_refused_unread(void **state)
{
	struct reading *reading = *state;
	uint8_t *large = calloc(1, RC_TABLE_MAX_BYTES + 1);

	assert_non_null(large);
	assert_int_equal(read_bytes(reading, rc_bytes_of(large, RC_TABLE_MAX_BYTES + 1)), RC_OK);
	assert_non_null(strstr(reading->import.errors.issues[0].en, "64 MiB"));
	free(large);
}

static void what_a_row_answers_ends_the_reading(void **state)
{
	struct reading *reading = *state;

	reading->answer = RC_EIO;
	assert_int_equal(read_bytes(reading, rc_bytes_of_text("code,name\n1,a\n2,b\n")), RC_EIO);
	assert_string_equal(rc_buf_text(&reading->text), "2:1|a ");
	assert_int_equal(reading->import.errors.count, 0);
}

/* ---- rows and cells ---- */

static void lines_are_those_of_the_file_also_behind_newlines_in_quotes(void **state)
{
	struct reading *reading = *state;

	assert_int_equal(read_bytes(reading, rc_bytes_of_text("code,name\n\n,\n1,\"a\nb\"\n2,c\n")),
			 RC_OK);
	assert_string_equal(rc_buf_text(&reading->text), "4:1|! 6:2|c ");
	assert_int_equal(reading->import.rows, 2);
	assert_int_equal(reading->import.errors.issues[0].line, 4);
	assert_non_null(strstr(reading->import.errors.issues[0].en, "control"));
}

static void spaces_around_cells_go_and_full_width_codes_become_ascii(void **state)
{
	assert_string_equal(rows_of(*state, "code,name\n　００１－Ａ , 张 伟　\n"),
			    "2:001-A|张 伟 ");
	assert_string_equal(rows_of(*state, "code,name\n1,ＡＢ\n"), "2:1|ＡＢ ");
}

static void a_row_that_is_too_long_is_a_fault_and_a_short_one_has_empty_cells(void **state)
{
	struct reading *reading = *state;

	assert_non_null(strstr(fault_of(reading, "code,name\n1,a,x\n")->en, "more cells"));
	assert_string_equal(rc_buf_text(&reading->text), "2:1|a! ");
	assert_string_equal(rows_of(reading, "code,name\n1,a,,\n"), "2:1|a ");
	assert_string_equal(fault_of(reading, "code,name\n1\n")->column, "name");
}

static void text_that_hides_something_or_is_too_long_is_refused(void **state)
{
	assert_non_null(strstr(fault_of(*state, "code,name\n1,a\xe2\x80\xae"
						"b\n")
				   ->en,
			       "invisible"));
	assert_non_null(strstr(fault_of(*state, "code,name\n1,a\x1b[31m\n")->en, "control"));
	assert_non_null(
	    strstr(fault_of(*state, "code,name\n1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")->en,
		   "at most 31"));
	assert_non_null(strstr(fault_of(*state, "code,name\n1 2,a\n")->en, "no spaces"));
}

static void a_fault_shows_nothing_that_could_mislead(void **state)
{
	const struct rc_report_issue *fault = fault_of(*state, "code,name\n1,\xe2\x80\xae"
							       "evil\x1b[0m\n");

	assert_null(strstr(fault->en, "\xe2\x80\xae"));
	assert_null(strchr(fault->en, '\x1b'));
	assert_non_null(strstr(fault->en, "?evil?[0m"));
}

static void numbers_and_truths_are_read_strictly(void **state)
{
	static const char *const bad_counts[] = {"101", "-6",  "1.5",         "1e2",
						 "0x1", "--1", "999999999999"};
	struct reading *reading = *state;
	char csv[64];

	(void)rows_of(reading, "code,name,count,is_on\n1,a,-5,是\n");
	assert_int_equal(reading->count, -5);
	assert_true(reading->is_on);
	(void)rows_of(reading, "code,name,count,is_on\n1,a,１００,No\n");
	assert_int_equal(reading->count, 100);
	assert_false(reading->is_on);
	for (size_t i = 0; i < sizeof(bad_counts) / sizeof(bad_counts[0]); i++) {
		(void)snprintf(csv, sizeof(csv), "code,name,count\n1,a,%s\n", bad_counts[i]);
		assert_non_null(strstr(fault_of(reading, csv)->en, "no whole number in -5 … 100"));
	}
	assert_non_null(
	    strstr(fault_of(reading, "code,name,is_on\n1,a,maybe\n")->en, "none of: yes, no"));
}

static void times_are_read_in_every_form_that_has_one_meaning(void **state)
{
	static const char *const forms[] = {
	    "2026-01-05 09:00",        "2026/1/5 9:00",
	    "2026-01-05T09:00",        "2026年1月5日 9:00",
	    "2026年1月5日9:00",        "2026-01-05 09:00:00",
	    "2026-01-05T01:00Z",       "2026-01-05T10:00+09:00",
	    "2026-01-04 20:00 -05:00", "２０２６－０１－０５　０９：００",
	};
	struct reading *reading = *state;
	char csv[96];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		(void)snprintf(csv, sizeof(csv), "code,name,at\n1,a,%s\n", forms[i]);
		reading->at_ms = 0;
		(void)rows_of(reading, csv);
		assert_int_equal(reading->at_ms, INT64_C(1767574800000));
	}
}

static void times_with_two_meanings_or_none_are_refused(void **state)
{
	static const char *const forms[] = {
	    "1/2/2026 09:00",      "26-01-05 09:00",
	    "2026-02-30 09:00",    "2026-01-05",
	    "2026-01-05 24:00",    "2026-01-05 09:60",
	    "2026-01-05 9",        "2026-1/5 09:00",
	    "46027.375",           "2026-01-05 09:00 +15:00",
	    "2026-01-05 09:00 PM", "1969-01-05 09:00",
	    "2026-01-0509:00",
	};
	char csv[96];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		(void)snprintf(csv, sizeof(csv), "code,name,at\n1,a,%s\n", forms[i]);
		assert_non_null(strstr(fault_of(*state, csv)->en, "2026-01-05 09:00"));
	}
	assert_non_null(
	    strstr(fault_of(*state, "code,name,at\n1,a,1/2/2026 9:00\n")->en, "two ways"));
	assert_non_null(strstr(fault_of(*state, "code,name,at\n1,a,01-02-26\n")->zh, "两种读法"));
	assert_non_null(
	    strstr(fault_of(*state, "code,name,at\n1,a,25/12/2026\n")->en, "no time like"));
	assert_non_null(
	    strstr(fault_of(*state, "code,name,at\n1,a,46027.375\n")->en, "spreadsheet's number"));
}

static void offsets_are_read_to_the_minute(void **state)
{
	struct reading *reading = *state;

	(void)rows_of(reading, "code,name,offset\n1,a,-03:30\n");
	assert_int_equal(reading->offset_min, -210);
	assert_non_null(strstr(fault_of(reading, "code,name,offset\n1,a,8\n")->en, "no offset"));
	assert_non_null(
	    strstr(fault_of(reading, "code,name,offset\n1,a,+08:75\n")->en, "no offset"));
}

/* ---- reports ---- */

static void many_faults_are_counted_and_the_first_are_kept(void **state)
{
	struct reading *reading = *state;
	struct rc_buf csv, json;
	struct rc_error err = {""};

	rc_buf_init(&csv, 1u << 20);
	rc_buf_init(&json, 1u << 20);
	rc_buf_append_text(&csv, "code,name\n");
	for (int i = 0; i < 1000; i++)
		rc_buf_append_text(&csv, ",a\n");
	assert_int_equal(read_bytes(reading, rc_buf_bytes(&csv)), RC_OK);
	assert_int_equal(reading->import.errors.count, 1000);
	assert_int_equal(rc_report_kept(&reading->import.errors), RC_REPORT_ISSUES_MAX);
	assert_int_equal(rc_import_verdict(&reading->import, &err), RC_EFORMAT);
	assert_string_equal(err.text,
			    "errors in the file: 1000; nothing was imported; the first: line 2, "
			    "code: must not be empty");
	rc_import_encode(&reading->import, &json);
	assert_non_null(strstr(rc_buf_text(&json), "\"error_count\":1000,"));
	assert_non_null(strstr(rc_buf_text(&json),
			       "{\"line\":2,\"column\":\"code\",\"en\":\"must not be empty\","
			       "\"zh\":\"不能为空\"}"));
	rc_buf_deinit(&csv);
	rc_buf_deinit(&json);
}

static void keys_that_were_seen_are_found_among_many(void **state)
{
	struct rc_seen seen;
	char key[16];
	size_t before;

	(void)state;
	rc_seen_init(&seen);
	for (size_t i = 1; i <= 20000; i++) {
		(void)snprintf(key, sizeof(key), "k%zu", i);
		assert_int_equal(rc_seen_add(&seen, rc_bytes_of_text(key), i, &before), RC_OK);
		assert_int_equal(before, 0);
	}
	assert_int_equal(rc_seen_add(&seen, rc_bytes_of_text("k777"), 1, &before), RC_OK);
	assert_int_equal(before, 777);
	rc_seen_deinit(&seen);
}

#define READING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    READING(columns_are_found_by_any_of_their_names_in_any_order),
	    READING(a_title_and_notes_above_the_header_are_passed_over),
	    READING(semicolons_and_tabs_separate_too),
	    READING(an_unknown_column_is_a_warning),
	    READING(a_column_that_is_missing_or_doubled_is_named),
	    READING(a_file_without_header_or_content_says_so),
	    READING(a_file_without_header_is_told_which_columns_are_wanted),
	    READING(a_number_that_a_spreadsheet_has_rewritten_is_no_code),
	    READING(a_code_that_became_a_day_or_an_error_is_none),
	    READING(numbers_of_several_lengths_are_asked_about_once),
	    READING(characters_that_were_lost_before_are_told),
	    READING(a_key_is_of_a_closed_alphabet),
	    READING(a_preview_shows_how_the_file_is_understood),
	    READING(other_encodings_are_refused_with_the_line_and_a_way_out),
	    READING(a_broken_quote_is_told_with_its_line_and_ends_the_file),
	    READING(a_file_over_the_limit_is_refused_unread),
	    READING(what_a_row_answers_ends_the_reading),
	    READING(lines_are_those_of_the_file_also_behind_newlines_in_quotes),
	    READING(spaces_around_cells_go_and_full_width_codes_become_ascii),
	    READING(a_row_that_is_too_long_is_a_fault_and_a_short_one_has_empty_cells),
	    READING(text_that_hides_something_or_is_too_long_is_refused),
	    READING(a_fault_shows_nothing_that_could_mislead),
	    READING(numbers_and_truths_are_read_strictly),
	    READING(times_are_read_in_every_form_that_has_one_meaning),
	    READING(times_with_two_meanings_or_none_are_refused),
	    READING(offsets_are_read_to_the_minute),
	    READING(many_faults_are_counted_and_the_first_are_kept),
	    READING(keys_that_were_seen_are_found_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
