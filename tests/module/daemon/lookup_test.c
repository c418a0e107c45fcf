/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a code to flow's event, with a real roster whose rows are sealed as the server seals them. */
#include "firmware/daemon/lookup.h"

#include "firmware/roster/writer.h"
#include "shared/base/encode.h"
#include "shared/base/random.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/key.h"
#include "shared/sealing/sealed.h"
#include "tests/module/identity/made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_MS  INT64_C(1795510800000)
#define HOUR_MS   INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)
#define LINES_MAX (4u * 1024u * 1024u)

struct bench {
	char folder[64];
	struct rc_roster_writer *writer;
	struct rc_roster *roster;
	struct rc_presence *presence;
	struct rc_lookup lookup;
	struct rc_buf lines; /* the roster that is being made */
	int64_t n;
	struct rc_id here, elsewhere; /* rooms */
	struct rc_lookup_result result;
	struct rc_error err;
};

/* Somebody with a badge. */
struct person {
	struct rc_id ref;
	uint8_t key[RC_SEAL_KEY_BYTES];
	struct rc_badge_code badge;
};

static void must(struct bench *bench, enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), bench->err.text);
}

static void add(struct bench *bench, enum rc_entity entity, const char *id, int64_t version,
		struct rc_buf *payload)
{
	struct rc_change change = {.n = ++bench->n, .scope = "site:1", .entity = entity, .version = version};

	(void)snprintf(change.id, sizeof(change.id), "%s", id);
	change.payload = rc_buf_bytes(payload);
	rc_change_write(&change, &bench->lines);
	rc_buf_deinit(payload);
}

static const char *id_text(const struct rc_id *id)
{
	static char text[RC_ID_CHARS + 1];

	rc_id_format(id, text);
	return text;
}

static void add_room(struct bench *bench, const struct rc_id *id, const char *code)
{
	struct rc_ref_room room = {.id = *id, .name = {"教室", "Room"}, .way = {"上楼右转", "upstairs"}};
	struct rc_buf p;

	rc_buf_init(&p, 4096);
	(void)snprintf(room.code, sizeof(room.code), "%s", code);
	rc_ref_room_encode(&room, &p);
	add(bench, RC_ENTITY_ROOM, id_text(id), 1, &p);
}

/* From `starts_ms` for two hours; signing in opens half an hour before. */
static struct rc_id add_session(struct bench *bench, const struct rc_id *room, int64_t starts_ms,
				bool is_cancelled)
{
	struct rc_ref_session session = {
	    .id = rc_id_new(),
	    .room = *room,
	    .title = {"安全生产", "Safety"},
	    .course = "T-001-01",
	    .is_cancelled = is_cancelled,
	    .expected = 24,
	};
	struct rc_buf p;

	session.terms.starts_ms = starts_ms;
	session.terms.ends_ms = starts_ms + 2 * HOUR_MS;
	session.terms.rules.opens_before_min = 30;
	session.terms.rules.late_after_min = 10;
	session.terms.rules.share_percent = 80;
	rc_buf_init(&p, 4096);
	rc_ref_session_encode(&session, &p);
	add(bench, RC_ENTITY_SESSION, id_text(&session.id), 7, &p);
	return session.id;
}

static void register_for(struct bench *bench, const struct rc_id *session, const struct rc_id *ref)
{
	struct rc_ref_registration registration = {.id = rc_id_new(), .session = *session, .ref = *ref};
	struct rc_buf p;

	rc_buf_init(&p, 1024);
	rc_ref_registration_encode(&registration, &p);
	add(bench, RC_ENTITY_REGISTRATION, id_text(&registration.id), 1, &p);
}

static void add_presence(struct bench *bench, const struct rc_id *session, const struct rc_id *ref,
			 enum rc_presence_state presence_state)
{
	struct rc_ref_presence presence = {.session = *session,
					   .ref = *ref,
					   .state = presence_state,
					   .since_ms = START_MS + 1,
					   .by = rc_id_new()};
	char id[2 * RC_ID_CHARS + 2], text[RC_ID_CHARS + 1];
	struct rc_buf p;

