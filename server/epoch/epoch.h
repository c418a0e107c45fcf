/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_EPOCH_EPOCH_H
#define RC_EPOCH_EPOCH_H
/*
 * The server's epoch: 64 random bits that stand in every cursor and every mark. A new one says that this database isn't the
 * continuation of what kiosks know: they fetch their reference anew, and send again from the marks that are here.
 *
 * It stands in the database and is read there each time, since another process or another request may have renewed it.
 * Any thread; blocks on the database.
 */
#include "shared/base/id.h"

struct rc_db;
struct rc_db_tx;

/* RC_ENOTFOUND: the database was never initialised; RC_EFORMAT. */
RC_CHECKED enum rc_status rc_epoch_read(struct rc_db *db, uint64_t *epoch, struct rc_error *err);
RC_CHECKED enum rc_status rc_epoch_read_in(struct rc_db_tx *tx, uint64_t *epoch, struct rc_error *err);

/* Why there is a new one. */
enum rc_epoch_reason {
	RC_EPOCH_RESTORED, /* an operator restored a backup */
	RC_EPOCH_AHEAD, /* a kiosk has seen changes that are not here: somebody put an older copy of the database in place */
};

/* How long a kiosk that says so again is only given a snapshot: one that lies can't have the whole fleet fetch everything without end. */
#define RC_EPOCH_PAUSE_MS RC_HOUR_MS

struct rc_epoch_renewal {
	enum rc_epoch_reason reason;
	uint64_t old;              /* as the caller has found it */
	const struct rc_id *kiosk; /* that showed it; NULL with RC_EPOCH_RESTORED */
	int64_t now_ms;
};

/*
 * Gives the server a new epoch, with an audit row and an entry in the inbox that says what to expect; `*epoch` is what holds
 * afterwards. Somebody else was first (`old` isn't the epoch any more): RC_OK, and theirs. RC_EBUSY: with RC_EPOCH_AHEAD, when the
 * last one is less than RC_EPOCH_PAUSE_MS ago.
 */
RC_CHECKED enum rc_status rc_epoch_renew(struct rc_db *db, const struct rc_epoch_renewal *renewal,
					 uint64_t *epoch, struct rc_error *err);

#endif
