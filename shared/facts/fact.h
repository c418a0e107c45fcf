/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FACTS_FACT_H
#define RC_FACTS_FACT_H
/*
 * The fact line: one thing that happened, as bytes that never change.
 *
 *     {"e":{"kiosk":"…","epoch":"…","seq":1,"at":"…","boot":"…","up_ms":1,"src":"ntp","err_ms":4,"kind":"…","v":1,
 *           "body_hash":"…","prev":"…"},"s":"SALT","b":{…}}\n
 *
 * The bytes are the fact: its writer serialises once; every reader stores and hashes slices of those bytes. The body's hash is
 * SHA-256(salt ‖ raw body), `prev` is SHA-256 of the raw bytes of the previous envelope, the fact's identity is SHA-256 of its
 * own. So a body can be erased and the chain still holds. Pure; no allocation; any thread.
 */
#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/base/id.h"

#define RC_FACT_LINE_MAX_BYTES 16384u /* without the line feed */
#define RC_FACT_BODY_MAX_BYTES 12288u
#define RC_FACT_DEPTH_MAX      8u /* of the body's own nesting */
#define RC_FACT_HASH_BYTES     32u
#define RC_FACT_SALT_BYTES     16u
#define RC_FACT_KIND_MAX_CHARS 47u /* "attendance.signed_in" and what newer kiosks will write */
#define RC_FACT_AT_MAX_CHARS   39u
#define RC_FACT_INTEGER_MAX                                                                        \
	INT64_C(9007199254740991) /* 2^53-1: what every JSON reader holds exactly */

/* Where a fact stands: its writer, the journal's birth, its number there (1, 2, 3 … without gaps). */
struct rc_fact_place {
	struct rc_id kiosk;
	uint64_t epoch; /* random, shown as 16 hex digits */
	int64_t seq;
};

struct rc_fact_envelope {
	struct rc_fact_place place;
	struct rc_clock_reading clock; /* at, boot, up_ms, src, err_ms (null is RC_CLOCK_ERROR_UNKNOWN) */
	bool is_clock_bad; /* read only: `at` is no moment that exists, or after 2098; clock.at_ms is 0 then */
	char at_text[RC_FACT_AT_MAX_CHARS + 1]; /* read only: `at` as it stands, cut at the limit */
	char kind[RC_FACT_KIND_MAX_CHARS + 1];
	int64_t version; /* of the body */
	uint8_t body_hash[RC_FACT_HASH_BYTES];
	uint8_t prev[RC_FACT_HASH_BYTES]; /* zeros for the first of an epoch */
};

/* A line cut into the three columns that are stored, all borrowed from the line. */
struct rc_fact_slices {
	struct rc_bytes envelope; /* from its { to its } */
	struct rc_bytes salt_hex; /* 32 characters */
	struct rc_bytes body;     /* from its { to its } */
};

struct rc_fact {
	struct rc_fact_envelope envelope;
	struct rc_fact_slices slices;
	uint8_t salt[RC_FACT_SALT_BYTES];
	uint8_t hash[RC_FACT_HASH_BYTES]; /* of the envelope: the identity, and `prev` of the next */
};

/* Why a line can't be read; the name is stored beside its bytes. */
enum rc_fact_fault {
	RC_FACT_FINE,
	RC_FACT_TOO_LONG,
	RC_FACT_NOT_UTF8,
	RC_FACT_NOT_JSON, /* grammar, text after the end, unpaired surrogate escapes */
	RC_FACT_TOO_DEEP,
	RC_FACT_DUPLICATE_KEY,
	RC_FACT_MISSING_FIELD,
	RC_FACT_WRONG_TYPE, /* a field of another type, an id, hash, number or epoch out of its form or range */
	RC_FACT_HASH_DIFFERS, /* the body is not the one that the envelope names */
};

/* "fine" "too_long" "not_utf8" … "hash_differs"; never NULL. */
const char *rc_fact_fault_name(enum rc_fact_fault fault);

/*
 * Reads one line (without its line feed) in one pass. Unknown envelope fields and kinds are passed over; the body is checked as
 * strict JSON (an object) but not for its kind's fields. On any fault `*fact` is untouched. An impossible time is no fault:
 * is_clock_bad says so.
 *
 * White space between tokens is taken, though writers put none. A member beside e, s and b is RC_FACT_WRONG_TYPE, because three
 * columns are stored and it would be lost; an object with more than RC_SCAN_KEYS_MAX (64) keys is RC_FACT_NOT_JSON. Of several
 * faults the first from the left is told; missing fields and the hash come last.
 */
RC_CHECKED enum rc_fact_fault rc_fact_read(struct rc_bytes line, struct rc_fact *fact);

/* Only the place of a line, as far as it can be found: for naming a line that can't be read. */
RC_CHECKED enum rc_status rc_fact_read_place(struct rc_bytes line, struct rc_fact_place *place);

/*
 * Appends the line (with its line feed) for an envelope whose body_hash is worked out here from salt and body; `*hash` is the
 * new fact's identity. RC_ELIMIT if body, kind or line are too long, RC_EFORMAT if the body is no strict JSON object.
 */
RC_CHECKED enum rc_status rc_fact_write(const struct rc_fact_envelope *envelope,
					const uint8_t salt[RC_FACT_SALT_BYTES],
					struct rc_bytes body, struct rc_buf *line,
					uint8_t hash[RC_FACT_HASH_BYTES], struct rc_error *err);

/* The slices of a line that rc_fact_write has just written with a body of that length: without reading it again. Line feed or not. */
struct rc_fact_slices rc_fact_cut(struct rc_bytes line, size_t body_size);

/* Joins the three stored columns to the line they came from (with its line feed). */
void rc_fact_join(const struct rc_fact_slices *slices, struct rc_buf *line);

/* SHA-256(salt ‖ body) and SHA-256(envelope). */
void rc_fact_hash_body(const uint8_t salt[RC_FACT_SALT_BYTES], struct rc_bytes body,
		       uint8_t hash[RC_FACT_HASH_BYTES]);
void rc_fact_hash_envelope(struct rc_bytes envelope, uint8_t hash[RC_FACT_HASH_BYTES]);

/* The public id of a fact: UUIDv8 of its identity. */
struct rc_id rc_fact_public_id(const uint8_t hash[RC_FACT_HASH_BYTES]);

/* Epochs as text: exactly 16 lower-case hex digits. */
#define RC_FACT_EPOCH_CHARS 16u
void rc_fact_epoch_format(uint64_t epoch, char text[RC_FACT_EPOCH_CHARS + 1]);
RC_CHECKED enum rc_status rc_fact_epoch_parse(struct rc_bytes text, uint64_t *epoch);

#endif
