/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DEVICE_DEVICE_H
#define RC_DEVICE_DEVICE_H
/*
 * The messages of the device listener, one definition for kiosk and server. Changes have their own (shared/reference).
 *
 *     GET  /v1/ca                      DER of the CA
 *     POST /v1/kiosk/enrol             enrol request → enrol answer
 *     POST /v1/kiosk/renew             renew request → enrol answer
 *     GET  /v1/kiosk/mark              → mark
 *     POST /v1/kiosk/facts             upload (application/x-ndjson, gzip) → mark
 *     GET  /v1/kiosk/changes?after=C   → lines of shared/reference
 *     PUT  /v1/kiosk/status            status (any JSON object) → mark
 *
 * Every JSON answer carries "rollcall":1 and "server_epoch"; errors are application/problem+json with a stable "code".
 * Encoders append one JSON object (with a line feed where it is a line). Decoders are strict about what they know and pass over
 * the rest; they write their result only on RC_OK. Pure; any thread.
 */
#include "shared/base/clock.h"
#include "shared/credentials/credential.h"
#include "shared/crypto/key.h"
#include "shared/facts/fact.h"
#include "shared/reference/reference.h"

#define RC_DEVICE_UPLOAD_LINES_MAX       1000u
#define RC_DEVICE_UPLOAD_GZIP_MAX_BYTES  (1024u * 1024u)
#define RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES (4u * 1024u * 1024u)
#define RC_DEVICE_STATUS_MAX_BYTES       16384u
#define RC_DEVICE_STATUS_MAX_DEPTH       8u
#define RC_DEVICE_PEM_MAX_BYTES          8192u
#define RC_DEVICE_CAS_MAX                4u

/* ---- enrol: {"code":base64url of 16 bytes,"csr":PEM,"kiosk":id} ---- */
struct rc_device_enrol_request {
	uint8_t code[RC_ENROL_CODE_BYTES];
	char csr_pem[RC_DEVICE_PEM_MAX_BYTES];
	struct rc_id kiosk; /* who asks is this kiosk already; nil (and left out) if it is none yet */
};
void rc_device_enrol_request_encode(const struct rc_device_enrol_request *request, struct rc_buf *json);
RC_CHECKED enum rc_status rc_device_enrol_request_decode(struct rc_bytes json,
							 struct rc_device_enrol_request *request,
							 struct rc_error *err);

/* {"rollcall":1,"server_epoch":hex,"kiosk":id,"certificate":PEM,"cas":[PEM…],"organisation":id,"site":text,"room":id,
 *  "time":RFC 3339} */
