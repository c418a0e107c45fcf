/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of a client certificate that the rest of the server works with. The chain has been judged by then; what is looked
 * at here is whether the certificate is of the shape that our CA signs: one CN of printable ASCII, a serial of ordinary size.
 */
#include "server/tls/tls_priv.h"

#include "shared/base/timestamp.h"

static bool is_common_name(const mbedtls_x509_name *name)
{
	return MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0;
}

static bool is_printable(const mbedtls_x509_buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->p[i] < 0x20 || text->p[i] > 0x7e)
			return false;
	return text->len > 0;
}

static enum rc_status read_name(const mbedtls_x509_crt *certificate, struct rc_tls_peer *peer,
				struct rc_error *err)
{
	const mbedtls_x509_name *found = NULL;

	for (const mbedtls_x509_name *name = &certificate->subject; name; name = name->next) {
		if (!name->oid.p || !is_common_name(name))
			continue;
		if (found)
			return rc_fail(err, RC_EDENIED, "client certificate with two names");
		found = name;
	}
	if (!found || !is_printable(&found->val) ||
	    !rc_bytes_copy_text(rc_bytes_of(found->val.p, found->val.len), peer->name, sizeof(peer->name)))
		return rc_fail(err, RC_EDENIED, "client certificate without a usable name");
	return RC_OK;
}

static enum rc_status read_serial(const mbedtls_x509_crt *certificate, struct rc_tls_peer *peer,
				  struct rc_error *err)
{
	const uint8_t *octets = certificate->serial.p;
	size_t size = certificate->serial.len;

	for (; size > 1 && octets[0] == 0; size--)
		octets++;
	if (size == 0 || size > sizeof(peer->serial))
		return rc_fail(err, RC_EDENIED, "client certificate with a serial of %zu octets", size);
	memcpy(peer->serial, octets, size);
	peer->serial_size = size;
	return RC_OK;
}

static enum rc_status read_end(const mbedtls_x509_time *end, int64_t *at_ms, struct rc_error *err)
{
	const struct rc_civil civil = {
	    .year = end->year,
	    .month = (unsigned)end->mon,
	    .day = (unsigned)end->day,
	    .hour = (unsigned)end->hour,
	    .minute = (unsigned)end->min,
	    .second = (unsigned)end->sec,
	};

	if (rc_civil_to_ms(&civil, 0, at_ms) != RC_OK)
		return rc_fail(err, RC_EDENIED, "client certificate with an impossible end date");
	return RC_OK;
}

enum rc_status rc_tls__peer_read(const mbedtls_x509_crt *certificate, bool is_expired,
				 struct rc_tls_peer *peer, struct rc_error *err)
{
	enum rc_status status = read_name(certificate, peer, err);

	if (!status)
		status = read_serial(certificate, peer, err);
	if (!status)
		status = read_end(&certificate->valid_to, &peer->not_after_ms, err);
	if (status)
		return status;
	peer->is_expired = is_expired;
	peer->der = rc_bytes_of(certificate->raw.p, certificate->raw.len);
	if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), certificate->raw.p,
		       certificate->raw.len, peer->sha256) != 0)
		return rc_fail(err, RC_EBUG, "SHA-256 is not to be had");
	return RC_OK;
}
