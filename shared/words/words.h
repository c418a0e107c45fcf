/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_WORDS_WORDS_H
#define RC_WORDS_WORDS_H
/*
 * The language in which a program answers who called it: what stands in a struct rc_error, and what verbs print.
 *
 * The English text is the key; `po/zh_CN.po` is the translation and is built in, so no locale needs to be installed. rc_fail and
 * its kin look their formats up by themselves; what is printed otherwise is marked rc_words(…). A service keeps to English,
 * because its log is searched by people and programs alike.
 *
 * The language is one for the process: set before there are threads, afterwards any thread may ask. Nothing is allocated.
 */
#include <stdbool.h>

/* Marks a text that stands in a table and is looked up by rc_words(…) later, so that its translation is missed if there is none. */
#define RC_WORDS_KEY(english) english

/* From here on texts are Chinese (true), or English as at the start (false). */
void rc_words_speak_chinese(bool is_chinese);

/* The text, or format, in the language that is spoken; `english` itself where there is no other. Never NULL. */
const char *rc_words(const char *english) __attribute__((format_arg(1)));

/* The form that `count` wants, both in the language that is spoken: rc_words_counted(n, "%lld row", "%lld rows"). */
const char *rc_words_counted(long long count, const char *one, const char *many)
    __attribute__((format_arg(2), format_arg(3)));

#endif
