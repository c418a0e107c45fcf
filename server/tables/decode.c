/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding by the C library, and what it lacks of GB18030. The standard's editions of 2005 and 2022 moved 18 characters from the
 * private use area to where Unicode has them now; files hold their old four-byte forms, which glibc refuses, and Windows writes
 * the euro as 0x80. A name with such a character has to come in as the character that fonts have.
 */
#include "server/tables/encoding_priv.h"
#include "shared/base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#define PIECE_BYTES 65536u

static const char *const converters[] = {
    [RC_ENCODING_FIND] = NULL,
    [RC_ENCODING_UTF8] = "UTF-8",
    [RC_ENCODING_UTF16LE] = "UTF-16LE",
    [RC_ENCODING_UTF16BE] = "UTF-16BE",
    [RC_ENCODING_GB18030] = "GB18030",
    [RC_ENCODING_BIG5] = "BIG5-HKSCS",
    [RC_ENCODING_WINDOWS_1252] = "CP1252",
};

/* ---- GB18030 beyond the C library ---- */

/* Runs of four-byte forms that were taken when the standard had the characters elsewhere, by their place among all forms. */
static const struct form_run {
	uint32_t from, to; /* places */
	uint32_t point;    /* of the first */
} form_runs[] = {
    {19057, 19064, 0x9fb4},
    {39076, 39085, 0xfe10},
};

/* Private use as converters give it, and the character that is meant. */
static const struct {
	uint16_t private, meant;
} moved[] = {
    {0xe5e5, 0x3000}, /* A3A0, the space of old Windows fonts */
    {0xe78d, 0xfe10}, {0xe78e, 0xfe12}, {0xe78f, 0xfe11}, {0xe790, 0xfe13}, {0xe791, 0xfe14},
    {0xe792, 0xfe15}, {0xe793, 0xfe16}, {0xe794, 0xfe17}, {0xe795, 0xfe18}, {0xe796, 0xfe19},
    {0xe7c7, 0x1e3f}, {0xe81e, 0x9fb4}, {0xe826, 0x9fb5}, {0xe82b, 0x9fb6}, {0xe82c, 0x9fb7},
    {0xe832, 0x9fb8}, {0xe843, 0x9fb9}, {0xe854, 0x9fba}, {0xe864, 0x9fbb},
};

static void append_point(struct rc_buf *out, uint32_t point)
{
	const char bytes[3] = {(char)(0xe0 | point >> 12), (char)(0x80 | (point >> 6 & 0x3f)),
			       (char)(0x80 | (point & 0x3f))};

	rc_buf_append(out, bytes, sizeof(bytes));
}

/* The place of a four-byte form among all of them, or SIZE_MAX. */
static size_t place_of(struct rc_bytes bytes)
{
	const uint8_t *b = bytes.data;

	if (bytes.size < 4 || b[0] < 0x81 || b[0] > 0x84 || b[1] < 0x30 || b[1] > 0x39 ||
	    b[2] < 0x81 || b[2] == 0xff || b[3] < 0x30 || b[3] > 0x39)
		return SIZE_MAX;
	return ((size_t)(b[0] - 0x81) * 10 + (b[1] - 0x30u)) * 1260 + (size_t)(b[2] - 0x81) * 10 +
	       (b[3] - 0x30u);
}

/* The length of a sequence that the C library doesn't know, whose character is appended; 0: nobody knows it. */
static size_t take_unknown(struct rc_bytes rest, struct rc_buf *out)
{
	const size_t place = place_of(rest);

	if (rest.size > 0 && rest.data[0] == 0x80) {
		append_point(out, 0x20ac);
		return 1;
	}
	for (size_t i = 0; i < sizeof(form_runs) / sizeof(form_runs[0]); i++) {
		if (place >= form_runs[i].from && place <= form_runs[i].to) {
			append_point(out, form_runs[i].point + (uint32_t)(place - form_runs[i].from));
			return 4;
		}
	}
	return 0;
}

