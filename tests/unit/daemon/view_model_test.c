/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon writes is read by the screen's own decoder: the two never meet but in this JSON. */
#include "firmware/daemon/view_model.h"
#include "firmware/screen/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct rc_flow_view some_view(enum rc_flow_screen screen)
{
	struct rc_flow_view view = {
	    .screen = screen,
	    .language = RC_LANGUAGE_ZH,
	    .time = "08:52",
	    .is_time_sure = true,
	    .room = "3F-305",
	    .room_name = "305 教室",
	    .last_contact = "08:51",
	    .touch_id = 77,
	};

	return view;
}

static struct rc_flow_seen some_scan(enum rc_verdict verdict)
{
	struct rc_flow_seen seen = {
	    .verdict = verdict, .name = "王小明", .language = RC_LANGUAGE_EN, .at = "08:52"};

	return seen;
}

static void begin_session(struct rc_flow_view *view)
{
	view->has_session = true;
	(void)snprintf(view->session_starts, sizeof(view->session_starts), "09:00");
	(void)snprintf(view->session_ends, sizeof(view->session_ends), "11:00");
}

/* Through the JSON and back; the test fails where the screen would show nothing. */
static struct rc_view cross(const struct rc_flow_view *view)
{
	struct rc_view read;
	struct rc_error err = {.text = ""};
	struct rc_buf json;

	rc_buf_init(&json, RC_VIEW_MESSAGE_MAX_BYTES);
	rc_view_model_encode(view, &json);
	assert_int_equal(rc_buf_status(&json, &err), RC_OK);
	if (rc_view_decode(rc_buf_bytes(&json), &read, &err) != RC_OK)
		fail_msg("%s in %s", err.text, rc_buf_text(&json));
	rc_buf_deinit(&json);
	return read;
}

static void every_screen_is_understood(void **state)
{
	static const enum rc_view_screen screens[] = {
	    [RC_FLOW_SCREEN_IDLE] = RC_VIEW_IDLE,   [RC_FLOW_SCREEN_GREETING] = RC_VIEW_GREETING,
	    [RC_FLOW_SCREEN_ENROL] = RC_VIEW_ENROL, [RC_FLOW_SCREEN_WAIT] = RC_VIEW_WAIT,
	    [RC_FLOW_SCREEN_FAULT] = RC_VIEW_FAULT,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		struct rc_flow_view view = some_view((enum rc_flow_screen)i);

		view.greeting.seen = some_scan(RC_VERDICT_SIGNED_IN);
		assert_int_equal(cross(&view).screen, screens[i]);
	}
}

static void the_bar_says_where_and_when(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_IDLE);
	struct rc_view read = cross(&view);

	(void)state;
	assert_string_equal(read.header.time, "08:52");
	assert_true(read.header.is_time_sure);
	assert_string_equal(read.header.room, "3F-305");
	assert_string_equal(read.header.room_name, "305 教室");
	assert_false(read.header.has_session);
	assert_false(read.header.has_count);
	assert_int_equal(read.lang, RC_VIEW_ZH);
	assert_int_equal(read.touch_id, 77);
}

static void a_session_comes_with_its_count(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_IDLE);
	struct rc_view read;

	(void)state;
	begin_session(&view);
	(void)snprintf(view.session_title, sizeof(view.session_title), "安全生产");
	view.here_count = 3;
	view.expected_count = 24;
	view.is_time_sure = false;
	read = cross(&view);
	assert_true(read.header.has_session);
	assert_string_equal(read.header.session.title, "安全生产");
	assert_string_equal(read.header.session.starts, "09:00");
	assert_string_equal(read.header.session.ends, "11:00");
	assert_true(read.header.has_count);
	assert_int_equal(read.header.here_count, 3);
	assert_int_equal(read.header.expected_count, 24);
	assert_false(read.sync.is_clock_sure);
}

