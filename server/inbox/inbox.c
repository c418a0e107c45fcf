/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the inbox and settling what is in it. */
#include "server/inbox/inbox.h"

#include "server/audit/audit.h"
#include "server/db/db.h"
#include "server/inbox_sql/statements.h"
#include "shared/json/write.h"

#define AUDIT_MAX_BYTES                                                                            \
	(6u * RC_INBOX_NOTE_MAX_BYTES + 64u) /* each byte of a note may become \u00xx */

/* ---- looking ---- */

static enum rc_status take_entry(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_inbox_entry *entry = context;

	(void)err;
	rc_db_row_copy_text(row, 0, entry->key, sizeof(entry->key));
	rc_db_row_copy_text(row, 1, entry->kind, sizeof(entry->kind));
	rc_db_row_copy_text(row, 2, entry->kiosk, sizeof(entry->kiosk));
	rc_db_row_copy_text(row, 3, entry->session, sizeof(entry->session));
	rc_db_row_copy_text(row, 4, entry->ref, sizeof(entry->ref));
	rc_db_row_copy_text(row, 5, entry->detail, sizeof(entry->detail));
	entry->count = rc_db_row_int(row, 6);
	entry->first_ms = rc_db_row_int(row, 7);
	entry->last_ms = rc_db_row_int(row, 8);
	entry->settled_ms = rc_db_row_int(row, 9);
	rc_db_row_copy_text(row, 10, entry->settled_by, sizeof(entry->settled_by));
	rc_db_row_copy_text(row, 11, entry->note, sizeof(entry->note));
	return RC_OK;
}

enum rc_status rc_inbox_find_in(struct rc_db_tx *tx, const char *key, struct rc_inbox_entry *entry,
				struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_inbox_by_key, RC_DB_VALUES(RC_DB_TEXT(key)), take_entry, entry, err);
}

struct lookup {
	const char *key;
	struct rc_inbox_entry *entry;
};

static enum rc_status find(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct lookup *lookup = arg;

	return rc_inbox_find_in(tx, lookup->key, lookup->entry, err);
}

enum rc_status rc_inbox_find(struct rc_db *db, const char *key, struct rc_inbox_entry *entry,
			     struct rc_error *err)
{
	struct lookup lookup = {key, entry};

	return rc_db_read(db, find, &lookup, err);
}

struct listing {
	const struct rc_inbox_query *query;
	rc_inbox_fn *each;
	void *context;
};

static enum rc_status show(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_inbox_entry entry;
	const enum rc_status status = take_entry(row, &entry, err);

	return status == RC_OK ? listing->each(listing->context, &entry, err) : status;
}

static enum rc_status list(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct listing *listing = arg;
	const struct rc_inbox_query *query = listing->query;

	return rc_db_query(tx, &rc_sql_inbox_after,
			   RC_DB_VALUES(RC_DB_INT(query->after_first_ms), RC_DB_TEXT(query->after_key),
					RC_DB_TEXT(query->kind), RC_DB_INT((int64_t)query->state),
					RC_DB_INT((int64_t)query->limit)),
			   show, listing, err);
}

enum rc_status rc_inbox_entries(struct rc_db *db, const struct rc_inbox_query *query,
				rc_inbox_fn *each, void *context, struct rc_error *err)
{
	struct listing listing = {query, each, context};

	return rc_db_read(db, list, &listing, err);
}

/* ---- settling ---- */

static enum rc_status audit(struct rc_db_tx *tx, const struct rc_inbox_settlement *settlement,
			    const struct rc_inbox_entry *entry, struct rc_error *err)
{
	struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&json, AUDIT_MAX_BYTES);
	rc_json_open(&json, '{');
	rc_json_member_text(&json, "note", settlement->note);
	rc_json_member_int(&json, "count", entry->count);
	rc_json_close(&json, '}');
	status = rc_buf_status(&json, err);
	if (status == RC_OK)
		status = rc_audit_write(tx,
					&(struct rc_audit){.actor = settlement->actor,
							   .action = "inbox.settled",
							   .entity = "inbox",
							   .id = entry->key,
							   .detail = rc_buf_text(&json)},
					settlement->now_ms, err);
	rc_buf_deinit(&json);
	return status;
}

enum rc_status rc_inbox_settle_in(struct rc_db_tx *tx, const struct rc_inbox_settlement *settlement,
				  struct rc_inbox_entry *entry, struct rc_error *err)
{
	const size_t size = strlen(settlement->note);
	int64_t changed = 0;
	enum rc_status status;

	if (size == 0 || size > RC_INBOX_NOTE_MAX_BYTES)
		return rc_fail(err, RC_EUSAGE, "a note has 1 to %u bytes", RC_INBOX_NOTE_MAX_BYTES);
	status = rc_db_exec_counted(tx, &rc_sql_inbox_settle,
				    RC_DB_VALUES(RC_DB_TEXT(entry->key), RC_DB_INT(settlement->now_ms),
						 RC_DB_INT(entry->count)),
				    &changed, err);
	if (status == RC_OK && changed == 0)
		return rc_fail(err, RC_ECONFLICT, "%s is settled, or came again", entry->key);
	if (status == RC_OK)
		status = rc_db_exec(
		    tx, &rc_sql_inbox_settlement_add,
		    RC_DB_VALUES(RC_DB_TEXT(entry->key), RC_DB_INT(settlement->now_ms),
				 RC_DB_TEXT(settlement->actor), RC_DB_TEXT(settlement->note)),
		    err);
	if (status == RC_OK)
		status = audit(tx, settlement, entry, err);
	return status == RC_OK ? rc_inbox_find_in(tx, entry->key, entry, err) : status;
}