/* U+E000 … U+EFFF: 0xEE and two bytes that follow, the same length as what is meant. */
static void replace_moved(struct rc_buf *text, size_t from)
{
	for (size_t at = from; at + 2 < text->size; at++) {
		uint8_t *b = &text->data[at];

		if (b[0] != 0xee)
			continue;
		const uint32_t point = 0xe000u | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);

		for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
			if (moved[i].private != point)
				continue;
			b[0] = (uint8_t)(0xe0 | moved[i].meant >> 12);
			b[1] = (uint8_t)(0x80 | (moved[i].meant >> 6 & 0x3f));
			b[2] = (uint8_t)(0x80 | (moved[i].meant & 0x3f));
		}
	}
}

/* ---- the loop ---- */

/* Converts up to the end or to what the C library doesn't know; `*rest` is what is left. */
static enum rc_status convert(iconv_t converter, struct rc_bytes *rest, char *piece, struct rc_buf *utf8)
{
	char *in = (char *)(uintptr_t)rest->data; /* iconv doesn't write there */
	size_t in_left = rest->size, result;

	do {
		char *out = piece;
		size_t out_left = PIECE_BYTES;

		result = iconv(converter, &in, &in_left, &out, &out_left);
		rc_buf_append(utf8, piece, PIECE_BYTES - out_left);
	} while (result == (size_t)-1 && errno == E2BIG && utf8->status == RC_OK);
	*rest = rc_bytes_of(rest->data + (rest->size - in_left), in_left);
	if (result != (size_t)-1) { /* some converters keep the last character until they know what follows */
		char *out = piece;
		size_t out_left = PIECE_BYTES;

		(void)iconv(converter, NULL, NULL, &out, &out_left);
		rc_buf_append(utf8, piece, PIECE_BYTES - out_left);
	}
	if (utf8->status != RC_OK)
		return utf8->status;
	return result == (size_t)-1 ? RC_EFORMAT : RC_OK;
}

static enum rc_status convert_all(iconv_t converter, struct rc_bytes rest,
				  enum rc_encoding encoding, struct rc_buf *utf8)
{
	char *piece = malloc(PIECE_BYTES);
	enum rc_status status = piece ? RC_EFORMAT : RC_ENOMEM;

	while (status == RC_EFORMAT) {
		size_t known;

		status = convert(converter, &rest, piece, utf8);
		if (status != RC_EFORMAT || encoding != RC_ENCODING_GB18030)
			break;
		known = take_unknown(rest, utf8);
		if (known == 0)
			break;
		rest = rc_bytes_of(rest.data + known, rest.size - known);
		status = rest.size > 0 ? RC_EFORMAT : RC_OK;
	}
	free(piece);
	return status;
}

enum rc_status rc_encoding__decode(struct rc_bytes bytes, enum rc_encoding encoding,
				   struct rc_buf *utf8, struct rc_error *err)
{
	iconv_t converter = iconv_open("UTF-8", converters[encoding]);
	const size_t before = utf8->size;
	enum rc_status status;

	if (converter == (iconv_t)-1)
		return rc_fail(err, RC_EBUG, "the C library knows no %s", converters[encoding]);
	status = convert_all(converter, bytes, encoding, utf8);
	(void)iconv_close(converter);
	if (encoding == RC_ENCODING_GB18030)
		replace_moved(utf8, before);
	if (status == RC_ENOMEM || status == RC_ELIMIT)
		return rc_fail(err, RC_ENOMEM, "no memory for the text of the file");
	return status;
}

size_t rc_encoding__line_behind(struct rc_bytes text)
{
	size_t line = 1;

	for (size_t at = 0; at < text.size; at++)
		line += text.data[at] == '\n' ||
			(text.data[at] == '\r' && !(at + 1 < text.size && text.data[at + 1] == '\n'));
	return line;
}
