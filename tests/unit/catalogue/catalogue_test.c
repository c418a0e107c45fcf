/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/catalogue/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two keys, "a" → "A" and "b" → "one\0many", as msgfmt lays them out: header, table of keys, table of texts, the texts. */
static const uint8_t two[] = {
    0xde, 0x12, 0x04, 0x95, 0,   0, 0,   0,   2,   0, 0,   0,   28,  0,   0, 0,
    44,   0,    0,    0,    0,   0, 0,   0,   60,  0, 0,   0,   1,   0,   0, 0,
    60,   0,    0,    0,    1,   0, 0,   0,   62,  0, 0,   0,                   /* keys */
    1,    0,    0,    0,    64,  0, 0,   0,   8,   0, 0,   0,   66,  0,   0, 0, /* texts */
    'a',  0,    'b',  0,    'A', 0, 'o', 'n', 'e', 0, 'm', 'a', 'n', 'y', 0,
};

static struct rc_bytes whole(void)
{
	return rc_bytes_of(two, sizeof(two));
}

static void a_key_is_found(void **state)
{
	(void)state;
	assert_string_equal((const char *)rc_catalogue_find(whole(), "a").data, "A");
}

static void all_plural_forms_come_together(void **state)
{
	struct rc_bytes found = rc_catalogue_find(whole(), "b");

	(void)state;
	assert_int_equal(found.size, 8);
	assert_memory_equal(found.data, "one\0many", 9);
}

static void a_key_that_is_not_there_finds_nothing(void **state)
{
	(void)state;
	assert_int_equal(rc_catalogue_find(whole(), "").size, 0);
	assert_int_equal(rc_catalogue_find(whole(), "aa").size, 0);
	assert_int_equal(rc_catalogue_find(whole(), "c").size, 0);
}

static void a_catalogue_cut_off_anywhere_is_not_read_past_its_end(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(two); size++) {
		uint8_t *cut = test_malloc(size + 1);

		memcpy(cut, two, size);
		(void)rc_catalogue_find(rc_bytes_of(cut, size), "a");
		assert_int_equal(rc_catalogue_find(rc_bytes_of(cut, size), "b").size, 0);
		test_free(cut);
	}
}

static void any_byte_may_be_wrong(void **state)
{
	uint8_t bent[sizeof(two)];

	(void)state;
	for (size_t at = 0; at < sizeof(two); at++) {
		memcpy(bent, two, sizeof(two));
		bent[at] ^= 0xff;
		(void)rc_catalogue_find(rc_bytes_of(bent, sizeof(bent)), "b");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_is_found),
	    cmocka_unit_test(all_plural_forms_come_together),
	    cmocka_unit_test(a_key_that_is_not_there_finds_nothing),
	    cmocka_unit_test(a_catalogue_cut_off_anywhere_is_not_read_past_its_end),
	    cmocka_unit_test(any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
