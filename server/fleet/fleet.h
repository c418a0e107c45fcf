/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLEET_FLEET_H
#define RC_FLEET_FLEET_H
/*
 * The kiosks: codes that let one in, its certificate, what class a certificate is of now, and shutting one out.
 *
 * A code is random, bound to a room, good for a while and for one kiosk; only its SHA-256 is kept. The same code and the same key
 * again get the same certificate (the first answer may have been lost), another key gets RC_ECONFLICT and an alarm in the inbox.
 * Any thread; blocks on the database.
 */
#include "server/auth/secrets.h"
#include "shared/credentials/credential.h"
#include "shared/device/device.h"

struct rc_db;
struct rc_db_tx;

#define RC_FLEET_CODE_MS        (10 * RC_MINUTE_MS) /* a code on the screen */
#define RC_FLEET_CODE_MAX_MS    (7 * RC_DAY_MS)     /* a code on a printed sheet */
#define RC_FLEET_CERTIFICATE_MS (400 * RC_DAY_MS)
#define RC_FLEET_GRACE_MS       (180 * RC_DAY_MS) /* for so long an expired certificate may still renew */
#define RC_FLEET_SERIAL_CHARS   32u
#define RC_FLEET_CERTIFICATES_MAX                                                                  \
	4 /* a kiosk may have so many that are good: one that renews again and again is no kiosk of ours */

/* Who the server is, for what it signs and says. */
struct rc_fleet_server {
	struct rc_id organisation;
	uint64_t epoch;
};

/* ---- codes ---- */

struct rc_fleet_code_request {
	const char *room;     /* the room's code, "3F-305" */
	const char *replaces; /* a kiosk's id whose place the new one takes, or NULL */
	const char *url;      /* of the device listener, as kiosks reach it */
	const char *actor;    /* for the audit: a token's name, "cli" */
	int64_t valid_ms;     /* RC_FLEET_CODE_MS … RC_FLEET_CODE_MAX_MS; 0: the first */
	int64_t now_ms;
};

/* Makes a code and its payload's parts (`*code` is secret until it is used). RC_ENOTFOUND: no such room or kiosk; RC_EUSAGE: the
 * URL or the time. */
RC_CHECKED enum rc_status rc_fleet_code_new(struct rc_db *db, const struct rc_secrets *secrets,
					    const struct rc_fleet_code_request *request,
					    struct rc_enrol_code *code, struct rc_error *err);

/* The same as the last step of a transaction of the caller's. */
RC_CHECKED enum rc_status rc_fleet_code_new_in(struct rc_db_tx *tx, const struct rc_secrets *secrets,
					       const struct rc_fleet_code_request *request,
					       struct rc_enrol_code *code, struct rc_error *err);

/* ---- enrolment ---- */

/* Lets a kiosk in. RC_ENOTFOUND: never issued; RC_EEXPIRED; RC_ECONFLICT: used by another key; RC_EFORMAT: the CSR;
 * RC_EDENIED: this node doesn't sign; RC_EUSAGE: the kiosk that asks isn't the one whose place the code gives away (it isn't
 * spent). */
RC_CHECKED enum rc_status rc_fleet_enrol(struct rc_db *db, const struct rc_secrets *secrets,
					 const struct rc_fleet_server *server,
					 const struct rc_device_enrol_request *request, int64_t now_ms,
					 struct rc_device_enrol_answer *answer, struct rc_error *err);

/* ---- classes ---- */

enum rc_fleet_class {                       /* bits: a route's `classes` column is a mask of them */
		      RC_FLEET_NONE = 1,    /* no certificate */
		      RC_FLEET_CURRENT = 2, /* known, in time, not revoked */
		      RC_FLEET_GRACE = 4,   /* known, expired less than 180 days ago */
		      RC_FLEET_REVOKED = 8, /* known and shut out, or replaced: its facts are still taken, into quarantine */
		      RC_FLEET_STRANGER = 16, /* nothing is for them: expired for too long, or no certificate that we could have signed */
		      RC_FLEET_UNKNOWN = 32, /* signed by our CA for a kiosk, in time, and not in the register, which an older backup has taken back: its facts are taken, into quarantine */
};

struct rc_fleet_peer {
	enum rc_fleet_class class;
	struct rc_id kiosk; /* nil for NONE and STRANGER; for UNKNOWN by the certificate's name */
	char serial[RC_FLEET_SERIAL_CHARS + 1];     /* of the certificate, hex; "" with them */
	char site[RC_REFERENCE_CODE_MAX_BYTES + 1]; /* "", and room nil, for UNKNOWN too */
	struct rc_id room;
};

