/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CREDENTIALS_CREDENTIAL_H
#define RC_CREDENTIALS_CREDENTIAL_H
/*
 * What a QR payload is, and what may be derived from it.
 *
 * RC1: a printed badge, `RC1:` + 26 characters of base32 (130 random bits, nothing about the person). Two values are derived
 * with HKDF-SHA256 (RFC 5869; salt = the organisation's id): `find` names the credential in rosters and facts, `open` is the
 * key that opens what the roster holds for it. Who has only a roster has neither code nor name.
 * RCE1: an enrolment code for a kiosk, `RCE1:` + base45(version ‖ SHA-256 of the CA's DER ‖ code ‖ device URL).
 * Other prefixes of ours (RC2, RCA1) are known by name only. Pure but for rc_badge_code_new; any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/id.h"
#include "shared/base/status.h"

#define RC_BADGE_CODE_CHARS     26u
#define RC_BADGE_TEXT_CHARS     30u /* "RC1:" and the code */
#define RC_FIND_BYTES           16u
#define RC_OPEN_BYTES           32u
#define RC_ENROL_CODE_BYTES     16u
#define RC_ENROL_URL_MAX_CHARS  200u
#define RC_ENROL_TEXT_MAX_CHARS (5u + (1u + 32u + 16u + 200u) * 3u / 2u + 2u)

enum rc_payload_class {
	RC_PAYLOAD_RC1, /* a badge, well-formed */
	RC_PAYLOAD_RC2, /* a phone's moving code, by prefix only: judged malformed until it is read */
	RC_PAYLOAD_RCA1,    /* an answer card, by prefix only */
	RC_PAYLOAD_RCE1,    /* an enrolment code, well-formed */
	RC_PAYLOAD_FOREIGN, /* anything else, malformed codes of ours included */
};

/* The name in facts: "rc1" … "foreign". */
const char *rc_payload_class_name(enum rc_payload_class class);

struct rc_badge_code {
	char text[RC_BADGE_CODE_CHARS + 1]; /* secret: wipe it when done */
};

struct rc_enrol_code {
	uint8_t ca_sha256[32];
	uint8_t code[RC_ENROL_CODE_BYTES];    /* secret, one use */
	char url[RC_ENROL_URL_MAX_CHARS + 1]; /* https://host:port, no path */
};

/* A payload, judged once at the edge. */
struct rc_payload {
	enum rc_payload_class class;
	union {
		struct rc_badge_code badge; /* RC_PAYLOAD_RC1 */
		struct rc_enrol_code enrol; /* RC_PAYLOAD_RCE1 */
	};
};

/* Never fails: what isn't ours is RC_PAYLOAD_FOREIGN. */
void rc_payload_read(struct rc_bytes payload, struct rc_payload *out);

/* The payload of a badge and of an enrolment code, ended by NUL. The URL must be of the stated form (RC_EFORMAT). */
void rc_badge_code_format(const struct rc_badge_code *code, char text[RC_BADGE_TEXT_CHARS + 1]);
RC_CHECKED enum rc_status rc_enrol_code_format(const struct rc_enrol_code *code,
					       char text[RC_ENROL_TEXT_MAX_CHARS + 1]);

/* A new badge: 26 random characters. */
struct rc_badge_code rc_badge_code_new(void);

/* HKDF-SHA256(ikm = the 26 ASCII bytes, salt = organisation's 16 bytes, info "rollcall/1/find" or "rollcall/1/open"). */
void rc_badge_find(const struct rc_badge_code *code, const struct rc_id *organisation,
		   uint8_t find[RC_FIND_BYTES]);
void rc_badge_open(const struct rc_badge_code *code, const struct rc_id *organisation,
		   uint8_t open_key[RC_OPEN_BYTES]);

/* Both for who makes a badge, in two thirds of the time. */
void rc_badge_derive(const struct rc_badge_code *code, const struct rc_id *organisation,
		     uint8_t find[RC_FIND_BYTES], uint8_t open_key[RC_OPEN_BYTES]);

/* True for `https://host:port` of at most 200 characters: host name, IPv4 or [IPv6], a port, nothing behind it. */
bool rc_enrol_url_is_valid(struct rc_bytes url);

/* As above, and gives its parts: `host` lies inside `url` and has no brackets, as a certificate names it. They are written on
 * true only. */
bool rc_enrol_url_split(struct rc_bytes url, struct rc_bytes *host, uint16_t *port);

#endif
