/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding looks twice: the validator first, so that the second walk may trust the grammar and only ask what things mean. */
#include "shared/facts/body.h"

#include "shared/base/encode.h"
#include "shared/base/id.h"
#include "shared/base/timestamp.h"
#include "shared/facts/fact.h"
#include "shared/json/scan.h"
#include "shared/json/write.h"
#include "shared/verdicts/verdict.h"

#include <assert.h>

#define FORMS_MAX_BYTES 80u /* the longest text that isn't a text field's: 64 digits */

/* ---- encoding ---------------------------------------------------------------------------------------------------------- */

static void encode_epoch(uint64_t epoch, struct rc_buf *json)
{
	char text[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(epoch, text);
	rc_json_append_text(json, text);
}

static void encode_value(const struct rc_fact_field *field, const void *value, struct rc_buf *json)
{
	switch (field->type) {
	case RC_FACT_TYPE_ID:
		rc_json_append_id(json, value);
		break;
	case RC_FACT_TYPE_HEX:
		rc_json_append_hex(json, rc_bytes_of(value, (size_t)field->limit));
		break;
	case RC_FACT_TYPE_INT:
		rc_json_append_int(json, *(const int64_t *)value);
		break;
	case RC_FACT_TYPE_TEXT:
		rc_json_append_text(json, value);
		break;
	case RC_FACT_TYPE_VERDICT:
		rc_json_append_text(json, rc_verdict_name(*(const enum rc_verdict *)value));
		break;
	case RC_FACT_TYPE_EPOCH:
		encode_epoch(*(const uint64_t *)value, json);
		break;
	case RC_FACT_TYPE_TIME:
		rc_json_append_time(json, *(const int64_t *)value);
		break;
	}
}

void rc_fact_body_encode(const struct rc_fact_shape *shape, const void *body, struct rc_buf *json)
{
	const uint8_t *base = body;

	rc_json_open(json, '{');
	for (size_t i = 0; i < shape->field_count; i++) {
		const struct rc_fact_field *field = &shape->fields[i];

		rc_json_append_key(json, field->name);
		if (field->is_optional && !*(const bool *)(base + field->has_offset))
			rc_json_append_null(json);
		else
			encode_value(field, base + field->offset, json);
	}
	rc_json_close(json, '}');
}

/* ---- decoding ---------------------------------------------------------------------------------------------------------- */

static bool decode_int(struct rc_scan *scan, int64_t limit, int64_t *out)
{
	int64_t value = 0;

	if (scan->at == scan->end || *scan->at < '0' || *scan->at > '9')
		return false;
	for (; *scan->at >= '0' && *scan->at <= '9'; scan->at++) {
		if (value > limit) /* before it could overflow: limits are at most 2^53-1 */
			return false;
		value = value * 10 + (*scan->at - '0');
	}
	if (*scan->at == '.' || *scan->at == 'e' || *scan->at == 'E' || value > limit)
		return false;
	*out = value;
	return true;
}

static bool decode_text(const struct rc_scan_string *string, char *out, size_t size)
{
	struct rc_buf text;

	rc_buf_init_fixed(&text, out, size);
	rc_buf_append_text(&text, "");
	rc_scan_string_append(string, &text);
	return text.status == RC_OK;
}

static bool decode_form(const struct rc_fact_field *field, struct rc_bytes text, void *out)
{
	switch (field->type) {
	case RC_FACT_TYPE_ID:
		return rc_id_parse(text, out) == RC_OK;
	case RC_FACT_TYPE_HEX:
		return rc_hex_decode(text, out, (size_t)field->limit) == RC_OK;
	case RC_FACT_TYPE_VERDICT:
		return rc_verdict_parse(text, out) == RC_OK;
	case RC_FACT_TYPE_EPOCH:
		return rc_fact_epoch_parse(text, out) == RC_OK;
	case RC_FACT_TYPE_TIME:
		return rc_timestamp_parse(text, out) == RC_OK;
	case RC_FACT_TYPE_INT:
	case RC_FACT_TYPE_TEXT:
		break;
	}
	return false;
}

static bool decode_value(struct rc_scan *scan, const struct rc_fact_field *field, void *out)
{
	struct rc_scan_string string;
	char text[FORMS_MAX_BYTES];

	if (field->type == RC_FACT_TYPE_INT)
		return decode_int(scan, field->limit, out);
	if (rc_scan_string(scan, &string) != RC_SCAN_FINE)
		return false;
	if (field->type == RC_FACT_TYPE_TEXT)
		return decode_text(&string, out, (size_t)field->limit + 1);
	return decode_text(&string, text, sizeof(text)) &&
	       decode_form(field, rc_bytes_of_text(text), out);
}

static const struct rc_fact_field *find_field(const struct rc_fact_shape *shape,
					      const struct rc_scan_string *key)
{
	for (size_t i = 0; i < shape->field_count; i++) {
		const struct rc_scan_string name = {.raw = rc_bytes_of_text(shape->fields[i].name)};

		if (rc_scan_strings_equal(&name, key))
			return &shape->fields[i];
	}
	return NULL;
}

/* One member of a body that is known to be good JSON. `*seen` gets the bit of a field that has a value. */
static enum rc_status decode_member(struct rc_scan *scan, const struct rc_fact_shape *shape,
				    uint8_t *base, uint32_t *seen, struct rc_error *err)
{
	const struct rc_fact_field *field;
	struct rc_scan_string key;
	bool is_good = rc_scan_string(scan, &key) == RC_SCAN_FINE;

	rc_scan_space(scan);
	is_good = is_good && rc_scan_take(scan, ':');
	rc_scan_space(scan);
	field = is_good ? find_field(shape, &key) : NULL;
	if (!field || (field->is_optional && *scan->at == 'n')) {
		if (!is_good || rc_scan_value(scan, 0) != RC_SCAN_FINE)
			return rc_fail(err, RC_EFORMAT, "not JSON");
		return RC_OK;
	}
	if (!decode_value(scan, field, base + field->offset))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not of its type or beyond its limit",
			       field->name);
	if (field->is_optional)
		*(bool *)(base + field->has_offset) = true;
	*seen |= 1u << (field - shape->fields);
	return RC_OK;
}