	rc_id_format(session, text);
	(void)snprintf(id, sizeof(id), "%s.%s", text, id_text(ref));
	rc_buf_init(&p, 1024);
	rc_ref_presence_encode(&presence, &p);
	add(bench, RC_ENTITY_PRESENCE, id, 1, &p);
}

static void add_setting(struct bench *bench, const char *key, const char *value)
{
	struct rc_ref_setting setting = {.key = ""};
	struct rc_buf p;

	(void)snprintf(setting.value, sizeof(setting.value), "%s", value);
	rc_buf_init(&p, 1024);
	rc_ref_setting_encode(&setting, &p);
	add(bench, RC_ENTITY_SETTING, key, 1, &p);
}

static struct person add_person(struct bench *bench, const char *name)
{
	struct person person = {.ref = rc_id_new(), .badge = rc_badge_code_new()};
	struct rc_ref_person_card card = {.number = "001-01", .language = RC_LANGUAGE_EN};
	struct rc_ref_person row = {.ref = person.ref};
	struct rc_seal_place place = {.table = "person", .version = 3};
	struct rc_buf json, sealed, p;

	rc_random(person.key, sizeof(person.key));
	(void)snprintf(card.name, sizeof(card.name), "%s", name);
	rc_buf_init(&json, 4096);
	rc_buf_init(&sealed, sizeof(row.sealed));
	rc_buf_init(&p, 8192);
	rc_ref_person_card_encode(&card, &json);
	memcpy(place.ref, person.ref.octets, sizeof(place.ref));
	must(bench, rc_seal_json(person.key, &place, rc_buf_bytes(&json), &sealed, &bench->err));
	memcpy(row.sealed, sealed.data, sealed.size);
	row.sealed_size = sealed.size;
	rc_ref_person_encode(&row, &p);
	add(bench, RC_ENTITY_PERSON, id_text(&person.ref), 3, &p);
	rc_buf_deinit(&json);
	rc_buf_deinit(&sealed);
	return person;
}

/* The person's badge; a dead one has no wrap. `version` is what the wrap is sealed for. */
static void add_badge(struct bench *bench, const struct person *person,
		      enum rc_credential_state credential_state, int64_t until_ms, int64_t version)
{
	struct rc_ref_credential row = {.ref = person->ref, .state = credential_state, .until_ms = until_ms};
	struct rc_seal_place place = {.table = "credential", .version = (uint64_t)version};
	char id[RC_HEX_CHARS(RC_FIND_BYTES) + 1];
	uint8_t open_key[RC_OPEN_BYTES];
	struct rc_buf wrap, p;

	rc_badge_find(&person->badge, &bench->lookup.organisation, row.find);
	rc_badge_open(&person->badge, &bench->lookup.organisation, open_key);
	memcpy(place.ref, row.find, sizeof(place.ref));
	rc_buf_init(&wrap, sizeof(row.wrap));
	rc_buf_init(&p, 8192);
	if (credential_state == RC_CREDENTIAL_ACTIVE) {
		must(bench, rc_seal(open_key, &place, rc_bytes_of(person->key, sizeof(person->key)),
				    &wrap, &bench->err));
		memcpy(row.wrap, wrap.data, wrap.size);
		row.wrap_size = wrap.size;
	}
	rc_ref_credential_encode(&row, &p);
	rc_hex_encode(rc_bytes_of(row.find, sizeof(row.find)), id);
	add(bench, RC_ENTITY_CREDENTIAL, id, 5, &p);
	rc_buf_deinit(&wrap);
}

static struct person add_holder(struct bench *bench, const char *name)
{
	struct person person = add_person(bench, name);

	add_badge(bench, &person, RC_CREDENTIAL_ACTIVE, 0, 5);
	return person;
}

