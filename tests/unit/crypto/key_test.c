/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/crypto/key.h"

#include "shared/base/encode.h"
#include "shared/crypto/hash.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The key of RFC 6979 A.2.5, as the PEM that `openssl ec` makes of it; known to all the world and good for nothing but this. */
static const char rfc_key[] = "-----BEGIN EC PRIVATE KEY-----\n"
			      "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
			      "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
			      "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
			      "-----END EC PRIVATE KEY-----\n";

struct pair {
	struct rc_key *key;
	struct rc_buf public_der;
};

static void pair_load(struct pair *pair, const char *pem)
{
	rc_buf_init(&pair->public_der, RC_KEY_PUBLIC_DER_BYTES);
	assert_int_equal(rc_key_load_pem(rc_bytes_of_text(pem), &pair->key, NULL), RC_OK);
	assert_int_equal(rc_key_public_der(pair->key, &pair->public_der, NULL), RC_OK);
}

static void pair_new(struct pair *pair)
{
	rc_buf_init(&pair->public_der, RC_KEY_PUBLIC_DER_BYTES);
	assert_int_equal(rc_key_new(&pair->key, NULL), RC_OK);
	assert_int_equal(rc_key_public_der(pair->key, &pair->public_der, NULL), RC_OK);
}

static void pair_deinit(struct pair *pair)
{
	rc_key_free(pair->key);
	rc_buf_deinit(&pair->public_der);
}

static enum rc_status load(const char *pem)
{
	struct rc_key *key = NULL;
	const enum rc_status status = rc_key_load_pem(rc_bytes_of_text(pem), &key, NULL);

	assert_true((status == RC_OK) == (key != NULL));
	rc_key_free(key);
	return status;
}

