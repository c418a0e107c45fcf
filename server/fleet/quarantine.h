/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLEET_QUARANTINE_H
#define RC_FLEET_QUARANTINE_H
/*
 * Facts that wait for an operator's nod: of kiosks that were revoked, that two devices seem to be, or that nobody here knows. Any
 * thread; blocks on the database.
 */
#include "server/fleet/fleet.h"

struct rc_fleet_quarantine {
	struct rc_id kiosk;
	int64_t facts;             /* that wait */
	int64_t first_ms, last_ms; /* when they came */
};

/* Calls `found` for each kiosk that has facts there; a kiosk need not be in the register. */
RC_CHECKED enum rc_status rc_fleet_quarantine_list(
    struct rc_db *db,
    enum rc_status (*found)(void *context, const struct rc_fleet_quarantine *quarantine,
			    struct rc_error *err),
    void *context, struct rc_error *err);

struct rc_fleet_nod {
	struct rc_id kiosk;
	bool is_trusted; /* its next facts count at once, too, and certificates that the register lacked are good: not for a kiosk that is revoked */
	const char *room; /* its code: where a trusted kiosk stands that isn't in the register; else NULL, and not looked at */
	const char *actor; /* for the audit */
	int64_t now_ms;
};

/*
 * Writes down that an operator lets a kiosk's facts count (rc_ingest_release then makes them count); `*waiting` is how many wait.
 * RC_ENOTFOUND: no such kiosk; RC_ECONFLICT: it is to be trusted and isn't quarantined but revoked; RC_EUSAGE: it isn't in the
 * register, and `room` names no room.
 */
RC_CHECKED enum rc_status rc_fleet_nod(struct rc_db *db, const struct rc_fleet_nod *nod,
				       int64_t *waiting, struct rc_error *err);

#endif
