/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLOW_FLOW_PRIV_H
#define RC_FLOW_FLOW_PRIV_H
/* Between flow's sources: scan.c judges and records, refusals.c counts what was refused, sheet.c takes numbers from who has no
 * badge, view.c says what is shown. */
#include "firmware/flow/flow.h"

/* A new effect at the end of the list. There is always room: see RC_FLOW_EFFECTS_MAX. */
struct rc_flow_effect *rc_flow__effect(struct rc_flow_effects *effects, enum rc_flow_effect_kind kind);

/* Judges a scan and emits what follows from it. */
void rc_flow__scan(struct rc_flow *flow, const struct rc_flow_scan *scan,
		   const struct rc_clock_reading *now, struct rc_flow_effects *effects);

/* The journal has answered for a token. */
void rc_flow__recorded(struct rc_flow *flow, const struct rc_flow_event *event,
		       struct rc_flow_effects *effects);

/* An append effect; returns its token. */
uint32_t rc_flow__append(struct rc_flow *flow, const char *fact_kind, struct rc_bytes body,
			 const struct rc_clock_reading *now, struct rc_flow_effects *effects);

/* A greeting that waits for the journal's answer to `token`. NULL: more wait already than the journal takes. */
struct rc_flow_pending *rc_flow__wait_for(struct rc_flow *flow, uint32_t token,
					  const struct rc_clock_reading *now);

/* The next token. */
uint32_t rc_flow__token(struct rc_flow *flow);

/* ---- sheet.c ---- */

/* A touch of a sheet, or one that opens it. */
void rc_flow__touch_sheet(struct rc_flow *flow, const struct rc_flow_event *event,
			  struct rc_flow_effects *effects);

/* Closes whatever sheet is open and wipes what was typed. */
void rc_flow__close_sheet(struct rc_flow *flow, int64_t up_ms);

/* Fills in the view's part of the sheet. */
void rc_flow__show_sheet(struct rc_flow *flow, int64_t up_ms);

/* The person on the panel has said which session. */
void rc_flow__choose(struct rc_flow *flow, size_t choice, const struct rc_clock_reading *now,
		     struct rc_flow_effects *effects);

/* Counts a refusal. True if it is to be recorded now (the first of its kind); false if it only adds to a count. */
bool rc_flow__refuse(struct rc_flow *flow, const struct rc_flow_refusal *refusal,
		     const struct rc_clock_reading *now);

/* Emits the counts of ten minutes that have ended, and the minute's summary. */
void rc_flow__settle_refusals(struct rc_flow *flow, const struct rc_clock_reading *now,
			      struct rc_flow_effects *effects);

/* When the next count ends; INT64_MAX if nothing is counted. */
int64_t rc_flow__refusals_due(const struct rc_flow *flow);

/* Puts a greeting on the panel and into the last three, with its sound. */
void rc_flow__greet(struct rc_flow *flow, const struct rc_flow_greeting *greeting,
		    const struct rc_clock_reading *now, struct rc_flow_effects *effects);

/* When the greeting goes; INT64_MAX for none, and for a question that a sheet hides: it waits. */
int64_t rc_flow__greeting_until(const struct rc_flow *flow);

/* Works out the view anew and emits RC_FLOW_DO_SHOW if it differs. */
void rc_flow__show(struct rc_flow *flow, const struct rc_clock_reading *now,
		   struct rc_flow_effects *effects);

/* True while a fact has waited for the disk for longer than RC_FLOW_WAIT_AFTER_MS. */
bool rc_flow__is_waiting(const struct rc_flow *flow, int64_t up_ms);

/* Copies as much of `from` as fits, over zeros. */
void rc_flow__set_text(char to[RC_FLOW_TEXT_BYTES], const char *from);

/* "08:52" at the kiosk's offset; "" for a time of 0. */
void rc_flow__time_text(const struct rc_flow *flow, int64_t at_ms, char text[RC_FLOW_TIME_BYTES]);

/* The text in a language, or the other one where that is empty. */
const char *rc_flow__in(const struct rc_text_pair *pair, enum rc_language language);

#endif
