/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/encode.h"
#include "shared/crypto/hash.h"
#include "shared/device/device.h"

#include <inttypes.h>
#include <stdio.h>

void rc_device_signature_text(const struct rc_device_signature *signature,
			      char text[RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS + 1])
{
	char epoch[RC_FACT_EPOCH_CHARS + 1], hash[RC_HEX_CHARS(RC_FACT_HASH_BYTES) + 1];

	rc_fact_epoch_format(signature->epoch, epoch);
	rc_hex_encode(rc_bytes_of(signature->hash, sizeof(signature->hash)), hash);
	(void)snprintf(text, RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS + 1,
		       "rollcall/1/facts\n%s\n%" PRId64 "\n%s\n", epoch, signature->seq, hash);
}

void rc_device_signature_digest(const struct rc_device_signature *signature, uint8_t digest[32])
{
	char text[RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS + 1];

	rc_device_signature_text(signature, text);
	rc_sha256(rc_bytes_of_text(text), digest);
}

bool rc_device_signature_is_of(const struct rc_device_signature *signature,
			       const struct rc_device_keys *keys)
{
	uint8_t digest[32];

	rc_device_signature_digest(signature, digest);
	for (size_t i = 0; i < keys->count; i++) {
		if (rc_key_verify(rc_bytes_of(keys->items[i], sizeof(keys->items[i])), digest,
				  signature->rs) == RC_OK)
			return true;
	}
	return false;
}
