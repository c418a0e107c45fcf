/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a line. Our own writers put the fields in one order without spaces, so each field is first looked for where it
 * should be, as fixed bytes, and its value in its fixed form; only what isn't there goes the general way by the validator, which
 * also says what is wrong. No field of the envelope needs an escape, so a value with one is not of its form.
 */
#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/facts/fact.h"
#include "shared/facts/hex_priv.h"
#include "shared/json/scan.h"

#include <endian.h>

#define YEAR_2099_MS INT64_C(4070908800000)

enum field {
	KIOSK,
	EPOCH,
	SEQ,
	AT,
	BOOT,
	UP_MS,
	SRC,
	ERR_MS,
	KIND,
	VERSION,
	BODY_HASH,
	PREV,
	FIELD_COUNT,
};

/* A name with quotes and colon, as it stands in a line that is written by us: compared as two words under a mask. */
#define NAME_MAX_BYTES 16u

struct name {
	char text[NAME_MAX_BYTES];
	size_t size;
	uint64_t mask[2];
};
#define MASK(bytes) ((bytes) >= 8 ? UINT64_MAX : (UINT64_C(1) << (bytes) % 8 * 8) - 1)
#define NAME_OF(quoted, bytes)                                                                     \
	{                                                                                          \
		quoted, bytes,                                                                     \
		{                                                                                  \
			MASK(bytes), (bytes) > 8 ? MASK((bytes)-8) : 0                             \
		}                                                                                  \
	}
#define NAME(key) NAME_OF("\"" key "\":", sizeof("\"" key "\":") - 1)

static const struct name field_names[FIELD_COUNT] = {
    [KIOSK] = NAME("kiosk"), [EPOCH] = NAME("epoch"),         [SEQ] = NAME("seq"),
    [AT] = NAME("at"),       [BOOT] = NAME("boot"),           [UP_MS] = NAME("up_ms"),
    [SRC] = NAME("src"),     [ERR_MS] = NAME("err_ms"),       [KIND] = NAME("kind"),
    [VERSION] = NAME("v"),   [BODY_HASH] = NAME("body_hash"), [PREV] = NAME("prev"),
};

enum { TOP_ENVELOPE, TOP_SALT, TOP_BODY, TOP_COUNT };
static const struct name top_names[TOP_COUNT] = {NAME("e"), NAME("s"), NAME("b")};

static enum rc_fact_fault fault_of(enum rc_scan_fault fault)
{
	switch (fault) {
	case RC_SCAN_FINE:
		return RC_FACT_FINE;
	case RC_SCAN_NOT_UTF8:
		return RC_FACT_NOT_UTF8;
	case RC_SCAN_TOO_DEEP:
		return RC_FACT_TOO_DEEP;
	case RC_SCAN_DUPLICATE_KEY:
		return RC_FACT_DUPLICATE_KEY;
	case RC_SCAN_NOT_JSON:
	case RC_SCAN_TOO_MANY_KEYS:
		break;
	}
	return RC_FACT_NOT_JSON;
}

/* ---- values in their fixed forms: true and moved behind, or false ----------------------------------------------------- */

static inline bool has_bytes(const struct rc_scan *scan, size_t size)
{
	return (size_t)(scan->end - scan->at) >= size;
}

/* A quoted run of exactly 2 * size digits. */
static inline bool read_hex(struct rc_scan *scan, uint8_t *out, size_t size)
{
	const uint8_t *at = scan->at;

	if (!has_bytes(scan, 2 * size + 2) || at[0] != '"' || at[2 * size + 1] != '"' ||
	    !rc_fact__hex(at + 1, out, size))
		return false;
	scan->at += 2 * size + 2;
	return true;
}

