/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/sealing/sealing_priv.h"

#include <assert.h>

static const char domain[] = "rollcall/1";

static void put(struct rc_sealing__place *to, const void *data, size_t size)
{
	memcpy(to->data + to->size, data, size);
	to->size += size;
}

struct rc_bytes rc_sealing__describe(const struct rc_seal_place *place, struct rc_sealing__place *to)
{
	const size_t table_chars = strlen(place->table);
	uint8_t version[8];

	assert(table_chars <= RC_SEALING__TABLE_MAX_CHARS);
	for (size_t i = 0; i < sizeof(version); i++)
		version[i] = (uint8_t)(place->version >> (56 - 8 * i));
	to->size = 0;
	put(to, domain, sizeof(domain)); /* the NULs that end the texts divide them */
	put(to, place->table, table_chars + 1);
	put(to, place->ref, sizeof(place->ref));
	put(to, version, sizeof(version));
	return rc_bytes_of(to->data, to->size);
}

enum rc_status rc_sealing__pad(struct rc_bytes plain, struct rc_buf *padded, struct rc_error *err)
{
	const size_t padding = (RC_SEAL_PAD_BYTES - plain.size % RC_SEAL_PAD_BYTES) % RC_SEAL_PAD_BYTES;

	rc_buf_init(padded, plain.size + padding);
	/* All the room at once: growing would leave copies of the text behind. */
	if (rc_buf_reserve(padded, plain.size + padding) != RC_OK)
		return rc_buf_status(padded, err);
	rc_buf_append_bytes(padded, plain);
	for (size_t i = 0; i < padding; i++)
		rc_buf_append_char(padded, ' ');
	return RC_OK;
}
