/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests, both ways. mbedTLS parses a request without looking at its signature, so whoever sent another's public key would
 * get a certificate for it: the proof that the sender holds the key is checked here.
 */
#include "shared/crypto/certificate_priv.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/key_priv.h"
#include "shared/crypto/pem.h"

#include <assert.h>
#include <stdio.h>

static int write_request(struct rc_key *key, const char *subject, uint8_t *der, size_t size)
{
	mbedtls_x509write_csr draft;
	int code;

	mbedtls_x509write_csr_init(&draft);
	mbedtls_x509write_csr_set_md_alg(&draft, MBEDTLS_MD_SHA256);
	mbedtls_x509write_csr_set_key(&draft, &key->pk);
	code = mbedtls_x509write_csr_set_subject_name(&draft, subject);
	if (code == 0)
		code = mbedtls_x509write_csr_der(&draft, der, size, rc_crypto__rng, NULL);
	mbedtls_x509write_csr_free(&draft);
	return code;
}

enum rc_status rc_csr_create(struct rc_key *key, const char *common_name, struct rc_buf *der,
			     struct rc_error *err)
{
	char subject[sizeof("CN=") + RC_COMMON_NAME_MAX_CHARS];
	uint8_t bytes[1024];
	int written;

	assert(key);
	if (!rc_crypto__is_our_name(common_name))
		return rc_fail(err, RC_EUSAGE, "not a common name we can use");
	(void)snprintf(subject, sizeof(subject), "CN=%s", common_name);
	(void)pthread_mutex_lock(&key->lock);
	written = write_request(key, subject, bytes, sizeof(bytes));
	(void)pthread_mutex_unlock(&key->lock);
	if (written < 0)
		return rc_fail(err, rc_crypto__status(written, RC_EBUG),
			       "can't write the request (mbedTLS -0x%04x)", (unsigned)-written);
	rc_buf_append(der, bytes + sizeof(bytes) - written, (size_t)written);
	return rc_buf_status(der, err);
}

static bool proof_holds(mbedtls_x509_csr *parsed)
{
	const mbedtls_x509_buf *proof = &parsed->MBEDTLS_PRIVATE(sig);
	uint8_t hash[RC_SHA256_BYTES];

	rc_sha256(rc_bytes_of(parsed->cri.p, parsed->cri.len), hash);
	return mbedtls_pk_verify(&parsed->pk, MBEDTLS_MD_SHA256, hash, sizeof(hash), proof->p,
				 proof->len) == 0;
}

static enum rc_status fields_read(mbedtls_x509_csr *parsed, struct rc_csr *csr, struct rc_error *err)
{
	if (parsed->MBEDTLS_PRIVATE(sig_md) != MBEDTLS_MD_SHA256 ||
	    parsed->MBEDTLS_PRIVATE(sig_pk) != MBEDTLS_PK_ECDSA ||
	    rc_crypto__public_write(&parsed->pk, csr->public_der) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "not a P-256 key with SHA-256");
	if (rc_crypto__common_name(&parsed->subject, csr->common_name) != RC_OK ||
	    !rc_crypto__is_our_name(csr->common_name))
		return rc_fail(err, RC_EFORMAT, "a common name that can't be taken");
	if (!proof_holds(parsed))
		return rc_fail(err, RC_EDENIED, "the sender doesn't hold the key");
	return RC_OK;
}

static enum rc_status read_der(struct rc_bytes der, struct rc_csr *csr, struct rc_error *err)
{
	struct rc_csr read = {0};
	mbedtls_x509_csr parsed;
	enum rc_status status;
	int code;

	mbedtls_x509_csr_init(&parsed);
	code = mbedtls_x509_csr_parse_der(&parsed, der.data, der.size);
	if (code != 0)
		status = rc_fail(err, rc_crypto__status(code, RC_EFORMAT),
				 "no request (mbedTLS -0x%04x)", (unsigned)-code);
	else if (parsed.raw.len != der.size)
		status = rc_fail(err, RC_EFORMAT, "bytes behind the request");
	else
		status = fields_read(&parsed, &read, err);
	mbedtls_x509_csr_free(&parsed);
	if (status == RC_OK)
		*csr = read;
	return status;
}

enum rc_status rc_csr_read(struct rc_bytes der_or_pem, struct rc_csr *csr, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	enum rc_status status;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	if (der_or_pem.size == 0)
		return rc_fail(err, RC_EFORMAT, "no request");
	if (der_or_pem.size > RC_CERTIFICATE_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "more than %u bytes", RC_CERTIFICATE_MAX_BYTES);
	if (der_or_pem.data[0] == (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE))
		return read_der(der_or_pem, csr, err);
	status = rc_pem_decode(RC_PEM_CSR, der_or_pem, &der, NULL, err);
	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_EFORMAT, "neither DER nor PEM of a request");
	return status == RC_OK ? read_der(rc_buf_bytes(&der), csr, err) : status;
}
