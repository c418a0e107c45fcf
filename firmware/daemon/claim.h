/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_CLAIM_H
#define RC_DAEMON_CLAIM_H
/*
 * The fact of somebody who forgot the badge and typed a staff number. The kiosk knows no numbers: it seals what was typed to the
 * server, which settles whose it is. Pure but for random bytes; any thread; about a millisecond.
 */
#include "firmware/flow/flow.h"

/* Appends the body of attendance.claimed for an RC_FLOW_DO_CLAIM. RC_EFORMAT: `seal_key` is no key; RC_ELIMIT: no room. */
RC_CHECKED enum rc_status rc_claim_encode(const uint8_t seal_key[RC_REF_SEAL_KEY_BYTES],
					  const struct rc_flow_effect *effect, struct rc_buf *body,
					  struct rc_error *err);

#endif
