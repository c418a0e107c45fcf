/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/lookup.h"

#include "shared/base/log.h"
#include "shared/crypto/hash.h"
#include "shared/sealing/sealed.h"

#include <stdlib.h>

#define BACK_MS           (4 * RC_HOUR_MS)  /* "is over" is worth saying for so long */
#define AHEAD_MS          (12 * RC_HOUR_MS) /* "not yet" for the rest of a working day */
#define OFFSET_MAX_MIN    (14 * 60)         /* Kiribati */
#define ROOM_SESSIONS_MAX (RC_DOOR_SESSIONS_MAX / 2)

/* A roster that can't be read is the operator's business; at the door it is a roster that knows nothing. */
static bool is_found(enum rc_status status, const char *what, const struct rc_error *err)
{
	if (status != RC_OK && status != RC_ENOTFOUND)
		rc_log(RC_LOG_ERROR, "the roster can't be read", "what", what, "error", err->text, NULL);
	return status == RC_OK;
}

/* Opens a sealed row into a fixed buffer that is wiped by the caller. */
static bool unseal(const uint8_t *key, const char *table, const uint8_t ref[16], int64_t version,
		   struct rc_bytes sealed, struct rc_buf *plain)
{
	struct rc_seal_place place = {.table = table, .version = (uint64_t)version};
	struct rc_error err;

	memcpy(place.ref, ref, sizeof(place.ref));
	if (rc_unseal(key, &place, sealed, plain, &err) == RC_OK)
		return true;
	rc_log(RC_LOG_ERROR, "a sealed row doesn't open", "table", table, "error", err.text, NULL);
	return false;
}

/* badge → key of its holder → the holder's card. */
static bool open_card(const struct rc_lookup *lookup, const struct rc_badge_code *badge,
		      const struct rc_ref_credential *credential, struct rc_ref_person_card *card)
{
	static struct rc_ref_person person; /* 4 KiB; one thread */
	uint8_t open_key[RC_OPEN_BYTES], key_memory[RC_SEAL_KEY_BYTES + 1], card_memory[2048];
	struct rc_buf person_key, json;
	struct rc_error err;
	bool is_open;

	rc_buf_init_fixed(&person_key, key_memory, sizeof(key_memory));
	rc_buf_init_fixed(&json, card_memory, sizeof(card_memory));
	rc_badge_open(badge, &lookup->organisation, open_key);
	is_open = unseal(open_key, "credential", credential->find, credential->version,
			 rc_bytes_of(credential->wrap, credential->wrap_size), &person_key) &&
		  person_key.size == RC_SEAL_KEY_BYTES &&
		  is_found(rc_roster_person(lookup->roster, &credential->ref, &person, &err),
			   "person", &err) &&
		  unseal(key_memory, "person", person.ref.octets, person.version,
			 rc_bytes_of(person.sealed, person.sealed_size), &json) &&
		  rc_ref_person_card_decode(rc_buf_bytes(&json), card, &err) == RC_OK;
	rc_wipe(open_key, sizeof(open_key));
	rc_wipe(key_memory, sizeof(key_memory));
	rc_wipe(card_memory, sizeof(card_memory));
	return is_open;
}

static enum rc_door_credential credential_of(const struct rc_ref_credential *credential, int64_t now_ms)
{
	if (credential->state == RC_CREDENTIAL_REVOKED)
		return RC_DOOR_CREDENTIAL_REVOKED;
	if (credential->state == RC_CREDENTIAL_EXPIRED ||
	    (credential->until_ms > 0 && now_ms > credential->until_ms))
		return RC_DOOR_CREDENTIAL_EXPIRED;
	return RC_DOOR_CREDENTIAL_GOOD;
}

