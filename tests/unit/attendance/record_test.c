/* SPDX-License-Identifier: Apache-2.0 */
/* Times are minutes after the start of a session of 120 minutes; the late limit is 10, the share 80 % (96 minutes). */
#include "shared/attendance/record.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define START        INT64_C(1795510800000)
#define EVENTS_MAX   5
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct happening {
	enum rc_attendance_event_kind kind;
	int minute;
	int doubt; /* minutes either way */
};

enum { REGISTERED = 1, EXCUSED = 2, RUNNING = 4, SIGN_OUT = 8 };

struct row {
	const char *name;
	int flags;
	struct happening happenings[EVENTS_MAX];
	size_t count;
	enum rc_attendance_state state;
	int late_min, minutes;
};

#define IN(...)                                                                                    \
	{                                                                                          \
		RC_ATTENDANCE_SIGNED_IN, __VA_ARGS__                                               \
	}
#define OUT(...)                                                                                   \
	{                                                                                          \
		RC_ATTENDANCE_SIGNED_OUT, __VA_ARGS__                                              \
	}
#define MARKED(...)                                                                                \
	{                                                                                          \
		RC_ATTENDANCE_MARKED, __VA_ARGS__                                                  \
	}
#define CLAIMED(...)                                                                               \
	{                                                                                          \
		RC_ATTENDANCE_CLAIMED, __VA_ARGS__                                                 \
	}
#define WITHDRAWN(...)                                                                             \
	{                                                                                          \
		RC_ATTENDANCE_WITHDRAWN, __VA_ARGS__                                               \
	}

static void make_events(const struct row *row, struct rc_attendance_event *events)
{
	memset(events, 0, EVENTS_MAX * sizeof(*events));
	for (size_t i = 0; i < row->count; i++) {
		const struct happening *h = &row->happenings[i];

		events[i].kind = h->kind;
		events[i].best_ms = START + h->minute * RC_MINUTE_MS;
		events[i].earliest_ms = events[i].best_ms - h->doubt * RC_MINUTE_MS;
		events[i].latest_ms = events[i].best_ms + h->doubt * RC_MINUTE_MS;
		events[i].fact_hash[0] = (uint8_t)(i + 1);
	}
}

static struct rc_attendance_record judge(const struct row *row, const struct rc_attendance_event *events)
{
	struct rc_attendance_case attendance_case = {
	    .terms = {START, START + 2 * RC_HOUR_MS, rc_attendance_rules_default()},
	    .is_registered = row->flags & REGISTERED,
	    .is_excused = row->flags & EXCUSED,
	    .is_over = !(row->flags & RUNNING),
	    .events = events,
	    .event_count = row->count,
	};
	struct rc_attendance_record record;

	attendance_case.terms.rules.has_sign_out = row->flags & SIGN_OUT;
	rc_attendance_judge(&attendance_case, &record);
	return record;
}

