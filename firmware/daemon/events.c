/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flow's events and effects. An effect may cause another event (a full queue is a fact that isn't durable, an arrival changes
 * the room's count): those wait until all effects of the present one are carried out.
 */
#include "firmware/daemon/daemon_priv.h"

#include "firmware/daemon/claim.h"
#include "firmware/daemon/view_model.h"
#include "shared/base/log.h"
#include "shared/crypto/hash.h"
#include "shared/facts_gen/kinds.h"

#include <stdio.h>
#include <stdlib.h>

#define VIEW_MAX_BYTES 65536u

/* Tokens of facts that nobody waits for: flow begins at 1. */
#define NO_TOKEN 0u

static void show(struct rc_daemon *daemon)
{
	struct rc_buf json;

	rc_buf_init(&json, VIEW_MAX_BYTES);
	rc_view_model_encode(rc_flow_current_view(&daemon->flow), &json);
	if (rc_buf_status(&json, NULL) == RC_OK)
		rc_screen_socket_show(daemon->screens, rc_buf_bytes(&json));
	if (json.data)
		rc_wipe(json.data, json.capacity); /* a name, or a number as it is typed */
	rc_buf_deinit(&json);
}

/* What isn't handed to the journal isn't durable: flow hears that at once. */
static void tell_unless_handed(struct rc_daemon *daemon, enum rc_status status, uint32_t token,
			       const char *fact_kind)
{
	struct rc_flow_event event = {.kind = RC_FLOW_RECORDED};

	if (status == RC_OK)
		return;
	rc_log(RC_LOG_ERROR, "a fact could not be handed to the journal", "kind", fact_kind,
	       "error", rc_status_text(status), NULL);
	event.recorded.token = token;
	event.recorded.is_durable = false;
	rc_daemon__step(daemon, &event);
}

static void append(struct rc_daemon *daemon, const struct rc_flow_effect *effect)
{
	enum rc_status status = RC_EBUG;

	if (daemon->recorder)
		status = rc_recorder_append(daemon->recorder, effect->append.token,
					    effect->append.fact_kind, effect->append.version,
					    rc_bytes_of(effect->append.body, effect->append.body_size),
					    &effect->append.at);
	tell_unless_handed(daemon, status, effect->append.token, effect->append.fact_kind);
}

static void append_claim(struct rc_daemon *daemon, const struct rc_flow_effect *effect)
{
	char memory[RC_RECORDER_BODY_MAX_BYTES + 1];
	struct rc_buf body;
	struct rc_error err;
	enum rc_status status = RC_EBUG;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	if (daemon->recorder && daemon->lookup.has_seal_key)
		status = rc_claim_encode(daemon->lookup.seal_key, effect, &body, &err);
	if (status == RC_OK)
		status = rc_recorder_append(daemon->recorder, effect->claim.token,
					    RC_FACT_KIND_ATTENDANCE_CLAIMED, 1, rc_buf_bytes(&body),
					    &effect->claim.at);
	tell_unless_handed(daemon, status, effect->claim.token, RC_FACT_KIND_ATTENDANCE_CLAIMED);
}

static void carry_out(struct rc_daemon *daemon, const struct rc_flow_effect *effect)
{
	switch (effect->kind) {
	case RC_FLOW_DO_APPEND:
		append(daemon, effect);
		break;
	case RC_FLOW_DO_CLAIM:
		append_claim(daemon, effect);
		break;
	case RC_FLOW_DO_SHOW:
		show(daemon);
		break;
	case RC_FLOW_DO_SIGNAL:
		break; /* no lamp or speaker is driven by this version */
	case RC_FLOW_DO_ENROL:
		rc_sync_enrol(daemon->sync, &effect->enrol);
		break;
	case RC_FLOW_DO_REMEMBER:
		rc_presence_add(daemon->presence, &effect->moved.session, &effect->moved.ref,
				effect->moved.at_ms);
		rc_daemon__refresh_place(daemon);
		break;
	case RC_FLOW_DO_FORGET:
		rc_presence_leave(daemon->presence, &effect->moved.session, &effect->moved.ref,
				  effect->moved.at_ms);
		rc_daemon__refresh_place(daemon);
		break;
	}
}

static void step_once(struct rc_daemon *daemon, struct rc_flow_event *event)
{
	event->now = rc_clock_read(daemon->clock);
	rc_flow_step(&daemon->flow, event, &daemon->effects);
	for (size_t i = 0; i < daemon->effects.count; i++) {
		carry_out(daemon, &daemon->effects.list[i]);
		if (daemon->effects.list[i].kind == RC_FLOW_DO_ENROL ||
		    daemon->effects.list[i].kind == RC_FLOW_DO_CLAIM)
			rc_wipe(&daemon->effects.list[i], sizeof(daemon->effects.list[i]));
	}
}

