/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TEST_HTTP_PKI_H
#define RC_TEST_HTTP_PKI_H
/* Certificates for tests, made by OpenSSL and not by the library under test; and a client on top of them. */
#include "site.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

struct pki_entity {
	X509 *certificate;
	EVP_PKEY *key;
	struct rc_buf pem;     /* of the certificate */
	struct rc_buf key_pem; /* PKCS#8 */
};

/* What a certificate is to be like. */
struct pki_wish {
	const char *name;        /* CN; NULL for none */
	int name_size;           /* where it holds a NUL; 0: to its end */
	const char *second_name; /* another CN, or NULL */
	const char *usage;       /* extended key usage, or NULL */
	long begins_s, ends_s;   /* from now */
	const char *digest;      /* NULL: SHA256 */
	bool is_ca;
	unsigned rsa_bits;               /* 0: P-256 */
	const struct pki_entity *issuer; /* NULL: itself */
};

void pki_make(const struct pki_wish *wish, struct pki_entity *entity);
void pki_free(struct pki_entity *entity);

/* A context of the server under test. `client_ca` may be NULL. */
struct rc_tls_context *pki_context(const struct pki_entity *server, const struct pki_entity *client_ca);
struct rc_tls_identity pki_identity(const struct pki_entity *server, struct rc_bytes *ca_slot,
				    const struct pki_entity *client_ca);

/* A TLS client over a raw connection; `who` may be NULL. The handshake isn't done yet. */
struct pki_client {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};
void pki_client_open(struct pki_client *client, const struct site *site, const struct pki_entity *who);
void pki_client_open_from(struct pki_client *client, const struct site *site,
			  const struct pki_entity *who, uint8_t host); /* from 127.0.0.host */
void pki_client_close(struct pki_client *client);

/* Handshake, GET /who, and the body of the answer into `text`; false if the server cuts the connection somewhere before. `error` gets
 * OpenSSL's reason code of the last failure. */
bool pki_client_who(struct pki_client *client, char *text, size_t size, int *error);

#endif
