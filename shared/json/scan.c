/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursive descent over bytes. Strings are most of what there is, so they are passed eight bytes at a time until one needs a
 * look; objects keep their keys as slices on the stack and compare each new one with those before it.
 */
#include "shared/json/scan.h"

#include "shared/base/utf8.h"

#include <assert.h>
#include <endian.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

const char *rc_scan_fault_text(enum rc_scan_fault fault)
{
	static const char *const texts[] = {
	    [RC_SCAN_FINE] = "fine",
	    [RC_SCAN_NOT_UTF8] = "not UTF-8",
	    [RC_SCAN_NOT_JSON] = "not JSON",
	    [RC_SCAN_TOO_DEEP] = "nested too deeply",
	    [RC_SCAN_DUPLICATE_KEY] = "a key stands twice",
	    [RC_SCAN_TOO_MANY_KEYS] = "an object with too many keys",
	};

	return texts[fault];
}

enum rc_scan_fault rc_scan_document(struct rc_bytes text, unsigned depth_max, bool may_repeat_keys)
{
	struct rc_scan scan = {.at = text.data, .depth_max = depth_max, .may_repeat_keys = may_repeat_keys};
	enum rc_scan_fault fault;

	assert(depth_max >= 1 && depth_max <= RC_SCAN_DEPTH_MAX);
	if (text.size == 0)
		return RC_SCAN_NOT_JSON;
	scan.end = text.data + text.size;
	rc_scan_space(&scan);
	fault = rc_scan_value(&scan, 0);
	if (fault != RC_SCAN_FINE)
		return fault;
	rc_scan_space(&scan);
	return scan.at == scan.end ? RC_SCAN_FINE : RC_SCAN_NOT_JSON;
}

/* ---- strings ------------------------------------------------------------------------------------------------------- */

