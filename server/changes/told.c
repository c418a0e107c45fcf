/* SPDX-License-Identifier: Apache-2.0 */
/* One change that is told again only when it is another, however often the server starts. */
#include "server/changes/changes.h"
#include "server/changes_sql/statements.h"
#include "server/db/db.h"
#include "shared/base/cleanup.h"

struct telling {
	const struct rc_changes_told *told;
	int64_t now_ms;
	int64_t version; /* of what was said last; 0: nothing */
	bool is_said;
	bool is_news;
};

static enum rc_status compare(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct telling *t = context;

	(void)err;
	t->version = rc_db_row_int(row, 0);
	t->is_said = rc_bytes_equal(rc_db_row_bytes(row, 1), t->told->payload);
	return RC_OK;
}

static enum rc_status tell(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	RC_AUTO(rc_changes_list_deinit) struct rc_changes_list list;
	struct telling *t = arg;
	enum rc_status status;

	t->version = 0;
	t->is_said = false;
	rc_changes_list_init(&list);
	status = rc_db_one(
	    tx, &rc_sql_changes_current_told,
	    RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(t->told->entity)), RC_DB_TEXT(t->told->id)),
	    compare, t, err);
	if (status == RC_ENOTFOUND)
		t->is_said = t->told->is_usual;
	else if (status != RC_OK)
		return status;
	t->is_news = !t->is_said;
	if (t->is_said)
		return RC_OK;
	rc_changes_list_put(&list, RC_CHANGES_SCOPE_ALL, t->told->entity, t->told->id,
			    t->version + 1, t->told->payload);
	return rc_changes_publish(tx, &list, t->now_ms, err);
}

enum rc_status rc_changes_tell(struct rc_db *db, const struct rc_changes_told *told, int64_t now_ms,
			       bool *is_news, struct rc_error *err)
{
	struct telling t = {.told = told, .now_ms = now_ms};
	enum rc_status status = rc_db_write(db, tell, &t, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "telling kiosks of %s", told->id);
	*is_news = t.is_news;
	return RC_OK;
}