static void look_up_badge(const struct rc_lookup *lookup, const struct rc_badge_code *badge,
			  int64_t now_ms, struct rc_flow_scan *scan)
{
	static struct rc_ref_credential credential; /* 4 KiB; one thread */
	struct rc_error err;

	scan->credential = RC_DOOR_CREDENTIAL_UNKNOWN;
	rc_badge_find(badge, &lookup->organisation, scan->find);
	if (!is_found(rc_roster_find_credential(lookup->roster, scan->find, &credential, &err),
		      "credential", &err))
		return;
	scan->credential = credential_of(&credential, now_ms);
	scan->has_person = true;
	scan->ref = credential.ref;
	if (credential.wrap_size > 0)
		scan->has_card = open_card(lookup, badge, &credential, &scan->card);
}

static void set_presence(struct rc_flow_session *session, enum rc_door_presence presence, int64_t since_ms)
{
	session->door.presence = presence;
	session->door.since_ms = since_ms;
}

/* The kiosk's own facts count where they are newer than what the server knows. */
static void merge_presence(const struct rc_lookup *lookup, const struct rc_id *ref,
			   struct rc_flow_session *session)
{
	const struct rc_door_session *door = &session->door;
	struct rc_ref_presence presence;
	struct rc_error err;
	int64_t own_ms;

	if (is_found(rc_roster_presence(lookup->roster, &session->id, ref, &presence, &err),
		     "presence", &err) &&
	    presence.state != RC_PRESENCE_ABSENT)
		set_presence(session, presence.state == RC_PRESENCE_HERE ? RC_DOOR_HERE : RC_DOOR_LEFT,
			     presence.since_ms);
	if (rc_presence_find(lookup->presence, &session->id, ref, &own_ms) == RC_OK &&
	    (door->presence == RC_DOOR_ABSENT ||
	     (door->presence == RC_DOOR_LEFT && own_ms > door->since_ms)))
		set_presence(session, RC_DOOR_HERE, own_ms);
	if (rc_presence_find_leave(lookup->presence, &session->id, ref, &own_ms) == RC_OK &&
	    own_ms >= door->since_ms)
		set_presence(session, RC_DOOR_LEFT, own_ms);
}

static void add_session(const struct rc_lookup *lookup, const struct rc_ref_session *from,
			struct rc_lookup_result *result)
{
	struct rc_flow_scan *scan = &result->scan;
	struct rc_flow_session *session = &result->sessions[scan->session_count];
	struct rc_ref_registration registration;
	struct rc_ref_room room;
	struct rc_error err;

	for (size_t i = 0; i < scan->session_count; i++) {
		if (rc_id_equal(&result->sessions[i].id, &from->id))
			return;
	}
	if (scan->session_count == RC_DOOR_SESSIONS_MAX)
		return;
	memset(session, 0, sizeof(*session));
	session->id = from->id;
	session->version = from->version;
	session->title = from->title;
	session->door.terms = from->terms;
	session->door.is_in_this_room = rc_id_equal(&from->room, &lookup->room);
	session->door.is_cancelled = from->is_cancelled;
	session->door.is_registered =
	    is_found(rc_roster_registration(lookup->roster, &from->id, &scan->ref, &registration, &err),
		     "registration", &err);
	if (is_found(rc_roster_room(lookup->roster, &from->room, &room, &err), "room", &err)) {
		memcpy(session->room, room.code, sizeof(session->room));
		session->way = room.way;
	}
	merge_presence(lookup, &scan->ref, session);
	scan->session_count++;
}

static void look_up_sessions(const struct rc_lookup *lookup, int64_t now_ms,
			     struct rc_lookup_result *result)
{
	static struct rc_ref_session items[ROOM_SESSIONS_MAX]; /* some KiB; one thread */
	struct rc_roster_window window = {.from_ms = now_ms - BACK_MS, .to_ms = now_ms + AHEAD_MS};
	struct rc_roster_sessions found = {.items = items, .max = ROOM_SESSIONS_MAX};
	struct rc_error err;