/* What was added becomes the roster. */
static void publish(struct bench *bench)
{
	struct rc_changes_end end = {.cursor = {.server_epoch = 7, .n = bench->n, .subscription = 9}};
	struct rc_bytes rest = rc_buf_bytes(&bench->lines);
	struct rc_roster_applied applied;
	struct rc_sha256 hash;
	struct rc_buf first, last;
	bool has_changed;

	must(bench, rc_buf_status(&bench->lines, &bench->err));
	rc_buf_init(&first, 1024);
	rc_buf_init(&last, 1024);
	rc_changes_snapshot_write(7, &first);
	rc_sha256_init(&hash);
	rc_sha256_add(&hash, rc_buf_bytes(&first));
	rc_sha256_add(&hash, rest);
	rc_sha256_end(&hash, end.sha256);
	must(bench, rc_roster_snapshot_begin(bench->writer, rc_buf_bytes(&first), &bench->err));
	while (rest.size > 0) {
		size_t size =
		    (size_t)((const uint8_t *)memchr(rest.data, '\n', rest.size) - rest.data) + 1;

		must(bench,
		     rc_roster_snapshot_put(bench->writer, rc_bytes_of(rest.data, size), &bench->err));
		rest = rc_bytes_of(rest.data + size, rest.size - size);
		end.count++;
	}
	rc_changes_end_write(RC_CHANGES_SNAPSHOT_END, &end, &last);
	must(bench, rc_roster_snapshot_finish(bench->writer, rc_buf_bytes(&last), &applied, &bench->err));
	assert_int_equal(applied.malformed, 0);
	must(bench, rc_roster_refresh(bench->roster, &has_changed, &bench->err));
	rc_buf_deinit(&first);
	rc_buf_deinit(&last);
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	made_folder(bench->folder);
	rc_buf_init(&bench->lines, LINES_MAX);
	must(bench, rc_roster_writer_open(bench->folder, &bench->writer, &bench->err));
	must(bench, rc_roster_open(bench->folder, &bench->roster, &bench->err));
	bench->presence = rc_presence_new();
	bench->here = rc_id_new();
	bench->elsewhere = rc_id_new();
	bench->lookup = (struct rc_lookup){.roster = bench->roster,
					   .presence = bench->presence,
					   .organisation = rc_id_new(),
					   .room = bench->here};
	add_room(bench, &bench->here, "3F-305");
	add_room(bench, &bench->elsewhere, "3F-302");
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_roster_close(bench->roster);
	rc_roster_writer_close(bench->writer);
	rc_presence_free(bench->presence);
	rc_buf_deinit(&bench->lines);
	made_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static const struct rc_flow_scan *scan_text(struct bench *bench, const char *text)
{
	rc_lookup_scan(&bench->lookup, rc_bytes_of_text(text), START_MS, &bench->result);
	return &bench->result.scan;
}

static const struct rc_flow_scan *scan(struct bench *bench, const struct person *person)
{
	char text[RC_BADGE_TEXT_CHARS + 1];

	rc_badge_code_format(&person->badge, text);
	return scan_text(bench, text);
}

static void a_badge_opens_its_holders_name(void **state)
{
	struct bench *bench = *state;
	struct person person = add_holder(bench, "王小明");
	const struct rc_flow_scan *found;

	publish(bench);
	found = scan(bench, &person);
	assert_int_equal(found->class, RC_PAYLOAD_RC1);
	assert_int_equal(found->credential, RC_DOOR_CREDENTIAL_GOOD);
	assert_true(found->has_person);
	assert_true(rc_id_equal(&found->ref, &person.ref));
	assert_true(found->has_card);
	assert_string_equal(found->card.name, "王小明");
	assert_int_equal(found->card.language, RC_LANGUAGE_EN);
	assert_int_equal(found->session_count, 0);
}

static void a_badge_that_the_roster_doesnt_have_is_unknown(void **state)
{
	struct bench *bench = *state;
	struct person stranger = {.badge = rc_badge_code_new()};
	const struct rc_flow_scan *found;

	(void)add_holder(bench, "王小明");
	publish(bench);
	found = scan(bench, &stranger);
	assert_int_equal(found->credential, RC_DOOR_CREDENTIAL_UNKNOWN);
	assert_false(found->has_person);
	assert_false(found->has_card);
}

static void without_a_roster_every_badge_is_unknown(void **state)
{
	struct bench *bench = *state;
	struct person stranger = {.badge = rc_badge_code_new()};

	assert_int_equal(scan(bench, &stranger)->credential, RC_DOOR_CREDENTIAL_UNKNOWN);
}

static void a_badge_of_another_organisation_is_unknown(void **state)
{
	struct bench *bench = *state;
	struct person person = add_holder(bench, "王小明");

	publish(bench);
	bench->lookup.organisation = rc_id_new();
	assert_int_equal(scan(bench, &person)->credential, RC_DOOR_CREDENTIAL_UNKNOWN);
}

static void dead_badges_are_told_apart_and_open_no_name(void **state)
{
	struct bench *bench = *state;
	struct person revoked = add_person(bench, "a"), expired = add_person(bench, "b"),
		      late = add_person(bench, "c"), last = add_person(bench, "d");

	add_badge(bench, &revoked, RC_CREDENTIAL_REVOKED, 0, 5);
	add_badge(bench, &expired, RC_CREDENTIAL_EXPIRED, 0, 5);
	add_badge(bench, &late, RC_CREDENTIAL_ACTIVE, START_MS - 1, 5);
	add_badge(bench, &last, RC_CREDENTIAL_ACTIVE, START_MS, 5);
	publish(bench);
	assert_int_equal(scan(bench, &revoked)->credential, RC_DOOR_CREDENTIAL_REVOKED);
	assert_false(bench->result.scan.has_card);
	assert_true(bench->result.scan.has_person);
	assert_int_equal(scan(bench, &expired)->credential, RC_DOOR_CREDENTIAL_EXPIRED);
	assert_int_equal(scan(bench, &late)->credential, RC_DOOR_CREDENTIAL_EXPIRED);
	assert_int_equal(scan(bench, &last)->credential, RC_DOOR_CREDENTIAL_GOOD); /* its last moment */
}

static void a_wrap_that_doesnt_open_keeps_nobody_out(void **state)
{
	struct bench *bench = *state;
	struct person person = add_person(bench, "王小明");
	const struct rc_flow_scan *found;

	add_badge(bench, &person, RC_CREDENTIAL_ACTIVE, 0, 4); /* sealed for another version of the row */
	publish(bench);
	found = scan(bench, &person);
	assert_int_equal(found->credential, RC_DOOR_CREDENTIAL_GOOD);
	assert_true(found->has_person);
	assert_false(found->has_card);
}

static void the_sessions_of_the_person_and_of_the_room_come_together_once_each(void **state)
{
	struct bench *bench = *state;
	struct person person = add_holder(bench, "王小明");
	struct rc_id both = add_session(bench, &bench->here, START_MS, false);
	struct rc_id room_only = add_session(bench, &bench->here, START_MS + MINUTE_MS, false);
	struct rc_id other_room = add_session(bench, &bench->elsewhere, START_MS, false);
	(void)add_session(bench, &bench->elsewhere, START_MS, false); /* of no interest to anybody here */
	const struct rc_flow_scan *found;
	int registered = 0, in_room = 0;

	register_for(bench, &both, &person.ref);
	register_for(bench, &other_room, &person.ref);
	publish(bench);
	found = scan(bench, &person);
	assert_int_equal(found->session_count, 3);
	for (size_t i = 0; i < found->session_count; i++) {
		const struct rc_flow_session *session = &found->sessions[i];

		registered += session->door.is_registered;
		in_room += session->door.is_in_this_room;
		assert_int_equal(session->version, 7);
		assert_int_equal(session->door.is_in_this_room, !rc_id_equal(&session->id, &other_room));
		assert_int_equal(session->door.is_registered, !rc_id_equal(&session->id, &room_only));
		assert_string_equal(session->room,
				    rc_id_equal(&session->id, &other_room) ? "3F-302" : "3F-305");
		assert_string_equal(session->way.zh, "上楼右转");
	}
	assert_int_equal(registered, 2);
	assert_int_equal(in_room, 2);
}

static void what_is_long_over_or_far_ahead_is_no_candidate(void **state)
{
	struct bench *bench = *state;
	struct person person = add_holder(bench, "王小明");
	struct rc_id over = add_session(bench, &bench->here, START_MS - 7 * HOUR_MS, false);
	struct rc_id tomorrow = add_session(bench, &bench->here, START_MS + 24 * HOUR_MS, false);
	struct rc_id today = add_session(bench, &bench->here, START_MS + 8 * HOUR_MS, false);

	register_for(bench, &over, &person.ref);
	register_for(bench, &tomorrow, &person.ref);
	register_for(bench, &today, &person.ref);
	publish(bench);
	assert_int_equal(scan(bench, &person)->session_count, 1);
	assert_true(rc_id_equal(&bench->result.scan.sessions[0].id, &today));
}

static void a_cancelled_session_is_said_to_be_cancelled(void **state)
{
	struct bench *bench = *state;
	struct person person = add_holder(bench, "王小明");
	struct rc_id session = add_session(bench, &bench->here, START_MS, true);

	register_for(bench, &session, &person.ref);
	publish(bench);
	assert_int_equal(scan(bench, &person)->session_count, 1);
	assert_true(bench->result.scan.sessions[0].door.is_cancelled);
}

static void what_the_kiosk_knows_itself_counts_before_the_server_knows_it(void **state)
{
	struct bench *bench = *state;
	struct person person = add_holder(bench, "王小明");
	struct rc_id session = add_session(bench, &bench->here, START_MS, false);

	publish(bench);
	assert_int_equal(scan(bench, &person)->sessions[0].door.presence, RC_DOOR_ABSENT);
	rc_presence_add(bench->presence, &session, &person.ref, START_MS - MINUTE_MS);
	assert_int_equal(scan(bench, &person)->sessions[0].door.presence, RC_DOOR_HERE);
	assert_int_equal(bench->result.scan.sessions[0].door.since_ms, START_MS - MINUTE_MS);
}

static void what_the_server_knows_of_another_kiosk_counts_too(void **state)
{
	struct bench *bench = *state;
	struct person here = add_holder(bench, "a"), left = add_holder(bench, "b");
	struct rc_id session = add_session(bench, &bench->here, START_MS, false);

	add_presence(bench, &session, &here.ref, RC_PRESENCE_HERE);
	add_presence(bench, &session, &left.ref, RC_PRESENCE_LEFT);
	publish(bench);
	assert_int_equal(scan(bench, &here)->sessions[0].door.presence, RC_DOOR_HERE);
	assert_int_equal(bench->result.scan.sessions[0].door.since_ms, START_MS + 1);
	assert_int_equal(scan(bench, &left)->sessions[0].door.presence, RC_DOOR_LEFT);
}

static void a_foreign_payload_leaves_its_size_and_a_keyed_digest(void **state)
{
	struct bench *bench = *state;
	uint8_t first[8], zeros[8] = {0};
	const struct rc_flow_scan *found =
	    scan_text(bench, "https://example.org/'; DROP TABLE fact");

	assert_int_equal(found->class, RC_PAYLOAD_FOREIGN);
	assert_int_equal(found->credential, RC_DOOR_CREDENTIAL_MALFORMED);
	assert_int_equal(found->payload_size, strlen("https://example.org/'; DROP TABLE fact"));
	memcpy(first, found->digest, sizeof(first));
	assert_memory_not_equal(first, zeros, sizeof(first));
	bench->lookup.digest_key[0] ^= 1; /* of another run: nobody can look payloads up in a table */
	assert_memory_not_equal(scan_text(bench, "https://example.org/'; DROP TABLE fact")->digest,
				first, sizeof(first));
}

static void a_badge_leaves_no_digest(void **state)
{
	struct bench *bench = *state;
	struct person stranger = {.badge = rc_badge_code_new()};
	uint8_t zeros[8] = {0};

	assert_memory_equal(scan(bench, &stranger)->digest, zeros, sizeof(zeros));
}

static void the_room_says_what_runs_and_who_is_here(void **state)
{
	struct bench *bench = *state;
	struct person own = add_holder(bench, "a"), both = add_holder(bench, "b"),
		      theirs = add_holder(bench, "c");
	struct rc_id session = add_session(bench, &bench->here, START_MS, false);
	struct rc_flow_place place = {.is_enrolled = true};

	add_presence(bench, &session, &both.ref, RC_PRESENCE_HERE);
	add_presence(bench, &session, &theirs.ref, RC_PRESENCE_HERE);
	add_setting(bench, "time.offset_min", "480");
	add_setting(bench, "language.default", "en");
	publish(bench);
	rc_presence_add(bench->presence, &session, &own.ref, START_MS);
	rc_presence_add(bench->presence, &session, &both.ref, START_MS);
	rc_lookup_place(&bench->lookup, START_MS, &place);
	assert_true(place.is_enrolled);
	assert_string_equal(place.room, "3F-305");
	assert_int_equal(place.utc_offset_min, 480);
	assert_int_equal(place.language, RC_LANGUAGE_EN);
	assert_true(place.has_session);
	assert_string_equal(place.session_title.zh, "安全生产");
	assert_int_equal(place.here_count, 3); /* each once */
	assert_int_equal(place.expected_count, 24);
}

static void a_room_without_an_open_session_has_none(void **state)
{
	struct bench *bench = *state;
	struct rc_flow_place place = {.has_session = true, .here_count = 9};

	(void)add_session(bench, &bench->here, START_MS, true);            /* cancelled */
	(void)add_session(bench, &bench->here, START_MS + HOUR_MS, false); /* not open yet */
	(void)add_session(bench, &bench->elsewhere, START_MS, false);
	publish(bench);
	rc_lookup_place(&bench->lookup, START_MS, &place);
	assert_false(place.has_session);
	assert_int_equal(place.here_count, 0);
}

static void an_offset_that_no_place_on_earth_has_is_passed_over(void **state)
{
	static const char *const values[] = {"100000", "-841", "",
					     "four",   "480x", "99999999999999999999"};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct rc_flow_place place = {.utc_offset_min = 60};

		add_setting(bench, "time.offset_min", values[i]);
		publish(bench);
		rc_lookup_place(&bench->lookup, START_MS, &place);
		assert_int_equal(place.utc_offset_min, 60);
	}
}

