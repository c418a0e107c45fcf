/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_UTF8_H
#define RC_BASE_UTF8_H
/* UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Pure; any thread. */
#include "shared/base/bytes.h"

/* The length (1 … 4) of the valid character at the front and its code point, or 0 if there is none. */
size_t rc_utf8_next(struct rc_bytes text, uint32_t *code_point);

/* True if all of it is valid characters; empty text is. */
bool rc_utf8_is_valid(struct rc_bytes text);

/* Characters that change how their neighbours are shown and so can lie: bidirectional controls, zero-width, BOM, line and
 * paragraph separators, tags. */
bool rc_utf8_is_deceptive(uint32_t code_point);

/* What a human sees as it is: neither a control character (C0, DEL, C1) nor deceptive. */
bool rc_utf8_is_visible(uint32_t code_point);

/* True if all of it is valid and visible: a name, a code, a value. Empty text is. */
bool rc_utf8_is_plain(struct rc_bytes text);

/* How many characters; 0 for text that isn't valid. */
size_t rc_utf8_count(struct rc_bytes text);

#endif
