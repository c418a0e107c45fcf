/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/utf8.h"

size_t rc_utf8_next(struct rc_bytes text, uint32_t *code_point)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = text.size > 0 ? text.data[0] : 0xFF;
	size_t size = first < 0x80       ? 1
		      : first >> 5 == 6  ? 2
		      : first >> 4 == 14 ? 3
		      : first >> 3 == 30 ? 4
					 : 0;
	uint32_t value = first < 0x80 ? first : first & (0x7Fu >> size);

	if (size == 0 || size > text.size)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if (text.data[i] >> 6 != 2)
			return 0;
		value = value << 6 | (text.data[i] & 0x3Fu);
	}
	if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code_point = value;
	return size;
}

/* How many bytes at the beginning are ASCII for sure: most text here is, or begins so, and eight bytes cost what one would. */
static size_t ascii_run(struct rc_bytes text)
{
	size_t run = 0;

	while (text.size - run >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, text.data + run, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
		run += sizeof(word);
	}
	return run;
}

bool rc_utf8_is_valid(struct rc_bytes text)
{
	uint32_t code_point;
	const size_t run = ascii_run(text);

	if (run > 0) /* an empty text may have no address */
		text = rc_bytes_of(text.data + run, text.size - run);
	while (text.size > 0) {
		size_t n = rc_utf8_next(text, &code_point);

		if (n == 0)
			return false;
		text = rc_bytes_of(text.data + n, text.size - n);
	}
	return true;
}

size_t rc_utf8_count(struct rc_bytes text)
{
	uint32_t code_point;
	size_t count = 0;

	while (text.size > 0) {
		size_t n = rc_utf8_next(text, &code_point);

		if (n == 0)
			return 0;
		text = rc_bytes_of(text.data + n, text.size - n);
		count++;
	}
	return count;
}

bool rc_utf8_is_deceptive(uint32_t c)
{
	return (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x2069) || (c >= 0xE0000 && c <= 0xE007F) || c == 0x061C ||
	       c == 0xFEFF;
}

bool rc_utf8_is_visible(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && !rc_utf8_is_deceptive(c);
}

bool rc_utf8_is_plain(struct rc_bytes text)
{
	uint32_t c = 0;

	while (text.size > 0) {
		const size_t size = rc_utf8_next(text, &c);

		if (size == 0 || !rc_utf8_is_visible(c))
			return false;
		text = rc_bytes_of(text.data + size, text.size - size);
	}
	return true;
}
