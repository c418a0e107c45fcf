/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown, worked out from the state and the time; RC_FLOW_DO_SHOW only when something differs. */
#include "firmware/flow/flow_priv.h"

#include <stdio.h>

void rc_flow__time_text(const struct rc_flow *flow, int64_t at_ms, char text[RC_FLOW_TIME_BYTES])
{
	struct rc_civil civil;

	memset(text, 0, RC_FLOW_TIME_BYTES);
	if (at_ms <= 0)
		return;
	civil = rc_civil_of(at_ms, flow->place.utc_offset_min);
	(void)snprintf(text, RC_FLOW_TIME_BYTES, "%02u:%02u", civil.hour % 24, civil.minute % 60);
}

static void date_text(const struct rc_flow *flow, int64_t at_ms, int64_t now_ms,
		      char text[RC_FLOW_DATE_BYTES])
{
	struct rc_civil then = rc_civil_of(at_ms, flow->place.utc_offset_min);
	struct rc_civil now = rc_civil_of(now_ms, flow->place.utc_offset_min);

	memset(text, 0, RC_FLOW_DATE_BYTES);
	rc_flow__time_text(flow, at_ms, text);
	if (at_ms > 0 && (then.day != now.day || then.month != now.month || then.year != now.year))
		(void)snprintf(text, RC_FLOW_DATE_BYTES, "%02u-%02u %02u:%02u", then.month % 13,
			       then.day % 32, then.hour % 24, then.minute % 60);
}

const char *rc_flow__in(const struct rc_text_pair *pair, enum rc_language language)
{
	const char *wanted = language == RC_LANGUAGE_ZH ? pair->zh : pair->en;
	const char *other = language == RC_LANGUAGE_ZH ? pair->en : pair->zh;

	return wanted[0] ? wanted : other;
}

static enum rc_flow_sound sound_of(enum rc_verdict verdict)
{
	switch (verdict) {
	case RC_VERDICT_SIGNED_IN:
	case RC_VERDICT_SIGNED_OUT:
	case RC_VERDICT_WALK_IN:
	case RC_VERDICT_CLOCK_UNSURE:
		return RC_FLOW_SOUND_IN;
	case RC_VERDICT_ALREADY:
	case RC_VERDICT_CHOOSE_SESSION:
	case RC_VERDICT_WRONG_ROOM:
	case RC_VERDICT_TOO_EARLY:
	case RC_VERDICT_CLOSED:
	case RC_VERDICT_CANCELLED:
	case RC_VERDICT_REPLAYED:
	case RC_VERDICT_MALFORMED:
		return RC_FLOW_SOUND_LOOK;
	default:
		return RC_FLOW_SOUND_ASK;
	}
}

static int64_t hold_ms(const struct rc_flow_seen *seen)
{
	const enum rc_verdict verdict = seen->verdict;

	if (seen->is_claim)
		return RC_FLOW_GREETING_MS;
	if (verdict == RC_VERDICT_WRONG_ROOM)
		return RC_FLOW_WRONG_ROOM_MS;
	if (verdict == RC_VERDICT_CHOOSE_SESSION)
		return RC_FLOW_CHOICE_MS;
	return sound_of(verdict) == RC_FLOW_SOUND_IN || verdict == RC_VERDICT_ALREADY
		   ? RC_FLOW_GREETING_MS
		   : RC_FLOW_REFUSAL_MS;
}

void rc_flow__greet(struct rc_flow *flow, const struct rc_flow_greeting *greeting,
		    const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	struct rc_flow_view *view = &flow->view;

	memmove(&view->recent[1], &view->recent[0], sizeof(view->recent) - sizeof(view->recent[0]));
	view->recent[0] = greeting->seen;
	if (view->recent_count < RC_FLOW_RECENT_MAX)
		view->recent_count++;
	view->greeting = *greeting;
	flow->has_new_greeting = true;
	flow->has_choice = false; /* a question is over when the next person comes */
	flow->greeting_until_up_ms = now->up_ms + hold_ms(&greeting->seen);
	flow->last_scan_up_ms = now->up_ms;
	rc_flow__effect(effects, RC_FLOW_DO_SIGNAL)->sound =
	    greeting->seen.is_claim ? RC_FLOW_SOUND_IN : sound_of(greeting->seen.verdict);
}

int64_t rc_flow__greeting_until(const struct rc_flow *flow)
{
	const bool is_hidden = flow->has_choice && flow->sheet.kind != RC_FLOW_SHEET_NONE;

	return flow->greeting_until_up_ms > 0 && !is_hidden ? flow->greeting_until_up_ms : INT64_MAX;
}

