/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_HASH_H
#define RC_CRYPTO_HASH_H
/*
 * SHA-256 and what is built on it: HMAC (RFC 2104) and HKDF (RFC 5869). Not for passwords: those want a slow hash.
 *
 * Nothing here allocates, blocks or fails, so the scan path may use all of it. Any thread; one rc_sha256 belongs to one
 * thread at a time.
 */
#include "shared/base/bytes.h"

#define RC_SHA256_BYTES   32u
#define RC_HKDF_MAX_BYTES (255u * RC_SHA256_BYTES) /* RFC 5869 section 2.3 */

/* A hash under way, in the caller's memory: init, add…, end. It may be copied, to go on in two ways from one beginning. */
struct rc_sha256 {
	uint64_t opaque[16];
};

/* Begins; nothing needs to be freed if the end is never reached. */
void rc_sha256_init(struct rc_sha256 *hash);
void rc_sha256_add(struct rc_sha256 *hash, struct rc_bytes bytes);

/* Writes the hash and wipes the state; begin again with init. */
void rc_sha256_end(struct rc_sha256 *hash, uint8_t out[RC_SHA256_BYTES]);

/* The hash of bytes that lie together. */
void rc_sha256(struct rc_bytes bytes, uint8_t out[RC_SHA256_BYTES]);

/* A key of any length (longer than 64 bytes is hashed first, as the RFC says). Compare tags with rc_bytes_equal_secret. */
void rc_hmac_sha256(struct rc_bytes key, struct rc_bytes message, uint8_t out[RC_SHA256_BYTES]);

/* Derives `size` bytes (1 … RC_HKDF_MAX_BYTES) from secret bytes, a salt (may be empty) and an ended text that says what for. */
void rc_hkdf_sha256(struct rc_bytes secret, struct rc_bytes salt, const char *info, uint8_t *out,
		    size_t size);

/* The same where several are derived from one secret: the half that knows the secret is worked out once. The caller wipes it. */
struct rc_hkdf {
	struct rc_sha256 inner, outer;
};
void rc_hkdf_begin(struct rc_hkdf *hkdf, struct rc_bytes secret, struct rc_bytes salt);
void rc_hkdf_expand(const struct rc_hkdf *hkdf, const char *info, uint8_t *out, size_t size);

#endif