static void each_verdict_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_VERDICT_COUNT; i++) {
		struct rc_flow_view view = some_view(RC_FLOW_SCREEN_GREETING);
		struct rc_view read;

		view.greeting.seen = some_scan((enum rc_verdict)i);
		view.recent[0] = view.greeting.seen;
		view.recent_count = 1;
		read = cross(&view);
		assert_false(read.greeting.scan.is_other);
		assert_int_equal(read.greeting.scan.verdict, i);
		assert_int_equal(read.recent[0].verdict, i);
		assert_string_equal(read.greeting.scan.name, "王小明");
		assert_int_equal(read.greeting.scan.lang, RC_VIEW_EN);
		assert_int_equal(read.greeting.choice_count,
				 i == RC_VERDICT_CHOOSE_SESSION ? RC_VIEW_CHOICE_MAX : 0);
	}
}

static void a_greeting_says_all_it_knows(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_GREETING);
	struct rc_view read;

	(void)state;
	view.greeting = (struct rc_flow_greeting){
	    .seen = some_scan(RC_VERDICT_WRONG_ROOM),
	    .since = "08:40",
	    .session = "安全生产",
	    .room = "3F-302",
	    .way = "上楼右转第二间",
	    .starts = "09:00",
	    .opens = "08:30",
	};
	view.greeting.seen.late_min = 12;
	read = cross(&view);
	assert_int_equal(read.greeting.scan.late_min, 12);
	assert_string_equal(read.greeting.since, "08:40");
	assert_string_equal(read.greeting.session, "安全生产");
	assert_string_equal(read.greeting.room, "3F-302");
	assert_string_equal(read.greeting.way, "上楼右转第二间");
	assert_string_equal(read.greeting.starts, "09:00");
	assert_string_equal(read.greeting.opens, "08:30");
}

static void both_choices_can_be_told_apart(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_GREETING);
	struct rc_view read;

	(void)state;
	view.greeting.seen = some_scan(RC_VERDICT_CHOOSE_SESSION);
	for (size_t i = 0; i < RC_FLOW_CHOICES; i++) {
		(void)snprintf(view.greeting.choices[i].title, RC_FLOW_TEXT_BYTES, "session %zu", i);
		(void)snprintf(view.greeting.choices[i].room, RC_FLOW_TEXT_BYTES, "3F-30%zu", i);
		(void)snprintf(view.greeting.choices[i].starts, RC_FLOW_TIME_BYTES, "0%zu:00", i);
		(void)snprintf(view.greeting.choices[i].ends, RC_FLOW_TIME_BYTES, "1%zu:00", i);
	}
	read = cross(&view);
	assert_int_equal(read.greeting.choice_count, 2);
	assert_string_equal(read.greeting.choices[0].title, "session 0");
	assert_string_equal(read.greeting.choices[1].title, "session 1");
	assert_string_equal(read.greeting.choices[1].room, "3F-301");
	assert_string_equal(read.greeting.choices[1].starts, "01:00");
	assert_string_equal(read.greeting.choices[1].ends, "11:00");
}

static void fill(char *text, const char *piece)
{
	size_t size = 0;

	for (; size + strlen(piece) < RC_FLOW_TEXT_BYTES; size += strlen(piece))
		memcpy(text + size, piece, strlen(piece) + 1);
}

static void the_longest_names_and_titles_fit(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_GREETING);
	struct rc_view read;

	(void)state;
	begin_session(&view);
	view.greeting.seen = some_scan(RC_VERDICT_CHOOSE_SESSION);
	view.greeting.seen.name[0] = '\0';
	fill(view.greeting.seen.name, "\xf0\xa0\xae\xb7"); /* 𠮷, four bytes of UTF-8 each */
	fill(view.session_title, "\"\\");
	fill(view.greeting.session, "安");
	for (size_t i = 0; i < RC_FLOW_RECENT_MAX; i++)
		view.recent[i] = view.greeting.seen;
	view.recent_count = RC_FLOW_RECENT_MAX;
	for (size_t i = 0; i < RC_FLOW_CHOICES; i++)
		fill(view.greeting.choices[i].title, "\"");
	read = cross(&view);
	assert_string_equal(read.greeting.scan.name, view.greeting.seen.name);
	assert_string_equal(read.header.session.title, view.session_title);
	assert_string_equal(read.greeting.session, view.greeting.session);
	assert_int_equal(read.recent_count, RC_FLOW_RECENT_MAX);
}

