/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/view_model.h"

#include "shared/json/write.h"

/* The schema's limit for people, facts and minutes: a screen takes a larger number for a lie and shows nothing new any more. */
#define NUMBER_MAX 1000000

static const char *const screen_names[] = {
    [RC_FLOW_SCREEN_IDLE] = "idle",   [RC_FLOW_SCREEN_GREETING] = "greeting",
    [RC_FLOW_SCREEN_ENROL] = "enrol", [RC_FLOW_SCREEN_WAIT] = "wait",
    [RC_FLOW_SCREEN_FAULT] = "fault",
};

static const char *const enrol_names[] = {
    [RC_FLOW_ENROL_SHOW_CODE] = "show_code",
    [RC_FLOW_ENROL_CONNECTING] = "connecting",
    [RC_FLOW_ENROL_FAILED] = "failed",
    [RC_FLOW_ENROL_DONE] = "done",
};

static const char *const trouble_names[] = {
    [RC_FLOW_TROUBLE_NONE] = "none",       [RC_FLOW_TROUBLE_NETWORK] = "network",
    [RC_FLOW_TROUBLE_SERVER] = "server",   [RC_FLOW_TROUBLE_CERTIFICATE] = "certificate",
    [RC_FLOW_TROUBLE_REFUSED] = "refused",
};

static const char *const camera_names[] = {
    [RC_FLOW_CAMERA_OK] = "ok",
    [RC_FLOW_CAMERA_AWAY] = "away",
    [RC_FLOW_CAMERA_NONE] = "none",
};

static void put_count(struct rc_buf *json, const char *key, int64_t count)
{
	rc_json_member_int(json, key, count < NUMBER_MAX ? count : NUMBER_MAX);
}

static void put_header(struct rc_buf *json, const struct rc_flow_view *view)
{
	rc_json_append_key(json, "header");
	rc_json_open(json, '{');
	rc_json_member_text(json, "time", view->time);
	rc_json_member_bool(json, "time_sure", view->is_time_sure);
	rc_json_member_text(json, "room", view->room);
	rc_json_member_text(json, "room_name", view->room_name);
	if (view->has_session) {
		rc_json_append_key(json, "session");
		rc_json_open(json, '{');
		rc_json_member_text(json, "title", view->session_title);
		rc_json_member_text(json, "starts", view->session_starts);
		rc_json_member_text(json, "ends", view->session_ends);
		rc_json_member_text(json, "trainer", ""); /* the list opens with the trainer's badge */
		rc_json_close(json, '}');
		rc_json_append_key(json, "count");
		rc_json_open(json, '{');
		put_count(json, "here", view->here_count);
		put_count(json, "expected", view->expected_count);
		rc_json_close(json, '}');
	} else {
		rc_json_append_key(json, "session");
		rc_json_append_null(json);
		rc_json_append_key(json, "count");
		rc_json_append_null(json);
	}
	if (view->has_next) {
		rc_json_append_key(json, "next");
		rc_json_open(json, '{');
		rc_json_member_text(json, "title", view->next_title);
		rc_json_member_text(json, "opens", view->next_opens);
		rc_json_member_text(json, "starts", view->next_starts);
		rc_json_member_text(json, "ends", view->next_ends);
		rc_json_close(json, '}');
	}
	rc_json_close(json, '}');
}

static void put_seen(struct rc_buf *json, const struct rc_flow_seen *seen)
{
	rc_json_member_text(json, "verdict", seen->is_claim ? "claimed" : rc_verdict_name(seen->verdict));
	put_count(json, "late_min", seen->late_min);
	rc_json_member_text(json, "name", seen->name);
	rc_json_member_text(json, "lang", rc_language_name(seen->language));
	rc_json_member_text(json, "at", seen->at);
}

static void put_choices(struct rc_buf *json, const struct rc_flow_choice choices[RC_FLOW_CHOICES])
{
	rc_json_append_key(json, "choices");
	rc_json_open(json, '[');
	for (size_t i = 0; i < RC_FLOW_CHOICES; i++) {
		rc_json_open(json, '{');
		rc_json_member_text(json, "title", choices[i].title);
		rc_json_member_text(json, "room", choices[i].room);
		rc_json_member_text(json, "starts", choices[i].starts);
		rc_json_member_text(json, "ends", choices[i].ends);
		rc_json_close(json, '}');
	}
	rc_json_close(json, ']');
}

