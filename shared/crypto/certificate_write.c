/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority and its leaves. Extensions that mbedTLS 2.28 has no function for, or writes with another criticality than 3.6,
 * are a few bytes of DER by hand (RFC 5280 section 4.2.1), so that both versions make the same certificate.
 */
#include "shared/base/random.h"
#include "shared/base/timestamp.h"
#include "shared/crypto/certificate_priv.h"
#include "shared/crypto/host.h"
#include "shared/crypto/key_priv.h"

#include <assert.h>
#include <stdio.h>

#define SUBJECT_CHARS (sizeof("CN=") + RC_COMMON_NAME_MAX_CHARS)

/* GeneralName in a SubjectAltName: context tags. */
#define SAN_DNS_NAME   0x82
#define SAN_IP_ADDRESS 0x87

/* What goes into an authority and into a leaf alike. */
struct plan {
	const char *common_name;
	const char *issuer_name;
	const uint8_t *serial; /* RC_CERTIFICATE_SERIAL_BYTES */
	const struct rc_validity *validity;
	mbedtls_pk_context *subject_key;
	struct rc_key *issuer_key;
	const struct rc_certificate_request *request; /* NULL for an authority */
	struct rc_bytes hosts;                        /* of a server: the SubjectAltName */
};

bool rc_crypto__is_our_name(const char *name)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._:@()-";
	const size_t size = strlen(name);

	return size > 0 && size <= RC_COMMON_NAME_MAX_CHARS && strspn(name, allowed) == size &&
	       name[0] != ' ' && name[size - 1] != ' ';
}

void rc_certificate_serial_new(uint8_t serial[RC_CERTIFICATE_SERIAL_BYTES])
{
	rc_random(serial, RC_CERTIFICATE_SERIAL_BYTES);
	serial[0] = (uint8_t)((serial[0] & 0x3Fu) | 0x40u); /* positive, and no leading zero */
}

static bool validity_is_possible(const struct rc_validity *validity)
{
	return validity->not_before_ms >= 0 && validity->not_after_ms > validity->not_before_ms &&
	       validity->not_after_ms <= RC_TIMESTAMP_MAX_MS;
}

/* YYYYMMDDhhmmss in UTC; mbedTLS makes UTCTime of it before 2050, GeneralizedTime after. */
static void time_format(int64_t at_ms, char text[32])
{
	const struct rc_civil at = rc_civil_of(at_ms, 0);

	(void)snprintf(text, 32, "%04d%02u%02u%02u%02u%02u", at.year, at.month, at.day, at.hour,
		       at.minute, at.second);
}

static int set_names_and_times(mbedtls_x509write_cert *draft, const struct plan *plan)
{
	char subject[SUBJECT_CHARS], issuer[SUBJECT_CHARS], from[32], to[32];
	int code;

	(void)snprintf(subject, sizeof(subject), "CN=%s", plan->common_name);
	(void)snprintf(issuer, sizeof(issuer), "CN=%s", plan->issuer_name);
	time_format(plan->validity->not_before_ms, from);
	time_format(plan->validity->not_after_ms, to);
	code = mbedtls_x509write_crt_set_subject_name(draft, subject);
	if (code == 0)
		code = mbedtls_x509write_crt_set_issuer_name(draft, issuer);
	if (code == 0)
		code = mbedtls_x509write_crt_set_validity(draft, from, to);
	return code;
}

#define SET_EXTENSION(draft, oid, critical, data, size)                                            \
	mbedtls_x509write_crt_set_extension(draft, oid, MBEDTLS_OID_SIZE(oid), critical, data, size)

static int set_authority(mbedtls_x509write_cert *draft)
{
	/* SEQUENCE { cA TRUE, pathLenConstraint 0 } */
	static const uint8_t constraints[] = {0x30, 0x06, 0x01, 0x01, 0xFF, 0x02, 0x01, 0x00};
	int code =
	    SET_EXTENSION(draft, MBEDTLS_OID_BASIC_CONSTRAINTS, 1, constraints, sizeof(constraints));

	if (code == 0)
		code = mbedtls_x509write_crt_set_key_usage(draft, MBEDTLS_X509_KU_KEY_CERT_SIGN |
								      MBEDTLS_X509_KU_CRL_SIGN);
	return code;
}

