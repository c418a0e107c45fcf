/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a changes answer. A line is parsed to a tree to check it, and its payload is found a second time as bytes by the
 * validator's walk, because the payload is handed on as it came.
 */
#include "shared/base/encode.h"
#include "shared/json/scan.h"
#include "shared/reference/reference_priv.h"

#include <inttypes.h>

static const char *const entity_names[] = {
    [RC_ENTITY_ROOM] = "room",
    [RC_ENTITY_SESSION] = "session",
    [RC_ENTITY_REGISTRATION] = "registration",
    [RC_ENTITY_PERSON] = "person",
    [RC_ENTITY_CREDENTIAL] = "credential",
    [RC_ENTITY_LIST] = "list",
    [RC_ENTITY_LIST_KEY] = "list_key",
    [RC_ENTITY_PRESENCE] = "presence",
    [RC_ENTITY_SESSION_STATE] = "session_state",
    [RC_ENTITY_RULE] = "rule",
    [RC_ENTITY_SETTING] = "setting",
    [RC_ENTITY_TRUST] = "trust",
    [RC_ENTITY_ERASE] = "erase",
    [RC_ENTITY_UNKNOWN] = "unknown",
};

const char *rc_entity_name(enum rc_entity entity)
{
	return entity_names[entity];
}

static enum rc_entity parse_entity(struct rc_bytes name)
{
	size_t place = RC_ENTITY_UNKNOWN;

	(void)rc_bytes_find_name(name, entity_names, RC_ENTITY_UNKNOWN, &place);
	return (enum rc_entity)place;
}

/* ---- one change ---------------------------------------------------------------------------------------------------------- */

void rc_change_write(const struct rc_change *change, struct rc_buf *line)
{
	rc_json_open(line, '{');
	rc_json_member_int(line, "n", change->n);
	rc_json_member_text(line, "scope", change->scope);
	rc_json_member_text(line, "entity", rc_entity_name(change->entity));
	rc_json_member_text(line, "id", change->id);
	rc_json_member_int(line, "version", change->version);
	rc_json_member_text(line, "op", change->is_deletion ? "del" : "put");
	if (!change->is_deletion) {
		rc_json_append_key(line, "p");
		rc_json_append_raw(line, change->payload);
	}
	rc_json_close(line, '}');
	rc_buf_append_char(line, '\n');
}

/* The bytes of the member `key` of an object that is known to be good JSON; empty if it has none. */
static struct rc_bytes find_raw(struct rc_bytes object, const char *key)
{
	const struct rc_scan_string wanted = {.raw = rc_bytes_of_text(key)};
	struct rc_scan scan = {.at = object.data,
			       .end = object.data + object.size,
			       .depth_max = RC_JSON_DEPTH_MAX,
			       .may_repeat_keys = true};
	struct rc_scan_string name;

	rc_scan_space(&scan);
	(void)rc_scan_take(&scan, '{');
	do {
		const uint8_t *begin;

		rc_scan_space(&scan);
		if (rc_scan_string(&scan, &name) != RC_SCAN_FINE)
			break;
		rc_scan_space(&scan);
		(void)rc_scan_take(&scan, ':');
		rc_scan_space(&scan);
		begin = scan.at;
		if (rc_scan_value(&scan, 1) != RC_SCAN_FINE)
			break;
		if (rc_scan_strings_equal(&name, &wanted))
			return rc_bytes_of(begin, (size_t)(scan.at - begin));
		rc_scan_space(&scan);
	} while (rc_scan_take(&scan, ','));
	return rc_bytes_of(NULL, 0);
}

static enum rc_status get_not_empty(const struct rc_json_value *object, const char *key, char *out,
				    size_t size, struct rc_error *err)
{
	enum rc_status status = rc_json_get_text(object, key, out, size, err);

	if (status == RC_OK && !out[0])
		return rc_fail(err, RC_EFORMAT, "\"%s\" is empty", key);
	return status;
}

static enum rc_status get_entity(const struct rc_json_value *object, enum rc_entity *entity,
				 struct rc_error *err)
{
	const struct rc_json_value *name = rc_json_find(object, "entity");

	if (!name || rc_json_type(name) != RC_JSON_TEXT)
		return rc_fail(err, RC_EFORMAT, "\"entity\" is missing or not a text");
	*entity = parse_entity(rc_json_text(name));
	return RC_OK;
}

static enum rc_status read_fields(const struct rc_json_value *object, struct rc_change *change,
				  struct rc_error *err)
{
	static const char *const op_names[] = {"put", "del"};
	const struct rc_reference__names ops = {op_names, 2};
	size_t op = 0;
	enum rc_status status =
	    rc_json_get_int(object, "n", 0, RC_REFERENCE_INTEGER_MAX, &change->n, err);

