/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedTLS's own HMAC and HKDF allocate a context for each call; on top of the bare hash neither needs more than the stack.
 * The software hash has no way to fail: its statuses are for chips that hash, so a failure here stops the program.
 */
#include "shared/crypto/hash.h"

#include "shared/crypto/mbed_priv.h"

#include <assert.h>
#include <stdlib.h>

#define BLOCK_BYTES 64u

_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof(struct rc_sha256), "room for the state");
_Static_assert(_Alignof(mbedtls_sha256_context) <= _Alignof(struct rc_sha256), "aligned as well");

static mbedtls_sha256_context *state_of(struct rc_sha256 *hash)
{
	return (mbedtls_sha256_context *)(void *)hash->opaque;
}

static void must(int code)
{
	if (code != 0)
		abort();
}

void rc_sha256_init(struct rc_sha256 *hash)
{
	mbedtls_sha256_init(state_of(hash));
	must(rc_crypto__sha256_starts(state_of(hash)));
}

void rc_sha256_add(struct rc_sha256 *hash, struct rc_bytes bytes)
{
	if (bytes.size > 0)
		must(rc_crypto__sha256_update(state_of(hash), bytes.data, bytes.size));
}

void rc_sha256_end(struct rc_sha256 *hash, uint8_t out[RC_SHA256_BYTES])
{
	must(rc_crypto__sha256_finish(state_of(hash), out));
	rc_wipe(hash, sizeof(*hash));
}

void rc_sha256(struct rc_bytes bytes, uint8_t out[RC_SHA256_BYTES])
{
	struct rc_sha256 hash;

	rc_sha256_init(&hash);
	rc_sha256_add(&hash, bytes);
	rc_sha256_end(&hash, out);
}

/* The two hashes of an HMAC, begun with the key; a copy of them serves each message. */
struct hmac {
	struct rc_sha256 inner, outer;
};

static void hmac_init(struct hmac *hmac, struct rc_bytes key)
{
	uint8_t block[BLOCK_BYTES] = {0};

	if (key.size > sizeof(block))
		rc_sha256(key, block);
	else if (key.size > 0)
		memcpy(block, key.data, key.size);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	rc_sha256_init(&hmac->inner);
	rc_sha256_add(&hmac->inner, rc_bytes_of(block, sizeof(block)));
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	rc_sha256_init(&hmac->outer);
	rc_sha256_add(&hmac->outer, rc_bytes_of(block, sizeof(block)));
	rc_wipe(block, sizeof(block));
}

static void hmac_end(struct hmac *hmac, uint8_t out[RC_SHA256_BYTES])
{
	rc_sha256_end(&hmac->inner, out);
	rc_sha256_add(&hmac->outer, rc_bytes_of(out, RC_SHA256_BYTES));
	rc_sha256_end(&hmac->outer, out);
}

void rc_hmac_sha256(struct rc_bytes key, struct rc_bytes message, uint8_t out[RC_SHA256_BYTES])
{
	struct hmac hmac;

	hmac_init(&hmac, key);
	rc_sha256_add(&hmac.inner, message);
	hmac_end(&hmac, out);
}

/* PRK = HMAC(salt, secret), and the HMAC that is keyed with it. */
void rc_hkdf_begin(struct rc_hkdf *hkdf, struct rc_bytes secret, struct rc_bytes salt)
{
	uint8_t prk[RC_SHA256_BYTES];
	struct hmac keyed;

	rc_hmac_sha256(salt, secret, prk);
	hmac_init(&keyed, rc_bytes_of(prk, sizeof(prk)));
	*hkdf = (struct rc_hkdf){.inner = keyed.inner, .outer = keyed.outer};
	rc_wipe(&keyed, sizeof(keyed));
	rc_wipe(prk, sizeof(prk));
}

/* T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i), RFC 5869 section 2.3. */
void rc_hkdf_expand(const struct rc_hkdf *hkdf, const char *info, uint8_t *out, size_t size)
{
	uint8_t block[RC_SHA256_BYTES];

	assert(size > 0 && size <= RC_HKDF_MAX_BYTES);
	for (size_t done = 0, i = 1; done < size; done += sizeof(block), i++) {
		const uint8_t counter = (uint8_t)i;
		const size_t wanted = size - done < sizeof(block) ? size - done : sizeof(block);
		struct hmac hmac = {.inner = hkdf->inner, .outer = hkdf->outer};

		if (done > 0)
			rc_sha256_add(&hmac.inner, rc_bytes_of(block, sizeof(block)));
		rc_sha256_add(&hmac.inner, rc_bytes_of_text(info));
		rc_sha256_add(&hmac.inner, rc_bytes_of(&counter, 1));
		hmac_end(&hmac, block);
		memcpy(out + done, block, wanted);
	}
	rc_wipe(block, sizeof(block));
}

void rc_hkdf_sha256(struct rc_bytes secret, struct rc_bytes salt, const char *info, uint8_t *out,
		    size_t size)
{
	struct rc_hkdf hkdf;

	rc_hkdf_begin(&hkdf, secret, salt);
	rc_hkdf_expand(&hkdf, info, out, size);
	rc_wipe(&hkdf, sizeof(hkdf));
}
