/* SPDX-License-Identifier: Apache-2.0 */
/* Two catalogues, built in; values are filled in by whole characters. */
#include "firmware/screen/texts.h"

#include "firmware/screen_gen/catalogues.h"
#include "shared/base/utf8.h"
#include "shared/catalogue/catalogue.h"

static struct rc_bytes catalogue(enum rc_view_lang lang)
{
	return lang == RC_VIEW_ZH ? rc_bytes_of(rc_catalogue_zh, rc_catalogue_zh_size)
				  : rc_bytes_of(rc_catalogue_en, rc_catalogue_en_size);
}

const char *rc_text(enum rc_view_lang lang, const char *key)
{
	struct rc_bytes found = rc_catalogue_find(catalogue(lang), key);

	return found.size > 0 ? (const char *)found.data : key;
}

const char *rc_text_plural(enum rc_view_lang lang, const char *one, const char *many, unsigned long count)
{
	struct rc_bytes found = rc_catalogue_find(catalogue(lang), one);
	size_t first = found.size > 0 ? strlen((const char *)found.data) : 0;

	if (found.size == 0)
		return count == 1 ? one : many;
	/* Chinese has one form; English has a second one for all but 1. */
	if (count == 1 || first >= found.size)
		return (const char *)found.data;
	return (const char *)found.data + first + 1;
}

static const struct rc_text_value *value_at(const char *text, const struct rc_text_value *values)
{
	for (; values->name; values++) {
		size_t length = strlen(values->name);

		if (strncmp(text + 1, values->name, length) == 0 && text[1 + length] == '}')
			return values;
	}
	return NULL;
}

/* Appends whole characters of `from` while they fit; returns the new end. */
static size_t append(char *to, size_t to_size, size_t used, struct rc_bytes from)
{
	while (from.size > 0) {
		uint32_t code_point = 0;
		size_t length = rc_utf8_next(from, &code_point);

		if (length == 0 || used + length >= to_size)
			break;
		memcpy(to + used, from.data, length);
		used += length;
		from = rc_bytes_of(from.data + length, from.size - length);
	}
	to[used] = '\0';
	return used;
}

void rc_text_fill(char *to, size_t to_size, const char *text, const struct rc_text_value *values)
{
	size_t used = 0;

	to[0] = '\0';
	while (*text) {
		const struct rc_text_value *value = *text == '{' ? value_at(text, values) : NULL;
		size_t plain = 1 + strcspn(text + 1, "{");

		if (value) {
			used = append(to, to_size, used, rc_bytes_of_text(value->value));
			text += strlen(value->name) + 2;
		} else {
			used = append(to, to_size, used, rc_bytes_of(text, plain));
			text += plain;
		}
	}
}

enum rc_view_lang rc_text_other(enum rc_view_lang lang)
{
	return lang == RC_VIEW_ZH ? RC_VIEW_EN : RC_VIEW_ZH;
}

bool rc_text_is_chinese(const char *text)
{
	struct rc_bytes rest = rc_bytes_of_text(text);

	while (rest.size > 0) {
		uint32_t c = 0;
		size_t length = rc_utf8_next(rest, &c);

		if (length == 0)
			return false;
		if ((c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
		    (c >= 0x20000 && c <= 0x3ffff))
			return true;
		rest = rc_bytes_of(rest.data + length, rest.size - length);
	}
	return false;
}
