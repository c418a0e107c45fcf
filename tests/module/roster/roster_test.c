/* SPDX-License-Identifier: Apache-2.0 */
/* The roster: changes, snapshots, look-ups, and what a reader sees meanwhile. */
#include "firmware/roster/roster.h"
#include "firmware/roster/writer.h"
#include "shared/base/log.h"
#include "shared/crypto/hash.h"
#include "tests/sim/folder/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR_MS  INT64_C(3600000)
#define START_MS INT64_C(1795510800000)

struct bench {
	char folder[64];
	struct rc_roster_writer *writer;
	struct rc_roster *roster;
	struct rc_buf lines; /* an answer under way */
	int64_t n;
	struct rc_cursor cursor;
	struct rc_error err;
};

/* ---- the bench ---- */

static void must(struct bench *bench, enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), bench->err.text);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	rc_sim_folder_make(NULL, "roster", bench->folder);
	rc_buf_init(&bench->lines, 4u * 1024 * 1024);
	bench->cursor = (struct rc_cursor){.server_epoch = 7, .subscription = 9};
	must(bench, rc_roster_writer_open(bench->folder, &bench->writer, &bench->err));
	must(bench, rc_roster_open(bench->folder, &bench->roster, &bench->err));
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	rc_roster_close(bench->roster);
	rc_roster_writer_close(bench->writer);
	rc_buf_deinit(&bench->lines);
	rc_sim_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static void reopen(struct bench *bench)
{
	rc_roster_close(bench->roster);
	rc_roster_writer_close(bench->writer);
	bench->writer = NULL;
	bench->roster = NULL;
	must(bench, rc_roster_writer_open(bench->folder, &bench->writer, &bench->err));
	must(bench, rc_roster_open(bench->folder, &bench->roster, &bench->err));
}

static bool refresh(struct bench *bench)
{
	bool has_changed = false;

	must(bench, rc_roster_refresh(bench->roster, &has_changed, &bench->err));
	return has_changed;
}

static int count_files(const struct bench *bench, const char *prefix)
{
	DIR *folder = opendir(bench->folder);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
	(void)closedir(folder);
	return count;
}

/* ---- lines ---- */

static void add(struct bench *bench, enum rc_entity entity, const char *id, const struct rc_buf *payload)
{
	struct rc_change change = {.n = ++bench->n, .scope = "site:1", .entity = entity, .version = 3};

	(void)snprintf(change.id, sizeof(change.id), "%s", id);
	change.is_deletion = payload == NULL;
	if (payload != NULL)
		change.payload = rc_buf_bytes(payload);
	rc_change_write(&change, &bench->lines);
}

static struct rc_id id_of(uint8_t kind, uint8_t number)
{
	return (struct rc_id){.octets = {kind, number, 0, 0, 0, 0, 0x40, 0, 0x80}};
}

static const char *id_text(const struct rc_id *id)
{
	static char text[RC_ID_CHARS + 1];

	rc_id_format(id, text);
	return text;
}

#define PAYLOAD(name)                                                                              \
	struct rc_buf name __attribute__((cleanup(rc_buf_deinit)));                                \
	rc_buf_init(&name, 65536)

static void add_room(struct bench *bench, uint8_t number)
{
	struct rc_ref_room room = {.id = id_of('r', number),
				   .code = "3F-305",
				   .name = {"三零五", "Room 305"},
				   .way = {"上楼右转", "upstairs"}};
	PAYLOAD(p);

	rc_ref_room_encode(&room, &p);
	add(bench, RC_ENTITY_ROOM, id_text(&room.id), &p);
}

static void add_session(struct bench *bench, uint8_t number, uint8_t room, int64_t starts_ms)
{
	struct rc_ref_session session = {.id = id_of('s', number),
					 .room = id_of('r', room),
					 .title = {"安全", "Safety"},
					 .course = "T-001-01",
					 .expected = 12};
	PAYLOAD(p);

	session.terms.starts_ms = starts_ms;
	session.terms.ends_ms = starts_ms + HOUR_MS;
	session.terms.rules = rc_attendance_rules_default();
	rc_ref_session_encode(&session, &p);
	add(bench, RC_ENTITY_SESSION, id_text(&session.id), &p);
}

