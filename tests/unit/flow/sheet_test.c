/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody without a badge at the door, and the sheet behind the status mark. */
#include "tests/unit/flow/door.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct door door;

static const struct rc_flow_view *view(void)
{
	return rc_flow_current_view(&door.flow);
}

static int open_door(void **state)
{
	(void)state;
	door_open(&door);
	door_claimable(&door, "安全操作规程");
	return 0;
}

static void type(const char *keys)
{
	for (; *keys; keys++)
		door_key(&door, *keys);
}

static const struct rc_flow_effect *claim(void)
{
	const struct rc_flow_effect *effect = door_effect(&door, RC_FLOW_DO_CLAIM);

	assert_non_null(effect);
	return effect;
}

/* No byte of flow's state holds the text any more. */
static void assert_forgotten(const char *text)
{
	const uint8_t *at = (const uint8_t *)&door.flow;

	for (size_t i = 0; i + strlen(text) <= sizeof(door.flow); i++)
		assert_memory_not_equal(at + i, text, strlen(text));
}

static void the_button_is_there_while_a_session_takes_people(void **state)
{
	(void)state;
	assert_true(view()->can_claim);
	door_claimable(&door, NULL);
	assert_false(view()->can_claim);
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
}

static void a_typed_number_becomes_a_claim_and_is_greeted_when_it_is_durable(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
	assert_string_equal(view()->claim_session, "安全操作规程");
	type("2041");
	door_touch(&door, RC_FLOW_TOUCH_DELETE);
	door_touch(&door, RC_FLOW_TOUCH_LETTERS);
	assert_true(view()->has_letters);
	type("-B");
	door_touch(&door, RC_FLOW_TOUCH_DIGITS);
	assert_false(view()->has_letters);
	type("7");
	assert_string_equal(view()->typed, "204-B7");

	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	assert_string_equal(claim()->claim.number, "204-B7");
	assert_int_equal(claim()->claim.session_version, 3);
	assert_int_equal(claim()->claim.roster_n, 7);
	assert_int_equal(claim()->claim.at.at_ms, door.now.at_ms);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_IDLE); /* nothing is promised yet */
	assert_null(door_effect(&door, RC_FLOW_DO_SIGNAL));

	door_recorded(&door, true);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_GREETING);
	assert_true(view()->greeting.seen.is_claim);
	assert_string_equal(view()->greeting.seen.name, "");
	assert_true(view()->recent[0].is_claim);
	assert_int_equal(door_effect(&door, RC_FLOW_DO_SIGNAL)->sound, RC_FLOW_SOUND_IN);
	assert_null(door_effect(&door, RC_FLOW_DO_REMEMBER)); /* nobody knows who it was */
	door_wait(&door, RC_FLOW_GREETING_MS);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_IDLE);
}

static void what_was_typed_is_wiped_when_the_sheet_closes(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("73190-Q");
	door_touch(&door, RC_FLOW_TOUCH_CANCEL);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
	assert_forgotten("73190");

	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	assert_string_equal(view()->typed, "");
	type("73190-Q");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	assert_forgotten("73190");
}

static void a_sheet_that_nobody_touches_for_twenty_seconds_goes(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	door_wait(&door, RC_FLOW_SHEET_MS - 1);
	type("7");
	assert_true(rc_flow_due(&door.flow, &door.now) <= door.now.up_ms + RC_FLOW_SHEET_MS);
	door_wait(&door, RC_FLOW_SHEET_MS - 1);
	assert_string_equal(view()->typed, "7");
	door_wait(&door, 1);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
	assert_string_equal(view()->typed, "");
	assert_null(door_effect(&door, RC_FLOW_DO_CLAIM));
}

static void a_badge_held_up_while_somebody_types_is_signed_in_and_disturbs_nobody(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("20");
	door_sign_in(&door, "张伟");
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
	assert_string_equal(view()->typed, "20");
	assert_string_equal(view()->recent[0].name, "张伟");
	assert_non_null(door_effect(&door, RC_FLOW_DO_REMEMBER));
	type("41");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	assert_string_equal(claim()->claim.number, "2041");
}

static void a_question_asked_behind_the_sheet_is_put_when_it_has_gone(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_session(&door, "新员工入职培训", "3F-305", "09:00", "12:00");
	door_scan(&door);
	assert_null(door_effect(&door, RC_FLOW_DO_APPEND));
	door_wait(&door, RC_FLOW_SHEET_MS - 1);
	type("1");
	assert_true(rc_flow_due(&door.flow, &door.now) > door.now.up_ms); /* no tick after tick for what waits */
	door_wait(&door, RC_FLOW_SHEET_MS);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_GREETING);
	door_choose(&door, 1);
	assert_non_null(door_effect(&door, RC_FLOW_DO_APPEND));
}

