/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_IDENTITY_IDENTITY_H
#define RC_IDENTITY_IDENTITY_H
/*
 * Who this kiosk is: a folder of its own with the key that never leaves it, the certificate, the CAs it trusts, and what the
 * server said when it was enrolled.
 *
 *     identity/identity.json    0600  kiosk, organisation, site, room, device URL
 *     identity/key.pem          0600  P-256; refused if others can read it
 *     identity/certificate.der  0644
 *     identity/ca.pem           0644  one or more
 *     identity.pending          0600  a key that waits for its certificate (pending.h)
 *
 * Saved as a whole: written beside as `identity.new`, synced, and exchanged, so that a power cut leaves the old or the new one.
 * Blocks on the disk. One thread at a time.
 */
#include "shared/base/buf.h"
#include "shared/base/id.h"
#include "shared/crypto/key.h"
#include "shared/reference/reference.h"

#define RC_IDENTITY_URL_MAX_CHARS   200u
#define RC_IDENTITY_SCOPE_MAX_CHARS RC_SCOPE_MAX_CHARS

struct rc_identity {
	struct rc_id kiosk;
	struct rc_id organisation;
	char site[RC_REFERENCE_CODE_MAX_BYTES + 1]; /* the site's id, as in the scope "site:S" */
	struct rc_id room;
	char url[RC_IDENTITY_URL_MAX_CHARS + 1]; /* of the device listener */
	int64_t issued_ms; /* when the server signed the certificate, by its clock; 0: nobody wrote it down */
	struct rc_key *key;            /* owned */
	struct rc_buf certificate_der; /* owned */
	struct rc_buf ca_pem;          /* owned; every CA the kiosk trusts */
};

/* An empty identity; allocates nothing. */
void rc_identity_init(struct rc_identity *identity);
/* Wipes the key, frees, and leaves an empty identity. */
void rc_identity_deinit(struct rc_identity *identity);

/* RC_ENOTFOUND: never enrolled. RC_EDENIED: the key can be read by others, or belongs to another certificate. RC_EFORMAT: damaged. */
RC_CHECKED enum rc_status rc_identity_load(const char *folder, struct rc_identity *identity,
					   struct rc_error *err);

/* Writes the whole folder anew, as said above. RC_EIO, RC_EDENIED, RC_EUSAGE (the path is too long). */
RC_CHECKED enum rc_status rc_identity_save(const char *folder, const struct rc_identity *identity,
					   struct rc_error *err);

#endif
