/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds are there for costs read from a file: without them, one number would make us take all memory or never return. */
#include "shared/crypto/passphrase.h"

#include <argon2.h>

#define PASSES_MAX     16u
#define MEMORY_MAX_KIB (1024u * 1024u)
#define LANES_MAX      16u
#define BYTES_MAX      4096u

static bool is_bearable(const struct rc_passphrase_cost *cost)
{
	return cost->passes >= 1 && cost->passes <= PASSES_MAX && cost->lanes >= 1 &&
	       cost->lanes <= LANES_MAX && cost->memory_kib >= 8 * cost->lanes &&
	       cost->memory_kib <= MEMORY_MAX_KIB;
}

enum rc_status rc_passphrase_key(struct rc_bytes passphrase,
				 const uint8_t salt[RC_PASSPHRASE_SALT_BYTES],
				 const struct rc_passphrase_cost *cost,
				 uint8_t key[RC_PASSPHRASE_KEY_BYTES], struct rc_error *err)
{
	int code;

	if (!is_bearable(cost) || passphrase.size > BYTES_MAX)
		return rc_fail(err, RC_ELIMIT, "a passphrase's cost or length is out of bounds");
	code = argon2id_hash_raw(cost->passes, cost->memory_kib, cost->lanes, passphrase.data,
				 passphrase.size, salt, RC_PASSPHRASE_SALT_BYTES, key,
				 RC_PASSPHRASE_KEY_BYTES);
	if (code == ARGON2_MEMORY_ALLOCATION_ERROR || code == ARGON2_THREAD_FAIL)
		return rc_fail(err, RC_ENOMEM, "no memory for a passphrase's key");
	return code == ARGON2_OK ? RC_OK
				 : rc_fail(err, RC_EBUG, "argon2id: %s", argon2_error_message(code));
}
