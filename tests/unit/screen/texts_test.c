/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/texts.h"
#include "testing.h"

static void both_languages_speak_in_one_process_without_a_locale(void **state)
{
	(void)state;
	assert_string_equal(rc_text(RC_VIEW_ZH, "Signed in"), "已签到");
	assert_string_equal(rc_text(RC_VIEW_EN, "Signed in"), "Signed in");
}

static void a_text_that_no_catalogue_holds_is_shown_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(rc_text(RC_VIEW_ZH, "No such text"), "No such text");
	assert_string_equal(rc_text(RC_VIEW_ZH, "Signed i"), "Signed i");
}

static void english_counts_one_and_many_and_chinese_does_not(void **state)
{
	const char *one = "{minutes} minute after the start";
	const char *many = "{minutes} minutes after the start";

	(void)state;
	assert_string_equal(rc_text_plural(RC_VIEW_EN, one, many, 1), one);
	assert_string_equal(rc_text_plural(RC_VIEW_EN, one, many, 2), many);
	assert_string_equal(rc_text_plural(RC_VIEW_EN, one, many, 0), many);
	assert_string_equal(rc_text_plural(RC_VIEW_ZH, one, many, 1), "开课后 {minutes} 分钟");
	assert_string_equal(rc_text_plural(RC_VIEW_ZH, one, many, 7), "开课后 {minutes} 分钟");
	assert_string_equal(rc_text_plural(RC_VIEW_EN, "no such", "no such ones", 2),
			    "no such ones");
}

static void values_are_filled_in_once_and_not_looked_into(void **state)
{
	const struct rc_text_value values[] = {{"a", "{b}"}, {"b", "2"}, {NULL, NULL}};
	char text[64];

	(void)state;
	rc_text_fill(text, sizeof(text), "{a}, {b}, {c}, {", values);
	assert_string_equal(text, "{b}, 2, {c}, {");
}

static void a_filled_text_that_is_too_long_ends_between_characters(void **state)
{
	const struct rc_text_value values[] = {{"name", "张伟张伟"}, {NULL, NULL}};
	char text[9];

	(void)state;
	rc_text_fill(text, sizeof(text), "{name}", values);
	assert_string_equal(text, "张伟");
	rc_text_fill(text, sizeof(text), "1234567890", values);
	assert_string_equal(text, "12345678");
}

static void chinese_is_known_by_any_of_its_characters(void **state)
{
	(void)state;
	assert_true(rc_text_is_chinese("3F 培训室"));
	assert_true(rc_text_is_chinese("𠮷"));
	assert_false(rc_text_is_chinese("Zoë 3F-305 · ’“"));
	assert_false(rc_text_is_chinese(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_languages_speak_in_one_process_without_a_locale),
	    cmocka_unit_test(a_text_that_no_catalogue_holds_is_shown_as_it_is),
	    cmocka_unit_test(english_counts_one_and_many_and_chinese_does_not),
	    cmocka_unit_test(values_are_filled_in_once_and_not_looked_into),
	    cmocka_unit_test(a_filled_text_that_is_too_long_ends_between_characters),
	    cmocka_unit_test(chinese_is_known_by_any_of_its_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
