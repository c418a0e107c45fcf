/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SEALING_TO_SERVER_H
#define RC_SEALING_TO_SERVER_H
/*
 * What a kiosk writes down and can't read again: sealed to the server's public key. A staff number that somebody typed at the door
 * lies in the journal like this, so a stolen kiosk gives none away.
 *
 *     0x02 ‖ E (65) ‖ nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16)
 *
 * E is the public half of a P-256 key made for this one value (SEC 1, uncompressed), S the server's. Z = x of ECDH(E, S), and
 * key = HKDF-SHA256(secret Z, salt E ‖ S, info "rollcall/1/to-server"). The additional data is that of sealed.h with the place's
 * table, ref and version, so a value can't be moved into another fact. Plaintext is padded with spaces to a multiple of
 * RC_SEAL_PAD_BYTES: its length tells nothing.
 *
 * Pure but for the random key and nonce; any thread; about a millisecond each way.
 */
#include "shared/base/buf.h"
#include "shared/sealing/sealed.h"

#define RC_TO_SERVER_PUBLIC_BYTES   65u /* SEC 1, uncompressed: 04 ‖ x ‖ y */
#define RC_TO_SERVER_OVERHEAD_BYTES 94u /* version, E, nonce, tag */

struct rc_key;

/* Appends `plain`, padded and sealed. RC_EFORMAT: `server` is no point of the curve. RC_ENOMEM or RC_ELIMIT from the buffer. */
RC_CHECKED enum rc_status rc_seal_to_server(const uint8_t server[RC_TO_SERVER_PUBLIC_BYTES],
					    const struct rc_seal_place *place, struct rc_bytes plain,
					    struct rc_buf *sealed, struct rc_error *err);

/* With a given pair and nonce: for vector tests, never else. */
RC_CHECKED enum rc_status rc_seal_to_server__with(struct rc_key *once, const uint8_t nonce[12],
						  const uint8_t server[RC_TO_SERVER_PUBLIC_BYTES],
						  const struct rc_seal_place *place, struct rc_bytes plain,
						  struct rc_buf *sealed, struct rc_error *err);

/* Appends the plaintext without its padding (and so without spaces of its own at the end). RC_EFORMAT: too short, another version, no point; RC_EDENIED: wrong key, place or bytes. */
RC_CHECKED enum rc_status rc_unseal_at_server(struct rc_key *server, const struct rc_seal_place *place,
					      struct rc_bytes sealed, struct rc_buf *plain,
					      struct rc_error *err);

#endif
