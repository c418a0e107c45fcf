/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FACTS_HEX_PRIV_H
#define RC_FACTS_HEX_PRIV_H
/*
 * Lower-case hex, eight digits a step. Half of a fact line is hex (248 of its characters), and an index search per digit, good
 * enough elsewhere, would cost more than all the rest of reading it.
 */
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RC_FACT__EACH(b) (UINT64_C(0x0101010101010101) * (b))

/* 4 bytes from 8 digits; returns bits that are zero if all were digits (so that a caller may gather several and look once). */
static inline uint64_t rc_fact__hex8(const uint8_t *digits, uint8_t out[4])
{
	const uint64_t top = RC_FACT__EACH(0x80);
	uint64_t x, is_decimal, is_letter, v;
	uint32_t packed;

	memcpy(&x, digits, sizeof(x));
	x = le64toh(x);
	/* With all bytes below 0x80 a sum carries into the top bit exactly where the byte reaches a bound, and no further. */
	is_decimal =
	    ((x & ~top) + RC_FACT__EACH(0x80 - '0')) & ~((x & ~top) + RC_FACT__EACH(0x7F - '9'));
	is_letter =
	    ((x & ~top) + RC_FACT__EACH(0x80 - 'a')) & ~((x & ~top) + RC_FACT__EACH(0x7F - 'f'));
	v = (x & RC_FACT__EACH(0x0F)) + ((is_letter & top) >> 7) * 9;
	v = (v << 4 | v >> 8) & UINT64_C(0x00FF00FF00FF00FF);
	v = (v | v >> 8) & UINT64_C(0x0000FFFF0000FFFF);
	packed = htole32((uint32_t)(v | v >> 16));
	memcpy(out, &packed, sizeof(packed));
	return (~(is_decimal | is_letter) | x) & top;
}

/* `size` bytes (a multiple of 4) from twice as many digits; false if any of them is none. */
static inline bool rc_fact__hex(const uint8_t *digits, uint8_t *out, size_t size)
{
	uint64_t bad = 0;

	for (size_t i = 0; i < size; i += 4)
		bad |= rc_fact__hex8(digits + 2 * i, out + i);
	return bad == 0;
}

#endif
