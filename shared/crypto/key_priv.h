/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_KEY_PRIV_H
#define RC_CRYPTO_KEY_PRIV_H
/* What a key is to the other sources of this folder. */
#include "shared/crypto/key.h"
#include "shared/crypto/mbed_priv.h"

#include <pthread.h>

struct rc_key {
	mbedtls_pk_context pk;
	pthread_mutex_t lock; /* held around every use of `pk`: mbedTLS may fill tables in it while it computes */
};

/* Reads a SubjectPublicKeyInfo into an uninitialised context, which is the caller's to free on RC_OK only. RC_EFORMAT if it isn't
 * exactly one P-256 key on the curve. */
RC_CHECKED enum rc_status rc_crypto__public_read(struct rc_bytes public_der, mbedtls_pk_context *pk);

/* The other way. RC_EFORMAT for another kind of key. */
RC_CHECKED enum rc_status rc_crypto__public_write(mbedtls_pk_context *pk,
						  uint8_t der[RC_KEY_PUBLIC_DER_BYTES]);

#endif
