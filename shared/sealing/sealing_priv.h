/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SEALING_SEALING_PRIV_H
#define RC_SEALING_SEALING_PRIV_H
/* What both ways of sealing have in common: where a value stands, and how its length is hidden. */
#include "shared/sealing/sealed.h"

#define RC_SEALING__TABLE_MAX_CHARS 64u /* names of tables are ours */

/* The additional data of a place. */
struct rc_sealing__place {
	uint8_t data[sizeof("rollcall/1") + RC_SEALING__TABLE_MAX_CHARS + 1 + 16 + 8];
	size_t size;
};

/* Writes it to `to`, which the result borrows. */
struct rc_bytes rc_sealing__describe(const struct rc_seal_place *place, struct rc_sealing__place *to);

/* The text with spaces up to a multiple of RC_SEAL_PAD_BYTES, in a buffer that is initialised here; on RC_OK the caller wipes it
 * (rc_wipe) and frees it. */
RC_CHECKED enum rc_status rc_sealing__pad(struct rc_bytes plain, struct rc_buf *padded,
					  struct rc_error *err);

#endif
