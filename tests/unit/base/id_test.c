/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/id.h"
#include "testing.h"

static const char example[] = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"; /* RFC 9562 section 4 */

static void the_text_of_an_id_comes_back_unchanged(void **state)
{
	struct rc_id id;
	char text[RC_ID_CHARS + 1];

	(void)state;
	assert_int_equal(rc_id_parse(rc_bytes_of_text(example), &id), RC_OK);
	assert_int_equal(id.octets[0], 0xF8);
	assert_int_equal(id.octets[15], 0xF6);
	rc_id_format(&id, text);
	assert_string_equal(text, example);
}

static void text_that_is_no_id_is_refused_and_leaves_the_output_alone(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bf",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bf60",
	    "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bfg",
	    "f81d4fae7dec-11d0-a765-00a0c91e6bf6-",
	    "f81d4fae-7dec-11d0-a765_00a0c91e6bf6",
	    "{f81d4fae-7dec-11d0-a765-00a0c91e6b}",
	    "f81d4fae7dec11d0a76500a0c91e6bf6",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6b' ",
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wrong); i++) {
		struct rc_id id = {{42}};

		assert_int_equal(rc_id_parse(rc_bytes_of_text(wrong[i]), &id), RC_EFORMAT);
		assert_int_equal(id.octets[0], 42);
	}
}

static void a_new_id_is_a_random_uuid_of_version_4(void **state)
{
	struct rc_id a = rc_id_new();
	struct rc_id b = rc_id_new();

	(void)state;
	assert_int_equal(a.octets[6] >> 4, 4);
	assert_int_equal(a.octets[8] >> 6, 2);
	assert_false(rc_id_equal(&a, &b));
	assert_true(rc_id_equal(&a, &a));
	assert_false(rc_id_is_nil(&a));
}

static void an_id_of_a_hash_is_its_first_half_with_version_8(void **state)
{
	uint8_t hash[32];
	struct rc_id id;
	char text[RC_ID_CHARS + 1];

	(void)state;
	memset(hash, 0xFF, sizeof(hash));
	hash[15] = 0x01;
	id = rc_id_from_hash(hash);
	rc_id_format(&id, text);
	assert_string_equal(text, "ffffffff-ffff-8fff-bfff-ffffffffff01");
}

static void only_sixteen_zero_bytes_are_nil(void **state)
{
	struct rc_id id = {{0}};

	(void)state;
	assert_true(rc_id_is_nil(&id));
	id.octets[15] = 1;
	assert_false(rc_id_is_nil(&id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_text_of_an_id_comes_back_unchanged),
	    cmocka_unit_test(text_that_is_no_id_is_refused_and_leaves_the_output_alone),
	    cmocka_unit_test(a_new_id_is_a_random_uuid_of_version_4),
	    cmocka_unit_test(an_id_of_a_hash_is_its_first_half_with_version_8),
	    cmocka_unit_test(only_sixteen_zero_bytes_are_nil),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
