/* SPDX-License-Identifier: Apache-2.0 */
/* A table of prefixes, each with the reader that must be satisfied before a payload counts as one of that class. */
#include "shared/credentials/credential.h"

#include "shared/base/encode.h"
#include "shared/base/random.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/host.h"

#define ENROL_VERSION      1u
#define ENROL_HEAD_BYTES   (1u + 32u + RC_ENROL_CODE_BYTES)
#define ENROL_MAX_BYTES    (ENROL_HEAD_BYTES + RC_ENROL_URL_MAX_CHARS)
#define PORT_MAX_CHARS     5u
#define BADGE_PREFIX_CHARS (RC_BADGE_TEXT_CHARS - RC_BADGE_CODE_CHARS)

static const char badge_prefix[] = "RC1:";
static const char enrol_prefix[] = "RCE1:";
static const char url_scheme[] = "https://";

static bool read_badge(struct rc_bytes rest, struct rc_payload *out);
static bool read_enrol(struct rc_bytes rest, struct rc_payload *out);

static const struct {
	const char *prefix;
	enum rc_payload_class class;
	bool (*read)(struct rc_bytes rest, struct rc_payload *out); /* NULL: known by prefix only */
} kinds[] = {
    {badge_prefix, RC_PAYLOAD_RC1, read_badge},
    {"RC2:", RC_PAYLOAD_RC2, NULL},
    {"RCA1:", RC_PAYLOAD_RCA1, NULL},
    {enrol_prefix, RC_PAYLOAD_RCE1, read_enrol},
};

const char *rc_payload_class_name(enum rc_payload_class class)
{
	static const char *const names[] = {
	    [RC_PAYLOAD_RC1] = "rc1",         [RC_PAYLOAD_RC2] = "rc2",
	    [RC_PAYLOAD_RCA1] = "rca1",       [RC_PAYLOAD_RCE1] = "rce1",
	    [RC_PAYLOAD_FOREIGN] = "foreign",
	};

	return names[class];
}

/* Takes a text off the front. */
static bool take_text(struct rc_bytes *from, const char *text)
{
	const size_t size = strlen(text);

	if (from->size < size || memcmp(from->data, text, size) != 0)
		return false;
	from->data += size;
	from->size -= size;
	return true;
}

void rc_payload_read(struct rc_bytes payload, struct rc_payload *out)
{
	*out = (struct rc_payload){.class = RC_PAYLOAD_FOREIGN};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct rc_bytes rest = payload;

		if (payload.size == 0 || !take_text(&rest, kinds[i].prefix))
			continue;
		if (!kinds[i].read || kinds[i].read(rest, out))
			out->class = kinds[i].class;
		return;
	}
}

static bool read_badge(struct rc_bytes rest, struct rc_payload *out)
{
	return rest.size == RC_BADGE_CODE_CHARS && rc_base32_is_alphabet(rest) &&
	       rc_bytes_copy_text(rest, out->badge.text, sizeof(out->badge.text));
}

static bool take_enrol(struct rc_bytes bytes, struct rc_enrol_code *code)
{
	struct rc_bytes url;

	if (bytes.size < ENROL_HEAD_BYTES || bytes.data[0] != ENROL_VERSION)
		return false;
	url = rc_bytes_of(bytes.data + ENROL_HEAD_BYTES, bytes.size - ENROL_HEAD_BYTES);
	if (!rc_enrol_url_is_valid(url) || !rc_bytes_copy_text(url, code->url, sizeof(code->url)))
		return false;
	memcpy(code->ca_sha256, bytes.data + 1, sizeof(code->ca_sha256));
	memcpy(code->code, bytes.data + 1 + sizeof(code->ca_sha256), sizeof(code->code));
	return true;
}

static bool read_enrol(struct rc_bytes rest, struct rc_payload *out)
{
	uint8_t bytes[ENROL_MAX_BYTES];
	size_t size;
	bool is_good = rc_base45_decode(rest, bytes, sizeof(bytes), &size) == RC_OK &&
		       take_enrol(rc_bytes_of(bytes, size), &out->enrol);

	rc_wipe(bytes, sizeof(bytes)); /* of a payload that is no good as well: it may be a good one misread */
	return is_good;
}

void rc_badge_code_format(const struct rc_badge_code *code, char text[RC_BADGE_TEXT_CHARS + 1])
{
	memcpy(text, badge_prefix, BADGE_PREFIX_CHARS);
	memcpy(text + BADGE_PREFIX_CHARS, code->text, RC_BADGE_CODE_CHARS);
	text[RC_BADGE_TEXT_CHARS] = '\0';
}

