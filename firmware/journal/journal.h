/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JOURNAL_JOURNAL_H
#define RC_JOURNAL_JOURNAL_H
/*
 * The journal: every fact this kiosk has stated, durable before anybody is greeted, kept until the server has it and 90 days
 * longer. Beside the facts it keeps small things that must survive a power cut: state, drafts of answers, signatures.
 *
 * In the kiosk's data folder:
 *     journal/facts.db, -wal, -shm       the store (SQLite, WAL of a fixed size that is never cut)
 *     journal.lock                       held by the one writer
 *     journal.new/                       a journal being made; renamed when it is complete
 *     journal.damaged-20261124T090203Z/  one that could not be trusted any more, set aside as it was
 *
 * `struct rc_journal` is the writer: one process, one thread (the daemon's recorder thread). Every command that returns RC_OK is on
 * disk. A commit is one fdatasync; it blocks for as long as the disk takes. After a failed write or sync nothing is confirmed
 * any more by that handle (RC_EIO for good; RC_EFORMAT where the file turned out damaged): the program must end and open anew, which
 * checks the file whole. A full disk is RC_EIO too, but the handle
 * lives: prune, and go on.
 * `struct rc_journal_reader` is a second, read-only connection for the sync thread; it never makes the writer wait.
 */
#include "firmware/journal/place.h"
#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/base/id.h"
#include "shared/facts/fact.h"

#define RC_JOURNAL_KEEP_ACKNOWLEDGED_MS (INT64_C(90) * 86400000) /* since the acknowledgement */
#define RC_JOURNAL_WAL_BYTES                                                                       \
	(2048u * 1024u) /* written out once; commits then overwrite in place, 4 KiB each */
#define RC_JOURNAL_KEY_MAX_CHARS   48u
#define RC_JOURNAL_STATE_MAX_BYTES 4096u
#define RC_JOURNAL_DRAFT_MAX_BYTES 16384u

struct rc_journal;

struct rc_journal_options {
	const struct rc_clock *clock; /* dates what the journal states by itself; outlives it */
	size_t wal_bytes;             /* 0: RC_JOURNAL_WAL_BYTES */
	const char *vfs;              /* NULL: the system's; simulators name theirs */
	bool is_unsynced; /* for the proof that the power-cut test can fail: commits are not synced */
};

/* What opening found. */
enum rc_journal_found {
	RC_JOURNAL_FOUND_WHOLE,
	RC_JOURNAL_FOUND_NONE, /* a first start: made anew, journal.started reason "new" */
	RC_JOURNAL_FOUND_DAMAGED, /* set aside; made anew, journal.started reason "damaged": say so on the screen */
};

/* ---- life cycle ---- */

/*
 * Opens the journal in the data folder (which must exist), makes it with a random epoch when there is none, sets a damaged one
 * aside. Checked are the file's header, its schema, a missing -wal, each page of a small file or of one that failed before, and
 * the newest fact with its predecessor. A journal of another kiosk id (re-enrolled as somebody else) is no damage: RC_ECONFLICT.
 * RC_EBUSY if another process writes this journal; RC_EIO and RC_EDENIED if the folder can't be written.
 */
RC_CHECKED enum rc_status rc_journal_open(const char *folder, const struct rc_id *kiosk,
					  const struct rc_journal_options *options,
					  struct rc_journal **journal, struct rc_error *err);
void rc_journal_close(struct rc_journal *journal);

/* What opening found. In memory. */
enum rc_journal_found rc_journal_found(const struct rc_journal *journal);

/* The name of the folder that the damaged journal was moved to, "" if none. Borrowed. */
const char *rc_journal_set_aside(const struct rc_journal *journal);

/* True after a failed write or sync: nothing is confirmed any more, the program must end. */
bool rc_journal_is_failed(const struct rc_journal *journal);

/* ---- facts ---- */

struct rc_journal_entry {
	int64_t seq;
	uint8_t hash[RC_FACT_HASH_BYTES];
};

struct rc_journal_statement {
	const char *kind;     /* "attendance.signed_in" */
	int64_t version;      /* of the body */
	struct rc_bytes body; /* one strict JSON object, at most RC_FACT_BODY_MAX_BYTES */
};

/*
 * States one fact: salted, chained, committed. One fdatasync; no heap allocation of the journal's own. RC_EFORMAT or RC_ELIMIT
 * for a body that can't be a fact (nothing is written), RC_EIO if it is not on disk: greet nobody.
 */
RC_CHECKED enum rc_status rc_journal_append(struct rc_journal *journal,
					    const struct rc_journal_statement *statement,
					    const struct rc_clock_reading *reading,
					    struct rc_journal_entry *entry, struct rc_error *err);

/* States several facts of one moment in one commit: all or none. `entries` has room for `count` of them. */
RC_CHECKED enum rc_status rc_journal_append_many(struct rc_journal *journal,
						 const struct rc_journal_statement *statements,
						 size_t count, const struct rc_clock_reading *reading,
						 struct rc_journal_entry *entries, struct rc_error *err);

/* The newest fact of the current epoch. In memory: costs nothing. */
struct rc_journal_mark rc_journal_head(const struct rc_journal *journal);

