/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TLS_PRIV_H
#define RC_TLS_PRIV_H
/* What the two halves of this module share: the credentials that sessions hold on to. */
#include "server/tls/compat.h"
#include "server/tls/tls.h"

#include <stdatomic.h>

/* One identity, ready for use and never changed afterwards; freed with its last holder. */
struct rc_tls_credentials {
	atomic_uint holders;
	mbedtls_ssl_config config;
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
	mbedtls_x509_crt client_cas;
	bool asks_certificate;
};

/* The context's present credentials; give them back with rc_tls__release. */
struct rc_tls_credentials *rc_tls__hold(struct rc_tls_context *context);
void rc_tls__release(struct rc_tls_credentials *credentials);

/* As rc_fail, with the library's own words behind. */
enum rc_status rc_tls__fail(struct rc_error *err, enum rc_status status, int code, const char *what);

/* Reads what we keep of a peer's certificate. RC_EDENIED if its name or serial isn't one that we could have signed. */
RC_CHECKED enum rc_status rc_tls__peer_read(const mbedtls_x509_crt *certificate, bool is_expired,
					    struct rc_tls_peer *peer, struct rc_error *err);

#endif
