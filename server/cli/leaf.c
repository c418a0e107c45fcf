/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/leaf.h"

#include "shared/credentials/credential.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/host.h"

#define BEGINS_MS INT64_C(1577836800000) /* 2020-01-01: boards boot with any clock */

struct leaf {
	struct rc_buf der;
	struct rc_buf key_pem;
};

static void leaf_deinit(struct leaf *leaf)
{
	rc_buf_deinit(&leaf->der);
	if (leaf->key_pem.data)
		rc_wipe(leaf->key_pem.data, leaf->key_pem.size);
	rc_buf_deinit(&leaf->key_pem);
}

/* The names of a listener that kiosks reach by `host`. One on loopback goes by any of loopback's names. */
static size_t list_hosts(const char *host, const char *hosts[4])
{
	static const char *const loopback[] = {"localhost", "127.0.0.1", "::1"};
	bool is_loopback = false;
	size_t count = 0;

	for (size_t i = 0; i < 3; i++)
		is_loopback = is_loopback || strcmp(host, loopback[i]) == 0;
	if (!is_loopback) {
		hosts[0] = host;
		return 1;
	}
	for (; count < 3; count++)
		hosts[count] = loopback[count];
	return count;
}

static enum rc_status issue(const struct rc_secrets *secrets, const char *host, int64_t now_ms,
			    struct leaf *leaf, struct rc_error *err)
{
	const char *hosts[4];
	RC_AUTO(rc_key_free_p) struct rc_key *key = NULL;
	RC_AUTO(rc_buf_deinit) struct rc_buf public_der;
	struct rc_certificate_request request = {
	    .common_name = "rollcall device listener",
	    .validity = {.not_before_ms = BEGINS_MS, .not_after_ms = now_ms + RC_LEAF_MS},
	    .purpose = RC_CERTIFICATE_SERVER,
	    .hosts = hosts,
	    .host_count = list_hosts(host, hosts),
	};
	enum rc_status status = rc_key_new(&key, err);

	rc_buf_init(&public_der, RC_KEY_PUBLIC_DER_BYTES);
	rc_certificate_serial_new(request.serial);
	if (status == RC_OK)
		status = rc_key_public_der(key, &public_der, err);
	request.public_der = rc_buf_bytes(&public_der);
	if (status == RC_OK)
		status = rc_certificate_issue(secrets->ca_key, rc_buf_bytes(&secrets->ca_der),
					      &request, &leaf->der, err);
	return status == RC_OK ? rc_key_save_pem(key, &leaf->key_pem, err) : status;
}

static enum rc_status make(const struct rc_secrets *secrets, const char *url, int64_t now_ms,
			   struct leaf *leaf, struct rc_error *err)
{
	char host[RC_HOST_MAX_CHARS + 1];
	struct rc_bytes text;
	uint16_t port;

	rc_buf_init(&leaf->der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&leaf->key_pem, RC_KEY_PEM_MAX_BYTES);
	if (!secrets->ca_key)
		return rc_fail(
		    err, RC_EDENIED, "secrets/ca.key is missing: without it there is no certificate for the device listener");
	if (!rc_enrol_url_split(rc_bytes_of_text(url), &text, &port) ||
	    !rc_bytes_copy_text(text, host, sizeof(host)))
		return rc_fail(err, RC_EUSAGE, "device.url %s is no https://HOST:PORT", url);
	return issue(secrets, host, now_ms, leaf, err);
}

/* `ca` is the caller's, because an identity only points at it. */
static struct rc_tls_identity identity_of(const struct leaf *leaf, const struct rc_bytes *ca)
{
	return (struct rc_tls_identity){
	    .certificates = rc_buf_bytes(&leaf->der),
	    .key = rc_buf_bytes(&leaf->key_pem),
	    .client_cas = ca,
	    .client_ca_count = 1,
	};
}

enum rc_status rc_leaf_context_new(const struct rc_secrets *secrets, const char *url, int64_t now_ms,
				   struct rc_tls_context **context, struct rc_error *err)
{
	RC_AUTO(leaf_deinit) struct leaf leaf;
	const struct rc_bytes ca = rc_buf_bytes(&secrets->ca_der);
	enum rc_status status = make(secrets, url, now_ms, &leaf, err);
	struct rc_tls_identity identity = identity_of(&leaf, &ca);

	if (status == RC_OK)
		status = rc_tls_context_new(&identity, context, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "the device listener's certificate");
}

enum rc_status rc_leaf_context_renew(const struct rc_secrets *secrets, const char *url, int64_t now_ms,
				     struct rc_tls_context *context, struct rc_error *err)
{
	RC_AUTO(leaf_deinit) struct leaf leaf;
	const struct rc_bytes ca = rc_buf_bytes(&secrets->ca_der);
	enum rc_status status = make(secrets, url, now_ms, &leaf, err);
	struct rc_tls_identity identity = identity_of(&leaf, &ca);

	if (status == RC_OK)
		status = rc_tls_context_replace(context, &identity, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "the device listener's certificate");
}
