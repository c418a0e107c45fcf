/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a scan to its fact, and from the fact's durability to the greeting.
 *
 * Arrivals and leaves are confirmed when the journal has answered, never before. Refusals promise nothing and yet follow the same way, so
 * that the order on the screen is the order of the journal; one that only adds to a count is shown at once. When the journal
 * fails, refusals are still shown (they help the person on), arrivals and leaves are not.
 */
#include "firmware/flow/flow_priv.h"

#include "firmware/flow/short_name.h"
#include "shared/base/encode.h"
#include "shared/facts_gen/kinds.h"

#include <stdio.h>

uint32_t rc_flow__token(struct rc_flow *flow)
{
	flow->last_token = flow->last_token == UINT32_MAX ? 1 : flow->last_token + 1;
	return flow->last_token;
}

uint32_t rc_flow__append(struct rc_flow *flow, const char *fact_kind, struct rc_bytes body,
			 const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	struct rc_flow_effect *effect = rc_flow__effect(effects, RC_FLOW_DO_APPEND);

	effect->append.token = rc_flow__token(flow);
	effect->append.fact_kind = fact_kind;
	effect->append.version = 1;
	effect->append.at = *now;
	effect->append.body_size = body.size;
	memcpy(effect->append.body, body.data, body.size);
	return effect->append.token;
}

struct rc_flow_pending *rc_flow__wait_for(struct rc_flow *flow, uint32_t token,
					  const struct rc_clock_reading *now)
{
	for (size_t i = 0; i < RC_FLOW_PENDING_MAX; i++) {
		struct rc_flow_pending *pending = &flow->pending[i];

		if (pending->token)
			continue;
		memset(pending, 0, sizeof(*pending));
		pending->token = token;
		pending->since_up_ms = now->up_ms;
		return pending;
	}
	return NULL;
}

static void copy_text(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from);
}

/* Who is greeted, in which language, and what the panel says about the session it was judged for. */
static void make_greeting(const struct rc_flow *flow, const struct rc_flow_scan *scan,
			  const struct rc_door_judgement *judgement, int64_t at_ms,
			  struct rc_flow_greeting *greeting)
{
	enum rc_language language = scan->has_card ? scan->card.language : flow->language;

	memset(greeting, 0, sizeof(*greeting));
	greeting->seen.verdict = judgement->verdict;
	greeting->seen.late_min = judgement->late_min;
	greeting->seen.language = language;
	if (scan->has_card && flow->place.has_short_names)
		rc_flow_short_name(scan->card.name, greeting->seen.name, sizeof(greeting->seen.name));
	else if (scan->has_card)
		copy_text(greeting->seen.name, sizeof(greeting->seen.name), scan->card.name);
	rc_flow__time_text(flow, at_ms, greeting->seen.at);
	rc_flow__time_text(flow, judgement->since_ms, greeting->since);
	rc_flow__time_text(flow, judgement->opens_ms, greeting->opens);
	if (judgement->session != RC_DOOR_NO_SESSION) {
		const struct rc_flow_session *session = &scan->sessions[judgement->session];

		copy_text(greeting->session, sizeof(greeting->session),
			  rc_flow__in(&session->title, language));
		copy_text(greeting->room, sizeof(greeting->room), session->room);
		copy_text(greeting->way, sizeof(greeting->way), rc_flow__in(&session->way, language));
		rc_flow__time_text(flow, session->door.terms.starts_ms, greeting->starts);
	}
}

static struct rc_door_judgement judge(const struct rc_flow_scan *scan, const struct rc_clock_reading *now)
{
	struct rc_door_session sessions[RC_DOOR_SESSIONS_MAX];
	struct rc_door_case door_case = {
	    .now_ms = now->at_ms,
	    .is_clock_unsure = now->source == RC_CLOCK_NONE,
	    .credential = scan->credential,
	    .sessions = sessions,
	};

	while (door_case.session_count < scan->session_count &&
	       door_case.session_count < RC_DOOR_SESSIONS_MAX) {
		sessions[door_case.session_count] = scan->sessions[door_case.session_count].door;
		door_case.session_count++;
	}
	return rc_door_judge(&door_case);
}

/* Both write the fact's body and return its kind. */
static const char *encode_arrival(const struct rc_flow_scan *scan, const struct rc_flow_session *session,
				  enum rc_verdict verdict, struct rc_buf *body)
{
	struct rc_fact_attendance_signed_in fact = {
	    .session = session->id,
	    .session_version = session->version,
	    .ref = scan->ref,
	    .verdict = verdict,
	    .roster_n = scan->roster_n,
	};

