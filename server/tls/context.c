/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials: read once, checked once, then shared unchanged by all sessions that began with them.
 *
 * The library keeps a table of multiples inside each elliptic key and makes it at the key's first use, without a lock. So every
 * key is used once here, while nobody else can see it; afterwards threads only read it.
 */
#include "server/tls/tls_priv.h"

#include <pthread.h>
#include <stdlib.h>

struct rc_tls_context {
	pthread_mutex_t lock; /* guards the pointer below */
	struct rc_tls_credentials *credentials;
};

static void credentials_free(struct rc_tls_credentials *credentials);

enum rc_status rc_tls__fail(struct rc_error *err, enum rc_status status, int code, const char *what)
{
	char words[160];

	mbedtls_strerror(code, words, sizeof(words));
	return rc_fail(err, status, "%s: %s", what, words);
}

/* The library wants PEM with its NUL counted; DER comes as it is. */
static bool is_pem(struct rc_bytes text)
{
	static const char mark[] = "-----BEGIN ";

	return text.size >= sizeof(mark) - 1 && memmem(text.data, text.size, mark, sizeof(mark) - 1);
}

/* A copy with a NUL behind it, and the size that the library wants to hear; wiped and freed by the caller. */
static unsigned char *parseable(struct rc_bytes text, size_t *size)
{
	unsigned char *copy = calloc(1, text.size + 1);

	if (!copy)
		return NULL;
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	*size = is_pem(text) ? text.size + 1 : text.size;
	return copy;
}

static enum rc_status parse_certificates(mbedtls_x509_crt *chain, struct rc_bytes text,
					 const char *what, struct rc_error *err)
{
	size_t size = 0;
	unsigned char *copy = parseable(text, &size);
	int code;

	if (!copy)
		return rc_fail(err, RC_ENOMEM, "%s: no memory", what);
	/* A positive answer counts certificates of the list that couldn't be read: those are not passed over. */
	code = mbedtls_x509_crt_parse(chain, copy, size);
	free(copy);
	if (code > 0)
		return rc_fail(err, RC_EFORMAT, "%s: %d of its certificates can't be read", what, code);
	return code == 0 ? RC_OK : rc_tls__fail(err, RC_EFORMAT, code, what);
}

static enum rc_status parse_key(mbedtls_pk_context *key, struct rc_bytes text, struct rc_error *err)
{
	size_t size = 0;
	unsigned char *copy = parseable(text, &size);
	int code;

	if (!copy)
		return rc_fail(err, RC_ENOMEM, "private key: no memory");
	code = rc_tls__parse_key(key, copy, size);
	rc_wipe(copy, text.size);
	free(copy);
	return code == 0 ? RC_OK : rc_tls__fail(err, RC_EFORMAT, code, "private key");
}

/* Makes the key's table by verifying a signature that can't be right: both numbers are 1. */
static void warm_up_public(mbedtls_pk_context *key)
{
	static const unsigned char hash[32] = {1};
	static const unsigned char nonsense[] = {0x30, 6, 2, 1, 1, 2, 1, 1};

	(void)mbedtls_pk_verify(key, MBEDTLS_MD_SHA256, hash, sizeof(hash), nonsense, sizeof(nonsense));
}

static enum rc_status check_key(struct rc_tls_credentials *credentials, struct rc_error *err)
{
	static const unsigned char hash[32] = {1};
	int code;

	if (rc_tls__check_pair(&credentials->chain.pk, &credentials->key) != 0)
		return rc_fail(err, RC_EUSAGE, "the private key doesn't belong to the first certificate");
	code = rc_tls__sign_nothing(&credentials->key, hash);
	return code == 0 ? RC_OK : rc_tls__fail(err, RC_EUSAGE, code, "private key: can't sign");
}

static enum rc_status read_client_cas(struct rc_tls_credentials *credentials,
				      const struct rc_tls_identity *identity, struct rc_error *err)
{
	for (size_t i = 0; i < identity->client_ca_count; i++) {
		enum rc_status status = parse_certificates(&credentials->client_cas,
							   identity->client_cas[i], "client CA", err);

		if (status)
			return status;
	}
	credentials->asks_certificate = identity->client_ca_count > 0;
	for (mbedtls_x509_crt *ca = &credentials->client_cas; ca && ca->raw.p; ca = ca->next)
		warm_up_public(&ca->pk);
	return RC_OK;
}

static enum rc_status configure(struct rc_tls_credentials *credentials, struct rc_error *err)
{
	mbedtls_ssl_config *config = &credentials->config;
	int code = mbedtls_ssl_config_defaults(
	    config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);

