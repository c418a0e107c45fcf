/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/words/words.h"

#include "shared/base/status.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int speak_english(void **state)
{
	(void)state;
	rc_words_speak_chinese(false);
	return 0;
}

static void at_the_start_texts_are_english(void **state)
{
	(void)state;
	assert_string_equal(rc_words("--%s stands twice"), "--%s stands twice");
}

static void a_text_is_spoken_in_chinese_when_that_is_wanted(void **state)
{
	(void)state;
	rc_words_speak_chinese(true);
	assert_string_equal(rc_words("--%s stands twice"), "--%s 重复出现");
}

static void a_text_without_a_translation_stays_as_it_is(void **state)
{
	(void)state;
	rc_words_speak_chinese(true);
	assert_string_equal(rc_words("no catalogue has this"), "no catalogue has this");
	assert_string_equal(rc_words(""), "");
}

static void an_error_speaks_the_same_language_with_its_values(void **state)
{
	struct rc_error err;

	(void)state;
	rc_words_speak_chinese(true);
	assert_int_equal(rc_fail(&err, RC_EUSAGE, "--%s stands twice", "name"), RC_EUSAGE);
	assert_string_equal(err.text, "--name 重复出现");
	assert_int_equal(rc_fail_errno(&err, ENOENT, "--%s stands twice", "name"), RC_ENOTFOUND);
	assert_string_equal(err.text, "--name 重复出现: 没有那个文件或目录");
	assert_int_equal(rc_error_in(&err, RC_EIO, "--%s stands twice", "x"), RC_EIO);
	assert_string_equal(err.text, "--x 重复出现: --name 重复出现: 没有那个文件或目录");
}

static void one_and_many_are_told_apart_in_english(void **state)
{
	(void)state;
	assert_string_equal(rc_words_counted(1, "%lld row", "%lld rows"), "%lld row");
	assert_string_equal(rc_words_counted(0, "%lld row", "%lld rows"), "%lld rows");
	assert_string_equal(rc_words_counted(2, "%lld row", "%lld rows"), "%lld rows");
}

#define T(test) cmocka_unit_test_teardown(test, speak_english)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(at_the_start_texts_are_english),
	    T(a_text_is_spoken_in_chinese_when_that_is_wanted),
	    T(a_text_without_a_translation_stays_as_it_is),
	    T(an_error_speaks_the_same_language_with_its_values),
	    T(one_and_many_are_told_apart_in_english),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
