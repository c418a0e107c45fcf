/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events are looked at in the order (time of stating, hash), whatever order they lie in: by asking again and again for the next one, which is
 * quadratic, needs no memory, and a person has a handful of events in a session.
 */
#include "shared/attendance/record.h"

#include <limits.h>

static const char *const state_names[] = {
    [RC_ATTENDANCE_EXPECTED] = "expected", [RC_ATTENDANCE_PRESENT] = "present",
    [RC_ATTENDANCE_LATE] = "late",         [RC_ATTENDANCE_LEFT_EARLY] = "left_early",
    [RC_ATTENDANCE_PARTIAL] = "partial",   [RC_ATTENDANCE_ABSENT] = "absent",
    [RC_ATTENDANCE_EXCUSED] = "excused",   [RC_ATTENDANCE_UNSURE] = "unsure",
};

const char *rc_attendance_state_name(enum rc_attendance_state state)
{
	return state_names[state];
}

enum rc_status rc_attendance_state_parse(struct rc_bytes name, enum rc_attendance_state *state)
{
	const size_t count = sizeof(state_names) / sizeof(state_names[0]);
	size_t place;

	if (!rc_bytes_find_name(name, state_names, count, &place))
		return RC_EFORMAT;
	*state = (enum rc_attendance_state)place;
	return RC_OK;
}

static const char *const means_names[] = {
    [RC_ATTENDANCE_BY_NOTHING] = "",
    [RC_ATTENDANCE_BY_TYPED] = "typed",
    [RC_ATTENDANCE_BY_MARKED] = "marked",
    [RC_ATTENDANCE_BY_BADGE] = "badge",
};

const char *rc_attendance_means_name(enum rc_attendance_means means)
{
	return means_names[means];
}

/* ---- the order of events ------------------------------------------------------------------------------------------------ */

static int64_t said_ms(const struct rc_attendance_event *event)
{
	return event->said_ms ? event->said_ms : event->best_ms;
}

static bool comes_before(const struct rc_attendance_event *a, const struct rc_attendance_event *b)
{
	if (said_ms(a) != said_ms(b))
		return said_ms(a) < said_ms(b);
	return memcmp(a->fact_hash, b->fact_hash, sizeof(a->fact_hash)) < 0;
}

/* The first event behind `after` (NULL: from the beginning), or NULL. A fact that stands twice is one event. */
static const struct rc_attendance_event *next_event(const struct rc_attendance_case *c,
						    const struct rc_attendance_event *after)
{
	const struct rc_attendance_event *next = NULL;

	for (size_t i = 0; i < c->event_count; i++) {
		const struct rc_attendance_event *event = &c->events[i];

		if ((!after || comes_before(after, event)) && (!next || comes_before(event, next)))
			next = event;
	}
	return next;
}

static const struct rc_attendance_event *last_withdrawal(const struct rc_attendance_case *c)
{
	const struct rc_attendance_event *last = NULL;

	for (size_t i = 0; i < c->event_count; i++) {
		const struct rc_attendance_event *event = &c->events[i];

		if (event->kind == RC_ATTENDANCE_WITHDRAWN && (!last || comes_before(last, event)))
			last = event;
	}
	return last;
}

static bool is_arrival(const struct rc_attendance_event *event)
{
	return event->kind == RC_ATTENDANCE_SIGNED_IN || event->kind == RC_ATTENDANCE_MARKED ||
	       event->kind == RC_ATTENDANCE_CLAIMED;
}

static enum rc_attendance_means means_of(const struct rc_attendance_event *event)
{
	if (event->kind == RC_ATTENDANCE_CLAIMED)
		return RC_ATTENDANCE_BY_TYPED;
	return event->kind == RC_ATTENDANCE_MARKED ? RC_ATTENDANCE_BY_MARKED : RC_ATTENDANCE_BY_BADGE;
}

/* ---- late or not ---------------------------------------------------------------------------------------------------------- */

/* In rising order of doubt about somebody who says they were on time: the best of all arrivals counts. */
enum punctuality { ON_TIME, UNDECIDED, LATE };

static enum punctuality punctuality_of(const struct rc_attendance_terms *terms,
				       const struct rc_attendance_event *arrival)
{
	if (rc_attendance_late_min(terms, arrival->latest_ms) == 0)
		return ON_TIME;
	return rc_attendance_late_min(terms, arrival->earliest_ms) == 0 ? UNDECIDED : LATE;
}

/* ---- the walk through the events -------------------------------------------------------------------------------------------- */

struct walk {
	const struct rc_attendance_event *arrival; /* the one that decides; NULL if never seen */
	enum punctuality punctuality;              /* of that one */
	const struct rc_attendance_event *out; /* the last sign-out, if nobody came back after it */
	int64_t first_in_ms;
	int64_t since_ms; /* of the stay that is under way */
	bool is_in;
	enum rc_attendance_means means; /* the strongest so far */
	int64_t present_ms;             /* within the session's time */
};

