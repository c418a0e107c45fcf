/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ATTENDANCE_RECORD_H
#define RC_ATTENDANCE_RECORD_H
/*
 * From facts and reference versions to one person's attendance of one session: the one function that live ingest and a
 * rebuild share. Pure; any thread; the same input gives the same record, whatever order facts came in.
 */
#include "shared/attendance/rules.h"
#include "shared/base/id.h"
#include "shared/verdicts/verdict.h"

enum rc_attendance_state {                         /* the names are the API's: "expected" … */
			   RC_ATTENDANCE_EXPECTED, /* registered, session not over, nothing seen yet */
			   RC_ATTENDANCE_PRESENT,
			   RC_ATTENDANCE_LATE,
			   RC_ATTENDANCE_LEFT_EARLY, /* signed out before the end, share still reached */
			   RC_ATTENDANCE_PARTIAL, /* under the required share */
			   RC_ATTENDANCE_ABSENT,  /* registered, session over, nothing seen */
			   RC_ATTENDANCE_EXCUSED, /* leave was approved and nothing seen */
			   RC_ATTENDANCE_UNSURE, /* seen, but the clock can't tell on time from late: a human decides */
};

/* "expected" "present" "late" "left_early" "partial" "absent" "excused" "unsure", and back: RC_EFORMAT for any other text. */
const char *rc_attendance_state_name(enum rc_attendance_state state);
RC_CHECKED enum rc_status rc_attendance_state_parse(struct rc_bytes name, enum rc_attendance_state *state);

/* How it is known that somebody was there, in rising strength; the names are the API's. */
enum rc_attendance_means {
	RC_ATTENDANCE_BY_NOTHING, /* never seen: "" */
	RC_ATTENDANCE_BY_TYPED,   /* a staff number was typed at the door, which anybody can do */
	RC_ATTENDANCE_BY_MARKED,  /* a trainer or an operator says so */
	RC_ATTENDANCE_BY_BADGE,   /* their badge was held up, coming or going */
};

/* "" "typed" "marked" "badge". */
const char *rc_attendance_means_name(enum rc_attendance_means means);

enum rc_attendance_event_kind {
	RC_ATTENDANCE_SIGNED_IN,
	RC_ATTENDANCE_SIGNED_OUT,
	RC_ATTENDANCE_MARKED,    /* by hand: counts as signed in at its time */
	RC_ATTENDANCE_CLAIMED,   /* typed their number: counts as signed in, weakly known */
	RC_ATTENDANCE_WITHDRAWN, /* takes back everything before it */
};

/* What a fact contributes. `earliest` and `latest` bound the true time; equal to `best` within the clock's stated error. */
struct rc_attendance_event {
	enum rc_attendance_event_kind kind;
	int64_t best_ms, earliest_ms, latest_ms;
	int64_t said_ms; /* when it was stated, where that is another time (a mark made later); else 0. Events follow each other by this */
	bool is_walk_in;
	uint8_t fact_hash[32]; /* breaks ties of equal times, so that the order of arrival never matters */
};

struct rc_attendance_case {
	struct rc_attendance_terms terms;
	bool is_registered; /* confirmed when the session started */
	bool is_excused;
	bool is_over; /* the session is closed or its window has passed at the time of judging */
	const struct rc_attendance_event *events;
	size_t event_count;
};

struct rc_attendance_record {
	enum rc_attendance_state state;
	int late_min;                   /* 0 unless late */
	int minutes;                    /* of the session's time, present; whole minutes */
	int64_t first_in_ms;            /* 0 if never */
	int64_t last_out_ms;            /* 0 if not signed out */
	bool is_walk_in;                /* seen and not registered */
	bool needs_decision;            /* goes to the inbox */
	enum rc_attendance_means means; /* the strongest since the last withdrawal */
	uint8_t evidence[32]; /* identity of the fact that made the state true; zeros if none */
};

/*
 * `events` may come in any order, and the same fact twice counts once. Of several arrivals the one that is surest to be on time decides
 * about late. PARTIAL and LEFT_EARLY are said only when the session is over and asks for signing out; who never signed out stayed
 * to the end. Who is neither registered nor seen is EXPECTED: nothing can be missing.
 */
void rc_attendance_judge(const struct rc_attendance_case *attendance_case,
			 struct rc_attendance_record *record);

#endif
