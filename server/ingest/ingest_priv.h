/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_INGEST_INGEST_PRIV_H
#define RC_INGEST_INGEST_PRIV_H
/*
 * What the sources of ingest share: one upload on its way into the database. The struct is filled afresh each time the write
 * function runs; `upload` and `request` are only read there.
 */
#include "server/changes/changes.h"
#include "server/db/db.h"
#include "server/ingest/ingest.h"
#include "server/ingest/upload.h"
#include "server/records/records.h"

/* What a human should look at; one inbox row a kiosk and epoch (or person, or session), counted. */
enum rc_ingest__notice {
	RC_INGEST_NOTICE_BRANCH,    /* the same place came with other content */
	RC_INGEST_NOTICE_UNREAD,    /* a line was stored as bytes */
	RC_INGEST_NOTICE_CHAIN,     /* a fact names another one before it than the one there */
	RC_INGEST_NOTICE_LOST,      /* the kiosk says that facts are gone */
	RC_INGEST_NOTICE_BODY,      /* an attendance fact whose body lacks what it needs */
	RC_INGEST_NOTICE_SIGNATURE, /* a signature that doesn't hold */
	RC_INGEST_NOTICE_FORK, /* an epoch follows another than the one sent last: a backup restored again, or a clone */
	RC_INGEST_NOTICE_CLONE,        /* new facts under two epochs by turns */
	RC_INGEST_NOTICE_REVOKED_SENT, /* a revoked kiosk sent facts */
	RC_INGEST_NOTICE_COUNT
};

struct rc_ingest__tally {
	int64_t count;
	int64_t seq; /* the last one */
};

/* A line that becomes a fact's row. */
struct rc_ingest__added {
	const struct rc_ingest__line *line;
	int64_t branch;
};

struct rc_ingest__run {
	struct rc_db_tx *tx;
	const struct rc_ingest_request *request;
	struct rc_ingest__upload *upload; /* `times` is worked out in the run */
	char kiosk[RC_ID_CHARS + 1];
	const bool *is_signature_good; /* one a signature, judged before the run */

	uint64_t server_epoch;
	bool has_kiosk;
	char site[RC_REFERENCE_CODE_MAX_BYTES + 1];
	char state[16];                              /* of the kiosk row */
	char current_epoch[RC_FACT_EPOCH_CHARS + 1]; /* that it sent under last, or "" */
	int64_t seen_ms;                             /* of the kiosk row */
	bool has_anchor;                             /* the header's boot is anchored already */
	bool is_mark_moved;  /* the mark in the database is behind the last line already */
	bool is_quarantined; /* facts of this upload don't count for now */

	int64_t through; /* the mark, moving */
	uint8_t hash[RC_FACT_HASH_BYTES];
	struct rc_ingest__tally notices[RC_INGEST_NOTICE_COUNT];
	struct rc_records_subject *subjects; /* the caller's, room for one a line */
	size_t subject_count;
	struct rc_ingest__added *added; /* the caller's, room for one a line */
	size_t added_count;
	struct rc_ingest_answer answer;
};

static inline void rc_ingest__note(struct rc_ingest__run *run, enum rc_ingest__notice notice, int64_t seq)
{
	run->notices[notice].count++;
	run->notices[notice].seq = seq;
}

/*
 * mark.c: takes the mark, so that no other upload of the epoch goes on before this one has ended, and loads what is known of the
 * kiosk; `run->through` and `hash` are the mark's as it was. With `*is_gap` nothing was written. rc_ingest__keep_mark writes what
 * the upload has made of both.
 */
RC_CHECKED enum rc_status rc_ingest__take_mark(struct rc_ingest__run *run, bool *is_gap,
					       struct rc_error *err);
RC_CHECKED enum rc_status rc_ingest__keep_mark(struct rc_ingest__run *run, struct rc_error *err);

/* Of the kiosk's row and the certificate's class. */
enum rc_device_state rc_ingest__state(const struct rc_ingest__run *run, bool is_revoked);

/* lines.c: stores the lines in their order and moves the mark in `run` (not yet in the database). */
RC_CHECKED enum rc_status rc_ingest__store_lines(struct rc_ingest__run *run, struct rc_error *err);

/*
 * claims.c. Before the run, off the writer's thread: opens the staff numbers of an upload into upload->claims. In it: what a line claims
 * is kept, and unless it is in quarantine it is found out who that is, which makes the claim count and tells a human. A line or
 * fact of another kind is passed over.
 */
RC_CHECKED enum rc_status rc_ingest__open_claims(struct rc_ingest__upload *upload,
						 struct rc_key *seal_key, struct rc_error *err);
RC_CHECKED enum rc_status rc_ingest__take_claim(struct rc_ingest__run *run,
						const struct rc_ingest__line *line, int64_t best_ms,
						struct rc_error *err);
RC_CHECKED enum rc_status rc_ingest__settle_claim(struct rc_ingest__run *run,
						  const struct rc_records_fact *fact,
						  struct rc_error *err);

/* The question whether a typed number was theirs is answered: their badge was held up in the same session. */
RC_CHECKED enum rc_status rc_ingest__answer_claim(struct rc_ingest__run *run,
						  const struct rc_records_subject *subject,
						  struct rc_error *err);

/* bounds.c: fills upload->times. And the anchor that this upload gives to its boot, for facts that come after a later one. */
RC_CHECKED enum rc_status rc_ingest__work_out_times(struct rc_ingest__run *run, struct rc_error *err);
RC_CHECKED enum rc_status rc_ingest__keep_anchor(struct rc_ingest__run *run, struct rc_error *err);

/* clone.c: whether this upload shows that two journals use one certificate. */
RC_CHECKED enum rc_status rc_ingest__look_for_clone(struct rc_ingest__run *run, bool *is_clone,
						    struct rc_error *err);

/* trailers.c: losses move the mark before the lines come (and are stored); signatures are stored after. */
RC_CHECKED enum rc_status rc_ingest__take_losses(struct rc_ingest__run *run, struct rc_error *err);
RC_CHECKED enum rc_status rc_ingest__take_signatures(struct rc_ingest__run *run, struct rc_error *err);

/* Before the run, off the writer's thread: which signatures are of a key that the kiosk has or had. */
RC_CHECKED enum rc_status rc_ingest__judge_signatures(struct rc_db *db, const char *kiosk,
						      const struct rc_ingest__upload *upload,
						      bool *is_good, struct rc_error *err);

/*
 * subjects.c: what follows from the facts that were stored: records of everybody whom they are about, inbox rows for those nobody
 * knows and for the run's notices, and presence. Publishing is the last step, since it holds the log of changes.
 */
RC_CHECKED enum rc_status rc_ingest__conclude(struct rc_ingest__run *run, struct rc_error *err);

/* inbox.c */
struct rc_ingest__inbox_row {
	const char *key, *kind, *kiosk, *session, *ref, *detail;
	int64_t count;
	int64_t now_ms;
};
RC_CHECKED enum rc_status rc_ingest__inbox_put(struct rc_db_tx *tx,
					       const struct rc_ingest__inbox_row *row,
					       struct rc_error *err);
RC_CHECKED enum rc_status rc_ingest__put_notices(struct rc_ingest__run *run, struct rc_error *err);

#endif
