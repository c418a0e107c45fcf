/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a human. One row a cause, however often it comes: a kiosk gone mad must not bury everything else. */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"
#include "shared/json/write.h"

#include <stdio.h>

#define KEY_MAX    160u
#define DETAIL_MAX 512u

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

/* What an operator needs to know of a notice, as JSON. Ranges that are lost in one upload follow each other. */
static void write_detail(const struct rc_ingest__run *run, enum rc_ingest__notice notice,
			 struct rc_buf *json)
{
	const struct rc_ingest__tally *tally = &run->notices[notice];

	rc_json_open(json, '{');
	rc_json_member_text(json, "epoch", run->upload->epoch);
	if (notice == RC_INGEST_NOTICE_LOST) {
		rc_json_member_int(json, "from", tally->seq);
		rc_json_member_int(json, "to", tally->seq + tally->count - 1);
		rc_json_member_text(json, "reason", run->upload->lost[run->upload->lost_count - 1].reason);
	} else {
		rc_json_member_int(json, "seq", tally->seq);
	}
	rc_json_close(json, '}');
}

static enum rc_status put_notice(struct rc_ingest__run *run, enum rc_ingest__notice notice,
				 struct rc_error *err)
{
	const struct rc_ingest__tally *tally = &run->notices[notice];
	char key[KEY_MAX], memory[DETAIL_MAX];
	struct rc_buf detail;

	(void)snprintf(key, sizeof(key), "%s:%s:%s", notice_kinds[notice], run->kiosk, run->upload->epoch);
	rc_buf_init_fixed(&detail, memory, sizeof(memory));
	write_detail(run, notice, &detail);
	if (rc_buf_status(&detail, err) != RC_OK)
		return detail.status;
	return rc_ingest__inbox_put(run->tx,
				    &(struct rc_ingest__inbox_row){.key = key,
								   .kind = notice_kinds[notice],
								   .kiosk = run->kiosk,
								   .session = "",
								   .ref = "",
								   .detail = rc_buf_text(&detail),
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