static void let_go(struct rc_flow *flow, struct rc_flow_view *view, int64_t up_ms)
{
	if (up_ms >= rc_flow__greeting_until(flow)) {
		flow->greeting_until_up_ms = 0;
		flow->has_choice = false;
		memset(&view->greeting, 0, sizeof(view->greeting));
	}
	if (view->recent_count > 0 && up_ms - flow->last_scan_up_ms >= RC_FLOW_STACK_MS) {
		view->recent_count = 0;
		memset(view->recent, 0, sizeof(view->recent));
	}
}

static enum rc_flow_screen screen_of(const struct rc_flow *flow, int64_t up_ms)
{
	if (!flow->place.is_enrolled)
		return RC_FLOW_SCREEN_ENROL;
	if (flow->has_disk_failed && flow->greeting_until_up_ms == 0)
		return RC_FLOW_SCREEN_FAULT;
	if (rc_flow__is_waiting(flow, up_ms))
		return RC_FLOW_SCREEN_WAIT;
	return flow->greeting_until_up_ms > 0 ? RC_FLOW_SCREEN_GREETING : RC_FLOW_SCREEN_IDLE;
}

void rc_flow__set_text(char to[RC_FLOW_TEXT_BYTES], const char *from)
{
	memset(to, 0, RC_FLOW_TEXT_BYTES);
	(void)snprintf(to, RC_FLOW_TEXT_BYTES, "%s", from);
}

static void fill_place(const struct rc_flow *flow, struct rc_flow_view *view)
{
	const struct rc_flow_place *place = &flow->place;

	rc_flow__set_text(view->room, place->room);
	rc_flow__set_text(view->room_name, rc_flow__in(&place->room_name, flow->language));
	view->has_session = place->has_session;
	rc_flow__set_text(view->session_title,
			  place->has_session ? rc_flow__in(&place->session_title, flow->language) : "");
	rc_flow__time_text(flow, place->has_session ? place->session_starts_ms : 0, view->session_starts);
	rc_flow__time_text(flow, place->has_session ? place->session_ends_ms : 0, view->session_ends);
	view->has_next = !place->has_session && place->has_next;
	rc_flow__set_text(view->next_title,
			  view->has_next ? rc_flow__in(&place->next_title, flow->language) : "");
	rc_flow__time_text(flow, view->has_next ? place->next_opens_ms : 0, view->next_opens);
	rc_flow__time_text(flow, view->has_next ? place->next_starts_ms : 0, view->next_starts);
	rc_flow__time_text(flow, view->has_next ? place->next_ends_ms : 0, view->next_ends);
	view->here_count = place->here_count;
	view->expected_count = place->expected_count;
}

/* Offered beside a greeting too: the next in the queue needn't wait until it has gone. */
static bool can_claim(const struct rc_flow *flow, const struct rc_flow_view *view)
{
	return flow->place.claimable_count > 0 && !flow->has_disk_failed &&
	       (view->screen == RC_FLOW_SCREEN_IDLE || view->screen == RC_FLOW_SCREEN_GREETING);
}

void rc_flow__show(struct rc_flow *flow, const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	struct rc_flow_view *view = &flow->view;
	struct rc_flow_view before;
	bool is_same;

	memcpy(&before, view, sizeof(before));
	rc_flow__show_sheet(flow, now->up_ms);
	let_go(flow, view, now->up_ms);
	view->screen = screen_of(flow, now->up_ms);
	view->language = flow->language;
	rc_flow__time_text(flow, now->at_ms, view->time);
	view->is_time_sure = now->source != RC_CLOCK_NONE;
	fill_place(flow, view);
	view->enrol = flow->enrol;
	memcpy(view->enrol_reason, flow->enrol_reason, sizeof(view->enrol_reason));
	view->waiting_count = flow->sync.waiting_count;
	rc_flow__time_text(flow, flow->sync.last_contact_ms, view->last_contact);
	date_text(flow, flow->sync.last_contact_ms, now->at_ms, view->contact);
	view->trouble = flow->sync.trouble;
	view->camera = flow->camera;
	view->can_claim = can_claim(flow, view);
	is_same = memcmp(&before, view, sizeof(before)) == 0;
	rc_wipe(&before, sizeof(before)); /* a name, and what was typed */
	if (is_same && !flow->has_new_greeting)
		return;
	flow->has_new_greeting = false;
	view->touch_id++;
	(void)rc_flow__effect(effects, RC_FLOW_DO_SHOW);
}