static void add_registration(struct bench *bench, uint8_t number, uint8_t session, uint8_t person)
{
	struct rc_ref_registration registration = {
	    .id = id_of('g', number), .session = id_of('s', session), .ref = id_of('p', person)};
	PAYLOAD(p);

	rc_ref_registration_encode(&registration, &p);
	add(bench, RC_ENTITY_REGISTRATION, id_text(&registration.id), &p);
}

static void add_person(struct bench *bench, uint8_t number)
{
	struct rc_ref_person person = {
	    .ref = id_of('p', number), .sealed = {1, 2, number}, .sealed_size = 93};
	PAYLOAD(p);

	rc_ref_person_encode(&person, &p);
	add(bench, RC_ENTITY_PERSON, id_text(&person.ref), &p);
}

static const char *find_text(uint8_t number)
{
	static char text[33];

	(void)snprintf(text, sizeof(text), "%02x0102030405060708090a0b0c0d0e0f", number);
	return text;
}

static void find_of(uint8_t number, uint8_t find[16])
{
	for (uint8_t i = 0; i < 16; i++)
		find[i] = i == 0 ? number : i;
}

static void add_credential(struct bench *bench, uint8_t number, enum rc_credential_state state)
{
	struct rc_ref_credential credential = {
	    .ref = id_of('p', number), .state = state, .wrap = {9, 8, number}, .wrap_size = 61};
	PAYLOAD(p);

	find_of(number, credential.find);
	if (state != RC_CREDENTIAL_ACTIVE)
		credential.wrap_size = 0;
	rc_ref_credential_encode(&credential, &p);
	add(bench, RC_ENTITY_CREDENTIAL, find_text(number), &p);
}

static const char *pair_text(uint8_t session, uint8_t person)
{
	static char text[2 * RC_ID_CHARS + 2];
	const struct rc_id left = id_of('s', session), right = id_of('p', person);

	rc_id_format(&left, text);
	text[RC_ID_CHARS] = '.';
	rc_id_format(&right, text + RC_ID_CHARS + 1);
	return text;
}

static void add_presence(struct bench *bench, uint8_t session, uint8_t person, enum rc_presence_state state)
{
	struct rc_ref_presence presence = {.session = id_of('s', session),
					   .ref = id_of('p', person),
					   .state = state,
					   .since_ms = START_MS,
					   .by = id_of('k', 1)};
	PAYLOAD(p);

	rc_ref_presence_encode(&presence, &p);
	add(bench, RC_ENTITY_PRESENCE, pair_text(session, person), &p);
}

static void add_setting(struct bench *bench, const char *key, const char *value)
{
	struct rc_ref_setting setting;
	PAYLOAD(p);

	(void)snprintf(setting.key, sizeof(setting.key), "%s", key);
	(void)snprintf(setting.value, sizeof(setting.value), "%s", value);
	rc_ref_setting_encode(&setting, &p);
	add(bench, RC_ENTITY_SETTING, key, &p);
}

static void add_raw(struct bench *bench, enum rc_entity entity, const char *id, const char *payload)
{
	PAYLOAD(p);

	rc_buf_append_text(&p, payload);
	add(bench, entity, id, &p);
}

/* A company of two rooms, three sessions, three people. */
static void add_company(struct bench *bench)
{
	for (uint8_t i = 1; i <= 2; i++)
		add_room(bench, i);
	add_session(bench, 1, 1, START_MS);
	add_session(bench, 2, 2, START_MS + HOUR_MS / 2);
	add_session(bench, 3, 1, START_MS + 24 * HOUR_MS);
	for (uint8_t i = 1; i <= 3; i++) {
		add_person(bench, i);
		add_credential(bench, i, i == 3 ? RC_CREDENTIAL_REVOKED : RC_CREDENTIAL_ACTIVE);
		add_registration(bench, i, i == 2 ? 2 : 1, i);
	}
	add_registration(bench, 4, 3, 1);
	add_presence(bench, 1, 1, RC_PRESENCE_HERE);
	add_presence(bench, 1, 3, RC_PRESENCE_LEFT);
	add_setting(bench, "organisation.name", "示例公司");
}

/* ---- ways in ---- */

static void add_end(struct bench *bench, bool has_more)
{
	struct rc_changes_end end = {.cursor = bench->cursor, .has_more = has_more};

	end.cursor.n = bench->cursor.n = bench->n;
	rc_changes_end_write(RC_CHANGES_END, &end, &bench->lines);
}