	if (code == 0)
		code = mbedtls_ssl_conf_own_cert(config, &credentials->chain, &credentials->key);
	if (code != 0)
		return rc_tls__fail(err, RC_ENOMEM, code, "TLS");
	mbedtls_ssl_conf_rng(config, rc_tls__random, NULL);
	rc_tls__restrict(config);
	mbedtls_ssl_conf_cert_profile(config, &mbedtls_x509_crt_profile_next);
	mbedtls_ssl_conf_authmode(config, credentials->asks_certificate ? MBEDTLS_SSL_VERIFY_OPTIONAL
									: MBEDTLS_SSL_VERIFY_NONE);
	if (credentials->asks_certificate)
		mbedtls_ssl_conf_ca_chain(config, &credentials->client_cas, NULL);
	return RC_OK;
}

static enum rc_status credentials_fill(struct rc_tls_credentials *credentials,
				       const struct rc_tls_identity *identity, struct rc_error *err)
{
	enum rc_status status;

	if (rc_tls__library_init() != 0)
		return rc_fail(err, RC_EBUG, "the TLS library can't be started");
	status = parse_certificates(&credentials->chain, identity->certificates, "certificate", err);
	if (!status)
		status = parse_key(&credentials->key, identity->key, err);
	if (!status)
		status = check_key(credentials, err);
	if (!status)
		status = read_client_cas(credentials, identity, err);
	return status ? status : configure(credentials, err);
}

static enum rc_status credentials_new(const struct rc_tls_identity *identity,
				      struct rc_tls_credentials **out, struct rc_error *err)
{
	struct rc_tls_credentials *credentials = calloc(1, sizeof(*credentials));
	enum rc_status status;

	if (!credentials)
		return rc_fail(err, RC_ENOMEM, "TLS: no memory");
	atomic_init(&credentials->holders, 1);
	mbedtls_ssl_config_init(&credentials->config);
	mbedtls_x509_crt_init(&credentials->chain);
	mbedtls_pk_init(&credentials->key);
	mbedtls_x509_crt_init(&credentials->client_cas);
	status = credentials_fill(credentials, identity, err);
	if (status)
		credentials_free(credentials);
	else
		*out = credentials;
	return status;
}

static void credentials_free(struct rc_tls_credentials *credentials)
{
	mbedtls_ssl_config_free(&credentials->config);
	mbedtls_x509_crt_free(&credentials->chain);
	mbedtls_pk_free(&credentials->key);
	mbedtls_x509_crt_free(&credentials->client_cas);
	free(credentials);
}

void rc_tls__release(struct rc_tls_credentials *credentials)
{
	if (atomic_fetch_sub(&credentials->holders, 1) == 1)
		credentials_free(credentials);
}

struct rc_tls_credentials *rc_tls__hold(struct rc_tls_context *context)
{
	struct rc_tls_credentials *credentials;

	pthread_mutex_lock(&context->lock);
	credentials = context->credentials;
	atomic_fetch_add(&credentials->holders, 1);
	pthread_mutex_unlock(&context->lock);
	return credentials;
}

enum rc_status rc_tls_context_new(const struct rc_tls_identity *identity,
				  struct rc_tls_context **context, struct rc_error *err)
{
	struct rc_tls_context *made = calloc(1, sizeof(*made));
	enum rc_status status;

	if (!made)
		return rc_fail(err, RC_ENOMEM, "TLS: no memory");
	status = credentials_new(identity, &made->credentials, err);
	if (!status && pthread_mutex_init(&made->lock, NULL) != 0) {
		rc_tls__release(made->credentials);
		status = rc_fail(err, RC_ENOMEM, "TLS: no mutex");
	}
	if (status)
		free(made);
	else
		*context = made;
	return status;
}

enum rc_status rc_tls_context_replace(struct rc_tls_context *context,
				      const struct rc_tls_identity *identity, struct rc_error *err)
{
	struct rc_tls_credentials *fresh = NULL, *old;
	enum rc_status status = credentials_new(identity, &fresh, err);

	if (status)
		return status;
	pthread_mutex_lock(&context->lock);
	old = context->credentials;
	context->credentials = fresh;
	pthread_mutex_unlock(&context->lock);
	rc_tls__release(old);
	return RC_OK;
}

void rc_tls_context_free(struct rc_tls_context *context)
{
	rc_tls__release(context->credentials);
	pthread_mutex_destroy(&context->lock);
	free(context);
}
