/* SPDX-License-Identifier: Apache-2.0 */
/* A day at a door, played through flow alone. */
#include "tests/unit/flow/door.h"

#include "shared/facts_gen/kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct door door; /* a quarter of a megabyte with its effects */

static const struct rc_flow_view *view(void)
{
	return rc_flow_current_view(&door.flow);
}

static void assert_panel(enum rc_verdict verdict, const char *name)
{
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_GREETING);
	assert_int_equal(view()->greeting.seen.verdict, verdict);
	assert_string_equal(view()->greeting.seen.name, name);
}

static struct rc_fact_attendance_signed_in signed_in(void)
{
	const struct rc_flow_effect *effect = door_effect(&door, RC_FLOW_DO_APPEND);
	struct rc_fact_attendance_signed_in fact;

	assert_non_null(effect);
	assert_string_equal(effect->append.fact_kind, RC_FACT_KIND_ATTENDANCE_SIGNED_IN);
	assert_int_equal(rc_fact_attendance_signed_in_decode(
			     rc_bytes_of(effect->append.body, effect->append.body_size), &fact, NULL),
			 RC_OK);
	return fact;
}

static struct rc_fact_scan_refused refused(const struct rc_flow_effect *effect)
{
	struct rc_fact_scan_refused fact;

	assert_non_null(effect);
	assert_string_equal(effect->append.fact_kind, RC_FACT_KIND_SCAN_REFUSED);
	assert_int_equal(rc_fact_scan_refused_decode(
			     rc_bytes_of(effect->append.body, effect->append.body_size), &fact, NULL),
			 RC_OK);
	return fact;
}

static int open_door(void **state)
{
	(void)state;
	door_open(&door);
	return 0;
}

static void nobody_is_greeted_before_the_fact_is_durable(void **state)
{
	(void)state;
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_scan(&door);
	assert_int_equal(signed_in().verdict, RC_VERDICT_SIGNED_IN);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_IDLE);
	assert_null(door_effect(&door, RC_FLOW_DO_SIGNAL));
	assert_null(door_effect(&door, RC_FLOW_DO_REMEMBER));

	door_recorded(&door, true);
	assert_panel(RC_VERDICT_SIGNED_IN, "张伟");
	assert_non_null(door_effect(&door, RC_FLOW_DO_SHOW));
	assert_int_equal(door_effect(&door, RC_FLOW_DO_SIGNAL)->sound, RC_FLOW_SOUND_IN);
	assert_non_null(door_effect(&door, RC_FLOW_DO_REMEMBER));
}

static void a_failed_disk_greets_nobody_and_says_so(void **state)
{
	(void)state;
	door_sign_in(&door, "陈晓明");
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_scan(&door);
	door_recorded(&door, false);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_FAULT);
	assert_null(door_effect(&door, RC_FLOW_DO_REMEMBER));
	assert_int_equal(view()->recent_count, 1);
}

static void a_slow_disk_is_shown_as_one_moment_after_a_tenth_of_a_second(void **state)
{
	(void)state;
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_scan(&door);
	assert_int_equal(rc_flow_due(&door.flow, &door.now), door.now.up_ms + RC_FLOW_WAIT_AFTER_MS);
	door_wait(&door, RC_FLOW_WAIT_AFTER_MS - 1);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_IDLE);
	door_wait(&door, 1);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_WAIT);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_SIGNED_IN, "张伟");
}

static void the_minutes_late_are_counted_from_the_start(void **state)
{
	(void)state;
	door_at(&door, "09:12");
	door_sign_in(&door, "Emma Collins");
	assert_panel(RC_VERDICT_SIGNED_IN, "Emma Collins");
	assert_int_equal(view()->greeting.seen.late_min, 12);
	assert_int_equal(door_effect(&door, RC_FLOW_DO_SIGNAL)->sound, RC_FLOW_SOUND_IN); /* nobody is shamed aloud */
}