/* Sends what was added as ordinary changes. */
static enum rc_status apply(struct bench *bench, struct rc_roster_applied *applied)
{
	enum rc_status status;

	add_end(bench, false);
	status = rc_roster_apply(bench->writer, rc_buf_bytes(&bench->lines), applied, &bench->err);
	rc_buf_clear(&bench->lines);
	return status;
}

/* Sends what was added as a snapshot, `count_off` and `hash_off` wrong in its end line. */
static enum rc_status send_snapshot(struct bench *bench, int count_off, uint8_t hash_off)
{
	struct rc_roster_applied applied;
	struct rc_changes_end end = {.cursor = bench->cursor};
	struct rc_sha256 hash;
	struct rc_bytes rest = rc_buf_bytes(&bench->lines);
	enum rc_status status;
	PAYLOAD(first);
	PAYLOAD(last);

	rc_changes_snapshot_write(bench->cursor.server_epoch, &first);
	rc_sha256_init(&hash);
	rc_sha256_add(&hash, rc_buf_bytes(&first));
	rc_sha256_add(&hash, rest);
	rc_sha256_end(&hash, end.sha256);
	status = rc_roster_snapshot_begin(bench->writer, rc_buf_bytes(&first), &bench->err);
	while (status == RC_OK && rest.size > 0) {
		const uint8_t *feed = memchr(rest.data, '\n', rest.size);
		const size_t size = (size_t)(feed - rest.data) + 1;

		status =
		    rc_roster_snapshot_put(bench->writer, rc_bytes_of(rest.data, size), &bench->err);
		rest = rc_bytes_of(rest.data + size, rest.size - size);
		end.count++;
	}
	rc_buf_clear(&bench->lines);
	if (status != RC_OK)
		return status;
	end.count += count_off;
	end.sha256[31] ^= hash_off;
	end.cursor.n = bench->cursor.n = bench->n;
	rc_changes_end_write(RC_CHANGES_SNAPSHOT_END, &end, &last);
	return rc_roster_snapshot_finish(bench->writer, rc_buf_bytes(&last), &applied, &bench->err);
}

/* The company as a snapshot, and a reader that sees it. */
static void begin_with_company(struct bench *bench)
{
	add_company(bench);
	must(bench, send_snapshot(bench, 0, 0));
	assert_true(refresh(bench));
}

static bool knows_credential(struct bench *bench, uint8_t number)
{
	struct rc_ref_credential credential;
	uint8_t find[16];

	find_of(number, find);
	return rc_roster_find_credential(bench->roster, find, &credential, &bench->err) == RC_OK;
}

/* ---- tests ---- */

static void without_a_roster_nothing_is_known(void **state)
{
	struct bench *bench = *state;
	struct rc_cursor cursor;
	struct rc_roster_applied applied;

	assert_false(knows_credential(bench, 1));
	assert_int_equal(rc_roster_n(bench->roster), 0);
	assert_int_equal(rc_roster_writer_cursor(bench->writer, &cursor, &bench->err), RC_ENOTFOUND);
	add_person(bench, 1);
	assert_int_equal(apply(bench, &applied), RC_ECONFLICT);
	assert_true(refresh(bench)); /* the first look is news */
	assert_false(refresh(bench));
}

static void the_key_to_seal_to_is_handed_out(void **state)
{
	static const char seal_key[] =
	    "{\"seal_key\":\"04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
	    "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab\"}";
	struct bench *bench = *state;
	struct rc_roster_applied applied;
	struct rc_ref_trust trust = {.seal_key = {0}};

	assert_int_equal(rc_roster_trust(bench->roster, &trust, &bench->err), RC_ENOTFOUND);
	begin_with_company(bench);
	assert_int_equal(rc_roster_trust(bench->roster, &trust, &bench->err), RC_ENOTFOUND);
	add_raw(bench, RC_ENTITY_TRUST, RC_REF_TRUST_SERVER, seal_key);
	must(bench, apply(bench, &applied));
	must(bench, rc_roster_trust(bench->roster, &trust, &bench->err));
	assert_int_equal(trust.seal_key[0], 0x04);
	assert_int_equal(trust.seal_key[64], 0xab);
	add_raw(bench, RC_ENTITY_TRUST, RC_REF_TRUST_SERVER, "{\"seal_key\":\"04\"}");
	must(bench, apply(bench, &applied));
	assert_int_equal(rc_roster_trust(bench->roster, &trust, &bench->err), RC_EFORMAT);
	assert_int_equal(trust.seal_key[64], 0xab);
}

