/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/sealing/sealed.h"

#include "shared/base/random.h"
#include "shared/crypto/gcm.h"
#include "shared/sealing/sealing_priv.h"

#define SEAL_FORMAT 1u
#define HEAD_BYTES  (1u + RC_GCM_NONCE_BYTES)

_Static_assert(RC_SEAL_KEY_BYTES == RC_GCM_KEY_BYTES, "the key is GCM's");
_Static_assert(RC_SEAL_OVERHEAD_BYTES == HEAD_BYTES + RC_GCM_TAG_BYTES, "what is around a text");

enum rc_status rc_seal__with_nonce(const uint8_t key[RC_SEAL_KEY_BYTES],
				   const struct rc_seal_place *place, struct rc_bytes plain,
				   const uint8_t nonce[12], struct rc_buf *sealed, struct rc_error *err)
{
	struct rc_sealing__place extra;
	enum rc_status status;
	uint8_t *to;

	if (rc_buf_reserve(sealed, plain.size + RC_SEAL_OVERHEAD_BYTES) != RC_OK)
		return rc_buf_status(sealed, err);
	to = sealed->data + sealed->size;
	to[0] = SEAL_FORMAT;
	memcpy(to + 1, nonce, RC_GCM_NONCE_BYTES);
	status = rc_gcm_encrypt(key, nonce, rc_sealing__describe(place, &extra), plain, to + HEAD_BYTES);
	if (status != RC_OK) {
		to[0] = '\0';
		return rc_fail(err, status, "can't seal a value of table %s", place->table);
	}
	sealed->size += plain.size + RC_SEAL_OVERHEAD_BYTES;
	sealed->data[sealed->size] = '\0';
	return RC_OK;
}

enum rc_status rc_seal(const uint8_t key[RC_SEAL_KEY_BYTES], const struct rc_seal_place *place,
		       struct rc_bytes plain, struct rc_buf *sealed, struct rc_error *err)
{
	uint8_t nonce[RC_GCM_NONCE_BYTES];

	rc_random(nonce, sizeof(nonce));
	return rc_seal__with_nonce(key, place, plain, nonce, sealed, err);
}

enum rc_status rc_seal_json(const uint8_t key[RC_SEAL_KEY_BYTES], const struct rc_seal_place *place,
			    struct rc_bytes json, struct rc_buf *sealed, struct rc_error *err)
{
	struct rc_buf padded;
	enum rc_status status = rc_sealing__pad(json, &padded, err);

	if (status != RC_OK)
		return status;
	status = rc_seal(key, place, rc_buf_bytes(&padded), sealed, err);
	rc_wipe(padded.data, padded.size);
	rc_buf_deinit(&padded);
	return status;
}

enum rc_status rc_unseal(const uint8_t key[RC_SEAL_KEY_BYTES], const struct rc_seal_place *place,
			 struct rc_bytes sealed, struct rc_buf *plain, struct rc_error *err)
{
	struct rc_sealing__place extra;
	struct rc_bytes text;
	enum rc_status status;
	size_t size;

	if (sealed.size < RC_SEAL_OVERHEAD_BYTES || sealed.data[0] != SEAL_FORMAT)
		return rc_fail(err, RC_EFORMAT, "table %s: no sealed value", place->table);
	size = sealed.size - RC_SEAL_OVERHEAD_BYTES;
	if (rc_buf_reserve(plain, size) != RC_OK)
		return rc_buf_status(plain, err);
	text = rc_bytes_of(sealed.data + HEAD_BYTES, size + RC_GCM_TAG_BYTES);
	status = rc_gcm_decrypt(key, sealed.data + 1, rc_sealing__describe(place, &extra), text,
				plain->data + plain->size);
	if (status != RC_OK) {
		plain->data[plain->size] = '\0';
		return rc_fail(err, status, "table %s: the sealed value doesn't open", place->table);
	}
	plain->size += size;
	plain->data[plain->size] = '\0';
	return RC_OK;
}
