/* SPDX-License-Identifier: Apache-2.0 */
/* `kiosk code`, `kiosk list`, `kiosk revoke`. */
#include "server/cli/home.h"
#include "server/cli/list.h"
#include "server/cli/parse.h"
#include "server/cli/verbs.h"
#include "server/fleet/fleet.h"
#include "server/hr/rooms.h"
#include "server/print/badge.h"
#include "shared/file/file.h"
#include "shared/json/write.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#define COLUMNS 9u

/* ---- code ---- */

/* "2026-11-24 17:02", where the room is. */
static void local_time(int64_t at_ms, int utc_offset_min, char *text, size_t size)
{
	struct rc_civil civil = rc_civil_of(at_ms, utc_offset_min);

	(void)snprintf(text, size, "%04d-%02u-%02u %02u:%02u", civil.year, civil.month, civil.day,
		       civil.hour, civil.minute);
}

struct issued {
	struct rc_enrol_code code;
	char payload[RC_ENROL_TEXT_MAX_CHARS + 1];
	struct rc_room room;
	char expires[64];
};

static enum rc_status write_picture(const struct rc_cli_home *home, const struct issued *issued,
				    const char *path, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf png;
	char room[RC_REFERENCE_CODE_MAX_BYTES + 2 * RC_REFERENCE_TEXT_MAX_BYTES + 8];
	const struct rc_text_pair *name = &issued->room.name;
	struct rc_print_enrolment enrolment = {
	    .organisation = home->state.organisation_name,
	    .room = room,
	    .expires = issued->expires,
	    .payload = issued->payload,
	};
	enum rc_status status;

	(void)snprintf(room, sizeof(room), "%s %s%s%s", issued->room.code, name->zh,
		       name->zh[0] && name->en[0] ? " · " : "", name->en);
	rc_buf_init(&png, RC_PRINT_PNG_MAX_BYTES);
	status = rc_print_enrolment(&enrolment, &png, err);
	return status == RC_OK ? rc_file_replace(AT_FDCWD, path, 0600, rc_buf_bytes(&png), err) : status;
}

static enum rc_status show_code(const struct issued *issued, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;

	rc_buf_init(&text, sizeof(issued->payload) + 1);
	rc_buf_printf(&text, "%s\n", issued->payload);
	fprintf(
	    stderr,
	    RC_CLI_TEXT("For one kiosk in %s, until %s (in a shell, put it in single quotes):\n",
			"供 %s 的一台签到机使用，有效至 %s（在命令行中请用单引号括起来）：\n"),
	    issued->room.code, issued->expires);
	return rc_cli_print(&text, err);
}

static enum rc_status issue_code(const struct rc_cli_home *home, const struct rc_options *options,
				 struct issued *issued, struct rc_error *err)
{
	const char *valid = rc_options_text(options, "valid");
	struct rc_fleet_code_request request = {
	    .room = rc_options_text(options, "room"),
	    .replaces = rc_options_text(options, "replaces"),
	    .url = home->state.device_url,
	    .actor = "cli",
	    .valid_ms = RC_FLEET_CODE_MS,
	    .now_ms = rc_clock_now_ms(rc_clock_system()),
	};
	enum rc_status status = valid ? rc_duration_parse(valid, &request.valid_ms, err) : RC_OK;

	if (status == RC_OK)
		status = rc_fleet_code_new(home->db, &home->secrets, &request, &issued->code, err);
	if (status == RC_OK)
		status = rc_rooms_find(home->db, request.room, &issued->room, err);
	if (status == RC_OK)
		status = rc_enrol_code_format(&issued->code, issued->payload);
	if (status == RC_OK)
		local_time(request.now_ms + request.valid_ms, issued->room.site.utc_offset_min,
			   issued->expires, sizeof(issued->expires));
	return status;
}

static enum rc_status make_code(const struct rc_cli_home *home, const struct rc_options *options,
				struct rc_error *err)
{
	const char *path = rc_options_text(options, "png");
	struct issued issued;
	enum rc_status status = issue_code(home, options, &issued, err);

	if (status == RC_OK && path)
		status = write_picture(home, &issued, path, err);
	if (status == RC_OK)
		status = show_code(&issued, err);
	rc_wipe(&issued, sizeof(issued));
	return status;
}

int rc_cli_kiosk_code(const struct rc_options *options)
{
	return rc_cli_at_home(options, make_code);
}

/* ---- list ---- */

static void member_moment(struct rc_buf *json, const char *key, int64_t at_ms)
{
	if (at_ms > 0) {
		rc_json_member_time(json, key, at_ms);
		return;
	}
	rc_json_append_key(json, key);
	rc_json_append_null(json);
}