/* A certificate whose chain is good, as the other side has shown it. */
struct rc_fleet_shown {
	struct rc_bytes serial; /* big-endian */
	const uint8_t *sha256;  /* of its DER; 32 bytes */
	const char *name;       /* its CN */
	int64_t not_after_ms;
};

/* What a certificate is worth now. Asked on every request, so that a revocation holds on open connections too. */
RC_CHECKED enum rc_status rc_fleet_classify(struct rc_db *db, const struct rc_fleet_shown *shown,
					    int64_t now_ms, struct rc_fleet_peer *peer,
					    struct rc_error *err);

/* Keeps the certificate (DER) of a peer of class UNKNOWN until an operator's nod (rc_fleet_nod), and tells the operator; writes at
 * most once a minute. Before anything else of such a peer is taken. RC_EFORMAT: the DER. */
RC_CHECKED enum rc_status rc_fleet_meet(struct rc_db *db, const struct rc_fleet_peer *peer,
					struct rc_bytes der, int64_t now_ms, struct rc_error *err);

/* ---- renewal ---- */

struct rc_fleet_renewal {
	const struct rc_fleet_peer *peer; /* who asks, by the certificate that is to be followed by another */
	const struct rc_device_renew_request *request;
	int64_t now_ms;
};

/* Another certificate for a new key; the old one stays good until it ends. The same key again gets the same certificate.
 * RC_ECONFLICT: the certificate was revoked meanwhile; RC_EFORMAT: the CSR, or a key that was used before; RC_ELIMIT: it has
 * RC_FLEET_CERTIFICATES_MAX; RC_EDENIED: this node doesn't sign. */
RC_CHECKED enum rc_status rc_fleet_renew(struct rc_db *db, const struct rc_secrets *secrets,
					 const struct rc_fleet_server *server,
					 const struct rc_fleet_renewal *renewal,
					 struct rc_device_enrol_answer *answer, struct rc_error *err);

/* ---- the list ---- */

struct rc_fleet_kiosk {
	struct rc_id id;
	char room[RC_REFERENCE_CODE_MAX_BYTES + 1]; /* its code */
	char state[16];
	int64_t enrolled_ms;
	int64_t last_seen_ms;         /* 0: never */
	int64_t certificate_until_ms; /* 0: it has no current one */
	int64_t status_ms; /* when it last told how it is; 0: never, or nothing that can be read */
	struct rc_device_status status;
};

/* Calls `found` for each kiosk, by room. */
RC_CHECKED enum rc_status rc_fleet_list(struct rc_db *db,
					enum rc_status (*found)(void *context,
								const struct rc_fleet_kiosk *kiosk,
								struct rc_error *err),
					void *context, struct rc_error *err);

/* One of them. RC_ENOTFOUND. */
RC_CHECKED enum rc_status rc_fleet_find(struct rc_db *db, const struct rc_id *id,
					struct rc_fleet_kiosk *kiosk, struct rc_error *err);
RC_CHECKED enum rc_status rc_fleet_find_in(struct rc_db_tx *tx, const struct rc_id *id,
					   struct rc_fleet_kiosk *kiosk, struct rc_error *err);

/* Shuts a kiosk out: from the next request on its certificates are of class REVOKED. RC_ENOTFOUND. `actor` is for the audit. */
RC_CHECKED enum rc_status rc_fleet_revoke(struct rc_db *db, const struct rc_id *kiosk,
					  const char *actor, int64_t now_ms, struct rc_error *err);

/* The same as the last step of a transaction of the caller's. */
RC_CHECKED enum rc_status rc_fleet_revoke_in(struct rc_db_tx *tx, const struct rc_id *kiosk,
					     const char *actor, int64_t now_ms, struct rc_error *err);

/* Replaces the status document of a kiosk (a JSON object, checked by the caller) and says it was seen. */
RC_CHECKED enum rc_status rc_fleet_status_put(struct rc_db *db, const struct rc_id *kiosk,
					      struct rc_bytes document, int64_t now_ms,
					      struct rc_error *err);

/* Says that a kiosk was seen; at most one write a minute a kiosk is worth it. */
RC_CHECKED enum rc_status rc_fleet_seen(struct rc_db *db, const struct rc_id *kiosk, int64_t now_ms,
					struct rc_error *err);

#endif
