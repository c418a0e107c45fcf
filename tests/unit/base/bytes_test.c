/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/bytes.h"
#include "shared/base/cleanup.h"
#include "testing.h"

static void bytes_are_equal_by_content_and_size(void **state)
{
	(void)state;
	assert_true(rc_bytes_equal(rc_bytes_of(NULL, 0), rc_bytes_of("", 0)));
	assert_true(rc_bytes_is_text(rc_bytes_of("abc", 3), "abc"));
	assert_false(rc_bytes_is_text(rc_bytes_of("abc", 2), "abc"));
	assert_false(rc_bytes_is_text(rc_bytes_of("abd", 3), "abc"));
	assert_false(rc_bytes_is_text(rc_bytes_of("abc\0", 4), "abc"));
}

static void secrets_differ_at_any_byte(void **state)
{
	uint8_t a[32] = {0};

	(void)state;
	assert_true(rc_bytes_equal_secret(rc_bytes_of(NULL, 0), rc_bytes_of(NULL, 0)));
	for (size_t i = 0; i < sizeof(a); i++) {
		uint8_t b[32] = {0};

		b[i] = 0x80;
		assert_false(rc_bytes_equal_secret(rc_bytes_of(a, 32), rc_bytes_of(b, 32)));
		b[i] = 0;
		assert_true(rc_bytes_equal_secret(rc_bytes_of(a, 32), rc_bytes_of(b, 32)));
	}
	assert_false(rc_bytes_equal_secret(rc_bytes_of(a, 32), rc_bytes_of(a, 31)));
}

static void text_is_copied_only_if_it_fits_and_holds_no_nul(void **state)
{
	char to[4] = "old";

	(void)state;
	assert_true(rc_text_copy("abc", to, sizeof(to)));
	assert_string_equal(to, "abc");
	assert_false(rc_text_copy("abcd", to, sizeof(to)));
	assert_string_equal(to, "");
	assert_true(rc_bytes_copy_text(rc_bytes_of(NULL, 0), to, sizeof(to)));
	assert_false(rc_bytes_copy_text(rc_bytes_of("a\0b", 3), to, sizeof(to)));
	assert_string_equal(to, "");
}

static void wiping_clears_exactly_what_was_named(void **state)
{
	uint8_t secret[6] = {1, 2, 3, 4, 5, 6};

	(void)state;
	rc_wipe(secret + 1, 4);
	assert_memory_equal(secret, "\1\0\0\0\0\6", 6);
}

static void a_stolen_pointer_outlives_its_scope(void **state)
{
	char *kept;

	(void)state;
	{
		RC_AUTO(rc_free_p) char *text = strdup("kept");
		RC_AUTO(rc_free_p) char *freed = strdup("freed");

		assert_non_null(freed);
		kept = RC_STEAL(text);
		assert_null(text);
	}
	assert_string_equal(kept, "kept");
	free(kept);
}

static void a_stolen_descriptor_stays_open_and_another_is_closed(void **state)
{
	int pipes[2];
	int kept;
	char byte;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	{
		RC_AUTO(rc_close_p) int reader = pipes[0];
		RC_AUTO(rc_close_p) int writer = pipes[1];

		kept = rc_steal_fd(&reader);
		assert_int_equal(reader, -1);
		assert_true(writer >= 0);
	}
	assert_int_equal(read(kept, &byte, 1), 0); /* the writer is gone, the reader is not */
	assert_int_equal(close(kept), 0);
}

static void a_name_is_found_whole_or_not_at_all(void **state)
{
	static const char *const names[] = {"in", "inner", ""};
	size_t place = 9;

	(void)state;
	assert_true(rc_bytes_find_name(rc_bytes_of_text("inner"), names, 3, &place));
	assert_int_equal(place, 1);
	assert_true(rc_bytes_find_name(rc_bytes_of(NULL, 0), names, 3, &place));
	assert_int_equal(place, 2);
	assert_false(rc_bytes_find_name(rc_bytes_of_text("inn"), names, 3, &place));
	assert_false(rc_bytes_find_name(rc_bytes_of("in", 3), names, 3, &place)); /* with its NUL */
	assert_false(rc_bytes_find_name(rc_bytes_of_text("inner"), names, 1, &place));
	assert_int_equal(place, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_are_equal_by_content_and_size),
	    cmocka_unit_test(secrets_differ_at_any_byte),
	    cmocka_unit_test(text_is_copied_only_if_it_fits_and_holds_no_nul),
	    cmocka_unit_test(wiping_clears_exactly_what_was_named),
	    cmocka_unit_test(a_stolen_pointer_outlives_its_scope),
	    cmocka_unit_test(a_stolen_descriptor_stays_open_and_another_is_closed),
	    cmocka_unit_test(a_name_is_found_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