enum rc_status rc_enrol_code_format(const struct rc_enrol_code *code,
				    char text[RC_ENROL_TEXT_MAX_CHARS + 1])
{
	const struct rc_bytes url = rc_bytes_of(code->url, strnlen(code->url, sizeof(code->url)));
	uint8_t bytes[ENROL_MAX_BYTES] = {ENROL_VERSION};

	if (!rc_enrol_url_is_valid(url))
		return RC_EFORMAT;
	memcpy(bytes + 1, code->ca_sha256, sizeof(code->ca_sha256));
	memcpy(bytes + 1 + sizeof(code->ca_sha256), code->code, sizeof(code->code));
	memcpy(bytes + ENROL_HEAD_BYTES, url.data, url.size);
	memcpy(text, enrol_prefix, sizeof(enrol_prefix));
	rc_base45_encode(rc_bytes_of(bytes, ENROL_HEAD_BYTES + url.size),
			 text + sizeof(enrol_prefix) - 1);
	rc_wipe(bytes, sizeof(bytes));
	return RC_OK;
}

struct rc_badge_code rc_badge_code_new(void)
{
	/* 17 bytes are 136 bits: 27 characters and one bit, of which 26 are kept. */
	uint8_t bits[17];
	char text[RC_BASE32_CHARS(sizeof(bits)) + 1];
	struct rc_badge_code code;

	rc_random(bits, sizeof(bits));
	rc_base32_encode(rc_bytes_of(bits, sizeof(bits)), text);
	memcpy(code.text, text, RC_BADGE_CODE_CHARS);
	code.text[RC_BADGE_CODE_CHARS] = '\0';
	rc_wipe(bits, sizeof(bits));
	rc_wipe(text, sizeof(text));
	return code;
}

#define FIND_INFO "rollcall/1/find"
#define OPEN_INFO "rollcall/1/open"

static void begin_derivation(struct rc_hkdf *hkdf, const struct rc_badge_code *code,
			     const struct rc_id *organisation)
{
	rc_hkdf_begin(hkdf, rc_bytes_of(code->text, RC_BADGE_CODE_CHARS),
		      rc_bytes_of(organisation->octets, sizeof(organisation->octets)));
}

void rc_badge_find(const struct rc_badge_code *code, const struct rc_id *organisation,
		   uint8_t find[RC_FIND_BYTES])
{
	struct rc_hkdf hkdf;

	begin_derivation(&hkdf, code, organisation);
	rc_hkdf_expand(&hkdf, FIND_INFO, find, RC_FIND_BYTES);
	rc_wipe(&hkdf, sizeof(hkdf));
}

void rc_badge_open(const struct rc_badge_code *code, const struct rc_id *organisation,
		   uint8_t open_key[RC_OPEN_BYTES])
{
	struct rc_hkdf hkdf;

	begin_derivation(&hkdf, code, organisation);
	rc_hkdf_expand(&hkdf, OPEN_INFO, open_key, RC_OPEN_BYTES);
	rc_wipe(&hkdf, sizeof(hkdf));
}

void rc_badge_derive(const struct rc_badge_code *code, const struct rc_id *organisation,
		     uint8_t find[RC_FIND_BYTES], uint8_t open_key[RC_OPEN_BYTES])
{
	struct rc_hkdf hkdf;

	begin_derivation(&hkdf, code, organisation);
	rc_hkdf_expand(&hkdf, FIND_INFO, find, RC_FIND_BYTES);
	rc_hkdf_expand(&hkdf, OPEN_INFO, open_key, RC_OPEN_BYTES);
	rc_wipe(&hkdf, sizeof(hkdf));
}

/* Digits alone, no leading zero, 1 … 65535. */
static bool read_port(struct rc_bytes text, uint16_t *port)
{
	uint32_t value = 0;

	if (text.size == 0 || text.size > PORT_MAX_CHARS || text.data[0] == '0')
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(text.data[i] - '0');
	}
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

/* Brackets stand around an IPv6 address and nothing else. */
static bool read_host(struct rc_bytes text, struct rc_bytes *host)
{
	const bool is_bracketed =
	    text.size >= 2 && text.data[0] == '[' && text.data[text.size - 1] == ']';
	enum rc_host kind;

	*host = is_bracketed ? rc_bytes_of(text.data + 1, text.size - 2) : text;
	kind = rc_host_read(*host, NULL);
	return kind != RC_HOST_INVALID && (kind == RC_HOST_IPV6) == is_bracketed;
}

bool rc_enrol_url_split(struct rc_bytes url, struct rc_bytes *host, uint16_t *port)
{
	struct rc_bytes rest = url, read;
	const uint8_t *colon;
	uint16_t number;
	size_t host_size;

	if (url.size == 0 || url.size > RC_ENROL_URL_MAX_CHARS || !take_text(&rest, url_scheme))
		return false;
	colon = memrchr(rest.data, ':', rest.size);
	if (!colon)
		return false;
	host_size = (size_t)(colon - rest.data);
	if (!read_host(rc_bytes_of(rest.data, host_size), &read) ||
	    !read_port(rc_bytes_of(colon + 1, rest.size - host_size - 1), &number))
		return false;
	*host = read;
	*port = number;
	return true;
}

bool rc_enrol_url_is_valid(struct rc_bytes url)
{
	struct rc_bytes host;
	uint16_t port;

	return rc_enrol_url_split(url, &host, &port);
}
