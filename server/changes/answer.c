/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kiosk gets for its cursor: the changes behind it, or everything that is current. All of it from one moment of the
 * database. A cursor moves to the head also over changes that weren't in its scopes, so that the next question is short.
 */
#include "server/changes/changes.h"
#include "server/changes_sql/statements.h"
#include "server/db/db.h"
#include "server/epoch/epoch.h"
#include "shared/crypto/hash.h"

#include <stdio.h>

#define DEFAULT_CHANGES 5000u
#define DEFAULT_BYTES   (4u * 1024u * 1024u)

struct answering {
	struct rc_changes_request *request; /* with its limits and its epoch filled in */
	bool is_epoch_open;                 /* the epoch is read anew */
	bool is_ahead;
	struct rc_buf *body;
	size_t begin;              /* of this answer in the body */
	int64_t count, last_n;     /* change lines written, and the last one's number */
	bool is_snapshot, is_full; /* full: the limits of an ordinary answer are reached */
	struct rc_changes_answer answer;
};

void rc_changes_scope_of_site(const char *site, char scope[RC_SCOPE_MAX_CHARS + 1])
{
	(void)snprintf(scope, RC_SCOPE_MAX_CHARS + 1, "site:%s", site);
}

void rc_changes_scope_of_kiosk(const struct rc_id *kiosk, char scope[RC_SCOPE_MAX_CHARS + 1])
{
	char text[RC_ID_CHARS + 1];

	rc_id_format(kiosk, text);
	(void)snprintf(scope, RC_SCOPE_MAX_CHARS + 1, "kiosk:%s", text);
}

static enum rc_entity entity_of(struct rc_bytes name)
{
	for (int i = 0; i < RC_ENTITY_UNKNOWN; i++) {
		if (rc_bytes_is_text(name, rc_entity_name((enum rc_entity)i)))
			return (enum rc_entity)i;
	}
	return RC_ENTITY_UNKNOWN;
}

static void read_change(const struct rc_db_row *row, struct rc_change *change)
{
	change->n = rc_db_row_int(row, 0);
	rc_db_row_copy_text(row, 1, change->scope, sizeof(change->scope));
	change->entity = entity_of(rc_db_row_text(row, 2));
	rc_db_row_copy_text(row, 3, change->id, sizeof(change->id));
	change->version = rc_db_row_int(row, 4);
}

static void write_change(struct answering *a, const struct rc_change *change)
{
	rc_change_write(change, a->body);
	a->count++;
	a->last_n = change->n;
}

static enum rc_status write_logged(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct answering *a = context;
	struct rc_change change;

	if (a->is_full)
		return RC_OK;
	read_change(row, &change);
	change.is_deletion = rc_bytes_is_text(rc_db_row_text(row, 5), "del");
	change.payload = rc_db_row_bytes(row, 6);
	write_change(a, &change);
	a->is_full = a->count >= (int64_t)a->request->max_changes ||
		     a->body->size - a->begin >= a->request->max_bytes;
	return rc_buf_status(a->body, err);
}

static enum rc_status write_current(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct answering *a = context;
	struct rc_change change;

	read_change(row, &change);
	change.is_deletion = false;
	change.payload = rc_db_row_bytes(row, 5);
	write_change(a, &change);
	return rc_buf_status(a->body, err);
}

static const char *scope_at(const struct rc_changes_request *request, size_t place)
{
	return place < request->scope_count ? request->scopes[place] : "";
}

static void end_line(struct answering *a, int64_t head)
{
	struct rc_changes_end end = {
	    .cursor = {.server_epoch = a->request->server_epoch,
		       .n = a->is_full ? a->last_n : head,
		       .subscription = rc_subscription_hash(a->request->scopes, a->request->scope_count)},
	    .has_more = a->is_full && a->last_n < head,
	    .count = a->count,
	};

	if (a->is_snapshot && a->body->status == RC_OK)
		rc_sha256(rc_bytes_of(a->body->data + a->begin, a->body->size - a->begin), end.sha256);
	rc_changes_end_write(a->is_snapshot ? RC_CHANGES_SNAPSHOT_END : RC_CHANGES_END, &end, a->body);
	a->answer = (struct rc_changes_answer){.cursor = end.cursor,
					       .is_snapshot = a->is_snapshot,
					       .has_more = end.has_more,
					       .is_ahead = a->is_ahead,
					       .count = a->count};
}

