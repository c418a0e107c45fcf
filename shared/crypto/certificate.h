/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CRYPTO_CERTIFICATE_H
#define RC_CRYPTO_CERTIFICATE_H
/*
 * X.509 as far as rollcall needs it: a certificate authority of its own, requests (PKCS #10), leaves for kiosks and for the
 * device listener, and what a certificate says. P-256 and SHA-256 only. TLS itself and the judging of a peer's chain are
 * server/tls and libcurl.
 *
 * DER goes in and out; pem.h turns it. Times are Unix milliseconds, cut to whole seconds because X.509 knows no less. Names
 * are one CN of 1 … 64 characters out of A-Z a-z 0-9 space . _ : @ ( ) and -, neither beginning nor ending with a space:
 * other letters get lost on the way through TLS libraries. No clock in here: the caller says from when to when. Any thread.
 */
#include "shared/crypto/key.h"

#define RC_COMMON_NAME_MAX_CHARS    64u /* X.520 ub-common-name */
#define RC_CERTIFICATE_SERIAL_BYTES 16u /* of what we issue */
#define RC_CERTIFICATE_SERIAL_MAX_BYTES                                                            \
	20u                            /* of what anybody may issue: RFC 5280 section 4.1.2.2 */
#define RC_CERTIFICATE_MAX_BYTES 8192u /* DER; longer ones aren't looked at */
#define RC_CERTIFICATE_HOSTS_MAX 16u

/* --- Requests ------------------------------------------------------------------------------------------------------- */

struct rc_csr {
	uint8_t public_der[RC_KEY_PUBLIC_DER_BYTES];
	char common_name[RC_COMMON_NAME_MAX_CHARS + 1];
};

/* Appends the DER of a request signed by `key`. RC_EUSAGE: the name; RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_csr_create(struct rc_key *key, const char *common_name,
					struct rc_buf *der, struct rc_error *err);

/* Reads a request, DER or PEM. RC_EFORMAT: no request, another kind of key or hash, a name we don't take, bytes behind the
 * end; RC_EDENIED: the sender doesn't hold the key (its own signature fails); RC_ELIMIT: over RC_CERTIFICATE_MAX_BYTES. */
RC_CHECKED enum rc_status rc_csr_read(struct rc_bytes der_or_pem, struct rc_csr *csr,
				      struct rc_error *err);

/* --- Issuing -------------------------------------------------------------------------------------------------------- */

struct rc_validity {
	int64_t not_before_ms;
	int64_t not_after_ms; /* the last moment of it, at most the year 9999 */
};

enum rc_certificate_purpose {
	RC_CERTIFICATE_CLIENT, /* a kiosk: extended key usage clientAuth */
	RC_CERTIFICATE_SERVER, /* the device listener: serverAuth, and the names it is reached by */
};

struct rc_certificate_request {
	struct rc_bytes public_der; /* whom it is for; borrowed */
	const char *common_name;
	uint8_t serial[RC_CERTIFICATE_SERIAL_BYTES]; /* rc_certificate_serial_new; first byte 0x01 … 0x7f */
	struct rc_validity validity;
	enum rc_certificate_purpose purpose;
	const char *const *hosts; /* DNS names, IPv4 and IPv6 addresses as text; for SERVER only, at least one */
	size_t host_count; /* at most RC_CERTIFICATE_HOSTS_MAX */
};

/* A random positive serial whose DER is always RC_CERTIFICATE_SERIAL_BYTES long. */
void rc_certificate_serial_new(uint8_t serial[RC_CERTIFICATE_SERIAL_BYTES]);

/* Appends the DER of a self-signed authority (no authorities below it). RC_EUSAGE: name or times; RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_ca_create(struct rc_key *key, const char *common_name,
				       const struct rc_validity *validity, struct rc_buf *der,
				       struct rc_error *err);

/* Appends the DER of a leaf. RC_EUSAGE: `ca_der` is no authority made by rc_ca_create or not that key's, or a field of the
 * request is out of its range; RC_EFORMAT: the public key; RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_certificate_issue(struct rc_key *ca_key, struct rc_bytes ca_der,
					       const struct rc_certificate_request *request,
					       struct rc_buf *der, struct rc_error *err);

/* --- Reading -------------------------------------------------------------------------------------------------------- */

struct rc_certificate {
	uint8_t serial[RC_CERTIFICATE_SERIAL_MAX_BYTES]; /* big-endian, without leading zeros */
	size_t serial_size;
	char common_name[RC_COMMON_NAME_MAX_CHARS + 1]; /* UTF-8 without control characters; "" if it has none */
	struct rc_validity validity;
	uint8_t sha256[32]; /* of the DER */
};

/* Reads one certificate, whoever issued it; checks no signature and no time. RC_EFORMAT: none, bytes behind the end, a serial
 * or name over its limit, NUL or control characters in the name; RC_ELIMIT: over RC_CERTIFICATE_MAX_BYTES. */
RC_CHECKED enum rc_status rc_certificate_read(struct rc_bytes der, struct rc_certificate *certificate,
					      struct rc_error *err);

/* Appends the public key in it (SubjectPublicKeyInfo). RC_EFORMAT as above or if it isn't P-256. */
RC_CHECKED enum rc_status rc_certificate_public_der(struct rc_bytes der, struct rc_buf *public_der,
						    struct rc_error *err);

/* RC_OK if `ca_der` is an authority and signed `der`; times and purposes aren't looked at. RC_EDENIED if not, RC_EFORMAT. */
RC_CHECKED enum rc_status rc_certificate_is_signed_by(struct rc_bytes der, struct rc_bytes ca_der,
						      struct rc_error *err);

#endif