static void a_second_scan_says_since_when_and_records_it_as_refused(void **state)
{
	struct rc_flow_session *session;

	(void)state;
	door_at(&door, "08:52");
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	session = door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	session->door.presence = RC_DOOR_HERE;
	session->door.since_ms = door_time("08:49");
	door_scan(&door);
	assert_int_equal(refused(door_effect(&door, RC_FLOW_DO_APPEND)).verdict, RC_VERDICT_ALREADY);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_ALREADY, "张伟");
	assert_string_equal(view()->greeting.since, "08:49");
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_REMEMBER), 0);
}

/* Somebody who has been here since 09:02 scans where the session asks for signing out. */
static void scan_to_leave(const char *time)
{
	struct rc_flow_session *session;

	door_at(&door, time);
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	session = door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	session->door.terms.rules.has_sign_out = true;
	session->door.presence = RC_DOOR_HERE;
	session->door.since_ms = door_time("09:02");
	door_scan(&door);
}

static void a_leave_is_a_fact_of_its_own_and_is_told_when_it_is_durable(void **state)
{
	const struct rc_flow_effect *effect;
	struct rc_fact_attendance_signed_out fact;

	(void)state;
	scan_to_leave("11:28");
	effect = door_effect(&door, RC_FLOW_DO_APPEND);
	assert_non_null(effect);
	assert_string_equal(effect->append.fact_kind, RC_FACT_KIND_ATTENDANCE_SIGNED_OUT);
	assert_int_equal(rc_fact_attendance_signed_out_decode(
			     rc_bytes_of(effect->append.body, effect->append.body_size), &fact, NULL),
			 RC_OK);
	assert_memory_equal(&fact.session, &door.sessions[0].id, sizeof(fact.session));
	assert_memory_equal(&fact.ref, &door.scan.ref, sizeof(fact.ref));
	assert_memory_equal(fact.find, door.scan.find, sizeof(fact.find));
	assert_int_equal(fact.roster_n, 7);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_IDLE);
	assert_null(door_effect(&door, RC_FLOW_DO_FORGET));

	door_recorded(&door, true);
	assert_panel(RC_VERDICT_SIGNED_OUT, "张伟");
	assert_null(door_effect(&door, RC_FLOW_DO_REMEMBER));
	effect = door_effect(&door, RC_FLOW_DO_FORGET);
	assert_non_null(effect);
	assert_memory_equal(&effect->moved.session, &door.sessions[0].id, sizeof(fact.session));
	assert_int_equal(effect->moved.at_ms, door_time("11:28"));
}

static void a_failed_disk_lets_nobody_believe_they_have_left(void **state)
{
	(void)state;
	scan_to_leave("11:28");
	door_recorded(&door, false);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_FAULT);
	assert_null(door_effect(&door, RC_FLOW_DO_FORGET));
}

static void the_wrong_room_says_where_to_go_in_the_badges_language(void **state)
{
	(void)state;
	door_at(&door, "13:52");
	door_badge(&door, "Liu Yang", RC_LANGUAGE_EN);
	door_session(&door, "领导力基础", "3F-302", "14:00", "15:30");
	door_scan(&door);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_WRONG_ROOM, "Liu Yang");
	assert_string_equal(view()->greeting.room, "3F-302");
	assert_string_equal(view()->greeting.way, "Upstairs, second right");
	assert_string_equal(view()->greeting.starts, "14:00");
	assert_int_equal(view()->greeting.seen.language, RC_LANGUAGE_EN);
	assert_int_equal(view()->language, RC_LANGUAGE_ZH);
}

static void too_early_says_when_to_come_again(void **state)
{
	(void)state;
	door_at(&door, "08:10");
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_scan(&door);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_TOO_EARLY, "张伟");
	assert_string_equal(view()->greeting.opens, "08:30");
}