static enum rc_status add_json(void *context, const struct rc_fleet_kiosk *kiosk, struct rc_error *err)
{
	struct rc_buf *json = context;

	rc_json_open(json, '{');
	rc_json_member_id(json, "id", &kiosk->id);
	rc_json_member_text(json, "room", kiosk->room);
	rc_json_member_text(json, "state", kiosk->state);
	member_moment(json, "enrolled", kiosk->enrolled_ms);
	member_moment(json, "last_seen", kiosk->last_seen_ms);
	member_moment(json, "certificate_until", kiosk->certificate_until_ms);
	member_moment(json, "status_received", kiosk->status_ms);
	rc_json_append_key(json, "status");
	if (kiosk->status_ms > 0)
		rc_device_status_encode(&kiosk->status, json);
	else
		rc_json_append_null(json);
	rc_json_close(json, '}');
	return rc_buf_status(json, err);
}

static void moment(int64_t at_ms, char text[RC_TIMESTAMP_CHARS + 1])
{
	if (at_ms > 0)
		rc_timestamp_format(at_ms, text);
	else
		(void)rc_text_copy("-", text, RC_TIMESTAMP_CHARS + 1);
}

static const char *dash(const char *text)
{
	return text[0] ? text : "-";
}

static enum rc_status add_row(void *context, const struct rc_fleet_kiosk *kiosk, struct rc_error *err)
{
	char id[RC_ID_CHARS + 1], times[3][RC_TIMESTAMP_CHARS + 1];
	char waiting[24] = "-";
	const struct rc_device_status *status = &kiosk->status;
	const char *const cells[COLUMNS] = {id,
					    kiosk->room,
					    kiosk->state,
					    times[0],
					    times[1],
					    times[2],
					    dash(status->version),
					    waiting,
					    dash(status->clock_source)};

	(void)err;
	rc_id_format(&kiosk->id, id);
	moment(kiosk->enrolled_ms, times[0]);
	moment(kiosk->last_seen_ms, times[1]);
	moment(kiosk->certificate_until_ms, times[2]);
	if (status->waiting >= 0)
		(void)snprintf(waiting, sizeof(waiting), "%" PRId64, status->waiting);
	rc_text_table_add(context, cells);
	return RC_OK;
}

static enum rc_status fill_table(struct rc_db *db, struct rc_text_table *table, struct rc_error *err)
{
	return rc_fleet_list(db, add_row, table, err);
}

static enum rc_status fill_json(struct rc_db *db, struct rc_buf *json, struct rc_error *err)
{
	return rc_fleet_list(db, add_json, json, err);
}

static enum rc_status list_kiosks(const struct rc_cli_home *home, const struct rc_options *options,
				  struct rc_error *err)
{
	const char *const headings[COLUMNS] = {
	    RC_CLI_TEXT("id", "编号"),
	    RC_CLI_TEXT("room", "培训室"),
	    RC_CLI_TEXT("state", "状态"),
	    RC_CLI_TEXT("enrolled", "注册时间"),
	    RC_CLI_TEXT("last seen", "最近连接"),
	    RC_CLI_TEXT("certificate until", "证书有效至"),
	    RC_CLI_TEXT("version", "版本"),
	    RC_CLI_TEXT("waiting", "待上传"),
	    RC_CLI_TEXT("clock", "时钟"),
	};
	const struct rc_cli_list list = {headings, COLUMNS, fill_table, fill_json};

	return rc_cli_list_print(home, options, &list, err);
}

int rc_cli_kiosk_list(const struct rc_options *options)
{
	return rc_cli_at_home(options, list_kiosks);
}

/* ---- revoke ---- */

static enum rc_status shut_out(const struct rc_cli_home *home, const struct rc_options *options,
			       struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	const char *id = options->operands[0];
	struct rc_id kiosk;
	enum rc_status status;

	rc_buf_init(&text, 256);
	if (rc_id_parse(rc_bytes_of_text(id), &kiosk) != RC_OK)
		return rc_fail(err, RC_EUSAGE,
			       "%s is no kiosk's id; rollcall-server kiosk list shows them", id);
	status = rc_fleet_revoke(home->db, &kiosk, "cli", rc_clock_now_ms(rc_clock_system()), err);
	if (status != RC_OK)
		return status;
	rc_buf_printf(&text, RC_CLI_TEXT("kiosk %s is shut out\n", "签到机 %s 已停用\n"), id);
	return rc_cli_print(&text, err);
}

int rc_cli_kiosk_revoke(const struct rc_options *options)
{
	return rc_cli_at_home(options, shut_out);
}
