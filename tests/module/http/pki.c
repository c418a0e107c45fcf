/* SPDX-License-Identifier: Apache-2.0 */
#include "pki.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void add_name(X509_NAME *name, const char *text, int size)
{
	if (text)
		assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
							    (const unsigned char *)text,
							    size > 0 ? size : -1, -1, 0),
				 1);
}

static void add_extension(X509 *certificate, const struct pki_entity *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer ? issuer->certificate : certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void write_pem(struct pki_entity *entity)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long size;

	rc_buf_init(&entity->pem, 65536);
	rc_buf_init(&entity->key_pem, 65536);
	assert_int_equal(PEM_write_bio_X509(bio, entity->certificate), 1);
	size = BIO_get_mem_data(bio, &data);
	rc_buf_append(&entity->pem, data, (size_t)size);
	(void)BIO_reset(bio);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, entity->key, NULL, NULL, 0, NULL, NULL), 1);
	size = BIO_get_mem_data(bio, &data);
	rc_buf_append(&entity->key_pem, data, (size_t)size);
	BIO_free(bio);
}

void pki_make(const struct pki_wish *wish, struct pki_entity *entity)
{
	const struct pki_entity *issuer = wish->issuer;
	X509 *certificate = X509_new();
	BIGNUM *serial = BN_new();

	entity->key = wish->rsa_bits ? EVP_RSA_gen(wish->rsa_bits) : EVP_EC_gen("P-256");
	entity->certificate = certificate;
	assert_int_equal(X509_set_version(certificate, 2), 1);
	assert_int_equal(BN_rand(serial, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	assert_non_null(BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)));
	BN_free(serial);
	X509_gmtime_adj(X509_getm_notBefore(certificate), wish->begins_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate), wish->ends_s);
	add_name(X509_get_subject_name(certificate), wish->name, wish->name_size);
	add_name(X509_get_subject_name(certificate), wish->second_name, 0);
	X509_set_issuer_name(certificate,
			     X509_get_subject_name(issuer ? issuer->certificate : certificate));
	X509_set_pubkey(certificate, entity->key);
	add_extension(certificate, issuer, NID_basic_constraints,
		      wish->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (wish->usage)
		add_extension(certificate, issuer, NID_ext_key_usage, wish->usage);
	assert_true(X509_sign(certificate, issuer ? issuer->key : entity->key,
			      EVP_get_digestbyname(wish->digest ? wish->digest : "SHA256")) > 0);
	write_pem(entity);
}

void pki_free(struct pki_entity *entity)
{
	X509_free(entity->certificate);
	EVP_PKEY_free(entity->key);
	rc_buf_deinit(&entity->pem);
	rc_buf_deinit(&entity->key_pem);
}

struct rc_tls_identity pki_identity(const struct pki_entity *server, struct rc_bytes *ca_slot,
				    const struct pki_entity *client_ca)
{
	if (client_ca)
		*ca_slot = rc_buf_bytes(&client_ca->pem);
	return (struct rc_tls_identity){
	    .certificates = rc_buf_bytes(&server->pem),
	    .key = rc_buf_bytes(&server->key_pem),
	    .client_cas = ca_slot,
	    .client_ca_count = client_ca ? 1 : 0,
	};
}

struct rc_tls_context *pki_context(const struct pki_entity *server, const struct pki_entity *client_ca)
{
	struct rc_tls_context *context = NULL;
	struct rc_bytes slot;
	const struct rc_tls_identity identity = pki_identity(server, &slot, client_ca);
	struct rc_error err = {""};

	if (rc_tls_context_new(&identity, &context, &err) != RC_OK)
		print_error("%s\n", err.text);
	assert_non_null(context);
	return context;
}

void pki_client_open(struct pki_client *client, const struct site *site, const struct pki_entity *who)
{
	pki_client_open_from(client, site, who, 1);
}

void pki_client_open_from(struct pki_client *client, const struct site *site,
			  const struct pki_entity *who, uint8_t host)
{
	client->context = SSL_CTX_new(TLS_client_method());
	assert_non_null(client->context);
	SSL_CTX_set_options(client->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (who) {
		assert_int_equal(SSL_CTX_use_certificate(client->context, who->certificate), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(client->context, who->key), 1);
	}
	client->ssl = SSL_new(client->context);
	client->fd = client_open_from(site, host);
	assert_int_equal(SSL_set_fd(client->ssl, client->fd), 1);
}

void pki_client_close(struct pki_client *client)
{
	SSL_free(client->ssl);
	SSL_CTX_free(client->context);
	assert_int_equal(close(client->fd), 0);
	ERR_clear_error();
}

bool pki_client_who(struct pki_client *client, char *text, size_t size, int *error)
{
	static const char request[] = "GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	char answer[4096], *body;
	size_t used = 0, got = 0;
	int code;

	ERR_clear_error();
	*error = 0;
	code = SSL_connect(client->ssl);
	if (code == 1 && SSL_write(client->ssl, request, sizeof(request) - 1) > 0)
		while (used < sizeof(answer) - 1 &&
		       SSL_read_ex(client->ssl, answer + used, sizeof(answer) - 1 - used, &got))
			used += got;
	*error = ERR_GET_REASON(ERR_peek_error());
	answer[used] = 0;
	body = strstr(answer, "\r\n\r\n");
	return body && rc_text_copy(body + 4, text, size);
}