void rc_daemon__step(struct rc_daemon *daemon, const struct rc_flow_event *event)
{
	if (daemon->event_count < RC_DAEMON__EVENTS_MAX)
		daemon->events[daemon->event_count++] = *event;
	else
		rc_log(RC_LOG_ERROR, "too many events at once", NULL);
	if (daemon->is_stepping)
		return;
	daemon->is_stepping = true;
	for (size_t i = 0; i < daemon->event_count; i++) { /* grows while it runs */
		step_once(daemon, &daemon->events[i]);
		rc_wipe(&daemon->events[i], sizeof(daemon->events[i])); /* it may be a key of somebody's number */
	}
	daemon->event_count = 0;
	daemon->is_stepping = false;
}

void rc_daemon__state_fact(struct rc_daemon *daemon, const char *kind, struct rc_bytes body)
{
	struct rc_clock_reading now = rc_clock_read(daemon->clock);

	if (!daemon->recorder)
		return;
	if (rc_recorder_append(daemon->recorder, NO_TOKEN, kind, 1, body, &now) != RC_OK)
		rc_log(RC_LOG_ERROR, "a fact could not be handed to the journal", "kind", kind, NULL);
}

/* ---- scans ---- */

void rc_daemon__find(struct rc_daemon *daemon, const struct rc_scanner_find *find)
{
	struct rc_flow_event event = {.kind = RC_FLOW_SCAN, .scan = &daemon->scan.scan};
	struct rc_bytes payload = rc_bytes_of(find->payload, find->size);
	struct rc_clock_reading now = rc_clock_read(daemon->clock);
	uint8_t hash[RC_SHA256_BYTES];

	rc_sha256(payload, hash);
	if (!rc_flow_notice(&daemon->flow, hash, now.up_ms))
		return;
	daemon->last_scan_up_ms = now.up_ms;
	rc_lookup_scan(&daemon->lookup, payload, now.at_ms, &daemon->scan);
	daemon->scan.scan.payload_size += find->omitted;
	rc_daemon__step(daemon, &event);
	rc_wipe(&daemon->scan, sizeof(daemon->scan)); /* a name, and before enrolment a code */
}

/* ---- the room ---- */

void rc_daemon__refresh_place(struct rc_daemon *daemon)
{
	struct rc_flow_event event = {.kind = RC_FLOW_PLACE, .place = &daemon->place};
	int64_t now_ms = rc_clock_now_ms(daemon->clock);

	daemon->place_minute = now_ms / RC_MINUTE_MS;
	daemon->place.is_enrolled = daemon->is_enrolled;
	if (daemon->is_enrolled)
		rc_lookup_place(&daemon->lookup, now_ms, &daemon->place);
	rc_daemon__step(daemon, &event);
}

/* ---- the threads ---- */

static void tell_sync_state(struct rc_daemon *daemon)
{
	struct rc_flow_event event = {.kind = RC_FLOW_SYNC};

	if (daemon->recorder)
		event.sync.waiting_count = rc_recorder_state(daemon->recorder).unacknowledged;
	event.sync.last_contact_ms = daemon->last_contact_ms;
	event.sync.trouble = daemon->trouble;
	rc_daemon__step(daemon, &event);
}

void rc_daemon__take_answers(struct rc_daemon *daemon)
{
	struct rc_recorder_answer answer;
	bool has_new = false;

	while (daemon->recorder && rc_recorder_next(daemon->recorder, &answer) == RC_OK) {
		struct rc_flow_event event = {.kind = RC_FLOW_RECORDED};

		event.recorded.token = answer.token;
		event.recorded.is_durable = answer.is_durable;
		rc_daemon__step(daemon, &event);
		has_new = has_new || answer.is_durable;
	}
	if (has_new) {
		tell_sync_state(daemon);
		rc_sync_wake(daemon->sync);
	}
}

static void tell_enrolment(struct rc_daemon *daemon, enum rc_flow_enrol state, const char *reason)
{
	struct rc_flow_event event = {.kind = RC_FLOW_ENROL};

	event.enrol.state = state;
	(void)snprintf(event.enrol.reason, sizeof(event.enrol.reason), "%s", reason);
	rc_daemon__step(daemon, &event);
}

