/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_IDENTITY_PENDING_H
#define RC_IDENTITY_PENDING_H
/*
 * The key that waits for its certificate. It is on the disk before the server hears of it: an answer that got lost, or a power cut
 * before it was saved, is made good by asking again with the same key, which the server answers with the same certificate.
 *
 * One file beside the identity's folder, `<folder>.pending` (0600), for one purpose at a time. Blocks on the disk. One thread at a time.
 */
#include "shared/base/bytes.h"
#include "shared/crypto/key.h"

#define RC_PENDING_PURPOSE_BYTES                                                                   \
	32u /* a SHA-256: of the code, or of the certificate that is to be followed by another */

/* The key kept for this purpose; where there is none, or one for another purpose, a new one is made and kept. The caller frees it.
 * RC_EIO, RC_EDENIED, RC_EUSAGE (the path is too long). */
RC_CHECKED enum rc_status rc_pending_key(const char *folder,
					 const uint8_t purpose[RC_PENDING_PURPOSE_BYTES],
					 struct rc_key **key, struct rc_error *err);

/* The certificate is saved: the file goes. One that stays is for a purpose that doesn't come again. */
void rc_pending_drop(const char *folder);

#endif
