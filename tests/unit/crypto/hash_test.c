/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/crypto/hash.h"

#include "shared/base/encode.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_hex(const uint8_t hash[32], const char *hex)
{
	char text[65];

	rc_hex_encode(rc_bytes_of(hash, 32), text);
	assert_string_equal(text, hex);
}

/* FIPS 180-4's own examples. */
static void known_texts_have_their_known_hashes(void **state)
{
	uint8_t hash[32];

	(void)state;
	rc_sha256(rc_bytes_of(NULL, 0), hash);
	assert_hex(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	rc_sha256(rc_bytes_of_text("abc"), hash);
	assert_hex(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	rc_sha256(rc_bytes_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hash);
	assert_hex(hash, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void pieces_hash_like_the_whole(void **state)
{
	uint8_t text[300], whole[32], pieces[32];
	struct rc_sha256 hash;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	rc_sha256(rc_bytes_of(text, sizeof(text)), whole);
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		rc_sha256_init(&hash);
		rc_sha256_add(&hash, rc_bytes_of(text, cut));
		rc_sha256_add(&hash, rc_bytes_of(text + cut, sizeof(text) - cut));
		rc_sha256_end(&hash, pieces);
		assert_memory_equal(pieces, whole, sizeof(whole));
	}
}

static void a_copied_hash_goes_on_by_itself(void **state)
{
	struct rc_sha256 first, second;
	uint8_t hash[32];

	(void)state;
	rc_sha256_init(&first);
	rc_sha256_add(&first, rc_bytes_of_text("ab"));
	second = first;
	rc_sha256_add(&first, rc_bytes_of_text("d"));
	rc_sha256_end(&first, hash);
	rc_sha256_add(&second, rc_bytes_of_text("c"));
	rc_sha256_end(&second, hash);
	assert_hex(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, cases 1, 2, 6 (a key longer than a block). */
static void hmac_gives_the_values_of_the_rfc(void **state)
{
	uint8_t key[131], tag[32];

	(void)state;
	memset(key, 0x0b, 20);
	rc_hmac_sha256(rc_bytes_of(key, 20), rc_bytes_of_text("Hi There"), tag);
	assert_hex(tag, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	rc_hmac_sha256(rc_bytes_of_text("Jefe"), rc_bytes_of_text("what do ya want for nothing?"), tag);
	assert_hex(tag, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	rc_hmac_sha256(rc_bytes_of(key, sizeof(key)),
		       rc_bytes_of_text("Test Using Larger Than Block-Size Key - Hash Key First"), tag);
	assert_hex(tag, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static bool derivation_holds(const struct rc_vector *row)
{
	static uint8_t out[RC_HKDF_MAX_BYTES], expected[RC_HKDF_MAX_BYTES];
	uint8_t secret[128], salt[128], info[129] = {0};
	const size_t size = strtoul(row->field[4], NULL, 10);
	const struct rc_bytes from = rc_vector_bytes(row->field[1], secret, sizeof(secret));

	rc_vector_bytes(row->field[3], info, sizeof(info) - 1);
	rc_hkdf_sha256(from, rc_vector_bytes(row->field[2], salt, sizeof(salt)), (const char *)info,
		       out, size);
	return rc_bytes_equal(rc_bytes_of(out, size),
			      rc_vector_bytes(row->field[5], expected, sizeof(expected)));
}

static void hkdf_derives_what_openssl_derives(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/hkdf.tsv", 6, derivation_holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_texts_have_their_known_hashes),
	    cmocka_unit_test(pieces_hash_like_the_whole),
	    cmocka_unit_test(a_copied_hash_goes_on_by_itself),
	    cmocka_unit_test(hmac_gives_the_values_of_the_rfc),
	    cmocka_unit_test(hkdf_derives_what_openssl_derives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