	if (status == RC_OK)
		status = get_not_empty(object, "scope", change->scope, sizeof(change->scope), err);
	if (status == RC_OK)
		status = get_entity(object, &change->entity, err);
	if (status == RC_OK)
		status = get_not_empty(object, "id", change->id, sizeof(change->id), err);
	if (status == RC_OK)
		status = rc_json_get_int(object, "version", 0, RC_REFERENCE_INTEGER_MAX,
					 &change->version, err);
	if (status == RC_OK)
		status = rc_reference__get_name(object, "op", &ops, &op, err);
	change->is_deletion = op == 1;
	return status;
}

enum rc_status rc_change_read(struct rc_bytes line, struct rc_change *change, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	const struct rc_json_value *payload;
	struct rc_change read = {0};
	enum rc_status status = rc_reference__parse(line, &json, err);

	if (status == RC_OK)
		status = read_fields(rc_json_root(json), &read, err);
	if (status == RC_OK && !read.is_deletion) {
		status = rc_json_get_object(rc_json_root(json), "p", &payload, err);
		read.payload = find_raw(line, "p");
	}
	if (status != RC_OK)
		return rc_error_in(err, status, "change");
	*change = read;
	return RC_OK;
}

/* ---- what opens and closes an answer ---------------------------------------------------------------------------------------- */

static enum rc_status read_snapshot(const struct rc_json_value *snapshot, struct rc_error *err)
{
	uint8_t epoch[8];

	return rc_json_get_hex(snapshot, "server_epoch", epoch, sizeof(epoch), err);
}

static enum rc_status get_cursor(const struct rc_json_value *object, struct rc_cursor *cursor,
				 struct rc_error *err)
{
	char text[RC_CURSOR_MAX_CHARS + 1];
	enum rc_status status = rc_json_get_text(object, "cursor", text, sizeof(text), err);

	if (status == RC_OK && rc_cursor_parse(rc_bytes_of_text(text), cursor) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "\"cursor\" is no cursor");
	return status;
}

static enum rc_status read_end(const struct rc_json_value *object, enum rc_changes_line *which,
			       struct rc_changes_end *end, struct rc_error *err)
{
	struct rc_changes_end read = {.count = 0};
	const bool is_snapshot = rc_json_has(object, "count");
	enum rc_status status = get_cursor(object, &read.cursor, err);

	if (status == RC_OK && !is_snapshot)
		status = rc_json_get_bool(object, "more", &read.has_more, err);
	if (status == RC_OK && is_snapshot)
		status = rc_json_get_int(object, "count", 0, RC_REFERENCE_INTEGER_MAX, &read.count, err);
	if (status == RC_OK && is_snapshot)
		status = rc_json_get_hex(object, "sha256", read.sha256, sizeof(read.sha256), err);
	if (status != RC_OK)
		return rc_error_in(err, status, "end of changes");
	*which = is_snapshot ? RC_CHANGES_SNAPSHOT_END : RC_CHANGES_END;
	*end = read;
	return RC_OK;
}

enum rc_status rc_changes_line_read(struct rc_bytes line, enum rc_changes_line *which,
				    struct rc_changes_end *end, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	enum rc_status status = rc_reference__parse(line, &json, err);
	const struct rc_json_value *member;

	if (status != RC_OK)
		return rc_error_in(err, status, "line of changes");
	member = rc_json_find(rc_json_root(json), "end");
	if (member)
		return read_end(member, which, end, err);
	member = rc_json_find(rc_json_root(json), "snapshot");
	if (member) {
		status = read_snapshot(member, err);
		if (status != RC_OK)
			return rc_error_in(err, status, "begin of a snapshot");
		*which = RC_CHANGES_SNAPSHOT;
		return RC_OK;
	}
	*which = RC_CHANGES_CHANGE;
	return RC_OK;
}

void rc_changes_snapshot_write(uint64_t server_epoch, struct rc_buf *line)
{
	rc_buf_printf(line, "{\"snapshot\":{\"server_epoch\":\"%016" PRIx64 "\"}}\n", server_epoch);
}

void rc_changes_end_write(enum rc_changes_line which, const struct rc_changes_end *end,
			  struct rc_buf *line)
{
	char cursor[RC_CURSOR_MAX_CHARS + 1];

	rc_cursor_format(&end->cursor, cursor);
	rc_buf_append_text(line, "{\"end\":{");
	if (which == RC_CHANGES_SNAPSHOT_END) {
		rc_json_member_int(line, "count", end->count);
		rc_json_member_hex(line, "sha256", rc_bytes_of(end->sha256, sizeof(end->sha256)));
		rc_json_member_text(line, "cursor", cursor);
	} else {
		rc_json_member_text(line, "cursor", cursor);
		rc_json_member_bool(line, "more", end->has_more);
	}
	rc_buf_append_text(line, "}}\n");
}
