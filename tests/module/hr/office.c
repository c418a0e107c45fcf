/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/hr/office.h"

#include "shared/base/encode.h"
#include "shared/sealing/sealed.h"
#include "tests/module/hr_sql/statements.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/postgres/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const struct office *office, enum rc_status status)
{
	if (status != RC_OK)
		print_error("%s: %s\n", rc_status_text(status), office->err.text);
	assert_int_equal(status, RC_OK);
}

static enum rc_status put_state(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct office *office = arg;
	char id[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(&office->organisation, id);
	status = rc_db_exec(tx, &rc_sql_office_state_put,
			    RC_DB_VALUES(RC_DB_TEXT("organisation.id"), RC_DB_TEXT(id)), err);
	return status == RC_OK
		   ? rc_db_exec(
			 tx, &rc_sql_office_state_put,
			 RC_DB_VALUES(RC_DB_TEXT("organisation.name"), RC_DB_TEXT("示例公司")), err)
		   : status;
}

int office_set_up(void **state)
{
	struct office *office = calloc(1, sizeof(*office));
	char url[RC_SIM_DATABASE_URL_CHARS];

	assert_non_null(office);
	rc_sim_folder_make(NULL, "hr", office->folder);
	office->db = rc_sim_database_open(office->folder, url);
	rc_secrets_init(&office->secrets);
	memset(office->secrets.key, 0x5e, sizeof(office->secrets.key));
	office->organisation = rc_id_new();
	expect(office, rc_db_write(office->db, put_state, office, &office->err));
	office->hr = (struct rc_hr){
	    .db = office->db, .secrets = &office->secrets, .actor = "test", .now_ms = OFFICE_NOW_MS};
	rc_import_init(&office->import);
	rc_buf_init(&office->lines, 64u << 20);
	*state = office;
	return 0;
}

int office_tear_down(void **state)
{
	struct office *office = *state;

	rc_db_close(office->db);
	rc_sim_database_remove(office->folder);
	rc_sim_folder_remove(office->folder);
	rc_secrets_deinit(&office->secrets);
	rc_import_deinit(&office->import);
	rc_buf_deinit(&office->lines);
	free(office);
	return 0;
}

int office_set_up_with_rooms(void **state)
{
	if (office_set_up(state) != 0)
		return -1;
	office_take(
	    *state, rc_rooms_import,
	    "room,site,name_zh,name_en\n3F-305,HQ,培训室,Training room\n3F-302,HQ,研讨室,\n");
	return 0;
}

enum rc_status office_import(struct office *office, office_import_fn *import, const char *csv)
{
	office->hr.now_ms += RC_SECOND_MS;
	return import(&office->hr, rc_bytes_of_text(csv), &office->import, &office->err);
}

void office_take(struct office *office, office_import_fn *import, const char *csv)
{
	expect(office, office_import(office, import, csv));
}

bool office_has_error(const struct office *office, size_t line, const char *column, const char *part)
{
	for (size_t i = 0; i < rc_report_kept(&office->import.errors); i++) {
		const struct rc_report_issue *issue = &office->import.errors.issues[i];

		if (issue->line == line && strcmp(issue->column, column) == 0 &&
		    strstr(issue->en, part) && issue->zh[0])
			return true;
	}
	for (size_t i = 0; i < rc_report_kept(&office->import.errors); i++)
		print_error("line %zu, %s: %s | %s\n", office->import.errors.issues[i].line,
			    office->import.errors.issues[i].column,
			    office->import.errors.issues[i].en, office->import.errors.issues[i].zh);
	return false;
}

/* ---- the changes, as a kiosk of site HQ gets them ---- */

static enum rc_status take_site(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	char id[RC_ID_CHARS + 1];

	(void)err;
	rc_db_row_copy_text(row, 0, id, sizeof(id));
	rc_changes_scope_of_site(id, context);
	return RC_OK;
}

static enum rc_status find_scope(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const enum rc_status status =
	    rc_db_one(tx, &rc_sql_office_site_id, RC_DB_VALUES(RC_DB_TEXT("HQ")), take_site, arg, err);

	return status == RC_ENOTFOUND ? RC_OK : status;
}

static void fetch(struct office *office, int64_t after)
{
	char site[RC_SCOPE_MAX_CHARS + 1] = "site:none";
	const char *const scopes[] = {"all", site};

	expect(office, rc_db_read(office->db, find_scope, site, &office->err));

	const struct rc_cursor cursor = {1, after, rc_subscription_hash(scopes, 2)};
	const struct rc_changes_request request = {.cursor = &cursor,
						   .scopes = scopes,
						   .scope_count = 2,
						   .server_epoch = 1,
						   .max_changes = 1000000,
						   .max_bytes = 64u << 20};
	struct rc_changes_answer answer;

	rc_buf_clear(&office->lines);
	expect(office, rc_changes_answer(office->db, &request, &answer, &office->lines, &office->err));
	assert_false(answer.is_snapshot);
	assert_false(answer.has_more);
}

/* The next change in the lines; false at the end line. */
static bool next_change(struct rc_bytes *rest, struct rc_change *change)
{
	const uint8_t *end = memchr(rest->data, '\n', rest->size);
	struct rc_changes_end unused;
	enum rc_changes_line which;
	struct rc_bytes line;

	assert_non_null(end);
	line = rc_bytes_of(rest->data, (size_t)(end - rest->data));
	*rest = rc_bytes_of(end + 1, rest->size - line.size - 1);
	assert_int_equal(rc_changes_line_read(line, &which, &unused, NULL), RC_OK);
	if (which != RC_CHANGES_CHANGE)
		return false;
	assert_int_equal(rc_change_read(line, change, NULL), RC_OK);
	return true;
}

size_t office_changes(struct office *office, struct rc_change *changes, size_t max)
{
	struct rc_bytes rest;
	struct rc_change change;
	size_t count = 0;

	fetch(office, office->seen);
	rest = rc_buf_bytes(&office->lines);
	while (next_change(&rest, &change)) {
		if (count < max)
			changes[count] = change;
		count++;
		office->seen = change.n;
	}
	return count;
}

size_t office_count(const struct rc_change *changes, size_t count, enum rc_entity entity)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += changes[i].entity == entity;
	return found;
}