static void a_snapshot_is_looked_up_as_it_was_sent(void **state)
{
	struct bench *bench = *state;
	const struct rc_id p1 = id_of('p', 1), r1 = id_of('r', 1), s1 = id_of('s', 1);
	static struct rc_ref_credential credential;
	static struct rc_ref_person person;
	struct rc_ref_room room;
	struct rc_ref_session session;
	struct rc_ref_setting setting;
	struct rc_ref_presence presence;
	struct rc_cursor cursor;
	uint8_t find[16];

	begin_with_company(bench);
	find_of(1, find);
	must(bench, rc_roster_find_credential(bench->roster, find, &credential, &bench->err));
	assert_true(rc_id_equal(&credential.ref, &p1));
	assert_int_equal(credential.wrap_size, 61);
	assert_int_equal(credential.wrap[2], 1);
	assert_int_equal(credential.version, 3);
	find_of(3, find);
	must(bench, rc_roster_find_credential(bench->roster, find, &credential, &bench->err));
	assert_int_equal(credential.state, RC_CREDENTIAL_REVOKED);
	assert_int_equal(credential.wrap_size, 0);
	must(bench, rc_roster_person(bench->roster, &p1, &person, &bench->err));
	assert_int_equal(person.sealed_size, 93);
	must(bench, rc_roster_room(bench->roster, &r1, &room, &bench->err));
	assert_string_equal(room.name.zh, "三零五");
	assert_string_equal(room.way.en, "upstairs");
	must(bench, rc_roster_session(bench->roster, &s1, &session, &bench->err));
	assert_string_equal(session.title.en, "Safety");
	assert_int_equal(session.terms.rules.opens_before_min, 30);
	assert_int_equal(session.expected, 12);
	must(bench, rc_roster_setting(bench->roster, "organisation.name", &setting, &bench->err));
	assert_string_equal(setting.value, "示例公司");
	must(bench, rc_roster_presence(bench->roster, &s1, &p1, &presence, &bench->err));
	assert_int_equal(presence.state, RC_PRESENCE_HERE);
	assert_true(presence.since_ms == START_MS);
	must(bench, rc_roster_cursor(bench->roster, &cursor, &bench->err));
	assert_memory_equal(&cursor, &bench->cursor, sizeof(cursor));
	assert_int_equal(rc_roster_n(bench->roster), bench->n);
}

static void sessions_are_found_by_room_person_and_time(void **state)
{
	struct bench *bench = *state;
	const struct rc_id r1 = id_of('r', 1), p1 = id_of('p', 1), p2 = id_of('p', 2),
			   s1 = id_of('s', 1), s2 = id_of('s', 2);
	struct rc_ref_session items[4];
	struct rc_roster_sessions found = {.items = items, .max = 4};
	struct rc_roster_window window = {START_MS - 30 * 60000, START_MS - 30 * 60000};
	struct rc_ref_registration registration;
	struct rc_roster_counts counts;

	begin_with_company(bench);
	must(bench, rc_roster_sessions_of_room(bench->roster, &r1, window, &found, &bench->err));
	assert_int_equal(found.count, 1); /* opens exactly now */
	assert_true(rc_id_equal(&items[0].id, &s1));
	window.from_ms = window.to_ms = START_MS - 30 * 60000 - 1;
	must(bench, rc_roster_sessions_of_room(bench->roster, &r1, window, &found, &bench->err));
	assert_int_equal(found.count, 0);
	window.to_ms = START_MS + 48 * HOUR_MS;
	must(bench, rc_roster_sessions_of_room(bench->roster, &r1, window, &found, &bench->err));
	assert_int_equal(found.count, 2);
	assert_false(found.has_more);
	found.max = 1;
	must(bench, rc_roster_sessions_of_person(bench->roster, &p1, window, &found, &bench->err));
	assert_int_equal(found.count, 1);
	assert_true(found.has_more);
	assert_true(rc_id_equal(&items[0].id, &s1));
	must(bench, rc_roster_sessions_of_person(bench->roster, &p2, window, &found, &bench->err));
	assert_int_equal(found.count, 1);
	assert_true(rc_id_equal(&items[0].id, &s2)); /* in another room */
	must(bench, rc_roster_registration(bench->roster, &s1, &p1, &registration, &bench->err));
	assert_int_equal(rc_roster_registration(bench->roster, &s1, &p2, &registration, &bench->err),
			 RC_ENOTFOUND);
	must(bench, rc_roster_counts(bench->roster, &s1, &counts, &bench->err));
	assert_int_equal(counts.expected, 12);
	assert_int_equal(counts.registered, 2);
	assert_int_equal(counts.here, 1);
	assert_int_equal(counts.left, 1);
}

