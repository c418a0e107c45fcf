/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sheets over the panel: the staff number of who has no badge, and what the status mark means.
 *
 * A number is typed key by key, so a view may be on its way to the screen while the next key is touched already: a touch counts
 * on any view since the sheet opened. It becomes a claim: the kiosk can't tell whose number it is, so it is sealed to the server
 * and said nowhere. What was typed is wiped whenever the sheet closes, by whatever cause.
 */
#include "firmware/flow/flow_priv.h"

#include <stdio.h>

static void open_sheet(struct rc_flow *flow, enum rc_flow_sheet kind, int64_t up_ms)
{
	flow->sheet.kind = kind;
	flow->sheet.since_touch_id = flow->view.touch_id + 1;
	flow->sheet.until_up_ms = up_ms + RC_FLOW_SHEET_MS;
}

void rc_flow__close_sheet(struct rc_flow *flow, int64_t up_ms)
{
	if (flow->sheet.kind == RC_FLOW_SHEET_NONE)
		return;
	rc_wipe(&flow->sheet, sizeof(flow->sheet));
	if (flow->has_choice) /* asked meanwhile, and seen only now */
		flow->greeting_until_up_ms = up_ms + RC_FLOW_CHOICE_MS;
}

/* ---- claims ---- */

static bool has_too_many_claims(const struct rc_flow *flow, int64_t up_ms)
{
	const int64_t oldest = flow->claims_up_ms[flow->next_claim];

	return oldest > 0 && up_ms - oldest < RC_MINUTE_MS;
}

static void begin_claim(struct rc_flow *flow, int64_t up_ms)
{
	if (!flow->view.can_claim || flow->sheet.kind != RC_FLOW_SHEET_NONE)
		return;
	if (has_too_many_claims(flow, up_ms)) {
		open_sheet(flow, RC_FLOW_SHEET_LATER, up_ms);
		return;
	}
	memcpy(flow->sheet.sessions, flow->place.claimables, sizeof(flow->sheet.sessions));
	open_sheet(flow, flow->place.claimable_count > 1 ? RC_FLOW_SHEET_WHICH : RC_FLOW_SHEET_NUMBER,
		   up_ms);
}

static void make_claim_greeting(const struct rc_flow *flow, const struct rc_flow_claimable *session,
				int64_t at_ms, struct rc_flow_greeting *greeting)
{
	memset(greeting, 0, sizeof(*greeting));
	greeting->seen.is_claim = true;
	greeting->seen.verdict = RC_VERDICT_SIGNED_IN;
	greeting->seen.language = flow->language;
	rc_flow__time_text(flow, at_ms, greeting->seen.at);
	rc_flow__set_text(greeting->session, rc_flow__in(&session->title, flow->language));
}

static void confirm(struct rc_flow *flow, const struct rc_clock_reading *now,
		    struct rc_flow_effects *effects)
{
	const struct rc_flow_claimable *session = &flow->sheet.sessions[flow->sheet.chosen];
	struct rc_flow_pending *pending;
	struct rc_flow_effect *effect;

	if (flow->sheet.kind != RC_FLOW_SHEET_NUMBER || !flow->sheet.typed[0])
		return;
	effect = rc_flow__effect(effects, RC_FLOW_DO_CLAIM);
	effect->claim.token = rc_flow__token(flow);
	effect->claim.session = session->id;
	effect->claim.session_version = session->version;
	effect->claim.roster_n = flow->place.roster_n;
	effect->claim.at = *now;
	memcpy(effect->claim.number, flow->sheet.typed, sizeof(effect->claim.number));
	pending = rc_flow__wait_for(flow, effect->claim.token, now);
	if (pending) {
		make_claim_greeting(flow, session, now->at_ms, &pending->greeting);
		pending->is_promise = true;
	}
	flow->claims_up_ms[flow->next_claim] = now->up_ms > 0 ? now->up_ms : 1;
	flow->next_claim = (flow->next_claim + 1) % RC_FLOW_CLAIMS_A_MINUTE;
	rc_flow__close_sheet(flow, now->up_ms);
}

/* ---- touches ---- */

static bool is_key(char key)
{
	return (key >= '0' && key <= '9') || (key >= 'A' && key <= 'Z') || key == '-';
}

static void type(struct rc_flow_open_sheet *sheet, char key)
{
	size_t length = strlen(sheet->typed);

	if (is_key(key) && length < RC_FLOW_NUMBER_MAX_CHARS)
		sheet->typed[length] = key;
}

