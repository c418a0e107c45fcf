/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/random.h"
#include "testing.h"

#include <string.h>

static void a_value_is_always_below_its_bound(void **state)
{
	static const uint32_t bounds[] = {1,           2,           3,           10,
					  0x7FFFFFFFu, 0x80000000u, 0x80000001u, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(bounds); i++) {
		for (int n = 0; n < 1000; n++)
			assert_true(rc_random_below(bounds[i]) < bounds[i]);
	}
	assert_int_equal(rc_random_below(1), 0);
}

/* 60,000 throws of a die: each face 10,000 ± 91 (one sigma). 10 sigma miss once in 10^22 runs. */
static void every_value_below_the_bound_comes_about_as_often(void **state)
{
	int faces[6] = {0};

	(void)state;
	for (int n = 0; n < 60000; n++)
		faces[rc_random_below(6)]++;
	for (size_t i = 0; i < RC_COUNT(faces); i++)
		assert_in_range(faces[i], 9090, 10910);
}

static void every_byte_asked_for_is_filled_and_no_other(void **state)
{
	uint8_t memory[66];
	uint8_t seen[64] = {0};

	(void)state;
	memset(memory, 0x55, sizeof(memory));
	for (int n = 0; n < 32; n++) { /* a byte that is never touched keeps its one value in all rounds */
		rc_random(memory + 1, 64);
		for (size_t i = 0; i < 64; i++)
			seen[i] = (uint8_t)(seen[i] | (memory[i + 1] ^ 0x55u));
	}
	for (size_t i = 0; i < 64; i++)
		assert_int_not_equal(seen[i], 0);
	assert_int_equal(memory[0], 0x55);
	assert_int_equal(memory[65], 0x55);
	rc_random(memory, 0);
	assert_int_equal(memory[0], 0x55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_value_is_always_below_its_bound),
	    cmocka_unit_test(every_value_below_the_bound_comes_about_as_often),
	    cmocka_unit_test(every_byte_asked_for_is_filled_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
