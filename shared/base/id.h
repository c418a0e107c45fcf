/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_ID_H
#define RC_BASE_ID_H
/*
 * UUIDs (RFC 9562) as 16 bytes; as text always the 36 lower-case characters. Pure but for rc_id_new; any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#define RC_ID_BYTES 16u
#define RC_ID_CHARS 36u

struct rc_id {
	uint8_t octets[RC_ID_BYTES];
};

/* A random UUIDv4. Blocks only while the machine has no entropy yet (early boot); aborts if the kernel has no randomness to give. */
struct rc_id rc_id_new(void);

/* UUIDv8: the first 16 bytes of a hash with version and variant set: what names a fact to people and programs. */
struct rc_id rc_id_from_hash(const uint8_t hash[32]);

/* RC_EFORMAT unless it is exactly 36 characters, lower case. Any version and variant is taken. */
RC_CHECKED enum rc_status rc_id_parse(struct rc_bytes text, struct rc_id *id);

/* Writes 36 characters and a NUL. */
void rc_id_format(const struct rc_id *id, char text[RC_ID_CHARS + 1]);

/* All 16 bytes are the same; not for secrets. */
bool rc_id_equal(const struct rc_id *a, const struct rc_id *b);

/* All bytes zero: "none". */
bool rc_id_is_nil(const struct rc_id *id);

#endif