static struct rc_flow_place place_at(struct bench *bench, int64_t at_ms)
{
	struct rc_flow_place place = {.is_enrolled = true};

	publish(bench);
	must(bench, rc_roster_refresh(bench->roster, &(bool){false}, &bench->err));
	rc_lookup_refresh(&bench->lookup);
	rc_lookup_place(&bench->lookup, at_ms, &place);
	return place;
}

static void the_next_session_of_today_is_told_with_its_opening_time(void **state)
{
	struct bench *bench = *state;
	struct rc_flow_place place;

	add_setting(bench, "time.offset_min", "480"); /* it is 17:00: midnight is seven hours away */
	(void)add_session(bench, &bench->here, START_MS + 2 * HOUR_MS, true); /* cancelled */
	(void)add_session(bench, &bench->here, START_MS + 3 * HOUR_MS, false);
	(void)add_session(bench, &bench->here, START_MS + 4 * HOUR_MS, false);
	(void)add_session(bench, &bench->elsewhere, START_MS + HOUR_MS, false);
	place = place_at(bench, START_MS);
	assert_false(place.has_session);
	assert_true(place.has_next);
	assert_int_equal(place.next_starts_ms, START_MS + 3 * HOUR_MS);
	assert_int_equal(place.next_opens_ms, START_MS + 3 * HOUR_MS - 30 * MINUTE_MS);
	assert_string_equal(place.next_title.zh, "安全生产");
	place = place_at(bench, START_MS + 3 * HOUR_MS);
	assert_true(place.has_session);
	assert_false(place.has_next);
}