static int64_t overlap_ms(const struct rc_attendance_terms *terms, int64_t from_ms, int64_t to_ms)
{
	int64_t begin_ms = from_ms > terms->starts_ms ? from_ms : terms->starts_ms;
	int64_t end_ms = to_ms < terms->ends_ms ? to_ms : terms->ends_ms;

	return end_ms > begin_ms ? end_ms - begin_ms : 0;
}

static void take_arrival(const struct rc_attendance_case *c,
			 const struct rc_attendance_event *event, struct walk *walk)
{
	enum punctuality punctuality = punctuality_of(&c->terms, event);

	if (!walk->arrival || event->best_ms < walk->first_in_ms)
		walk->first_in_ms = event->best_ms;
	if (!walk->arrival || punctuality < walk->punctuality) {
		walk->arrival = event;
		walk->punctuality = punctuality;
	}
	if (!walk->is_in || event->best_ms < walk->since_ms)
		walk->since_ms = event->best_ms;
	walk->is_in = true;
	walk->out = NULL;
}

static void take_sign_out(const struct rc_attendance_case *c,
			  const struct rc_attendance_event *event, struct walk *walk)
{
	/* Where leaving isn't asked for it says nothing; who never came can't leave. */
	if (!c->terms.rules.has_sign_out || !walk->is_in)
		return;
	walk->present_ms += overlap_ms(&c->terms, walk->since_ms, event->best_ms);
	walk->is_in = false;
	walk->out = event;
}

static struct walk walk_through(const struct rc_attendance_case *c)
{
	const struct rc_attendance_event *event = last_withdrawal(c);
	struct walk walk = {0};

	while ((event = next_event(c, event))) {
		if (means_of(event) > walk.means)
			walk.means = means_of(event);
		if (is_arrival(event))
			take_arrival(c, event, &walk);
		else
			take_sign_out(c, event, &walk);
	}
	if (walk.is_in)
		walk.present_ms += overlap_ms(&c->terms, walk.since_ms, c->terms.ends_ms);
	return walk;
}

/* ---- the record ------------------------------------------------------------------------------------------------------------- */

static bool is_under_share(const struct rc_attendance_case *c, int64_t present_ms)
{
	int64_t whole_ms = c->terms.ends_ms - c->terms.starts_ms;

	return present_ms * 100 < whole_ms * c->terms.rules.share_percent;
}

/* Which event shows best why the state is what it is is left in `*why`. What happens after leaving is open until the session is over. */
static enum rc_attendance_state state_of_seen(const struct rc_attendance_case *c, const struct walk *walk,
					      const struct rc_attendance_event **why)
{
	bool asks_share = c->is_over && c->terms.rules.has_sign_out;

	*why = walk->arrival;
	if (asks_share && is_under_share(c, walk->present_ms)) {
		if (walk->out)
			*why = walk->out;
		return RC_ATTENDANCE_PARTIAL;
	}
	if (walk->punctuality == UNDECIDED)
		return RC_ATTENDANCE_UNSURE;
	if (asks_share && walk->out && walk->out->best_ms < c->terms.ends_ms) {
		*why = walk->out;
		return RC_ATTENDANCE_LEFT_EARLY;
	}
	return walk->punctuality == LATE ? RC_ATTENDANCE_LATE : RC_ATTENDANCE_PRESENT;
}

/* Who is neither registered nor seen has nothing to be absent from. */
static enum rc_attendance_state state_of_unseen(const struct rc_attendance_case *c)
{
	if (c->is_excused)
		return RC_ATTENDANCE_EXCUSED;
	return c->is_over && c->is_registered ? RC_ATTENDANCE_ABSENT : RC_ATTENDANCE_EXPECTED;
}

/* A session may be said to last for centuries. */
static int whole_minutes(int64_t ms)
{
	return ms / RC_MINUTE_MS < INT_MAX ? (int)(ms / RC_MINUTE_MS) : INT_MAX;
}

void rc_attendance_judge(const struct rc_attendance_case *attendance_case,
			 struct rc_attendance_record *record)
{
	const struct walk walk = walk_through(attendance_case);
	const struct rc_attendance_event *why = NULL;

	memset(record, 0, sizeof(*record));
	if (!walk.arrival) {
		record->state = state_of_unseen(attendance_case);
		return;
	}
	record->state = state_of_seen(attendance_case, &walk, &why);
	record->needs_decision = record->state == RC_ATTENDANCE_UNSURE;
	if (walk.punctuality == LATE)
		record->late_min = rc_attendance_late_min(&attendance_case->terms, walk.first_in_ms);
	record->minutes = whole_minutes(walk.present_ms);
	record->first_in_ms = walk.first_in_ms;
	record->last_out_ms = walk.out ? walk.out->best_ms : 0;
	record->is_walk_in = !attendance_case->is_registered;
	record->means = walk.means;
	memcpy(record->evidence, why->fact_hash, sizeof(record->evidence));
}
