/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a human. One row a cause, however often it comes: a kiosk gone mad must not bury everything else. */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

#include <inttypes.h>
#include <stdio.h>

#define KEY_MAX 160u

static const char *const notice_kinds[RC_INGEST_NOTICE_COUNT] = {
    [RC_INGEST_NOTICE_BRANCH] = "fact.branch",
    [RC_INGEST_NOTICE_UNREAD] = "fact.unread",
    [RC_INGEST_NOTICE_CHAIN] = "fact.chain",
    [RC_INGEST_NOTICE_LOST] = "facts.lost",
    [RC_INGEST_NOTICE_BODY] = "fact.body",
    [RC_INGEST_NOTICE_SIGNATURE] = "signature.bad",
    [RC_INGEST_NOTICE_FORK] = "kiosk.forked",
    [RC_INGEST_NOTICE_CLONE] = "kiosk.cloned",
    [RC_INGEST_NOTICE_REVOKED_SENT] = "kiosk.revoked_sent",
};

enum rc_status rc_ingest__inbox_put(struct rc_db_tx *tx, const struct rc_ingest__inbox_row *row,
				    struct rc_error *err)
{
	return rc_db_exec(tx, &rc_sql_ingest_inbox_put,
			  RC_DB_VALUES(RC_DB_TEXT(row->key), RC_DB_TEXT(row->kind),
				       RC_DB_TEXT(row->kiosk), RC_DB_TEXT(row->session),
				       RC_DB_TEXT(row->ref), RC_DB_TEXT(row->detail),
				       RC_DB_INT(row->count), RC_DB_INT(row->now_ms)),
			  err);
}

static enum rc_status put_notice(struct rc_ingest__run *run, enum rc_ingest__notice notice,
				 struct rc_error *err)
{
	const struct rc_ingest__tally *tally = &run->notices[notice];
	char key[KEY_MAX], detail[96];

	(void)snprintf(key, sizeof(key), "%s:%s:%s", notice_kinds[notice], run->kiosk, run->upload->epoch);
	(void)snprintf(detail, sizeof(detail), "{\"epoch\":\"%s\",\"seq\":%" PRId64 "}",
		       run->upload->epoch, tally->seq);
	return rc_ingest__inbox_put(run->tx,
				    &(struct rc_ingest__inbox_row){.key = key,
								   .kind = notice_kinds[notice],
								   .kiosk = run->kiosk,
								   .session = "",
								   .ref = "",
								   .detail = detail,
								   .count = tally->count,
								   .now_ms = run->request->now_ms},
				    err);
}

enum rc_status rc_ingest__put_notices(struct rc_ingest__run *run, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	for (int i = 0; status == RC_OK && i < RC_INGEST_NOTICE_COUNT; i++) {
		if (run->notices[i].count > 0)
			status = put_notice(run, (enum rc_ingest__notice)i, err);
	}
	return status;
}