static void signatures_are_those_of_rfc_6979(void **state)
{
	struct pair pair;
	uint8_t hash[32], rs[64];
	char text[129];

	(void)state;
	pair_load(&pair, rfc_key);
	rc_sha256(rc_bytes_of_text("sample"), hash);
	assert_int_equal(rc_key_sign(pair.key, hash, rs, NULL), RC_OK);
	rc_hex_encode(rc_bytes_of(rs, sizeof(rs)), text);
	assert_string_equal(text,
			    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
			    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
	assert_int_equal(rc_key_verify(rc_buf_bytes(&pair.public_der), hash, rs), RC_OK);
	pair_deinit(&pair);
}

/* Many keys and hashes, so that numbers with leading zeros and high bits come up in both forms of a signature. */
static void what_a_key_signs_its_public_half_verifies(void **state)
{
	struct pair pair;
	uint8_t hash[32], rs[64];

	(void)state;
	pair_new(&pair);
	for (unsigned i = 0; i < 300; i++) {
		rc_sha256(rc_bytes_of(&i, sizeof(i)), hash);
		assert_int_equal(rc_key_sign(pair.key, hash, rs, NULL), RC_OK);
		assert_int_equal(rc_key_verify(rc_buf_bytes(&pair.public_der), hash, rs), RC_OK);
	}
	pair_deinit(&pair);
}

static void any_flipped_bit_of_a_signature_or_hash_is_denied(void **state)
{
	struct pair pair;
	uint8_t hash[32] = {1, 2, 3}, rs[64];

	(void)state;
	pair_new(&pair);
	assert_int_equal(rc_key_sign(pair.key, hash, rs, NULL), RC_OK);
	for (size_t bit = 0; bit < sizeof(rs) * 8; bit++) {
		rs[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(rc_key_verify(rc_buf_bytes(&pair.public_der), hash, rs), RC_EDENIED);
		rs[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < sizeof(hash) * 8; bit++) {
		hash[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(rc_key_verify(rc_buf_bytes(&pair.public_der), hash, rs), RC_EDENIED);
		hash[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	pair_deinit(&pair);
}

static void another_key_and_empty_numbers_are_denied(void **state)
{
	struct pair ours, theirs;
	uint8_t hash[32] = {0}, rs[64];

	(void)state;
	pair_new(&ours);
	pair_new(&theirs);
	assert_int_equal(rc_key_sign(theirs.key, hash, rs, NULL), RC_OK);
	assert_int_equal(rc_key_verify(rc_buf_bytes(&ours.public_der), hash, rs), RC_EDENIED);
	memset(rs, 0, 32);
	assert_int_equal(rc_key_verify(rc_buf_bytes(&theirs.public_der), hash, rs), RC_EDENIED);
	memset(rs, 0, sizeof(rs));
	assert_int_equal(rc_key_verify(rc_buf_bytes(&theirs.public_der), hash, rs), RC_EDENIED);
	memset(rs, 0xFF, sizeof(rs));
	assert_int_equal(rc_key_verify(rc_buf_bytes(&theirs.public_der), hash, rs), RC_EDENIED);
	pair_deinit(&ours);
	pair_deinit(&theirs);
}

/* No flipped bit may crash, and none may give a key that verifies. */
static void a_damaged_public_key_is_malformed(void **state)
{
	struct pair pair;
	uint8_t hash[32] = {9}, rs[64];
	struct rc_bytes der;

	(void)state;
	pair_new(&pair);
	assert_int_equal(rc_key_sign(pair.key, hash, rs, NULL), RC_OK);
	der = rc_buf_bytes(&pair.public_der);
	for (size_t bit = 0; bit < der.size * 8; bit++) {
		pair.public_der.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(rc_key_verify(der, hash, rs), RC_EFORMAT);
		pair.public_der.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t size = 0; size < der.size; size++)
		assert_int_equal(rc_key_verify(rc_bytes_of(der.data, size), hash, rs), RC_EFORMAT);
	assert_int_equal(rc_key_verify(rc_bytes_of(NULL, 0), hash, rs), RC_EFORMAT);
	pair_deinit(&pair);
}

static void a_saved_key_is_the_same_when_loaded(void **state)
{
	struct pair made, loaded;
	struct rc_buf pem;

	(void)state;
	rc_buf_init(&pem, RC_KEY_PEM_MAX_BYTES);
	pair_new(&made);
	assert_int_equal(rc_key_save_pem(made.key, &pem, NULL), RC_OK);
	assert_non_null(strstr(rc_buf_text(&pem), "-----BEGIN EC PRIVATE KEY-----"));
	pair_load(&loaded, rc_buf_text(&pem));
	assert_true(rc_bytes_equal(rc_buf_bytes(&made.public_der), rc_buf_bytes(&loaded.public_der)));
	pair_deinit(&made);
	pair_deinit(&loaded);
	rc_buf_deinit(&pem);
}

static void two_new_keys_differ(void **state)
{
	struct pair one, two;

	(void)state;
	pair_new(&one);
	pair_new(&two);
	assert_int_equal(one.public_der.size, RC_KEY_PUBLIC_DER_BYTES);
	assert_false(rc_bytes_equal(rc_buf_bytes(&one.public_der), rc_buf_bytes(&two.public_der)));
	pair_deinit(&one);
	pair_deinit(&two);
}

static void what_is_no_key_is_refused(void **state)
{
	static uint8_t big[RC_KEY_PEM_MAX_BYTES + 1];
	struct rc_key *key = NULL;

	(void)state;
	assert_int_equal(load(""), RC_EFORMAT);
	assert_int_equal(load("hello"), RC_EFORMAT);
	assert_int_equal(load("-----BEGIN EC PRIVATE KEY-----\n"), RC_EFORMAT);
	assert_int_equal(
	    load("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"), RC_EFORMAT);
	memset(big, '-', sizeof(big));
	assert_int_equal(rc_key_load_pem(rc_bytes_of(big, sizeof(big)), &key, NULL), RC_EFORMAT);
	assert_int_equal(rc_key_load_pem(rc_bytes_of(NULL, 0), &key, NULL), RC_EFORMAT);
	assert_null(key);
}

static void a_key_file_that_was_cut_off_is_refused_at_every_length(void **state)
{
	const size_t whole = strlen(rfc_key) - 1; /* the line feed at the end may be missing */
	struct rc_key *key = NULL;

	(void)state;
	for (size_t size = 0; size < whole; size++)
		assert_int_equal(rc_key_load_pem(rc_bytes_of(rfc_key, size), &key, NULL), RC_EFORMAT);
	assert_null(key);
}

static void a_private_half_of_another_pair_is_refused(void **state)
{
	char pem[sizeof(rfc_key)];
	char *secret;

	(void)state;
	memcpy(pem, rfc_key, sizeof(pem));
	secret = strstr(pem, "MmvqdhFunUWa");
	assert_non_null(secret);
	secret[3] = 'r'; /* still a number of the right size */
	assert_int_equal(load(pem), RC_EFORMAT);
}

static void *sign_often(void *argument)
{
	struct rc_key *key = argument;
	uint8_t hash[32] = {7}, rs[64];
	size_t failed = 0;

	for (unsigned i = 0; i < 20; i++)
		failed += rc_key_sign(key, hash, rs, NULL) != RC_OK;
	return failed == 0 ? key : NULL;
}

static void many_threads_sign_with_one_key(void **state)
{
	pthread_t threads[4];
	struct pair pair;
	void *result;

	(void)state;
	pair_new(&pair);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often, pair.key), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, pair.key);
	}
	pair_deinit(&pair);
}

static void a_full_buffer_gets_no_half_key(void **state)
{
	struct pair pair;
	struct rc_buf small;

	(void)state;
	pair_new(&pair);
	rc_buf_init(&small, 100);
	assert_int_equal(rc_key_save_pem(pair.key, &small, NULL), RC_ELIMIT);
	assert_int_equal(small.size, 0);
	rc_buf_deinit(&small);
	rc_buf_init(&small, RC_KEY_PUBLIC_DER_BYTES - 1);
	assert_int_equal(rc_key_public_der(pair.key, &small, NULL), RC_ELIMIT);
	rc_buf_deinit(&small);
	pair_deinit(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signatures_are_those_of_rfc_6979),
	    cmocka_unit_test(what_a_key_signs_its_public_half_verifies),
	    cmocka_unit_test(any_flipped_bit_of_a_signature_or_hash_is_denied),
	    cmocka_unit_test(another_key_and_empty_numbers_are_denied),
	    cmocka_unit_test(a_damaged_public_key_is_malformed),
	    cmocka_unit_test(a_saved_key_is_the_same_when_loaded),
	    cmocka_unit_test(two_new_keys_differ),
	    cmocka_unit_test(what_is_no_key_is_refused),
	    cmocka_unit_test(a_key_file_that_was_cut_off_is_refused_at_every_length),
	    cmocka_unit_test(a_private_half_of_another_pair_is_refused),
	    cmocka_unit_test(many_threads_sign_with_one_key),
	    cmocka_unit_test(a_full_buffer_gets_no_half_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
