/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_SYNC_PRIV_H
#define RC_SYNC_SYNC_PRIV_H
/* Between the thread (sync.c) and what it does with one connection: facts up (upload.c), changes down (changes.c). */
#include "firmware/journal/reader.h"
#include "firmware/roster/writer.h"
#include "firmware/sync/sync.h"
#include "firmware/sync/transport.h"
#include "shared/device/device.h"

/* What one round needs. Everything belongs to the sync thread. */
struct rc_sync_round {
	struct rc_sync *sync; /* for reports */
	const struct rc_identity *identity;
	const struct rc_clock *clock;
	struct rc_transport *transport;
	struct rc_journal_reader *journal;
	struct rc_roster_writer *roster;
	int64_t *signed_up_ms;  /* when a place was signed last; 0: not since the start */
	uint64_t server_epoch;  /* of the newest mark */
	int64_t retry_after_ms; /* the server asked to come back later; 0: it didn't */
};

/* Puts a report into the queue; a full queue makes the sync thread wait, never lose one. */
void rc_sync__report(struct rc_sync *sync, const struct rc_sync_report *report);
bool rc_sync__is_stopping(struct rc_sync *sync);

/* Asks for the server's mark and reports its time. */
RC_CHECKED enum rc_status rc_sync__mark(struct rc_sync_round *round, struct rc_device_mark *mark,
					struct rc_error *err);

/* True if we hold the fact that the mark names, or know for good that we did; `*current` is the epoch that is being written. */
RC_CHECKED enum rc_status rc_sync__is_mark_ours(struct rc_sync_round *round,
						const struct rc_device_mark *mark, bool *is_ours,
						uint64_t *current, struct rc_error *err);

/* Sends everything the server lacks. */
RC_CHECKED enum rc_status rc_sync__upload(struct rc_sync_round *round,
					  const struct rc_device_mark *mark, struct rc_error *err);

/* Brings the roster up to date. */
RC_CHECKED enum rc_status rc_sync__changes(struct rc_sync_round *round, bool *has_changed,
					   struct rc_error *err);

#endif