static void become_enrolled(struct rc_daemon *daemon)
{
	struct rc_error err;

	if (rc_daemon__open_identity(daemon, &err) != RC_OK) {
		rc_log_failure("enrolled, but the kiosk's folder can't be used", &err);
		tell_enrolment(daemon, RC_FLOW_ENROL_FAILED, "damaged");
		return;
	}
	tell_enrolment(daemon, RC_FLOW_ENROL_DONE, "");
	rc_daemon__refresh_place(daemon);
	rc_sync_wake(daemon->sync); /* the journal is there now */
}

static void become_revoked(struct rc_daemon *daemon)
{
	struct rc_fact_roster_emptied fact = {.reason = "revoked"};
	char memory[128];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_roster_emptied_encode(&fact, &body);
	rc_daemon__state_fact(daemon, RC_FACT_KIND_ROSTER_EMPTIED, rc_buf_bytes(&body));
}

static void refresh_roster(struct rc_daemon *daemon)
{
	struct rc_error err;
	bool has_changed;

	if (rc_roster_refresh(daemon->lookup.roster, &has_changed, &err) != RC_OK)
		rc_log_failure("the new roster can't be used", &err);
	rc_lookup_refresh(&daemon->lookup);
	rc_daemon__refresh_place(daemon);
}

static enum rc_flow_trouble trouble_of(const struct rc_sync_report *report)
{
	static const enum rc_flow_trouble troubles[] = {
	    [RC_SYNC_TROUBLE_NONE] = RC_FLOW_TROUBLE_SERVER, /* not connected, and nothing more is known */
	    [RC_SYNC_TROUBLE_NETWORK] = RC_FLOW_TROUBLE_NETWORK,
	    [RC_SYNC_TROUBLE_SERVER] = RC_FLOW_TROUBLE_SERVER,
	    [RC_SYNC_TROUBLE_CERTIFICATE] = RC_FLOW_TROUBLE_CERTIFICATE,
	    [RC_SYNC_TROUBLE_REFUSED] = RC_FLOW_TROUBLE_REFUSED,
	};

	return report->state.is_connected ? RC_FLOW_TROUBLE_NONE : troubles[report->state.trouble];
}

static void take_report(struct rc_daemon *daemon, const struct rc_sync_report *report)
{
	enum rc_status status = RC_OK;

	switch (report->kind) {
	case RC_SYNC_TIME:
		rc_anchor_set(daemon->anchor, report->time.server_ms, report->time.up_ms,
			      report->time.error_ms);
		break;
	case RC_SYNC_STATE:
		daemon->is_connected = report->state.is_connected;
		daemon->trouble = trouble_of(report);
		if (report->state.is_connected)
			daemon->last_contact_ms = report->state.last_contact_ms;
		tell_sync_state(daemon);
		break;
	case RC_SYNC_ACKNOWLEDGED:
		if (daemon->recorder)
			status = rc_recorder_acknowledge(daemon->recorder, report->acknowledged.epoch,
							 report->acknowledged.through,
							 report->acknowledged.hash);
		break;
	case RC_SYNC_EPOCH_NEEDED:
		if (daemon->recorder)
			status = rc_recorder_begin_epoch(daemon->recorder, report->epoch_needed.reason);
		rc_sync_wake(daemon->sync);
		break;
	case RC_SYNC_ROSTER_CHANGED:
		refresh_roster(daemon);
		break;
	case RC_SYNC_REVOKED:
		refresh_roster(daemon);
		become_revoked(daemon);
		break;
	case RC_SYNC_ENROLLED:
		become_enrolled(daemon);
		break;
	case RC_SYNC_RENEWED:
		rc_daemon__take_renewal(daemon);
		rc_daemon__refresh_place(daemon);
		break;
	case RC_SYNC_ENROL_FAILED:
		tell_enrolment(daemon, RC_FLOW_ENROL_FAILED, report->reason);
		break;
	}
	if (status != RC_OK) /* reports are taken only while there is room */
		rc_log(RC_LOG_ERROR, "the recorder didn't take what sync has to say", "error",
		       rc_status_text(status), NULL);
}

bool rc_daemon__can_take_reports(const struct rc_daemon *daemon)
{
	return !daemon->recorder || rc_recorder_has_room(daemon->recorder);
}

void rc_daemon__take_reports(struct rc_daemon *daemon)
{
	struct rc_sync_report report;

	while (rc_daemon__can_take_reports(daemon) && rc_sync_next(daemon->sync, &report) == RC_OK)
		take_report(daemon, &report);
}
