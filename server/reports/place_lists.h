/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_PLACE_LISTS_H
#define RC_REPORTS_PLACE_LISTS_H
/* Rooms and kiosks as pages: a few hundred rows at most, so each list is one page. Any thread; blocks on the database. */
#include "server/fleet/fleet.h"
#include "server/hr/rooms.h"
#include "server/reports/page.h"

/* Writes all rooms. */
RC_CHECKED enum rc_status rc_room_list(struct rc_db *db, const struct rc_page_request *request,
				       struct rc_buf *out, struct rc_error *err);

/* Writes all kiosks, or one as an object. */
RC_CHECKED enum rc_status rc_kiosk_list(struct rc_db *db, const struct rc_page_request *request,
					struct rc_buf *out, struct rc_error *err);
RC_CHECKED enum rc_status rc_kiosk_append_json(const struct rc_fleet_kiosk *kiosk,
					       struct rc_buf *out, struct rc_error *err);

#endif
