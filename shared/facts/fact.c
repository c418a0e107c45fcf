/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a fact line, and its hashes; reading is read.c. */
#include "shared/facts/fact.h"

#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/crypto/hash.h"
#include "shared/facts/hex_priv.h"
#include "shared/json/scan.h"
#include "shared/json/write.h"

#include <endian.h>

#define ENVELOPE_MAX_BYTES 768u /* all fields at their longest are 521 bytes */

const char *rc_fact_fault_name(enum rc_fact_fault fault)
{
	static const char *const names[] = {
	    [RC_FACT_FINE] = "fine",
	    [RC_FACT_TOO_LONG] = "too_long",
	    [RC_FACT_NOT_UTF8] = "not_utf8",
	    [RC_FACT_NOT_JSON] = "not_json",
	    [RC_FACT_TOO_DEEP] = "too_deep",
	    [RC_FACT_DUPLICATE_KEY] = "duplicate_key",
	    [RC_FACT_MISSING_FIELD] = "missing_field",
	    [RC_FACT_WRONG_TYPE] = "wrong_type",
	    [RC_FACT_HASH_DIFFERS] = "hash_differs",
	};

	return names[fault];
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static bool is_in_range(int64_t value, int64_t min)
{
	return value >= min && value <= RC_FACT_INTEGER_MAX;
}

static enum rc_status check_envelope(const struct rc_fact_envelope *e, struct rc_error *err)
{
	size_t size = strnlen(e->kind, sizeof(e->kind));

	if (size == sizeof(e->kind))
		return rc_fail(err, RC_ELIMIT, "the fact's kind is longer than %u characters",
			       RC_FACT_KIND_MAX_CHARS);
	if (size == 0 || strspn(e->kind, "abcdefghijklmnopqrstuvwxyz0123456789._") != size)
		return rc_fail(err, RC_EFORMAT, "the fact's kind is no name of a kind");
	if (!is_in_range(e->place.seq, 1) || !is_in_range(e->clock.up_ms, 0) ||
	    !is_in_range(e->version, 0) || !is_in_range(e->clock.error_ms, RC_CLOCK_ERROR_UNKNOWN))
		return rc_fail(err, RC_EFORMAT, "a number of the fact's envelope is out of range");
	return RC_OK;
}

static enum rc_status check_body(struct rc_bytes body, struct rc_error *err)
{
	enum rc_scan_fault fault;

	if (body.size > RC_FACT_BODY_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "a fact's body of %zu bytes is over the limit of %u",
			       body.size, RC_FACT_BODY_MAX_BYTES);
	fault = rc_scan_document(body, RC_FACT_DEPTH_MAX, false);
	if (fault != RC_SCAN_FINE)
		return rc_fail(err, RC_EFORMAT, "a fact's body is not as it should be: %s",
			       rc_scan_fault_text(fault));
	if (body.data[0] != '{' || body.data[body.size - 1] != '}')
		return rc_fail(err, RC_EFORMAT, "a fact's body is no object");
	return RC_OK;
}

static void write_envelope(const struct rc_fact_envelope *e,
			   const uint8_t body_hash[RC_FACT_HASH_BYTES], struct rc_buf *buf)
{
	char epoch[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(e->place.epoch, epoch);
	rc_json_open(buf, '{');
	rc_json_member_id(buf, "kiosk", &e->place.kiosk);
	rc_json_member_text(buf, "epoch", epoch);
	rc_json_member_int(buf, "seq", e->place.seq);
	rc_json_member_time(buf, "at", e->clock.at_ms);
	rc_json_member_id(buf, "boot", &e->clock.boot);
	rc_json_member_int(buf, "up_ms", e->clock.up_ms);
	rc_json_member_text(buf, "src", rc_clock_source_text(e->clock.source));
	rc_json_append_key(buf, "err_ms");
	if (e->clock.error_ms == RC_CLOCK_ERROR_UNKNOWN)
		rc_json_append_null(buf);
	else
		rc_json_append_int(buf, e->clock.error_ms);
	rc_json_member_text(buf, "kind", e->kind);
	rc_json_member_int(buf, "v", e->version);
	rc_json_member_hex(buf, "body_hash", rc_bytes_of(body_hash, RC_FACT_HASH_BYTES));
	rc_json_member_hex(buf, "prev", rc_bytes_of(e->prev, RC_FACT_HASH_BYTES));
	rc_json_close(buf, '}');
}

enum rc_status rc_fact_write(const struct rc_fact_envelope *envelope,
			     const uint8_t salt[RC_FACT_SALT_BYTES], struct rc_bytes body,
			     struct rc_buf *line, uint8_t hash[RC_FACT_HASH_BYTES], struct rc_error *err)
{
	char memory[ENVELOPE_MAX_BYTES], salt_hex[2 * RC_FACT_SALT_BYTES + 1];
	uint8_t body_hash[RC_FACT_HASH_BYTES];
	struct rc_fact_slices slices;
	struct rc_buf text;
	enum rc_status status = check_envelope(envelope, err);

	if (status == RC_OK)
		status = check_body(body, err);
	if (status != RC_OK)
		return status;
	rc_buf_init_fixed(&text, memory, sizeof(memory));
	rc_fact_hash_body(salt, body, body_hash);
	write_envelope(envelope, body_hash, &text);
	rc_hex_encode(rc_bytes_of(salt, RC_FACT_SALT_BYTES), salt_hex);
	slices.envelope = rc_buf_bytes(&text);
	slices.salt_hex = rc_bytes_of_text(salt_hex);
	slices.body = body;
	status = rc_buf_status(&text, err);
	if (status == RC_OK)
		status = rc_buf_reserve(line, text.size + body.size + sizeof(salt_hex) + 32);
	if (status != RC_OK)
		return rc_fail(err, status, "no room for a fact of %zu bytes", text.size + body.size);
	rc_fact_join(&slices, line);
	rc_fact_hash_envelope(slices.envelope, hash);
	return RC_OK;
}

#define BEFORE_ENVELOPE "{\"e\":"
#define BEFORE_SALT     ",\"s\":\""
#define BEFORE_BODY     "\",\"b\":"

void rc_fact_join(const struct rc_fact_slices *slices, struct rc_buf *line)
{
	rc_buf_append_text(line, BEFORE_ENVELOPE);
	rc_buf_append_bytes(line, slices->envelope);
	rc_buf_append_text(line, BEFORE_SALT);
	rc_buf_append_bytes(line, slices->salt_hex);
	rc_buf_append_text(line, BEFORE_BODY);
	rc_buf_append_bytes(line, slices->body);
	rc_buf_append_text(line, "}\n");
}

struct rc_fact_slices rc_fact_cut(struct rc_bytes line, size_t body_size)
{
	const size_t end = line.size > 0 && line.data[line.size - 1] == '\n' ? line.size - 1 : line.size;
	const size_t body = end - 1 - body_size, salt_chars = 2 * RC_FACT_SALT_BYTES;
	const size_t salt = body - strlen(BEFORE_BODY) - salt_chars;
	const size_t envelope = strlen(BEFORE_ENVELOPE);

	return (struct rc_fact_slices){
	    .envelope = rc_bytes_of(line.data + envelope, salt - strlen(BEFORE_SALT) - envelope),
	    .salt_hex = rc_bytes_of(line.data + salt, salt_chars),
	    .body = rc_bytes_of(line.data + body, body_size),
	};
}

/* ---- hashes and ids ------------------------------------------------------------------------------------------------------ */

void rc_fact_hash_body(const uint8_t salt[RC_FACT_SALT_BYTES], struct rc_bytes body,
		       uint8_t hash[RC_FACT_HASH_BYTES])
{
	struct rc_sha256 sha256;

	rc_sha256_init(&sha256);
	rc_sha256_add(&sha256, rc_bytes_of(salt, RC_FACT_SALT_BYTES));
	rc_sha256_add(&sha256, body);
	rc_sha256_end(&sha256, hash);
}

void rc_fact_hash_envelope(struct rc_bytes envelope, uint8_t hash[RC_FACT_HASH_BYTES])
{
	rc_sha256(envelope, hash);
}

struct rc_id rc_fact_public_id(const uint8_t hash[RC_FACT_HASH_BYTES])
{
	return rc_id_from_hash(hash);
}

void rc_fact_epoch_format(uint64_t epoch, char text[RC_FACT_EPOCH_CHARS + 1])
{
	uint64_t big_endian = htobe64(epoch);

	rc_hex_encode(rc_bytes_of(&big_endian, sizeof(big_endian)), text);
}

enum rc_status rc_fact_epoch_parse(struct rc_bytes text, uint64_t *epoch)
{
	uint64_t big_endian;

	if (text.size != RC_FACT_EPOCH_CHARS ||
	    !rc_fact__hex(text.data, (uint8_t *)&big_endian, sizeof(big_endian)))
		return RC_EFORMAT;
	*epoch = be64toh(big_endian);
	return RC_OK;
}
