/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_TEXTS_H
#define RC_SCREEN_TEXTS_H
/*
 * The words, in both languages at the same time: a greeting speaks the badge's language while idle speaks the room's, so
 * the process's locale can't decide. The catalogues are gettext's (.po in `po/`, compiled at build time and built in) and
 * need no installed locale.
 *
 * The English source string is the key. Strings in tables are marked N_(…) for xgettext and looked up where they are used.
 * Pure; any thread; nothing is allocated.
 */
#include "firmware/screen/view.h"

#define N_(text) text

/* One filled-in value: `{name}` in a text becomes `value`. */
struct rc_text_value {
	const char *name;
	const char *value;
};

/* The text in `lang`; the key itself if the catalogue lacks it (a test sees to it that it doesn't). Never NULL. */
const char *rc_text(enum rc_view_lang lang, const char *key);

/* As rc_text, in the plural form that `count` wants. `one` is the key. */
const char *rc_text_plural(enum rc_view_lang lang, const char *one, const char *many, unsigned long count);

/* Copies `text` to `to` with each `{name}` of `values` (ended by a NULL name) filled in; values are not looked into again.
 * What doesn't fit is cut between characters. Unknown names stay as they are. */
void rc_text_fill(char *to, size_t to_size, const char *text, const struct rc_text_value *values);

/* The other language of the two. */
enum rc_view_lang rc_text_other(enum rc_view_lang lang);

/* True if `text` holds a character of the Chinese blocks: such text has no letter-spacing. */
bool rc_text_is_chinese(const char *text);

#endif