static void changes_apply_beside_an_open_reader(void **state)
{
	struct bench *bench = *state;
	const struct rc_id s1 = id_of('s', 1), p1 = id_of('p', 1);
	struct rc_roster_applied applied;
	struct rc_ref_presence presence;
	const int64_t n = (begin_with_company(bench), bench->n);

	assert_false(refresh(bench));
	add_presence(bench, 1, 1, RC_PRESENCE_LEFT);
	add_person(bench, 9);
	must(bench, apply(bench, &applied));
	assert_int_equal(applied.put, 2);
	assert_true(refresh(bench));
	assert_false(refresh(bench));
	must(bench, rc_roster_presence(bench->roster, &s1, &p1, &presence, &bench->err));
	assert_int_equal(presence.state, RC_PRESENCE_LEFT);
	assert_int_equal(rc_roster_n(bench->roster), n + 2);
}

static void what_is_deleted_is_unknown(void **state)
{
	struct bench *bench = *state;
	const struct rc_id p1 = id_of('p', 1), s1 = id_of('s', 1), g1 = id_of('g', 1);
	struct rc_roster_applied applied;
	struct rc_ref_registration registration;
	struct rc_ref_presence presence;
	static struct rc_ref_person person;

	begin_with_company(bench);
	add(bench, RC_ENTITY_CREDENTIAL, find_text(1), NULL);
	add(bench, RC_ENTITY_PERSON, id_text(&p1), NULL);
	add(bench, RC_ENTITY_REGISTRATION, id_text(&g1), NULL);
	add(bench, RC_ENTITY_PRESENCE, pair_text(1, 1), NULL);
	add(bench, RC_ENTITY_SETTING, "organisation.name", NULL);
	must(bench, apply(bench, &applied));
	assert_int_equal(applied.deleted, 5);
	assert_false(knows_credential(bench, 1));
	assert_true(knows_credential(bench, 2));
	assert_int_equal(rc_roster_person(bench->roster, &p1, &person, &bench->err), RC_ENOTFOUND);
	assert_int_equal(rc_roster_registration(bench->roster, &s1, &p1, &registration, &bench->err),
			 RC_ENOTFOUND);
	assert_int_equal(rc_roster_presence(bench->roster, &s1, &p1, &presence, &bench->err),
			 RC_ENOTFOUND);
}

static void unknown_entities_and_unreadable_payloads_are_passed_over_and_counted(void **state)
{
	struct bench *bench = *state;
	struct rc_roster_applied applied;
	struct rc_buf payload;

	begin_with_company(bench);
	rc_buf_append_text(&bench->lines, "{\"n\":50,\"scope\":\"all\",\"entity\":\"hologram\","
					  "\"id\":\"x\",\"version\":1,\"op\":\"put\",\"p\":{}}\n");
	add_raw(bench, RC_ENTITY_PERSON, "not-an-id", "{\"sealed\":\"AA\"}");
	add_raw(bench, RC_ENTITY_SESSION, "00000000-0000-4000-8000-000000000000", "{\"room\":7}");
	add(bench, RC_ENTITY_CREDENTIAL, "xyz", NULL);
	add_raw(bench, RC_ENTITY_LIST, "a-list", "{\"sealed\":\"AA\"}");
	add_credential(bench, 8, RC_CREDENTIAL_ACTIVE);
	must(bench, apply(bench, &applied));
	assert_int_equal(applied.unknown, 1);
	assert_int_equal(applied.malformed, 3);
	assert_non_null(strstr(applied.first_malformed, "person at n="));
	assert_int_equal(applied.put, 2);
	assert_true(knows_credential(bench, 8));
	rc_buf_init(&payload, 1000);
	must(bench, rc_roster_entity(bench->roster, RC_ENTITY_LIST, "a-list", &payload, &bench->err));
	assert_string_equal(rc_buf_text(&payload), "{\"sealed\":\"AA\"}");
	assert_int_equal(
	    rc_roster_entity(bench->roster, RC_ENTITY_LIST_KEY, "a-list", &payload, &bench->err),
	    RC_ENOTFOUND);
	rc_buf_deinit(&payload);
}

