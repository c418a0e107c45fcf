/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SEALING_SEALED_H
#define RC_SEALING_SEALED_H
/*
 * Sealed values of the roster: 0x01 ‖ 12 random bytes ‖ AES-256-GCM ciphertext ‖ 16-byte tag.
 *
 * Additional data = "rollcall/1" ‖ 0x00 ‖ table ‖ 0x00 ‖ ref (16) ‖ version (u64 big-endian), so that a value can't be moved
 * to another row or version. Plaintext JSON is padded with spaces to a multiple of 64. The nonce is always random: a version
 * may come again after a restore. Pure but for the nonce; any thread.
 */
#include "shared/base/buf.h"
#include "shared/base/id.h"

#define RC_SEAL_KEY_BYTES      32u
#define RC_SEAL_OVERHEAD_BYTES 29u /* version, nonce, tag */
#define RC_SEAL_PAD_BYTES      64u

/* Where a sealed value stands. `ref` is the row's 16-byte id: a person's ref, a session's id, a credential's find. */
struct rc_seal_place {
	const char *table; /* "person", "credential", "list", "list_key" */
	uint8_t ref[16];
	uint64_t version;
};

/* Appends the sealed value. RC_ENOMEM or RC_ELIMIT from the buffer. */
RC_CHECKED enum rc_status rc_seal(const uint8_t key[RC_SEAL_KEY_BYTES],
				  const struct rc_seal_place *place, struct rc_bytes plain,
				  struct rc_buf *sealed, struct rc_error *err);

/* As rc_seal, with JSON padded first. */
RC_CHECKED enum rc_status rc_seal_json(const uint8_t key[RC_SEAL_KEY_BYTES],
				       const struct rc_seal_place *place, struct rc_bytes json,
				       struct rc_buf *sealed, struct rc_error *err);

/* With a given nonce: for vector tests, never else. */
RC_CHECKED enum rc_status rc_seal__with_nonce(const uint8_t key[RC_SEAL_KEY_BYTES],
					      const struct rc_seal_place *place,
					      struct rc_bytes plain, const uint8_t nonce[12],
					      struct rc_buf *sealed, struct rc_error *err);

/* Appends the plaintext (padding included). RC_EFORMAT: too short or another version; RC_EDENIED: wrong key, place or bytes. */
RC_CHECKED enum rc_status rc_unseal(const uint8_t key[RC_SEAL_KEY_BYTES],
				    const struct rc_seal_place *place, struct rc_bytes sealed,
				    struct rc_buf *plain, struct rc_error *err);

#endif