static void a_walk_in_is_an_arrival_with_that_verdict(void **state)
{
	(void)state;
	door_badge(&door, "新来的", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30")->door.is_registered = false;
	door_scan(&door);
	assert_int_equal(signed_in().verdict, RC_VERDICT_WALK_IN);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_WALK_IN, "新来的");
	assert_non_null(door_effect(&door, RC_FLOW_DO_REMEMBER));
}

static void a_walk_in_that_must_wait_for_the_trainer_is_no_arrival(void **state)
{
	struct rc_flow_session *session;

	(void)state;
	door_badge(&door, "新来的", RC_LANGUAGE_ZH);
	session = door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	session->door.is_registered = false;
	session->door.terms.rules.walk_in = RC_WALK_IN_ASK;
	door_scan(&door);
	assert_int_equal(refused(door_effect(&door, RC_FLOW_DO_APPEND)).verdict,
			 RC_VERDICT_WALK_IN_WAITING);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_WALK_IN_WAITING, "新来的");
	assert_null(door_effect(&door, RC_FLOW_DO_REMEMBER));
}

static void unknown_and_revoked_badges_are_told_apart(void **state)
{
	(void)state;
	door_badge(&door, "", RC_LANGUAGE_ZH);
	door.scan.has_person = door.scan.has_card = false;
	door.scan.credential = RC_DOOR_CREDENTIAL_UNKNOWN;
	door_scan(&door);
	assert_true(refused(door_effect(&door, RC_FLOW_DO_APPEND)).has_find);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_UNKNOWN, "");
	assert_int_equal(door_effect(&door, RC_FLOW_DO_SIGNAL)->sound, RC_FLOW_SOUND_ASK);

	door_badge(&door, "旧胸牌", RC_LANGUAGE_ZH);
	door.scan.has_card = false;
	door.scan.credential = RC_DOOR_CREDENTIAL_REVOKED;
	door_scan(&door);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_REVOKED, "");
}

static void a_foreign_payload_is_kept_as_class_size_and_digest_only(void **state)
{
	struct rc_fact_scan_refused fact;

	(void)state;
	door_badge(&door, "", RC_LANGUAGE_ZH);
	door.scan.class = RC_PAYLOAD_FOREIGN;
	door.scan.has_person = door.scan.has_card = false;
	door.scan.credential = RC_DOOR_CREDENTIAL_MALFORMED;
	door.scan.payload_size = 2953;
	memset(door.scan.digest, 0xA5, sizeof(door.scan.digest));
	door_scan(&door);
	fact = refused(door_effect(&door, RC_FLOW_DO_APPEND));
	assert_false(fact.has_find);
	assert_int_equal(fact.size, 2953);
	assert_string_equal(fact.digest, "a5a5a5a5a5a5a5a5");
	assert_string_equal(fact.class, "foreign");
}

static void a_clock_nobody_vouches_for_is_taken_and_flagged(void **state)
{
	struct rc_flow_event event = {.kind = RC_FLOW_SCAN, .scan = &door.scan};

	(void)state;
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	event.now = door.now;
	event.now.source = RC_CLOCK_NONE;
	event.now.error_ms = RC_CLOCK_ERROR_UNKNOWN;
	rc_flow_step(&door.flow, &event, &door.effects);
	assert_int_equal(signed_in().verdict, RC_VERDICT_CLOCK_UNSURE);
	assert_false(view()->is_time_sure);
}

static void a_code_held_in_view_is_one_event_and_after_three_seconds_away_another(void **state)
{
	const uint8_t key[16] = {1}, other[16] = {2};

	(void)state;
	assert_true(rc_flow_notice(&door.flow, key, 1000));
	for (int64_t up_ms = 1033; up_ms < 9000; up_ms += 33)
		assert_false(rc_flow_notice(&door.flow, key, up_ms));
	assert_true(rc_flow_notice(&door.flow, other, 9000)); /* the next person needn't wait */
	assert_false(rc_flow_notice(&door.flow, key, 8976 + RC_FLOW_IN_VIEW_MS - 1));
	assert_true(rc_flow_notice(&door.flow, key, 8975 + 2 * RC_FLOW_IN_VIEW_MS));
}

