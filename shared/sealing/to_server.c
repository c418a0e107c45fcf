/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new pair for each value: the kiosk throws its private half away, so only the server's private key opens it again. Both
 * public halves go into the key, which ties it to this one exchange.
 */
#include "shared/sealing/to_server.h"

#include "shared/base/random.h"
#include "shared/crypto/gcm.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/key.h"
#include "shared/sealing/sealing_priv.h"

#define FORMAT     2u
#define NONCE_AT   (1u + RC_TO_SERVER_PUBLIC_BYTES)
#define HEAD_BYTES (NONCE_AT + RC_GCM_NONCE_BYTES)

_Static_assert(RC_TO_SERVER_PUBLIC_BYTES == RC_KEY_POINT_BYTES, "a public key is a point");
_Static_assert(RC_TO_SERVER_OVERHEAD_BYTES == HEAD_BYTES + RC_GCM_TAG_BYTES,
	       "what is around a text");

/* The key of one value, from our half of either side: `first` is the pair made for the value, `second` the server's. */
static enum rc_status agree_key(struct rc_key *ours, const uint8_t *theirs, const uint8_t *first,
				const uint8_t *second, uint8_t key[RC_GCM_KEY_BYTES])
{
	uint8_t agreed[RC_KEY_AGREED_BYTES], salt[2 * RC_KEY_POINT_BYTES];
	enum rc_status status = rc_key_agree(ours, theirs, agreed, NULL);

	if (status != RC_OK)
		return status;
	memcpy(salt, first, RC_KEY_POINT_BYTES);
	memcpy(salt + RC_KEY_POINT_BYTES, second, RC_KEY_POINT_BYTES);
	rc_hkdf_sha256(rc_bytes_of(agreed, sizeof(agreed)), rc_bytes_of(salt, sizeof(salt)),
		       "rollcall/1/to-server", key, RC_GCM_KEY_BYTES);
	rc_wipe(agreed, sizeof(agreed));
	return RC_OK;
}

/* Appends head, text and tag; `head` is all that stands before the ciphertext. */
static enum rc_status append_sealed(const uint8_t key[RC_GCM_KEY_BYTES],
				    const uint8_t head[HEAD_BYTES], const struct rc_seal_place *place,
				    struct rc_bytes padded, struct rc_buf *sealed)
{
	struct rc_sealing__place extra;
	enum rc_status status;
	uint8_t *to;

	if (rc_buf_reserve(sealed, padded.size + RC_TO_SERVER_OVERHEAD_BYTES) != RC_OK)
		return rc_buf_status(sealed, NULL);
	to = sealed->data + sealed->size;
	status = rc_gcm_encrypt(key, head + NONCE_AT, rc_sealing__describe(place, &extra), padded,
				to + HEAD_BYTES);
	if (status == RC_OK) {
		memcpy(to, head, HEAD_BYTES);
		sealed->size += padded.size + RC_TO_SERVER_OVERHEAD_BYTES;
	}
	sealed->data[sealed->size] = '\0';
	return status;
}

enum rc_status rc_seal_to_server__with(struct rc_key *once, const uint8_t nonce[12],
				       const uint8_t server[RC_TO_SERVER_PUBLIC_BYTES],
				       const struct rc_seal_place *place, struct rc_bytes plain,
				       struct rc_buf *sealed, struct rc_error *err)
{
	uint8_t head[HEAD_BYTES] = {FORMAT}, key[RC_GCM_KEY_BYTES];
	struct rc_buf padded;
	enum rc_status status = rc_key_public_point(once, head + 1, err);

	if (status == RC_OK)
		status = agree_key(once, server, head + 1, server, key);
	if (status != RC_OK)
		return rc_fail(err, status, "table %s: can't seal to the server's key", place->table);
	memcpy(head + NONCE_AT, nonce, RC_GCM_NONCE_BYTES);
	status = rc_sealing__pad(plain, &padded, err);
	if (status == RC_OK) {
		status = append_sealed(key, head, place, rc_buf_bytes(&padded), sealed);
		rc_wipe(padded.data, padded.size);
		rc_buf_deinit(&padded);
	}
	rc_wipe(key, sizeof(key));
	if (status != RC_OK)
		return rc_fail(err, status, "table %s: can't seal a value", place->table);
	return RC_OK;
}

enum rc_status rc_seal_to_server(const uint8_t server[RC_TO_SERVER_PUBLIC_BYTES],
				 const struct rc_seal_place *place, struct rc_bytes plain,
				 struct rc_buf *sealed, struct rc_error *err)
{
	RC_AUTO(rc_key_free_p) struct rc_key *once = NULL;
	uint8_t nonce[RC_GCM_NONCE_BYTES];
	enum rc_status status = rc_key_new(&once, err);

	if (status != RC_OK)
		return status;
	rc_random(nonce, sizeof(nonce));
	return rc_seal_to_server__with(once, nonce, server, place, plain, sealed, err);
}

static enum rc_status open_text(const uint8_t key[RC_GCM_KEY_BYTES], const struct rc_seal_place *place,
				struct rc_bytes sealed, struct rc_buf *plain)
{
	const size_t size = sealed.size - RC_TO_SERVER_OVERHEAD_BYTES;
	struct rc_sealing__place extra;
	enum rc_status status;
	size_t start = plain->size;

	if (rc_buf_reserve(plain, size) != RC_OK)
		return rc_buf_status(plain, NULL);
	status = rc_gcm_decrypt(key, sealed.data + NONCE_AT, rc_sealing__describe(place, &extra),
				rc_bytes_of(sealed.data + HEAD_BYTES, size + RC_GCM_TAG_BYTES),
				plain->data + start);
	if (status == RC_OK)
		plain->size += size;
	while (plain->size > start && plain->data[plain->size - 1] == ' ')
		plain->size--;
	plain->data[plain->size] = '\0';
	return status;
}

enum rc_status rc_unseal_at_server(struct rc_key *server, const struct rc_seal_place *place,
				   struct rc_bytes sealed, struct rc_buf *plain, struct rc_error *err)
{
	uint8_t own[RC_KEY_POINT_BYTES], key[RC_GCM_KEY_BYTES];
	enum rc_status status;

	if (sealed.size < RC_TO_SERVER_OVERHEAD_BYTES || sealed.data[0] != FORMAT)
		return rc_fail(err, RC_EFORMAT, "table %s: no value sealed to a server", place->table);
	status = rc_key_public_point(server, own, err);
	if (status == RC_OK)
		status = agree_key(server, sealed.data + 1, sealed.data + 1, own, key);
	if (status == RC_OK)
		status = open_text(key, place, sealed, plain);
	rc_wipe(key, sizeof(key));
	if (status != RC_OK)
		return rc_fail(err, status, "table %s: the sealed value doesn't open", place->table);
	return RC_OK;
}
