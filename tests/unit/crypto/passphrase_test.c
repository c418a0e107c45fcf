/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of passphrases: what the argon2 program says, and bounds. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "shared/base/encode.h"
#include "shared/crypto/passphrase.h"

static const uint8_t salt[RC_PASSPHRASE_SALT_BYTES] = "somesaltsomesal";
static const struct rc_passphrase_cost cheap = {.passes = 1, .memory_kib = 64, .lanes = 1};

static void key_of(const char *passphrase, const struct rc_passphrase_cost *cost,
		   uint8_t key[RC_PASSPHRASE_KEY_BYTES])
{
	struct rc_error err = {.text = ""};

	assert_int_equal(rc_passphrase_key(rc_bytes_of_text(passphrase), salt, cost, key, &err), RC_OK);
}

/* printf password | argon2 somesaltsomesalt -id -t 2 -k 1024 -p 2 -l 32 -r */
static void a_key_is_what_the_argon2_program_makes_of_the_same_words(void **state)
{
	static const uint8_t sixteen[] = "somesaltsomesalt";
	const struct rc_passphrase_cost cost = {.passes = 2, .memory_kib = 1024, .lanes = 2};
	uint8_t key[RC_PASSPHRASE_KEY_BYTES];
	char text[RC_HEX_CHARS(sizeof(key)) + 1];
	struct rc_error err = {.text = ""};

	(void)state;
	assert_int_equal(rc_passphrase_key(rc_bytes_of_text("password"), sixteen, &cost, key, &err),
			 RC_OK);
	rc_hex_encode(rc_bytes_of(key, sizeof(key)), text);
	assert_string_equal(text,
			    "136523b6b0d30a0231e267e9a90f46c0bcef69bb90b9509cc22b2a0516d223ee");
}

static void other_words_or_another_cost_make_another_key(void **state)
{
	struct rc_passphrase_cost dearer = cheap;
	uint8_t one[RC_PASSPHRASE_KEY_BYTES], other[RC_PASSPHRASE_KEY_BYTES];

	(void)state;
	dearer.passes++;
	key_of("correct horse", &cheap, one);
	key_of("correct horse ", &cheap, other);
	assert_memory_not_equal(one, other, sizeof(one));
	key_of("correct horse", &dearer, other);
	assert_memory_not_equal(one, other, sizeof(one));
	key_of("correct horse", &cheap, other);
	assert_memory_equal(one, other, sizeof(one));
}

static void a_cost_that_would_take_all_memory_is_refused(void **state)
{
	static const struct rc_passphrase_cost costs[] = {
	    {0, 64, 1},          {1, 64, 0},     {1, 0, 1}, {1, UINT32_MAX, 1},
	    {UINT32_MAX, 64, 1}, {1, 4096, 255}, {1, 8, 4},
	};
	uint8_t key[RC_PASSPHRASE_KEY_BYTES];
	struct rc_error err = {.text = ""};

	(void)state;
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
		assert_int_equal(rc_passphrase_key(rc_bytes_of_text("x"), salt, &costs[i], key, &err),
				 RC_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_is_what_the_argon2_program_makes_of_the_same_words),
	    cmocka_unit_test(other_words_or_another_cost_make_another_key),
	    cmocka_unit_test(a_cost_that_would_take_all_memory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
