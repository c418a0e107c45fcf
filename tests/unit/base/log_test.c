/* SPDX-License-Identifier: Apache-2.0 */
/* Lines go to a sink of the test, which keeps the last one and counts them. */
#include "shared/base/log.h"
#include "shared/base/utf8.h"
#include "testing.h"

static char last[4096];
static size_t line_count;

static void keep_line(void *context, const char *line, size_t size)
{
	(void)context;
	assert_true(size < sizeof(last));
	memcpy(last, line, size);
	last[size] = '\0';
	line_count++;
}

static int begin(void **state)
{
	(void)state;
	rc_log_set_sink(keep_line, NULL);
	rc_log_set_level(RC_LOG_INFO);
	last[0] = '\0';
	line_count = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	rc_log_set_sink(NULL, NULL);
	return 0;
}

static void a_line_has_priority_level_message_and_fields(void **state)
{
	(void)state;
	rc_log(RC_LOG_WARNING, "upload refused", "kiosk", "0c9f", "status", "409", NULL);
	assert_string_equal(last,
			    "<4>level=warning msg=\"upload refused\" kiosk=0c9f status=409\n");
}

static void empty_and_missing_values_are_quoted_nothing(void **state)
{
	(void)state;
	rc_log(RC_LOG_INFO, "m", "a", "", "b", NULL, "c", "d", NULL);
	assert_string_equal(last, "<6>level=info msg=m a=\"\" b=\"\" c=d\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
	(void)state;
	rc_log(RC_LOG_DEBUG, "quiet", NULL);
	assert_int_equal(line_count, 0);
	rc_log_set_level(RC_LOG_DEBUG);
	rc_log(RC_LOG_DEBUG, "loud", NULL);
	assert_int_equal(line_count, 1);
	rc_log_set_level(RC_LOG_ERROR);
	rc_log(RC_LOG_WARNING, "quiet", NULL);
	assert_int_equal(line_count, 1);
}

static void a_value_can_not_forge_a_line_or_a_field(void **state)
{
	(void)state;
	rc_log(RC_LOG_INFO, "m", "v", "x\r\n<3>level=error msg=forged", NULL);
	assert_string_equal(last,
			    "<6>level=info msg=m v=\"x\\x0d\\x0a<3>level=error msg=forged\"\n");
	rc_log(RC_LOG_INFO, "m", "v", "a\" b=\"c\\", NULL);
	assert_string_equal(last, "<6>level=info msg=m v=\"a\\\" b=\\\"c\\\\\"\n");
	rc_log(RC_LOG_INFO, "line\ntwo", NULL);
	assert_string_equal(last, "<6>level=info msg=\"line\\x0atwo\"\n");
}

static void control_bytes_of_every_sort_are_escaped(void **state)
{
	(void)state;
	rc_log(RC_LOG_INFO, "m", "v", "\x1b[2J\x07\x7f\x01", NULL);
	assert_string_equal(last, "<6>level=info msg=m v=\\x1b[2J\\x07\\x7f\\x01\n");
	rc_log(RC_LOG_INFO, "m", "v", "\xc2\x85\xc2\x9b", NULL); /* NEL and CSI of C1 */
	assert_string_equal(last, "<6>level=info msg=m v=\\xc2\\x85\\xc2\\x9b\n");
}

static void characters_that_turn_or_break_the_line_are_escaped(void **state)
{
	(void)state;
	rc_log(RC_LOG_INFO, "m", "v",
	       "a\xe2\x80\xae"
	       "b\xe2\x80\x8b",
	       NULL);
	assert_string_equal(last, "<6>level=info msg=m v=a\\xe2\\x80\\xaeb\\xe2\\x80\\x8b\n");
	rc_log(RC_LOG_INFO, "m", "v",
	       "a\xe2\x80\xa8"
	       "b",
	       NULL); /* LINE SEPARATOR */
	assert_string_equal(last, "<6>level=info msg=m v=a\\xe2\\x80\\xa8"
				  "b\n");
}

static void bytes_that_are_no_utf8_are_escaped_and_names_are_not(void **state)
{
	(void)state;
	rc_log(RC_LOG_INFO, "m", "v", "\xcd\xf5王\xe7\x8e", NULL);
	assert_string_equal(last, "<6>level=info msg=m v=\\xcd\\xf5王\\xe7\\x8e\n");
}

static void a_long_line_is_cut_between_characters_and_says_so(void **state)
{
	char value[3 * 1500 + 1];
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(value) - 1; i += 3)
		memcpy(value + i, "王", 3);
	value[sizeof(value) - 1] = '\0';
	rc_log(RC_LOG_INFO, "m", "v", value, "next", "field", NULL);
	size = strlen(last);
	assert_true(size <= 2048);
	assert_true(size > 2000);
	assert_true(rc_utf8_is_valid(rc_bytes_of_text(last)));
	assert_string_equal(last + size - strlen("王 …\n"), "王 …\n");
	assert_null(strstr(last, "next"));
	assert_int_equal(line_count, 1);
}

static void a_line_is_cut_well_at_whatever_byte_its_end_falls(void **state)
{
	char value[2100];

	(void)state;
	for (size_t length = 1900; length < 2090; length++) {
		const char *newline;

		memset(value, 'a', length);
		memcpy(value + length, "\"\x1b\"", 4);
		rc_log(RC_LOG_INFO, "m", "v", value, NULL);
		newline = strchr(last, '\n');
		assert_non_null(newline);
		assert_int_equal(newline[1], '\0');
		assert_null(strchr(last, '\x1b'));
		assert_true(rc_utf8_is_valid(rc_bytes_of_text(last)));
	}
}

static void a_failure_is_logged_with_the_text_of_its_error(void **state)
{
	struct rc_error err;

	(void)state;
	(void)rc_fail(&err, RC_EIO, "sync: disk is full");
	rc_log_failure("upload failed", &err);
	assert_string_equal(last,
			    "<3>level=error msg=\"upload failed\" error=\"sync: disk is full\"\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_line_has_priority_level_message_and_fields),
	    CASE(empty_and_missing_values_are_quoted_nothing),
	    CASE(lines_above_the_level_are_dropped),
	    CASE(a_value_can_not_forge_a_line_or_a_field),
	    CASE(control_bytes_of_every_sort_are_escaped),
	    CASE(characters_that_turn_or_break_the_line_are_escaped),
	    CASE(bytes_that_are_no_utf8_are_escaped_and_names_are_not),
	    CASE(a_long_line_is_cut_between_characters_and_says_so),
	    CASE(a_line_is_cut_well_at_whatever_byte_its_end_falls),
	    CASE(a_failure_is_logged_with_the_text_of_its_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