	if (is_found(rc_roster_sessions_of_person(lookup->roster, &result->scan.ref, window, &found, &err),
		     "sessions", &err)) {
		for (size_t i = 0; i < found.count; i++)
			add_session(lookup, &items[i], result);
	}
	if (is_found(rc_roster_sessions_of_room(lookup->roster, &lookup->room, window, &found, &err),
		     "sessions", &err)) {
		for (size_t i = 0; i < found.count; i++)
			add_session(lookup, &items[i], result);
	}
}

void rc_lookup_scan(const struct rc_lookup *lookup, struct rc_bytes payload, int64_t now_ms,
		    struct rc_lookup_result *result)
{
	struct rc_flow_scan *scan = &result->scan;
	uint8_t digest[RC_SHA256_BYTES];
	struct rc_payload read;

	memset(scan, 0, sizeof(*scan));
	scan->sessions = result->sessions;
	scan->payload_size = payload.size;
	rc_payload_read(payload, &read);
	scan->class = read.class;
	scan->credential = RC_DOOR_CREDENTIAL_MALFORMED;
	if (read.class == RC_PAYLOAD_RC1) {
		look_up_badge(lookup, &read.badge, now_ms, scan);
	} else if (read.class == RC_PAYLOAD_RCE1) {
		scan->enrol = read.enrol;
	}
	if (scan->has_person)
		look_up_sessions(lookup, now_ms, result);
	if (read.class != RC_PAYLOAD_RC1) {
		rc_hmac_sha256(rc_bytes_of(lookup->digest_key, sizeof(lookup->digest_key)), payload,
			       digest);
		memcpy(scan->digest, digest, sizeof(scan->digest));
	}
	rc_wipe(&read, sizeof(read));
}

/* Who is here by our own facts and isn't counted by the server yet. */
struct own_count {
	const struct rc_lookup *lookup;
	const struct rc_id *session;
	int64_t uncounted;
};

static void count_own(void *context, const struct rc_id *ref)
{
	struct own_count *own = context;
	struct rc_ref_presence presence;
	struct rc_error err;

	if (!is_found(rc_roster_presence(own->lookup->roster, own->session, ref, &presence, &err),
		      "presence", &err) ||
	    presence.state == RC_PRESENCE_ABSENT)
		own->uncounted++;
}

static void fill_session(const struct rc_lookup *lookup, const struct rc_ref_session *session,
			 struct rc_flow_place *place)
{
	struct own_count own = {.lookup = lookup, .session = &session->id};
	struct rc_roster_counts counts;
	struct rc_error err;

	place->has_session = true;
	place->session_title = session->title;
	place->session_starts_ms = session->terms.starts_ms;
	place->session_ends_ms = session->terms.ends_ms;
	place->expected_count = session->expected;
	rc_presence_each(lookup->presence, &session->id, count_own, &own);
	place->here_count = own.uncounted;
	if (is_found(rc_roster_counts(lookup->roster, &session->id, &counts, &err), "counts", &err))
		place->here_count += counts.here;
}

/* A setting that no place on earth has keeps what was there before. */
static void set_offset(struct rc_flow_place *place, const char *text)
{
	char *end;
	long minutes = strtol(text, &end, 10);

	if (end != text && *end == '\0' && minutes >= -OFFSET_MAX_MIN && minutes <= OFFSET_MAX_MIN)
		place->utc_offset_min = (int)minutes;
}

void rc_lookup_refresh(struct rc_lookup *lookup)
{
	struct rc_ref_trust trust;
	struct rc_error err;

	lookup->has_seal_key = is_found(rc_roster_trust(lookup->roster, &trust, &err), "trust", &err);
	if (lookup->has_seal_key)
		memcpy(lookup->seal_key, trust.seal_key, sizeof(lookup->seal_key));
}

static bool find_setting(const struct rc_lookup *lookup, const char *key, struct rc_ref_setting *setting)
{
	struct rc_error err;

	return is_found(rc_roster_setting(lookup->roster, key, setting, &err), "setting", &err);
}