static enum rc_status decode_members(struct rc_scan *scan, const struct rc_fact_shape *shape,
				     uint8_t *base, struct rc_error *err)
{
	uint32_t seen = 0;

	rc_scan_space(scan);
	if (*scan->at != '}') {
		do {
			enum rc_status status;

			rc_scan_space(scan);
			status = decode_member(scan, shape, base, &seen, err);
			if (status != RC_OK)
				return status;
			rc_scan_space(scan);
		} while (rc_scan_take(scan, ','));
	}
	for (size_t i = 0; i < shape->field_count; i++) {
		if (!shape->fields[i].is_optional && !(seen & 1u << i))
			return rc_fail(err, RC_EFORMAT, "\"%s\" is missing", shape->fields[i].name);
	}
	return RC_OK;
}

enum rc_status rc_fact_body_decode(const struct rc_fact_shape *shape, struct rc_bytes json,
				   void *body, struct rc_error *err)
{
	_Alignas(max_align_t) uint8_t decoded[RC_FACT_BODY_STRUCT_MAX_BYTES] = {0};
	struct rc_scan scan = {.at = json.data, .depth_max = RC_FACT_DEPTH_MAX};
	enum rc_scan_fault fault = rc_scan_document(json, RC_FACT_DEPTH_MAX, false);
	enum rc_status status;

	assert(shape->size <= sizeof(decoded) && shape->field_count <= RC_FACT_BODY_FIELDS_MAX);
	if (fault != RC_SCAN_FINE)
		return rc_fail(err, RC_EFORMAT, "%s: %s", shape->kind, rc_scan_fault_text(fault));
	scan.end = json.data + json.size;
	rc_scan_space(&scan);
	if (!rc_scan_take(&scan, '{'))
		return rc_fail(err, RC_EFORMAT, "%s: the body is no object", shape->kind);
	status = decode_members(&scan, shape, decoded, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "%s", shape->kind);
	memcpy(body, decoded, shape->size);
	return RC_OK;
}
