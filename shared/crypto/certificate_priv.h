/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_CERTIFICATE_PRIV_H
#define RC_CRYPTO_CERTIFICATE_PRIV_H
/* What the writers and readers of certificates share. */
#include "shared/crypto/certificate.h"
#include "shared/crypto/mbed_priv.h"

/* True for a common name that we issue: length and characters as certificate.h says. */
bool rc_crypto__is_our_name(const char *name);

/* Parses exactly one certificate into an uninitialised context, which is the caller's to free on RC_OK only. */
RC_CHECKED enum rc_status rc_crypto__certificate_parse(struct rc_bytes der, mbedtls_x509_crt *parsed,
						       struct rc_error *err);

/* The common name of a parsed subject; "" if it has none. RC_EFORMAT: two of them, too long, no UTF-8, control characters. */
RC_CHECKED enum rc_status rc_crypto__common_name(const mbedtls_x509_name *subject,
						 char name[RC_COMMON_NAME_MAX_CHARS + 1]);

#endif
