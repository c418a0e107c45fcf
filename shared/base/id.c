/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/id.h"

#include "shared/base/encode.h"
#include "shared/base/random.h"

static void set_version(struct rc_id *id, unsigned version)
{
	id->octets[6] = (uint8_t)((id->octets[6] & 0x0Fu) | version << 4);
	id->octets[8] = (uint8_t)((id->octets[8] & 0x3Fu) | 0x80u);
}

struct rc_id rc_id_new(void)
{
	struct rc_id id;

	rc_random(id.octets, sizeof(id.octets));
	set_version(&id, 4);
	return id;
}

struct rc_id rc_id_from_hash(const uint8_t hash[32])
{
	struct rc_id id;

	memcpy(id.octets, hash, sizeof(id.octets));
	set_version(&id, 8);
	return id;
}

static bool is_dash_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

enum rc_status rc_id_parse(struct rc_bytes text, struct rc_id *id)
{
	uint8_t digits[RC_HEX_CHARS(RC_ID_BYTES)];
	struct rc_id parsed;
	size_t n = 0;

	if (text.size != RC_ID_CHARS)
		return RC_EFORMAT;
	for (size_t i = 0; i < text.size; i++) {
		if (!is_dash_place(i))
			digits[n++] = text.data[i];
		else if (text.data[i] != '-')
			return RC_EFORMAT;
	}
	if (rc_hex_decode(rc_bytes_of(digits, n), parsed.octets, sizeof(parsed.octets)) != RC_OK)
		return RC_EFORMAT;
	*id = parsed;
	return RC_OK;
}

void rc_id_format(const struct rc_id *id, char text[RC_ID_CHARS + 1])
{
	char digits[RC_HEX_CHARS(RC_ID_BYTES) + 1];
	size_t n = 0;

	rc_hex_encode(rc_bytes_of(id->octets, sizeof(id->octets)), digits);
	for (size_t i = 0; i < RC_ID_CHARS; i++)
		text[i] = is_dash_place(i) ? '-' : digits[n++];
	text[RC_ID_CHARS] = '\0';
}

bool rc_id_equal(const struct rc_id *a, const struct rc_id *b)
{
	return memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

bool rc_id_is_nil(const struct rc_id *id)
{
	static const struct rc_id nil;

	return rc_id_equal(id, &nil);
}