static void the_last_three_keep_their_order(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_IDLE);
	struct rc_view read;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		view.recent[i] = some_scan(RC_VERDICT_SIGNED_IN);
		(void)snprintf(view.recent[i].name, sizeof(view.recent[i].name), "person %zu", i);
	}
	view.recent_count = 2;
	read = cross(&view);
	assert_int_equal(read.recent_count, 2);
	assert_string_equal(read.recent[0].name, "person 0");
	assert_string_equal(read.recent[1].name, "person 1");
}

static void an_enrolment_says_how_it_stands(void **state)
{
	static const enum rc_view_enrol states[] = {
	    [RC_FLOW_ENROL_SHOW_CODE] = RC_VIEW_SHOW_CODE,
	    [RC_FLOW_ENROL_CONNECTING] = RC_VIEW_CONNECTING,
	    [RC_FLOW_ENROL_FAILED] = RC_VIEW_FAILED,
	    [RC_FLOW_ENROL_DONE] = RC_VIEW_DONE,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct rc_flow_view view = some_view(RC_FLOW_SCREEN_ENROL);
		struct rc_view read;

		view.enrol = (enum rc_flow_enrol)i;
		if (i == RC_FLOW_ENROL_FAILED)
			(void)snprintf(view.enrol_reason, sizeof(view.enrol_reason), "expired");
		read = cross(&view);
		assert_int_equal(read.enrol, states[i]);
		assert_string_equal(read.enrol_reason, view.enrol_reason);
	}
}

static void waiting_facts_are_counted(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_IDLE);
	struct rc_view read;

	(void)state;
	view.waiting_count = 3000;
	read = cross(&view);
	assert_true(read.sync.is_waiting);
	assert_int_equal(read.sync.waiting_count, 3000);
	assert_string_equal(read.sync.last_contact, "08:51");
	view.waiting_count = 0;
	assert_false(cross(&view).sync.is_waiting);
}

/* The screen refuses numbers that nobody can mean; the door must not go dark over a counter. */
static void numbers_beyond_belief_are_shown_as_the_largest(void **state)
{
	struct rc_flow_view view = some_view(RC_FLOW_SCREEN_GREETING);
	struct rc_view read;

	(void)state;
	view.greeting.seen = some_scan(RC_VERDICT_SIGNED_IN);
	begin_session(&view);
	view.here_count = INT64_C(5000000000);
	view.expected_count = INT64_C(9007199254740991);
	view.waiting_count = RC_VIEW_NUMBER_MAX + 1;
	read = cross(&view);
	assert_int_equal(read.header.here_count, RC_VIEW_NUMBER_MAX);
	assert_int_equal(read.header.expected_count, RC_VIEW_NUMBER_MAX);
	assert_int_equal(read.sync.waiting_count, RC_VIEW_NUMBER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_screen_is_understood),
	    cmocka_unit_test(the_bar_says_where_and_when),
	    cmocka_unit_test(a_session_comes_with_its_count),
	    cmocka_unit_test(each_verdict_is_understood),
	    cmocka_unit_test(a_greeting_says_all_it_knows),
	    cmocka_unit_test(both_choices_can_be_told_apart),
	    cmocka_unit_test(the_longest_names_and_titles_fit),
	    cmocka_unit_test(the_last_three_keep_their_order),
	    cmocka_unit_test(an_enrolment_says_how_it_stands),
	    cmocka_unit_test(waiting_facts_are_counted),
	    cmocka_unit_test(numbers_beyond_belief_are_shown_as_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