static int set_leaf(mbedtls_x509write_cert *draft, const struct plan *plan)
{
	static const uint8_t constraints[] = {0x30, 0x00};
	/* SEQUENCE { id-kp-… }, the last number 1 for a server, 2 for a client */
	uint8_t usage[] = {0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
	int code;

	if (plan->request->purpose == RC_CERTIFICATE_CLIENT)
		usage[sizeof(usage) - 1] = 0x02;
	code = SET_EXTENSION(draft, MBEDTLS_OID_BASIC_CONSTRAINTS, 1, constraints, sizeof(constraints));
	if (code == 0)
		code = mbedtls_x509write_crt_set_key_usage(draft, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	if (code == 0)
		code = SET_EXTENSION(draft, MBEDTLS_OID_EXTENDED_KEY_USAGE, 0, usage, sizeof(usage));
	if (code == 0 && plan->hosts.size > 0)
		code = SET_EXTENSION(draft, MBEDTLS_OID_SUBJECT_ALT_NAME, 0, plan->hosts.data,
				     plan->hosts.size);
	return code;
}

static int fill(mbedtls_x509write_cert *draft, const struct plan *plan)
{
	int code;

	mbedtls_x509write_crt_set_version(draft, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(draft, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(draft, plan->subject_key);
	mbedtls_x509write_crt_set_issuer_key(draft, &plan->issuer_key->pk);
	code = rc_crypto__set_serial(draft, plan->serial, RC_CERTIFICATE_SERIAL_BYTES);
	if (code == 0)
		code = set_names_and_times(draft, plan);
	if (code == 0)
		code = plan->request ? set_leaf(draft, plan) : set_authority(draft);
	if (code == 0)
		code = mbedtls_x509write_crt_set_subject_key_identifier(draft);
	if (code == 0)
		code = mbedtls_x509write_crt_set_authority_key_identifier(draft);
	return code;
}

/* The caller holds the issuer's lock. */
static enum rc_status write_planned(const struct plan *plan, struct rc_buf *der, struct rc_error *err)
{
	uint8_t bytes[RC_CERTIFICATE_MAX_BYTES];
	mbedtls_x509write_cert draft;
	int code;

	mbedtls_x509write_crt_init(&draft);
	code = fill(&draft, plan);
	if (code == 0)
		code = mbedtls_x509write_crt_der(&draft, bytes, sizeof(bytes), rc_crypto__rng, NULL);
	mbedtls_x509write_crt_free(&draft);
	if (code < 0)
		return rc_fail(err, rc_crypto__status(code, RC_EBUG),
			       "can't write the certificate (mbedTLS -0x%04x)", (unsigned)-code);
	rc_buf_append(der, bytes + sizeof(bytes) - code, (size_t)code);
	return rc_buf_status(der, err);
}

enum rc_status rc_ca_create(struct rc_key *key, const char *common_name,
			    const struct rc_validity *validity, struct rc_buf *der, struct rc_error *err)
{
	uint8_t serial[RC_CERTIFICATE_SERIAL_BYTES];
	enum rc_status status;
	struct plan plan = {
	    .common_name = common_name,
	    .issuer_name = common_name,
	    .serial = serial,
	    .validity = validity,
	    .issuer_key = key,
	};

	assert(key);
	plan.subject_key = &key->pk;
	if (!rc_crypto__is_our_name(common_name))
		return rc_fail(err, RC_EUSAGE, "not a common name we can use");
	if (!validity_is_possible(validity))
		return rc_fail(err, RC_EUSAGE, "an impossible time of validity");
	rc_certificate_serial_new(serial);
	(void)pthread_mutex_lock(&key->lock);
	status = write_planned(&plan, der, err);
	(void)pthread_mutex_unlock(&key->lock);
	return status;
}

/* Puts a tag and a DER length (RFC 5280 wants the shortest form) in front of what follows. */
static void append_head(struct rc_buf *der, uint8_t tag, size_t size)
{
	const uint8_t head[] = {tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size};

	rc_buf_append(der, head, 1);
	if (size >= 0x100)
		rc_buf_append(der, head + 1, 3);
	else if (size >= 0x80)
		rc_buf_append(der, (const uint8_t[]){0x81, (uint8_t)size}, 2);
	else
		rc_buf_append(der, head + 3, 1);
}

static enum rc_status append_host(struct rc_buf *names, const char *host, struct rc_error *err)
{
	const struct rc_bytes text = rc_bytes_of_text(host);
	uint8_t address[16];
	const enum rc_host kind = rc_host_read(text, address);
	const size_t address_size = kind == RC_HOST_IPV4 ? 4 : 16;

	if (kind == RC_HOST_INVALID)
		return rc_fail(err, RC_EUSAGE, "not a host name or address");
	if (kind == RC_HOST_NAME) {
		append_head(names, SAN_DNS_NAME, text.size);
		rc_buf_append_bytes(names, text);
	} else {
		append_head(names, SAN_IP_ADDRESS, address_size);
		rc_buf_append(names, address, address_size);
	}
	return RC_OK;
}

static enum rc_status hosts_write(const struct rc_certificate_request *request, struct rc_buf *der,
				  struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf names;
	enum rc_status status;

	rc_buf_init(&names, RC_CERTIFICATE_MAX_BYTES);
	for (size_t i = 0; i < request->host_count; i++) {
		status = append_host(&names, request->hosts[i], err);
		if (status != RC_OK)
			return status;
	}
	if (names.size == 0)
		return rc_buf_status(&names, err);
	append_head(der, 0x30, names.size);
	rc_buf_append_bytes(der, rc_buf_bytes(&names));
	return names.status != RC_OK ? rc_buf_status(&names, err) : rc_buf_status(der, err);
}

static enum rc_status request_check(const struct rc_certificate_request *request, struct rc_error *err)
{
	const bool is_server = request->purpose == RC_CERTIFICATE_SERVER;

	if (!rc_crypto__is_our_name(request->common_name))
		return rc_fail(err, RC_EUSAGE, "not a common name we can use");
	if (!validity_is_possible(&request->validity))
		return rc_fail(err, RC_EUSAGE, "an impossible time of validity");
	if (request->serial[0] == 0 || request->serial[0] > 0x7F)
		return rc_fail(err, RC_EUSAGE, "a serial that isn't positive or begins with zero");
	if (is_server ? request->host_count == 0 || request->host_count > RC_CERTIFICATE_HOSTS_MAX
		      : request->host_count != 0)
		return rc_fail(err, RC_EUSAGE, "a server has 1 … %u names, a client none",
			       RC_CERTIFICATE_HOSTS_MAX);
	return RC_OK;
}

/* What the authority's own certificate must say before it signs anything. */
static enum rc_status authority_check(struct rc_key *ca_key, struct rc_bytes ca_der,
				      const struct rc_certificate_request *request,
				      struct rc_certificate *ca, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf of_certificate, of_key;
	struct rc_error unread;
	enum rc_status status;

	rc_buf_init(&of_certificate, RC_KEY_PUBLIC_DER_BYTES);
	rc_buf_init(&of_key, RC_KEY_PUBLIC_DER_BYTES);
	if (rc_certificate_read(ca_der, ca, &unread) != RC_OK ||
	    rc_certificate_is_signed_by(ca_der, ca_der, &unread) != RC_OK ||
	    rc_certificate_public_der(ca_der, &of_certificate, &unread) != RC_OK ||
	    !rc_crypto__is_our_name(ca->common_name))
		return rc_fail(err, RC_EUSAGE, "not an authority of ours");
	status = rc_key_public_der(ca_key, &of_key, err);
	if (status != RC_OK)
		return status;
	if (!rc_bytes_equal(rc_buf_bytes(&of_certificate), rc_buf_bytes(&of_key)))
		return rc_fail(err, RC_EUSAGE, "the authority's key and certificate don't fit");
	if (request->validity.not_before_ms < ca->validity.not_before_ms ||
	    request->validity.not_after_ms > ca->validity.not_after_ms)
		return rc_fail(err, RC_EUSAGE, "valid outside the authority's own time");
	return RC_OK;
}

static enum rc_status issue_planned(struct plan *plan, struct rc_buf *der, struct rc_error *err)
{
	mbedtls_pk_context subject;
	enum rc_status status = rc_crypto__public_read(plan->request->public_der, &subject);

	if (status != RC_OK)
		return rc_fail(err, status, "not a public key of curve P-256");
	plan->subject_key = &subject;
	(void)pthread_mutex_lock(&plan->issuer_key->lock);
	status = write_planned(plan, der, err);
	(void)pthread_mutex_unlock(&plan->issuer_key->lock);
	mbedtls_pk_free(&subject);
	return status;
}

enum rc_status rc_certificate_issue(struct rc_key *ca_key, struct rc_bytes ca_der,
				    const struct rc_certificate_request *request,
				    struct rc_buf *der, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf made, hosts;
	struct rc_certificate ca;
	struct plan plan;
	enum rc_status status;

	rc_buf_init(&made, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&hosts, RC_CERTIFICATE_MAX_BYTES);
	assert(ca_key);
	status = request_check(request, err);
	if (status == RC_OK)
		status = authority_check(ca_key, ca_der, request, &ca, err);
	if (status == RC_OK)
		status = hosts_write(request, &hosts, err);
	if (status != RC_OK)
		return status;
	plan = (struct plan){
	    .common_name = request->common_name,
	    .issuer_name = ca.common_name,
	    .serial = request->serial,
	    .validity = &request->validity,
	    .issuer_key = ca_key,
	    .request = request,
	    .hosts = rc_buf_bytes(&hosts),
	};
	status = issue_planned(&plan, &made, err);
	if (status != RC_OK)
		return status;
	/* An authority whose subject is more than a CN of ours would not be the issuer that the leaf now names. */
	if (rc_certificate_is_signed_by(rc_buf_bytes(&made), ca_der, NULL) != RC_OK)
		return rc_fail(err, RC_EUSAGE, "not an authority of ours");
	rc_buf_append_bytes(der, rc_buf_bytes(&made));
	return rc_buf_status(der, err);
}
