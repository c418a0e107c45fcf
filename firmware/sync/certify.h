/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_CERTIFY_H
#define RC_SYNC_CERTIFY_H
/* What enrolment and renewal share: a request for a certificate, and the answer to it. Pure but for the crypto; any thread. */
#include "firmware/identity/identity.h"
#include "shared/device/device.h"

/* Writes the request of a key as PEM. */
RC_CHECKED enum rc_status rc_certify_request(struct rc_key *key, char csr_pem[RC_DEVICE_PEM_MAX_BYTES],
					     struct rc_error *err);

/*
 * Takes over what the server answered; `identity` has its key already and gets all but the URL. The certificate must be for that key,
 * bear the id the server gave, and be signed by `ca_der`, or where that is empty by one of the CAs that came with it. RC_EFORMAT,
 * RC_EDENIED.
 */
RC_CHECKED enum rc_status rc_certify_take(const struct rc_device_enrol_answer *answer,
					  struct rc_bytes ca_der, struct rc_identity *identity,
					  struct rc_error *err);

#endif
