/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_AUDIT_AUDIT_H
#define RC_AUDIT_AUDIT_H
/*
 * Who changed what: a row beside each change, in the change's own transaction, so that neither is ever there without the other.
 *
 * Not for what kiosks state (facts carry their own proof) and not for what somebody merely looked at. Belongs to the write
 * function that has the transaction.
 */
#include "shared/base/status.h"

#include <stdint.h>

struct rc_db_tx;

/* One row. Never a secret: no token, no code, no key. All borrowed. */
struct rc_audit {
	const char *actor;  /* a token's name, "cli", "code" for who came with an enrolment code */
	const char *action; /* "import.employees", "badge.revoked" … */
	const char *entity; /* "person", "credential"; "" for many */
	const char *id;     /* UUID, find, hash; "" for many */
	const char *detail; /* JSON */
};

/*
 * Writes the row. Takes a number of the log "audit", so it comes after all other work, and before rc_changes_publish: logs are
 * taken in the order of their names by everybody, or two who write could wait for each other for ever.
 */
RC_CHECKED enum rc_status rc_audit_write(struct rc_db_tx *tx, const struct rc_audit *audit,
					 int64_t now_ms, struct rc_error *err);

#endif