static void a_batch_without_its_end_or_with_a_broken_line_changes_nothing(void **state)
{
	struct bench *bench = *state;
	struct rc_roster_applied applied;
	struct rc_cursor before, after;

	begin_with_company(bench);
	must(bench, rc_roster_cursor(bench->roster, &before, &bench->err));
	add_credential(bench, 8, RC_CREDENTIAL_ACTIVE);
	assert_int_equal(
	    rc_roster_apply(bench->writer, rc_buf_bytes(&bench->lines), &applied, &bench->err),
	    RC_EFORMAT);
	rc_buf_append_text(&bench->lines, "{\"n\":5,\n");
	assert_int_equal(apply(bench, &applied), RC_EFORMAT);
	add_credential(bench, 8, RC_CREDENTIAL_ACTIVE);
	add_end(bench, false);
	add_credential(bench, 9, RC_CREDENTIAL_ACTIVE);
	assert_int_equal(
	    rc_roster_apply(bench->writer, rc_buf_bytes(&bench->lines), &applied, &bench->err),
	    RC_EFORMAT);
	/* Cut in the middle of the end line, as a lost connection leaves it. */
	rc_buf_clear(&bench->lines);
	add_credential(bench, 8, RC_CREDENTIAL_ACTIVE);
	add_end(bench, false);
	bench->lines.size--;
	assert_int_equal(
	    rc_roster_apply(bench->writer, rc_buf_bytes(&bench->lines), &applied, &bench->err),
	    RC_EFORMAT);
	assert_int_equal(rc_roster_apply(bench->writer, rc_bytes_of(NULL, 0), &applied, &bench->err),
			 RC_EFORMAT);
	assert_false(knows_credential(bench, 8));
	must(bench, rc_roster_cursor(bench->roster, &after, &bench->err));
	assert_memory_equal(&before, &after, sizeof(before));
}

static void a_cursor_of_another_server_epoch_or_an_older_one_is_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_roster_applied applied;

	begin_with_company(bench);
	bench->cursor.server_epoch++;
	add_credential(bench, 8, RC_CREDENTIAL_ACTIVE);
	assert_int_equal(apply(bench, &applied), RC_ECONFLICT);
	bench->cursor.server_epoch--;
	bench->n = 2;
	assert_int_equal(apply(bench, &applied), RC_ECONFLICT);
	assert_false(knows_credential(bench, 8));
}

static void a_snapshot_replaces_everything_under_an_open_reader(void **state)
{
	struct bench *bench = *state;

	begin_with_company(bench);
	add_credential(bench, 5, RC_CREDENTIAL_ACTIVE);
	must(bench, send_snapshot(bench, 0, 0));
	/* Until it looks, the reader has the old one whole. */
	assert_true(knows_credential(bench, 1));
	assert_false(knows_credential(bench, 5));
	assert_true(refresh(bench));
	assert_false(knows_credential(bench, 1));
	assert_true(knows_credential(bench, 5));
	assert_int_equal(count_files(bench, "roster-1.db"), 0);
	reopen(bench);
	assert_true(knows_credential(bench, 5));
	assert_false(knows_credential(bench, 1));
}

static void half_a_snapshot_leaves_the_old_roster(void **state)
{
	struct bench *bench = *state;
	PAYLOAD(first);

	begin_with_company(bench);
	rc_changes_snapshot_write(8, &first);
	must(bench, rc_roster_snapshot_begin(bench->writer, rc_buf_bytes(&first), &bench->err));
	add_credential(bench, 5, RC_CREDENTIAL_ACTIVE);
	must(bench, rc_roster_snapshot_put(bench->writer, rc_buf_bytes(&bench->lines), &bench->err));
	assert_true(rc_roster_snapshot_is_open(bench->writer));
	reopen(bench); /* the connection broke, the program ended */
	assert_false(rc_roster_snapshot_is_open(bench->writer));
	assert_true(knows_credential(bench, 1));
	assert_false(knows_credential(bench, 5));
	assert_int_equal(count_files(bench, "roster-2.db"), 0);
}

