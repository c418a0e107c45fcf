/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals are recorded, and yet somebody who plays with codes can't fill the journal: equal ones within ten minutes are two
 * facts (the first at once, the count at the end), and above twenty a minute only the minute's summary is.
 */
#include "firmware/flow/flow_priv.h"

#include "shared/facts_gen/kinds.h"

#include <stdio.h>

static bool is_equal(const struct rc_flow_refusal *a, const struct rc_flow_refusal *b)
{
	return a->verdict == b->verdict && memcmp(a->key, b->key, sizeof(a->key)) == 0 &&
	       rc_id_equal(&a->session, &b->session);
}

static struct rc_flow_refusal *find_refusal(struct rc_flow *flow, const struct rc_flow_refusal *refusal)
{
	for (size_t i = 0; i < RC_FLOW_REFUSALS_MAX; i++) {
		if (flow->refusals[i].until_up_ms > 0 && is_equal(&flow->refusals[i], refusal))
			return &flow->refusals[i];
	}
	return NULL;
}

static struct rc_flow_refusal *free_refusal(struct rc_flow *flow)
{
	for (size_t i = 0; i < RC_FLOW_REFUSALS_MAX; i++) {
		if (flow->refusals[i].until_up_ms == 0)
			return &flow->refusals[i];
	}
	return NULL;
}

bool rc_flow__refuse(struct rc_flow *flow, const struct rc_flow_refusal *refusal,
		     const struct rc_clock_reading *now)
{
	struct rc_flow_refusal *counted = find_refusal(flow, refusal);

	if (counted && counted->until_up_ms > now->up_ms) {
		counted->count++;
		return false;
	}
	if (now->up_ms - flow->minute_up_ms >= RC_MINUTE_MS && flow->unlisted_refusals == 0) {
		flow->minute_up_ms = now->up_ms;
		flow->minute_refusals = 0;
	}
	counted = free_refusal(flow);
	if (!counted || flow->minute_refusals >= RC_FLOW_REFUSALS_A_MINUTE) {
		flow->unlisted_refusals++;
		return false;
	}
	flow->minute_refusals++;
	*counted = *refusal;
	counted->count = 1;
	counted->until_up_ms = now->up_ms + RC_FLOW_REFUSAL_COUNT_MS;
	counted->until_ms = now->at_ms + RC_FLOW_REFUSAL_COUNT_MS;
	return true;
}

static void append_count(struct rc_flow *flow, const struct rc_fact_scan_refused *fact,
			 const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	char memory[RC_FLOW_BODY_MAX_BYTES];
	struct rc_buf body;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_scan_refused_encode(fact, &body);
	(void)rc_flow__append(flow, RC_FACT_KIND_SCAN_REFUSED, rc_buf_bytes(&body), now,
			      effects); /* nobody waits for it */
}

static void settle_one(struct rc_flow *flow, struct rc_flow_refusal *refusal,
		       const struct rc_clock_reading *now, struct rc_flow_effects *effects)
{
	struct rc_fact_scan_refused fact = {
	    .verdict = refusal->verdict,
	    .has_find = refusal->has_find,
	    .has_session = refusal->has_session,
	    .session = refusal->session,
	    .has_until = true,
	    .until_ms = refusal->until_ms,
	    .count = refusal->count,
	};

	refusal->until_up_ms = 0;
	if (refusal->count < 2)
		return; /* the first fact has said it all */
	(void)snprintf(fact.class, sizeof(fact.class), "%s", rc_payload_class_name(refusal->class));
	memcpy(fact.find, refusal->find, sizeof(fact.find));
	append_count(flow, &fact, now, effects);
}

static void settle_minute(struct rc_flow *flow, const struct rc_clock_reading *now,
			  struct rc_flow_effects *effects)
{
	struct rc_fact_scan_refused fact = {
	    .verdict = RC_VERDICT_MALFORMED,
	    .has_until = true,
	    .until_ms = now->at_ms,
	    .count = flow->unlisted_refusals,
	};

	(void)snprintf(fact.class, sizeof(fact.class), "%s", rc_payload_class_name(RC_PAYLOAD_FOREIGN));
	append_count(flow, &fact, now, effects);
	flow->unlisted_refusals = 0;
	flow->minute_refusals = 0;
	flow->minute_up_ms = now->up_ms;
}

void rc_flow__settle_refusals(struct rc_flow *flow, const struct rc_clock_reading *now,
			      struct rc_flow_effects *effects)
{
	for (size_t i = 0; i < RC_FLOW_REFUSALS_MAX; i++) {
		struct rc_flow_refusal *refusal = &flow->refusals[i];

		if (refusal->until_up_ms > 0 && refusal->until_up_ms <= now->up_ms)
			settle_one(flow, refusal, now, effects);
	}
	if (flow->unlisted_refusals > 0 && now->up_ms - flow->minute_up_ms >= RC_MINUTE_MS)
		settle_minute(flow, now, effects);
}

int64_t rc_flow__refusals_due(const struct rc_flow *flow)
{
	int64_t due = flow->unlisted_refusals > 0 ? flow->minute_up_ms + RC_MINUTE_MS : INT64_MAX;

	for (size_t i = 0; i < RC_FLOW_REFUSALS_MAX; i++) {
		int64_t until = flow->refusals[i].until_up_ms;

		if (until > 0 && until < due)
			due = until;
	}
	return due;
}
