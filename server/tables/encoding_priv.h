/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_ENCODING_PRIV_H
#define RC_TABLES_ENCODING_PRIV_H
/* What the sources of the encoding share: decoding itself, and how likely a text is. */
#include "server/tables/encoding.h"

/* ---- decode.c: the only one that knows iconv ---- */

/*
 * Appends the text as UTF-8, strictly: RC_EFORMAT at the first sequence that isn't of the encoding, with all before it in `utf8`.
 * RC_ENOMEM; RC_EBUG: the C library lacks the encoding.
 */
RC_CHECKED enum rc_status rc_encoding__decode(struct rc_bytes bytes, enum rc_encoding encoding,
					      struct rc_buf *utf8, struct rc_error *err);

/* The number of the line behind `text`, from 1. */
size_t rc_encoding__line_behind(struct rc_bytes text);

/* ---- likely.c ---- */

/* A text's characters by what they say about it. */
struct rc_encoding_count {
	size_t ascii;  /* printable, TAB and line ends */
	size_t breaks; /* line ends, and , ; TAB: what makes a table */
	size_t hanzi;  /* Chinese characters, of which … */
	size_t common; /* … those that Chinese tables are full of, … */
	size_t far; /* … and those that GB18030 writes in four bytes, as no other encoding does */
	size_t letters;  /* of other alphabets */
	size_t apart;    /* of those: neither beside a Latin letter nor a word of one alphabet */
	size_t neutral;  /* punctuation of East Asia, signs */
	size_t unlikely; /* control characters, private use, what has no meaning, rare scripts */
};

/* Counts a text that is valid UTF-8. */
struct rc_encoding_count rc_encoding__count(struct rc_bytes utf8);

/* True if it reads like Chinese: two characters or more, and most of what isn't ASCII is common. */
bool rc_encoding__is_chinese(const struct rc_encoding_count *count);

/* True for one of the characters that names, places and headers of Chinese tables are made of. */
bool rc_encoding__is_common(uint32_t point);

#endif
