/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FACTS_HEX_PRIV_H
#define RC_FACTS_HEX_PRIV_H
/*
 * Lower-case hex, sixteen digits a step. Half of a fact line is hex (248 of its characters), and an index search per digit, good
 * enough elsewhere, would cost more than all the rest of reading it. Vectors of gcc and clang: SSE2 and NEON without naming them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the first digit of a pair is the low half here");

typedef uint8_t rc_fact__bytes16 __attribute__((vector_size(16)));
typedef uint16_t rc_fact__pairs8 __attribute__((vector_size(16)));
typedef uint8_t rc_fact__bytes8 __attribute__((vector_size(8)));

/* 8 bytes from 16 digits; the bytes of `*bad` get bits where a digit is none (so that several steps are looked at once). */
static inline void rc_fact__hex16(const uint8_t *digits, uint8_t *out, rc_fact__bytes16 *bad)
{
	rc_fact__bytes16 x, decimal, letter, is_decimal, is_letter;
	rc_fact__pairs8 pairs;
	rc_fact__bytes8 bytes;

	memcpy(&x, digits, sizeof(x));
	decimal = x - '0';
	letter = x - 'a';
	is_decimal = (rc_fact__bytes16)(decimal < 10);
	is_letter = (rc_fact__bytes16)(letter < 6);
	*bad |= ~(is_decimal | is_letter);
	pairs = (rc_fact__pairs8)((decimal & is_decimal) | ((letter + 10) & is_letter));
	bytes = __builtin_convertvector(pairs << 4 | pairs >> 8, rc_fact__bytes8);
	memcpy(out, &bytes, sizeof(bytes));
}

/* `size` bytes (a multiple of 8) from twice as many digits; false if any of them is none. */
static inline bool rc_fact__hex(const uint8_t *digits, uint8_t *out, size_t size)
{
	rc_fact__bytes16 bad = {0};
	uint64_t halves[2];

	for (size_t i = 0; i < size; i += 8)
		rc_fact__hex16(digits + 2 * i, out + i, &bad);
	memcpy(halves, &bad, sizeof(halves));
	return (halves[0] | halves[1]) == 0;
}

#endif