static void a_session_of_tomorrow_is_not_the_next_one(void **state)
{
	struct bench *bench = *state;

	add_setting(bench, "time.offset_min", "480");
	(void)add_session(bench, &bench->here, START_MS + 8 * HOUR_MS, false);
	assert_false(place_at(bench, START_MS).has_next);
	assert_true(place_at(bench, START_MS + 7 * HOUR_MS).has_next); /* past midnight */
}

static void add_trust(struct bench *bench)
{
	struct rc_ref_trust trust;
	struct rc_key *key;
	struct rc_buf p;

	must(bench, rc_key_new(&key, &bench->err));
	must(bench, rc_key_public_point(key, trust.seal_key, &bench->err));
	rc_key_free(key);
	rc_buf_init(&p, 1024);
	rc_ref_trust_encode(&trust, &p);
	add(bench, RC_ENTITY_TRUST, RC_REF_TRUST_SERVER, 1, &p);
}

static void a_number_is_taken_only_where_it_can_be_sealed_to_the_server(void **state)
{
	struct bench *bench = *state;
	struct rc_id session = add_session(bench, &bench->here, START_MS, false);
	struct rc_flow_place place = place_at(bench, START_MS);

	assert_true(place.has_session);
	assert_int_equal(place.claimable_count, 0);
	add_trust(bench);
	place = place_at(bench, START_MS);
	assert_int_equal(place.claimable_count, 1);
	assert_true(rc_id_equal(&place.claimables[0].id, &session));
	assert_int_equal(place.claimables[0].version, 7);
	assert_int_equal(place.roster_n, rc_roster_n(bench->roster));
}

