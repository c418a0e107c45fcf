/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JSON_SCAN_H
#define RC_JSON_SCAN_H
/*
 * Is it JSON? A strict validator (RFC 8259) that walks over text once, builds nothing and allocates nothing: for bytes that
 * are stored and hashed as they came, where building a tree would cost ten times as much.
 *
 * Stricter than the RFC where readers are known to disagree: valid UTF-8 without a byte order mark, no key twice in one object
 * (compared after unescaping), no \u0000, no unpaired surrogate, integers within 64 bits, reals within a double. Pure; any
 * thread; stack use is bounded by the depth limit (about 1.2 KB a level).
 */
#include "shared/base/buf.h"

#define RC_SCAN_DEPTH_MAX                                                                          \
	64u /* the most that a caller may ask for: recursion stays below 80 KB of stack */
#define RC_SCAN_KEYS_MAX                                                                           \
	64u /* keys of one object that are compared with each other: the cost is quadratic */

enum rc_scan_fault {
	RC_SCAN_FINE,
	RC_SCAN_NOT_UTF8,
	RC_SCAN_NOT_JSON, /* grammar, escapes, a number out of range, text after the end */
	RC_SCAN_TOO_DEEP,
	RC_SCAN_DUPLICATE_KEY,
	RC_SCAN_TOO_MANY_KEYS, /* an object with more than RC_SCAN_KEYS_MAX keys, where they are to be compared */
};

/* A short English phrase for a fault ("a key stands twice"); never NULL. */
const char *rc_scan_fault_text(enum rc_scan_fault fault);

/* A walk over text. `at` moves forward only; after a fault it is near the place that is wrong. */
struct rc_scan {
	const uint8_t *at;
	const uint8_t *end;
	unsigned depth_max; /* 1 … RC_SCAN_DEPTH_MAX; an object that holds no container has depth 1 */
	bool may_repeat_keys; /* true: keys are not compared, because somebody else does that, and there may be any number */
};

/* A string's characters as they stand between the quotes; borrowed from the text. */
struct rc_scan_string {
	struct rc_bytes raw;
	bool has_escapes; /* false: raw is what it means */
};

/* One whole document: any value, with nothing but white space around it. */
RC_CHECKED enum rc_scan_fault rc_scan_document(struct rc_bytes text, unsigned depth_max,
					       bool may_repeat_keys);

/*
 * The pieces, for readers that know what they expect. Each begins where `at` stands (no white space is passed over in front)
 * and leaves it behind what was read. `depth` is how many containers are open around the value.
 */
RC_CHECKED enum rc_scan_fault rc_scan_value(struct rc_scan *scan, unsigned depth);
RC_CHECKED enum rc_scan_fault rc_scan_string(struct rc_scan *scan, struct rc_scan_string *string);
RC_CHECKED enum rc_scan_fault rc_scan_number(struct rc_scan *scan);

/* Passes over space, TAB, LF and CR. */
static inline void rc_scan_space(struct rc_scan *scan)
{
	while (scan->at < scan->end &&
	       (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
		scan->at++;
}

/* Passes over one character if it is the next; false and unmoved if it isn't. */
static inline bool rc_scan_take(struct rc_scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != (uint8_t)c)
		return false;
	scan->at++;
	return true;
}

/* What a string that was read without fault means: appends its characters with escapes resolved. */
void rc_scan_string_append(const struct rc_scan_string *string, struct rc_buf *text);

/* True if two strings mean the same characters, however they are written. */
bool rc_scan_strings_equal(const struct rc_scan_string *a, const struct rc_scan_string *b);

#endif