static void a_code_is_noticed_though_the_board_has_just_booted(void **state)
{
	const uint8_t key[16] = {1};

	(void)state;
	assert_true(rc_flow_notice(&door.flow, key, 0));
	assert_false(rc_flow_notice(&door.flow, key, 33));
}

static void the_last_three_stay_and_go_twenty_seconds_after_the_last(void **state)
{
	(void)state;
	door_sign_in(&door, "甲");
	door_sign_in(&door, "乙");
	door_sign_in(&door, "丙");
	door_sign_in(&door, "丁");
	assert_int_equal(view()->recent_count, 3);
	assert_string_equal(view()->recent[0].name, "丁");
	assert_string_equal(view()->recent[2].name, "乙");
	door_wait(&door, RC_FLOW_GREETING_MS);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_IDLE);
	assert_int_equal(view()->recent_count, 3);
	door_wait(&door, RC_FLOW_STACK_MS - RC_FLOW_GREETING_MS);
	assert_int_equal(view()->recent_count, 0);
}

static void the_same_person_again_is_shown_again(void **state)
{
	uint64_t first;

	(void)state;
	door_sign_in(&door, "甲");
	first = view()->touch_id;
	door_sign_in(&door, "甲");
	assert_non_null(door_effect(&door, RC_FLOW_DO_SHOW));
	assert_true(view()->touch_id > first);
}

static void equal_refusals_within_ten_minutes_are_two_facts(void **state)
{
	struct rc_fact_scan_refused fact;

	(void)state;
	for (int i = 0; i < 5; i++) {
		door_badge(&door, "x", RC_LANGUAGE_ZH);
		door.scan.credential = RC_DOOR_CREDENTIAL_REVOKED;
		door_scan(&door);
		assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), i == 0 ? 1 : 0);
		if (i == 0)
			door_recorded(&door, true);
		assert_int_equal(view()->greeting.seen.verdict, RC_VERDICT_REVOKED);
	}
	door_wait(&door, RC_FLOW_REFUSAL_COUNT_MS);
	fact = refused(door_effect(&door, RC_FLOW_DO_APPEND));
	assert_int_equal(fact.count, 5);
	assert_true(fact.has_until);
	door_wait(&door, RC_FLOW_REFUSAL_COUNT_MS);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), 0);
}

static void a_flood_of_refusals_becomes_a_summary_each_minute(void **state)
{
	struct rc_fact_scan_refused fact;
	size_t facts = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		door_badge(&door, "x", RC_LANGUAGE_ZH);
		door.scan.find[0] = (uint8_t)i;
		door.scan.credential = RC_DOOR_CREDENTIAL_REVOKED;
		door_scan(&door);
		facts += door_effect_count(&door, RC_FLOW_DO_APPEND);
		if (door_effect(&door, RC_FLOW_DO_APPEND))
			door_recorded(&door, true);
	}
	assert_int_equal(facts, RC_FLOW_REFUSALS_A_MINUTE);
	door_wait(&door, RC_MINUTE_MS);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), 1);
	fact = refused(door_effect(&door, RC_FLOW_DO_APPEND));
	assert_int_equal(fact.count, 50 - (int)RC_FLOW_REFUSALS_A_MINUTE);
}

static void two_sessions_that_both_fit_ask_the_person(void **state)
{
	struct rc_flow_event event = {.kind = RC_FLOW_TOUCH};

	(void)state;
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_session(&door, "叉车复训", "3F-305", "09:00", "10:00");
	door_scan(&door);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), 0);
	assert_panel(RC_VERDICT_CHOOSE_SESSION, "张伟");
	assert_string_equal(view()->greeting.choices[1].title, "叉车复训");

	event.now = door.now;
	event.touch.touch = RC_FLOW_TOUCH_CHOOSE;
	event.touch.choice = 1;
	event.touch.touch_id = view()->touch_id;
	rc_flow_step(&door.flow, &event, &door.effects);
	assert_int_equal(signed_in().verdict, RC_VERDICT_SIGNED_IN);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_SIGNED_IN, "张伟");
	assert_string_equal(view()->greeting.session, "叉车复训");
}

