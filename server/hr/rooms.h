/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HR_ROOMS_H
#define RC_HR_ROOMS_H
/*
 * Sites and rooms: where kiosks stand and sessions run. Functions with a `hr` block for the database; any thread.
 */
#include "server/hr/hr.h"
#include "server/tables/report.h"
#include "shared/reference/reference.h"

struct rc_room {
	struct rc_id id;
	char code[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_site site;
	struct rc_text_pair name;
	struct rc_text_pair way; /* how to get there */
	int64_t version;
};

/*
 * Imports rooms from a CSV file. Columns: room 培训室, site 站点; optional name_zh, name_en, way_zh, way_en, utc_offset 时区
 * (`+08:00`, which is the default; of the site). A site that isn't there is made, and its kiosks are told the organisation's
 * name, the offset and the default language. A room stays in its site, and a site keeps its offset: anything else is an error.
 * As long as settings are one a server, all sites share one offset. All or nothing, as rc_people_import.
 */
RC_CHECKED enum rc_status rc_rooms_import(const struct rc_hr *hr, struct rc_bytes file,
					  struct rc_import *import, struct rc_error *err);

/* By code or id (36 characters). RC_ENOTFOUND. */
RC_CHECKED enum rc_status rc_rooms_find(struct rc_db *db, const char *code_or_id,
					struct rc_room *room, struct rc_error *err);
RC_CHECKED enum rc_status rc_rooms_find_in(struct rc_db_tx *tx, const char *code_or_id,
					   struct rc_room *room, struct rc_error *err);

/* All rooms in the order of their codes; anything but RC_OK from `each` ends the list and is passed up. */
typedef enum rc_status rc_rooms_fn(void *context, const struct rc_room *room, struct rc_error *err);
RC_CHECKED enum rc_status rc_rooms_list(struct rc_db *db, rc_rooms_fn *each, void *context,
					struct rc_error *err);

#endif
