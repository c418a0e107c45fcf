/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/buf.h"
#include "testing.h"

#include <stdlib.h>

static void appends_of_every_sort_stand_in_order_and_are_ended(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 100);
	rc_buf_append(&buf, "a\0b", 3);
	rc_buf_append_bytes(&buf, rc_bytes_of(NULL, 0));
	rc_buf_append_text(&buf, "text");
	rc_buf_append_char(&buf, '!');
	rc_buf_printf(&buf, "%d", 42);
	assert_int_equal(rc_buf_status(&buf, NULL), RC_OK);
	assert_true(rc_bytes_equal(rc_buf_bytes(&buf), rc_bytes_of("a\0btext!42", 10)));
	assert_int_equal(buf.data[10], '\0');
	rc_buf_deinit(&buf);
}

static void exactly_the_maximum_fits_and_one_byte_more_does_not(void **state)
{
	struct rc_buf buf;
	struct rc_error err;

	(void)state;
	rc_buf_init(&buf, 3);
	rc_buf_append_text(&buf, "abc");
	assert_int_equal(rc_buf_status(&buf, &err), RC_OK);
	rc_buf_append_char(&buf, 'd');
	assert_int_equal(rc_buf_status(&buf, &err), RC_ELIMIT);
	assert_non_null(strstr(err.text, "3 bytes"));
	assert_string_equal(rc_buf_text(&buf), "abc");
	rc_buf_deinit(&buf);
}

static void after_a_failure_nothing_is_appended_until_it_is_cleared(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 4);
	rc_buf_append_text(&buf, "ab");
	rc_buf_printf(&buf, "%s", "too long");
	rc_buf_append_char(&buf, 'c');
	assert_int_equal(rc_buf_status(&buf, NULL), RC_ELIMIT);
	assert_string_equal(rc_buf_text(&buf), "ab");
	rc_buf_clear(&buf);
	rc_buf_append_text(&buf, "new");
	assert_int_equal(rc_buf_status(&buf, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&buf), "new");
	rc_buf_deinit(&buf);
}

static void a_size_that_would_overflow_is_over_the_limit(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 1000);
	rc_buf_append_char(&buf, 'a');
	assert_int_equal(rc_buf_reserve(&buf, SIZE_MAX), RC_ELIMIT);
	assert_int_equal(rc_buf_status(&buf, NULL), RC_ELIMIT);
	rc_buf_deinit(&buf);
}

static void reserved_room_is_used_without_moving_the_data(void **state)
{
	struct rc_buf buf;
	const uint8_t *place;

	(void)state;
	rc_buf_init(&buf, 10000);
	assert_int_equal(rc_buf_reserve(&buf, 5000), RC_OK);
	place = buf.data;
	for (int i = 0; i < 5000; i++)
		rc_buf_append_char(&buf, 'x');
	assert_ptr_equal(buf.data, place);
	assert_int_equal(buf.size, 5000);
	rc_buf_deinit(&buf);
}

static void growing_keeps_what_was_there_and_stays_below_the_maximum(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 1000);
	for (unsigned i = 0; i < 1000; i++)
		rc_buf_append_char(&buf, (char)('a' + i % 26));
	assert_int_equal(rc_buf_status(&buf, NULL), RC_OK);
	assert_true(buf.capacity <= 1001);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	rc_buf_deinit(&buf);
}

static void consuming_moves_the_rest_to_the_front(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 10);
	rc_buf_consume(&buf, 0);
	rc_buf_append_text(&buf, "line\nrest");
	rc_buf_consume(&buf, 5);
	assert_string_equal(rc_buf_text(&buf), "rest");
	rc_buf_consume(&buf, 4);
	assert_string_equal(rc_buf_text(&buf), "");
	rc_buf_append_text(&buf, "0123456789");
	assert_int_equal(rc_buf_status(&buf, NULL), RC_OK);
	rc_buf_deinit(&buf);
}

static void taking_the_text_hands_it_over_and_empties_the_buffer(void **state)
{
	struct rc_buf buf;
	char *text;

	(void)state;
	rc_buf_init(&buf, 10);
	text = rc_buf_take_text(&buf);
	assert_string_equal(text, "");
	free(text);
	rc_buf_append_text(&buf, "mine");
	text = rc_buf_take_text(&buf);
	assert_string_equal(text, "mine");
	free(text);
	assert_int_equal(rc_buf_bytes(&buf).size, 0);
	rc_buf_append_text(&buf, "longer than ten");
	assert_null(rc_buf_take_text(&buf));
	rc_buf_deinit(&buf);
}

static void text_taken_from_borrowed_memory_is_a_copy_and_leaves_it_empty(void **state)
{
	char memory[16];
	struct rc_buf buf;
	char *text;

	(void)state;
	rc_buf_init_fixed(&buf, memory, sizeof(memory));
	rc_buf_append_text(&buf, "mine");
	text = rc_buf_take_text(&buf);
	assert_string_equal(text, "mine");
	assert_ptr_not_equal(text, memory);
	free(text);
	assert_int_equal(rc_buf_bytes(&buf).size, 0);
	assert_string_equal(memory, "");
}

static void an_untouched_buffer_is_the_empty_text(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 0);
	assert_string_equal(rc_buf_text(&buf), "");
	rc_buf_append_text(&buf, "");
	assert_int_equal(rc_buf_status(&buf, NULL), RC_OK);
	rc_buf_append_char(&buf, 'a');
	assert_int_equal(rc_buf_status(&buf, NULL), RC_ELIMIT);
	rc_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(appends_of_every_sort_stand_in_order_and_are_ended),
	    cmocka_unit_test(exactly_the_maximum_fits_and_one_byte_more_does_not),
	    cmocka_unit_test(after_a_failure_nothing_is_appended_until_it_is_cleared),
	    cmocka_unit_test(a_size_that_would_overflow_is_over_the_limit),
	    cmocka_unit_test(reserved_room_is_used_without_moving_the_data),
	    cmocka_unit_test(growing_keeps_what_was_there_and_stays_below_the_maximum),
	    cmocka_unit_test(consuming_moves_the_rest_to_the_front),
	    cmocka_unit_test(taking_the_text_hands_it_over_and_empties_the_buffer),
	    cmocka_unit_test(text_taken_from_borrowed_memory_is_a_copy_and_leaves_it_empty),
	    cmocka_unit_test(an_untouched_buffer_is_the_empty_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
