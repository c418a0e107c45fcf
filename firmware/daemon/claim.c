/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/claim.h"

#include "shared/base/encode.h"
#include "shared/facts_gen/kinds.h"
#include "shared/sealing/to_server.h"

enum rc_status rc_claim_encode(const uint8_t seal_key[RC_REF_SEAL_KEY_BYTES],
			       const struct rc_flow_effect *effect, struct rc_buf *body,
			       struct rc_error *err)
{
	struct rc_fact_attendance_claimed fact = {
	    .session = effect->claim.session,
	    .session_version = effect->claim.session_version,
	    .claim = rc_id_new(),
	    .roster_n = effect->claim.roster_n,
	};
	struct rc_seal_place place = {.table = "claim", .version = 1};
	uint8_t memory[RC_TO_SERVER_OVERHEAD_BYTES + RC_SEAL_PAD_BYTES + 1]; /* a number fits into one padding */
	struct rc_buf sealed;
	enum rc_status status;

	memcpy(place.ref, fact.claim.octets, sizeof(place.ref));
	rc_buf_init_fixed(&sealed, memory, sizeof(memory));
	status =
	    rc_seal_to_server(seal_key, &place, rc_bytes_of_text(effect->claim.number), &sealed, err);
	if (status != RC_OK)
		return status;
	rc_hex_encode(rc_buf_bytes(&sealed), fact.number);
	rc_fact_attendance_claimed_encode(&fact, body);
	return rc_buf_status(body, err);
}
