/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JSON_WRITE_H
#define RC_JSON_WRITE_H
/*
 * Writing compact JSON into a buffer, in the order in which it is called; no tree, no allocation of its own.
 *
 *     rc_json_open(buf, '{');
 *     rc_json_member_text(buf, "touch", "help");
 *     rc_json_member_int(buf, "touch_id", 7);
 *     rc_json_close(buf, '}');
 *
 * Commas are put where they belong by looking at the buffer's last byte, so pieces made by other writers may stand between.
 * What doesn't fit is the buffer's status. Pure; any thread.
 */
#include "shared/base/buf.h"
#include "shared/base/id.h"

/* Begins an object ('{') or array ('['), with a comma in front where one is needed; ends one. */
void rc_json_open(struct rc_buf *buf, char bracket);
void rc_json_close(struct rc_buf *buf, char bracket);

/* `"key":`, with a comma in front unless it is the first of its object. */
void rc_json_append_key(struct rc_buf *buf, const char *key);

/*
 * Values. In arrays a comma is put in front of the second and later; behind a key there is none. Text is escaped where JSON asks
 * for it (quote, backslash, controls) and otherwise stays as it is; bytes that aren't UTF-8 become U+FFFD.
 */
void rc_json_append_text(struct rc_buf *buf, const char *text);
void rc_json_append_bytes(struct rc_buf *buf, struct rc_bytes text);
void rc_json_append_int(struct rc_buf *buf, int64_t value);
void rc_json_append_bool(struct rc_buf *buf, bool value);
void rc_json_append_null(struct rc_buf *buf);
void rc_json_append_id(struct rc_buf *buf, const struct rc_id *id);
void rc_json_append_hex(struct rc_buf *buf, struct rc_bytes bytes);
void rc_json_append_base64url(struct rc_buf *buf, struct rc_bytes bytes);
void rc_json_append_time(struct rc_buf *buf, int64_t at_ms);

/* JSON that is made already. */
void rc_json_append_raw(struct rc_buf *buf, struct rc_bytes json);

/* A key and its value. */
void rc_json_member_text(struct rc_buf *buf, const char *key, const char *text);
void rc_json_member_int(struct rc_buf *buf, const char *key, int64_t value);
void rc_json_member_bool(struct rc_buf *buf, const char *key, bool value);
void rc_json_member_id(struct rc_buf *buf, const char *key, const struct rc_id *id);
void rc_json_member_hex(struct rc_buf *buf, const char *key, struct rc_bytes bytes);
void rc_json_member_base64url(struct rc_buf *buf, const char *key, struct rc_bytes bytes);
void rc_json_member_time(struct rc_buf *buf, const char *key, int64_t at_ms);

#endif
