/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/json/write.h"

#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/base/utf8.h"

#include <inttypes.h>

#define ENCODE_STEP_BYTES                                                                          \
	48u /* binary is encoded by pieces: a multiple of 3, so that base64 joins without padding */

/* A comma, unless a value can stand here: at the very front, behind an opening bracket, a colon or a line feed. */
static void separate(struct rc_buf *buf)
{
	if (buf->size > 0 && !strchr("{[:,\n", buf->data[buf->size - 1]))
		rc_buf_append_char(buf, ',');
}

void rc_json_open(struct rc_buf *buf, char bracket)
{
	separate(buf);
	rc_buf_append_char(buf, bracket);
}

void rc_json_close(struct rc_buf *buf, char bracket)
{
	rc_buf_append_char(buf, bracket);
}

void rc_json_append_key(struct rc_buf *buf, const char *key)
{
	rc_json_append_text(buf, key);
	rc_buf_append_char(buf, ':');
}

static void append_escape(struct rc_buf *buf, uint8_t c)
{
	static const char values[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *value = strchr(values, c);

	if (c && value) {
		rc_buf_append_char(buf, '\\');
		rc_buf_append_char(buf, names[value - values]);
	} else {
		rc_buf_printf(buf, "\\u%04x", (unsigned)c);
	}
}

static bool needs_escape(uint8_t c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* How many bytes at the front go as they are: up to the first to escape or to replace. */
static size_t plain_run(struct rc_bytes text)
{
	size_t i = 0;
	uint32_t code_point;

	while (i < text.size && !needs_escape(text.data[i])) {
		size_t size = rc_utf8_next(rc_bytes_of(text.data + i, text.size - i), &code_point);

		if (size == 0)
			break;
		i += size;
	}
	return i;
}

void rc_json_append_bytes(struct rc_buf *buf, struct rc_bytes text)
{
	separate(buf);
	rc_buf_append_char(buf, '"');
	while (text.size > 0) {
		size_t run = plain_run(text);

		rc_buf_append(buf, text.data, run);
		text = rc_bytes_of(text.data + run, text.size - run);
		if (text.size == 0)
			break;
		if (needs_escape(*text.data))
			append_escape(buf, *text.data);
		else
			rc_buf_append_text(buf, "\xEF\xBF\xBD");
		text = rc_bytes_of(text.data + 1, text.size - 1);
	}
	rc_buf_append_char(buf, '"');
}

void rc_json_append_text(struct rc_buf *buf, const char *text)
{
	rc_json_append_bytes(buf, rc_bytes_of_text(text));
}

void rc_json_append_int(struct rc_buf *buf, int64_t value)
{
	separate(buf);
	rc_buf_printf(buf, "%" PRId64, value);
}

void rc_json_append_bool(struct rc_buf *buf, bool value)
{
	separate(buf);
	rc_buf_append_text(buf, value ? "true" : "false");
}

void rc_json_append_null(struct rc_buf *buf)
{
	separate(buf);
	rc_buf_append_text(buf, "null");
}

void rc_json_append_id(struct rc_buf *buf, const struct rc_id *id)
{
	char text[RC_ID_CHARS + 1];

	rc_id_format(id, text);
	rc_json_append_text(buf, text);
}

static void append_encoded(struct rc_buf *buf, struct rc_bytes bytes,
			   void (*encode)(struct rc_bytes bytes, char *text))
{
	char text[RC_HEX_CHARS(ENCODE_STEP_BYTES) + 1];

	separate(buf);
	rc_buf_append_char(buf, '"');
	while (bytes.size > 0) {
		size_t step = bytes.size < ENCODE_STEP_BYTES ? bytes.size : ENCODE_STEP_BYTES;

		encode(rc_bytes_of(bytes.data, step), text);
		rc_buf_append_text(buf, text);
		bytes = rc_bytes_of(bytes.data + step, bytes.size - step);
	}
	rc_buf_append_char(buf, '"');
}

void rc_json_append_hex(struct rc_buf *buf, struct rc_bytes bytes)
{
	append_encoded(buf, bytes, rc_hex_encode);
}

void rc_json_append_base64url(struct rc_buf *buf, struct rc_bytes bytes)
{
	append_encoded(buf, bytes, rc_base64url_encode);
}

void rc_json_append_time(struct rc_buf *buf, int64_t at_ms)
{
	char text[RC_TIMESTAMP_CHARS + 1];

	rc_timestamp_format(at_ms, text);
	rc_json_append_text(buf, text);
}

void rc_json_append_raw(struct rc_buf *buf, struct rc_bytes json)
{
	separate(buf);
	rc_buf_append_bytes(buf, json);
}

void rc_json_member_text(struct rc_buf *buf, const char *key, const char *text)
{
	rc_json_append_key(buf, key);
	rc_json_append_text(buf, text);
}

void rc_json_member_int(struct rc_buf *buf, const char *key, int64_t value)
{
	rc_json_append_key(buf, key);
	rc_json_append_int(buf, value);
}

void rc_json_member_bool(struct rc_buf *buf, const char *key, bool value)
{
	rc_json_append_key(buf, key);
	rc_json_append_bool(buf, value);
}

void rc_json_member_id(struct rc_buf *buf, const char *key, const struct rc_id *id)
{
	rc_json_append_key(buf, key);
	rc_json_append_id(buf, id);
}

void rc_json_member_hex(struct rc_buf *buf, const char *key, struct rc_bytes bytes)
{
	rc_json_append_key(buf, key);
	rc_json_append_hex(buf, bytes);
}

void rc_json_member_base64url(struct rc_buf *buf, const char *key, struct rc_bytes bytes)
{
	rc_json_append_key(buf, key);
	rc_json_append_base64url(buf, bytes);
}

void rc_json_member_time(struct rc_buf *buf, const char *key, int64_t at_ms)
{
	rc_json_append_key(buf, key);
	rc_json_append_time(buf, at_ms);
}
