/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_LOOKUP_H
#define RC_DAEMON_LOOKUP_H
/*
 * From the bytes of a code to the event that flow judges: what the roster and the kiosk's own facts know of it. Nothing here
 * decides, allocates or waits for anybody but the roster's file. The daemon's thread.
 */
#include "firmware/daemon/presence.h"
#include "firmware/flow/flow.h"
#include "firmware/roster/roster.h"

#define RC_LOOKUP_KEY_BYTES 32u

/* What looking up needs; all borrowed. */
struct rc_lookup {
	struct rc_roster *roster;
	const struct rc_presence *presence;
	struct rc_id organisation;
	struct rc_id room;
	uint8_t digest_key[RC_LOOKUP_KEY_BYTES]; /* for the digest of foreign payloads; of this run only */
	bool has_seal_key; /* from rc_lookup_refresh: a number that is typed can be sealed to the server */
	uint8_t seal_key[RC_REF_SEAL_KEY_BYTES];
};

/* An event's parts, in the caller's memory; `scan.sessions` points to `sessions`. Holds a name and a code: wipe after use. */
struct rc_lookup_result {
	struct rc_flow_scan scan;
	struct rc_flow_session sessions[RC_DOOR_SESSIONS_MAX];
};

/* Reads again what is kept from the roster, after it has changed. */
void rc_lookup_refresh(struct rc_lookup *lookup);

/* Never fails: what can't be found or opened is unknown, and a damaged roster is logged. */
void rc_lookup_scan(const struct rc_lookup *lookup, struct rc_bytes payload, int64_t now_ms,
		    struct rc_lookup_result *result);

/* What goes on in the kiosk's room: the session that takes people or else the next one today, who is here, how names are shown.
 * `place` keeps its other fields. */
void rc_lookup_place(const struct rc_lookup *lookup, int64_t now_ms, struct rc_flow_place *place);

#endif