static enum rc_status write_log(struct rc_db_tx *tx, struct answering *a, struct rc_error *err)
{
	const struct rc_changes_request *r = a->request;

	return rc_db_query(tx, &rc_sql_changes_after,
			   RC_DB_VALUES(RC_DB_TEXT(scope_at(r, 0)), RC_DB_TEXT(scope_at(r, 1)),
					RC_DB_TEXT(scope_at(r, 2)), RC_DB_TEXT(scope_at(r, 3)),
					RC_DB_INT(r->cursor->n), RC_DB_INT((int64_t)r->max_changes)),
			   write_logged, a, err);
}

static enum rc_status write_snapshot(struct rc_db_tx *tx, struct answering *a, struct rc_error *err)
{
	const struct rc_changes_request *r = a->request;

	rc_changes_snapshot_write(r->server_epoch, a->body);
	return rc_db_query(tx, &rc_sql_changes_current_of,
			   RC_DB_VALUES(RC_DB_TEXT(scope_at(r, 0)), RC_DB_TEXT(scope_at(r, 1)),
					RC_DB_TEXT(scope_at(r, 2)), RC_DB_TEXT(scope_at(r, 3))),
			   write_current, a, err);
}

/* A cursor that counts the same things as we do: of this epoch, and of what is asked for now. */
static bool is_ours(const struct rc_changes_request *request)
{
	const struct rc_cursor *cursor = request->cursor;

	return cursor && cursor->server_epoch == request->server_epoch &&
	       cursor->subscription == rc_subscription_hash(request->scopes, request->scope_count);
}

/* A cursor is followed only if the log holds everything behind it. */
static bool can_follow(const struct rc_changes_request *request, int64_t head, int64_t floor)
{
	return is_ours(request) && request->cursor->n <= head && request->cursor->n >= floor;
}

/* Back to where the body stood: a read may be run again. */
static void begin(struct answering *a)
{
	a->body->size = a->begin;
	a->count = 0;
	a->last_n = 0;
	a->is_full = false;
}

static enum rc_status answer(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct answering *a = arg;
	int64_t head, floor;
	enum rc_status status = rc_db_one_int(tx, &rc_sql_changes_head, RC_DB_NO_VALUES, &head, err);

	begin(a);
	if (status == RC_OK)
		status = rc_db_one_int(tx, &rc_sql_changes_floor, RC_DB_NO_VALUES, &floor, err);
	if (status == RC_OK && a->is_epoch_open)
		status = rc_epoch_read_in(tx, &a->request->server_epoch, err);
	if (status != RC_OK)
		return status;
	a->is_ahead = is_ours(a->request) && a->request->cursor->n > head;
	a->is_snapshot = !can_follow(a->request, head, floor);
	status = a->is_snapshot ? write_snapshot(tx, a, err) : write_log(tx, a, err);
	if (status == RC_OK)
		end_line(a, head);
	return status == RC_OK ? rc_buf_status(a->body, err) : status;
}

enum rc_status rc_changes_answer(struct rc_db *db, const struct rc_changes_request *request,
				 struct rc_changes_answer *result, struct rc_buf *body,
				 struct rc_error *err)
{
	struct rc_changes_request limited = *request;
	struct answering a = {.request = &limited,
			      .is_epoch_open = request->server_epoch == 0,
			      .body = body,
			      .begin = body->size};
	enum rc_status status;

	if (request->scope_count == 0 || request->scope_count > RC_CHANGES_SCOPES_MAX)
		return rc_fail(err, RC_ELIMIT, "%zu scopes", request->scope_count);
	if (limited.max_changes == 0)
		limited.max_changes = DEFAULT_CHANGES;
	if (limited.max_bytes == 0)
		limited.max_bytes = DEFAULT_BYTES;
	status = rc_db_read(db, answer, &a, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "changes");
	*result = a.answer;
	return RC_OK;
}

static enum rc_status read_head(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one_int(tx, &rc_sql_changes_head, RC_DB_NO_VALUES, arg, err);
}

enum rc_status rc_changes_head(struct rc_db *db, int64_t *n, struct rc_error *err)
{
	int64_t head = 0;
	const enum rc_status status = rc_db_read(db, read_head, &head, err);

	if (status == RC_OK)
		*n = head;
	return status;
}
