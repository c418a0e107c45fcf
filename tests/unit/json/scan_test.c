/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/json/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	const char *text;
	enum rc_scan_fault fault;
};

/* From a block of exactly its size, so that a sanitizer sees any byte read behind it. */
static enum rc_scan_fault scan(const char *text)
{
	size_t size = strlen(text);
	uint8_t *copy = malloc(size + 1);
	enum rc_scan_fault fault;

	memcpy(copy + 1, text, size);
	fault = rc_scan_document(rc_bytes_of(copy + 1, size), 8, false);
	free(copy);
	return fault;
}

static void assert_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum rc_scan_fault fault = scan(rows[i].text);

		if (fault != rows[i].fault)
			fail_msg("%s: %s", rows[i].text, rc_scan_fault_text(fault));
	}
}

static void values_of_all_kinds_are_taken(void **state)
{
	static const struct row rows[] = {
	    {"null", 0},
	    {"true", 0},
	    {" false\n", 0},
	    {"0", 0},
	    {"-0", 0},
	    {"\"\"", 0},
	    {"[]", 0},
	    {"{}", 0},
	    {"[1,\"a\",null,{\"b\":[]}]", 0},
	    {"{\"\":1}", 0},
	    {"\t{ \"a\" :\r\n1 , \"b\" : [ ] } ", 0},
	    {"\"eight by\"", 0},
	    {"\"seven b\"", 0},
	    {"\"exactly sixteen.\"", 0},
	    {"\"\x7f\"", 0},
	    {"\"\xe7\x94\x9f\xf0\x9f\x98\x80\xc3\xbc\"", 0},
	    {"\"\\u00e9\\ud83d\\ude00\\/\"", 0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void grammar_is_kept_to(void **state)
{
	static const struct row rows[] = {
	    {"", RC_SCAN_NOT_JSON},
	    {" ", RC_SCAN_NOT_JSON},
	    {"nul", RC_SCAN_NOT_JSON},
	    {"nulll", RC_SCAN_NOT_JSON},
	    {"True", RC_SCAN_NOT_JSON},
	    {"1 2", RC_SCAN_NOT_JSON},
	    {"[1,]", RC_SCAN_NOT_JSON},
	    {"[,1]", RC_SCAN_NOT_JSON},
	    {"[1 2]", RC_SCAN_NOT_JSON},
	    {"[1", RC_SCAN_NOT_JSON},
	    {"{\"a\":1,}", RC_SCAN_NOT_JSON},
	    {"{a:1}", RC_SCAN_NOT_JSON},
	    {"{\"a\" 1}", RC_SCAN_NOT_JSON},
	    {"{\"a\":}", RC_SCAN_NOT_JSON},
	    {"{\"a\":1", RC_SCAN_NOT_JSON},
	    {"[1}", RC_SCAN_NOT_JSON},
	    {"'a'", RC_SCAN_NOT_JSON},
	    {"\"a", RC_SCAN_NOT_JSON},
	    {"\"a\nb\"", RC_SCAN_NOT_JSON},
	    {"\"\\a\"", RC_SCAN_NOT_JSON},
	    {"\"\\", RC_SCAN_NOT_JSON},
	    {"\"\\u12", RC_SCAN_NOT_JSON},
	    {"\"\\u12g4\"", RC_SCAN_NOT_JSON},
	    {"\xef\xbb\xbf{}", RC_SCAN_NOT_JSON},
	    {"/**/1", RC_SCAN_NOT_JSON},
	    {"]", RC_SCAN_NOT_JSON},
	    {"\v1", RC_SCAN_NOT_JSON},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void numbers_have_one_grammar_and_a_range(void **state)
{
	static const struct row rows[] = {
	    {"1.5", 0},
	    {"-1e5", 0},
	    {"1E+5", 0},
	    {"0.1e-7", 0},
	    {"9223372036854775807", 0},
	    {"-9223372036854775808", 0},
	    {"9223372036854775808", RC_SCAN_NOT_JSON},
	    {"-9223372036854775809", RC_SCAN_NOT_JSON},
	    {"99999999999999999999", RC_SCAN_NOT_JSON},
	    {"1e308", 0},
	    {"1e309", RC_SCAN_NOT_JSON},
	    {"1e400", RC_SCAN_NOT_JSON},
	    {"-1e400", RC_SCAN_NOT_JSON},
	    {"1.7976931348623157e308", 0},
	    {"1.7976931348623160e308", RC_SCAN_NOT_JSON},
	    {"0.17976931348623157e309", 0},
	    {"17976931348623157e292", 0},
	    {"0.00017976931348623160e312", RC_SCAN_NOT_JSON},
	    {"1e-400", 0},
	    {"0e99999999999999999999", 0},
	    {"0.0e400", 0},
	    {"1e99999999999999999999", RC_SCAN_NOT_JSON},
	    {"1e-99999999999999999999", 0},
	    {"01", RC_SCAN_NOT_JSON},
	    {"-", RC_SCAN_NOT_JSON},
	    {"+1", RC_SCAN_NOT_JSON},
	    {".5", RC_SCAN_NOT_JSON},
	    {"1.", RC_SCAN_NOT_JSON},
	    {"1e", RC_SCAN_NOT_JSON},
	    {"1e+", RC_SCAN_NOT_JSON},
	    {"0x1", RC_SCAN_NOT_JSON},
	    {"-Infinity", RC_SCAN_NOT_JSON},
	    {"NaN", RC_SCAN_NOT_JSON},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void text_is_utf8_and_unicode(void **state)
{
	static const struct row rows[] = {
	    {"\"\xff\"", RC_SCAN_NOT_UTF8},         {"\"\xc0\xaf\"", RC_SCAN_NOT_UTF8},
	    {"\"\xed\xa0\x80\"", RC_SCAN_NOT_UTF8}, {"\"\xe7\x94\"", RC_SCAN_NOT_UTF8},
	    {"\"abcdefg\x80\"", RC_SCAN_NOT_UTF8},  {"\"\\ud800\"", RC_SCAN_NOT_JSON},
	    {"\"\\udc00\"", RC_SCAN_NOT_JSON},      {"\"\\ud800\\u0041\"", RC_SCAN_NOT_JSON},
	    {"\"\\ud800\\\"", RC_SCAN_NOT_JSON},    {"\"\\u0000\"", RC_SCAN_NOT_JSON},
	    {"{\"\\u0000\":1}", RC_SCAN_NOT_JSON},  {"\"\\uD83D\\uDE00\"", 0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void a_key_stands_once_in_its_object_however_it_is_written(void **state)
{
	static const struct row rows[] = {
	    {"{\"a\":1,\"a\":1}", RC_SCAN_DUPLICATE_KEY},
	    {"{\"a\":1,\"\\u0061\":1}", RC_SCAN_DUPLICATE_KEY},
	    {"{\"\":1,\"\":1}", RC_SCAN_DUPLICATE_KEY},
	    {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}", RC_SCAN_DUPLICATE_KEY},
	    {"[{\"x\":{\"b\":1,\"a\":1,\"b\":2}}]", RC_SCAN_DUPLICATE_KEY},
	    {"{\"a\":1,\"A\":1}", 0},
	    {"{\"a\":{\"a\":1}}", 0},
	    {"{\"a\":1,\"\\u0061b\":1}", 0},
	    {"{\"\\u0061\":1,\"\":1}", 0},
	    {"[{\"a\":1},{\"a\":1}]", 0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
	assert_int_equal(rc_scan_document(rc_bytes_of_text("{\"a\":1,\"a\":1}"), 8, true), RC_SCAN_FINE);
}

static void nesting_has_a_limit_that_a_hundred_thousand_levels_cannot_pass(void **state)
{
	static char deep[100000];

	(void)state;
	assert_int_equal(scan("[[[[[[[[]]]]]]]]"), RC_SCAN_FINE);
	assert_int_equal(scan("[[[[[[[[1]]]]]]]]"), RC_SCAN_FINE);
	assert_int_equal(scan("[[[[[[[[[]]]]]]]]]"), RC_SCAN_TOO_DEEP);
	assert_int_equal(scan("{\"a\":[[[[[[[{}]]]]]]]}"), RC_SCAN_TOO_DEEP);
	memset(deep, '[', sizeof(deep));
	assert_int_equal(rc_scan_document(rc_bytes_of(deep, sizeof(deep)), RC_SCAN_DEPTH_MAX, false),
			 RC_SCAN_TOO_DEEP);
}

static void keys_that_are_compared_are_bounded(void **state)
{
	struct rc_buf json;

	(void)state;
	for (unsigned count = RC_SCAN_KEYS_MAX; count <= RC_SCAN_KEYS_MAX + 1; count++) {
		rc_buf_init(&json, 4096);
		for (unsigned i = 0; i < count; i++)
			rc_buf_printf(&json, "%c\"k%u\":0", i ? ',' : '{', i);
		rc_buf_append_char(&json, '}');
		assert_int_equal(rc_scan_document(rc_buf_bytes(&json), 8, false),
				 count > RC_SCAN_KEYS_MAX ? RC_SCAN_TOO_MANY_KEYS : RC_SCAN_FINE);
		assert_int_equal(rc_scan_document(rc_buf_bytes(&json), 8, true), RC_SCAN_FINE);
		rc_buf_deinit(&json);
	}
}

static void escapes_mean_what_they_say(void **state)
{
	static const char text[] =
	    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u751f\\ud83d\\ude00z\"";
	struct rc_scan walk = {.at = (const uint8_t *)text,
			       .end = (const uint8_t *)text + sizeof(text) - 1};
	struct rc_scan_string string;
	struct rc_buf meaning;

	(void)state;
	assert_int_equal(rc_scan_string(&walk, &string), RC_SCAN_FINE);
	assert_true(string.has_escapes);
	rc_buf_init(&meaning, 100);
	rc_scan_string_append(&string, &meaning);
	assert_string_equal(rc_buf_text(&meaning),
			    "\"\\/\b\f\n\r\tA\xc3\xa9\xe7\x94\x9f\xf0\x9f\x98\x80z");
	rc_buf_deinit(&meaning);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_of_all_kinds_are_taken),
	    cmocka_unit_test(grammar_is_kept_to),
	    cmocka_unit_test(numbers_have_one_grammar_and_a_range),
	    cmocka_unit_test(text_is_utf8_and_unicode),
	    cmocka_unit_test(a_key_stands_once_in_its_object_however_it_is_written),
	    cmocka_unit_test(nesting_has_a_limit_that_a_hundred_thousand_levels_cannot_pass),
	    cmocka_unit_test(keys_that_are_compared_are_bounded),
	    cmocka_unit_test(escapes_mean_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