/* How many facts the server has not acknowledged yet, in all epochs. In memory. */
int64_t rc_journal_unacknowledged(const struct rc_journal *journal);

/* The last fact the server acknowledged, and the last that was pruned: kept for good. seq 0 if there was none. In memory. */
struct rc_journal_mark rc_journal_last_acknowledged(const struct rc_journal *journal);
struct rc_journal_mark rc_journal_last_pruned(const struct rc_journal *journal);

/*
 * The server has all facts of `epoch` up to `through`, the last of which has that hash. RC_ECONFLICT (and nothing changes) if
 * it is not ours at that place: another epoch, a seq we have not written, another hash. An older acknowledgement than the last
 * one is checked where the fact is still there, and changes nothing.
 */
RC_CHECKED enum rc_status rc_journal_acknowledge(struct rc_journal *journal, uint64_t epoch,
						 int64_t through, const uint8_t hash[RC_FACT_HASH_BYTES],
						 struct rc_error *err);

/*
 * Closes the current epoch and begins another with journal.started {reason, old head}: after the server's mark turned out to be
 * one we don't hold ("behind"), a clone, a new enrolment. What the old epoch has not delivered stays and is still sent.
 */
RC_CHECKED enum rc_status rc_journal_begin_epoch(struct rc_journal *journal, const char *reason,
						 struct rc_error *err);

/* ---- upkeep: only while nobody is at the door ---- */

struct rc_journal_room {
	int64_t now_ms;           /* of a clock that is believed; 0: age is not looked at */
	int64_t free_bytes;       /* on the disk, as the caller sees it */
	int64_t least_free_bytes; /* below this, space is short; 0: never */
	int64_t max_bytes;        /* facts may fill this much of the journal; 0: no limit */
	size_t max_facts;         /* at most this many are removed by one call; 0: 256 */
};

/*
 * Removes one piece of the oldest acknowledged facts: those acknowledged more than 90 days ago, and any acknowledged ones while
 * space is short. Never an unacknowledged one. Removing is one commit, together with the journal.pruned fact that says so.
 * `*removed` is how many; call again until it is 0. Room inside the file is used again; the file itself doesn't shrink.
 */
RC_CHECKED enum rc_status rc_journal_prune(struct rc_journal *journal, const struct rc_journal_room *room,
					   size_t *removed, struct rc_error *err);

/* True when the WAL is three quarters full: checkpoint soon, or it will grow. In memory. */
bool rc_journal_wants_checkpoint(const struct rc_journal *journal);

/* Moves the WAL into the database without waiting for readers; three to four fdatasyncs. The caller says when. */
RC_CHECKED enum rc_status rc_journal_checkpoint(struct rc_journal *journal, struct rc_error *err);

struct rc_journal_usage {
	int64_t facts;      /* kept */
	int64_t used_bytes; /* of the database file */
	int64_t free_bytes; /* inside the file, used again before it grows */
};

/* How much the journal takes. Reads no more than the file's first page. */
RC_CHECKED enum rc_status rc_journal_usage(struct rc_journal *journal,
					   struct rc_journal_usage *usage, struct rc_error *err);

/* ---- what else must survive a power cut; each put is one commit ---- */

/* State: last known time, last upload … by name ([a-z0-9._-], at most 48). RC_ENOTFOUND if it was never put. */
RC_CHECKED enum rc_status rc_journal_state_put(struct rc_journal *journal, const char *key,
					       struct rc_bytes value, struct rc_error *err);
RC_CHECKED enum rc_status rc_journal_state_get(struct rc_journal *journal, const char *key,
					       struct rc_buf *value, struct rc_error *err);
RC_CHECKED enum rc_status rc_journal_state_put_int(struct rc_journal *journal, const char *key,
						   int64_t value, struct rc_error *err);
RC_CHECKED enum rc_status rc_journal_state_get_int(struct rc_journal *journal, const char *key,
						   int64_t *value, struct rc_error *err);

/* Drafts: answers in progress, never uploaded. Putting replaces; dropping one that isn't there is fine. */
RC_CHECKED enum rc_status rc_journal_draft_put(struct rc_journal *journal, const char *key,
					       struct rc_bytes value, struct rc_error *err);
RC_CHECKED enum rc_status rc_journal_draft_get(struct rc_journal *journal, const char *key,
					       struct rc_buf *value, struct rc_error *err);
RC_CHECKED enum rc_status rc_journal_draft_drop(struct rc_journal *journal, const char *key,
						struct rc_error *err);

/* The device's signature over (epoch, seq, hash): r ‖ s. The mark must be a fact of ours, else RC_ECONFLICT. */
RC_CHECKED enum rc_status rc_journal_signature_put(struct rc_journal *journal,
						   const struct rc_journal_signature *signature,
						   struct rc_error *err);

/* The newest signature of an epoch, RC_ENOTFOUND if there is none. */
RC_CHECKED enum rc_status rc_journal_signature_get(struct rc_journal *journal, uint64_t epoch,
						   struct rc_journal_signature *signature,
						   struct rc_error *err);

#endif
