/* SPDX-License-Identifier: Apache-2.0 */
/* Looking rooms up, and what kiosks are told of rooms and of the place they stand at. */
#include "server/db/db.h"
#include "server/hr/rooms_priv.h"
#include "server/hr_sql/statements.h"

static enum rc_status take_room(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_room *room = context;

	if (rc_id_parse(rc_db_row_text(row, 0), &room->id) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a room's id is no UUID");
	rc_db_row_copy_text(row, 1, room->code, sizeof(room->code));
	rc_db_row_copy_text(row, 2, room->name.zh, sizeof(room->name.zh));
	rc_db_row_copy_text(row, 3, room->name.en, sizeof(room->name.en));
	rc_db_row_copy_text(row, 4, room->way.zh, sizeof(room->way.zh));
	rc_db_row_copy_text(row, 5, room->way.en, sizeof(room->way.en));
	room->version = rc_db_row_int(row, 6);
	rc_db_row_copy_text(row, 7, room->site.id, sizeof(room->site.id));
	rc_db_row_copy_text(row, 8, room->site.code, sizeof(room->site.code));
	room->site.utc_offset_min = (int)rc_db_row_int(row, 9);
	return RC_OK;
}

enum rc_status rc_rooms_find_in(struct rc_db_tx *tx, const char *code_or_id, struct rc_room *room,
				struct rc_error *err)
{
	const struct rc_db_value value = RC_DB_TEXT(code_or_id);
	enum rc_status status =
	    rc_db_one(tx, &rc_sql_hr_room_by_code, RC_DB_VALUES(value), take_room, room, err);

	if (status == RC_ENOTFOUND)
		status = rc_db_one(tx, &rc_sql_hr_room_by_id, RC_DB_VALUES(value), take_room, room, err);
	return status == RC_ENOTFOUND ? rc_fail(err, status, "no room %s", code_or_id) : status;
}

struct lookup {
	const char *code_or_id;
	struct rc_room *room;
};

static enum rc_status find_room(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct lookup *lookup = arg;

	return rc_rooms_find_in(tx, lookup->code_or_id, lookup->room, err);
}

enum rc_status rc_rooms_find(struct rc_db *db, const char *code_or_id, struct rc_room *room,
			     struct rc_error *err)
{
	struct rc_room found = {.version = 0};
	struct lookup lookup = {code_or_id, &found};
	const enum rc_status status = rc_db_read(db, find_room, &lookup, err);

	if (status == RC_OK)
		*room = found;
	return status;
}

struct listing {
	rc_rooms_fn *each;
	void *context;
};

static enum rc_status show_room(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_room room;
	const enum rc_status status = take_room(row, &room, err);

	return status == RC_OK ? listing->each(listing->context, &room, err) : status;
}

static enum rc_status list_rooms(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_hr_rooms, RC_DB_NO_VALUES, show_room, arg, err);
}

enum rc_status rc_rooms_list(struct rc_db *db, rc_rooms_fn *each, void *context, struct rc_error *err)
{
	struct listing listing = {each, context};

	return rc_db_read(db, list_rooms, &listing, err);
}

/* ---- what kiosks are told ---- */

enum rc_status rc_rooms__publish(struct rc_changes_list *changes, const struct rc_room *room,
				 struct rc_error *err)
{
	struct rc_ref_room payload = {.id = room->id, .name = room->name, .way = room->way};
	char scope[RC_SCOPE_MAX_CHARS + 1], id[RC_ID_CHARS + 1];
	struct rc_buf json;
	enum rc_status status;

	memcpy(payload.code, room->code, sizeof(payload.code));
	rc_buf_init(&json, RC_REFERENCE_LINE_MAX_BYTES);
	rc_ref_room_encode(&payload, &json);
	status = rc_buf_status(&json, err);
	rc_changes_scope_of_site(room->site.id, scope);
	rc_id_format(&room->id, id);
	if (status == RC_OK)
		rc_changes_list_put(changes, scope, RC_ENTITY_ROOM, id, room->version,
				    rc_buf_bytes(&json));
	rc_buf_deinit(&json);
	return status;
}

static enum rc_status take_value(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_ref_setting *setting = context;

	(void)err;
	rc_db_row_copy_text(row, 0, setting->value, sizeof(setting->value));
	return RC_OK;
}

static enum rc_status put_setting(struct rc_changes_list *changes, const struct rc_ref_setting *setting,
				  int64_t version, struct rc_error *err)
{
	struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&json, RC_REFERENCE_LINE_MAX_BYTES);
	rc_ref_setting_encode(setting, &json);
	status = rc_buf_status(&json, err);
	if (status == RC_OK)
		rc_changes_list_put(changes, RC_CHANGES_SCOPE_ALL, RC_ENTITY_SETTING, setting->key,
				    version, rc_buf_bytes(&json));
	rc_buf_deinit(&json);
	return status;
}

enum rc_status rc_rooms__publish_settings(struct rc_db_tx *tx, struct rc_changes_list *changes,
					  const struct rc_site *site, int64_t now_ms,
					  struct rc_error *err)
{
	struct rc_ref_setting settings[] = {{.key = "organisation.name"},
					    {.key = "language.default", .value = "zh"},
					    {.key = "time.offset_min"}};
	struct rc_buf offset;
	enum rc_status status = RC_OK;

	rc_buf_init_fixed(&offset, settings[2].value, sizeof(settings[2].value));
	rc_buf_printf(&offset, "%d", site->utc_offset_min);
	for (size_t i = 0; status == RC_OK && i < 3; i++) {
		if (i < 2)
			status = rc_db_one(tx, &rc_sql_hr_state,
					   RC_DB_VALUES(RC_DB_TEXT(settings[i].key)), take_value,
					   &settings[i], err);
		if (status == RC_OK || status == RC_ENOTFOUND)
			status = put_setting(changes, &settings[i], now_ms, err);
	}
	return status;
}
