/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/encode.h"
#include "shared/crypto/hash.h"
#include "shared/reference/reference_priv.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HEX_CHARS  16u
#define SCOPES_MAX 8u

void rc_cursor_format(const struct rc_cursor *cursor, char text[RC_CURSOR_MAX_CHARS + 1])
{
	(void)snprintf(text, RC_CURSOR_MAX_CHARS + 1, "%016" PRIx64 ".%" PRId64 ".%016" PRIx64,
		       cursor->server_epoch, cursor->n, cursor->subscription);
}

static bool parse_hex(const uint8_t *text, uint64_t *value)
{
	uint64_t big_endian;

	if (rc_hex_decode(rc_bytes_of(text, HEX_CHARS), (uint8_t *)&big_endian, sizeof(big_endian)) != RC_OK)
		return false;
	*value = be64toh(big_endian);
	return true;
}

/* One way to write each number: no sign, no leading zero. */
static bool parse_number(struct rc_bytes text, int64_t *value)
{
	int64_t parsed = 0;

	if (text.size == 0 || text.size > 16 || (text.size > 1 && text.data[0] == '0'))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		parsed = parsed * 10 + (text.data[i] - '0');
	}
	*value = parsed;
	return parsed <= RC_REFERENCE_INTEGER_MAX;
}

enum rc_status rc_cursor_parse(struct rc_bytes text, struct rc_cursor *cursor)
{
	const size_t ends = HEX_CHARS + 1;
	struct rc_cursor parsed;
	size_t n_size;

	if (text.size < 2 * ends + 1)
		return RC_EFORMAT;
	n_size = text.size - 2 * ends;
	if (text.data[HEX_CHARS] != '.' || text.data[ends + n_size] != '.' ||
	    !parse_hex(text.data, &parsed.server_epoch) ||
	    !parse_number(rc_bytes_of(text.data + ends, n_size), &parsed.n) ||
	    !parse_hex(text.data + ends + n_size + 1, &parsed.subscription))
		return RC_EFORMAT;
	*cursor = parsed;
	return RC_OK;
}

static int compare_scopes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

uint64_t rc_subscription_hash(const char *const *scopes, size_t count)
{
	const char *sorted[SCOPES_MAX];
	uint8_t hash[RC_SHA256_BYTES];
	struct rc_sha256 sha256;
	uint64_t value = 0;

	assert(count > 0 && count <= SCOPES_MAX);
	memcpy(sorted, scopes, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_scopes);
	rc_sha256_init(&sha256);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			rc_sha256_add(&sha256, rc_bytes_of_text("\n"));
		rc_sha256_add(&sha256, rc_bytes_of_text(sorted[i]));
	}
	rc_sha256_end(&sha256, hash);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | hash[i];
	return value;
}
