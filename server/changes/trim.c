/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log's old end falls off, and presence that no door asks for any more with it. Both are found by number: numbers rise with
 * time, so the first row of a time is found by halving, without an index that every change would pay for.
 */
#include "server/changes/changes.h"
#include "server/changes_sql/statements.h"
#include "server/db/db.h"

#define PIECE 1000

struct bound {
	int64_t limit_ms;
	int64_t floor, head;
	int64_t n; /* everything up to here is older than the limit */
};

struct row_time {
	int64_t n, at_ms;
};

static enum rc_status take_time(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct row_time *found = context;

	(void)err;
	found->n = rc_db_row_int(row, 0);
	found->at_ms = rc_db_row_int(row, 1);
	return RC_OK;
}

/*
 * The last number older than the limit. Where a clock was set back for a while, times don't rise everywhere; then the bound is
 * one of several possible and what it drops is still older than most of what it keeps.
 */
static enum rc_status find_bound(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct bound *bound = arg;
	enum rc_status status =
	    rc_db_one_int(tx, &rc_sql_changes_floor, RC_DB_NO_VALUES, &bound->floor, err);
	int64_t low, high;

	if (status == RC_OK)
		status = rc_db_one_int(tx, &rc_sql_changes_head, RC_DB_NO_VALUES, &bound->head, err);
	low = bound->floor;
	high = bound->head;
	while (status == RC_OK && low < high) {
		const int64_t middle = low + (high - low + 1) / 2;
		struct row_time found = {.at_ms = INT64_MAX};

		status = rc_db_one(tx, &rc_sql_changes_time_from, RC_DB_VALUES(RC_DB_INT(middle)),
				   take_time, &found, err);
		if (status == RC_ENOTFOUND)
			status = RC_OK;
		if (found.at_ms < bound->limit_ms)
			low = middle;
		else
			high = middle - 1;
	}
	bound->n = low;
	return status;
}

struct piece {
	int64_t from, to; /* behind `from`, up to and with `to` */
	int64_t dropped;
};

/* The floor rises with the rows' going: a cursor below it is never answered from a log with a hole. */
static enum rc_status drop_piece(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct piece *piece = arg;
	enum rc_status status =
	    rc_db_exec(tx, &rc_sql_changes_floor_raise, RC_DB_VALUES(RC_DB_INT(piece->to)), err);

	if (status == RC_OK)
		status = rc_db_exec_counted(tx, &rc_sql_changes_log_drop,
					    RC_DB_VALUES(RC_DB_INT(piece->from), RC_DB_INT(piece->to)),
					    &piece->dropped, err);
	return status;
}

static enum rc_status drop_log(struct rc_db *db, int64_t now_ms, int64_t *dropped, struct rc_error *err)
{
	struct bound bound = {.limit_ms = now_ms - RC_CHANGES_KEPT_MS};
	enum rc_status status = rc_db_read(db, find_bound, &bound, err);

	for (int64_t from = bound.floor; status == RC_OK && from < bound.n; from += PIECE) {
		struct piece piece = {.from = from,
				      .to = from + PIECE < bound.n ? from + PIECE : bound.n};

		status = rc_db_write(db, drop_piece, &piece, err);
		if (status == RC_OK)
			*dropped += piece.dropped;
	}
	return status;
}

struct clearing {
	int64_t up_to; /* presence published up to this number */
	int64_t now_ms;
	int64_t count; /* rows found by the last piece */
	struct rc_changes_list list;
};

static enum rc_status add_deletion(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct clearing *c = context;
	char id[RC_REFERENCE_ID_MAX_CHARS + 1], scope[RC_SCOPE_MAX_CHARS + 1];

	(void)err;
	rc_db_row_copy_text(row, 0, id, sizeof(id));
	rc_db_row_copy_text(row, 1, scope, sizeof(scope));
	rc_changes_list_delete(&c->list, scope, RC_ENTITY_PRESENCE, id, rc_db_row_int(row, 2) + 1);
	c->count++;
	return RC_OK;
}

static enum rc_status clear_piece(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct clearing *c = arg;
	enum rc_status status;

	c->count = 0;
	rc_changes_list_init(&c->list);
	status = rc_db_query(tx, &rc_sql_changes_old_presence,
			     RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(RC_ENTITY_PRESENCE)),
					  RC_DB_INT(c->up_to), RC_DB_INT(PIECE)),
			     add_deletion, c, err);
	if (status == RC_OK)
		status = rc_changes_publish(tx, &c->list, c->now_ms, err);
	rc_changes_list_deinit(&c->list);
	return status;
}

static enum rc_status clear_presence(struct rc_db *db, int64_t now_ms, struct rc_error *err)
{
	struct bound bound = {.limit_ms = now_ms - RC_CHANGES_PRESENCE_MS};
	struct clearing c = {.now_ms = now_ms, .count = PIECE};
	enum rc_status status = rc_db_read(db, find_bound, &bound, err);

	c.up_to = bound.n;
	while (status == RC_OK && c.count == PIECE)
		status = rc_db_write(db, clear_piece, &c, err);
	return status;
}

enum rc_status rc_changes_trim(struct rc_db *db, int64_t now_ms, int64_t *dropped, struct rc_error *err)
{
	int64_t count = 0;
	enum rc_status status = clear_presence(db, now_ms, err);

	if (status == RC_OK)
		status = drop_log(db, now_ms, &count, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "trimming the log of changes");
	*dropped = count;
	return RC_OK;
}
