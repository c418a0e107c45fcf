/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TLS_COMPAT_H
#define RC_TLS_COMPAT_H
/*
 * The one place of this module that knows mbedTLS 2.28 from 3.6: its headers, and calls whose name or shape differs.
 */
#include "shared/base/random.h"

#include <mbedtls/version.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <mbedtls/build_info.h>
#include <psa/crypto.h>
#else
#include <mbedtls/config.h>
#endif
#include <mbedtls/error.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

/* The kernel's randomness in the library's shape: no state that threads would share. */
static inline int rc_tls__random(void *context, unsigned char *out, size_t size)
{
	(void)context;
	rc_random(out, size);
	return 0;
}

/* TLS 1.3 of 3.x stands on PSA, which wants to be woken once a process; harmless when it is awake. */
static inline int rc_tls__library_init(void)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	return psa_crypto_init() == PSA_SUCCESS ? 0 : -1;
#else
	return 0;
#endif
}

static inline int rc_tls__parse_key(mbedtls_pk_context *key, const unsigned char *text, size_t size)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	return mbedtls_pk_parse_key(key, text, size, NULL, 0, rc_tls__random, NULL);
#else
	return mbedtls_pk_parse_key(key, text, size, NULL, 0);
#endif
}

static inline int rc_tls__check_pair(const mbedtls_pk_context *public_key, const mbedtls_pk_context *key)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	return mbedtls_pk_check_pair(public_key, key, rc_tls__random, NULL);
#else
	return mbedtls_pk_check_pair(public_key, key);
#endif
}

/* Signs and throws the signature away. */
static inline int rc_tls__sign_nothing(mbedtls_pk_context *key, const unsigned char hash[32])
{
	unsigned char signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t size = 0;

#if MBEDTLS_VERSION_MAJOR >= 3
	return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, 32, signature, sizeof(signature),
			       &size, rc_tls__random, NULL);
#else
	return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, 32, signature, &size, rc_tls__random, NULL);
#endif
}

/* The suites we offer, best first: forward secrecy and AEAD, nothing else. */
static const int rc_tls__suites[] = {
#if MBEDTLS_VERSION_MAJOR >= 3 && defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};

/* Groups for the key exchange and the certificates' keys. */
#if MBEDTLS_VERSION_MAJOR >= 3
static const uint16_t rc_tls__groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};
#else
static const mbedtls_ecp_group_id rc_tls__groups[] = {
    MBEDTLS_ECP_DP_CURVE25519,
    MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_SECP384R1,
    MBEDTLS_ECP_DP_NONE,
};
#endif

/* Versions, suites and groups; no tickets, no renegotiation. */
static inline void rc_tls__restrict(mbedtls_ssl_config *config)
{
	mbedtls_ssl_conf_ciphersuites(config, rc_tls__suites);
#if MBEDTLS_VERSION_MAJOR >= 3
	mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_groups(config, rc_tls__groups);
#else
	mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
	mbedtls_ssl_conf_curves(config, rc_tls__groups);
#endif
#if MBEDTLS_VERSION_MAJOR >= 3 && defined(MBEDTLS_SSL_PROTO_TLS1_3) &&                             \
    defined(MBEDTLS_SSL_SESSION_TICKETS)
	mbedtls_ssl_conf_new_session_tickets(config, 0);
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
	mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
	mbedtls_ssl_conf_legacy_renegotiation(config, MBEDTLS_SSL_LEGACY_BREAK_HANDSHAKE);
}

#endif
