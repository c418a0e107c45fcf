/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson behind our own strictness: scan.c looks first, because jansson's depth limit is a constant of its build (2048), and
 * because then a hostile document is refused before anything is allocated for it. jansson compares the keys (by hashing, so any
 * number of them).
 */
#include "shared/json/json.h"

#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/json/scan.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>

static const json_t *of(const struct rc_json_value *value)
{
	return (const json_t *)(const void *)value;
}

static const struct rc_json_value *value_of(const json_t *json)
{
	return (const struct rc_json_value *)(const void *)json;
}

enum rc_status rc_json_parse(struct rc_bytes text, struct rc_json **json, struct rc_error *err)
{
	return rc_json_parse_within(text, RC_JSON_MAX_BYTES, RC_JSON_DEPTH_MAX, json, err);
}

enum rc_status rc_json_parse_within(struct rc_bytes text, size_t max_bytes, unsigned depth_max,
				    struct rc_json **json, struct rc_error *err)
{
	enum rc_scan_fault fault;
	json_error_t why;
	json_t *parsed;

	if (text.size > max_bytes)
		return rc_fail(err, RC_ELIMIT, "JSON of %zu bytes is over the limit of %zu",
			       text.size, max_bytes);
	fault = rc_scan_document(text, depth_max, true);
	if (fault == RC_SCAN_TOO_DEEP)
		return rc_fail(err, RC_ELIMIT, "JSON is nested deeper than %u levels", depth_max);
	if (fault != RC_SCAN_FINE)
		return rc_fail(err, RC_EFORMAT, "%s", rc_scan_fault_text(fault));
	parsed = json_loadb((const char *)text.data, text.size,
			    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!parsed && json_error_code(&why) == json_error_out_of_memory)
		return rc_fail(err, RC_ENOMEM, "no memory for JSON of %zu bytes", text.size);
	if (!parsed)
		return rc_fail(err, RC_EFORMAT, "not JSON at line %d: %s", why.line, why.text);
	*json = (struct rc_json *)(void *)parsed;
	return RC_OK;
}

void rc_json_free(struct rc_json *json)
{
	json_decref((json_t *)(void *)json);
}

const struct rc_json_value *rc_json_root(const struct rc_json *json)
{
	return (const struct rc_json_value *)(const void *)json;
}

enum rc_json_type rc_json_type(const struct rc_json_value *value)
{
	switch (json_typeof(of(value))) {
	case JSON_OBJECT:
		return RC_JSON_OBJECT;
	case JSON_ARRAY:
		return RC_JSON_ARRAY;
	case JSON_STRING:
		return RC_JSON_TEXT;
	case JSON_INTEGER:
		return RC_JSON_INT;
	case JSON_REAL:
		return RC_JSON_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return RC_JSON_BOOL;
	case JSON_NULL:
		break;
	}
	return RC_JSON_NULL;
}

const struct rc_json_value *rc_json_find(const struct rc_json_value *object, const char *key)
{
	return value_of(json_object_get(of(object), key));
}

bool rc_json_has(const struct rc_json_value *object, const char *key)
{
	const json_t *member = json_object_get(of(object), key);

	return member && !json_is_null(member);
}

/* ---- getters ------------------------------------------------------------------------------------------------------- */

static enum rc_status find_member(const struct rc_json_value *object, const char *key,
				  const json_t **member, struct rc_error *err)
{
	if (!json_is_object(of(object)))
		return rc_fail(err, RC_EFORMAT, "\"%s\": what should hold it is no object", key);
	*member = json_object_get(of(object), key);
	if (!*member)
		return rc_fail(err, RC_EFORMAT, "\"%s\" is missing", key);
	return RC_OK;
}

static enum rc_status find_text(const struct rc_json_value *object, const char *key,
				struct rc_bytes *text, struct rc_error *err)
{
	const json_t *member = NULL;
	enum rc_status status = find_member(object, key, &member, err);

	if (status != RC_OK)
		return status;
	if (!json_is_string(member))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not a text", key);
	*text = rc_bytes_of(json_string_value(member), json_string_length(member));
	return RC_OK;
}