static void a_snapshot_with_a_wrong_count_or_hash_is_refused(void **state)
{
	struct bench *bench = *state;

	begin_with_company(bench);
	add_credential(bench, 5, RC_CREDENTIAL_ACTIVE);
	assert_int_equal(send_snapshot(bench, 1, 0), RC_EFORMAT);
	add_credential(bench, 5, RC_CREDENTIAL_ACTIVE);
	assert_int_equal(send_snapshot(bench, 0, 1), RC_EFORMAT);
	assert_false(rc_roster_snapshot_is_open(bench->writer));
	assert_false(refresh(bench));
	assert_true(knows_credential(bench, 1));
	assert_int_equal(count_files(bench, "roster-"), count_files(bench, "roster-1.db"));
}

static void a_second_writer_is_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_roster_writer *second = NULL;

	assert_int_equal(rc_roster_writer_open(bench->folder, &second, &bench->err), RC_EBUSY);
	assert_null(second);
}

static void emptying_leaves_nothing_to_a_reader_or_on_the_disk(void **state)
{
	struct bench *bench = *state;
	struct rc_cursor cursor;

	begin_with_company(bench);
	must(bench, rc_roster_empty(bench->writer, &bench->err));
	assert_false(knows_credential(bench, 1)); /* at once, without a refresh */
	assert_true(refresh(bench));
	assert_false(knows_credential(bench, 1));
	assert_int_equal(rc_roster_writer_cursor(bench->writer, &cursor, &bench->err), RC_ENOTFOUND);
	assert_int_equal(count_files(bench, "roster-"), 0);
	assert_int_equal(count_files(bench, "current"), 0);
	/* And a new one can come. */
	add_credential(bench, 5, RC_CREDENTIAL_ACTIVE);
	must(bench, send_snapshot(bench, 0, 0));
	assert_true(refresh(bench));
	assert_true(knows_credential(bench, 5));
	assert_int_equal(count_files(bench, "roster-1.db"), 0); /* names are not used twice */
}

static void a_damaged_roster_is_dropped_and_a_snapshot_asked_for(void **state)
{
	struct bench *bench = *state;
	struct rc_cursor cursor;
	char path[128];
	int fd;

	begin_with_company(bench);
	rc_roster_close(bench->roster);
	rc_roster_writer_close(bench->writer);
	bench->roster = NULL;
	bench->writer = NULL;
	(void)snprintf(path, sizeof(path), "%s/roster-1.db", bench->folder);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "no database at all, but a text of some length", 45), 45);
	(void)close(fd);
	must(bench, rc_roster_open(bench->folder, &bench->roster, &bench->err)); /* the door opens all the same */
	assert_false(knows_credential(bench, 1));
	must(bench, rc_roster_writer_open(bench->folder, &bench->writer, &bench->err));
	assert_true(rc_roster_writer_found_damage(bench->writer));
	assert_int_equal(rc_roster_writer_cursor(bench->writer, &cursor, &bench->err), RC_ENOTFOUND);
	add_credential(bench, 5, RC_CREDENTIAL_ACTIVE);
	must(bench, send_snapshot(bench, 0, 0));
	assert_true(refresh(bench));
	assert_true(knows_credential(bench, 5));
}

/* Changes the roster in use by SQL: the file stays a good database. */
static void forge(const struct bench *bench, const char *sql)
{
	sqlite3 *db = NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/roster-1.db", bench->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static enum rc_status look_at_session(struct bench *bench)
{
	const struct rc_id session = id_of('s', 1);
	struct rc_ref_session found;

	return rc_roster_session(bench->roster, &session, &found, &bench->err);
}

static void a_forged_session_with_impossible_numbers_makes_no_sense(void **state)
{
	static const char *const forgeries[] = {
	    "starts_ms = -1",
	    "starts_ms = -9223372036854775808",
	    "ends_ms = 9223372036854775807",
	    "ends_ms = starts_ms",
	    "opens_before_min = 4294967326", /* 30 in its lower half */
	    "expected = -1",
	};
	struct bench *bench = *state;
	char sql[160];

	begin_with_company(bench);
	assert_int_equal(look_at_session(bench), RC_OK);
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		forge(bench, "CREATE TABLE kept AS SELECT * FROM session");
		(void)snprintf(sql, sizeof(sql), "UPDATE session SET %s", forgeries[i]);
		forge(bench, sql);
		assert_int_equal(look_at_session(bench), RC_EFORMAT);
		forge(
		    bench,
		    "DELETE FROM session; INSERT INTO session SELECT * FROM kept; DROP TABLE kept");
		assert_int_equal(look_at_session(bench), RC_OK);
	}
}

