/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_HOST_H
#define RC_CRYPTO_HOST_H
/*
 * The names a server is reached by, as certificates and URLs carry them: a DNS name or an address. Pure; any thread.
 */
#include "shared/base/bytes.h"

#define RC_HOST_MAX_CHARS 253u /* RFC 1035, without the dot at the end */

enum rc_host {
	RC_HOST_INVALID,
	RC_HOST_NAME, /* labels of letters, digits and inner hyphens, the last one not of digits alone */
	RC_HOST_IPV4, /* four decimal numbers without leading zeros */
	RC_HOST_IPV6, /* RFC 4291 section 2.2, no zone, no brackets */
};

/* What the text is. `address`, if not NULL, gets the 4 or 16 bytes of an address in network order. */
enum rc_host rc_host_read(struct rc_bytes text, uint8_t address[16]);

#endif