enum rc_status rc_json_get_text(const struct rc_json_value *object, const char *key, char *out,
				size_t size, struct rc_error *err)
{
	struct rc_bytes text = {NULL, 0};
	enum rc_status status = find_text(object, key, &text, err);

	assert(size > 0);
	if (status != RC_OK)
		return status;
	if (text.size >= size)
		return rc_fail(err, RC_ELIMIT, "\"%s\" is longer than %zu bytes", key, size - 1);
	memcpy(out, text.data, text.size);
	out[text.size] = '\0';
	return RC_OK;
}

enum rc_status rc_json_get_int(const struct rc_json_value *object, const char *key, int64_t min,
			       int64_t max, int64_t *out, struct rc_error *err)
{
	const json_t *member = NULL;
	enum rc_status status = find_member(object, key, &member, err);
	json_int_t value;

	if (status != RC_OK)
		return status;
	if (!json_is_integer(member))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not an integer", key);
	value = json_integer_value(member);
	if (value < min || value > max)
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not within %" PRId64 " to %" PRId64, key,
			       min, max);
	*out = value;
	return RC_OK;
}

enum rc_status rc_json_get_bool(const struct rc_json_value *object, const char *key, bool *out,
				struct rc_error *err)
{
	const json_t *member = NULL;
	enum rc_status status = find_member(object, key, &member, err);

	if (status != RC_OK)
		return status;
	if (!json_is_boolean(member))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is neither true nor false", key);
	*out = json_is_true(member);
	return RC_OK;
}

enum rc_status rc_json_get_real(const struct rc_json_value *object, const char *key, double *out,
				struct rc_error *err)
{
	const json_t *member = NULL;
	enum rc_status status = find_member(object, key, &member, err);

	if (status != RC_OK)
		return status;
	if (!json_is_number(member))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not a number", key);
	*out = json_number_value(member);
	return RC_OK;
}

enum rc_status rc_json_get_id(const struct rc_json_value *object, const char *key,
			      struct rc_id *out, struct rc_error *err)
{
	struct rc_bytes text = {NULL, 0};
	enum rc_status status = find_text(object, key, &text, err);

	if (status == RC_OK && rc_id_parse(text, out) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not an id", key);
	return status;
}

enum rc_status rc_json_get_time(const struct rc_json_value *object, const char *key, int64_t *out,
				struct rc_error *err)
{
	struct rc_bytes text = {NULL, 0};
	enum rc_status status = find_text(object, key, &text, err);

