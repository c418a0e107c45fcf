/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_RECORDER_H
#define RC_DAEMON_RECORDER_H
/*
 * The thread that writes the journal, so that a slow disk never stops the door's loop: people still see that one moment is
 * needed, and nobody is greeted before the commit has returned.
 *
 * Orders go in by a bounded queue and are carried out in their order; each append is answered. The daemon polls
 * rc_recorder_descriptor and takes the answers. All functions are for the daemon's thread.
 */
#include "firmware/journal/journal.h"

#define RC_RECORDER_QUEUE_MAX      64u
#define RC_RECORDER_BODY_MAX_BYTES 640u

/* The journal's state in which rc_recorder_remember_time keeps the known time. */
#define RC_RECORDER_TIME_KNOWN "time.known"

/* … and where it keeps the anchor, as rc_anchor_kept_format writes it. */
#define RC_RECORDER_TIME_ANCHOR "time.anchor"

struct rc_recorder;

/* Takes the journal over (closed by rc_recorder_stop) and starts the thread. On failure the journal stays the caller's. */
RC_CHECKED enum rc_status rc_recorder_start(struct rc_journal *journal,
					    struct rc_recorder **recorder, struct rc_error *err);

/* Carries out what is queued, ends the thread, closes the journal; NULL is fine. Blocks on the disk. */
void rc_recorder_stop(struct rc_recorder *recorder);

/* An order to state a fact. `kind` is static text. RC_EBUSY: the queue is full; RC_ELIMIT: the body is too long. */
RC_CHECKED enum rc_status rc_recorder_append(struct rc_recorder *recorder, uint32_t token,
					     const char *kind, int64_t version, struct rc_bytes body,
					     const struct rc_clock_reading *at);

/* Orders without an answer; what fails is logged. RC_EBUSY: the queue is full. */
RC_CHECKED enum rc_status rc_recorder_acknowledge(struct rc_recorder *recorder, uint64_t epoch,
						  int64_t through,
						  const uint8_t hash[RC_FACT_HASH_BYTES]);
RC_CHECKED enum rc_status rc_recorder_begin_epoch(struct rc_recorder *recorder, const char *reason);
RC_CHECKED enum rc_status rc_recorder_remember_time(struct rc_recorder *recorder, int64_t known_ms);
RC_CHECKED enum rc_status rc_recorder_remember_anchor(struct rc_recorder *recorder, const char *kept);

/* False while the next order would be RC_EBUSY: answers must be taken, or the disk must have caught up. */
bool rc_recorder_has_room(struct rc_recorder *recorder);

/* Nobody is at the door: a checkpoint if one is due, and a piece of pruning. `now_ms` 0: the clock isn't believed. */
RC_CHECKED enum rc_status rc_recorder_upkeep(struct rc_recorder *recorder, int64_t now_ms,
					     int64_t free_bytes);

/* Readable while answers wait. */
int rc_recorder_descriptor(const struct rc_recorder *recorder);

struct rc_recorder_answer {
	uint32_t token;
	bool is_durable;
};

/* The oldest answer, or RC_ENOTFOUND. */
RC_CHECKED enum rc_status rc_recorder_next(struct rc_recorder *recorder,
					   struct rc_recorder_answer *answer);

/* The journal as the thread left it last. */
struct rc_recorder_state {
	struct rc_journal_mark head;
	struct rc_journal_mark acknowledged;
	int64_t unacknowledged;
	bool is_failed;    /* nothing is confirmed any more: the program must end */
	bool is_disk_full; /* the last write found no room */
};
struct rc_recorder_state rc_recorder_state(struct rc_recorder *recorder);

#endif
