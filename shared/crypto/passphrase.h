/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_PASSPHRASE_H
#define RC_CRYPTO_PASSPHRASE_H
/*
 * A key from what a human types: argon2id (RFC 9106), slow and hungry on purpose, so that guessing costs as much each time.
 *
 * Blocks for a fraction of a second and takes `memory_kib` of memory meanwhile, and a thread a lane; any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#define RC_PASSPHRASE_SALT_BYTES 16u
#define RC_PASSPHRASE_KEY_BYTES  32u

/* How hard it is. Stands beside what was sealed, since the usual values will rise. */
struct rc_passphrase_cost {
	uint32_t passes;
	uint32_t memory_kib;
	uint32_t lanes;
};

/* RFC 9106, section 4: the second recommended choice, for machines that can't spare 2 GiB. */
#define RC_PASSPHRASE_COST                                                                         \
	((struct rc_passphrase_cost){.passes = 3, .memory_kib = 65536, .lanes = 4})

/* RC_ELIMIT: a cost that no file of ours has (it may come from a hostile one); RC_ENOMEM. */
RC_CHECKED enum rc_status rc_passphrase_key(struct rc_bytes passphrase,
					    const uint8_t salt[RC_PASSPHRASE_SALT_BYTES],
					    const struct rc_passphrase_cost *cost,
					    uint8_t key[RC_PASSPHRASE_KEY_BYTES], struct rc_error *err);

#endif
