/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JOURNAL_READER_H
#define RC_JOURNAL_READER_H
/*
 * Reading the journal beside its writer: what the sync thread sends, and what `verify` checks.
 *
 * A reader is a read-only connection of its own; it belongs to one thread. Every look is short and closed at once (a read left
 * open would let the WAL grow), sees what was committed when it began, and never makes the writer wait.
 */
#include "firmware/journal/place.h"
#include "shared/base/buf.h"
#include "shared/base/id.h"

struct rc_journal_reader;

/* `folder` is the data folder, as for the writer. RC_ENOTFOUND if there is no journal yet, RC_EFORMAT if it isn't one. */
RC_CHECKED enum rc_status rc_journal_reader_open(const char *folder, struct rc_journal_reader **reader,
						 struct rc_error *err);
void rc_journal_reader_close(struct rc_journal_reader *reader);

/* Epochs that still have something to send, oldest first; at most `max` are written, `*count` is how many. */
RC_CHECKED enum rc_status rc_journal_reader_epochs(struct rc_journal_reader *reader,
						   struct rc_journal_epoch *epochs, size_t max,
						   size_t *count, struct rc_error *err);

/* All epochs this journal ever had, oldest first, as above. */
RC_CHECKED enum rc_status rc_journal_reader_all_epochs(struct rc_journal_reader *reader,
						       struct rc_journal_epoch *epochs, size_t max,
						       size_t *count, struct rc_error *err);

struct rc_journal_range {
	uint64_t epoch;
	int64_t from;     /* first seq wanted, from 1 */
	size_t max_lines; /* stop after so many … */
	size_t max_bytes; /* … or before the lines are longer than this (one line is always taken) */
};

/*
 * Appends whole fact lines from `range->from` on, in order and without gaps; `*count` is how many (0 at the end of the epoch).
 * RC_ENOTFOUND for an epoch that isn't here or a fact that was pruned, RC_EFORMAT if a fact in the middle is missing.
 */
RC_CHECKED enum rc_status rc_journal_read(struct rc_journal_reader *reader,
					  const struct rc_journal_range *range,
					  struct rc_buf *lines, size_t *count, struct rc_error *err);

/* The identity of a fact; also known for the last one pruned of its epoch. RC_ENOTFOUND if it isn't here. */
RC_CHECKED enum rc_status rc_journal_hash_at(struct rc_journal_reader *reader, uint64_t epoch,
					     int64_t seq, uint8_t hash[RC_FACT_HASH_BYTES],
					     struct rc_error *err);

/* What the writer keeps for good: the last fact acknowledged and the last pruned. seq 0 if there is none. */
RC_CHECKED enum rc_status rc_journal_reader_acknowledged(struct rc_journal_reader *reader,
							 struct rc_journal_mark *mark,
							 struct rc_error *err);
RC_CHECKED enum rc_status rc_journal_reader_pruned(struct rc_journal_reader *reader,
						   struct rc_journal_mark *mark, struct rc_error *err);

/* The newest signature of an epoch at or after a seq; RC_ENOTFOUND if there is none. */
RC_CHECKED enum rc_status rc_journal_reader_signature(struct rc_journal_reader *reader,
						      uint64_t epoch, int64_t from,
						      struct rc_journal_signature *signature,
						      struct rc_error *err);

/* ---- verify ---- */

struct rc_journal_report {
	struct rc_id kiosk;    /* of the newest fact */
	int64_t epochs;        /* all there ever were */
	int64_t facts;         /* kept and looked at */
	int64_t faults;        /* facts that are wrong or missing */
	char first_fault[256]; /* in words, with its place; "" if all is well */
};

/*
 * Checks the whole journal: the file's own structure, each fact's hashes, each chain from its pruned start to its end, gaps,
 * strangers. Read-only; beside a running writer too. RC_OK when the check could be made, whatever it found (`faults`).
 */
RC_CHECKED enum rc_status rc_journal_verify(const char *folder, struct rc_journal_report *report,
					    struct rc_error *err);

#endif
