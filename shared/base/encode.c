/* SPDX-License-Identifier: Apache-2.0 */
/* The four alphabets by index search or arithmetic; base32 and base64 share one bit shifter, as both are 2^n alphabets. */
#include "shared/base/encode.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char base45_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The place of `c` in an alphabet, or -1; NUL is in none. */
static int digit_value(const char *digits, uint8_t c)
{
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

void rc_hex_encode(struct rc_bytes bytes, char *text)
{
	for (size_t i = 0; i < bytes.size; i++) {
		*text++ = hex_digits[bytes.data[i] >> 4];
		*text++ = hex_digits[bytes.data[i] & 15];
	}
	*text = '\0';
}

enum rc_status rc_hex_decode(struct rc_bytes text, uint8_t *out, size_t size)
{
	if (text.size != RC_HEX_CHARS(size))
		return RC_EFORMAT;
	for (size_t i = 0; i < size; i++) {
		int high = digit_value(hex_digits, text.data[2 * i]);
		int low = digit_value(hex_digits, text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return RC_EFORMAT;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return RC_OK;
}

static void encode_bits(struct rc_bytes bytes, const char *digits, unsigned width, char *text)
{
	const uint32_t mask = (1u << width) - 1;
	uint32_t pending = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < bytes.size; i++) {
		pending = pending << 8 | bytes.data[i];
		bits += 8;
		while (bits >= width) {
			bits -= width;
			*text++ = digits[pending >> bits & mask];
		}
	}
	if (bits > 0)
		*text++ = digits[pending << (width - bits) & mask];
	*text = '\0';
}

static enum rc_status decode_bits(struct rc_bytes text, const char *digits, unsigned width,
				  uint8_t *out, size_t max, size_t *size)
{
	uint32_t pending = 0;
	unsigned bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < text.size; i++) {
		int value = digit_value(digits, text.data[i]);

		if (value < 0)
			return RC_EFORMAT;
		pending = pending << width | (uint32_t)value;
		bits += width;
		if (bits < 8)
			continue;
		if (n == max)
			return RC_ELIMIT;
		bits -= 8;
		out[n++] = (uint8_t)(pending >> bits);
	}
	if (bits >= width || (pending & ((1u << bits) - 1)) != 0)
		return RC_EFORMAT;
	*size = n;
	return RC_OK;
}

void rc_base32_encode(struct rc_bytes bytes, char *text)
{
	encode_bits(bytes, base32_digits, 5, text);
}

enum rc_status rc_base32_decode(struct rc_bytes text, uint8_t *out, size_t max, size_t *size)
{
	return decode_bits(text, base32_digits, 5, out, max, size);
}

bool rc_base32_is_alphabet(struct rc_bytes text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (digit_value(base32_digits, text.data[i]) < 0)
			return false;
	}
	return true;
}

void rc_base64url_encode(struct rc_bytes bytes, char *text)
{
	encode_bits(bytes, base64url_digits, 6, text);
}

enum rc_status rc_base64url_decode(struct rc_bytes text, uint8_t *out, size_t max, size_t *size)
{
	return decode_bits(text, base64url_digits, 6, out, max, size);
}

void rc_base45_encode(struct rc_bytes bytes, char *text)
{
	for (size_t i = 0; i < bytes.size; i += 2) {
		bool is_pair = i + 1 < bytes.size;
		unsigned value = is_pair ? bytes.data[i] * 256u + bytes.data[i + 1] : bytes.data[i];

		*text++ = base45_digits[value % 45];
		*text++ = base45_digits[value / 45 % 45];
		if (is_pair)
			*text++ = base45_digits[value / 2025];
	}
	*text = '\0';
}

/* Three characters make two bytes, a rest of two makes one; a rest of one is no code (RFC 9285 section 4). */
enum rc_status rc_base45_decode(struct rc_bytes text, uint8_t *out, size_t max, size_t *size)
{
	size_t n = 0;

	if (text.size % 3 == 1)
		return RC_EFORMAT;
	for (size_t i = 0; i < text.size; i += 3) {
		size_t chars = text.size - i < 3 ? 2 : 3;
		unsigned value = 0;

		for (size_t k = chars; k-- > 0;) {
			int digit = digit_value(base45_digits, text.data[i + k]);

			if (digit < 0)
				return RC_EFORMAT;
			value = value * 45 + (unsigned)digit;
		}
		if (value > (chars == 3 ? 0xFFFFu : 0xFFu))
			return RC_EFORMAT;
		if (n + chars - 1 > max)
			return RC_ELIMIT;
		if (chars == 3)
			out[n++] = (uint8_t)(value >> 8);
		out[n++] = (uint8_t)value;
	}
	*size = n;
	return RC_OK;
}
