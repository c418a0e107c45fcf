/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JOURNAL_JOURNAL_PRIV_H
#define RC_JOURNAL_JOURNAL_PRIV_H
/* What the journal's own sources share: places in the file, the list of epochs, one fact cut from its row. */
#include "firmware/journal/journal.h"
#include "firmware/journal/reader.h"
#include "firmware/store/files.h"
#include "firmware/store/store.h"

#define RC_JOURNAL__FOLDER     "journal"
#define RC_JOURNAL__FOLDER_NEW "journal.new"
#define RC_JOURNAL__FILE       "facts.db"
#define RC_JOURNAL__LOCK       "journal.lock"
#define RC_JOURNAL__SUSPECT                                                                        \
	"journal.suspect" /* there while damage was met and the file not yet checked whole */
#define RC_JOURNAL__STATE_ID "journal.kiosk"

#define RC_JOURNAL__SEQ_BITS   40
#define RC_JOURNAL__SEQ_MAX    ((INT64_C(1) << RC_JOURNAL__SEQ_BITS) - 1)
#define RC_JOURNAL__EPOCHS_MAX 4096u

/* All epochs, oldest first. The number of one in the file is its place here plus 1. */
struct rc_journal__epochs {
	struct rc_journal_epoch *items; /* owned */
	size_t count;
	size_t capacity;
};

struct rc_journal {
	char folder[RC_FILES_PATH_MAX_CHARS]; /* the data folder */
	struct rc_id kiosk;
	const struct rc_clock *clock;
	struct rc_store *store;
	int lock_fd;
	struct rc_journal__epochs epochs;
	struct rc_journal_mark head, acknowledged, pruned;
	enum rc_journal_found found;
	char set_aside[64];
	uint8_t line[RC_FACT_LINE_MAX_BYTES + 2]; /* where a fact is written: nothing is allocated for it */
};

struct rc_store_plan rc_journal__plan(void);

static inline int64_t rc_journal__place(size_t n, int64_t seq)
{
	return ((int64_t)n << RC_JOURNAL__SEQ_BITS) | seq;
}

static inline int64_t rc_journal__seq_of(int64_t place)
{
	return place & RC_JOURNAL__SEQ_MAX;
}

/* ---- reading, for writer and readers ---- */

/* Reads the epochs and finds the last seq of the current one. The caller deinits the list, also after a failure. */
RC_CHECKED enum rc_status rc_journal__load_epochs(struct rc_store *store,
						  struct rc_journal__epochs *epochs,
						  struct rc_error *err);
RC_CHECKED enum rc_status rc_journal__add_epoch(struct rc_journal__epochs *epochs,
						const struct rc_journal_epoch *epoch,
						struct rc_error *err);
void rc_journal__epochs_deinit(struct rc_journal__epochs *epochs);

/* The number of an epoch (from 1), or 0 if it isn't here. */
size_t rc_journal__number_of(const struct rc_journal__epochs *epochs, uint64_t epoch);

/* The identity of the fact at a place; RC_ENOTFOUND if there is none. The last pruned one of its epoch is known too. */
RC_CHECKED enum rc_status rc_journal__hash_at(struct rc_store *store,
					      const struct rc_journal__epochs *epochs, size_t n,
					      int64_t seq, uint8_t hash[RC_FACT_HASH_BYTES],
					      struct rc_error *err);

/* "acknowledged" or "pruned"; all zeros if it was never put. */
RC_CHECKED enum rc_status rc_journal__load_mark(struct rc_store *store, const char *name,
						struct rc_journal_mark *mark, struct rc_error *err);

/* The newest signature of an epoch from a seq on. */
RC_CHECKED enum rc_status rc_journal__load_signature(struct rc_store *store,
						     const struct rc_journal__epochs *epochs,
						     size_t n, int64_t from,
						     struct rc_journal_signature *signature,
						     struct rc_error *err);

/* A row's three columns (envelope, salt, body from `first` on) as a line with its line feed. RC_EFORMAT if it is none. */
RC_CHECKED enum rc_status rc_journal__append_line(const struct rc_store_rows *rows, int first,
						  struct rc_buf *line, struct rc_error *err);

/*
 * Reads the line of a row and checks that it is the fact of that place: hashes, kiosk (unless nil), epoch, seq, predecessor.
 * `line` must live as long as the slices of `*fact` are looked at.
 */
struct rc_journal__expected {
	struct rc_fact_place place;
	uint8_t prev[RC_FACT_HASH_BYTES];
};
RC_CHECKED enum rc_status rc_journal__check_fact(struct rc_bytes line,
						 const struct rc_journal__expected *expected,
						 struct rc_fact *fact, struct rc_error *err);

/* ---- writing ---- */

/* Leaves word for the next opening that the file must be read whole before it is trusted. */
void rc_journal__note_damage(const struct rc_journal *journal);

/* Ends a transaction; damage that was met is noted for the next opening. */
RC_CHECKED enum rc_status rc_journal__end(struct rc_journal *journal, enum rc_status status,
					  struct rc_error *err);

/* Within a transaction: writes one fact behind `*head`, which moves on. `n` is the epoch's number. */
RC_CHECKED enum rc_status rc_journal__write(struct rc_journal *journal,
					    const struct rc_journal_statement *statement,
					    const struct rc_clock_reading *reading,
					    struct rc_journal_mark *head, struct rc_error *err);

/* Within a transaction: a new epoch with its first fact. `old` is the head before it, or NULL. */
RC_CHECKED enum rc_status rc_journal__write_epoch(struct rc_journal *journal, const char *reason,
						  const struct rc_journal_mark *old,
						  struct rc_journal_mark *head, struct rc_error *err);

RC_CHECKED enum rc_status rc_journal__put_mark(struct rc_journal *journal, const char *name,
					       const struct rc_journal_mark *mark, struct rc_error *err);

/* Puts a value under a key by one of the two statements for that, within a transaction. */
RC_CHECKED enum rc_status rc_journal__put(struct rc_journal *journal, size_t statement, const char *key,
					  struct rc_bytes value, struct rc_error *err);

#endif
