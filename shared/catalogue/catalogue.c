/* SPDX-License-Identifier: Apache-2.0 */
/* A header of seven words, two tables of (length, offset), keys sorted: a look-up is a binary search. */
#include "shared/catalogue/catalogue.h"

#include <string.h>

#define MO_MAGIC        0x950412deu
#define MO_AT_COUNT     8u
#define MO_AT_KEYS      12u
#define MO_AT_TEXTS     16u
#define MO_HEADER_BYTES 28u

static uint32_t word(struct rc_bytes mo, uint64_t at)
{
	if (mo.size < 4 || at > mo.size - 4)
		return 0;
	return (uint32_t)mo.data[at] | (uint32_t)mo.data[at + 1] << 8 |
	       (uint32_t)mo.data[at + 2] << 16 | (uint32_t)mo.data[at + 3] << 24;
}

/* The ended string that the n-th entry of the table at `table` points to, with the bytes behind its first NUL. */
static struct rc_bytes entry(struct rc_bytes mo, uint32_t table, uint32_t n)
{
	const uint32_t length = word(mo, table + n * UINT64_C(8));
	const uint32_t offset = word(mo, table + n * UINT64_C(8) + 4);

	if (offset >= mo.size || length >= mo.size - offset || mo.data[offset + length] != '\0')
		return rc_bytes_of("", 0);
	return rc_bytes_of(mo.data + offset, length);
}

struct rc_bytes rc_catalogue_find(struct rc_bytes mo, const char *key)
{
	uint32_t low = 0, high = word(mo, MO_AT_COUNT);

	if (mo.size < MO_HEADER_BYTES || word(mo, 0) != MO_MAGIC)
		return rc_bytes_of("", 0);
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const int order =
		    strcmp(key, (const char *)entry(mo, word(mo, MO_AT_KEYS), middle).data);

		if (order == 0)
			return entry(mo, word(mo, MO_AT_TEXTS), middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return rc_bytes_of("", 0);
}