	memcpy(fact.find, scan->find, sizeof(fact.find));
	rc_fact_attendance_signed_in_encode(&fact, body);
	return RC_FACT_KIND_ATTENDANCE_SIGNED_IN;
}

static const char *encode_leave(const struct rc_flow_scan *scan,
				const struct rc_flow_session *session, struct rc_buf *body)
{
	struct rc_fact_attendance_signed_out fact = {
	    .session = session->id,
	    .session_version = session->version,
	    .ref = scan->ref,
	    .roster_n = scan->roster_n,
	};

	memcpy(fact.find, scan->find, sizeof(fact.find));
	rc_fact_attendance_signed_out_encode(&fact, body);
	return RC_FACT_KIND_ATTENDANCE_SIGNED_OUT;
}

/* Orders the fact of an arrival or a leave, and keeps what is to be said of it until it is durable. */
static void record_move(struct rc_flow *flow, const struct rc_flow_scan *scan,
			const struct rc_door_judgement *judgement,
			const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	const struct rc_flow_session *session = &scan->sessions[judgement->session];
	char memory[RC_FLOW_BODY_MAX_BYTES];
	struct rc_flow_pending *pending;
	const char *fact_kind;
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	fact_kind = judgement->verdict == RC_VERDICT_SIGNED_OUT
			? encode_leave(scan, session, &body)
			: encode_arrival(scan, session, judgement->verdict, &body);
	pending = rc_flow__wait_for(
	    flow, rc_flow__append(flow, fact_kind, rc_buf_bytes(&body), now, effects), now);
	if (!pending)
		return;
	make_greeting(flow, scan, judgement, now->at_ms, &pending->greeting);
	pending->is_promise = pending->has_move = true;
	pending->move =
	    (struct rc_flow_move){.session = session->id, .ref = scan->ref, .at_ms = now->at_ms};
}

/* What makes two refusals equal: the same code, refused for the same reason, at the same session. */
static void describe_refusal(const struct rc_flow_scan *scan,
			     const struct rc_door_judgement *judgement, struct rc_flow_refusal *refusal)
{
	bool is_badge = scan->class == RC_PAYLOAD_RC1;

	memset(refusal, 0, sizeof(*refusal));
	refusal->verdict = judgement->verdict;
	refusal->class = scan->class;
	refusal->has_find = is_badge;
	if (is_badge)
		memcpy(refusal->find, scan->find, sizeof(refusal->find));
	memcpy(refusal->key, is_badge ? scan->find : scan->digest,
	       is_badge ? sizeof(scan->find) : sizeof(scan->digest));
	if (judgement->session != RC_DOOR_NO_SESSION) {
		refusal->has_session = true;
		refusal->session = scan->sessions[judgement->session].id;
	}
}

static void encode_refusal(const struct rc_flow_scan *scan, const struct rc_flow_refusal *refusal,
			   struct rc_buf *body)
{
	struct rc_fact_scan_refused fact = {
	    .verdict = refusal->verdict,
	    .has_find = refusal->has_find,
	    .has_session = refusal->has_session,
	    .session = refusal->session,
	    .count = 1,
	};

	(void)snprintf(fact.class, sizeof(fact.class), "%s", rc_payload_class_name(refusal->class));
	if (refusal->has_find) {
		memcpy(fact.find, refusal->find, sizeof(fact.find));
	} else {
		fact.has_size = fact.has_digest = true;
		fact.size = (int64_t)scan->payload_size;
		rc_hex_encode(rc_bytes_of(scan->digest, sizeof(scan->digest)), fact.digest);
	}
	rc_fact_scan_refused_encode(&fact, body);
}

static void record_refusal(struct rc_flow *flow, const struct rc_flow_scan *scan,
			   const struct rc_door_judgement *judgement,
			   const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	struct rc_flow_greeting greeting;
	struct rc_flow_refusal refusal;
	char memory[RC_FLOW_BODY_MAX_BYTES];
	struct rc_flow_pending *pending;
	struct rc_buf body;

	make_greeting(flow, scan, judgement, now->at_ms, &greeting);
	describe_refusal(scan, judgement, &refusal);
	if (!rc_flow__refuse(flow, &refusal, now)) {
		rc_flow__greet(flow, &greeting, now, effects);
		return;
	}
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	encode_refusal(scan, &refusal, &body);
	pending = rc_flow__wait_for(
	    flow,
	    rc_flow__append(flow, RC_FACT_KIND_SCAN_REFUSED, rc_buf_bytes(&body), now, effects), now);
	if (pending)
		pending->greeting = greeting;
}