/* The first byte at or behind `at` that is a quote, a backslash, a control or not ASCII; `end` if there is none. */
static const uint8_t *pass_plain(const uint8_t *at, const uint8_t *end)
{
	while (end - at >= 8) {
		uint64_t x, quote, backslash, special;

		memcpy(&x, at, sizeof(x));
		x = le64toh(x);
		quote = x ^ EACH_BYTE('"');
		backslash = x ^ EACH_BYTE('\\');
		/* The top bit of each byte that is special. A borrow can only mark bytes above a true one, and the lowest is taken. */
		special = ((quote - EACH_BYTE(1)) & ~quote) |
			  ((backslash - EACH_BYTE(1)) & ~backslash) | ((x - EACH_BYTE(0x20)) & ~x) | x;
		special &= EACH_BYTE(0x80);
		if (special)
			return at + (__builtin_ctzll(special) >> 3);
		at += 8;
	}
	while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return at;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind \u, or -1. */
static int32_t read_unit(const uint8_t *at, const uint8_t *end)
{
	int32_t unit = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(at[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The character that the escape at `at` (behind its backslash) means, and how many bytes it takes; 0 if it is none. */
static size_t read_escape(const uint8_t *at, const uint8_t *end, uint32_t *code_point)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = at < end && *at ? strchr(names, *at) : NULL;
	int32_t high, low;

	if (name) {
		*code_point = (uint8_t)values[name - names];
		return 1;
	}
	if (at == end || *at != 'u' || (high = read_unit(at + 1, end)) <= 0)
		return 0;
	*code_point = (uint32_t)high;
	if (high < 0xD800 || high > 0xDFFF)
		return 5;
	if (high > 0xDBFF || end - at < 11 || at[5] != '\\' || at[6] != 'u')
		return 0;
	low = read_unit(at + 7, end);
	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	*code_point = 0x10000u + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
	return 11;
}

enum rc_scan_fault rc_scan_string(struct rc_scan *scan, struct rc_scan_string *string)
{
	const uint8_t *begin, *at;
	uint32_t code_point;
	size_t size;

	if (!rc_scan_take(scan, '"'))
		return RC_SCAN_NOT_JSON;
	begin = at = scan->at;
	string->has_escapes = false;
	for (;;) {
		scan->at = at = pass_plain(at, scan->end);
		if (at == scan->end || *at < 0x20)
			return RC_SCAN_NOT_JSON;
		if (*at == '"')
			break;
		if (*at == '\\') {
			string->has_escapes = true;
			size = read_escape(at + 1, scan->end, &code_point);
			if (size == 0)
				return RC_SCAN_NOT_JSON;
			at += 1 + size;
			continue;
		}
		size = rc_utf8_next(rc_bytes_of(at, (size_t)(scan->end - at)), &code_point);
		if (size == 0)
			return RC_SCAN_NOT_UTF8;
		at += size;
	}
	string->raw = rc_bytes_of(begin, (size_t)(at - begin));
	scan->at = at + 1;
	return RC_SCAN_FINE;
}

static size_t encode_utf8(uint32_t c, uint8_t out[4])
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xC0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xE0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
		out[2] = (uint8_t)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (uint8_t)(0xF0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
	out[3] = (uint8_t)(0x80 | (c & 0x3F));
	return 4;
}

/* The next character's bytes of a string that was read without fault; returns how many, `*at` moves. */
static size_t next_character(const uint8_t **at, const uint8_t *end, uint8_t out[4])
{
	uint32_t code_point = 0;

	if (**at != '\\') {
		out[0] = *(*at)++;
		return 1;
	}
	*at += 1 + read_escape(*at + 1, end, &code_point);
	return encode_utf8(code_point, out);
}

void rc_scan_string_append(const struct rc_scan_string *string, struct rc_buf *text)
{
	const uint8_t *at = string->raw.data, *end = at + string->raw.size;
	uint8_t character[4];

	if (!string->has_escapes) {
		rc_buf_append_bytes(text, string->raw);
		return;
	}
	while (at < end) {
		size_t size = next_character(&at, end, character);

		rc_buf_append(text, character, size);
	}
}

/* Compares two strings of which at least one has escapes, byte by byte of what they mean. */
static bool meanings_equal(struct rc_bytes a, struct rc_bytes b)
{
	const uint8_t *at[2] = {a.data, b.data}, *end[2] = {a.data + a.size, b.data + b.size};
	uint8_t left[2][4];
	size_t have[2] = {0, 0}, used[2] = {0, 0};

	for (;;) {
		for (int i = 0; i < 2; i++) {
			if (used[i] < have[i] || at[i] == end[i])
				continue;
			have[i] = next_character(&at[i], end[i], left[i]);
			used[i] = 0;
		}
		if (used[0] == have[0] || used[1] == have[1])
			return used[0] == have[0] && used[1] == have[1];
		if (left[0][used[0]++] != left[1][used[1]++])
			return false;
	}
}

bool rc_scan_strings_equal(const struct rc_scan_string *a, const struct rc_scan_string *b)
{
	if (!a->has_escapes && !b->has_escapes)
		return rc_bytes_equal(a->raw, b->raw);
	return meanings_equal(a->raw, b->raw);
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static bool is_digit(const struct rc_scan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Passes over digits; false if there is none. */
static bool take_digits(struct rc_scan *scan)
{
	if (!is_digit(scan))
		return false;
	while (is_digit(scan))
		scan->at++;
	return true;
}

/* At most 2^63-1, or 2^63 where there is a minus; no leading zeros stand in front. */
static bool integer_fits(const uint8_t *digits, size_t count, bool is_negative)
{
	if (count != 19)
		return count < 19;
	return memcmp(digits, is_negative ? "9223372036854775808" : "9223372036854775807", 19) <= 0;
}

/*
 * Whether a real's magnitude is within a double. The size of a decimal number shows in the place of its first digit that isn't
 * zero; only at the very edge (309 digits before the point) its value is looked at, by its first digits: 40 of them are more
 * than the edge has.
 */
static bool real_fits(const uint8_t *begin, const uint8_t *point, const uint8_t *digits_end, long exponent)
{
	char lead[64];
	size_t count = 0;
	long scale = 0; /* where the first digit that counts stands: 1 is the last before the point */

	for (const uint8_t *p = begin; p < digits_end && count < 40; p++) {
		if (*p == '.' || (*p == '0' && count == 0))
			continue;
		if (count == 0)
			scale = p < point ? (long)(point - p) : (long)(point - p) + 1;
		lead[count++] = (char)*p;
	}
	if (count == 0 || scale + exponent <= 308)
		return true;
	if (scale + exponent > 309)
		return false;
	lead[count] = 'e';
	(void)snprintf(lead + count + 1, sizeof(lead) - count - 1, "%d", 309 - (int)count);
	return strtod(lead, NULL) <= DBL_MAX;
}

/* The exponent's value, cut at a number that is out of any range. */
static long read_exponent(struct rc_scan *scan, bool *is_good)
{
	bool is_negative = rc_scan_take(scan, '-');
	long value = 0;

	if (!is_negative)
		(void)rc_scan_take(scan, '+');
	*is_good = is_digit(scan);
	for (; is_digit(scan); scan->at++) {
		if (value < 1000000)
			value = value * 10 + (*scan->at - '0');
	}
	return is_negative ? -value : value;
}

enum rc_scan_fault rc_scan_number(struct rc_scan *scan)
{
	bool is_negative = rc_scan_take(scan, '-'), is_real = false, is_good = true;
	const uint8_t *begin = scan->at, *point, *digits_end;
	long exponent = 0;

	if (!rc_scan_take(scan, '0') && !take_digits(scan))
		return RC_SCAN_NOT_JSON;
	point = scan->at;
	if (rc_scan_take(scan, '.')) {
		is_real = true;
		if (!take_digits(scan))
			return RC_SCAN_NOT_JSON;
	}
	digits_end = scan->at;
	if (rc_scan_take(scan, 'e') || rc_scan_take(scan, 'E')) {
		is_real = true;
		exponent = read_exponent(scan, &is_good);
	}
	if (is_good && is_real)
		is_good = real_fits(begin, point, digits_end, exponent);
	else if (is_good)
		is_good = integer_fits(begin, (size_t)(point - begin), is_negative);
	return is_good ? RC_SCAN_FINE : RC_SCAN_NOT_JSON;
}

/* ---- containers ---------------------------------------------------------------------------------------------------- */

static enum rc_scan_fault scan_word(struct rc_scan *scan, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0)
		return RC_SCAN_NOT_JSON;
	scan->at += size;
	return RC_SCAN_FINE;
}

static bool is_among(const struct rc_scan_string *keys, size_t count, const struct rc_scan_string *key)
{
	for (size_t i = 0; i < count; i++) {
		/* Most keys differ in size, and then nothing else needs a look. */
		if ((keys[i].raw.size == key->raw.size || keys[i].has_escapes || key->has_escapes) &&
		    rc_scan_strings_equal(&keys[i], key))
			return true;
	}
	return false;
}

/* A key, looked for among those before it, its colon, and its value; white space in front was passed over. */
static enum rc_scan_fault scan_member(struct rc_scan *scan, struct rc_scan_string *keys,
				      size_t *count, unsigned depth)
{
	struct rc_scan_string key;
	enum rc_scan_fault fault = rc_scan_string(scan, &key);

	if (fault != RC_SCAN_FINE)
		return fault;
	if (!scan->may_repeat_keys) {
		if (is_among(keys, *count, &key))
			return RC_SCAN_DUPLICATE_KEY;
		if (*count == RC_SCAN_KEYS_MAX)
			return RC_SCAN_TOO_MANY_KEYS;
		keys[(*count)++] = key;
	}
	rc_scan_space(scan);
	if (!rc_scan_take(scan, ':'))
		return RC_SCAN_NOT_JSON;
	rc_scan_space(scan);
	return rc_scan_value(scan, depth);
}

static enum rc_scan_fault scan_object(struct rc_scan *scan, unsigned depth)
{
	struct rc_scan_string keys[RC_SCAN_KEYS_MAX];
	size_t count = 0;

	scan->at++;
	rc_scan_space(scan);
	if (rc_scan_take(scan, '}'))
		return RC_SCAN_FINE;
	do {
		enum rc_scan_fault fault;

		rc_scan_space(scan);
		fault = scan_member(scan, keys, &count, depth);
		if (fault != RC_SCAN_FINE)
			return fault;
		rc_scan_space(scan);
	} while (rc_scan_take(scan, ','));
	return rc_scan_take(scan, '}') ? RC_SCAN_FINE : RC_SCAN_NOT_JSON;
}

static enum rc_scan_fault scan_array(struct rc_scan *scan, unsigned depth)
{
	scan->at++;
	rc_scan_space(scan);
	if (rc_scan_take(scan, ']'))
		return RC_SCAN_FINE;
	do {
		enum rc_scan_fault fault;

		rc_scan_space(scan);
		fault = rc_scan_value(scan, depth);
		if (fault != RC_SCAN_FINE)
			return fault;
		rc_scan_space(scan);
	} while (rc_scan_take(scan, ','));
	return rc_scan_take(scan, ']') ? RC_SCAN_FINE : RC_SCAN_NOT_JSON;
}

enum rc_scan_fault rc_scan_value(struct rc_scan *scan, unsigned depth)
{
	struct rc_scan_string string;

	if (scan->at == scan->end)
		return RC_SCAN_NOT_JSON;
	switch (*scan->at) {
	case '"':
		return rc_scan_string(scan, &string);
	case '{':
		return depth < scan->depth_max ? scan_object(scan, depth + 1) : RC_SCAN_TOO_DEEP;
	case '[':
		return depth < scan->depth_max ? scan_array(scan, depth + 1) : RC_SCAN_TOO_DEEP;
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		return rc_scan_number(scan);
	}
}