/* ---- opening it with a badge ---- */

/* The newest change of an entity, from the whole log. */
static bool find_entity(struct office *office, enum rc_entity entity, const char *id,
			struct rc_change *found)
{
	struct rc_bytes rest;
	struct rc_change change;
	bool is_there = false;

	fetch(office, 0);
	rest = rc_buf_bytes(&office->lines);
	while (next_change(&rest, &change)) {
		if (change.entity != entity || strcmp(change.id, id) != 0)
			continue;
		*found = change;
		is_there = !change.is_deletion;
	}
	return is_there;
}

static void open_card(struct office *office, const struct rc_badge_code *code, struct office_card *shown)
{
	struct rc_seal_place place = {.table = "credential",
				      .version = (uint64_t)shown->credential.version};
	uint8_t open_key[RC_OPEN_BYTES];
	char ref[RC_ID_CHARS + 1];
	struct rc_buf key, json;
	struct rc_ref_person person;
	struct rc_change change;

	rc_buf_init(&key, 64);
	rc_buf_init(&json, 4096);
	rc_badge_open(code, &office->organisation, open_key);
	memcpy(place.ref, shown->credential.find, sizeof(place.ref));
	assert_int_equal(rc_unseal(open_key, &place,
				   rc_bytes_of(shown->credential.wrap, shown->credential.wrap_size),
				   &key, NULL),
			 RC_OK);
	rc_id_format(&shown->credential.ref, ref);
	assert_true(find_entity(office, RC_ENTITY_PERSON, ref, &change));
	assert_int_equal(rc_ref_person_decode(&change, &person, NULL), RC_OK);
	place.table = "person";
	place.version = (uint64_t)person.version;
	memcpy(place.ref, person.ref.octets, sizeof(place.ref));
	assert_int_equal(rc_unseal(key.data, &place, rc_bytes_of(person.sealed, person.sealed_size),
				   &json, NULL),
			 RC_OK);
	assert_int_equal(rc_ref_person_card_decode(rc_buf_bytes(&json), &shown->card, NULL), RC_OK);
	rc_buf_deinit(&key);
	rc_buf_deinit(&json);
}

bool office_show_badge(struct office *office, const struct rc_badge_code *code, struct office_card *shown)
{
	uint8_t find[RC_FIND_BYTES];
	char id[RC_HEX_CHARS(RC_FIND_BYTES) + 1];
	struct rc_change change;

	memset(shown, 0, sizeof(*shown));
	rc_badge_find(code, &office->organisation, find);
	rc_hex_encode(rc_bytes_of(find, sizeof(find)), id);
	if (!find_entity(office, RC_ENTITY_CREDENTIAL, id, &change))
		return false;
	assert_int_equal(rc_ref_credential_decode(&change, &shown->credential, NULL), RC_OK);
	if (shown->credential.wrap_size > 0)
		open_card(office, code, shown);
	return true;
}

struct rc_person office_person(struct office *office, const char *number)
{
	struct rc_person person = {.version = 0};

	expect(office, rc_people_find(office->db, number, &person, &office->err));
	return person;
}

struct rc_badge_code office_badge(struct office *office, const char *number)
{
	const struct rc_person person = office_person(office, number);
	struct rc_badge_code code = {""};

	expect(office,
	       rc_people_badge_code(office->db, &office->secrets, &person.ref, &code, &office->err));
	return code;
}
