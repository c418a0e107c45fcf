/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one-pass reader of fact lines against jansson and the typed getters. What we read, they must be able to read; and what they
 * read we must, but for the bounds that only we have (lengths, depth, keys of an object) and for escapes in fields of the envelope,
 * which no field needs. Whether the body's hash is right is left out: no fuzzer finds one.
 */
#include "shared/facts/fact.h"
#include "shared/facts_gen/kinds.h"
#include "shared/json/json.h"
#include "shared/json/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_source(const struct rc_json_value *e)
{
	enum rc_clock_source source;
	char text[8];

	return rc_json_get_text(e, "src", text, sizeof(text), NULL) == RC_OK &&
	       rc_clock_source_parse(rc_bytes_of_text(text), &source) == RC_OK;
}

static bool has_kind(const struct rc_json_value *e)
{
	char kind[RC_FACT_KIND_MAX_CHARS + 1];

	return rc_json_get_text(e, "kind", kind, sizeof(kind), NULL) == RC_OK && kind[0] &&
	       strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789._") == strlen(kind);
}

static bool has_error(const struct rc_json_value *e)
{
	const struct rc_json_value *member = rc_json_find(e, "err_ms");
	int64_t number;

	return member && (rc_json_type(member) == RC_JSON_NULL ||
			  rc_json_get_int(e, "err_ms", 0, RC_FACT_INTEGER_MAX, &number, NULL) == RC_OK);
}

static bool has_int(const struct rc_json_value *e, const char *key, int64_t min)
{
	int64_t number;

	return rc_json_get_int(e, key, min, RC_FACT_INTEGER_MAX, &number, NULL) == RC_OK;
}

static bool is_envelope(const struct rc_json_value *e)
{
	const struct rc_json_value *at = rc_json_find(e, "at");
	uint8_t bytes[32];
	struct rc_id id;

	return at && rc_json_type(at) == RC_JSON_TEXT &&
	       rc_json_get_id(e, "kiosk", &id, NULL) == RC_OK &&
	       rc_json_get_id(e, "boot", &id, NULL) == RC_OK &&
	       rc_json_get_hex(e, "epoch", bytes, 8, NULL) == RC_OK &&
	       rc_json_get_hex(e, "body_hash", bytes, 32, NULL) == RC_OK &&
	       rc_json_get_hex(e, "prev", bytes, 32, NULL) == RC_OK && has_int(e, "seq", 1) &&
	       has_int(e, "up_ms", 0) && has_int(e, "v", 0) && has_error(e) && has_source(e) &&
	       has_kind(e);
}

static bool is_fact(const struct rc_json_value *root)
{
	const struct rc_json_value *e, *b;
	uint8_t salt[RC_FACT_SALT_BYTES];

	return rc_json_get_object(root, "e", &e, NULL) == RC_OK && is_envelope(e) &&
	       rc_json_get_hex(root, "s", salt, sizeof(salt), NULL) == RC_OK &&
	       rc_json_get_object(root, "b", &b, NULL) == RC_OK && rc_json_count(root) == 3;
}

static bool is_read_by_jansson(struct rc_bytes line)
{
	struct rc_json *json = NULL;
	bool is_good = rc_json_parse_within(line, line.size, RC_SCAN_DEPTH_MAX, &json, NULL) == RC_OK &&
		       is_fact(rc_json_root(json));

	rc_json_free(json);
	return is_good;
}

/* What only our reader refuses. */
static bool is_beyond_our_bounds(struct rc_bytes line, enum rc_fact_fault fault)
{
	enum rc_scan_fault scanned = rc_scan_document(line, RC_SCAN_DEPTH_MAX, false);

	return fault == RC_FACT_TOO_LONG || fault == RC_FACT_TOO_DEEP ||
	       scanned == RC_SCAN_TOO_MANY_KEYS || memchr(line.data, '\\', line.size) != NULL;
}

/* A body that was read may be of any kind: decoding it must fail or hold. */
static void decode_body(const struct rc_fact *fact)
{
	_Alignas(max_align_t) uint8_t body[RC_FACT_BODY_STRUCT_MAX_BYTES];
	const struct rc_fact_shape *shape =
	    rc_fact_shape_find(rc_bytes_of_text(fact->envelope.kind), fact->envelope.version);
	struct rc_buf json;

	if (!shape || rc_fact_body_decode(shape, fact->slices.body, body, NULL) != RC_OK)
		return;
	rc_buf_init(&json, RC_FACT_LINE_MAX_BYTES * 8u);
	rc_fact_body_encode(shape, body, &json);
	if (rc_fact_body_decode(shape, rc_buf_bytes(&json), body, NULL) != RC_OK)
		abort();
	rc_buf_deinit(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rc_bytes line = rc_bytes_of(data, size);
	struct rc_fact_place place;
	struct rc_fact fact;
	enum rc_fact_fault fault;
	bool is_ours, is_theirs;

	if (size == 0)
		return 0;
	fault = rc_fact_read(line, &fact);
	is_ours = fault == RC_FACT_FINE || fault == RC_FACT_HASH_DIFFERS;
	is_theirs = is_read_by_jansson(line);
	if (is_ours != is_theirs && (is_ours || !is_beyond_our_bounds(line, fault)))
		abort();
	if (fault == RC_FACT_FINE)
		decode_body(&fact);
	(void)!rc_fact_read_place(line, &place);
	return 0;
}
