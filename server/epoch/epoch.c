/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time of the last renewal stands in the database too. A copy that was put back has the time it had then, so a second restore
 * within the hour isn't mistaken for a kiosk that lies.
 */
#include "server/epoch/epoch.h"

#include "server/audit/audit.h"
#include "server/db/db.h"
#include "server/epoch_sql/statements.h"
#include "shared/base/log.h"
#include "shared/base/random.h"
#include "shared/base/timestamp.h"
#include "shared/facts/fact.h"
#include "shared/json/write.h"

#include <stdio.h>

#define KEY_EPOCH  "server.epoch"
#define KEY_SINCE  "server.epoch_since"
#define DETAIL_MAX 512u

static const char *const reason_names[] = {
    [RC_EPOCH_RESTORED] = "restored",
    [RC_EPOCH_AHEAD] = "kiosk_ahead",
};

/* ---- reading ---- */

static enum rc_status take_epoch(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	if (rc_fact_epoch_parse(rc_db_row_text(row, 0), context) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the server's epoch is no epoch");
	return RC_OK;
}

enum rc_status rc_epoch_read_in(struct rc_db_tx *tx, uint64_t *epoch, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_epoch_get, RC_DB_VALUES(RC_DB_TEXT(KEY_EPOCH)), take_epoch,
			 epoch, err);
}

static enum rc_status read_epoch(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_epoch_read_in(tx, arg, err);
}

enum rc_status rc_epoch_read(struct rc_db *db, uint64_t *epoch, struct rc_error *err)
{
	return rc_db_read(db, read_epoch, epoch, err);
}

/* ---- a new one ---- */

struct renewing {
	const struct rc_epoch_renewal *renewal;
	uint64_t fresh; /* drawn before, since the function may run twice */
	uint64_t epoch; /* what holds afterwards */
};

static enum rc_status take_since(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	if (rc_timestamp_parse(rc_db_row_text(row, 0), context) != RC_OK)
		*(int64_t *)context = 0;
	return RC_OK;
}

static enum rc_status check_pause(struct rc_db_tx *tx, const struct rc_epoch_renewal *renewal,
				  struct rc_error *err)
{
	int64_t since_ms = 0;
	enum rc_status status;

	if (renewal->reason != RC_EPOCH_AHEAD)
		return RC_OK;
	status = rc_db_one(tx, &rc_sql_epoch_get, RC_DB_VALUES(RC_DB_TEXT(KEY_SINCE)), take_since,
			   &since_ms, err);
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	if (since_ms > 0 && renewal->now_ms - since_ms < RC_EPOCH_PAUSE_MS)
		return rc_fail(err, RC_EBUSY, "the last new epoch is less than an hour old");
	return RC_OK;
}

static void write_detail(const struct renewing *renewing, struct rc_buf *json)
{
	char old[RC_FACT_EPOCH_CHARS + 1], fresh[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(renewing->renewal->old, old);
	rc_fact_epoch_format(renewing->fresh, fresh);
	rc_json_open(json, '{');
	rc_json_member_text(json, "reason", reason_names[renewing->renewal->reason]);
	rc_json_member_text(json, "old_epoch", old);
	rc_json_member_text(json, "epoch", fresh);
	rc_json_close(json, '}');
}

static enum rc_status put_state(struct rc_db_tx *tx, const char *key, const char *value,
				struct rc_error *err)
{
	return rc_db_exec(tx, &rc_sql_epoch_put, RC_DB_VALUES(RC_DB_TEXT(key), RC_DB_TEXT(value)), err);
}

static enum rc_status put_inbox(struct rc_db_tx *tx, const struct renewing *renewing,
				const char *kiosk, const char *detail, struct rc_error *err)
{
	char key[64], epoch[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(renewing->fresh, epoch);
	(void)snprintf(key, sizeof(key), "server.restored:%s", epoch);
	return rc_db_exec(tx, &rc_sql_epoch_inbox_put,
			  RC_DB_VALUES(RC_DB_TEXT(key), RC_DB_TEXT(kiosk), RC_DB_TEXT(detail),
				       RC_DB_INT(renewing->renewal->now_ms)),
			  err);
}

/* The audit's number is a log's: it comes last. */
static enum rc_status tell(struct rc_db_tx *tx, const struct renewing *renewing, struct rc_error *err)
{
	const struct rc_epoch_renewal *renewal = renewing->renewal;
	char memory[DETAIL_MAX], kiosk[RC_ID_CHARS + 1] = "";
	struct rc_buf detail;
	enum rc_status status;

	rc_buf_init_fixed(&detail, memory, sizeof(memory));
	write_detail(renewing, &detail);
	if (renewal->kiosk)
		rc_id_format(renewal->kiosk, kiosk);
	status = rc_buf_status(&detail, err);
	if (status == RC_OK)
		status = put_inbox(tx, renewing, kiosk, rc_buf_text(&detail), err);
	if (status != RC_OK)
		return status;
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = renewal->kiosk ? "kiosk" : "cli",
						 .action = "server.epoch_renewed",
						 .entity = renewal->kiosk ? "kiosk" : "",
						 .id = kiosk,
						 .detail = rc_buf_text(&detail)},
			      renewal->now_ms, err);
}

static enum rc_status renew(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct renewing *renewing = arg;
	char fresh[RC_FACT_EPOCH_CHARS + 1], now[RC_TIMESTAMP_CHARS + 1];
	enum rc_status status = rc_epoch_read_in(tx, &renewing->epoch, err);

	if (status != RC_OK || renewing->epoch != renewing->renewal->old)
		return status;
	status = check_pause(tx, renewing->renewal, err);
	rc_fact_epoch_format(renewing->fresh, fresh);
	rc_timestamp_format(renewing->renewal->now_ms, now);
	if (status == RC_OK)
		status = put_state(tx, KEY_EPOCH, fresh, err);
	if (status == RC_OK)
		status = put_state(tx, KEY_SINCE, now, err);
	if (status == RC_OK)
		status = tell(tx, renewing, err);
	renewing->epoch = renewing->fresh;
	return status;
}

enum rc_status rc_epoch_renew(struct rc_db *db, const struct rc_epoch_renewal *renewal,
			      uint64_t *epoch, struct rc_error *err)
{
	struct renewing renewing = {.renewal = renewal};
	enum rc_status status;

	do
		rc_random(&renewing.fresh, sizeof(renewing.fresh));
	while (renewing.fresh == 0); /* 0 means "none yet" on the wire */
	status = rc_db_write(db, renew, &renewing, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "a new epoch");
	if (renewing.epoch == renewing.fresh && renewal->reason == RC_EPOCH_AHEAD)
		rc_log(RC_LOG_WARNING, "the server has a new epoch", "reason",
		       reason_names[renewal->reason], NULL);
	*epoch = renewing.epoch;
	return RC_OK;
}
