/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_RECORDS_RECORDS_H
#define RC_RECORDS_RECORDS_H
/*
 * Attendance as it follows from facts and from the session's versions; nothing here is typed in by hand.
 *
 * One function makes a record, for facts that come in and for a rebuild alike. A record keeps the session's version that it was
 * judged by, and a rebuild judges by that version again. Who has no event has no row: "expected" and "absent" are worked out
 * when somebody looks. Any thread may call what takes a `db`; what takes a `tx` belongs to the write function that has it.
 */
#include "shared/attendance/record.h"
#include "shared/facts/fact.h"
#include "shared/reference/reference.h"

struct rc_db;
struct rc_db_tx;

/* ---- making records ---- */

#define RC_RECORDS_EVENTS_MAX                                                                      \
	256u /* of one person in one session; what goes beyond is left to a human */

/* A fact as the records need it: its columns, all borrowed. */
struct rc_records_fact {
	const char *kiosk, *epoch; /* with the next two: its place, as texts in the table */
	int64_t seq, branch;
	const uint8_t *hash;
	struct rc_bytes kind;
	struct rc_bytes body;
	int64_t best_ms, earliest_ms, latest_ms;
};

/* Whom a fact is about. */
#define RC_RECORDS_FIND_CHARS 32u

struct rc_records_subject {
	char session[RC_ID_CHARS + 1];
	char ref[RC_ID_CHARS + 1];
	char find[RC_RECORDS_FIND_CHARS + 1]; /* of the badge that was shown, hex; "": none was */
	int64_t latest_ms;                    /* when it was said at the latest */
};

enum rc_records_taken {
	RC_RECORDS_NOTHING, /* says nothing of attendance, or in a way that only newer programs know */
	RC_RECORDS_EVENT, /* an event stands for it now; the subject is set */
	RC_RECORDS_UNREADABLE, /* of a kind that counts, but its body lacks what it needs: to be shown to a human */
};

/*
 * Writes the attendance event that a fact holds, if it holds one. The same fact twice is one event. The record is not touched: call
 * rc_records_rejudge for the subject when all events are in.
 */
RC_CHECKED enum rc_status rc_records_take(struct rc_db_tx *tx, const struct rc_records_fact *fact,
					  enum rc_records_taken *taken,
					  struct rc_records_subject *subject, struct rc_error *err);

/* ---- claims: somebody typed a staff number ---- */

#define RC_RECORDS_NUMBER_MAX_BYTES 64u /* of a typed number that is worth looking up */

enum rc_records_claim_outcome {
	RC_RECORDS_CLAIM_WAITING,    /* its kiosk's facts are in quarantine */
	RC_RECORDS_CLAIM_CREDITED,   /* one person has that number: `ref` */
	RC_RECORDS_CLAIM_UNKNOWN,    /* nobody has it */
	RC_RECORDS_CLAIM_AMBIGUOUS,  /* several have or had it */
	RC_RECORDS_CLAIM_UNREADABLE, /* it doesn't open, or is no number */
};

struct rc_records_claim {
	char number[RC_RECORDS_NUMBER_MAX_BYTES + 1]; /* as typed; "" if unreadable */
	enum rc_records_claim_outcome outcome;
	char ref[RC_ID_CHARS + 1]; /* "" unless credited */
};

/*
 * Keeps, for a fact of kind attendance.claimed, who it is; to be called before rc_records_take, which makes an event of a credited claim
 * alone. It is kept because the register of people changes: a rebuild must come to the same person.
 */
RC_CHECKED enum rc_status rc_records_claim_put(struct rc_db_tx *tx,
					       const uint8_t hash[RC_FACT_HASH_BYTES],
					       const struct rc_records_claim *claim,
					       struct rc_error *err);

/* RC_ENOTFOUND: no claim was kept for this fact. */
RC_CHECKED enum rc_status rc_records_claim_get(struct rc_db_tx *tx,
					       const uint8_t hash[RC_FACT_HASH_BYTES],
					       struct rc_records_claim *claim, struct rc_error *err);

/* Where somebody stands by their events alone: what kiosks tell each other as presence. */
struct rc_records_standing {
	enum rc_presence_state presence;
	int64_t since_ms;
	char kiosk[RC_ID_CHARS + 1]; /* that stated it; "" without any event */
	bool is_session_known;
	bool needs_decision;     /* the record waits for a human */
	bool is_claim_confirmed; /* a number was typed for them, and their badge held up as well */
};

