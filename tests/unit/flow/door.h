/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_FLOW_DOOR_H
#define RC_TESTS_FLOW_DOOR_H
/*
 * A door for tests of flow: a scripted clock, a roster of a few people and sessions, a journal that answers when it is told to.
 * Times are written as "09:02" of one day at UTC+8.
 */
#include "firmware/flow/flow.h"

struct door {
	struct rc_flow flow;
	struct rc_flow_effects effects; /* of the last step */
	struct rc_clock_reading now;
	struct rc_flow_scan scan;
	struct rc_flow_session sessions[RC_DOOR_SESSIONS_MAX];
};

/* An enrolled kiosk in 3F-305 at 08:40, clock by NTP. */
void door_open(struct door *door);

/* Moves the clock to "hh:mm:ss" or "hh:mm" of the day, and ticks. */
void door_at(struct door *door, const char *time);

/* … by so many milliseconds, and ticks. */
void door_wait(struct door *door, int64_t ms);

/* Begins a scan of a badge of `name` (any text: it names the person); no sessions yet. */
void door_badge(struct door *door, const char *name, enum rc_language language);

/* A session that the scanned person is registered for or not. */
struct rc_flow_session *door_session(struct door *door, const char *title, const char *room,
				     const char *starts, const char *ends);

/* Steps with the scan that was prepared. */
void door_scan(struct door *door);

/* A further session of the room that takes people without a badge (the second time: two of them); NULL: none does any more. */
void door_claimable(struct door *door, const char *title);

/* The camera goes, or comes back. */
void door_camera(struct door *door, enum rc_flow_camera camera);

/* The organisation wants no full names on the screen. */
void door_short_names(struct door *door);

/* Touches what is shown now; a key; a session; or something on a view shown earlier. */
void door_touch(struct door *door, enum rc_flow_touch touch);
void door_key(struct door *door, char key);
void door_choose(struct door *door, size_t choice);
void door_touch_of(struct door *door, enum rc_flow_touch touch, char key, uint64_t touch_id);

/* Answers the newest append that flow ordered. */
void door_recorded(struct door *door, bool is_durable);

/* The first effect of a kind, or NULL. */
const struct rc_flow_effect *door_effect(const struct door *door, enum rc_flow_effect_kind kind);
size_t door_effect_count(const struct door *door, enum rc_flow_effect_kind kind);

/* A whole sign-in that is durable at once. */
void door_sign_in(struct door *door, const char *name);

int64_t door_time(const char *time);

#endif
