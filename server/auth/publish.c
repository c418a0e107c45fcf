/* SPDX-License-Identifier: Apache-2.0 */
/* What kiosks must know of the secrets: one change, told again only when it is another. */
#include "server/auth/secrets.h"
#include "server/changes/changes.h"

#include <assert.h>

#define PAYLOAD_MAX_BYTES 256u

enum rc_status rc_secrets_publish(struct rc_db *db, const struct rc_secrets *secrets,
				  int64_t now_ms, bool *is_news, struct rc_error *err)
{
	struct rc_changes_told told = {.entity = RC_ENTITY_TRUST, .id = RC_REF_TRUST_SERVER};
	char memory[PAYLOAD_MAX_BYTES];
	struct rc_ref_trust trust;
	struct rc_buf payload;
	enum rc_status status;

	assert(secrets->seal_key);
	status = rc_key_public_point(secrets->seal_key, trust.seal_key, err);
	if (status != RC_OK)
		return status;
	rc_buf_init_fixed(&payload, memory, sizeof(memory));
	rc_ref_trust_encode(&trust, &payload);
	told.payload = rc_buf_bytes(&payload);
	status = rc_changes_tell(db, &told, now_ms, is_news, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "the key to seal to");
}