static inline bool read_id(struct rc_scan *scan, struct rc_id *id)
{
	const uint8_t *at = scan->at + 1;
	uint8_t digits[2 * RC_ID_BYTES];

	if (!has_bytes(scan, RC_ID_CHARS + 2) || at[-1] != '"' || at[RC_ID_CHARS] != '"' ||
	    at[8] != '-' || at[13] != '-' || at[18] != '-' || at[23] != '-')
		return false;
	memcpy(digits, at, 8);
	memcpy(digits + 8, at + 9, 4);
	memcpy(digits + 12, at + 14, 4);
	memcpy(digits + 16, at + 19, 4);
	memcpy(digits + 20, at + 24, 12);
	if (!rc_fact__hex(digits, id->octets, RC_ID_BYTES))
		return false;
	scan->at += RC_ID_CHARS + 2;
	return true;
}

static inline bool read_epoch(struct rc_scan *scan, uint64_t *epoch)
{
	uint64_t big_endian;

	if (!read_hex(scan, (uint8_t *)&big_endian, sizeof(big_endian)))
		return false;
	*epoch = be64toh(big_endian);
	return true;
}

/* Plain digits, no fraction, no exponent, no leading zero. */
static inline bool read_int(struct rc_scan *scan, int64_t min, int64_t *out)
{
	const uint8_t *at = scan->at, *end = scan->end;
	int64_t value = 0;

	while (at < end && *at >= '0' && *at <= '9' && value <= RC_FACT_INTEGER_MAX)
		value = value * 10 + (*at++ - '0');
	if (at == scan->at || (*scan->at == '0' && at > scan->at + 1) || value < min ||
	    value > RC_FACT_INTEGER_MAX)
		return false;
	if (at < end && (*at == '.' || *at == 'e' || *at == 'E'))
		return false;
	scan->at = at;
	*out = value;
	return true;
}

static inline bool read_error(struct rc_scan *scan, int64_t *error_ms)
{
	if (!has_bytes(scan, 4) || memcmp(scan->at, "null", 4) != 0)
		return read_int(scan, 0, error_ms);
	scan->at += 4;
	*error_ms = RC_CLOCK_ERROR_UNKNOWN;
	return true;
}

static inline bool read_source(struct rc_scan *scan, enum rc_clock_source *source)
{
	static const struct {
		const char *text;
		size_t size;
		enum rc_clock_source source;
	} sources[] = {{"\"ntp\"", 5, RC_CLOCK_NTP},
		       {"\"server\"", 8, RC_CLOCK_SERVER},
		       {"\"rtc\"", 5, RC_CLOCK_RTC},
		       {"\"none\"", 6, RC_CLOCK_NONE}};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!has_bytes(scan, sources[i].size) ||
		    memcmp(scan->at, sources[i].text, sources[i].size) != 0)
			continue;
		scan->at += sources[i].size;
		*source = sources[i].source;
		return true;
	}
	return false;
}

static bool is_kind_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
}

static inline bool read_kind(struct rc_scan *scan, char kind[RC_FACT_KIND_MAX_CHARS + 1])
{
	const uint8_t *begin = scan->at + 1, *at = begin;

	if (!has_bytes(scan, 2) || begin[-1] != '"')
		return false;
	while (at < scan->end && is_kind_character(*at))
		at++;
	if (at == scan->end || *at != '"' || at == begin || (size_t)(at - begin) > RC_FACT_KIND_MAX_CHARS)
		return false;
	memcpy(kind, begin, (size_t)(at - begin));
	kind[at - begin] = '\0';
	scan->at = at + 1;
	return true;
}

/* Cuts text at the limit, in front of a character that doesn't fit whole. */
static void copy_cut(struct rc_bytes text, char to[RC_FACT_AT_MAX_CHARS + 1])
{
	size_t size = text.size;

	if (size > RC_FACT_AT_MAX_CHARS) {
		size = RC_FACT_AT_MAX_CHARS;
		while (size > 0 && (text.data[size] & 0xC0) == 0x80)
			size--;
	}
	memcpy(to, text.data, size);
	to[size] = '\0';
}

/* Any text; what is no moment is kept as it stands. */
static inline bool read_at(struct rc_scan *scan, struct rc_fact_envelope *envelope)
{
	struct rc_scan_string string;

	if (rc_scan_string(scan, &string) != RC_SCAN_FINE)
		return false;
	copy_cut(string.raw, envelope->at_text);
	envelope->is_clock_bad = rc_timestamp_parse(string.raw, &envelope->clock.at_ms) != RC_OK ||
				 envelope->clock.at_ms >= YEAR_2099_MS;
	if (envelope->is_clock_bad)
		envelope->clock.at_ms = 0;
	return true;
}