/* Two sessions fit and only the person knows: nothing is recorded before they have said. */
static void ask_which(struct rc_flow *flow, const struct rc_flow_scan *scan,
		      const struct rc_door_judgement *judgement, const struct rc_clock_reading *now,
		      struct rc_flow_effects *effects)
{
	const size_t offered[RC_FLOW_CHOICES] = {judgement->session, judgement->other};
	struct rc_flow_greeting greeting;

	make_greeting(flow, scan, judgement, now->at_ms, &greeting);
	for (size_t i = 0; i < RC_FLOW_CHOICES; i++) {
		const struct rc_flow_session *session = &scan->sessions[offered[i]];

		flow->choice_sessions[i] = *session;
		copy_text(greeting.choices[i].title, sizeof(greeting.choices[i].title),
			  rc_flow__in(&session->title, greeting.seen.language));
		copy_text(greeting.choices[i].room, sizeof(greeting.choices[i].room), session->room);
		rc_flow__time_text(flow, session->door.terms.starts_ms, greeting.choices[i].starts);
		rc_flow__time_text(flow, session->door.terms.ends_ms, greeting.choices[i].ends);
	}
	rc_flow__greet(flow, &greeting, now, effects);
	flow->has_choice = true;
	flow->choice = *scan;
}

static void scan_badge(struct rc_flow *flow, const struct rc_flow_scan *scan,
		       const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	struct rc_door_judgement judgement = judge(scan, now);

	if (judgement.verdict == RC_VERDICT_CHOOSE_SESSION)
		ask_which(flow, scan, &judgement, now, effects);
	else if (rc_verdict_is_refusal(judgement.verdict))
		record_refusal(flow, scan, &judgement, now, effects);
	else
		record_move(flow, scan, &judgement, now, effects);
}

void rc_flow__choose(struct rc_flow *flow, size_t choice, const struct rc_clock_reading *now,
		     struct rc_flow_effects *effects)
{
	if (!flow->has_choice || choice >= RC_FLOW_CHOICES)
		return;
	flow->has_choice = false;
	flow->choice.sessions = &flow->choice_sessions[choice];
	flow->choice.session_count = 1;
	scan_badge(flow, &flow->choice, now, effects);
}

void rc_flow__scan(struct rc_flow *flow, const struct rc_flow_scan *scan,
		   const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	if (flow->place.is_enrolled) {
		scan_badge(flow, scan, now, effects);
		return;
	}
	if (scan->class != RC_PAYLOAD_RCE1 || flow->enrol == RC_FLOW_ENROL_CONNECTING)
		return; /* nobody can be signed in yet, and the screen says what is wanted */
	flow->enrol = RC_FLOW_ENROL_CONNECTING;
	flow->enrol_reason[0] = '\0';
	rc_flow__effect(effects, RC_FLOW_DO_ENROL)->enrol = scan->enrol;
}

/* A fact whose pending entry had no room is answered too: its token is simply not found. */
static struct rc_flow_pending *find_pending(struct rc_flow *flow, uint32_t token)
{
	for (size_t i = 0; i < RC_FLOW_PENDING_MAX; i++) {
		if (token && flow->pending[i].token == token)
			return &flow->pending[i];
	}
	return NULL;
}

static void remember_move(const struct rc_flow_pending *pending, struct rc_flow_effects *effects)
{
	const bool is_leave = pending->greeting.seen.verdict == RC_VERDICT_SIGNED_OUT;

	rc_flow__effect(effects, is_leave ? RC_FLOW_DO_FORGET : RC_FLOW_DO_REMEMBER)->moved =
	    pending->move;
}

void rc_flow__recorded(struct rc_flow *flow, const struct rc_flow_event *event,
		       struct rc_flow_effects *effects)
{
	struct rc_flow_pending *pending = find_pending(flow, event->recorded.token);

	flow->has_disk_failed = !event->recorded.is_durable;
	if (flow->has_disk_failed)
		rc_flow__close_sheet(flow, event->now.up_ms); /* what is typed there couldn't be kept */
	if (!pending)
		return;
	if (event->recorded.is_durable && pending->has_move)
		remember_move(pending, effects);
	if (event->recorded.is_durable || !pending->is_promise)
		rc_flow__greet(flow, &pending->greeting, &event->now, effects);
	else
		flow->greeting_until_up_ms = 0; /* nobody may take the last greeting for theirs */
	pending->token = 0;
}