static const struct row rows[] = {
    {"nothing yet", REGISTERED | RUNNING, {IN(0, 0)}, 0, RC_ATTENDANCE_EXPECTED, 0, 0},
    {"never came", REGISTERED, {IN(0, 0)}, 0, RC_ATTENDANCE_ABSENT, 0, 0},
    {"never came, excused", REGISTERED | EXCUSED, {IN(0, 0)}, 0, RC_ATTENDANCE_EXCUSED, 0, 0},
    {"excused and not over", REGISTERED | EXCUSED | RUNNING, {IN(0, 0)}, 0, RC_ATTENDANCE_EXCUSED, 0, 0},
    {"a stranger who never came is absent from nothing", 0, {IN(0, 0)}, 0, RC_ATTENDANCE_EXPECTED, 0, 0},
    {"on time", REGISTERED, {IN(-5, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 120},
    {"exactly the limit", REGISTERED, {IN(10, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 110},
    {"late", REGISTERED, {IN(11, 0)}, 1, RC_ATTENDANCE_LATE, 11, 109},
    {"late while it runs", REGISTERED | RUNNING, {IN(30, 0)}, 1, RC_ATTENDANCE_LATE, 30, 90},
    {"excused and came", REGISTERED | EXCUSED, {IN(0, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 120},
    {"walked in", 0, {IN(0, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 120},
    {"marked by hand", REGISTERED, {MARKED(5, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 115},
    {"typed their number", REGISTERED, {CLAIMED(5, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 115},
    {"typed their number late", REGISTERED, {CLAIMED(11, 0)}, 1, RC_ATTENDANCE_LATE, 11, 109},
    {"typed their number in doubt", REGISTERED, {CLAIMED(8, 3)}, 1, RC_ATTENDANCE_UNSURE, 0, 112},
    {"typed and taken back", REGISTERED, {CLAIMED(0, 0), WITHDRAWN(5, 0)}, 2, RC_ATTENDANCE_ABSENT, 0, 0},
    {"withdrawn", REGISTERED, {IN(0, 0), WITHDRAWN(5, 0)}, 2, RC_ATTENDANCE_ABSENT, 0, 0},
    {"withdrawn while it runs", REGISTERED | RUNNING, {IN(0, 0), WITHDRAWN(5, 0)}, 2, RC_ATTENDANCE_EXPECTED, 0, 0},
    {"withdrawn and came", REGISTERED, {IN(0, 0), WITHDRAWN(5, 0), IN(20, 0)}, 3, RC_ATTENDANCE_LATE, 20, 100},
    {"withdrawn twice",
     REGISTERED,
     {IN(0, 0), WITHDRAWN(5, 0), IN(20, 0), WITHDRAWN(25, 0)},
     4,
     RC_ATTENDANCE_ABSENT,
     0,
     0},
    {"doubt within the limit", REGISTERED, {IN(5, 5)}, 1, RC_ATTENDANCE_PRESENT, 0, 115},
    {"doubt across the limit", REGISTERED, {IN(8, 3)}, 1, RC_ATTENDANCE_UNSURE, 0, 112},
    {"late without doubt", REGISTERED, {IN(20, 9)}, 1, RC_ATTENDANCE_LATE, 20, 100},
    {"doubt, and a later scan that is sure to be late",
     REGISTERED,
     {IN(8, 3), IN(15, 0)},
     2,
     RC_ATTENDANCE_UNSURE,
     0,
     112},
    {"doubt, and another scan that is sure", REGISTERED, {IN(8, 3), IN(9, 0)}, 2, RC_ATTENDANCE_PRESENT, 0, 112},
    {"scans at two kiosks are one arrival", REGISTERED, {IN(3, 0), IN(3, 0), IN(40, 0)}, 3, RC_ATTENDANCE_PRESENT, 0, 117},
    {"leaving isn't asked for", REGISTERED, {IN(0, 0), OUT(10, 0)}, 2, RC_ATTENDANCE_PRESENT, 0, 120},
    {"stayed to the end", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(121, 0)}, 2, RC_ATTENDANCE_PRESENT, 0, 120},
    {"forgot to sign out", REGISTERED | SIGN_OUT, {IN(0, 0)}, 1, RC_ATTENDANCE_PRESENT, 0, 120},
    {"left early, share reached", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(96, 0)}, 2, RC_ATTENDANCE_LEFT_EARLY, 0, 96},
    {"a minute under the share", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(95, 0)}, 2, RC_ATTENDANCE_PARTIAL, 0, 95},
    {"left while it runs", REGISTERED | SIGN_OUT | RUNNING, {IN(0, 0), OUT(20, 0)}, 2, RC_ATTENDANCE_PRESENT, 0, 20},
    {"a break doesn't count", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(40, 0), IN(60, 0)}, 3, RC_ATTENDANCE_PRESENT, 0, 100},
    {"too long a break",
     REGISTERED | SIGN_OUT,
     {IN(0, 0), OUT(40, 0), IN(80, 0), OUT(120, 0)},
     4,
     RC_ATTENDANCE_PARTIAL,
     0,
     80},
    {"so late that the share is missed", REGISTERED | SIGN_OUT, {IN(60, 0)}, 1, RC_ATTENDANCE_PARTIAL, 60, 60},
    {"late and left early", REGISTERED | SIGN_OUT, {IN(15, 0), OUT(115, 0)}, 2, RC_ATTENDANCE_LEFT_EARLY, 15, 100},
    {"left without coming", REGISTERED | SIGN_OUT, {OUT(50, 0)}, 1, RC_ATTENDANCE_ABSENT, 0, 0},
    {"a morning of everything",
     REGISTERED | SIGN_OUT,
     {IN(-3, 0), WITHDRAWN(2, 0), IN(4, 0), OUT(30, 0), IN(40, 0)},
     5,
     RC_ATTENDANCE_PRESENT,
     0,
     106},
};

static void each_history_has_its_state(void **state)
{
	struct rc_attendance_event events[EVENTS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rc_attendance_record record;

		make_events(&rows[i], events);
		record = judge(&rows[i], events);
		if (record.state != rows[i].state || record.late_min != rows[i].late_min ||
		    record.minutes != rows[i].minutes)
			fail_msg("%s: %s, %d minutes late, %d present", rows[i].name,
				 rc_attendance_state_name(record.state), record.late_min,
				 record.minutes);
		assert_int_equal(record.needs_decision, rows[i].state == RC_ATTENDANCE_UNSURE);
	}
}

/* Heap's algorithm: every order of `count` events, each compared with the first. */
static size_t check_orders(const struct row *row, struct rc_attendance_event *events, size_t count,
			   const struct rc_attendance_record *expected)
{
	size_t checked = 0;

	if (count <= 1) {
		struct rc_attendance_record record = judge(row, events);

		if (memcmp(&record, expected, sizeof(record)) != 0)
			fail_msg("%s: the order of events changed the record", row->name);
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		size_t other = count % 2 ? 0 : i;
		struct rc_attendance_event swap;

		checked += check_orders(row, events, count - 1, expected);
		swap = events[other];
		events[other] = events[count - 1];
		events[count - 1] = swap;
	}
	return checked;
}

static void any_order_of_events_gives_the_same_record(void **state)
{
	static const size_t factorials[] = {1, 1, 2, 6, 24, 120};
	struct rc_attendance_event events[EVENTS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rc_attendance_record expected;

		make_events(&rows[i], events);
		expected = judge(&rows[i], events);
		assert_int_equal(check_orders(&rows[i], events, rows[i].count, &expected),
				 factorials[rows[i].count]);
	}
}

/* All kinds at all of three times: 12 happenings, every choice of up to four of them, in every order. */
static void any_order_of_equal_times_gives_the_same_record(void **state)
{
	struct rc_attendance_event events[EVENTS_MAX];
	struct row row = {"equal times", REGISTERED | SIGN_OUT, {IN(0, 0)}, 4, 0, 0, 0};

	(void)state;
	for (unsigned choice = 0; choice < 12 * 12 * 12 * 12; choice++) {
		struct rc_attendance_record expected;
		unsigned rest = choice;

		for (size_t i = 0; i < 4; i++, rest /= 12) {
			row.happenings[i].kind = (enum rc_attendance_event_kind)(rest % 12 / 3);
			row.happenings[i].minute = (int)(rest % 3) * 40;
		}
		make_events(&row, events);
		expected = judge(&row, events);
		(void)check_orders(&row, events, row.count, &expected);
	}
}

static void the_same_fact_twice_counts_once(void **state)
{
	const struct row row = {
	    "", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(50, 0), IN(60, 0)}, 3, 0, 0, 0};
	struct row twice = row;
	struct rc_attendance_event events[EVENTS_MAX];
	struct rc_attendance_record once, again;

	(void)state;
	make_events(&row, events);
	once = judge(&row, events);
	events[3] = events[1];
	events[4] = events[0];
	twice.count = 5;
	again = judge(&twice, events);
	assert_memory_equal(&once, &again, sizeof(once));
}

static void the_evidence_is_the_fact_that_made_it_true(void **state)
{
	static const struct {
		struct row row;
		uint8_t evidence;
	} cases[] = {
	    {{"", REGISTERED, {IN(5, 0), IN(3, 0)}, 2, 0, 0, 0}, 2},
	    {{"", REGISTERED, {IN(8, 3), IN(9, 0)}, 2, 0, 0, 0}, 2},
	    {{"", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(97, 0)}, 2, 0, 0, 0}, 2},
	    {{"", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(20, 0)}, 2, 0, 0, 0}, 2},
	    {{"", REGISTERED, {IN(0, 0), WITHDRAWN(1, 0)}, 2, 0, 0, 0}, 0},
	};
	struct rc_attendance_event events[EVENTS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		make_events(&cases[i].row, events);
		assert_int_equal(judge(&cases[i].row, events).evidence[0], cases[i].evidence);
	}
}

static void first_in_last_out_and_walk_in_are_told(void **state)
{
	const struct row row = {"", SIGN_OUT, {IN(0, 0), OUT(50, 0), IN(60, 0), OUT(110, 0)}, 4, 0,
				0,  0};
	const struct row back = {
	    "", REGISTERED | SIGN_OUT, {IN(0, 0), OUT(50, 0), IN(60, 0)}, 3, 0, 0, 0};
	struct rc_attendance_event events[EVENTS_MAX];
	struct rc_attendance_record record;

	(void)state;
	make_events(&row, events);
	record = judge(&row, events);
	assert_int_equal(record.first_in_ms, START);
	assert_int_equal(record.last_out_ms, START + 110 * RC_MINUTE_MS);
	assert_true(record.is_walk_in);
	make_events(&back, events);
	record = judge(&back, events);
	assert_int_equal(record.last_out_ms, 0);
	assert_false(record.is_walk_in);
}

static void states_have_names(void **state)
{
	enum rc_attendance_state parsed = RC_ATTENDANCE_EXPECTED;

	(void)state;
	for (int i = RC_ATTENDANCE_EXPECTED; i <= RC_ATTENDANCE_UNSURE; i++) {
		const char *name = rc_attendance_state_name((enum rc_attendance_state)i);

		assert_int_equal(rc_attendance_state_parse(rc_bytes_of_text(name), &parsed), RC_OK);
		assert_int_equal(parsed, i);
	}
	assert_int_equal(rc_attendance_state_parse(rc_bytes_of_text("here"), &parsed), RC_EFORMAT);
}

static void a_session_of_centuries_is_more_minutes_than_can_be_told(void **state)
{
	const struct rc_attendance_event event = {.kind = RC_ATTENDANCE_SIGNED_IN};
	const struct rc_attendance_case attendance_case = {
	    .terms = {0, RC_TIMESTAMP_MAX_MS, rc_attendance_rules_default()},
	    .is_over = true,
	    .events = &event,
	    .event_count = 1,
	};
	struct rc_attendance_record record;

	(void)state;
	rc_attendance_judge(&attendance_case, &record);
	assert_int_equal(record.minutes, INT_MAX);
}

static struct rc_attendance_event made(enum rc_attendance_event_kind kind, int came, int said, uint8_t hash)
{
	return (struct rc_attendance_event){.kind = kind,
					    .best_ms = START + came * RC_MINUTE_MS,
					    .earliest_ms = START + came * RC_MINUTE_MS,
					    .latest_ms = START + came * RC_MINUTE_MS,
					    .said_ms = said ? START + said * RC_MINUTE_MS : 0,
					    .fact_hash = {hash}};
}

/* Somebody is marked an hour after the end as having come at the start. */
static void a_mark_counts_from_when_they_came_and_is_taken_back_by_when_it_was_said(void **state)
{
	const struct rc_attendance_event events[] = {
	    made(RC_ATTENDANCE_SIGNED_IN, 30, 0, 1),
	    made(RC_ATTENDANCE_WITHDRAWN, 60, 0, 2),
	    made(RC_ATTENDANCE_MARKED, 2, 180, 3),
	    made(RC_ATTENDANCE_WITHDRAWN, 200, 0, 4),
	};
	const struct row row = {"", REGISTERED, {IN(0, 0)}, 2, 0, 0, 0};
	struct row longer = row;
	struct rc_attendance_record record;

	(void)state;
	assert_int_equal(judge(&row, events).state, RC_ATTENDANCE_ABSENT);
	longer.count = 3;
	record = judge(&longer, events);
	assert_int_equal(record.state, RC_ATTENDANCE_PRESENT);
	assert_int_equal(record.minutes, 118);
	assert_true(record.first_in_ms == START + 2 * RC_MINUTE_MS);
	longer.count = 4;
	assert_int_equal(judge(&longer, events).state, RC_ATTENDANCE_ABSENT);
}

static void a_mark_that_says_earlier_than_a_scan_is_the_arrival(void **state)
{
	const struct rc_attendance_event events[] = {
	    made(RC_ATTENDANCE_SIGNED_IN, 30, 0, 1),
	    made(RC_ATTENDANCE_MARKED, 0, 180, 2),
	};
	const struct row row = {"", REGISTERED, {IN(0, 0)}, 2, 0, 0, 0};
	const struct rc_attendance_record record = judge(&row, events);

	(void)state;
	assert_int_equal(record.state, RC_ATTENDANCE_PRESENT);
	assert_int_equal(record.minutes, 120);
	assert_true(record.first_in_ms == START);
}

static void the_strongest_means_since_the_last_withdrawal_is_told(void **state)
{
	static const struct {
		struct row row;
		enum rc_attendance_means means;
	} cases[] = {
	    {{"nothing", REGISTERED, {IN(0, 0)}, 0, 0, 0, 0}, RC_ATTENDANCE_BY_NOTHING},
	    {{"typed", REGISTERED, {CLAIMED(0, 0)}, 1, 0, 0, 0}, RC_ATTENDANCE_BY_TYPED},
	    {{"typed twice", REGISTERED, {CLAIMED(0, 0), CLAIMED(5, 0)}, 2, 0, 0, 0},
	     RC_ATTENDANCE_BY_TYPED},
	    {{"marked", REGISTERED, {MARKED(0, 0)}, 1, 0, 0, 0}, RC_ATTENDANCE_BY_MARKED},
	    {{"typed, then marked", 0, {CLAIMED(0, 0), MARKED(9, 0)}, 2, 0, 0, 0}, RC_ATTENDANCE_BY_MARKED},
	    {{"typed, then the badge", 0, {CLAIMED(0, 0), IN(9, 0)}, 2, 0, 0, 0}, RC_ATTENDANCE_BY_BADGE},
	    {{"the badge, then typed", 0, {IN(0, 0), CLAIMED(9, 0)}, 2, 0, 0, 0}, RC_ATTENDANCE_BY_BADGE},
	    {{"the badge on leaving", SIGN_OUT, {CLAIMED(0, 0), OUT(9, 0)}, 2, 0, 0, 0},
	     RC_ATTENDANCE_BY_BADGE},
	    {{"leaving without coming", SIGN_OUT, {OUT(9, 0)}, 1, 0, 0, 0}, RC_ATTENDANCE_BY_NOTHING},
	    {{"taken back", 0, {IN(0, 0), WITHDRAWN(5, 0)}, 2, 0, 0, 0}, RC_ATTENDANCE_BY_NOTHING},
	    {{"taken back, then typed", 0, {IN(0, 0), WITHDRAWN(5, 0), CLAIMED(6, 0)}, 3, 0, 0, 0},
	     RC_ATTENDANCE_BY_TYPED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rc_attendance_event events[EVENTS_MAX];

		make_events(&cases[i].row, events);
		if (judge(&cases[i].row, events).means != cases[i].means)
			fail_msg("%s", cases[i].row.name);
	}
}

static void means_have_names(void **state)
{
	(void)state;
	assert_string_equal(rc_attendance_means_name(RC_ATTENDANCE_BY_NOTHING), "");
	assert_string_equal(rc_attendance_means_name(RC_ATTENDANCE_BY_TYPED), "typed");
	assert_string_equal(rc_attendance_means_name(RC_ATTENDANCE_BY_MARKED), "marked");
	assert_string_equal(rc_attendance_means_name(RC_ATTENDANCE_BY_BADGE), "badge");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_history_has_its_state),
	    cmocka_unit_test(any_order_of_events_gives_the_same_record),
	    cmocka_unit_test(any_order_of_equal_times_gives_the_same_record),
	    cmocka_unit_test(the_same_fact_twice_counts_once),
	    cmocka_unit_test(the_evidence_is_the_fact_that_made_it_true),
	    cmocka_unit_test(first_in_last_out_and_walk_in_are_told),
	    cmocka_unit_test(a_session_of_centuries_is_more_minutes_than_can_be_told),
	    cmocka_unit_test(states_have_names),
	    cmocka_unit_test(a_mark_counts_from_when_they_came_and_is_taken_back_by_when_it_was_said),
	    cmocka_unit_test(a_mark_that_says_earlier_than_a_scan_is_the_arrival),
	    cmocka_unit_test(the_strongest_means_since_the_last_withdrawal_is_told),
	    cmocka_unit_test(means_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