struct rc_device_enrol_answer {
	uint64_t server_epoch;
	struct rc_id kiosk;
	char certificate_pem[RC_DEVICE_PEM_MAX_BYTES];
	char ca_pem[RC_DEVICE_CAS_MAX][RC_DEVICE_PEM_MAX_BYTES];
	size_t ca_count;
	struct rc_id organisation;
	char site[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_id room;
	int64_t time_ms;
};
void rc_device_enrol_answer_encode(const struct rc_device_enrol_answer *answer, struct rc_buf *json);
RC_CHECKED enum rc_status rc_device_enrol_answer_decode(struct rc_bytes json,
							struct rc_device_enrol_answer *answer,
							struct rc_error *err);

/* ---- renew: {"csr":PEM}, under the certificate that is to be replaced; the answer is enrolment's ---- */
struct rc_device_renew_request {
	char csr_pem[RC_DEVICE_PEM_MAX_BYTES];
};
void rc_device_renew_request_encode(const struct rc_device_renew_request *request, struct rc_buf *json);
RC_CHECKED enum rc_status rc_device_renew_request_decode(struct rc_bytes json,
							 struct rc_device_renew_request *request,
							 struct rc_error *err);

/* ---- mark ---- */
enum rc_device_state { RC_DEVICE_CURRENT, RC_DEVICE_REVOKED, RC_DEVICE_QUARANTINED };

/* {"rollcall":1,"server_epoch":hex,"epoch":hex,"through":n,"hash":hex,"state":"current"|"revoked"|"quarantined","time":…}.
 * What the server durably has of the epoch the kiosk sent last; epoch 0, through 0 and a zero hash before the first fact. */
struct rc_device_mark {
	uint64_t server_epoch;
	uint64_t epoch;
	int64_t through;
	uint8_t hash[RC_FACT_HASH_BYTES];
	enum rc_device_state state;
	int64_t time_ms;
};
void rc_device_mark_encode(const struct rc_device_mark *mark, struct rc_buf *json);
RC_CHECKED enum rc_status rc_device_mark_decode(struct rc_bytes json, struct rc_device_mark *mark,
						struct rc_error *err);

/* ---- upload: a header line, then `count` fact lines, then optionally lost and sig lines ---- */

/* {"h":{"kiosk":id,"epoch":hex,"from":n,"count":n,"branch":false,"boot":id,"up_ms":n,"at":…}}: line i is seq from+i. */
struct rc_device_upload_header {
	struct rc_id kiosk;
	uint64_t epoch;
	int64_t from;  /* 1 … */
	int64_t count; /* 0 … RC_DEVICE_UPLOAD_LINES_MAX */
	bool is_branch; /* an epoch that the kiosk has left: a rest that is sent after the new epoch began */
	struct rc_id boot;
	int64_t up_ms;
	int64_t at_ms;
};
void rc_device_upload_header_encode(const struct rc_device_upload_header *header, struct rc_buf *line);
RC_CHECKED enum rc_status rc_device_upload_header_decode(struct rc_bytes line,
							 struct rc_device_upload_header *header,
							 struct rc_error *err);

/* {"lost":{"from":n,"to":n,"reason":text}}: these were pruned before they were acknowledged here; the mark may pass them. */
struct rc_device_lost {
	int64_t from, to;
	char reason[33];
};
/* {"sig":{"epoch":hex,"seq":n,"hash":hex,"rs":base64url}} */
struct rc_device_signature {
	uint64_t epoch;
	int64_t seq;
	uint8_t hash[RC_FACT_HASH_BYTES];
	uint8_t rs[64];
};
/*
 * What a device signs is this text, hashed with SHA-256 (`openssl dgst -sha256 -verify` takes it as it is):
 *     rollcall/1/facts LF epoch (16 hex digits) LF seq LF hash (64 hex digits) LF
 */
#define RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS 119u
void rc_device_signature_text(const struct rc_device_signature *signature,
			      char text[RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS + 1]);
void rc_device_signature_digest(const struct rc_device_signature *signature, uint8_t digest[32]);

/* The public keys (SubjectPublicKeyInfo, DER) that a kiosk has and had; beyond the newest, one in 270 days, none is looked at. */
#define RC_DEVICE_KEYS_MAX 64u
struct rc_device_keys {
	uint8_t items[RC_DEVICE_KEYS_MAX][RC_KEY_PUBLIC_DER_BYTES];
	size_t count;
};
/* True if the signature is of one of the keys; they are tried in order, milliseconds each. */
bool rc_device_signature_is_of(const struct rc_device_signature *signature,
			       const struct rc_device_keys *keys);

/* Append one line each, with its line feed. */
void rc_device_lost_encode(const struct rc_device_lost *lost, struct rc_buf *line);
/* The signature as a line; `rs` must be over rc_device_signature_digest. */
void rc_device_signature_encode(const struct rc_device_signature *signature, struct rc_buf *line);

enum rc_device_trailer {
	RC_DEVICE_TRAILER_LOST,
	RC_DEVICE_TRAILER_SIGNATURE,
	RC_DEVICE_TRAILER_UNKNOWN
};
/* Reads a line that follows the facts; only the struct that `*which` names is written. RC_EFORMAT. */
RC_CHECKED enum rc_status rc_device_trailer_decode(struct rc_bytes line, enum rc_device_trailer *which,
						   struct rc_device_lost *lost,
						   struct rc_device_signature *signature,
						   struct rc_error *err);

/* ---- status: how a kiosk is, replaced with each that comes; one object without nesting ---- */
#define RC_DEVICE_STATUS_UNKNOWN        (-1)
#define RC_DEVICE_STATUS_COLDEST_MC     (-100000)
#define RC_DEVICE_STATUS_HOTTEST_MC     200000
#define RC_DEVICE_STATUS_NO_TEMPERATURE INT64_MIN

/* Numbers are RC_DEVICE_STATUS_UNKNOWN and texts empty where nobody knows; such members are left out. */
struct rc_device_status {
	char version[32];
	struct rc_id boot;
	int64_t up_ms;
	char clock_source[16]; /* ntp, server, rtc, none */
	int64_t clock_error_ms;
	int64_t waiting; /* facts the server hasn't acknowledged … */
	int64_t oldest_waiting_ms; /* … and when the first of them was stated, by the kiosk's clock; 0: none waits */
	int64_t disk_free_bytes;
	char roster_cursor[RC_CURSOR_MAX_CHARS + 1];
	int64_t roster_age_ms; /* since the server last said that this is all */
	char camera[16];       /* running, waiting, none */
	int64_t screens;
	int64_t temperature_mc; /* thousandths of a degree Celsius; RC_DEVICE_STATUS_NO_TEMPERATURE */
};

/* A status that knows nothing. */
void rc_device_status_init(struct rc_device_status *status);
void rc_device_status_encode(const struct rc_device_status *status, struct rc_buf *json);
/* RC_EFORMAT: no object, or a member that is known and isn't of its kind. */
RC_CHECKED enum rc_status rc_device_status_decode(struct rc_bytes json, struct rc_device_status *status,
						  struct rc_error *err);

/* The stable codes of problems on this listener. */
#define RC_DEVICE_PROBLEM_CODE_EXPIRED "code_expired" /* enrol: the code's time is over */
#define RC_DEVICE_PROBLEM_CODE_USED    "code_used"    /* enrol: somebody else has used it */
#define RC_DEVICE_PROBLEM_CODE_UNKNOWN "code_unknown" /* enrol: never issued here */
#define RC_DEVICE_PROBLEM_OTHER_KIOSK                                                              \
	"other_kiosk" /* enrol: the code isn't for the kiosk that asks; it isn't spent */
#define RC_DEVICE_PROBLEM_CERTIFICATE "certificate" /* 403: the certificate shown may not do that */
#define RC_DEVICE_PROBLEM_GAP                                                                      \
	"gap" /* 409: `from` is beyond through+1; the mark says what is wanted */
#define RC_DEVICE_PROBLEM_OTHER_EPOCH "other_epoch" /* 409 */
#define RC_DEVICE_PROBLEM_NOT_YOURS   "not_yours"   /* 403: another kiosk's id */

/* A problem of this listener (RFC 9457 with a stable code); a 409 carries the mark's members beside it. */
struct rc_device_problem {
	int status;
	const char *code;                  /* RC_DEVICE_PROBLEM_… or another stable one */
	const char *title;                 /* English: a log's reader is the audience */
	const char *detail;                /* may be NULL */
	const struct rc_device_mark *mark; /* may be NULL */
};
void rc_device_problem_encode(const struct rc_device_problem *problem, struct rc_buf *json);

/* A problem that carries the mark (409): {"type","title","status","code","detail", …mark's members}. */
RC_CHECKED enum rc_status rc_device_problem_decode(struct rc_bytes json, char *code,
						   size_t code_size, struct rc_device_mark *mark,
						   bool *has_mark, struct rc_error *err);

#endif
