/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/sync/certify.h"

#include "shared/crypto/certificate.h"
#include "shared/crypto/pem.h"

/* The subject of the request is a placeholder: the server gives the kiosk its id. */
#define REQUEST_NAME "rollcall-kiosk"

enum rc_status rc_certify_request(struct rc_key *key, char csr_pem[RC_DEVICE_PEM_MAX_BYTES],
				  struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der, pem;
	enum rc_status status;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&pem, RC_DEVICE_PEM_MAX_BYTES - 1);
	status = rc_csr_create(key, REQUEST_NAME, &der, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CSR, rc_buf_bytes(&der), &pem, err);
	if (status == RC_OK && !rc_text_copy(rc_buf_text(&pem), csr_pem, RC_DEVICE_PEM_MAX_BYTES))
		status = rc_fail(err, RC_EBUG, "a request is longer than its field");
	return status;
}

static enum rc_status check_signed_by_one(const struct rc_device_enrol_answer *answer,
					  struct rc_bytes certificate_der, struct rc_error *err)
{
	enum rc_status status = RC_EDENIED;

	for (size_t i = 0; status != RC_OK && i < answer->ca_count; i++) {
		RC_AUTO(rc_buf_deinit) struct rc_buf ca_der;

		rc_buf_init(&ca_der, RC_CERTIFICATE_MAX_BYTES);
		status = rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer->ca_pem[i]),
				       &ca_der, NULL, err);
		if (status == RC_OK)
			status =
			    rc_certificate_is_signed_by(certificate_der, rc_buf_bytes(&ca_der), err);
	}
	return status;
}

static enum rc_status check_key(struct rc_bytes certificate_der, struct rc_key *key, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf ours, theirs;
	enum rc_status status;

	rc_buf_init(&ours, RC_KEY_PUBLIC_DER_BYTES);
	rc_buf_init(&theirs, RC_KEY_PUBLIC_DER_BYTES);
	status = rc_certificate_public_der(certificate_der, &theirs, err);
	if (status == RC_OK)
		status = rc_key_public_der(key, &ours, err);
	if (status == RC_OK && !rc_bytes_equal(rc_buf_bytes(&ours), rc_buf_bytes(&theirs)))
		status = rc_fail(err, RC_EFORMAT, "the certificate is for another key");
	return status;
}

static enum rc_status check(const struct rc_device_enrol_answer *answer, struct rc_bytes ca_der,
			    struct rc_key *key, struct rc_bytes certificate_der, struct rc_error *err)
{
	struct rc_certificate certificate;
	char kiosk[RC_ID_CHARS + 1];
	enum rc_status status = rc_certificate_read(certificate_der, &certificate, err);

	rc_id_format(&answer->kiosk, kiosk);
	if (status == RC_OK && strcmp(certificate.common_name, kiosk) != 0)
		status = rc_fail(err, RC_EFORMAT, "the certificate is not for this kiosk");
	if (status == RC_OK)
		status = check_key(certificate_der, key, err);
	if (status != RC_OK)
		return status;
	return ca_der.size > 0 ? rc_certificate_is_signed_by(certificate_der, ca_der, err)
			       : check_signed_by_one(answer, certificate_der, err);
}

enum rc_status rc_certify_take(const struct rc_device_enrol_answer *answer, struct rc_bytes ca_der,
			       struct rc_identity *identity, struct rc_error *err)
{
	enum rc_status status =
	    rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer->certificate_pem),
			  &identity->certificate_der, NULL, err);

	if (status == RC_OK)
		status = check(answer, ca_der, identity->key,
			       rc_buf_bytes(&identity->certificate_der), err);
	if (status != RC_OK)
		return status;
	identity->kiosk = answer->kiosk;
	identity->organisation = answer->organisation;
	identity->room = answer->room;
	identity->issued_ms = answer->time_ms;
	memcpy(identity->site, answer->site, sizeof(identity->site));
	for (size_t i = 0; i < answer->ca_count; i++)
		rc_buf_append_text(&identity->ca_pem, answer->ca_pem[i]);
	return rc_buf_status(&identity->ca_pem, err);
}
