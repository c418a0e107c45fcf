/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_RENEW_H
#define RC_SYNC_RENEW_H
/*
 * A certificate lasts 400 days; the kiosk asks for the next when two thirds of that are gone, and may do so for a time after it ended,
 * when it may do nothing else. Between sync's sources; the sync thread alone.
 */
#include "firmware/sync/sync_priv.h"

/* Whether two thirds of the certificate's life are gone, by the time at which certificates are judged. False for one that can't be
 * read: connecting says what is wrong with it. */
bool rc_renewal_is_due(const struct rc_identity *identity, int64_t now_ms);

/*
 * Has a new key certified over the connection of the old one, and saves the new identity whole; `*renewed` is the caller's, to be
 * used for the next connection. RC_EDENIED: the server doesn't renew this certificate: a new code is needed. RC_ENET: no answer, or
 * none that counts: try again, the same key waits on the disk. RC_EIO, RC_EFORMAT.
 */
RC_CHECKED enum rc_status rc_renew(struct rc_sync_round *round, const char *identity_folder,
				   struct rc_identity *renewed, struct rc_error *err);

#endif