static void the_language_may_be_changed_while_typing(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("204");
	door_touch(&door, RC_FLOW_TOUCH_LANGUAGE);
	assert_int_equal(view()->language, RC_LANGUAGE_EN);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
	assert_string_equal(view()->typed, "204");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	door_recorded(&door, true);
	assert_int_equal(view()->greeting.seen.language, RC_LANGUAGE_EN);
}

static void keys_that_are_faster_than_the_screen_all_count(void **state)
{
	const uint64_t shown = view()->touch_id + 1;

	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	door_touch_of(&door, RC_FLOW_TOUCH_KEY, '4', shown);
	door_touch_of(&door, RC_FLOW_TOUCH_KEY, '2', shown);
	door_touch_of(&door, RC_FLOW_TOUCH_CONFIRM, '\0', shown);
	assert_string_equal(claim()->claim.number, "42");
}

static void a_touch_of_a_sheet_that_has_gone_does_nothing_to_the_next(void **state)
{
	uint64_t shown;

	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	shown = view()->touch_id;
	door_touch(&door, RC_FLOW_TOUCH_CANCEL);
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	door_touch_of(&door, RC_FLOW_TOUCH_KEY, '4', shown);
	assert_string_equal(view()->typed, "");
	door_touch_of(&door, RC_FLOW_TOUCH_CANCEL, '\0', shown);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
}

static void more_keys_than_a_number_has_and_characters_that_no_key_has_are_passed_over(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("a\x7f/:@[. '");
	assert_string_equal(view()->typed, "");
	door_touch(&door, RC_FLOW_TOUCH_DELETE);
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM); /* nothing typed is nobody's number */
	assert_null(door_effect(&door, RC_FLOW_DO_CLAIM));
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
	type("0123456789ABCDEFGHIJK");
	assert_string_equal(view()->typed, "0123456789ABCDEFGHIJ");
}

static void two_sessions_are_asked_for_before_the_number(void **state)
{
	(void)state;
	door_claimable(&door, "新员工入职培训");
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_WHICH);
	assert_string_equal(view()->sheet_choices[0].title, "安全操作规程");
	assert_string_equal(view()->sheet_choices[1].title, "新员工入职培训");
	type("1"); /* there are no keys yet */
	assert_string_equal(view()->typed, "");
	door_choose(&door, 2);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_WHICH);
	door_choose(&door, 1);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
	assert_string_equal(view()->claim_session, "新员工入职培训");
	type("7");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	assert_true(rc_id_equal(&claim()->claim.session, &door.flow.place.claimables[1].id));
}

static void a_failed_disk_takes_no_claim_and_says_so(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("2041");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	door_recorded(&door, false);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_FAULT);
	assert_int_equal(view()->recent_count, 0);
	assert_false(view()->can_claim);
	assert_null(door_effect(&door, RC_FLOW_DO_SIGNAL));
}

static void a_disk_that_fails_while_somebody_types_closes_the_sheet(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("2041");
	door_badge(&door, "张伟", RC_LANGUAGE_ZH);
	door_session(&door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_scan(&door);
	door_recorded(&door, false);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_FAULT);
	assert_forgotten("2041");
}

static void a_slow_disk_promises_nothing_to_who_has_typed(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	type("2041");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	door_wait(&door, RC_FLOW_WAIT_AFTER_MS);
	assert_int_equal(view()->screen, RC_FLOW_SCREEN_WAIT);
	door_recorded(&door, true);
	assert_true(view()->greeting.seen.is_claim);
}

static void more_than_ten_claims_a_minute_are_asked_to_wait(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_FLOW_CLAIMS_A_MINUTE; i++) {
		door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
		assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
		type("1");
		door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
		(void)claim();
		door_recorded(&door, true);
		door_wait(&door, 1000);
	}
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_LATER);
	type("1");
	door_touch(&door, RC_FLOW_TOUCH_CONFIRM);
	assert_null(door_effect(&door, RC_FLOW_DO_CLAIM));
	door_touch(&door, RC_FLOW_TOUCH_CANCEL);

	door_wait(&door, RC_MINUTE_MS - RC_FLOW_CLAIMS_A_MINUTE * 1000); /* the first is a minute old */
	door_touch(&door, RC_FLOW_TOUCH_NO_BADGE);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NUMBER);
}

static void the_status_mark_opens_its_sheet_and_a_scan_leaves_it_open(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_STATUS);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_STATUS);
	door_sign_in(&door, "张伟");
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_STATUS);
	assert_string_equal(view()->recent[0].name, "张伟");
	door_touch(&door, RC_FLOW_TOUCH_CANCEL);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
	door_touch(&door, RC_FLOW_TOUCH_STATUS);
	door_wait(&door, RC_FLOW_SHEET_MS);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
}

