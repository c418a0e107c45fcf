/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/sealing/sealed.h"

#include "shared/base/random.h"
#include "shared/crypto/gcm.h"

#include <assert.h>

#define SEAL_FORMAT     1u
#define TABLE_MAX_CHARS 64u /* names of tables are ours */
#define HEAD_BYTES      (1u + RC_GCM_NONCE_BYTES)

static const char domain[] = "rollcall/1";

_Static_assert(RC_SEAL_KEY_BYTES == RC_GCM_KEY_BYTES, "the key is GCM's");
_Static_assert(RC_SEAL_OVERHEAD_BYTES == HEAD_BYTES + RC_GCM_TAG_BYTES, "what is around a text");

/* The additional data of a place. */
struct place_bytes {
	uint8_t data[sizeof(domain) + TABLE_MAX_CHARS + 1 + 16 + 8];
	size_t size;
};

static void put(struct place_bytes *to, const void *data, size_t size)
{
	memcpy(to->data + to->size, data, size);
	to->size += size;
}

static struct rc_bytes describe(const struct rc_seal_place *place, struct place_bytes *to)
{
	const size_t table_chars = strlen(place->table);
	uint8_t version[8];

	assert(table_chars <= TABLE_MAX_CHARS);
	for (size_t i = 0; i < sizeof(version); i++)
		version[i] = (uint8_t)(place->version >> (56 - 8 * i));
	to->size = 0;
	put(to, domain, sizeof(domain)); /* the NULs that end the texts divide them */
	put(to, place->table, table_chars + 1);
	put(to, place->ref, sizeof(place->ref));
	put(to, version, sizeof(version));
	return rc_bytes_of(to->data, to->size);
}

enum rc_status rc_seal__with_nonce(const uint8_t key[RC_SEAL_KEY_BYTES],
				   const struct rc_seal_place *place, struct rc_bytes plain,
				   const uint8_t nonce[12], struct rc_buf *sealed, struct rc_error *err)
{
	struct place_bytes extra;
	enum rc_status status;
	uint8_t *to;

	if (rc_buf_reserve(sealed, plain.size + RC_SEAL_OVERHEAD_BYTES) != RC_OK)
		return rc_buf_status(sealed, err);
	to = sealed->data + sealed->size;
	to[0] = SEAL_FORMAT;
	memcpy(to + 1, nonce, RC_GCM_NONCE_BYTES);
	status = rc_gcm_encrypt(key, nonce, describe(place, &extra), plain, to + HEAD_BYTES);
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
	const size_t padding = (RC_SEAL_PAD_BYTES - json.size % RC_SEAL_PAD_BYTES) % RC_SEAL_PAD_BYTES;
	struct rc_buf padded;
	enum rc_status status;

	rc_buf_init(&padded, json.size + padding);
	/* All the room at once: growing would leave copies of the text behind. */
	status = rc_buf_reserve(&padded, json.size + padding);
	if (status != RC_OK)
		return rc_buf_status(&padded, err);
	rc_buf_append_bytes(&padded, json);
	for (size_t i = 0; i < padding; i++)
		rc_buf_append_char(&padded, ' ');
	status = rc_seal(key, place, rc_buf_bytes(&padded), sealed, err);
	rc_wipe(padded.data, padded.size);
	rc_buf_deinit(&padded);
	return status;
}

enum rc_status rc_unseal(const uint8_t key[RC_SEAL_KEY_BYTES], const struct rc_seal_place *place,
			 struct rc_bytes sealed, struct rc_buf *plain, struct rc_error *err)
{
	struct place_bytes extra;
	struct rc_bytes text;
	enum rc_status status;
	size_t size;

	if (sealed.size < RC_SEAL_OVERHEAD_BYTES || sealed.data[0] != SEAL_FORMAT)
		return rc_fail(err, RC_EFORMAT, "table %s: no sealed value", place->table);
	size = sealed.size - RC_SEAL_OVERHEAD_BYTES;
	if (rc_buf_reserve(plain, size) != RC_OK)
		return rc_buf_status(plain, err);
	text = rc_bytes_of(sealed.data + HEAD_BYTES, size + RC_GCM_TAG_BYTES);
	status = rc_gcm_decrypt(key, sealed.data + 1, describe(place, &extra), text,
				plain->data + plain->size);
	if (status != RC_OK) {
		plain->data[plain->size] = '\0';
		return rc_fail(err, status, "table %s: the sealed value doesn't open", place->table);
	}
	plain->size += size;
	plain->data[plain->size] = '\0';
	return RC_OK;
}