	if (status == RC_OK && rc_timestamp_parse(text, out) != RC_OK)
		return rc_fail(err, RC_EFORMAT,
			       "\"%s\" is not a time like 2026-11-24T09:02:03.456Z", key);
	return status;
}

enum rc_status rc_json_get_hex(const struct rc_json_value *object, const char *key, uint8_t *out,
			       size_t size, struct rc_error *err)
{
	struct rc_bytes text = {NULL, 0};
	enum rc_status status = find_text(object, key, &text, err);

	if (status != RC_OK)
		return status;
	/* Looked at whole before anything is written. */
	if (text.size != RC_HEX_CHARS(size) ||
	    strspn((const char *)text.data, "0123456789abcdef") != text.size ||
	    rc_hex_decode(text, out, size) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not %zu bytes of lower-case hex", key, size);
	return RC_OK;
}

enum rc_status rc_json_get_base64url(const struct rc_json_value *object, const char *key,
				     uint8_t *out, size_t max, size_t *size, struct rc_error *err)
{
	struct rc_bytes text = {NULL, 0};
	enum rc_status status = find_text(object, key, &text, err);

	if (status != RC_OK)
		return status;
	if (text.size > RC_BASE64_CHARS(max))
		return rc_fail(err, RC_ELIMIT, "\"%s\" holds more than %zu bytes", key, max);
	status = rc_base64url_decode(text, out, max, size);
	return status == RC_OK ? RC_OK : rc_fail(err, status, "\"%s\" is not base64url", key);
}

static enum rc_status get_container(const struct rc_json_value *object, const char *key, json_type type,
				    const struct rc_json_value **out, struct rc_error *err)
{
	const json_t *member = NULL;
	enum rc_status status = find_member(object, key, &member, err);

	if (status != RC_OK)
		return status;
	if (json_typeof(member) != type)
		return rc_fail(err, RC_EFORMAT, "\"%s\" is no %s", key,
			       type == JSON_OBJECT ? "object" : "array");
	*out = value_of(member);
	return RC_OK;
}

enum rc_status rc_json_get_object(const struct rc_json_value *object, const char *key,
				  const struct rc_json_value **out, struct rc_error *err)
{
	return get_container(object, key, JSON_OBJECT, out, err);
}

enum rc_status rc_json_get_array(const struct rc_json_value *object, const char *key,
				 const struct rc_json_value **out, struct rc_error *err)
{
	return get_container(object, key, JSON_ARRAY, out, err);
}

/* ---- optional members ------------------------------------------------------------------------------------------------ */

/* True if an optional member is not there to be read; false as well where the container itself is wrong, so that a getter says so. */
static bool is_left_out(const struct rc_json_value *object, const char *key)
{
	return json_is_object(of(object)) && !rc_json_has(object, key);
}

enum rc_status rc_json_get_text_optional(const struct rc_json_value *object, const char *key,
					 char *out, size_t size, struct rc_error *err)
{
	return is_left_out(object, key) ? RC_OK : rc_json_get_text(object, key, out, size, err);
}

enum rc_status rc_json_get_int_optional(const struct rc_json_value *object, const char *key,
					int64_t min, int64_t max, int64_t *out, struct rc_error *err)
{
	return is_left_out(object, key) ? RC_OK : rc_json_get_int(object, key, min, max, out, err);
}

enum rc_status rc_json_get_bool_optional(const struct rc_json_value *object, const char *key,
					 bool *out, struct rc_error *err)
{
	return is_left_out(object, key) ? RC_OK : rc_json_get_bool(object, key, out, err);
}

enum rc_status rc_json_get_id_optional(const struct rc_json_value *object, const char *key,
				       struct rc_id *out, struct rc_error *err)
{
	return is_left_out(object, key) ? RC_OK : rc_json_get_id(object, key, out, err);
}

enum rc_status rc_json_get_time_optional(const struct rc_json_value *object, const char *key,
					 int64_t *out, struct rc_error *err)
{
	return is_left_out(object, key) ? RC_OK : rc_json_get_time(object, key, out, err);
}

/* ---- walking --------------------------------------------------------------------------------------------------------- */

size_t rc_json_count(const struct rc_json_value *value)
{
	return json_is_array(of(value)) ? json_array_size(of(value)) : json_object_size(of(value));
}

const struct rc_json_value *rc_json_at(const struct rc_json_value *array, size_t index)
{
	return value_of(json_array_get(of(array), index));
}

bool rc_json_next(const struct rc_json_value *object, const char **key, const struct rc_json_value **value)
{
	json_t *json = (json_t *)(uintptr_t)(const void *)object; /* jansson's iterators take no const */
	void *iter;

	if (!json_is_object(json))
		return false;
	iter = *key ? json_object_iter_next(json, json_object_iter_at(json, *key))
		    : json_object_iter(json);
	if (!iter)
		return false;
	*key = json_object_iter_key(iter);
	*value = value_of(json_object_iter_value(iter));
	return true;
}

struct rc_bytes rc_json_text(const struct rc_json_value *value)
{
	return json_is_string(of(value))
		   ? rc_bytes_of(json_string_value(of(value)), json_string_length(of(value)))
		   : rc_bytes_of("", 0);
}

static int append_piece(const char *piece, size_t size, void *buf)
{
	rc_buf_append(buf, piece, size);
	return 0;
}

void rc_json_append_value(struct rc_buf *buf, const struct rc_json_value *value)
{
	rc_json_append_raw(buf, rc_bytes_of("", 0));
	(void)json_dump_callback(of(value), append_piece, buf, JSON_COMPACT | JSON_ENCODE_ANY);
}
