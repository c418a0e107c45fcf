/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_KEY_H
#define RC_CRYPTO_KEY_H
/*
 * Key pairs on P-256, the one curve in use: kiosks, CA, the listener's own leaf. ECDSA with SHA-256.
 *
 * A private key is never printed, logged or part of an error text; it leaves only by rc_key_save_pem, to a file that the
 * caller makes readable for its owner alone. Freed keys are wiped. Files are the caller's business: these functions take and
 * give bytes. Signing and making a key cost a few milliseconds on a small board. Any thread: a key guards itself.
 */
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"

#define RC_KEY_PUBLIC_DER_BYTES                                                                    \
	91u /* a SubjectPublicKeyInfo of P-256 with its point uncompressed is never another size */
#define RC_KEY_POINT_BYTES     65u   /* the public key alone, SEC 1 uncompressed: 04 ‖ x ‖ y */
#define RC_KEY_AGREED_BYTES    32u   /* what two keys agree on: x of the point they share */
#define RC_KEY_SIGNATURE_BYTES 64u   /* r ‖ s, 32 bytes big-endian each */
#define RC_KEY_PEM_MAX_BYTES   4096u /* longer input isn't looked at; a key of ours takes 230 */

struct rc_key;

/* A new random pair; free with rc_key_free. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_key_new(struct rc_key **key, struct rc_error *err);

/* Reads an unencrypted PEM key (`EC PRIVATE KEY` or `PRIVATE KEY`). RC_EFORMAT if it is none, RSA, or of another curve. */
RC_CHECKED enum rc_status rc_key_load_pem(struct rc_bytes pem, struct rc_key **key, struct rc_error *err);

/* Wipes and frees; NULL is fine. */
void rc_key_free(struct rc_key *key);
RC_DEFINE_AUTO(struct rc_key, rc_key_free)

/* Appends the private key as PEM (`EC PRIVATE KEY`). The caller wipes the buffer (rc_wipe) before it is freed. RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_key_save_pem(struct rc_key *key, struct rc_buf *pem, struct rc_error *err);

/* Appends the public key, RC_KEY_PUBLIC_DER_BYTES of DER. RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_key_public_der(struct rc_key *key, struct rc_buf *der, struct rc_error *err);

/* The public key as a point. Fails only as rc_key_public_der does. */
RC_CHECKED enum rc_status rc_key_public_point(struct rc_key *key, uint8_t point[RC_KEY_POINT_BYTES],
					      struct rc_error *err);

/* Elliptic curve Diffie-Hellman (SEC 1, 3.3.1): what this key and the owner of `peer` alone can work out. Feed it to
 * rc_hkdf_sha256 and wipe it. RC_EFORMAT: `peer` is no uncompressed point of the curve; RC_ENOMEM. */
RC_CHECKED enum rc_status rc_key_agree(struct rc_key *key, const uint8_t peer[RC_KEY_POINT_BYTES],
				       uint8_t agreed[RC_KEY_AGREED_BYTES], struct rc_error *err);

/* RC_OK if the bytes are an uncompressed point of the curve, else RC_EFORMAT (or RC_ENOMEM). */
RC_CHECKED enum rc_status rc_key_check_point(const uint8_t point[RC_KEY_POINT_BYTES]);

/* Signs a SHA-256 hash. Deterministic (RFC 6979): a poor random source can't give the key away. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_key_sign(struct rc_key *key, const uint8_t hash[32],
				      uint8_t rs[RC_KEY_SIGNATURE_BYTES], struct rc_error *err);

/* RC_OK if the signature is of that hash by that key. RC_EFORMAT: `public_der` is no P-256 key; RC_EDENIED: the signature
 * doesn't hold. */
RC_CHECKED enum rc_status rc_key_verify(struct rc_bytes public_der, const uint8_t hash[32],
					const uint8_t rs[RC_KEY_SIGNATURE_BYTES]);

#endif