static bool read_field(struct rc_scan *scan, enum field field, struct rc_fact_envelope *e)
{
	switch (field) {
	case KIOSK:
		return read_id(scan, &e->place.kiosk);
	case EPOCH:
		return read_epoch(scan, &e->place.epoch);
	case SEQ:
		return read_int(scan, 1, &e->place.seq);
	case AT:
		return read_at(scan, e);
	case BOOT:
		return read_id(scan, &e->clock.boot);
	case UP_MS:
		return read_int(scan, 0, &e->clock.up_ms);
	case SRC:
		return read_source(scan, &e->clock.source);
	case ERR_MS:
		return read_error(scan, &e->clock.error_ms);
	case KIND:
		return read_kind(scan, e->kind);
	case VERSION:
		return read_int(scan, 0, &e->version);
	case BODY_HASH:
		return read_hex(scan, e->body_hash, sizeof(e->body_hash));
	case PREV:
		return read_hex(scan, e->prev, sizeof(e->prev));
	case FIELD_COUNT:
		break;
	}
	return false;
}

/* What is wrong with a value that isn't of its form: either it is no JSON at all, or it is of the wrong type. */
static enum rc_fact_fault blame(struct rc_scan *scan)
{
	enum rc_scan_fault fault = rc_scan_value(scan, 0);

	if (fault != RC_SCAN_FINE)
		return fault_of(fault);
	rc_scan_space(scan);
	return scan->at < scan->end && (*scan->at == ',' || *scan->at == '}') ? RC_FACT_WRONG_TYPE
									      : RC_FACT_NOT_JSON;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------- */

/* The keys of an object that is being read: the known ones as bits, the others as they stand. */
struct keys {
	const struct name *names;
	unsigned name_count;
	uint32_t seen; /* bit i: names[i] */
	size_t other_count;
	struct rc_scan_string other[RC_SCAN_KEYS_MAX];
};

static void keys_init(struct keys *keys, const struct name *names, unsigned name_count)
{
	keys->names = names;
	keys->name_count = name_count;
	keys->seen = 0;
	keys->other_count = 0;
}

static bool keys_have_all(const struct keys *keys)
{
	return keys->seen == (1u << keys->name_count) - 1;
}

/* Which name a key is, or name_count; a known key may be written with escapes. */
static unsigned find_name(const struct keys *keys, const struct rc_scan_string *key)
{
	unsigned i = 0;

	for (; i < keys->name_count; i++) {
		const struct rc_scan_string name = {
		    .raw = rc_bytes_of(keys->names[i].text + 1, keys->names[i].size - 3)};

		if (rc_scan_strings_equal(&name, key))
			break;
	}
	return i;
}

static enum rc_fact_fault remember_other(struct keys *keys, const struct rc_scan_string *key)
{
	for (size_t i = 0; i < keys->other_count; i++) {
		if (rc_scan_strings_equal(&keys->other[i], key))
			return RC_FACT_DUPLICATE_KEY;
	}
	if (keys->other_count == RC_SCAN_KEYS_MAX)
		return RC_FACT_NOT_JSON;
	keys->other[keys->other_count++] = *key;
	return RC_FACT_FINE;
}

static enum rc_fact_fault read_key_slowly(struct rc_scan *scan, struct keys *keys, unsigned *which)
{
	struct rc_scan_string key;
	enum rc_scan_fault fault = rc_scan_string(scan, &key);

