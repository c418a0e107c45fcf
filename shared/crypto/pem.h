/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_PEM_H
#define RC_CRYPTO_PEM_H
/*
 * PEM (RFC 7468) to DER and back, for certificates and requests. Private keys have their own functions in key.h.
 * Pure; any thread.
 */
#include "shared/base/buf.h"

#define RC_PEM_CERTIFICATE "CERTIFICATE"
#define RC_PEM_CSR         "CERTIFICATE REQUEST"

#define RC_PEM_MAX_BYTES 65536u /* a chain of twenty certificates; longer text is refused */

/* Appends `-----BEGIN label-----` … with lines of 64 characters. RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_pem_encode(const char *label, struct rc_bytes der, struct rc_buf *pem,
					struct rc_error *err);

/* Appends the DER of the first block with that label; text before and behind it is passed over. RC_ENOTFOUND: no such block;
 * RC_EFORMAT: it is broken; RC_ELIMIT. `*rest`, if not NULL, is what follows the block, to read a chain. */
RC_CHECKED enum rc_status rc_pem_decode(const char *label, struct rc_bytes pem, struct rc_buf *der,
					struct rc_bytes *rest, struct rc_error *err);

#endif