static void take_back(struct rc_flow_open_sheet *sheet)
{
	size_t length = strlen(sheet->typed);

	if (length > 0)
		sheet->typed[length - 1] = '\0';
}

static void choose(struct rc_flow *flow, size_t choice, int64_t up_ms)
{
	if (flow->sheet.kind != RC_FLOW_SHEET_WHICH || choice >= RC_FLOW_CHOICES)
		return;
	flow->sheet.chosen = choice;
	open_sheet(flow, RC_FLOW_SHEET_NUMBER, up_ms);
}

/* One of the keys of RC_FLOW_SHEET_NUMBER. */
static void touch_keys(struct rc_flow_open_sheet *sheet, const struct rc_flow_event *event)
{
	if (sheet->kind != RC_FLOW_SHEET_NUMBER)
		return;
	if (event->touch.touch == RC_FLOW_TOUCH_KEY)
		type(sheet, event->touch.key);
	else if (event->touch.touch == RC_FLOW_TOUCH_DELETE)
		take_back(sheet);
	else
		sheet->has_letters = event->touch.touch == RC_FLOW_TOUCH_LETTERS;
}

static void touch_open_sheet(struct rc_flow *flow, const struct rc_flow_event *event,
			     struct rc_flow_effects *effects)
{
	flow->sheet.until_up_ms = event->now.up_ms + RC_FLOW_SHEET_MS;
	switch (event->touch.touch) {
	case RC_FLOW_TOUCH_KEY:
	case RC_FLOW_TOUCH_DELETE:
	case RC_FLOW_TOUCH_LETTERS:
	case RC_FLOW_TOUCH_DIGITS:
		touch_keys(&flow->sheet, event);
		break;
	case RC_FLOW_TOUCH_CHOOSE:
		choose(flow, event->touch.choice, event->now.up_ms);
		break;
	case RC_FLOW_TOUCH_CONFIRM:
		confirm(flow, &event->now, effects);
		break;
	case RC_FLOW_TOUCH_CANCEL:
		rc_flow__close_sheet(flow, event->now.up_ms);
		break;
	case RC_FLOW_TOUCH_LANGUAGE:
	case RC_FLOW_TOUCH_NO_BADGE:
	case RC_FLOW_TOUCH_STATUS:
		break;
	}
}

void rc_flow__touch_sheet(struct rc_flow *flow, const struct rc_flow_event *event,
			  struct rc_flow_effects *effects)
{
	if (flow->sheet.kind != RC_FLOW_SHEET_NONE) {
		if (event->touch.touch_id >= flow->sheet.since_touch_id)
			touch_open_sheet(flow, event, effects);
		return;
	}
	if (event->touch.touch == RC_FLOW_TOUCH_NO_BADGE)
		begin_claim(flow, event->now.up_ms);
	else if (event->touch.touch == RC_FLOW_TOUCH_STATUS && flow->place.is_enrolled)
		open_sheet(flow, RC_FLOW_SHEET_STATUS, event->now.up_ms);
}

/* ---- what is shown ---- */

static void show_choices(const struct rc_flow *flow, struct rc_flow_view *view)
{
	for (size_t i = 0; i < RC_FLOW_CHOICES; i++) {
		const struct rc_flow_claimable *session = &flow->sheet.sessions[i];
		struct rc_flow_choice *choice = &view->sheet_choices[i];

		rc_flow__set_text(choice->title, rc_flow__in(&session->title, flow->language));
		rc_flow__set_text(choice->room, flow->place.room);
		rc_flow__time_text(flow, session->starts_ms, choice->starts);
		rc_flow__time_text(flow, session->ends_ms, choice->ends);
	}
}

void rc_flow__show_sheet(struct rc_flow *flow, int64_t up_ms)
{
	struct rc_flow_view *view = &flow->view;

	if (!flow->place.is_enrolled || up_ms >= flow->sheet.until_up_ms)
		rc_flow__close_sheet(flow, up_ms);
	view->sheet = flow->sheet.kind;
	memcpy(view->typed, flow->sheet.typed, sizeof(view->typed));
	view->has_letters = flow->sheet.has_letters;
	memset(view->sheet_choices, 0, sizeof(view->sheet_choices));
	memset(view->claim_session, 0, sizeof(view->claim_session));
	if (view->sheet == RC_FLOW_SHEET_WHICH)
		show_choices(flow, view);
	if (view->sheet == RC_FLOW_SHEET_NUMBER)
		rc_flow__set_text(
		    view->claim_session,
		    rc_flow__in(&flow->sheet.sessions[flow->sheet.chosen].title, flow->language));
}
