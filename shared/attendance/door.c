/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of judging is the order of the functions in `steps`: the first that has an answer gives it. Each looks for sessions
 * that meet a condition; where two do, the one that starts first is named first.
 *
 * When the kiosk doesn't know the time, steps that depend on it are left out: who is registered here, or may walk in, is taken and
 * the server judges; nobody is sent away because of a clock that may be years off.
 */
#include "shared/attendance/door.h"

#include <assert.h>

/* A second scan so soon is a mistake of the hand, not a leave. */
#define SIGN_OUT_AFTER_MS (5 * RC_MINUTE_MS)

typedef bool (*condition)(const struct rc_door_case *door_case, const struct rc_door_session *session);

/* The sessions that meet a condition: the first two by start. */
struct found {
	size_t first, second; /* RC_DOOR_NO_SESSION: there is none */
};

static bool starts_before(const struct rc_door_case *door_case, size_t a, size_t b)
{
	return b == RC_DOOR_NO_SESSION ||
	       door_case->sessions[a].terms.starts_ms < door_case->sessions[b].terms.starts_ms;
}

static struct found find(const struct rc_door_case *door_case, condition meets)
{
	struct found found = {RC_DOOR_NO_SESSION, RC_DOOR_NO_SESSION};

	for (size_t i = 0; i < door_case->session_count; i++) {
		if (!meets(door_case, &door_case->sessions[i]))
			continue;
		if (starts_before(door_case, i, found.first)) {
			found.second = found.first;
			found.first = i;
		} else if (starts_before(door_case, i, found.second)) {
			found.second = i;
		}
	}
	return found;
}

/* ---- conditions -------------------------------------------------------------------------------------------------------- */

static bool is_early(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return c->now_ms < rc_attendance_opens_ms(&s->terms);
}

/* The window is half open: at its very end the session is closed, and the next of the room may begin. */
static bool is_over(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return c->now_ms >= rc_attendance_closes_ms(&s->terms);
}

static bool is_open(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return c->is_clock_unsure || (!is_early(c, s) && !is_over(c, s));
}

static bool is_ours(const struct rc_door_session *s)
{
	return s->is_in_this_room && s->is_registered;
}

static bool expects_arrival(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return is_ours(s) && !s->is_cancelled && s->presence != RC_DOOR_HERE && is_open(c, s);
}

/* Somebody whose session is over has left, unless leaving is a scan of its own that is still to come. */
static bool is_here(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return s->is_in_this_room && !s->is_cancelled && s->presence == RC_DOOR_HERE &&
	       (c->is_clock_unsure || s->terms.rules.has_sign_out || !is_over(c, s));
}

static bool was_here(const struct rc_door_case *c, const struct rc_door_session *s)
{
	(void)c;
	return s->is_in_this_room && !s->is_cancelled && s->presence == RC_DOOR_HERE;
}

/* Who has signed out there is free to go elsewhere. */
static bool is_elsewhere(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return !s->is_in_this_room && s->is_registered && !s->is_cancelled &&
	       s->presence != RC_DOOR_LEFT && !c->is_clock_unsure && is_open(c, s);
}

static bool may_walk_in(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return s->is_in_this_room && !s->is_registered && !s->is_cancelled &&
	       s->presence != RC_DOOR_HERE && s->terms.rules.walk_in != RC_WALK_IN_NO && is_open(c, s);
}

/* A walk-in who had signed in before it was cancelled is as much concerned as who is registered. */
static bool is_cancelled_for_them(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return s->is_in_this_room && (s->is_registered || s->presence == RC_DOOR_HERE) &&
	       s->is_cancelled && (c->is_clock_unsure || !is_over(c, s));
}

static bool is_ours_and_early(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return is_ours(s) && !s->is_cancelled && is_early(c, s);
}

static bool is_ours_and_over(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return is_ours(s) && !s->is_cancelled && is_over(c, s);
}

static bool runs_here(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return s->is_in_this_room && !s->is_cancelled && is_open(c, s);
}

/* ---- steps: true if the case is judged ---------------------------------------------------------------------------------- */

static bool judge(struct rc_door_judgement *j, enum rc_verdict verdict, size_t session)
{
	j->verdict = verdict;
	j->session = session;
	return true;
}

/* One session is taken, of two the person must choose. */
static bool judge_arrival(struct rc_door_judgement *j, enum rc_verdict verdict, const struct found *found)
{
	if (found->second == RC_DOOR_NO_SESSION)
		return judge(j, verdict, found->first);
	j->other = found->second;
	return judge(j, RC_VERDICT_CHOOSE_SESSION, found->first);
}

static bool step_credential(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	static const enum rc_verdict verdicts[] = {
	    [RC_DOOR_CREDENTIAL_MALFORMED] = RC_VERDICT_MALFORMED,
	    [RC_DOOR_CREDENTIAL_UNKNOWN] = RC_VERDICT_UNKNOWN,
	    [RC_DOOR_CREDENTIAL_REVOKED] = RC_VERDICT_REVOKED,
	    [RC_DOOR_CREDENTIAL_EXPIRED] = RC_VERDICT_EXPIRED,
	    [RC_DOOR_CREDENTIAL_REPLAYED] = RC_VERDICT_REPLAYED,
	};

	return c->credential != RC_DOOR_CREDENTIAL_GOOD &&
	       judge(j, verdicts[c->credential], RC_DOOR_NO_SESSION);
}

