/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a peer or a file holds comes in here; mbedTLS parses, this file refuses what it is lenient about. */
#include "shared/base/timestamp.h"
#include "shared/base/utf8.h"
#include "shared/crypto/certificate_priv.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/key_priv.h"

enum rc_status rc_crypto__certificate_parse(struct rc_bytes der, mbedtls_x509_crt *parsed,
					    struct rc_error *err)
{
	int code;

	if (der.size > RC_CERTIFICATE_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "more than %u bytes", RC_CERTIFICATE_MAX_BYTES);
	if (der.size == 0)
		return rc_fail(err, RC_EFORMAT, "no certificate");
	mbedtls_x509_crt_init(parsed);
	code = mbedtls_x509_crt_parse_der(parsed, der.data, der.size);
	if (code == 0 && parsed->raw.len == der.size)
		return RC_OK;
	mbedtls_x509_crt_free(parsed);
	if (code == 0)
		return rc_fail(err, RC_EFORMAT, "bytes behind the certificate");
	return rc_fail(err, rc_crypto__status(code, RC_EFORMAT), "no certificate (mbedTLS -0x%04x)",
		       (unsigned)-code);
}

static bool is_printable(struct rc_bytes text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < 0x20 || text.data[i] == 0x7F)
			return false;
	}
	return rc_utf8_is_valid(text);
}

enum rc_status rc_crypto__common_name(const mbedtls_x509_name *subject,
				      char name[RC_COMMON_NAME_MAX_CHARS + 1])
{
	char found[RC_COMMON_NAME_MAX_CHARS + 1] = "";

	for (const mbedtls_x509_name *part = subject; part; part = part->next) {
		const struct rc_bytes value = rc_bytes_of(part->val.p, part->val.len);

		if (!part->oid.p || MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) != 0)
			continue;
		if (found[0] != '\0' || value.size == 0 || !is_printable(value) ||
		    !rc_bytes_copy_text(value, found, sizeof(found)))
			return RC_EFORMAT;
	}
	memcpy(name, found, sizeof(found));
	return RC_OK;
}

static enum rc_status time_read(const mbedtls_x509_time *time, int64_t *at_ms)
{
	const struct rc_civil civil = {
	    .year = time->year,
	    .month = (unsigned)time->mon,
	    .day = (unsigned)time->day,
	    .hour = (unsigned)time->hour,
	    .minute = (unsigned)time->min,
	    .second = (unsigned)time->sec,
	};

	return rc_civil_to_ms(&civil, 0, at_ms);
}

static enum rc_status serial_read(const mbedtls_x509_buf *from, struct rc_certificate *to)
{
	size_t zeros = 0;

	while (zeros < from->len && from->p[zeros] == 0)
		zeros++;
	if (from->len - zeros > sizeof(to->serial))
		return RC_EFORMAT;
	to->serial_size = from->len - zeros;
	if (to->serial_size > 0)
		memcpy(to->serial, from->p + zeros, to->serial_size);
	return RC_OK;
}

static enum rc_status fields_read(const mbedtls_x509_crt *parsed, struct rc_certificate *to,
				  struct rc_error *err)
{
	if (rc_crypto__common_name(&parsed->subject, to->common_name) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a common name that can't be taken");
	if (serial_read(&parsed->serial, to) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a serial of more than %u bytes",
			       RC_CERTIFICATE_SERIAL_MAX_BYTES);
	if (time_read(&parsed->valid_from, &to->validity.not_before_ms) != RC_OK ||
	    time_read(&parsed->valid_to, &to->validity.not_after_ms) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a time that doesn't exist or is before 1970");
	return RC_OK;
}

enum rc_status rc_certificate_read(struct rc_bytes der, struct rc_certificate *certificate,
				   struct rc_error *err)
{
	struct rc_certificate read = {0};
	mbedtls_x509_crt parsed;
	enum rc_status status = rc_crypto__certificate_parse(der, &parsed, err);

	if (status != RC_OK)
		return status;
	status = fields_read(&parsed, &read, err);
	mbedtls_x509_crt_free(&parsed);
	if (status != RC_OK)
		return status;
	rc_sha256(der, read.sha256);
	*certificate = read;
	return RC_OK;
}

enum rc_status rc_certificate_public_der(struct rc_bytes der, struct rc_buf *public_der,
					 struct rc_error *err)
{
	uint8_t bytes[RC_KEY_PUBLIC_DER_BYTES];
	mbedtls_x509_crt parsed;
	enum rc_status status = rc_crypto__certificate_parse(der, &parsed, err);

	if (status != RC_OK)
		return status;
	status = rc_crypto__public_write(&parsed.pk, bytes);
	mbedtls_x509_crt_free(&parsed);
	if (status != RC_OK)
		return rc_fail(err, status, "the certificate's key isn't of curve P-256");
	rc_buf_append(public_der, bytes, sizeof(bytes));
	return rc_buf_status(public_der, err);
}

/* mbedTLS looks at the system's clock as well, and says so in flags of their own; they are for others to judge. */
static enum rc_status verify(mbedtls_x509_crt *leaf, mbedtls_x509_crt *ca, struct rc_error *err)
{
	const uint32_t times = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
	uint32_t flags = 0;
	int code = mbedtls_x509_crt_verify(leaf, ca, NULL, NULL, &flags, NULL, NULL);

	if (code != 0 && code != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return rc_fail(err, rc_crypto__status(code, RC_EDENIED),
			       "can't verify (mbedTLS -0x%04x)", (unsigned)-code);
	if ((flags & ~times) != 0)
		return rc_fail(err, RC_EDENIED, "not signed by that authority (0x%x)", flags);
	return RC_OK;
}

enum rc_status rc_certificate_is_signed_by(struct rc_bytes der, struct rc_bytes ca_der,
					   struct rc_error *err)
{
	mbedtls_x509_crt leaf, ca;
	enum rc_status status = rc_crypto__certificate_parse(der, &leaf, err);

	if (status != RC_OK)
		return status;
	status = rc_crypto__certificate_parse(ca_der, &ca, err);
	if (status == RC_OK) {
		if (ca.MBEDTLS_PRIVATE(ca_istrue))
			status = verify(&leaf, &ca, err);
		else
			status = rc_fail(err, RC_EDENIED, "that is no authority");
		mbedtls_x509_crt_free(&ca);
	}
	mbedtls_x509_crt_free(&leaf);
	return status;
}
