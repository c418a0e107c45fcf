/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps, and when the next one is due. Each event changes the state, may emit effects of its own, and at the end the view
 * is worked out anew: what is shown is a function of the state and the time, never of the path that led there.
 */
#include "firmware/flow/flow_priv.h"

#include <assert.h>

void rc_flow_init(struct rc_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->view.screen = RC_FLOW_SCREEN_ENROL;
}

bool rc_flow_notice(struct rc_flow *flow, const uint8_t key[16], int64_t up_ms)
{
	struct rc_flow_sight *oldest = &flow->sights[0];

	up_ms = up_ms > 0 ? up_ms : 1; /* 0 marks a free place */
	for (size_t i = 0; i < RC_FLOW_SIGHTS_MAX; i++) {
		struct rc_flow_sight *sight = &flow->sights[i];

		if (sight->seen_up_ms > 0 && memcmp(sight->key, key, sizeof(sight->key)) == 0) {
			bool has_come_back = up_ms - sight->seen_up_ms >= RC_FLOW_IN_VIEW_MS;

			sight->seen_up_ms = up_ms;
			return has_come_back;
		}
		if (sight->seen_up_ms < oldest->seen_up_ms)
			oldest = sight;
	}
	memcpy(oldest->key, key, sizeof(oldest->key));
	oldest->seen_up_ms = up_ms;
	return true;
}

struct rc_flow_effect *rc_flow__effect(struct rc_flow_effects *effects, enum rc_flow_effect_kind kind)
{
	struct rc_flow_effect *effect;

	assert(effects->count < RC_FLOW_EFFECTS_MAX);
	effect = &effects->list[effects->count++];
	effect->kind = kind;
	return effect;
}

/* A choice counts only on the very view that asked: the question may be another person's by now. */
static void touch(struct rc_flow *flow, const struct rc_flow_event *event, struct rc_flow_effects *effects)
{
	if (event->touch.touch == RC_FLOW_TOUCH_LANGUAGE) {
		flow->language = flow->language == RC_LANGUAGE_ZH ? RC_LANGUAGE_EN : RC_LANGUAGE_ZH;
		flow->is_language_chosen = true;
	}
	if (event->touch.touch == RC_FLOW_TOUCH_CHOOSE && flow->sheet.kind == RC_FLOW_SHEET_NONE) {
		if (event->touch.touch_id == flow->view.touch_id)
			rc_flow__choose(flow, event->touch.choice, &event->now, effects);
		return;
	}
	rc_flow__touch_sheet(flow, event, effects);
}

static void take_place(struct rc_flow *flow, const struct rc_flow_place *place)
{
	flow->place = *place;
	if (!flow->is_language_chosen)
		flow->language = place->language;
}

static void take_enrol(struct rc_flow *flow, const struct rc_flow_event *event)
{
	flow->enrol = event->enrol.state;
	memcpy(flow->enrol_reason, event->enrol.reason, sizeof(flow->enrol_reason));
	flow->enrol_reason[sizeof(flow->enrol_reason) - 1] = '\0';
}

void rc_flow_step(struct rc_flow *flow, const struct rc_flow_event *event, struct rc_flow_effects *effects)
{
	effects->count = 0;
	switch (event->kind) {
	case RC_FLOW_SCAN:
		rc_flow__scan(flow, event->scan, &event->now, effects);
		break;
	case RC_FLOW_RECORDED:
		rc_flow__recorded(flow, event, effects);
		break;
	case RC_FLOW_TICK:
		rc_flow__settle_refusals(flow, &event->now, effects);
		break;
	case RC_FLOW_PLACE:
		take_place(flow, event->place);
		break;
	case RC_FLOW_SYNC:
		flow->sync = event->sync;
		break;
	case RC_FLOW_TOUCH:
		touch(flow, event, effects);
		break;
	case RC_FLOW_ENROL:
		take_enrol(flow, event);
		break;
	case RC_FLOW_CAMERA:
		flow->camera = event->camera;
		break;
	}
	rc_flow__show(flow, &event->now, effects);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t rc_flow_due(const struct rc_flow *flow, const struct rc_clock_reading *now)
{
	int64_t due = now->up_ms + RC_MINUTE_MS - now->at_ms % RC_MINUTE_MS;

	due = earlier(due, rc_flow__refusals_due(flow));
	due = earlier(due, rc_flow__greeting_until(flow));
	if (flow->sheet.kind != RC_FLOW_SHEET_NONE)
		due = earlier(due, flow->sheet.until_up_ms);
	if (flow->view.recent_count > 0)
		due = earlier(due, flow->last_scan_up_ms + RC_FLOW_STACK_MS);
	for (size_t i = 0; i < RC_FLOW_PENDING_MAX; i++) {
		const struct rc_flow_pending *pending = &flow->pending[i];

		if (pending->token && pending->since_up_ms + RC_FLOW_WAIT_AFTER_MS > now->up_ms)
			due = earlier(due, pending->since_up_ms + RC_FLOW_WAIT_AFTER_MS);
	}
	return due > now->up_ms ? due : now->up_ms;
}

bool rc_flow__is_waiting(const struct rc_flow *flow, int64_t up_ms)
{
	for (size_t i = 0; i < RC_FLOW_PENDING_MAX; i++) {
		const struct rc_flow_pending *pending = &flow->pending[i];

		if (pending->token && up_ms - pending->since_up_ms >= RC_FLOW_WAIT_AFTER_MS)
			return true;
	}
	return false;
}

const struct rc_flow_view *rc_flow_current_view(const struct rc_flow *flow)
{
	return &flow->view;
}
