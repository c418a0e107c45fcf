/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reports/place_lists.h"

#include "shared/json/write.h"

/* ---- rooms ---- */

static const struct rc_page_column room_columns[] = {
    {"id", "编号", false},  {"code", "培训室", false}, {"site", "站点", false},
    {"name", "名称", true}, {"way", "前往方式", true}, {"version", "版本", false},
};
static const struct rc_page_kind rooms = {"rooms", room_columns,
					  sizeof(room_columns) / sizeof(room_columns[0])};

static enum rc_status add_room(void *context, const struct rc_room *room, struct rc_error *err)
{
	struct rc_page *page = context;

	rc_page_row(page, "");
	rc_page_id_or_null(page, &room->id);
	rc_page_text(page, room->code);
	rc_page_text(page, room->site.code);
	rc_page_pair(page, room->name.zh, room->name.en);
	rc_page_pair(page, room->way.zh, room->way.en);
	rc_page_int(page, room->version);
	return rc_buf_status(page->out, err);
}

enum rc_status rc_room_list(struct rc_db *db, const struct rc_page_request *request,
			    struct rc_buf *out, struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin(&page, &rooms, request, out);
	status = rc_rooms_list(db, add_room, &page, err);
	return status == RC_OK ? rc_page_end(&page, err) : status;
}

/* ---- kiosks ---- */

static const struct rc_page_column kiosk_columns[] = {
    {"id", "编号", false},
    {"room", "培训室", false},
    {"state", "状态", false},
    {"enrolled", "注册时间", false},
    {"last_seen", "最近连接", false},
    {"certificate_until", "证书有效期至", false},
    {"status_received", "状态上报时间", false},
    {"status", "状态详情", false},
};
static const struct rc_page_kind kiosks = {"kiosks", kiosk_columns,
					   sizeof(kiosk_columns) / sizeof(kiosk_columns[0])};

static enum rc_status add_kiosk(void *context, const struct rc_fleet_kiosk *kiosk, struct rc_error *err)
{
	struct rc_page *page = context;
	RC_AUTO(rc_buf_deinit) struct rc_buf status;
	enum rc_status result;

	rc_page_row(page, "");
	rc_page_id_or_null(page, &kiosk->id);
	rc_page_text(page, kiosk->room);
	rc_page_text(page, kiosk->state);
	rc_page_time(page, kiosk->enrolled_ms);
	rc_page_time(page, kiosk->last_seen_ms);
	rc_page_time(page, kiosk->certificate_until_ms);
	rc_page_time(page, kiosk->status_ms);
	rc_buf_init(&status, RC_DEVICE_STATUS_MAX_BYTES);
	if (kiosk->status_ms > 0)
		rc_device_status_encode(&kiosk->status, &status);
	else
		rc_json_append_null(&status);
	result = rc_buf_status(&status, err);
	if (result != RC_OK)
		return result;
	rc_page_json(page, rc_buf_text(&status));
	return rc_buf_status(page->out, err);
}

enum rc_status rc_kiosk_list(struct rc_db *db, const struct rc_page_request *request,
			     struct rc_buf *out, struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin(&page, &kiosks, request, out);
	status = rc_fleet_list(db, add_kiosk, &page, err);
	return status == RC_OK ? rc_page_end(&page, err) : status;
}

enum rc_status rc_kiosk_append_json(const struct rc_fleet_kiosk *kiosk, struct rc_buf *out,
				    struct rc_error *err)
{
	struct rc_page page;
	enum rc_status status;

	rc_page_begin_single(&page, &kiosks, out);
	status = add_kiosk(&page, kiosk, err);
	return status == RC_OK ? rc_page_end(&page, err) : status;
}
