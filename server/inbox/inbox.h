/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_INBOX_INBOX_H
#define RC_INBOX_INBOX_H
/*
 * What waits for a human: one entry a cause, raised by ingest and fleet, settled here by an operator with a note.
 *
 * An entry that was settled opens again by itself when its cause comes once more; the notes of earlier settlements stay. Functions
 * with a `db` block for the database, those with a `tx` belong to its transaction. Any thread.
 */
#include "shared/base/status.h"

#include <stddef.h>
#include <stdint.h>

struct rc_db;
struct rc_db_tx;

#define RC_INBOX_KEY_MAX_BYTES    180u
#define RC_INBOX_ID_MAX_BYTES     40u
#define RC_INBOX_DETAIL_MAX_BYTES 1000u
#define RC_INBOX_NAME_MAX_BYTES   80u
#define RC_INBOX_NOTE_MAX_BYTES   1000u

struct rc_inbox_text {
	const char *zh, *en;
};

/* What an entry of this kind means, and what the operator does about it. */
struct rc_inbox_kind {
	const char *name; /* "fact.branch" */
	struct rc_inbox_text meaning;
	struct rc_inbox_text action;
};
extern const struct rc_inbox_kind rc_inbox_kinds[];
extern const size_t rc_inbox_kind_count;

/* The kind of this name; a general one (with the name "") for a name that isn't in the table. */
const struct rc_inbox_kind *rc_inbox_kind(const char *name);

struct rc_inbox_entry {
	char key[RC_INBOX_KEY_MAX_BYTES + 1];
	char kind[RC_INBOX_ID_MAX_BYTES + 1];
	char kiosk[RC_INBOX_ID_MAX_BYTES + 1]; /* "": none, as the next two */
	char session[RC_INBOX_ID_MAX_BYTES + 1];
	char ref[RC_INBOX_ID_MAX_BYTES + 1];
	char detail[RC_INBOX_DETAIL_MAX_BYTES + 1]; /* JSON */
	int64_t count; /* how often it came; rises when it comes again */
	int64_t first_ms, last_ms;
	int64_t settled_ms;                           /* 0: open */
	char settled_by[RC_INBOX_NAME_MAX_BYTES + 1]; /* "" while it is open, as the note */
	char note[RC_INBOX_NOTE_MAX_BYTES + 1];
};

enum rc_inbox_state { RC_INBOX_OPEN, RC_INBOX_SETTLED, RC_INBOX_ANY };

struct rc_inbox_query {
	enum rc_inbox_state state;
	const char *kind; /* "": any */
	int64_t after_first_ms; /* with `after_key`, the entry behind which to go on; 0 and "" from the beginning */
	const char *after_key;
	size_t limit;
};

/* Looks at one entry, which is borrowed; anything but RC_OK ends the list and is passed up. */
typedef enum rc_status rc_inbox_fn(void *context, const struct rc_inbox_entry *entry,
				   struct rc_error *err);

/* Calls `each` with what the query asks for, in the order of first_ms and key, neither of which ever changes. */
RC_CHECKED enum rc_status rc_inbox_entries(struct rc_db *db, const struct rc_inbox_query *query,
					   rc_inbox_fn *each, void *context, struct rc_error *err);

/* RC_ENOTFOUND: no entry with this key. */
RC_CHECKED enum rc_status rc_inbox_find(struct rc_db *db, const char *key,
					struct rc_inbox_entry *entry, struct rc_error *err);
RC_CHECKED enum rc_status rc_inbox_find_in(struct rc_db_tx *tx, const char *key,
					   struct rc_inbox_entry *entry, struct rc_error *err);

struct rc_inbox_settlement {
	const char *note;  /* 1 … RC_INBOX_NOTE_MAX_BYTES */
	const char *actor; /* a token's name */
	int64_t now_ms;
};

/*
 * Settles an entry as it was found and writes the audit; `entry` is then as it stands. RC_ECONFLICT: it is settled already, or came
 * again since it was found. RC_EUSAGE: no note, or too long a one.
 */
RC_CHECKED enum rc_status rc_inbox_settle_in(struct rc_db_tx *tx,
					     const struct rc_inbox_settlement *settlement,
					     struct rc_inbox_entry *entry, struct rc_error *err);

#endif
