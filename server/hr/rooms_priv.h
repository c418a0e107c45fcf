/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HR_ROOMS_PRIV_H
#define RC_HR_ROOMS_PRIV_H
/* What the import of rooms publishes. */
#include "server/changes/changes.h"
#include "server/hr/rooms.h"

RC_CHECKED enum rc_status rc_rooms__publish(struct rc_changes_list *changes,
					    const struct rc_room *room, struct rc_error *err);

/*
 * The organisation's name, the default language and the site's offset, to all kiosks: a setting is named by its key alone, so it
 * can't be another one for another site. Their version is the time, which rises.
 */
RC_CHECKED enum rc_status rc_rooms__publish_settings(struct rc_db_tx *tx, struct rc_changes_list *changes,
						     const struct rc_site *site, int64_t now_ms,
						     struct rc_error *err);

#endif
