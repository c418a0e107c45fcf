/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_ENROL_H
#define RC_SYNC_ENROL_H
/* Enrolment, step by step; see sync.h for who calls it. Blocks on the network and the disk. */
#include "firmware/sync/sync.h"
#include "firmware/sync/transport.h"

/* What the server told besides the identity. */
struct rc_enrol_time {
	int64_t server_ms;
	int64_t up_ms;
	int64_t error_ms;
};

/* What an enrolment works with; all borrowed for the call. */
struct rc_enrol_wish {
	const struct rc_sync_config *config;
	const struct rc_enrol_code *code;
	bool (*is_stopping)(void *stop_context); /* asked during transfers: true cuts them; may be NULL */
	void *stop_context;
};

/*
 * Fetches the CA, makes a key, has it certified, and saves the identity. RC_ENET: no answer (try again: the same code is taken
 * again); RC_EEXPIRED, RC_ECONFLICT (used by another), RC_EDENIED (unknown code, another server answers, or
 * the code makes another kiosk of one that is enrolled), RC_EIO.
 */
RC_CHECKED enum rc_status rc_enrol(const struct rc_enrol_wish *wish, struct rc_identity *identity,
				   struct rc_enrol_time *time, struct rc_error *err);

/* The reason on the screen for a status of rc_enrol: expired, used, network, denied, damaged. */
const char *rc_enrol_reason(enum rc_status status);

#endif
