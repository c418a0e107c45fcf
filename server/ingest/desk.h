/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_INGEST_DESK_H
#define RC_INGEST_DESK_H
/*
 * Facts that are born at the server: an operator marks somebody by hand, or takes an attendance back.
 *
 * They are facts like a kiosk's, with the same envelope, in a chain of their own that verify walks and rebuild reads: nothing a
 * human changes is a change of a record. The chain's author is the server, under a random id that no kiosk has; its epoch is
 * as old as the server's, so that a server restored from a backup begins another one. Belongs to the write function that has
 * the transaction; publishes to kiosks as its last step, so it comes after everything else.
 */
#include "shared/base/clock.h"
#include "shared/base/id.h"
#include "shared/base/status.h"

struct rc_db_tx;

/* All borrowed. */
struct rc_desk_statement {
	struct rc_id session;
	int64_t session_version;
	const char *site; /* the session's site, by id: its kiosks hear of it */
	struct rc_id ref;
	const char *reason; /* one of rc_desk_mark_reasons or rc_desk_withdraw_reasons */
	int64_t came_ms;    /* a mark: when the person came; 0: when it is said */
	const char *actor;  /* for the audit, like the note, which may be "" */
	const char *note;
	struct rc_clock_reading clock; /* of the server, before the transaction */
};

/* Words, ended by NULL. */
extern const char *const rc_desk_mark_reasons[];
extern const char *const rc_desk_withdraw_reasons[];

/*
 * Counts the person as having been there, or takes back all that was said of them so far, whatever clock said it. Writes the fact, its
 * audit row, the record, and what kiosks are told. RC_EIO and the like from the database.
 */
RC_CHECKED enum rc_status rc_desk_mark_in(struct rc_db_tx *tx, const struct rc_desk_statement *statement,
					  struct rc_error *err);
RC_CHECKED enum rc_status rc_desk_withdraw_in(struct rc_db_tx *tx,
					      const struct rc_desk_statement *statement,
					      struct rc_error *err);

#endif