static void put_greeting(struct rc_buf *json, const struct rc_flow_greeting *greeting)
{
	put_seen(json, &greeting->seen);
	rc_json_member_text(json, "since", greeting->since);
	rc_json_member_text(json, "session", greeting->session);
	rc_json_member_text(json, "room", greeting->room);
	rc_json_member_text(json, "way", greeting->way);
	rc_json_member_text(json, "starts", greeting->starts);
	rc_json_member_text(json, "opens", greeting->opens);
	if (!greeting->seen.is_claim && greeting->seen.verdict == RC_VERDICT_CHOOSE_SESSION)
		put_choices(json, greeting->choices);
}

static void put_main(struct rc_buf *json, const struct rc_flow_view *view)
{
	rc_json_append_key(json, "main");
	rc_json_open(json, '{');
	if (view->screen == RC_FLOW_SCREEN_GREETING) {
		put_greeting(json, &view->greeting);
	} else if (view->screen == RC_FLOW_SCREEN_ENROL) {
		rc_json_member_text(json, "state", enrol_names[view->enrol]);
		rc_json_member_text(json, "reason", view->enrol_reason);
	}
	rc_json_close(json, '}');
}

static void put_recent(struct rc_buf *json, const struct rc_flow_view *view)
{
	rc_json_append_key(json, "recent");
	rc_json_open(json, '[');
	for (size_t i = 0; i < view->recent_count; i++) {
		rc_json_open(json, '{');
		put_seen(json, &view->recent[i]);
		rc_json_close(json, '}');
	}
	rc_json_close(json, ']');
}

static void put_sync(struct rc_buf *json, const struct rc_flow_view *view)
{
	rc_json_append_key(json, "sync");
	rc_json_open(json, '{');
	rc_json_member_text(json, "state", view->waiting_count > 0 ? "waiting" : "sent");
	put_count(json, "waiting", view->waiting_count);
	rc_json_member_text(json, "clock", view->is_time_sure ? "sure" : "unsure");
	rc_json_member_text(json, "last_contact", view->last_contact);
	rc_json_close(json, '}');
}

static void put_sheet(struct rc_buf *json, const struct rc_flow_view *view)
{
	static const char *const kinds[] = {
	    [RC_FLOW_SHEET_WHICH] = "which",
	    [RC_FLOW_SHEET_NUMBER] = "number",
	    [RC_FLOW_SHEET_LATER] = "later",
	    [RC_FLOW_SHEET_STATUS] = "status",
	};

	rc_json_member_bool(json, "no_badge", view->can_claim);
	if (view->sheet == RC_FLOW_SHEET_NONE)
		return;
	rc_json_append_key(json, "sheet");
	rc_json_open(json, '{');
	rc_json_member_text(json, "kind", kinds[view->sheet]);
	if (view->sheet == RC_FLOW_SHEET_NUMBER) {
		rc_json_member_text(json, "typed", view->typed);
		rc_json_member_text(json, "page", view->has_letters ? "letters" : "digits");
		rc_json_member_text(json, "session", view->claim_session);
	} else if (view->sheet == RC_FLOW_SHEET_WHICH) {
		put_choices(json, view->sheet_choices);
	} else if (view->sheet == RC_FLOW_SHEET_STATUS) {
		rc_json_member_text(json, "trouble", trouble_names[view->trouble]);
		rc_json_member_text(json, "contact", view->contact);
		rc_json_member_text(json, "version", RC_VERSION);
	}
	rc_json_close(json, '}');
}

void rc_view_model_encode(const struct rc_flow_view *view, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_int(json, "v", 1);
	rc_json_member_text(json, "screen", screen_names[view->screen]);
	rc_json_member_text(json, "lang", rc_language_name(view->language));
	put_header(json, view);
	put_main(json, view);
	put_recent(json, view);
	put_sync(json, view);
	put_sheet(json, view);
	rc_json_member_text(json, "camera", camera_names[view->camera]);
	rc_json_member_int(json, "touch_id", (int64_t)view->touch_id);
	rc_json_close(json, '}');
}