/* What the organisation has decided for all kiosks; a value of a newer server keeps what was there before. */
static void fill_settings(const struct rc_lookup *lookup, struct rc_flow_place *place)
{
	struct rc_ref_setting setting;

	if (find_setting(lookup, "time.offset_min", &setting))
		set_offset(place, setting.value);
	if (find_setting(lookup, "language.default", &setting))
		rc_status_ignore(rc_language_parse(rc_bytes_of_text(setting.value), &place->language));
	if (find_setting(lookup, "kiosk.names", &setting) &&
	    (strcmp(setting.value, "short") == 0 || strcmp(setting.value, "full") == 0))
		place->has_short_names = setting.value[0] == 's';
}

static void add_claimable(const struct rc_ref_session *session, struct rc_flow_place *place)
{
	if (place->claimable_count == RC_FLOW_CHOICES)
		return;
	place->claimables[place->claimable_count++] = (struct rc_flow_claimable){
	    .id = session->id,
	    .version = session->version,
	    .title = session->title,
	    .starts_ms = session->terms.starts_ms,
	    .ends_ms = session->terms.ends_ms,
	};
}

/* Who comes now comes for the latest. */
static void fill_open_sessions(const struct rc_lookup *lookup, int64_t now_ms, struct rc_flow_place *place)
{
	static struct rc_ref_session items[4];
	struct rc_roster_window now = {.from_ms = now_ms, .to_ms = now_ms};
	struct rc_roster_sessions found = {.items = items, .max = 4};
	struct rc_error err;

	if (!is_found(rc_roster_sessions_of_room(lookup->roster, &lookup->room, now, &found, &err),
		      "sessions", &err))
		return;
	for (size_t i = found.count; i-- > 0;) {
		if (items[i].is_cancelled)
			continue;
		if (!place->has_session)
			fill_session(lookup, &items[i], place);
		if (lookup->has_seal_key && now_ms < rc_attendance_closes_ms(&items[i].terms))
			add_claimable(&items[i], place);
	}
}

static int64_t end_of_day(const struct rc_flow_place *place, int64_t now_ms)
{
	const int64_t local_ms = now_ms + place->utc_offset_min * RC_MINUTE_MS;

	return now_ms + RC_DAY_MS - 1 - local_ms % RC_DAY_MS;
}

static void fill_next_session(const struct rc_lookup *lookup, int64_t now_ms, struct rc_flow_place *place)
{
	static struct rc_ref_session items[ROOM_SESSIONS_MAX];
	struct rc_roster_window today = {.from_ms = now_ms, .to_ms = end_of_day(place, now_ms)};
	struct rc_roster_sessions found = {.items = items, .max = ROOM_SESSIONS_MAX};
	struct rc_error err;

	if (!is_found(rc_roster_sessions_of_room(lookup->roster, &lookup->room, today, &found, &err),
		      "sessions", &err))
		return;
	for (size_t i = 0; i < found.count && !place->has_next; i++) {
		if (items[i].is_cancelled || rc_attendance_opens_ms(&items[i].terms) <= now_ms)
			continue;
		place->has_next = true;
		place->next_title = items[i].title;
		place->next_opens_ms = rc_attendance_opens_ms(&items[i].terms);
		place->next_starts_ms = items[i].terms.starts_ms;
		place->next_ends_ms = items[i].terms.ends_ms;
	}
}

void rc_lookup_place(const struct rc_lookup *lookup, int64_t now_ms, struct rc_flow_place *place)
{
	struct rc_ref_room room;
	struct rc_error err;

	if (is_found(rc_roster_room(lookup->roster, &lookup->room, &room, &err), "room", &err)) {
		memcpy(place->room, room.code, sizeof(place->room));
		place->room_name = room.name;
	}
	fill_settings(lookup, place);
	place->roster_n = rc_roster_n(lookup->roster);
	place->has_session = place->has_next = false;
	place->here_count = place->expected_count = 0;
	place->claimable_count = 0;
	fill_open_sessions(lookup, now_ms, place);
	if (!place->has_session)
		fill_next_session(lookup, now_ms, place);
}
