/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_ENCODING_H
#define RC_TABLES_ENCODING_H
/*
 * From a file as it was uploaded to UTF-8: which encoding it is in, and its text.
 *
 * Chinese spreadsheets write GBK without saying so, UTF-16, or UTF-8 with a mark in front. A mark decides. Without one the file is
 * UTF-8 if all of it is; UTF-16 if it is text in one order of bytes and none in the other; GB18030 (which GBK and GB2312 are parts
 * of) if all of it decodes and what comes out is mostly common Chinese characters, because Big5, Korean and Western files decode as
 * well, into rare ones. What could be two things is refused, and a human says which: nothing is guessed in silence.
 *
 * Pure but for memory; any thread.
 */
#include "server/tables/report.h"

#define RC_TABLE_MAX_BYTES (64u * 1024u * 1024u)

/* The text of the largest file: two bytes of GB18030 or UTF-16 become three. */
#define RC_TABLE_TEXT_MAX_BYTES (RC_TABLE_MAX_BYTES / 2 * 3)

enum rc_encoding {
	RC_ENCODING_FIND, /* as a wish: look for yourself */
	RC_ENCODING_UTF8,
	RC_ENCODING_UTF16LE,
	RC_ENCODING_UTF16BE,
	RC_ENCODING_GB18030,      /* with GBK, GB2312 and Windows' code page 936 */
	RC_ENCODING_BIG5,         /* only when asked for, like the next */
	RC_ENCODING_WINDOWS_1252, /* Western Europe */
};

/* "UTF-8" and the like; "" for RC_ENCODING_FIND. */
const char *rc_encoding_name(enum rc_encoding encoding);

/* By one of its names ("gbk", "UTF-16LE" …), without regard to case; false: it is none of ours. "utf-16" is little-endian, which a
 * mark overrules. */
bool rc_encoding_by_name(const char *name, enum rc_encoding *encoding);

/* The names to choose from, for messages. */
const char *rc_encoding_names(void);

struct rc_encoding_text {
	enum rc_encoding encoding;
	struct rc_report_text why; /* how that was found */
	struct rc_bytes utf8;      /* without mark; in the file or in the caller's memory */
};

/*
 * Reads `file` as `wish`, or as what it finds. `memory` (its maximum RC_TABLE_TEXT_MAX_BYTES) takes the text where it is not the
 * file's own bytes. RC_EFORMAT: stands in import->errors, with the line: no table at all (a workbook, a picture), a NUL, a
 * sequence that isn't of the encoding, a mark that says otherwise, two encodings possible. RC_ENOMEM.
 */
RC_CHECKED enum rc_status rc_encoding_read(struct rc_bytes file, enum rc_encoding wish,
					   struct rc_buf *memory, struct rc_encoding_text *text,
					   struct rc_import *import, struct rc_error *err);

#endif
