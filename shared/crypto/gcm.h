/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_GCM_H
#define RC_CRYPTO_GCM_H
/*
 * AES-256-GCM (NIST SP 800-38D) with 12-byte nonces and whole 16-byte tags. The bare tool: rows of the roster and of the
 * server's secrets go through shared/sealing, which takes care of nonces and of where a value belongs.
 *
 * The same key and nonce must never serve twice. A call allocates a little and frees it; any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#define RC_GCM_KEY_BYTES   32u
#define RC_GCM_NONCE_BYTES 12u
#define RC_GCM_TAG_BYTES   16u

/* Writes ciphertext and tag, `plain.size + RC_GCM_TAG_BYTES` bytes, to `out`, which must not overlap the input. `extra` is
 * authenticated and not written. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_gcm_encrypt(const uint8_t key[RC_GCM_KEY_BYTES],
					 const uint8_t nonce[RC_GCM_NONCE_BYTES],
					 struct rc_bytes extra, struct rc_bytes plain, uint8_t *out);

/* Writes the plaintext, `sealed.size - RC_GCM_TAG_BYTES` bytes, to `out`; on failure those bytes are zeros. RC_EFORMAT: shorter
 * than a tag; RC_EDENIED: wrong key, nonce, extra or a changed bit; RC_ENOMEM. */
RC_CHECKED enum rc_status rc_gcm_decrypt(const uint8_t key[RC_GCM_KEY_BYTES],
					 const uint8_t nonce[RC_GCM_NONCE_BYTES],
					 struct rc_bytes extra, struct rc_bytes sealed, uint8_t *out);

#endif
