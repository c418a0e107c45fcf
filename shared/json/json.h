/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JSON_JSON_H
#define RC_JSON_JSON_H
/*
 * Reading JSON at an edge: parsed once, taken apart by typed getters that say precisely what is wrong. What makes it strict is
 * said in scan.h. For writing see write.h, which this header brings along.
 *
 *     struct rc_json *json = NULL;
 *     enum rc_status status = rc_json_parse(bytes, &json, err);
 *     if (status == RC_OK)
 *             status = rc_json_get_int(rc_json_root(json), "seq", 1, INT64_MAX, &seq, err);
 *     rc_json_free(json);
 *
 * A document belongs to one thread at a time and allocates on the heap; values are borrowed from it and live as long. Getters
 * write their result only on RC_OK; they fail with RC_EFORMAT (missing, another type, not of its form or out of range) or
 * RC_ELIMIT (text or bytes longer than there is room) and name the key. Fields that nobody asks for are passed over.
 */
#include "shared/base/cleanup.h"
#include "shared/base/id.h"
#include "shared/json/write.h"

#define RC_JSON_MAX_BYTES 4194304u /* of a document, unless a caller says otherwise */
#define RC_JSON_DEPTH_MAX 32u      /* its containers, likewise */

struct rc_json;       /* a document, owned */
struct rc_json_value; /* a value in it, borrowed */

enum rc_json_type {
	RC_JSON_NULL,
	RC_JSON_BOOL,
	RC_JSON_INT,
	RC_JSON_REAL,
	RC_JSON_TEXT,
	RC_JSON_ARRAY,
	RC_JSON_OBJECT,
};

/* Any value is a document. RC_EFORMAT says what and where; RC_ELIMIT is too long or too deep. Free with rc_json_free. */
RC_CHECKED enum rc_status rc_json_parse(struct rc_bytes text, struct rc_json **json,
					struct rc_error *err);

/* The same with other limits; `depth_max` is at most RC_SCAN_DEPTH_MAX. */
RC_CHECKED enum rc_status rc_json_parse_within(struct rc_bytes text, size_t max_bytes, unsigned depth_max,
					       struct rc_json **json, struct rc_error *err);

/* NULL is left alone. */
void rc_json_free(struct rc_json *json);
RC_DEFINE_AUTO(struct rc_json, rc_json_free)

/* The whole document as a value, and what kind of value one is. */
const struct rc_json_value *rc_json_root(const struct rc_json *json);
enum rc_json_type rc_json_type(const struct rc_json_value *value);

/* The member of an object, or NULL: no such key, or no object. */
const struct rc_json_value *rc_json_find(const struct rc_json_value *object, const char *key);

/* True if the key is there with anything but null: what "optional" means here. */
bool rc_json_has(const struct rc_json_value *object, const char *key);

/* Text into a field of `size` bytes, with its NUL; a text holds none inside. */
RC_CHECKED enum rc_status rc_json_get_text(const struct rc_json_value *object, const char *key,
					   char *out, size_t size, struct rc_error *err);

/* An integer from `min` to `max`; 1.0 and 1e3 are none. */
RC_CHECKED enum rc_status rc_json_get_int(const struct rc_json_value *object, const char *key,
					  int64_t min, int64_t max, int64_t *out, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_bool(const struct rc_json_value *object, const char *key,
					   bool *out, struct rc_error *err);

/* An integer or a real; always finite. */
RC_CHECKED enum rc_status rc_json_get_real(const struct rc_json_value *object, const char *key,
					   double *out, struct rc_error *err);

/* An id as its 36 characters, a moment as its 24 (ms since 1970). */
RC_CHECKED enum rc_status rc_json_get_id(const struct rc_json_value *object, const char *key,
					 struct rc_id *out, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_time(const struct rc_json_value *object, const char *key,
					   int64_t *out, struct rc_error *err);

/* Exactly `size` bytes as lower-case hex; at most `max` bytes as base64url, `*size` of them (what fails may leave the bytes up to
 * the fault in `out`). */
RC_CHECKED enum rc_status rc_json_get_hex(const struct rc_json_value *object, const char *key,
					  uint8_t *out, size_t size, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_base64url(const struct rc_json_value *object, const char *key,
						uint8_t *out, size_t max, size_t *size,
						struct rc_error *err);

/* A container, borrowed. */
RC_CHECKED enum rc_status rc_json_get_object(const struct rc_json_value *object, const char *key,
					     const struct rc_json_value **out, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_array(const struct rc_json_value *object, const char *key,
					    const struct rc_json_value **out, struct rc_error *err);

/* As those without _optional, but a key that is missing or null leaves `out` as the caller made it and is RC_OK. */
RC_CHECKED enum rc_status rc_json_get_text_optional(const struct rc_json_value *object, const char *key,
						    char *out, size_t size, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_int_optional(const struct rc_json_value *object,
						   const char *key, int64_t min, int64_t max,
						   int64_t *out, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_bool_optional(const struct rc_json_value *object,
						    const char *key, bool *out, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_id_optional(const struct rc_json_value *object, const char *key,
						  struct rc_id *out, struct rc_error *err);
RC_CHECKED enum rc_status rc_json_get_time_optional(const struct rc_json_value *object, const char *key,
						    int64_t *out, struct rc_error *err);

/* Walking: elements of an array by index (NULL behind the last); members of an object in their order, `*key` NULL at first.
 * `value` may be any value: one that is no container is empty. */
size_t rc_json_count(const struct rc_json_value *value);
const struct rc_json_value *rc_json_at(const struct rc_json_value *array, size_t index);
bool rc_json_next(const struct rc_json_value *object, const char **key,
		  const struct rc_json_value **value);

/* A text as bytes, borrowed and ended by NUL; empty for any other value. */
struct rc_bytes rc_json_text(const struct rc_json_value *value);

/* The value as compact JSON, members in their order. */
void rc_json_append_value(struct rc_buf *buf, const struct rc_json_value *value);

#endif
