/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/flow/door.h"

#include "shared/crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_MS       INT64_C(1795449600000) /* 2026-11-24T00:00 at UTC+8 */
#define UP_AT_DAY_MS INT64_C(5000000)
#define OFFSET_MIN   480

int64_t door_time(const char *time)
{
	unsigned hour = 0, minute = 0, second = 0;

	if (sscanf(time, "%u:%u:%u", &hour, &minute, &second) < 2)
		abort();
	return DAY_MS + hour * RC_HOUR_MS + minute * RC_MINUTE_MS + second * RC_SECOND_MS;
}

static struct rc_id id_of(const char *text)
{
	uint8_t hash[RC_SHA256_BYTES];

	rc_sha256(rc_bytes_of_text(text), hash);
	return rc_id_from_hash(hash);
}

static void step(struct door *door, struct rc_flow_event *event)
{
	event->now = door->now;
	rc_flow_step(&door->flow, event, &door->effects);
}

static void set_clock(struct door *door, int64_t at_ms)
{
	door->now.at_ms = at_ms;
	door->now.up_ms = UP_AT_DAY_MS + at_ms - DAY_MS;
	door->now.source = RC_CLOCK_NTP;
	door->now.error_ms = 4;
}

void door_open(struct door *door)
{
	struct rc_flow_place place = {
	    .is_enrolled = true,
	    .room = "3F-305",
	    .room_name = {.zh = "培训室", .en = "Training room"},
	    .utc_offset_min = OFFSET_MIN,
	    .language = RC_LANGUAGE_ZH,
	};
	struct rc_flow_event event = {.kind = RC_FLOW_PLACE, .place = &place};

	memset(door, 0, sizeof(*door));
	rc_flow_init(&door->flow);
	set_clock(door, door_time("08:40"));
	step(door, &event);
}

void door_at(struct door *door, const char *time)
{
	struct rc_flow_event event = {.kind = RC_FLOW_TICK};

	set_clock(door, door_time(time));
	step(door, &event);
}

void door_wait(struct door *door, int64_t ms)
{
	struct rc_flow_event event = {.kind = RC_FLOW_TICK};

	set_clock(door, door->now.at_ms + ms);
	step(door, &event);
}

void door_badge(struct door *door, const char *name, enum rc_language language)
{
	struct rc_id id = id_of(name);

	memset(&door->scan, 0, sizeof(door->scan));
	memset(door->sessions, 0, sizeof(door->sessions));
	door->scan.class = RC_PAYLOAD_RC1;
	door->scan.payload_size = RC_BADGE_TEXT_CHARS;
	memcpy(door->scan.find, id.octets, sizeof(door->scan.find));
	door->scan.credential = RC_DOOR_CREDENTIAL_GOOD;
	door->scan.has_person = true;
	door->scan.ref = id;
	door->scan.has_card = true;
	(void)snprintf(door->scan.card.name, sizeof(door->scan.card.name), "%s", name);
	door->scan.card.language = language;
	door->scan.sessions = door->sessions;
	door->scan.roster_n = 7;
}

struct rc_flow_session *door_session(struct door *door, const char *title, const char *room,
				     const char *starts, const char *ends)
{
	struct rc_flow_session *session = &door->sessions[door->scan.session_count++];

	session->id = id_of(title);
	session->version = 1;
	(void)snprintf(session->title.zh, sizeof(session->title.zh), "%s", title);
	(void)snprintf(session->room, sizeof(session->room), "%s", room);
	(void)snprintf(session->way.zh, sizeof(session->way.zh), "上楼右转第二间");
	(void)snprintf(session->way.en, sizeof(session->way.en), "Upstairs, second right");
	session->door.terms.starts_ms = door_time(starts);
	session->door.terms.ends_ms = door_time(ends);
	session->door.terms.rules = rc_attendance_rules_default();
	session->door.is_in_this_room = strcmp(room, "3F-305") == 0;
	session->door.is_registered = true;
	return session;
}

void door_scan(struct door *door)
{
	struct rc_flow_event event = {.kind = RC_FLOW_SCAN, .scan = &door->scan};

	step(door, &event);
}

void door_recorded(struct door *door, bool is_durable)
{
	struct rc_flow_event event = {.kind = RC_FLOW_RECORDED};

	event.recorded.token = door->flow.last_token;
	event.recorded.is_durable = is_durable;
	step(door, &event);
}

const struct rc_flow_effect *door_effect(const struct door *door, enum rc_flow_effect_kind kind)
{
	for (size_t i = 0; i < door->effects.count; i++) {
		if (door->effects.list[i].kind == kind)
			return &door->effects.list[i];
	}
	return NULL;
}

size_t door_effect_count(const struct door *door, enum rc_flow_effect_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < door->effects.count; i++)
		count += door->effects.list[i].kind == kind;
	return count;
}

void door_sign_in(struct door *door, const char *name)
{
	door_badge(door, name, RC_LANGUAGE_ZH);
	door_session(door, "安全操作规程", "3F-305", "09:00", "11:30");
	door_scan(door);
	door_recorded(door, true);
}

static void set_place(struct door *door, const struct rc_flow_place *place)
{
	struct rc_flow_event event = {.kind = RC_FLOW_PLACE, .place = place};

	step(door, &event);
}

void door_claimable(struct door *door, const char *title)
{
	struct rc_flow_place place = door->flow.place;
	struct rc_flow_claimable *claimable = &place.claimables[place.claimable_count];

	if (title) {
		claimable->id = id_of(title);
		claimable->version = 3;
		(void)snprintf(claimable->title.zh, sizeof(claimable->title.zh), "%s", title);
		claimable->starts_ms = door_time("09:00");
		claimable->ends_ms = door_time("11:30");
	}
	place.claimable_count = title ? place.claimable_count + 1 : 0;
	place.roster_n = 7;
	set_place(door, &place);
}

void door_short_names(struct door *door)
{
	struct rc_flow_place place = door->flow.place;

	place.has_short_names = true;
	set_place(door, &place);
}

static void touch(struct door *door, struct rc_flow_event event)
{
	event.kind = RC_FLOW_TOUCH;
	step(door, &event);
}

void door_touch_of(struct door *door, enum rc_flow_touch what, char key, uint64_t touch_id)
{
	touch(door, (struct rc_flow_event){.touch = {.touch = what, .key = key, .touch_id = touch_id}});
}

void door_touch(struct door *door, enum rc_flow_touch what)
{
	door_touch_of(door, what, '\0', door->flow.view.touch_id);
}

void door_key(struct door *door, char key)
{
	door_touch_of(door, RC_FLOW_TOUCH_KEY, key, door->flow.view.touch_id);
}

void door_choose(struct door *door, size_t choice)
{
	touch(door, (struct rc_flow_event){.touch = {.touch = RC_FLOW_TOUCH_CHOOSE,
						     .choice = choice,
						     .touch_id = door->flow.view.touch_id}});
}

void door_camera(struct door *door, enum rc_flow_camera camera)
{
	const struct rc_flow_event event = {.kind = RC_FLOW_CAMERA, .now = door->now, .camera = camera};

	rc_flow_step(&door->flow, &event, &door->effects);
}