static void a_choice_for_a_view_that_has_gone_is_passed_over(void **state)
{
	struct rc_flow_event event = {.kind = RC_FLOW_TOUCH};

	(void)state;
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_session(&door, "叉车复训", "3F-305", "09:00", "10:00");
	door_scan(&door);
	event.touch.touch_id = view()->touch_id;
	door_sign_in(&door, "陈晓明");
	event.now = door.now;
	event.touch.touch = RC_FLOW_TOUCH_CHOOSE;
	rc_flow_step(&door.flow, &event, &door.effects);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), 0);
}

static void the_language_key_changes_idle_and_not_a_badges_greeting(void **state)
{
	struct rc_flow_event event = {.kind = RC_FLOW_TOUCH, .touch = {.touch = RC_FLOW_TOUCH_LANGUAGE}};

	(void)state;
	event.now = door.now;
	rc_flow_step(&door.flow, &event, &door.effects);
	assert_int_equal(view()->language, RC_LANGUAGE_EN);
	assert_string_equal(view()->room_name, "Training room");
	door_sign_in(&door, "张伟");
	assert_int_equal(view()->greeting.seen.language, RC_LANGUAGE_ZH);
}

static void before_enrolment_only_an_enrolment_code_counts(void **state)
{
	struct rc_flow_place nowhere = {.is_enrolled = false};
	struct rc_flow_event event = {.kind = RC_FLOW_PLACE, .place = &nowhere};

	(void)state;
	event.now = door.now;
	rc_flow_step(&door.flow, &event, &door.effects);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_ENROL);
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_scan(&door);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), 0);
	door.scan.class = RC_PAYLOAD_RCE1;
	door_scan(&door);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_ENROL), 1);
	assert_int_equal(view()->enrol, RC_FLOW_ENROL_CONNECTING);
	door_scan(&door);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_ENROL), 0);
}

static void an_enrolment_code_at_an_enrolled_kiosk_is_no_sign_in_code(void **state)
{
	(void)state;
	door_badge(&door, "", RC_LANGUAGE_ZH);
	door.scan.class = RC_PAYLOAD_RCE1;
	door.scan.has_person = door.scan.has_card = false;
	door.scan.credential = RC_DOOR_CREDENTIAL_MALFORMED;
	door_scan(&door);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_ENROL), 0);
	door_recorded(&door, true);
	assert_panel(RC_VERDICT_MALFORMED, "");
}

static void as_many_may_wait_for_the_disk_as_the_journal_takes_and_one_more_is_handed_on_too(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= RC_FLOW_PENDING_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "p%u", i);
		door_badge(&door, name, RC_LANGUAGE_EN);
		door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
		door_scan(&door);
		assert_int_equal(door_effect_count(&door, RC_FLOW_DO_APPEND), 1);
	}
	door_recorded(&door, true);
	assert_int_equal(door_effect_count(&door, RC_FLOW_DO_SIGNAL), 0);
}

static void a_day_of_two_hundred_people_greets_each_once(void **state)
{
	size_t greeted = 0;

	(void)state;
	door_at(&door, "08:35");
	for (unsigned i = 0; i < 200; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "员工%u", i);
		door_sign_in(&door, name);
		greeted += door_effect_count(&door, RC_FLOW_DO_REMEMBER);
		assert_panel(RC_VERDICT_SIGNED_IN, name);
		door_wait(&door, 500);
	}
	assert_int_equal(greeted, 200);
}

