/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_CHARSET_H
#define RC_HTTP_CHARSET_H
/*
 * Sets of bytes, a bit each: every byte of every head is looked up in one of them.
 */
#include "shared/base/bytes.h"

struct rc_http__charset {
	uint64_t bits[4];
};

/* True if all bytes are of the set; also if there is none. */
static inline bool rc_http__is_of(struct rc_bytes text, const struct rc_http__charset *set)
{
	uint64_t are_in = 1;

	for (size_t i = 0; i < text.size; i++)
		are_in &= set->bits[text.data[i] >> 6] >> (text.data[i] & 63);
	return are_in & 1;
}

#endif
