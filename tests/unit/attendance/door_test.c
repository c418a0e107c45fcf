/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times are minutes of one day, as hh * 60 + mm; sessions are written in a line: "here/there", "registered/stranger" and so on
 * are flags. Each row of the big table is a case with its verdict.
 */
#include "shared/attendance/door.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MIDNIGHT        INT64_C(1795449600000)
#define T(hour, minute) ((hour)*60 + (minute))
#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))

enum {
	HERE = 1,         /* in this room */
	OURS = 2,         /* the person is registered */
	OFF = 4,          /* cancelled */
	IN = 8,           /* signed in … */
	LEFT = 16,        /* … and out again */
	ASK = 32,         /* walk-ins: the trainer is asked */
	NO = 64,          /* walk-ins: none */
	SIGN_OUT = 128,   /* leaving is a scan */
	STAYS_OPEN = 256, /* 30 minutes after its end */
};

struct session {
	int starts, ends; /* 0: there is none */
	int flags;
	int since;
};

struct row {
	const char *name;
	int now;
	struct session sessions[3];
	enum rc_verdict verdict;
	int session; /* -1: none */
	enum rc_door_credential credential;
	bool is_clock_unsure;
};

static int64_t ms_of(int minute)
{
	return MIDNIGHT + minute * RC_MINUTE_MS;
}

static struct rc_door_session session_of(const struct session *s)
{
	struct rc_door_session session = {
	    .terms = {ms_of(s->starts), ms_of(s->ends), rc_attendance_rules_default()},
	    .is_in_this_room = s->flags & HERE,
	    .is_registered = s->flags & OURS,
	    .is_cancelled = s->flags & OFF,
	    .presence = s->flags & IN     ? RC_DOOR_HERE
			: s->flags & LEFT ? RC_DOOR_LEFT
					  : RC_DOOR_ABSENT,
	    .since_ms = s->since ? ms_of(s->since) : 0,
	};

	if (s->flags & ASK)
		session.terms.rules.walk_in = RC_WALK_IN_ASK;
	if (s->flags & NO)
		session.terms.rules.walk_in = RC_WALK_IN_NO;
	if (s->flags & STAYS_OPEN)
		session.terms.rules.closes_after_min = 30;
	session.terms.rules.has_sign_out = s->flags & SIGN_OUT;
	return session;
}

static struct rc_door_judgement judge(const struct row *row)
{
	struct rc_door_session sessions[3];
	struct rc_door_case door_case = {.now_ms = ms_of(row->now),
					 .is_clock_unsure = row->is_clock_unsure,
					 .credential = row->credential,
					 .sessions = sessions};

	while (door_case.session_count < 3 && row->sessions[door_case.session_count].ends) {
		sessions[door_case.session_count] = session_of(&row->sessions[door_case.session_count]);
		door_case.session_count++;
	}
	return rc_door_judge(&door_case);
}

static void assert_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct rc_door_judgement j = judge(&rows[i]);
		const int session = j.session == RC_DOOR_NO_SESSION ? -1 : (int)j.session;

		if (j.verdict != rows[i].verdict || session != rows[i].session)
			fail_msg("%s: %s of session %d", rows[i].name, rc_verdict_name(j.verdict),
				 session);
	}
}

/* A morning session 9:00-11:00 of this room, for which the person is registered. */
#define MORNING(flags)                                                                             \
	{                                                                                          \
		T(9, 0), T(11, 0), HERE | OURS | (flags), 0                                        \
	}
/* The same hours for which they aren't. */
#define STRANGE(flags)                                                                             \
	{                                                                                          \
		T(9, 0), T(11, 0), HERE | (flags), 0                                               \
	}
/* The same hours in another room, registered. */
#define ELSEWHERE(flags)                                                                           \
	{                                                                                          \
		T(9, 0), T(11, 0), OURS | (flags), 0                                               \
	}

