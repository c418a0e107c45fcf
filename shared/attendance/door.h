/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ATTENDANCE_DOOR_H
#define RC_ATTENDANCE_DOOR_H
/*
 * A scan at the door: the case becomes a verdict. The kiosk decides with it what to show; the server uses it to explain.
 *
 * The order of judging is fixed: faults of payload and credential; already here; registered here and in its window; registered
 * elsewhere now; walk-in by rule; cancelled; too early; closed; not registered. Pure; any thread.
 */
#include "shared/attendance/rules.h"
#include "shared/base/id.h"
#include "shared/verdicts/verdict.h"

#define RC_DOOR_SESSIONS_MAX 16u

enum rc_door_credential {
	RC_DOOR_CREDENTIAL_GOOD,
	RC_DOOR_CREDENTIAL_MALFORMED, /* no code of ours */
	RC_DOOR_CREDENTIAL_UNKNOWN,   /* not in the roster */
	RC_DOOR_CREDENTIAL_REVOKED,
	RC_DOOR_CREDENTIAL_EXPIRED,
	RC_DOOR_CREDENTIAL_REPLAYED,
};

enum rc_door_presence {
	RC_DOOR_ABSENT, /* never signed in, or withdrawn */
	RC_DOOR_HERE,
	RC_DOOR_LEFT, /* signed out */
};

/* A session that matters to this scan: of this room around now, or anywhere if the person is registered for it around now. */
struct rc_door_session {
	struct rc_attendance_terms terms;
	bool is_in_this_room;
	bool is_registered; /* this person, confirmed */
	bool is_cancelled;
	enum rc_door_presence presence;
	int64_t since_ms; /* of the presence */
};

struct rc_door_case {
	int64_t now_ms;
	bool is_clock_unsure; /* source none: taken, and judged by the server */
	enum rc_door_credential credential;
	const struct rc_door_session *sessions;
	size_t session_count; /* ≤ RC_DOOR_SESSIONS_MAX */
};

#define RC_DOOR_NO_SESSION SIZE_MAX

struct rc_door_judgement {
	enum rc_verdict verdict;
	size_t session; /* index of the session it is about, or RC_DOOR_NO_SESSION */
	size_t other; /* RC_VERDICT_CHOOSE_SESSION: the second candidate, else RC_DOOR_NO_SESSION */
	int late_min; /* RC_VERDICT_SIGNED_IN: minutes late, 0 for on time */
	int64_t since_ms; /* RC_VERDICT_ALREADY: since when */
	int64_t opens_ms; /* RC_VERDICT_TOO_EARLY: when to come again */
};

/*
 * Judges one case. Windows are half open: from their first moment up to, but not at, their end. Who is here for one session and
 * registered for another of this room whose window is open arrives for that one; else a second scan is RC_VERDICT_ALREADY, or a
 * leave where the session asks for one and five minutes have passed. Where the clock is unsure nothing that depends on the hour is
 * said: who is registered here or may walk in is RC_VERDICT_CLOCK_UNSURE.
 */
struct rc_door_judgement rc_door_judge(const struct rc_door_case *door_case);

#endif