static void a_number_is_taken_for_sessions_that_take_people(void **state)
{
	struct bench *bench = *state;
	struct rc_flow_place place;

	add_trust(bench);
	(void)add_session(bench, &bench->here, START_MS, true);            /* cancelled */
	(void)add_session(bench, &bench->here, START_MS + HOUR_MS, false); /* not open yet */
	(void)add_session(bench, &bench->elsewhere, START_MS, false);
	assert_int_equal(place_at(bench, START_MS).claimable_count, 0);
	place = place_at(bench, START_MS + HOUR_MS);
	assert_int_equal(place.claimable_count, 1);
	assert_int_equal(place_at(bench, START_MS + 3 * HOUR_MS).claimable_count, 0); /* just over */
}

static void how_names_are_shown_is_the_organisations_choice(void **state)
{
	struct bench *bench = *state;
	struct rc_flow_place place;

	assert_false(place_at(bench, START_MS).has_short_names);
	add_setting(bench, "kiosk.names", "short");
	place = place_at(bench, START_MS);
	assert_true(place.has_short_names);
	add_setting(bench, "kiosk.names", "initials"); /* of a newer server */
	publish(bench);
	rc_lookup_place(&bench->lookup, START_MS, &place);
	assert_true(place.has_short_names); /* rather less than more */
	add_setting(bench, "kiosk.names", "full");
	assert_false(place_at(bench, START_MS).has_short_names);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_badge_opens_its_holders_name),
	    TEST(a_badge_that_the_roster_doesnt_have_is_unknown),
	    TEST(without_a_roster_every_badge_is_unknown),
	    TEST(a_badge_of_another_organisation_is_unknown),
	    TEST(dead_badges_are_told_apart_and_open_no_name),
	    TEST(a_wrap_that_doesnt_open_keeps_nobody_out),
	    TEST(the_sessions_of_the_person_and_of_the_room_come_together_once_each),
	    TEST(what_is_long_over_or_far_ahead_is_no_candidate),
	    TEST(a_cancelled_session_is_said_to_be_cancelled),
	    TEST(what_the_kiosk_knows_itself_counts_before_the_server_knows_it),
	    TEST(what_the_server_knows_of_another_kiosk_counts_too),
	    TEST(a_foreign_payload_leaves_its_size_and_a_keyed_digest),
	    TEST(a_badge_leaves_no_digest),
	    TEST(the_room_says_what_runs_and_who_is_here),
	    TEST(a_room_without_an_open_session_has_none),
	    TEST(an_offset_that_no_place_on_earth_has_is_passed_over),
	    TEST(the_next_session_of_today_is_told_with_its_opening_time),
	    TEST(a_session_of_tomorrow_is_not_the_next_one),
	    TEST(a_number_is_taken_only_where_it_can_be_sealed_to_the_server),
	    TEST(a_number_is_taken_for_sessions_that_take_people),
	    TEST(how_names_are_shown_is_the_organisations_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
