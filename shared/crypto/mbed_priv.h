/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_MBED_PRIV_H
#define RC_CRYPTO_MBED_PRIV_H
/*
 * The one file that knows mbedTLS 2.28 (Debian 12) from 3.6 (Debian 13). The sources of this folder call what stands here
 * wherever the two differ: renamed hashes, random sources where none was wanted before, fields made private.
 */
#include <mbedtls/version.h>

#include <mbedtls/asn1.h>
#include <mbedtls/ecdh.h>
#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/gcm.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/sha256.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include "shared/base/random.h"
#include "shared/base/status.h"

#include <stdint.h>

#if MBEDTLS_VERSION_MAJOR < 3
#define MBEDTLS_PRIVATE(field) field
#endif

/* rc_key_sign promises RFC 6979. */
#if !defined(MBEDTLS_ECDSA_DETERMINISTIC)
#error "this mbedTLS signs with random nonces"
#endif

static inline int rc_crypto__rng(void *context, unsigned char *out, size_t size)
{
	(void)context;
	rc_random(out, size);
	return 0;
}

/* RC_ENOMEM where that was the cause, else `otherwise`. */
static inline enum rc_status rc_crypto__status(int code, enum rc_status otherwise)
{
	/* Low-level codes ride in the low 7 bits of a high-level one. */
	const int low = -(-code & 0x7F);
	const int high = -(-code & ~0x7F);

	if (low == MBEDTLS_ERR_MPI_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED)
		return RC_ENOMEM;
	if (high == MBEDTLS_ERR_PK_ALLOC_FAILED || high == MBEDTLS_ERR_ECP_ALLOC_FAILED ||
	    high == MBEDTLS_ERR_X509_ALLOC_FAILED || high == MBEDTLS_ERR_PEM_ALLOC_FAILED ||
	    high == MBEDTLS_ERR_CIPHER_ALLOC_FAILED)
		return RC_ENOMEM;
	return otherwise;
}

static inline int rc_crypto__sha256_starts(mbedtls_sha256_context *hash)
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_sha256_starts_ret(hash, 0);
#else
	return mbedtls_sha256_starts(hash, 0);
#endif
}

static inline int rc_crypto__sha256_update(mbedtls_sha256_context *hash, const uint8_t *data, size_t size)
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_sha256_update_ret(hash, data, size);
#else
	return mbedtls_sha256_update(hash, data, size);
#endif
}

static inline int rc_crypto__sha256_finish(mbedtls_sha256_context *hash, uint8_t out[32])
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_sha256_finish_ret(hash, out);
#else
	return mbedtls_sha256_finish(hash, out);
#endif
}

/* `pem` ends with a NUL that counts. */
static inline int rc_crypto__pk_parse_private(mbedtls_pk_context *pk, const uint8_t *pem, size_t size)
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_pk_parse_key(pk, pem, size, NULL, 0);
#else
	return mbedtls_pk_parse_key(pk, pem, size, NULL, 0, rc_crypto__rng, NULL);
#endif
}

/* 0 if the two halves of a pair belong together. */
static inline int rc_crypto__pk_check_pair(mbedtls_pk_context *pk)
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_pk_check_pair(pk, pk);
#else
	return mbedtls_pk_check_pair(pk, pk, rc_crypto__rng, NULL);
#endif
}

/* Writes a DER signature of a SHA-256 hash; `size` is MBEDTLS_PK_SIGNATURE_MAX_SIZE. */
static inline int rc_crypto__pk_sign(mbedtls_pk_context *pk, const uint8_t hash[32], uint8_t *sig,
				     size_t size, size_t *sig_size)
{
#if MBEDTLS_VERSION_MAJOR < 3
	(void)size;
	return mbedtls_pk_sign(pk, MBEDTLS_MD_SHA256, hash, 32, sig, sig_size, rc_crypto__rng, NULL);
#else
	return mbedtls_pk_sign(pk, MBEDTLS_MD_SHA256, hash, 32, sig, size, sig_size, rc_crypto__rng, NULL);
#endif
}

static inline bool rc_crypto__pk_is_p256(const mbedtls_pk_context *pk)
{
	if (!mbedtls_pk_can_do(pk, MBEDTLS_PK_ECDSA))
		return false;
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_pk_ec(*pk)->grp.id == MBEDTLS_ECP_DP_SECP256R1;
#else
	return mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*pk)) == MBEDTLS_ECP_DP_SECP256R1;
#endif
}

/* x of d · `peer`; the point must have been checked. */
static inline int rc_crypto__agree(mbedtls_pk_context *pk, const mbedtls_ecp_point *peer, mbedtls_mpi *x)
{
	mbedtls_ecp_keypair *pair = mbedtls_pk_ec(*pk);

	return mbedtls_ecdh_compute_shared(&pair->MBEDTLS_PRIVATE(grp), x, peer,
					   &pair->MBEDTLS_PRIVATE(d), rc_crypto__rng, NULL);
}

static inline int rc_crypto__set_serial(mbedtls_x509write_cert *draft, const uint8_t *serial, size_t size)
{
#if MBEDTLS_VERSION_MAJOR < 3
	mbedtls_mpi number;
	int code;

	mbedtls_mpi_init(&number);
	code = mbedtls_mpi_read_binary(&number, serial, size);
	if (code == 0)
		code = mbedtls_x509write_crt_set_serial(draft, &number);
	mbedtls_mpi_free(&number);
	return code;
#else
	uint8_t copy[MBEDTLS_X509_RFC5280_MAX_SERIAL_LEN];

	if (size > sizeof(copy))
		return MBEDTLS_ERR_X509_BAD_INPUT_DATA;
	for (size_t i = 0; i < size; i++)
		copy[i] = serial[i];
	return mbedtls_x509write_crt_set_serial_raw(draft, copy, size);
#endif
}

#endif
