/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/status.h"
#include "shared/base/utf8.h"
#include "testing.h"

#include <errno.h>

static void each_level_puts_its_words_in_front(void **state)
{
	struct rc_error err;

	(void)state;
	assert_int_equal(rc_fail(&err, RC_EEXPIRED, "certificate of %s expired", "10.0.0.5"), RC_EEXPIRED);
	assert_int_equal(rc_error_in(&err, RC_EEXPIRED, "upload %d", 7), RC_EEXPIRED);
	assert_int_equal(rc_error_in(&err, RC_ENET, "sync"), RC_ENET);
	assert_string_equal(err.text, "sync: upload 7: certificate of 10.0.0.5 expired");
}

static void nobody_has_to_read_the_text(void **state)
{
	(void)state;
	assert_int_equal(rc_fail(NULL, RC_EIO, "lost"), RC_EIO);
	assert_int_equal(rc_fail_errno(NULL, ENOSPC, "lost"), RC_EIO);
	assert_int_equal(rc_error_in(NULL, RC_EBUSY, "lost"), RC_EBUSY);
}

static void the_status_of_an_errno_follows_from_it(void **state)
{
	static const struct {
		int value;
		enum rc_status status;
	} cases[] = {
	    {ENOENT, RC_ENOTFOUND}, {EEXIST, RC_ECONFLICT}, {EACCES, RC_EDENIED},
	    {EPERM, RC_EDENIED},    {ENOMEM, RC_ENOMEM},    {EAGAIN, RC_EBUSY},
	    {ENOSPC, RC_EIO},       {EROFS, RC_EIO},
	};
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		assert_int_equal(rc_fail_errno(&err, cases[i].value, "x"), cases[i].status);
	(void)rc_fail_errno(&err, ENOSPC, "write %s", "journal.db");
	assert_string_equal(err.text, "write journal.db: No space left on device");
}

static void a_long_text_is_cut_and_stays_whole_characters(void **state)
{
	char name[3 * 300 + 1];
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(name) - 1; i += 3)
		memcpy(name + i, "王", 3);
	name[sizeof(name) - 1] = '\0';
	for (int shift = 0; shift < 4; shift++) {
		(void)rc_fail(&err, RC_EFORMAT, "%.*s%s", shift, "abc", name);
		assert_true(strlen(err.text) < RC_ERROR_MAX_BYTES);
		assert_true(strlen(err.text) > RC_ERROR_MAX_BYTES - 8);
		assert_true(rc_utf8_is_valid(rc_bytes_of_text(err.text)));
	}
	(void)rc_error_in(&err, RC_EFORMAT, "in front of it");
	assert_true(rc_utf8_is_valid(rc_bytes_of_text(err.text)));
	assert_memory_equal(err.text, "in front of it: abc", 19);
	(void)rc_error_in(&err, RC_EFORMAT, "a%s", name);
	assert_true(rc_utf8_is_valid(rc_bytes_of_text(err.text)));
}

static void programs_end_with_the_agreed_numbers(void **state)
{
	(void)state;
	assert_int_equal(rc_status_exit(RC_OK), 0);
	assert_int_equal(rc_status_exit(RC_EFORMAT), 1);
	assert_int_equal(rc_status_exit(RC_ENOTFOUND), 1);
	assert_int_equal(rc_status_exit(RC_EDENIED), 1);
	assert_int_equal(rc_status_exit(RC_EUSAGE), 2);
	assert_int_equal(rc_status_exit(RC_EIO), 4);
	assert_int_equal(rc_status_exit(RC_ENET), 4);
	assert_int_equal(rc_status_exit(RC_EBUG), 70);
}

static void every_status_has_a_word_and_a_stranger_is_unknown(void **state)
{
	(void)state;
	for (int status = RC_OK; status <= RC_EBUG; status++)
		assert_true(strlen(rc_status_text((enum rc_status)status)) > 1);
	assert_string_equal(rc_status_text((enum rc_status)999), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_level_puts_its_words_in_front),
	    cmocka_unit_test(nobody_has_to_read_the_text),
	    cmocka_unit_test(the_status_of_an_errno_follows_from_it),
	    cmocka_unit_test(a_long_text_is_cut_and_stays_whole_characters),
	    cmocka_unit_test(programs_end_with_the_agreed_numbers),
	    cmocka_unit_test(every_status_has_a_word_and_a_stranger_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