static bool is_leaving(const struct rc_door_case *c, const struct rc_door_session *s)
{
	return s->terms.rules.has_sign_out && c->now_ms - s->since_ms >= SIGN_OUT_AFTER_MS &&
	       (c->is_clock_unsure || c->now_ms >= s->terms.starts_ms);
}

static bool judge_here(const struct rc_door_case *c, size_t index, struct rc_door_judgement *j)
{
	const struct rc_door_session *session = &c->sessions[index];

	if (is_leaving(c, session))
		return judge(j, RC_VERDICT_SIGNED_OUT, index);
	j->since_ms = session->since_ms;
	return judge(j, RC_VERDICT_ALREADY, index);
}

/* Who is here for one session and registered for the next, whose window is open, scans for the next. */
static bool step_here(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	struct found here = find(c, is_here);

	return here.first != RC_DOOR_NO_SESSION &&
	       find(c, expects_arrival).first == RC_DOOR_NO_SESSION && judge_here(c, here.first, j);
}

static bool step_registered(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	struct found found = find(c, expects_arrival);

	if (found.first == RC_DOOR_NO_SESSION)
		return false;
	if (c->is_clock_unsure)
		return judge_arrival(j, RC_VERDICT_CLOCK_UNSURE, &found);
	(void)judge_arrival(j, RC_VERDICT_SIGNED_IN, &found);
	if (j->verdict == RC_VERDICT_SIGNED_IN)
		j->late_min = rc_attendance_late_min(&c->sessions[found.first].terms, c->now_ms);
	return true;
}

static bool step_elsewhere(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	struct found found = find(c, is_elsewhere);

	return found.first != RC_DOOR_NO_SESSION && judge(j, RC_VERDICT_WRONG_ROOM, found.first);
}

static bool step_walk_in(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	struct found found = find(c, may_walk_in);

	if (found.first == RC_DOOR_NO_SESSION)
		return false;
	if (c->sessions[found.first].terms.rules.walk_in == RC_WALK_IN_ASK)
		return judge_arrival(j, RC_VERDICT_WALK_IN_WAITING, &found);
	return judge_arrival(j, c->is_clock_unsure ? RC_VERDICT_CLOCK_UNSURE : RC_VERDICT_WALK_IN, &found);
}

static bool step_cancelled(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	struct found found = find(c, is_cancelled_for_them);

	return found.first != RC_DOOR_NO_SESSION && judge(j, RC_VERDICT_CANCELLED, found.first);
}

static bool step_too_early(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	size_t best = RC_DOOR_NO_SESSION;

	for (size_t i = 0; i < c->session_count; i++) {
		int64_t opens_ms = rc_attendance_opens_ms(&c->sessions[i].terms);

		if (!is_ours_and_early(c, &c->sessions[i]) ||
		    (best != RC_DOOR_NO_SESSION && opens_ms >= j->opens_ms))
			continue;
		best = i;
		j->opens_ms = opens_ms;
	}
	return best != RC_DOOR_NO_SESSION && judge(j, RC_VERDICT_TOO_EARLY, best);
}

/* Of several that are over it is the last; who was in one of them hears so rather than that it is closed. */
static bool step_closed(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	size_t last = RC_DOOR_NO_SESSION;

	for (size_t i = 0; i < c->session_count; i++) {
		const struct rc_door_session *s = &c->sessions[i];

		if ((is_ours_and_over(c, s) || was_here(c, s)) &&
		    (last == RC_DOOR_NO_SESSION || s->terms.ends_ms > c->sessions[last].terms.ends_ms))
			last = i;
	}
	if (last == RC_DOOR_NO_SESSION)
		return false;
	return c->sessions[last].presence == RC_DOOR_HERE ? judge_here(c, last, j)
							  : judge(j, RC_VERDICT_CLOSED, last);
}

static bool step_not_registered(const struct rc_door_case *c, struct rc_door_judgement *j)
{
	return judge(j, RC_VERDICT_NOT_REGISTERED, find(c, runs_here).first);
}

struct rc_door_judgement rc_door_judge(const struct rc_door_case *door_case)
{
	static const struct {
		bool (*judge)(const struct rc_door_case *door_case, struct rc_door_judgement *judgement);
		bool needs_time;
	} steps[] = {
	    {step_credential, false}, {step_here, false},    {step_registered, false},
	    {step_elsewhere, true},   {step_walk_in, false}, {step_cancelled, false},
	    {step_too_early, true},   {step_closed, true},   {step_not_registered, false},
	};
	struct rc_door_judgement judgement = {
	    .session = RC_DOOR_NO_SESSION,
	    .other = RC_DOOR_NO_SESSION,
	};

	assert(door_case->session_count <= RC_DOOR_SESSIONS_MAX);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].needs_time && door_case->is_clock_unsure)
			continue;
		if (steps[i].judge(door_case, &judgement))
			break;
	}
	return judgement;
}