	if (fault != RC_SCAN_FINE)
		return fault_of(fault);
	*which = find_name(keys, &key);
	rc_scan_space(scan);
	if (!rc_scan_take(scan, ':'))
		return RC_FACT_NOT_JSON;
	rc_scan_space(scan);
	if (*which == keys->name_count)
		return remember_other(keys, &key);
	if (keys->seen & 1u << *which)
		return RC_FACT_DUPLICATE_KEY;
	keys->seen |= 1u << *which;
	return RC_FACT_FINE;
}

/* Near the end of the text, where two words can't be read, it says no: no line of ours has a name there but "b". */
static inline bool stands_here(const struct rc_scan *scan, const struct name *name)
{
	uint64_t here[2], there[2];

	if (!has_bytes(scan, NAME_MAX_BYTES))
		return false;
	memcpy(here, scan->at, sizeof(here));
	memcpy(there, name->text, sizeof(there));
	return (((here[0] ^ there[0]) & name->mask[0]) | ((here[1] ^ there[1]) & name->mask[1])) == 0;
}

/* Reads a key and its colon. `expected` is the name that stands here in a line of ours. */
static inline enum rc_fact_fault read_key(struct rc_scan *scan, struct keys *keys,
					  unsigned expected, unsigned *which)
{
	if (expected < keys->name_count && !(keys->seen & 1u << expected) &&
	    stands_here(scan, &keys->names[expected])) {
		scan->at += keys->names[expected].size;
		keys->seen |= 1u << expected;
		*which = expected;
		rc_scan_space(scan);
		return RC_FACT_FINE;
	}
	return read_key_slowly(scan, keys, which);
}

/* ---- the two objects ---------------------------------------------------------------------------------------------------- */

static enum rc_fact_fault read_envelope_member(struct rc_scan *scan, struct keys *keys,
					       unsigned expected, struct rc_fact_envelope *envelope)
{
	const uint8_t *begin;
	unsigned which = FIELD_COUNT;
	enum rc_fact_fault fault = read_key(scan, keys, expected, &which);

	if (fault != RC_FACT_FINE)
		return fault;
	if (which == FIELD_COUNT)
		return fault_of(rc_scan_value(scan, 0));
	begin = scan->at;
	if (read_field(scan, (enum field)which, envelope))
		return RC_FACT_FINE;
	scan->at = begin;
	return blame(scan);
}

static enum rc_fact_fault read_envelope(struct rc_scan *scan, struct rc_fact_envelope *envelope,
					struct rc_bytes *slice)
{
	const uint8_t *begin = scan->at;
	struct keys keys;
	unsigned expected = 0;

	if (!rc_scan_take(scan, '{'))
		return blame(scan);
	keys_init(&keys, field_names, FIELD_COUNT);
	rc_scan_space(scan);
	if (rc_scan_take(scan, '}'))
		return RC_FACT_MISSING_FIELD;
	do {
		enum rc_fact_fault fault;

		rc_scan_space(scan);
		fault = read_envelope_member(scan, &keys, expected++, envelope);
		if (fault != RC_FACT_FINE)
			return fault;
		rc_scan_space(scan);
	} while (rc_scan_take(scan, ','));
	if (!rc_scan_take(scan, '}'))
		return RC_FACT_NOT_JSON;
	*slice = rc_bytes_of(begin, (size_t)(scan->at - begin));
	return keys_have_all(&keys) ? RC_FACT_FINE : RC_FACT_MISSING_FIELD;
}

static enum rc_fact_fault read_salt(struct rc_scan *scan, struct rc_fact *fact)
{
	const uint8_t *begin = scan->at;

	if (!read_hex(scan, fact->salt, sizeof(fact->salt)))
		return blame(scan);
	fact->slices.salt_hex = rc_bytes_of(begin + 1, 2 * RC_FACT_SALT_BYTES);
	return RC_FACT_FINE;
}

static enum rc_fact_fault read_body(struct rc_scan *scan, struct rc_fact *fact)
{
	const uint8_t *begin = scan->at;
	enum rc_scan_fault fault;

