/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROSTER_ROSTER_H
#define RC_ROSTER_ROSTER_H
/*
 * The roster: what the server says is so, as far as this kiosk may know it. Here is its reader, for the daemon's main thread;
 * the sync thread writes it through "firmware/roster/writer.h".
 *
 * In the roster's folder: `roster-<n>.db` and the pointer file `current` that names the one in use. A snapshot is built beside
 * the old file and swapped in by moving the pointer; names are never used again, so no file ever meets another's -wal. The file
 * in use is in WAL mode: ordinary changes are applied while the door is being read, and neither waits for the other (with a
 * rollback journal every commit would lock the reader out for several fdatasyncs).
 *
 * Names of persons lie here only sealed. A reader belongs to one thread. After open and refresh look-ups allocate nothing of
 * their own; results are values in the caller's memory, written only on RC_OK. RC_ENOTFOUND: no such row, or no roster at all
 * yet. RC_EFORMAT: the file is damaged (the writer replaces it; refresh finds the new one).
 */
#include "shared/base/buf.h"
#include "shared/reference/reference.h"

struct rc_roster;

/* Works without a roster too: every look-up is RC_ENOTFOUND then. RC_EIO if the folder can't be read. */
RC_CHECKED enum rc_status rc_roster_open(const char *folder, struct rc_roster **roster,
					 struct rc_error *err);
void rc_roster_close(struct rc_roster *roster);

/*
 * Notices that the pointer moved (one stat) and that changes were applied; `*has_changed` says either happened since the last
 * call (and the first time). Cheap enough for every turn of the loop. A new file that can't be opened leaves the old one in use.
 */
RC_CHECKED enum rc_status rc_roster_refresh(struct rc_roster *roster, bool *has_changed,
					    struct rc_error *err);

/* The change number the roster stands at (what facts call roster_n); 0 when there is no roster. */
int64_t rc_roster_n(struct rc_roster *roster);
RC_CHECKED enum rc_status rc_roster_cursor(struct rc_roster *roster, struct rc_cursor *cursor,
					   struct rc_error *err);

/* ---- look-ups by key ---- */

/* Dead credentials are found too, with their state and no wrap. */
RC_CHECKED enum rc_status rc_roster_find_credential(struct rc_roster *roster, const uint8_t find[16],
						    struct rc_ref_credential *credential,
						    struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_person(struct rc_roster *roster, const struct rc_id *ref,
					   struct rc_ref_person *person, struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_room(struct rc_roster *roster, const struct rc_id *id,
					 struct rc_ref_room *room, struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_session(struct rc_roster *roster, const struct rc_id *id,
					    struct rc_ref_session *session, struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_setting(struct rc_roster *roster, const char *key,
					    struct rc_ref_setting *setting, struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_registration(struct rc_roster *roster,
						 const struct rc_id *session, const struct rc_id *ref,
						 struct rc_ref_registration *registration,
						 struct rc_error *err);
RC_CHECKED enum rc_status rc_roster_presence(struct rc_roster *roster, const struct rc_id *session,
					     const struct rc_id *ref,
					     struct rc_ref_presence *presence, struct rc_error *err);

/* What the server says of itself: the key to seal to. RC_ENOTFOUND before a server told one; RC_EFORMAT: it is none. About a
 * millisecond, as the key is checked: keep it until refresh says that something changed. */
RC_CHECKED enum rc_status rc_roster_trust(struct rc_roster *roster, struct rc_ref_trust *trust,
					  struct rc_error *err);

/* Entities that have no table of their own (list, list_key, session_state, rule, trust, erase): appends the payload's bytes. */
RC_CHECKED enum rc_status rc_roster_entity(struct rc_roster *roster, enum rc_entity entity,
					   const char *id, struct rc_buf *payload, struct rc_error *err);

/* ---- look-ups of many ---- */

/* Filled in by a look-up: the caller's array of `max`, and how many of it were written. */
struct rc_roster_sessions {
	struct rc_ref_session *items;
	size_t max;
	size_t count;
	bool has_more; /* there were more than `max`; these are the first */
};

/* Moments, both ends included. */
struct rc_roster_window {
	int64_t from_ms;
	int64_t to_ms;
};

/*
 * Sessions whose time of signing in (opens … closes, by their own rules) meets the window, in the order in which they start;
 * cancelled ones are among them. For one moment, from = to. None, or no roster yet, is an empty list and RC_OK.
 */
RC_CHECKED enum rc_status rc_roster_sessions_of_room(struct rc_roster *roster, const struct rc_id *room,
						     struct rc_roster_window window,
						     struct rc_roster_sessions *sessions,
						     struct rc_error *err);

/* The same for the sessions that a person is registered for, in any room. */
RC_CHECKED enum rc_status rc_roster_sessions_of_person(struct rc_roster *roster, const struct rc_id *ref,
						       struct rc_roster_window window,
						       struct rc_roster_sessions *sessions,
						       struct rc_error *err);

struct rc_roster_counts {
	int64_t expected;   /* as the session says */
	int64_t registered; /* rows of registration here */
	int64_t here;       /* presence "here" */
	int64_t left;       /* presence "left" */
};

/* RC_ENOTFOUND if the session isn't known. */
RC_CHECKED enum rc_status rc_roster_counts(struct rc_roster *roster, const struct rc_id *session,
					   struct rc_roster_counts *counts, struct rc_error *err);

#endif
