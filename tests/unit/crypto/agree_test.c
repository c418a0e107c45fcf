/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/encode.h"
#include "shared/crypto/key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* RFC 5903 section 8.1: the initiator's pair, the responder's point, and what they agree on. */
static const char initiator[] = "-----BEGIN EC PRIVATE KEY-----\n"
				"MHcCAQEEIMiPAfUQ2aw/cKKS2qIxbeVE6aq4r+hAScYqnFeGLRQzoAoGCCqGSM49\n"
				"AwEHoUQDQgAE2tC2U5QiHPmwUeH+yleH0Jjf5jf8kLnvlF0MN3JYEYBScaBGHNuC\n"
				"UtYfHEVvo+WasfRbM6zPX1g4ngV3uJkLsw==\n"
				"-----END EC PRIVATE KEY-----\n";
static const char initiator_point[] =
    "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3"
    "e59ab1f45b33accf5f58389e0577b8990bb3";
static const char responder_point[] =
    "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c5"
    "8d6aac23f046ada30f8353e74f33039872ab";
static const char agreed_hex[] = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";

static struct rc_key *load(const char *pem)
{
	struct rc_key *key;

	assert_int_equal(rc_key_load_pem(rc_bytes_of_text(pem), &key, NULL), RC_OK);
	return key;
}

static void read_hex(const char *hex, uint8_t *to, size_t size)
{
	assert_int_equal(rc_hex_decode(rc_bytes_of_text(hex), to, size), RC_OK);
}

static void two_keys_agree_on_what_rfc_5903_says(void **state)
{
	uint8_t peer[RC_KEY_POINT_BYTES], agreed[RC_KEY_AGREED_BYTES], wanted[RC_KEY_AGREED_BYTES];
	struct rc_key *key = load(initiator);

	(void)state;
	read_hex(responder_point, peer, sizeof(peer));
	read_hex(agreed_hex, wanted, sizeof(wanted));
	assert_int_equal(rc_key_agree(key, peer, agreed, NULL), RC_OK);
	assert_memory_equal(agreed, wanted, sizeof(wanted));
	rc_key_free(key);
}

static void a_public_point_is_that_of_the_private_key(void **state)
{
	uint8_t point[RC_KEY_POINT_BYTES], wanted[RC_KEY_POINT_BYTES];
	struct rc_key *key = load(initiator);

	(void)state;
	read_hex(initiator_point, wanted, sizeof(wanted));
	assert_int_equal(rc_key_public_point(key, point, NULL), RC_OK);
	assert_memory_equal(point, wanted, sizeof(wanted));
	assert_int_equal(rc_key_check_point(point), RC_OK);
	rc_key_free(key);
}

static void both_sides_of_new_pairs_agree(void **state)
{
	struct rc_key *one, *two;
	uint8_t one_point[RC_KEY_POINT_BYTES], two_point[RC_KEY_POINT_BYTES];
	uint8_t one_agreed[RC_KEY_AGREED_BYTES], two_agreed[RC_KEY_AGREED_BYTES];

	(void)state;
	assert_int_equal(rc_key_new(&one, NULL), RC_OK);
	assert_int_equal(rc_key_new(&two, NULL), RC_OK);
	assert_int_equal(rc_key_public_point(one, one_point, NULL), RC_OK);
	assert_int_equal(rc_key_public_point(two, two_point, NULL), RC_OK);
	assert_int_equal(rc_key_agree(one, two_point, one_agreed, NULL), RC_OK);
	assert_int_equal(rc_key_agree(two, one_point, two_agreed, NULL), RC_OK);
	assert_memory_equal(one_agreed, two_agreed, sizeof(one_agreed));
	rc_key_free(one);
	rc_key_free(two);
}

/* A point of another curve would give the key away piece by piece. */
static void a_point_beside_the_curve_is_refused(void **state)
{
	uint8_t point[RC_KEY_POINT_BYTES], agreed[RC_KEY_AGREED_BYTES];
	struct rc_key *key = load(initiator);

	(void)state;
	read_hex(responder_point, point, sizeof(point));
	for (size_t bit = 8; bit < sizeof(point) * 8; bit += 7) {
		point[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(rc_key_check_point(point), RC_EFORMAT);
		assert_int_equal(rc_key_agree(key, point, agreed, NULL), RC_EFORMAT);
		point[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	rc_key_free(key);
}

static void other_forms_of_a_point_are_refused(void **state)
{
	uint8_t point[RC_KEY_POINT_BYTES], agreed[RC_KEY_AGREED_BYTES];
	struct rc_key *key = load(initiator);

	(void)state;
	read_hex(responder_point, point, sizeof(point));
	for (unsigned form = 0; form < 256; form++) {
		point[0] = (uint8_t)form;
		assert_int_equal(rc_key_agree(key, point, agreed, NULL), form == 4 ? RC_OK : RC_EFORMAT);
	}
	memset(point, 0, sizeof(point));
	assert_int_equal(rc_key_check_point(point), RC_EFORMAT);
	point[0] = 4;
	assert_int_equal(rc_key_check_point(point), RC_EFORMAT);
	rc_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_keys_agree_on_what_rfc_5903_says),
	    cmocka_unit_test(a_public_point_is_that_of_the_private_key),
	    cmocka_unit_test(both_sides_of_new_pairs_agree),
	    cmocka_unit_test(a_point_beside_the_curve_is_refused),
	    cmocka_unit_test(other_forms_of_a_point_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