	if (begin == scan->end || *begin != '{')
		return blame(scan);
	fault = rc_scan_value(scan, 0);
	if (fault != RC_SCAN_FINE)
		return fault_of(fault);
	fact->slices.body = rc_bytes_of(begin, (size_t)(scan->at - begin));
	return fact->slices.body.size <= RC_FACT_BODY_MAX_BYTES ? RC_FACT_FINE : RC_FACT_TOO_LONG;
}

/* A fourth member can't be kept, because three columns are stored; so the line is refused and its bytes are kept instead. */
static enum rc_fact_fault read_member(struct rc_scan *scan, struct keys *keys, unsigned expected,
				      struct rc_fact *fact)
{
	unsigned which = TOP_COUNT;
	enum rc_fact_fault fault = read_key(scan, keys, expected, &which);

	if (fault != RC_FACT_FINE)
		return fault;
	switch (which) {
	case TOP_ENVELOPE:
		return read_envelope(scan, &fact->envelope, &fact->slices.envelope);
	case TOP_SALT:
		return read_salt(scan, fact);
	case TOP_BODY:
		return read_body(scan, fact);
	default:
		return blame(scan);
	}
}

static enum rc_fact_fault read_line(struct rc_scan *scan, struct rc_fact *fact)
{
	struct keys keys;
	unsigned expected = 0;

	rc_scan_space(scan);
	if (!rc_scan_take(scan, '{')) {
		enum rc_scan_fault fault = rc_scan_value(scan, 0);

		return fault == RC_SCAN_FINE ? RC_FACT_WRONG_TYPE : fault_of(fault);
	}
	keys_init(&keys, top_names, TOP_COUNT);
	rc_scan_space(scan);
	if (rc_scan_take(scan, '}'))
		return RC_FACT_MISSING_FIELD;
	do {
		enum rc_fact_fault fault;

		rc_scan_space(scan);
		fault = read_member(scan, &keys, expected++, fact);
		if (fault != RC_FACT_FINE)
			return fault;
		rc_scan_space(scan);
	} while (rc_scan_take(scan, ','));
	if (!rc_scan_take(scan, '}'))
		return RC_FACT_NOT_JSON;
	rc_scan_space(scan);
	if (scan->at != scan->end)
		return RC_FACT_NOT_JSON;
	return keys_have_all(&keys) ? RC_FACT_FINE : RC_FACT_MISSING_FIELD;
}

enum rc_fact_fault rc_fact_read(struct rc_bytes line, struct rc_fact *fact)
{
	struct rc_scan scan = {.at = line.data, .depth_max = RC_FACT_DEPTH_MAX};
	uint8_t body_hash[RC_FACT_HASH_BYTES];
	enum rc_fact_fault fault;
	struct rc_fact read;

	if (line.size > RC_FACT_LINE_MAX_BYTES)
		return RC_FACT_TOO_LONG;
	if (line.size == 0)
		return RC_FACT_NOT_JSON;
	scan.end = line.data + line.size;
	fault = read_line(&scan, &read);
	if (fault != RC_FACT_FINE)
		return fault;
	rc_fact_hash_body(read.salt, read.slices.body, body_hash);
	if (memcmp(body_hash, read.envelope.body_hash, sizeof(body_hash)) != 0)
		return RC_FACT_HASH_DIFFERS;
	rc_fact_hash_envelope(read.slices.envelope, read.hash);
	*fact = read;
	return RC_FACT_FINE;
}

/* A walk that begins behind the first `name` in the line; false if there is none. */
static bool find_behind(struct rc_bytes line, enum field field, struct rc_scan *scan)
{
	const struct name *name = &field_names[field];
	const uint8_t *found = line.size ? memmem(line.data, line.size, name->text, name->size) : NULL;

	if (!found)
		return false;
	scan->at = found + name->size;
	scan->end = line.data + line.size;
	rc_scan_space(scan);
	return true;
}

enum rc_status rc_fact_read_place(struct rc_bytes line, struct rc_fact_place *place)
{
	struct rc_fact_place found;
	struct rc_scan scan = {0};

	if (!find_behind(line, KIOSK, &scan) || !read_id(&scan, &found.kiosk) ||
	    !find_behind(line, EPOCH, &scan) || !read_epoch(&scan, &found.epoch) ||
	    !find_behind(line, SEQ, &scan) || !read_int(&scan, 1, &found.seq))
		return RC_EFORMAT;
	*place = found;
	return RC_OK;
}