static void each_verdict_has_its_case(void **state)
{
	static const struct row rows[] = {
	    {"registered, in the window", T(8, 55), {MORNING(0)}, RC_VERDICT_SIGNED_IN, 0, 0, 0},
	    {"the first moment of the window", T(8, 30), {MORNING(0)}, RC_VERDICT_SIGNED_IN, 0, 0, 0},
	    {"the moment before it", T(8, 29), {MORNING(0)}, RC_VERDICT_TOO_EARLY, 0, 0, 0},
	    {"the last minute", T(10, 59), {MORNING(0)}, RC_VERDICT_SIGNED_IN, 0, 0, 0},
	    {"the very end", T(11, 0), {MORNING(0)}, RC_VERDICT_CLOSED, 0, 0, 0},
	    {"after the end, still open", T(11, 29), {MORNING(STAYS_OPEN)}, RC_VERDICT_SIGNED_IN, 0, 0, 0},
	    {"already here", T(9, 30), {{T(9, 0), T(11, 0), HERE | OURS | IN, T(9, 2)}}, RC_VERDICT_ALREADY, 0, 0, 0},
	    {"back again after leaving", T(9, 30), {MORNING(LEFT)}, RC_VERDICT_SIGNED_IN, 0, 0, 0},
	    {"leaving",
	     T(10, 30),
	     {{T(9, 0), T(11, 0), HERE | OURS | IN | SIGN_OUT, T(9, 2)}},
	     RC_VERDICT_SIGNED_OUT,
	     0,
	     0,
	     0},
	    {"a slip of the hand is no leave",
	     T(9, 4),
	     {{T(9, 0), T(11, 0), HERE | OURS | IN | SIGN_OUT, T(9, 2)}},
	     RC_VERDICT_ALREADY,
	     0,
	     0,
	     0},
	    {"nobody leaves before it begins",
	     T(8, 58),
	     {{T(9, 0), T(11, 0), HERE | OURS | IN | SIGN_OUT, T(8, 35)}},
	     RC_VERDICT_ALREADY,
	     0,
	     0,
	     0},
	    {"leaving after the end",
	     T(11, 5),
	     {{T(9, 0), T(11, 0), HERE | OURS | IN | SIGN_OUT, T(9, 2)}},
	     RC_VERDICT_SIGNED_OUT,
	     0,
	     0,
	     0},
	    {"walk-in", T(9, 0), {STRANGE(0)}, RC_VERDICT_WALK_IN, 0, 0, 0},
	    {"walk-in that is asked for", T(9, 0), {STRANGE(ASK)}, RC_VERDICT_WALK_IN_WAITING, 0, 0, 0},
	    {"no walk-in", T(9, 0), {STRANGE(NO)}, RC_VERDICT_NOT_REGISTERED, 0, 0, 0},
	    {"a walk-in who is already in",
	     T(9, 30),
	     {{T(9, 0), T(11, 0), HERE | IN, T(9, 1)}},
	     RC_VERDICT_ALREADY,
	     0,
	     0,
	     0},
	    {"another room", T(9, 0), {ELSEWHERE(0)}, RC_VERDICT_WRONG_ROOM, 0, 0, 0},
	    {"cancelled", T(9, 0), {MORNING(OFF)}, RC_VERDICT_CANCELLED, 0, 0, 0},
	    {"cancelled, long before", T(7, 0), {MORNING(OFF)}, RC_VERDICT_CANCELLED, 0, 0, 0},
	    {"cancelled while a walk-in was in it", T(9, 30), {STRANGE(OFF | IN)}, RC_VERDICT_CANCELLED, 0, 0, 0},
	    {"nobody signs out of a cancelled session",
	     T(10, 30),
	     {STRANGE(OFF | IN | SIGN_OUT)},
	     RC_VERDICT_CANCELLED,
	     0,
	     0,
	     0},
	    {"cancelled and over", T(11, 30), {STRANGE(OFF | IN)}, RC_VERDICT_NOT_REGISTERED, -1, 0, 0},
	    {"cancelled elsewhere", T(9, 0), {ELSEWHERE(OFF)}, RC_VERDICT_NOT_REGISTERED, -1, 0, 0},
	    {"nothing at all", T(9, 0), {{0}}, RC_VERDICT_NOT_REGISTERED, -1, 0, 0},
	    {"only the evening's strangers",
	     T(9, 0),
	     {{T(18, 0), T(19, 0), HERE, 0}},
	     RC_VERDICT_NOT_REGISTERED,
	     -1,
	     0,
	     0},
	    {"malformed", T(9, 0), {MORNING(0)}, RC_VERDICT_MALFORMED, -1, RC_DOOR_CREDENTIAL_MALFORMED, 0},
	    {"unknown", T(9, 0), {MORNING(0)}, RC_VERDICT_UNKNOWN, -1, RC_DOOR_CREDENTIAL_UNKNOWN, 0},
	    {"revoked", T(9, 0), {MORNING(0)}, RC_VERDICT_REVOKED, -1, RC_DOOR_CREDENTIAL_REVOKED, 0},
	    {"expired", T(9, 0), {MORNING(0)}, RC_VERDICT_EXPIRED, -1, RC_DOOR_CREDENTIAL_EXPIRED, 0},
	    {"replayed", T(9, 0), {MORNING(0)}, RC_VERDICT_REPLAYED, -1, RC_DOOR_CREDENTIAL_REPLAYED, 0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

/* Each row has all that the rows below it have, so only the order decides. */
static void what_comes_first_in_the_order_wins(void **state)
{
	static const struct session later = {T(14, 0), T(15, 0), HERE | OURS, 0};
	const struct row rows[] = {
	    {"a fault of the badge over being here",
	     T(9, 30),
	     {MORNING(IN), ELSEWHERE(0)},
	     RC_VERDICT_REVOKED,
	     -1,
	     RC_DOOR_CREDENTIAL_REVOKED,
	     0},
	    {"being here over another room", T(9, 30), {ELSEWHERE(0), MORNING(IN)}, RC_VERDICT_ALREADY, 1, 0, 0},
	    {"being here over a walk-in", T(9, 30), {STRANGE(0), MORNING(IN)}, RC_VERDICT_ALREADY, 1, 0, 0},
	    {"registered here over another room", T(9, 30), {ELSEWHERE(0), MORNING(0)}, RC_VERDICT_SIGNED_IN, 1, 0, 0},
	    {"registered here over a walk-in", T(9, 30), {STRANGE(0), MORNING(0)}, RC_VERDICT_SIGNED_IN, 1, 0, 0},
	    {"another room over a walk-in", T(9, 30), {STRANGE(0), ELSEWHERE(0)}, RC_VERDICT_WRONG_ROOM, 1, 0, 0},
	    {"another room over too early", T(9, 30), {later, ELSEWHERE(0)}, RC_VERDICT_WRONG_ROOM, 1, 0, 0},
	    {"another room over cancelled", T(9, 30), {MORNING(OFF), ELSEWHERE(0)}, RC_VERDICT_WRONG_ROOM, 1, 0, 0},
	    {"a walk-in over cancelled", T(9, 30), {MORNING(OFF), STRANGE(0)}, RC_VERDICT_WALK_IN, 1, 0, 0},
	    {"a walk-in over too early", T(9, 30), {later, STRANGE(0)}, RC_VERDICT_WALK_IN, 1, 0, 0},
	    {"cancelled over too early", T(9, 30), {later, MORNING(OFF)}, RC_VERDICT_CANCELLED, 1, 0, 0},
	    {"too early over closed", T(12, 0), {MORNING(0), later}, RC_VERDICT_TOO_EARLY, 1, 0, 0},
	    {"closed over not registered",
	     T(11, 30),
	     {{T(11, 0), T(12, 0), HERE | NO, 0}, MORNING(0)},
	     RC_VERDICT_CLOSED,
	     1,
	     0,
	     0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

/* 9:00-10:00 and 10:00-11:00 in this room. */
#define FIRST(flags)                                                                               \
	{                                                                                          \
		T(9, 0), T(10, 0), HERE | (flags), T(9, 0)                                         \
	}
#define SECOND(flags)                                                                              \
	{                                                                                          \
		T(10, 0), T(11, 0), HERE | (flags), 0                                              \
	}

static void of_two_sessions_back_to_back_the_registration_decides(void **state)
{
	static const struct row rows[] = {
	    {"only the first is theirs", T(9, 40), {FIRST(OURS), SECOND(0)}, RC_VERDICT_SIGNED_IN, 0, 0, 0},
	    {"only the second is theirs", T(9, 40), {FIRST(0), SECOND(OURS)}, RC_VERDICT_SIGNED_IN, 1, 0, 0},
	    {"both are theirs", T(9, 40), {FIRST(OURS), SECOND(OURS)}, RC_VERDICT_CHOOSE_SESSION, 0, 0, 0},
	    {"both are theirs, in either order",
	     T(9, 40),
	     {SECOND(OURS), FIRST(OURS)},
	     RC_VERDICT_CHOOSE_SESSION,
	     1,
	     0,
	     0},
	    {"neither is theirs", T(9, 40), {FIRST(0), SECOND(0)}, RC_VERDICT_CHOOSE_SESSION, 0, 0, 0},
	    {"neither is theirs, one takes walk-ins", T(9, 40), {FIRST(NO), SECOND(0)}, RC_VERDICT_WALK_IN, 1, 0, 0},
	    {"in the first, the second not open",
	     T(9, 10),
	     {FIRST(OURS | IN), SECOND(OURS)},
	     RC_VERDICT_ALREADY,
	     0,
	     0,
	     0},
	    {"in the first, now for the second",
	     T(9, 40),
	     {FIRST(OURS | IN), SECOND(OURS)},
	     RC_VERDICT_SIGNED_IN,
	     1,
	     0,
	     0},
	    {"in both", T(9, 50), {FIRST(OURS | IN), SECOND(OURS | IN)}, RC_VERDICT_ALREADY, 0, 0, 0},
	    {"in the first, the second is none of theirs",
	     T(9, 50),
	     {FIRST(OURS | IN), SECOND(0)},
	     RC_VERDICT_ALREADY,
	     0,
	     0,
	     0},
	    {"the first is over: stays as a walk-in",
	     T(10, 5),
	     {FIRST(OURS | IN), SECOND(0)},
	     RC_VERDICT_WALK_IN,
	     1,
	     0,
	     0},
	    {"the first is over, leaving is asked for",
	     T(10, 5),
	     {FIRST(OURS | IN | SIGN_OUT), SECOND(0)},
	     RC_VERDICT_SIGNED_OUT,
	     0,
	     0,
	     0},
	    {"the first is over and no other", T(10, 5), {FIRST(OURS | IN)}, RC_VERDICT_ALREADY, 0, 0, 0},
	    {"the first is cancelled", T(9, 40), {FIRST(OURS | OFF), SECOND(OURS)}, RC_VERDICT_SIGNED_IN, 1, 0, 0},
	    {"the moment between them", T(10, 0), {FIRST(OURS), SECOND(OURS)}, RC_VERDICT_SIGNED_IN, 1, 0, 0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void elsewhere_counts_only_while_it_is_now(void **state)
{
	static const struct row rows[] = {
	    {"elsewhere later: a walk-in here",
	     T(9, 0),
	     {STRANGE(0), {T(14, 0), T(15, 0), OURS, 0}},
	     RC_VERDICT_WALK_IN,
	     0,
	     0,
	     0},
	    {"elsewhere over: a walk-in here",
	     T(10, 30),
	     {STRANGE(0), {T(8, 0), T(9, 0), OURS, 0}},
	     RC_VERDICT_WALK_IN,
	     0,
	     0,
	     0},
	    {"left there: a walk-in here", T(10, 0), {STRANGE(0), ELSEWHERE(LEFT)}, RC_VERDICT_WALK_IN, 0, 0, 0},
	    {"signed in there, scanning here", T(10, 0), {STRANGE(0), ELSEWHERE(IN)}, RC_VERDICT_WRONG_ROOM, 1, 0, 0},
	    {"elsewhere cancelled", T(10, 0), {STRANGE(0), ELSEWHERE(OFF)}, RC_VERDICT_WALK_IN, 0, 0, 0},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void a_clock_that_knows_nothing_sends_nobody_away(void **state)
{
	static const struct row rows[] = {
	    {"registered, whatever the hour", T(3, 0), {MORNING(0)}, RC_VERDICT_CLOCK_UNSURE, 0, 0, true},
	    {"registered for two",
	     T(3, 0),
	     {MORNING(0), {T(14, 0), T(15, 0), HERE | OURS, 0}},
	     RC_VERDICT_CHOOSE_SESSION,
	     0,
	     0,
	     true},
	    {"already here", T(3, 0), {MORNING(IN)}, RC_VERDICT_ALREADY, 0, 0, true},
	    {"a walk-in", T(3, 0), {STRANGE(0)}, RC_VERDICT_CLOCK_UNSURE, 0, 0, true},
	    {"a walk-in to be asked", T(3, 0), {STRANGE(ASK)}, RC_VERDICT_WALK_IN_WAITING, 0, 0, true},
	    {"elsewhere may be any time", T(9, 30), {STRANGE(0), ELSEWHERE(0)}, RC_VERDICT_CLOCK_UNSURE, 0, 0, true},
	    {"cancelled is no question of time", T(3, 0), {MORNING(OFF)}, RC_VERDICT_CANCELLED, 0, 0, true},
	    {"no walk-in", T(9, 0), {STRANGE(NO)}, RC_VERDICT_NOT_REGISTERED, 0, 0, true},
	    {"a bad badge stays bad", T(9, 0), {MORNING(0)}, RC_VERDICT_EXPIRED, -1, RC_DOOR_CREDENTIAL_EXPIRED, true},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void lateness_is_told_in_minutes(void **state)
{
	static const struct {
		int now, late;
	} cases[] = {{T(8, 45), 0}, {T(9, 10), 0}, {T(9, 11), 11}, {T(10, 0), 60}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row row = {"", cases[i].now, {MORNING(0)}, RC_VERDICT_SIGNED_IN, 0, 0,
					0};

		assert_int_equal(judge(&row).late_min, cases[i].late);
	}
}

static void the_person_is_told_since_when_when_to_come_and_what_to_choose(void **state)
{
	const struct row already = {
	    "", T(9, 30), {{T(9, 0), T(11, 0), HERE | OURS | IN, T(9, 2)}}, 0, 0, 0, 0};
	const struct row early = {
	    "", T(7, 0), {{T(18, 0), T(19, 0), HERE | OURS, 0}, MORNING(0)}, 0, 0, 0, 0};
	const struct row choose = {"", T(9, 40), {SECOND(OURS), FIRST(OURS)}, 0, 0, 0, 0};

	(void)state;
	assert_int_equal(judge(&already).since_ms, ms_of(T(9, 2)));
	assert_int_equal(judge(&early).session, 1);
	assert_int_equal(judge(&early).opens_ms, ms_of(T(8, 30)));
	assert_int_equal(judge(&choose).other, 0);
	assert_true(judge(&already).other == RC_DOOR_NO_SESSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_verdict_has_its_case),
	    cmocka_unit_test(what_comes_first_in_the_order_wins),
	    cmocka_unit_test(of_two_sessions_back_to_back_the_registration_decides),
	    cmocka_unit_test(elsewhere_counts_only_while_it_is_now),
	    cmocka_unit_test(a_clock_that_knows_nothing_sends_nobody_away),
	    cmocka_unit_test(lateness_is_told_in_minutes),
	    cmocka_unit_test(the_person_is_told_since_when_when_to_come_and_what_to_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
