/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_INGEST_INGEST_H
#define RC_INGEST_INGEST_H
/*
 * Facts come in: one upload of a kiosk becomes rows, records and a new mark, in one transaction.
 *
 * The kiosk states what happened, and nothing of that is ever refused: what can't be read is stored as bytes and acknowledged,
 * what differs from a fact that is here already is stored beside it as a branch, what names an unknown person or session is kept
 * and shown to a human. The same upload may come any number of times, also at the same time: it is stored once.
 *
 * Any thread may call; the calls block until the database has committed (many uploads share a commit).
 */
#include "shared/base/bytes.h"
#include "shared/device/device.h"

struct rc_db;
struct rc_key;

/* The stable codes of problems that only this module finds; the others are RC_DEVICE_PROBLEM_… */
#define RC_INGEST_PROBLEM_HEADER                                                                   \
	"bad_header" /* 422: no header line, or one that says what can't be */
#define RC_INGEST_PROBLEM_TOO_LARGE                                                                \
	"too_large" /* 413: more lines or bytes than an upload may have */

/* What a clock anchor can't know: how long the upload was under way. Wider than any deadline of the listener. */
#define RC_INGEST_TRANSIT_MS 120000

struct rc_ingest_request {
	struct rc_id kiosk; /* of the certificate */
	bool is_revoked;    /* the certificate's class: its facts go to quarantine */
	bool is_unknown; /* and so do those under a certificate that the register lacks (rc_fleet_meet has written it down) */
	struct rc_bytes body; /* NDJSON, already unpacked; borrowed during the call */
	int64_t now_ms;
	struct rc_key *seal_key; /* opens typed staff numbers; NULL: none opens, and each goes to a human */
};

struct rc_ingest_answer {
	int status;          /* of HTTP: 200, 403, 409, 413, 422 */
	const char *problem; /* a stable code, or NULL where status is 200; a constant */
	const char *detail;  /* an English sentence for the problem's log, or ""; a constant */
	struct rc_device_mark mark; /* with 200 and 409: what is durable now of the header's epoch, which need not be known here (through 0) */
	int64_t received;           /* lines; the next three are of them */
	int64_t stored;             /* facts that were new, branches included */
	int64_t unread;             /* lines stored as bytes */
	int64_t branched;           /* of `stored`: beside another fact of the same place */
};

/*
 * Takes one upload. RC_OK whenever there is an answer, also one that refuses; anything else (RC_EBUSY, RC_EIO: the disk is full,
 * the database away) means that nothing was acknowledged and the caller answers 503. With status 200, all lines up to
 * `mark.through` are durable when the call returns.
 */
RC_CHECKED enum rc_status rc_ingest_upload(struct rc_db *db, const struct rc_ingest_request *request,
					   struct rc_ingest_answer *answer, struct rc_error *err);

/*
 * The same without waiting for the commit: hundreds of uploads may wait for it without a thread each. `done` is called once, with
 * what rc_ingest_upload returns: on the caller's thread and before rc_ingest_submit returns if there is nothing to wait for, else
 * on the database's thread, which all writing waits for (see struct rc_db_job). The body is borrowed until then; `answer` and
 * `err` during the call. Blocks only to read a kiosk's keys, where an upload holds a signature.
 */
typedef void rc_ingest_done_fn(void *context, enum rc_status status,
			       const struct rc_ingest_answer *answer, const struct rc_error *err);
void rc_ingest_submit(struct rc_db *db, const struct rc_ingest_request *request,
		      rc_ingest_done_fn *done, void *context);

/*
 * The mark a kiosk asks for before it uploads: of the epoch that it sent last; epoch, through and hash are zero before the first
 * fact. The state is the kiosk row's (a revoked certificate is the caller's to know), or quarantined for one that isn't in the
 * register but has been met (rc_fleet_meet). RC_ENOTFOUND if there is no such kiosk.
 */
RC_CHECKED enum rc_status rc_ingest_mark(struct rc_db *db, const struct rc_id *kiosk, int64_t now_ms,
					 struct rc_device_mark *mark, struct rc_error *err);

/*
 * An operator's nod: the facts of this kiosk that wait in quarantine count from now on, as if they came in just now. The caller
 * writes the audit row and sets the kiosk's state. `*released` is how many. RC_ENOTFOUND if there is no such kiosk.
 */
RC_CHECKED enum rc_status rc_ingest_release(struct rc_db *db, const struct rc_id *kiosk,
					    int64_t now_ms, int64_t *released, struct rc_error *err);

#endif
