/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_SYNC_PRIV_H
#define RC_SYNC_SYNC_PRIV_H
/*
 * Between the thread (sync.c), one round with the server (round.c: renewal, contact, facts up in upload.c) and what comes down
 * (changes.c).
 */
#include "firmware/journal/reader.h"
#include "firmware/roster/writer.h"
#include "firmware/sync/sync.h"
#include "firmware/sync/transport.h"
#include "shared/device/device.h"

/* One answer of changes on its way in. */
struct rc_sync_answer {
	struct rc_roster_writer *roster;
	struct rc_buf pending; /* a line that isn't whole yet, or all of an ordinary answer */
	bool takes_snapshot;   /* false: one that comes cuts the transfer … */
	bool is_snapshot;      /* … and shows here */
	bool has_begun;        /* the first line was looked at */
	bool is_finished;      /* the snapshot's end line was taken */
	struct rc_roster_applied applied;
	struct rc_error *err;
};

/* What the thread keeps from round to round; all of it is the sync thread's own. */
struct rc_sync_session {
	struct rc_sync *sync; /* for reports */
	const struct rc_sync_config *config;
	struct rc_identity identity;
	bool has_identity;
	struct rc_transport *transport; /* NULL until an identity is there */
	struct rc_journal_reader *journal;
	struct rc_roster_writer *roster;
	int64_t signed_up_ms;    /* when a place was signed last; 0: not since the start */
	int64_t renew_up_ms;     /* a renewal that has time is not tried before */
	uint64_t compared_under; /* the server's epoch in which it has all of ours, also of epochs we have left; 0: not asked since the start */
	bool is_revoked;
	enum rc_sync_trouble trouble; /* of the last round */
	bool has_asked;               /* for a new epoch, because of this mark … */
	struct rc_device_mark asked_for;
	uint64_t asked_in; /* … while that epoch was being written */
	int64_t roster_up_ms; /* when the server last said that the roster is complete; 0: not since the start */
	int64_t told_up_ms; /* when the status was sent last; 0: not since the start */
	struct rc_device_status told;
	struct rc_sync_answer held; /* what the server holds, while the transport does */
	struct rc_transport_response held_response;
	int64_t held_ms;       /* for so long it was asked to */
	int64_t held_since_ms; /* by CLOCK_BOOTTIME */
};

/* What one round needs. */
struct rc_sync_round {
	struct rc_sync_session *session;
	struct rc_sync *sync; /* for reports */
	const struct rc_identity *identity;
	const struct rc_clock *clock;
	struct rc_transport *transport;
	struct rc_journal_reader *journal;
	struct rc_roster_writer *roster;
	uint64_t server_epoch;  /* of the newest mark */
	int64_t retry_after_ms; /* the server asked to come back later; 0: it didn't */
};

/* ---- sync.c ---- */

/* Puts a report into the queue; a full queue makes the sync thread wait, never lose one. */
void rc_sync__report(struct rc_sync *sync, const struct rc_sync_report *report);
bool rc_sync__is_stopping(struct rc_sync *sync);

/* What the daemon said last of the machine. */
void rc_sync__machine(struct rc_sync *sync, struct rc_device_status *status);

/* Reports when an answer was complete that told the time. */
void rc_sync__report_time(const struct rc_sync_round *round, int64_t server_ms,
			  const struct rc_transport_response *response);

/* ---- round.c ---- */

/* Takes an identity over, in the place of the one before. */
void rc_sync__use_identity(struct rc_sync_session *session, struct rc_identity *identity);

/* One round: what is due goes up, and changes come down unless the server holds a request for them. `*retry_after_ms` is always set. */
RC_CHECKED enum rc_status rc_sync__round(struct rc_sync_session *session, int64_t *retry_after_ms,
					 struct rc_error *err);

/* Closes everything. */
void rc_sync__end_session(struct rc_sync_session *session);

/* ---- upload.c ---- */

/* Asks for the server's mark, and tells how the kiosk is where that is due; reports its time. RC_EDENIED: this certificate may do
 * neither. */
RC_CHECKED enum rc_status rc_sync__mark(struct rc_sync_round *round, struct rc_device_mark *mark,
					struct rc_error *err);

/* True if we hold the fact that the mark names, or know for good that we did; `*current` is the epoch that is being written. */
RC_CHECKED enum rc_status rc_sync__is_mark_ours(struct rc_sync_round *round,
						const struct rc_device_mark *mark, bool *is_ours,
						uint64_t *current, struct rc_error *err);

/* True if the server lacks what it had acknowledged: an older database was put in its place. */
RC_CHECKED enum rc_status rc_sync__is_mark_behind(struct rc_sync_round *round,
						  const struct rc_device_mark *mark,
						  bool *is_behind, struct rc_error *err);

/* Sends everything the server lacks. */
RC_CHECKED enum rc_status rc_sync__upload(struct rc_sync_round *round,
					  const struct rc_device_mark *mark, struct rc_error *err);

/* ---- tell.c ---- */

/* True if the status is due; then `json` gets it. */
RC_CHECKED bool rc_sync__status(struct rc_sync_round *round, struct rc_buf *json);

/* ---- changes.c ---- */

/* Brings the roster up to date. */
RC_CHECKED enum rc_status rc_sync__changes(struct rc_sync_round *round, bool *has_changed,
					   struct rc_error *err);

/* Asks for changes of the roster there is, and lets the server wait for some. RC_ENOTFOUND: there is no roster to go on from. */
RC_CHECKED enum rc_status rc_sync__hold(struct rc_sync_session *session, struct rc_error *err);

/* What was held has ended: applies what came. `*must_fetch`: there is more, or a snapshot. */
RC_CHECKED enum rc_status rc_sync__take_held(struct rc_sync_session *session, bool *has_changed,
					     bool *must_fetch, struct rc_error *err);

#endif
