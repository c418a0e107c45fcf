/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing in two passes: the first looks where each entity stands now, so that the count of log lines is known; then the
 * numbers are taken, and the second pass writes the log's lines, from which change_current is then brought up to date at once. What is
 * slow comes before the log is held.
 */
#include "server/changes/changes_priv.h"
#include "server/changes_sql/statements.h"
#include "server/db/db.h"

#include <stdlib.h>

/* What publishing one item takes, from where the entity stands now. */
struct step {
	bool is_known;                      /* change_current has it */
	char scope[RC_SCOPE_MAX_CHARS + 1]; /* there */
	bool is_skipped; /* a deletion of what never was put, to nowhere in particular */
	bool is_moved;   /* a put in another scope: the old one hears of a deletion first */
};

struct publishing {
	struct rc_db_tx *tx;
	const struct rc_changes_list *list;
	struct step *steps; /* owned */
	int64_t next;       /* number of the log */
	int64_t now_ms;
};

static enum rc_status take_scope(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct step *step = context;

	(void)err;
	rc_db_row_copy_text(row, 0, step->scope, sizeof(step->scope));
	step->is_known = true;
	return RC_OK;
}

static struct rc_db_value text_of(const struct publishing *p, struct rc_changes__span span)
{
	return RC_DB_TEXT_BYTES(rc_changes__span(p->list, span));
}

static enum rc_status look(const struct publishing *p, const struct rc_changes_item *item,
			   struct step *step, struct rc_error *err)
{
	const struct rc_bytes scope = rc_changes__span(p->list, item->scope);
	const enum rc_status status =
	    rc_db_one(p->tx, &rc_sql_changes_current_scope,
		      RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(item->entity)), text_of(p, item->id)),
		      take_scope, step, err);

	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	step->is_skipped = item->is_deletion && !item->has_scope && !step->is_known;
	step->is_moved = !item->is_deletion && step->is_known && !rc_bytes_is_text(scope, step->scope);
	return RC_OK;
}

static enum rc_status look_at_all(const struct publishing *p, int64_t *lines, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	*lines = 0;
	for (size_t i = 0; status == RC_OK && i < p->list->count; i++) {
		status = look(p, &p->list->items[i], &p->steps[i], err);
		*lines += (p->steps[i].is_skipped ? 0 : 1) + (p->steps[i].is_moved ? 1 : 0);
	}
	return status;
}

static enum rc_status log_line(struct publishing *p, const struct rc_changes_item *item,
			       struct rc_db_value scope, bool is_deletion, struct rc_error *err)
{
	return rc_db_exec(
	    p->tx, &rc_sql_changes_log_add,
	    RC_DB_VALUES(RC_DB_INT(p->next++), scope, RC_DB_TEXT(rc_entity_name(item->entity)),
			 text_of(p, item->id), RC_DB_INT(item->version),
			 RC_DB_TEXT(is_deletion ? "del" : "put"),
			 RC_DB_BYTES(is_deletion ? rc_bytes_of(NULL, 0)
						 : rc_changes__span(p->list, item->payload)),
			 RC_DB_INT(p->now_ms)),
	    err);
}

static enum rc_status put(struct publishing *p, const struct rc_changes_item *item,
			  const struct step *step, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (step->is_moved)
		status = log_line(p, item, RC_DB_TEXT(step->scope), true, err);
	return status == RC_OK ? log_line(p, item, text_of(p, item->scope), false, err) : status;
}

static enum rc_status delete (struct publishing *p, const struct rc_changes_item *item,
			      const struct step *step, struct rc_error *err) {
	const struct rc_db_value scope = item->has_scope ? text_of(p, item->scope)
							 : RC_DB_TEXT(step->scope);
	enum rc_status status = RC_OK;

	if (step->is_skipped) return RC_OK;
	if (step->is_known) status = rc_db_exec(p->tx, &rc_sql_changes_current_delete,
						RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(item->entity)),
							     text_of(p, item->id)),
						err);
	return status == RC_OK ? log_line(p, item, scope, true, err) : status;
}

static enum rc_status write_all(struct publishing *p, int64_t lines, struct rc_error *err)
{
	enum rc_status status;
	int64_t first;

	if (lines == 0)
		return RC_OK;
	status = rc_db_log_take(p->tx, "change", lines, &first, err);
	p->next = first;
	for (size_t i = 0; status == RC_OK && i < p->list->count; i++) {
		const struct rc_changes_item *item = &p->list->items[i];

		status = item->is_deletion ? delete (p, item, &p->steps[i], err)
					   : put(p, item, &p->steps[i], err);
	}
	if (status != RC_OK)
		return status;
	return rc_db_exec(p->tx, &rc_sql_changes_current_put,
			  RC_DB_VALUES(RC_DB_INT(first), RC_DB_INT(first + lines - 1)), err);
}

enum rc_status rc_changes_publish(struct rc_db_tx *tx, const struct rc_changes_list *list,
				  int64_t now_ms, struct rc_error *err)
{
	struct publishing p = {.tx = tx, .list = list, .now_ms = now_ms};
	enum rc_status status;
	int64_t lines;

	if (list->status != RC_OK)
		return rc_fail(err, list->status, "too many changes at once");
	if (list->count == 0)
		return RC_OK;
	p.steps = calloc(list->count, sizeof(*p.steps));
	if (!p.steps)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu changes", list->count);
	status = look_at_all(&p, &lines, err);
	if (status == RC_OK)
		status = write_all(&p, lines, err);
	free(p.steps);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "publishing changes");
}
