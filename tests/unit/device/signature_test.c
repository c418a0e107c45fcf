/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "shared/crypto/key.h"
#include "shared/device/device.h"

#include <string.h>

static struct rc_key *new_key(struct rc_device_keys *keys)
{
	struct rc_key *key = NULL;
	struct rc_buf der;

	assert_int_equal(rc_key_new(&key, NULL), RC_OK);
	rc_buf_init(&der, 256);
	assert_int_equal(rc_key_public_der(key, &der, NULL), RC_OK);
	assert_int_equal(der.size, sizeof(keys->items[0]));
	memcpy(keys->items[keys->count++], der.data, der.size);
	rc_buf_deinit(&der);
	return key;
}

static struct rc_device_signature sign(struct rc_key *key)
{
	struct rc_device_signature signature = {.epoch = 7, .seq = 12, .hash = {1, 2, 3}};
	uint8_t digest[32];

	rc_device_signature_digest(&signature, digest);
	assert_int_equal(rc_key_sign(key, digest, signature.rs, NULL), RC_OK);
	return signature;
}

static void a_signature_of_any_key_that_the_kiosk_has_or_had_holds(void **state)
{
	struct rc_device_keys keys = {.count = 0};
	struct rc_key *newest = new_key(&keys), *old = new_key(&keys);
	const struct rc_device_signature by_newest = sign(newest), by_old = sign(old);

	(void)state;
	assert_true(rc_device_signature_is_of(&by_newest, &keys));
	assert_true(rc_device_signature_is_of(&by_old, &keys));
	keys.count = 1;
	assert_false(rc_device_signature_is_of(&by_old, &keys));
	keys.count = 0;
	assert_false(rc_device_signature_is_of(&by_newest, &keys));
	rc_key_free(newest);
	rc_key_free(old);
}

static void a_signature_over_another_place_or_fact_does_not_hold(void **state)
{
	struct rc_device_keys keys = {.count = 0};
	struct rc_key *key = new_key(&keys);
	struct rc_device_signature signature = sign(key);

	(void)state;
	signature.seq++;
	assert_false(rc_device_signature_is_of(&signature, &keys));
	signature.seq--;
	signature.hash[31] ^= 1;
	assert_false(rc_device_signature_is_of(&signature, &keys));
	signature.hash[31] ^= 1;
	signature.rs[0] ^= 1;
	assert_false(rc_device_signature_is_of(&signature, &keys));
	signature.rs[0] ^= 1;
	assert_true(rc_device_signature_is_of(&signature, &keys));
	rc_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_signature_of_any_key_that_the_kiosk_has_or_had_holds),
	    cmocka_unit_test(a_signature_over_another_place_or_fact_does_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
