/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROSTER_ROSTER_PRIV_H
#define RC_ROSTER_ROSTER_PRIV_H
/* What reader and writer share: the names of files, the plan, the cursor; and how one change becomes rows. */
#include "firmware/roster/roster.h"
#include "firmware/roster/writer.h"
#include "firmware/store/files.h"
#include "firmware/store/store.h"

#define RC_ROSTER__POINTER    "current"
#define RC_ROSTER__NAME_CHARS 40u

struct rc_store_plan rc_roster__plan(void);

/* Reads the pointer: the file's name, and its number. RC_ENOTFOUND if there is none, RC_EFORMAT if it names no roster. */
RC_CHECKED enum rc_status rc_roster__read_pointer(const char *folder, char name[RC_ROSTER__NAME_CHARS],
						  int64_t *number, struct rc_error *err);

/* The number in "roster-<n>.db" or in a name that begins so; 0 if it is none of ours. */
int64_t rc_roster__number_of(const char *name);

RC_CHECKED enum rc_status rc_roster__load_cursor(struct rc_store *store, struct rc_cursor *cursor,
						 struct rc_error *err);
RC_CHECKED enum rc_status rc_roster__put_cursor(struct rc_store *store,
						const struct rc_cursor *cursor, struct rc_error *err);

/* Within a transaction: one change line becomes rows and is counted. RC_EFORMAT if the line is no change at all. */
RC_CHECKED enum rc_status rc_roster__apply_line(struct rc_store *store, struct rc_bytes line,
						struct rc_roster_applied *applied, struct rc_error *err);

/* As rc_roster_writer_open, on a disk by name: simulators cut its power. */
RC_CHECKED enum rc_status rc_roster__writer_open(const char *folder, const char *vfs,
						 struct rc_roster_writer **writer, struct rc_error *err);

#endif
