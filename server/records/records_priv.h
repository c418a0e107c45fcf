/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_RECORDS_RECORDS_PRIV_H
#define RC_RECORDS_RECORDS_PRIV_H
/* What judging, listing, rebuilding and verifying share. All of it within one transaction's function. */
#include "server/db/db.h"
#include "server/records/records.h"

/* Everything one judgement needs, loaded. About 25 KB: fit for a stack, one at a time. */
struct rc_records__case {
	struct rc_attendance_event events[RC_RECORDS_EVENTS_MAX]; /* in the order of time, then hash */
	char kiosks[RC_RECORDS_EVENTS_MAX][RC_ID_CHARS + 1];      /* where each was stated */
	int64_t named_versions[RC_RECORDS_EVENTS_MAX];            /* by each event */
	size_t event_count;
	bool has_too_many;
	int64_t kept_version; /* of the record as it stands; 0 if there is none */
	int64_t version;      /* to judge by; 0: the session isn't known */
	struct rc_attendance_terms terms;
	bool is_registered, is_excused;
	int64_t registration_version; /* 0: none */
};

/* Loads the case of one person in one session. No events, no session and no registration are all fine. */
RC_CHECKED enum rc_status rc_records__load(struct rc_db_tx *tx, const char *session, const char *ref,
					   struct rc_records__case *c, struct rc_error *err);

/* The record of a loaded case, for a session that is over or under way. */
void rc_records__judge(const struct rc_records__case *c, bool is_over,
		       struct rc_attendance_record *record);

/* The event in a fact's body; nothing is written. */
struct rc_records__event {
	struct rc_records_subject subject;
	const char *kind; /* as in the table: in, out, marked, claimed, withdrawn */
	int64_t session_version;
	bool is_walk_in;
	int64_t came_ms; /* stated in the body; 0: when the fact was written */
	bool is_claim;   /* the body names nobody: subject.ref is "" */
};
enum rc_records_taken rc_records__read_event(struct rc_bytes kind, struct rc_bytes body,
					     struct rc_records__event *event);

/* The same, with the person of a claim filled in from what was kept: a claim that isn't credited is RC_RECORDS_NOTHING. */
RC_CHECKED enum rc_status rc_records__find_event(struct rc_db_tx *tx, const struct rc_records_fact *fact,
						 enum rc_records_taken *taken,
						 struct rc_records__event *event, struct rc_error *err);

/* "in" and so on, and back; false for a word that the table can't hold. */
bool rc_records__event_kind(struct rc_bytes name, enum rc_attendance_event_kind *kind);

#endif