static void tell_sync(int64_t last_contact_ms, enum rc_flow_trouble trouble)
{
	struct rc_flow_event event = {.kind = RC_FLOW_SYNC, .now = door.now};

	event.sync.waiting_count = 12;
	event.sync.last_contact_ms = last_contact_ms;
	event.sync.trouble = trouble;
	rc_flow_step(&door.flow, &event, &door.effects);
}

static void a_contact_of_another_day_is_told_with_its_day(void **state)
{
	(void)state;
	door_touch(&door, RC_FLOW_TOUCH_STATUS);
	assert_string_equal(view()->contact, ""); /* never */
	tell_sync(door_time("08:31"), RC_FLOW_TROUBLE_SERVER);
	assert_string_equal(view()->contact, "08:31");
	assert_int_equal(view()->trouble, RC_FLOW_TROUBLE_SERVER);
	assert_non_null(door_effect(&door, RC_FLOW_DO_SHOW)); /* an open sheet follows */
	tell_sync(door_time("00:00") - 1, RC_FLOW_TROUBLE_NETWORK);
	assert_string_equal(view()->contact, "11-23 23:59");
}

static void set_next(bool has_session)
{
	struct rc_flow_place place = door.flow.place;
	struct rc_flow_event event = {.kind = RC_FLOW_PLACE, .now = door.now, .place = &place};

	place.has_session = has_session;
	place.has_next = true;
	place.next_title = (struct rc_text_pair){.zh = "急救", .en = "First aid"};
	place.next_opens_ms = door_time("13:45");
	place.next_starts_ms = door_time("14:00");
	place.next_ends_ms = door_time("16:30");
	rc_flow_step(&door.flow, &event, &door.effects);
}

static void a_room_without_a_session_shows_the_next_one(void **state)
{
	(void)state;
	set_next(false);
	assert_true(view()->has_next);
	assert_string_equal(view()->next_title, "急救");
	assert_string_equal(view()->next_opens, "13:45");
	assert_string_equal(view()->next_starts, "14:00");
	assert_string_equal(view()->next_ends, "16:30");
	door_touch(&door, RC_FLOW_TOUCH_LANGUAGE);
	assert_string_equal(view()->next_title, "First aid");
	set_next(true);
	assert_false(view()->has_next);
	assert_string_equal(view()->next_title, "");
}

static void before_enrolment_there_is_no_sheet(void **state)
{
	struct rc_flow_effects effects;
	struct rc_flow_event event = {.kind = RC_FLOW_TOUCH, .now = door.now};

	(void)state;
	rc_flow_init(&door.flow);
	event.touch.touch = RC_FLOW_TOUCH_STATUS;
	rc_flow_step(&door.flow, &event, &effects);
	event.touch.touch = RC_FLOW_TOUCH_NO_BADGE;
	rc_flow_step(&door.flow, &event, &effects);
	assert_int_equal(view()->sheet, RC_FLOW_SHEET_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_button_is_there_while_a_session_takes_people, open_door),
	    cmocka_unit_test_setup(a_typed_number_becomes_a_claim_and_is_greeted_when_it_is_durable,
				   open_door),
	    cmocka_unit_test_setup(what_was_typed_is_wiped_when_the_sheet_closes, open_door),
	    cmocka_unit_test_setup(a_sheet_that_nobody_touches_for_twenty_seconds_goes, open_door),
	    cmocka_unit_test_setup(
		a_badge_held_up_while_somebody_types_is_signed_in_and_disturbs_nobody, open_door),
	    cmocka_unit_test_setup(a_question_asked_behind_the_sheet_is_put_when_it_has_gone, open_door),
	    cmocka_unit_test_setup(the_language_may_be_changed_while_typing, open_door),
	    cmocka_unit_test_setup(keys_that_are_faster_than_the_screen_all_count, open_door),
	    cmocka_unit_test_setup(a_touch_of_a_sheet_that_has_gone_does_nothing_to_the_next, open_door),
	    cmocka_unit_test_setup(
		more_keys_than_a_number_has_and_characters_that_no_key_has_are_passed_over, open_door),
	    cmocka_unit_test_setup(two_sessions_are_asked_for_before_the_number, open_door),
	    cmocka_unit_test_setup(a_failed_disk_takes_no_claim_and_says_so, open_door),
	    cmocka_unit_test_setup(a_disk_that_fails_while_somebody_types_closes_the_sheet, open_door),
	    cmocka_unit_test_setup(a_slow_disk_promises_nothing_to_who_has_typed, open_door),
	    cmocka_unit_test_setup(more_than_ten_claims_a_minute_are_asked_to_wait, open_door),
	    cmocka_unit_test_setup(the_status_mark_opens_its_sheet_and_a_scan_leaves_it_open, open_door),
	    cmocka_unit_test_setup(a_contact_of_another_day_is_told_with_its_day, open_door),
	    cmocka_unit_test_setup(a_room_without_a_session_shows_the_next_one, open_door),
	    cmocka_unit_test_setup(before_enrolment_there_is_no_sheet, open_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
