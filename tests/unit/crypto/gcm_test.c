/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/crypto/gcm.h"

#include "shared/base/encode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The GCM specification's test case 16 (AES-256, 60 bytes, additional data). */
static const char key_hex[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char nonce_hex[] = "cafebabefacedbaddecaf888";
static const char extra_hex[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char plain_hex[] =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95"
    "956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
static const char sealed_hex[] =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48"
    "590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b";

struct example {
	uint8_t key[32], nonce[12], extra[20], plain[60], sealed[76];
};

static void decode(const char *hex, uint8_t *to, size_t size)
{
	assert_int_equal(rc_hex_decode(rc_bytes_of_text(hex), to, size), RC_OK);
}

static struct example example_read(void)
{
	struct example e;

	decode(key_hex, e.key, sizeof(e.key));
	decode(nonce_hex, e.nonce, sizeof(e.nonce));
	decode(extra_hex, e.extra, sizeof(e.extra));
	decode(plain_hex, e.plain, sizeof(e.plain));
	decode(sealed_hex, e.sealed, sizeof(e.sealed));
	return e;
}

static enum rc_status decrypt(const struct example *e, uint8_t plain[60])
{
	return rc_gcm_decrypt(e->key, e->nonce, rc_bytes_of(e->extra, sizeof(e->extra)),
			      rc_bytes_of(e->sealed, sizeof(e->sealed)), plain);
}

static void the_specifications_example_comes_out(void **state)
{
	struct example e = example_read();
	uint8_t sealed[76];

	(void)state;
	assert_int_equal(rc_gcm_encrypt(e.key, e.nonce, rc_bytes_of(e.extra, sizeof(e.extra)),
					rc_bytes_of(e.plain, sizeof(e.plain)), sealed),
			 RC_OK);
	assert_memory_equal(sealed, e.sealed, sizeof(sealed));
}

static void what_was_encrypted_is_decrypted(void **state)
{
	struct example e = example_read();
	uint8_t plain[60];

	(void)state;
	assert_int_equal(decrypt(&e, plain), RC_OK);
	assert_memory_equal(plain, e.plain, sizeof(plain));
}

/* Flips each bit of one part in turn; nothing may open, and nothing of the text may be left. */
static void assert_all_bits_count(struct example *e, uint8_t *part, size_t size)
{
	static const uint8_t zeros[60];
	uint8_t plain[60];

	for (size_t bit = 0; bit < size * 8; bit++) {
		part[bit / 8] ^= (uint8_t)(1u << bit % 8);
		memset(plain, 0xEE, sizeof(plain));
		assert_int_equal(decrypt(e, plain), RC_EDENIED);
		assert_memory_equal(plain, zeros, sizeof(plain));
		part[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(decrypt(e, plain), RC_OK);
}

static void any_flipped_bit_of_key_nonce_extra_text_or_tag_is_denied(void **state)
{
	struct example e = example_read();

	(void)state;
	assert_all_bits_count(&e, e.key, sizeof(e.key));
	assert_all_bits_count(&e, e.nonce, sizeof(e.nonce));
	assert_all_bits_count(&e, e.extra, sizeof(e.extra));
	assert_all_bits_count(&e, e.sealed, sizeof(e.sealed));
}

static void less_than_a_tag_is_malformed(void **state)
{
	struct example e = example_read();
	uint8_t plain[1];

	(void)state;
	for (size_t size = 0; size < RC_GCM_TAG_BYTES; size++)
		assert_int_equal(rc_gcm_decrypt(e.key, e.nonce, rc_bytes_of(NULL, 0),
						rc_bytes_of(e.sealed, size), plain),
				 RC_EFORMAT);
}

static void nothing_at_all_can_be_sealed_and_opened(void **state)
{
	struct example e = example_read();
	uint8_t tag[RC_GCM_TAG_BYTES], none[1] = {0x5A};

	(void)state;
	assert_int_equal(
	    rc_gcm_encrypt(e.key, e.nonce, rc_bytes_of(NULL, 0), rc_bytes_of(NULL, 0), tag), RC_OK);
	assert_int_equal(rc_gcm_decrypt(e.key, e.nonce, rc_bytes_of(NULL, 0),
					rc_bytes_of(tag, sizeof(tag)), none),
			 RC_OK);
	tag[0] ^= 1;
	assert_int_equal(rc_gcm_decrypt(e.key, e.nonce, rc_bytes_of(NULL, 0),
					rc_bytes_of(tag, sizeof(tag)), none),
			 RC_EDENIED);
	assert_int_equal(none[0], 0x5A);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_specifications_example_comes_out),
	    cmocka_unit_test(what_was_encrypted_is_decrypted),
	    cmocka_unit_test(any_flipped_bit_of_key_nonce_extra_text_or_tag_is_denied),
	    cmocka_unit_test(less_than_a_tag_is_malformed),
	    cmocka_unit_test(nothing_at_all_can_be_sealed_and_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
