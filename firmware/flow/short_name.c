/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/flow/short_name.h"

#include "shared/base/utf8.h"

#include <stdio.h>

#define STARS_MAX 2u

/* The characters of a name as far as it is valid text; spaces don't count. */
struct reading {
	struct rc_bytes first, last;         /* characters, with the marks that combine with them */
	struct rc_bytes first_word, initial; /* the initial of the last word */
	size_t count;
	size_t word_count;
	bool is_syllabic; /* holds a character of Chinese, Japanese or Korean */
};

static bool is_combining(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f) ||
	       (c >= 0xe0100 && c <= 0xe01ef);
}

static bool is_syllable(uint32_t c)
{
	return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7ff) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

static bool is_space(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0x3000 || c == '\t';
}

static void take_character(struct reading *reading, struct rc_bytes character, bool begins_word)
{
	if (reading->count == 0)
		reading->first = character;
	if (begins_word) {
		reading->word_count++;
		reading->initial = character;
	}
	reading->last = character;
	reading->count++;
}

/* A mark belongs to the character before it. */
static void take_mark(struct reading *reading, size_t length)
{
	if (reading->count == 1)
		reading->first.size += length;
	if (reading->initial.data == reading->last.data)
		reading->initial.size += length;
	reading->last.size += length;
}

static struct reading read_name(const char *name)
{
	struct rc_bytes rest = rc_bytes_of_text(name);
	struct reading reading = {0};
	bool is_between = true;
	uint32_t c = 0;
	size_t length;

	for (; (length = rc_utf8_next(rest, &c)) > 0;
	     rest = rc_bytes_of(rest.data + length, rest.size - length)) {
		if (is_space(c)) {
			is_between = true;
			continue;
		}
		if (is_combining(c) && reading.count > 0 && !is_between) {
			take_mark(&reading, length);
		} else {
			take_character(&reading, rc_bytes_of(rest.data, length), is_between);
			reading.is_syllabic = reading.is_syllabic || is_syllable(c);
		}
		if (reading.word_count == 1) {
			const uint8_t *begin = reading.first.data;

			reading.first_word = rc_bytes_of(begin, (size_t)(rest.data + length - begin));
		}
		is_between = false;
	}
	return reading;
}

struct text {
	char *to;
	size_t size, used;
};

static void put(struct text *text, struct rc_bytes bytes)
{
	while (bytes.size > 0) {
		uint32_t c;
		size_t length = rc_utf8_next(bytes, &c);

		if (length == 0 || text->used + length >= text->size)
			break;
		memcpy(text->to + text->used, bytes.data, length);
		text->used += length;
		bytes = rc_bytes_of(bytes.data + length, bytes.size - length);
	}
	text->to[text->used] = '\0';
}

static void put_starred(struct text *text, const struct reading *reading)
{
	size_t hidden = reading->count > 2 ? reading->count - 2 : reading->count - 1;

	put(text, reading->first);
	for (size_t i = 0; i < hidden && i < STARS_MAX; i++)
		put(text, rc_bytes_of_text("*"));
	if (reading->count > 2)
		put(text, reading->last);
}

void rc_flow_short_name(const char *name, char *to, size_t to_size)
{
	struct text text = {.to = to, .size = to_size};
	struct reading reading = read_name(name);
	size_t size = strlen(name);

	to[0] = '\0';
	if (reading.count == 0)
		return;
	if (reading.word_count < 2 || reading.is_syllabic) {
		put_starred(&text, &reading);
		return;
	}
	put(&text, reading.first_word);
	put(&text, rc_bytes_of_text(" "));
	put(&text, reading.initial);
	if (text.used < size)
		put(&text, rc_bytes_of_text("."));
}