static void a_camera_that_goes_is_shown_at_once_and_whoever_is_greeted_stays(void **state)
{
	(void)state;
	assert_int_equal(rc_flow_current_view(&door.flow)->camera, RC_FLOW_CAMERA_OK);
	door_sign_in(&door, "陈晓明");
	door_camera(&door, RC_FLOW_CAMERA_AWAY);
	assert_non_null(door_effect(&door, RC_FLOW_DO_SHOW));
	assert_int_equal(rc_flow_current_view(&door.flow)->camera, RC_FLOW_CAMERA_AWAY);
	assert_int_equal(rc_flow_current_view(&door.flow)->screen, RC_FLOW_SCREEN_GREETING);
	door_camera(&door, RC_FLOW_CAMERA_AWAY);
	assert_null(door_effect(&door, RC_FLOW_DO_SHOW));
	door_camera(&door, RC_FLOW_CAMERA_OK);
	assert_int_equal(rc_flow_current_view(&door.flow)->camera, RC_FLOW_CAMERA_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(nobody_is_greeted_before_the_fact_is_durable, open_door),
	    cmocka_unit_test_setup(a_failed_disk_greets_nobody_and_says_so, open_door),
	    cmocka_unit_test_setup(a_slow_disk_is_shown_as_one_moment_after_a_tenth_of_a_second, open_door),
	    cmocka_unit_test_setup(the_minutes_late_are_counted_from_the_start, open_door),
	    cmocka_unit_test_setup(a_second_scan_says_since_when_and_records_it_as_refused, open_door),
	    cmocka_unit_test_setup(a_leave_is_a_fact_of_its_own_and_is_told_when_it_is_durable, open_door),
	    cmocka_unit_test_setup(a_failed_disk_lets_nobody_believe_they_have_left, open_door),
	    cmocka_unit_test_setup(the_wrong_room_says_where_to_go_in_the_badges_language, open_door),
	    cmocka_unit_test_setup(too_early_says_when_to_come_again, open_door),
	    cmocka_unit_test_setup(a_walk_in_is_an_arrival_with_that_verdict, open_door),
	    cmocka_unit_test_setup(a_walk_in_that_must_wait_for_the_trainer_is_no_arrival, open_door),
	    cmocka_unit_test_setup(unknown_and_revoked_badges_are_told_apart, open_door),
	    cmocka_unit_test_setup(a_foreign_payload_is_kept_as_class_size_and_digest_only, open_door),
	    cmocka_unit_test_setup(a_clock_nobody_vouches_for_is_taken_and_flagged, open_door),
	    cmocka_unit_test_setup(
		a_code_held_in_view_is_one_event_and_after_three_seconds_away_another, open_door),
	    cmocka_unit_test_setup(a_code_is_noticed_though_the_board_has_just_booted, open_door),
	    cmocka_unit_test_setup(the_last_three_stay_and_go_twenty_seconds_after_the_last, open_door),
	    cmocka_unit_test_setup(the_same_person_again_is_shown_again, open_door),
	    cmocka_unit_test_setup(equal_refusals_within_ten_minutes_are_two_facts, open_door),
	    cmocka_unit_test_setup(a_flood_of_refusals_becomes_a_summary_each_minute, open_door),
	    cmocka_unit_test_setup(two_sessions_that_both_fit_ask_the_person, open_door),
	    cmocka_unit_test_setup(a_choice_for_a_view_that_has_gone_is_passed_over, open_door),
	    cmocka_unit_test_setup(the_language_key_changes_idle_and_not_a_badges_greeting, open_door),
	    cmocka_unit_test_setup(before_enrolment_only_an_enrolment_code_counts, open_door),
	    cmocka_unit_test_setup(an_enrolment_code_at_an_enrolled_kiosk_is_no_sign_in_code, open_door),
	    cmocka_unit_test_setup(
		as_many_may_wait_for_the_disk_as_the_journal_takes_and_one_more_is_handed_on_too, open_door),
	    cmocka_unit_test_setup(a_camera_that_goes_is_shown_at_once_and_whoever_is_greeted_stays,
				   open_door),
	    cmocka_unit_test_setup(a_day_of_two_hundred_people_greets_each_once, open_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
