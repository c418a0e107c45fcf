/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROSTER_WRITER_H
#define RC_ROSTER_WRITER_H
/*
 * Writing the roster: for the sync thread alone. See "firmware/roster/roster.h" for the files.
 *
 * Two ways in: ordinary changes, applied with their cursor in one transaction, and a snapshot, built as a new file and swapped
 * in when its count and hash are right. What was applied is on disk when the function returns. Everything blocks on the disk.
 *
 * After a write or sync that failed the next call opens the file anew and reads all of it: a disk that was full or hung for a
 * moment costs one answer of the server and no restart.
 */
#include "shared/reference/reference.h"

#define RC_ROSTER_BATCH_MAX_BYTES (8u * 1024u * 1024u)

struct rc_roster_writer;

/*
 * Opens the roster of a folder (which must exist) and clears away what an interrupted snapshot left. A damaged roster is dropped:
 * there is no cursor then, and the next answer of the server is a snapshot. RC_EBUSY if another writer has the folder.
 */
RC_CHECKED enum rc_status rc_roster_writer_open(const char *folder, struct rc_roster_writer **writer,
						struct rc_error *err);
void rc_roster_writer_close(struct rc_roster_writer *writer);

/* True if opening found a damaged roster and dropped it. */
bool rc_roster_writer_found_damage(const struct rc_roster_writer *writer);

/* Where to go on from; RC_ENOTFOUND if there is no roster: ask for a snapshot. */
RC_CHECKED enum rc_status rc_roster_writer_cursor(struct rc_roster_writer *writer,
						  struct rc_cursor *cursor, struct rc_error *err);

/* What a batch did. */
struct rc_roster_applied {
	int64_t put;
	int64_t deleted;
	int64_t unknown;   /* entities of a newer server, passed over */
	int64_t malformed; /* payloads that aren't what their entity should be, passed over: log it */
	char first_malformed[160]; /* the first of them: entity, n, what is wrong */
	bool has_more;             /* the server has more: ask again at once */
};

/*
 * Applies one answer of ordinary changes: whole lines, the last one the end line. All of it and its cursor, or nothing:
 * RC_EFORMAT without an end line, with a snapshot's lines, a line that is no change, or something behind the end;
 * RC_ECONFLICT if there is no roster to change or the cursor belongs to another server epoch.
 * One payload that can't be read must not keep revocations from coming, so it is passed over and counted.
 */
RC_CHECKED enum rc_status rc_roster_apply(struct rc_roster_writer *writer, struct rc_bytes lines,
					  struct rc_roster_applied *applied, struct rc_error *err);

/*
 * A snapshot, line by line as it comes from the network. begin takes the first line, put each change, finish the end line; each
 * with its line feed, for the hash is over all bytes. finish swaps the new roster in, or says RC_EFORMAT (count or hash differ) and
 * drops it. Any failure aborts: the old roster stays in use. begin while one is under way drops that one.
 */
RC_CHECKED enum rc_status rc_roster_snapshot_begin(struct rc_roster_writer *writer,
						   struct rc_bytes first_line, struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_snapshot_put(struct rc_roster_writer *writer,
						 struct rc_bytes line, struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_snapshot_finish(struct rc_roster_writer *writer,
						    struct rc_bytes end_line,
						    struct rc_roster_applied *applied,
						    struct rc_error *err);
void rc_roster_snapshot_abort(struct rc_roster_writer *writer);
bool rc_roster_snapshot_is_open(const struct rc_roster_writer *writer);

/*
 * Empties the roster of a revoked kiosk: every row is deleted and overwritten in the file (readers see an empty roster from that
 * commit on), the WAL is cut off, then the files go. There is no cursor afterwards. On flash the medium may keep old
 * blocks for a while; what lies there is sealed by badges.
 */
RC_CHECKED enum rc_status rc_roster_empty(struct rc_roster_writer *writer, struct rc_error *err);

#endif
