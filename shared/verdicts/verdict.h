/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_VERDICTS_VERDICT_H
#define RC_VERDICTS_VERDICT_H
/*
 * The one table of what can come of a scan, for kiosk, server and screens. Pure; any thread.
 *
 * "Late" is no verdict but a property of RC_VERDICT_SIGNED_IN. How a verdict looks and sounds is the screen's business; how a
 * case becomes a verdict is shared/attendance/door.h's.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

enum rc_verdict {
	RC_VERDICT_SIGNED_IN,  /* registered here, in the session's window */
	RC_VERDICT_ALREADY,    /* is signed in here since an earlier scan; nothing new happened */
	RC_VERDICT_SIGNED_OUT, /* left, where the session asks for signing out */
	RC_VERDICT_WALK_IN,    /* not registered, and the session's rule lets them in */
	RC_VERDICT_WALK_IN_WAITING, /* not registered, and the rule is to ask the trainer */
	RC_VERDICT_CHOOSE_SESSION,  /* two sessions of this room fit; the person must choose */
	RC_VERDICT_WRONG_ROOM,      /* registered now, in another room */
	RC_VERDICT_TOO_EARLY,       /* registered here; signing in opens later */
	RC_VERDICT_CLOSED,          /* the session's window is over */
	RC_VERDICT_CANCELLED,       /* the session they are registered for was cancelled */
	RC_VERDICT_NOT_REGISTERED, /* a session runs, they are not on its list and may not walk in; or no session at all */
	RC_VERDICT_UNKNOWN,      /* well-formed credential that the roster doesn't have */
	RC_VERDICT_REVOKED,      /* the badge was switched off */
	RC_VERDICT_EXPIRED,      /* the badge's or code's time is over */
	RC_VERDICT_REPLAYED,     /* a moving code that was used before */
	RC_VERDICT_MALFORMED,    /* not a code of ours */
	RC_VERDICT_CLOCK_UNSURE, /* taken, and the kiosk can't tell whether on time; the server will */
};

#define RC_VERDICT_COUNT 17u

/* The name in facts, models and answers: "signed_in" …; never NULL. */
const char *rc_verdict_name(enum rc_verdict verdict);
RC_CHECKED enum rc_status rc_verdict_parse(struct rc_bytes name, enum rc_verdict *verdict);

/* True if the scan is recorded as `attendance.signed_in` (SIGNED_IN, WALK_IN, CLOCK_UNSURE) and so counts as being there. */
bool rc_verdict_is_arrival(enum rc_verdict verdict);

/* True if the scan is recorded as `scan.refused`: everything else but SIGNED_OUT and CHOOSE_SESSION (which records nothing yet). */
bool rc_verdict_is_refusal(enum rc_verdict verdict);

#endif