/*
 * Works out one person's record of one session from all its events and writes it; removes the record when there is no event left.
 * `session` and `ref` are UUID texts, which need not exist. The record says how it will stand when the session is over, if nothing
 * more comes. Judged by the newest version that the events name and that is known; else by the one the record was judged by before; else by
 * the session's newest; without any (an unplanned session) as a case for a human. To be called after events, and by whoever
 * changes a registration. `standing` may be NULL.
 */
RC_CHECKED enum rc_status rc_records_rejudge(struct rc_db_tx *tx, const char *session,
					     const char *ref, struct rc_records_standing *standing,
					     struct rc_error *err);

struct rc_records_rebuild_report {
	int64_t facts;           /* read, quarantined ones not included */
	int64_t events;          /* made of them */
	int64_t records;         /* judged */
	int64_t unreadable;      /* facts that count but whose body lacks what it needs */
	int64_t dropped_events;  /* stood there without a fact that says so */
	int64_t dropped_records; /* stood there without an event */
};

/*
 * Makes attendance_event and attendance anew from the facts, in the same tables, by the same functions that uploads use, and each
 * record by the version that it names. In pieces: each is one transaction that brings some events and their records to what
 * the facts say, so that a reader sees any record before or after, never between, and uploads go on meanwhile. Facts in
 * quarantine don't count. Safe to break off and to run again. Blocks: seconds for 100,000 facts.
 */
RC_CHECKED enum rc_status rc_records_rebuild(struct rc_db *db, struct rc_records_rebuild_report *report,
					     struct rc_error *err);

/* ---- looking ---- */

/* One line of a session's list. Texts are borrowed during the callback. */
struct rc_records_line {
	const char *ref;
	const char *number;     /* "" for a person that isn't known here */
	const char *name;       /* likewise */
	const char *department; /* likewise */
	bool is_known;          /* false: facts name somebody who was erased or never was here */
	bool is_registered;
	struct rc_attendance_record record; /* judged at `now_ms`: expected and absent stand here too */
	int64_t session_version;            /* that judged it; 0: the session isn't known */
};

/* Returns RC_OK to go on; anything else ends the list and is passed up. */
typedef enum rc_status rc_records_line_fn(void *context, const struct rc_records_line *line,
					  struct rc_error *err);

/*
 * The list of a session: everybody registered and everybody who was seen, by number (unknown people last). Somebody who is not
 * registered and whose only events were taken back is not on it. `session` is its code or
 * its UUID. One consistent view. RC_ENOTFOUND if there is neither such a session nor an event of one; an unplanned session that
 * only facts know is listed by its UUID.
 */
RC_CHECKED enum rc_status rc_records_attendance_of_session(struct rc_db *db, const char *session,
							   int64_t now_ms, rc_records_line_fn *each,
							   void *context, struct rc_error *err);

/* The line of one person, whether they would be on the list or not; within a transaction, so that who changed it sees it. */
RC_CHECKED enum rc_status rc_records_attendance_of_person_in(struct rc_db_tx *tx,
							     const struct rc_records_subject *subject,
							     int64_t now_ms, rc_records_line_fn *each,
							     void *context, struct rc_error *err);

/* When the last thing was said of them in this session; 0: nothing yet. */
RC_CHECKED enum rc_status rc_records_last_said_in(struct rc_db_tx *tx,
						  const struct rc_records_subject *subject,
						  int64_t *said_ms, struct rc_error *err);

/* ---- checking ---- */

struct rc_records_verify_report {
	int64_t kiosks_and_epochs; /* chains walked */
	int64_t facts;
	int64_t unread;
	int64_t lost;         /* places that a kiosk said are gone */
	int64_t missing;      /* places below the mark with no fact, no bytes and no word of loss */
	int64_t broken_links; /* `prev` is not the identity of any fact before it */
	int64_t altered;      /* envelope, body or columns don't fit their hashes */
	int64_t bad_signatures; /* of no key that the kiosk ever had, or over another hash */
	int64_t good_signatures;
	int64_t wrong_marks; /* the mark names another fact than the one there, or facts lie beyond it */
	char first_fault[RC_ERROR_MAX_BYTES]; /* in words, "" if there is none */
};

/*
 * Checks all facts against themselves: bodies, identities, chains, signatures, marks, gaps. RC_OK also with faults found (the
 * report says); an error only if the database fails. Reads everything: a few seconds for a million facts; nothing is written.
 */
RC_CHECKED enum rc_status rc_records_verify(struct rc_db *db, struct rc_records_verify_report *report,
					    struct rc_error *err);

/* True if the report holds no fault. */
bool rc_records_verify_is_good(const struct rc_records_verify_report *report);

#endif