static void a_forged_time_of_presence_or_credential_makes_no_sense(void **state)
{
	struct bench *bench = *state;
	const struct rc_id session = id_of('s', 1), person = id_of('p', 1);
	struct rc_ref_credential credential;
	struct rc_ref_presence presence;
	uint8_t find[16];

	begin_with_company(bench);
	find_of(1, find);
	must(bench, rc_roster_presence(bench->roster, &session, &person, &presence, &bench->err));
	must(bench, rc_roster_find_credential(bench->roster, find, &credential, &bench->err));
	forge(bench, "UPDATE presence SET since_ms = -9223372036854775808;"
		     "UPDATE credential SET until_ms = -1");
	assert_int_equal(rc_roster_presence(bench->roster, &session, &person, &presence, &bench->err),
			 RC_EFORMAT);
	assert_int_equal(rc_roster_find_credential(bench->roster, find, &credential, &bench->err),
			 RC_EFORMAT);
}

static void a_pointer_that_names_something_else_is_not_followed(void **state)
{
	struct bench *bench = *state;
	const char *bad[] = {"../../etc/passwd\n", "roster-1.db-wal\n", "roster--1.db\n",
			     "roster-1.db\nx", ""};
	char path[128];

	begin_with_company(bench);
	(void)snprintf(path, sizeof(path), "%s/current", bench->folder);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rc_roster *roster = NULL;
		int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

		assert_int_equal(write(fd, bad[i], strlen(bad[i])), (ssize_t)strlen(bad[i]));
		(void)close(fd);
		must(bench, rc_roster_open(bench->folder, &roster, &bench->err));
		if (i != 3) /* what stands behind the first line is not looked at */
			assert_int_equal(rc_roster_n(roster), 0);
		rc_roster_close(roster);
	}
}

static void ten_thousand_changes_keep_the_reader_answering(void **state)
{
	struct bench *bench = *state;
	struct rc_roster_applied applied;

	begin_with_company(bench);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 1000; i++)
			add_presence(bench, (uint8_t)(i % 100), (uint8_t)(i / 5), RC_PRESENCE_HERE);
		must(bench, apply(bench, &applied));
		assert_true(knows_credential(bench, 2));
		assert_true(refresh(bench));
	}
	assert_int_equal(rc_roster_n(bench->roster), bench->n);
}

static void ignore_line(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(without_a_roster_nothing_is_known),
	    TEST(a_snapshot_is_looked_up_as_it_was_sent),
	    TEST(the_key_to_seal_to_is_handed_out),
	    TEST(sessions_are_found_by_room_person_and_time),
	    TEST(changes_apply_beside_an_open_reader),
	    TEST(what_is_deleted_is_unknown),
	    TEST(unknown_entities_and_unreadable_payloads_are_passed_over_and_counted),
	    TEST(a_batch_without_its_end_or_with_a_broken_line_changes_nothing),
	    TEST(a_cursor_of_another_server_epoch_or_an_older_one_is_refused),
	    TEST(a_snapshot_replaces_everything_under_an_open_reader),
	    TEST(half_a_snapshot_leaves_the_old_roster),
	    TEST(a_snapshot_with_a_wrong_count_or_hash_is_refused),
	    TEST(a_second_writer_is_refused),
	    TEST(emptying_leaves_nothing_to_a_reader_or_on_the_disk),
	    TEST(a_damaged_roster_is_dropped_and_a_snapshot_asked_for),
	    TEST(a_forged_session_with_impossible_numbers_makes_no_sense),
	    TEST(a_forged_time_of_presence_or_credential_makes_no_sense),
	    TEST(a_pointer_that_names_something_else_is_not_followed),
	    TEST(ten_thousand_changes_keep_the_reader_answering),
	};

	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
