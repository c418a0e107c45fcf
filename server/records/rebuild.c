/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rebuild walks three times, in pieces that are a transaction each. Along the facts: every event is written as its fact says.
 * Along the events: what no fact says goes, and everybody's record is judged. Along the records: what has no event goes. After each
 * piece the tables are nearer to the facts than before, and never further away, so it may stop anywhere and uploads may come between.
 */
#include "server/records/records_priv.h"
#include "server/records_sql/statements.h"

#include <stdlib.h>

#define FACTS_A_PIECE   500
#define RECORDS_A_PIECE 100

/* ---- along the facts ---- */

struct chain {
	char kiosk[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1];
};

struct fact_walk {
	struct chain chain;
	int64_t seq;    /* facts up to here are done */
	bool has_ended; /* no further chain */
	struct fact_walk *next; /* where the piece leaves off: the walk itself moves only when the piece is durable */
	struct rc_records_rebuild_report piece;
	struct rc_db_tx *tx;
};

static enum rc_status take_chain(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain *chain = context;

	(void)err;
	rc_db_row_copy_text(row, 0, chain->kiosk, sizeof(chain->kiosk));
	rc_db_row_copy_text(row, 1, chain->epoch, sizeof(chain->epoch));
	return RC_OK;
}

static enum rc_status take_fact(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct fact_walk *walk = context;
	struct rc_records_fact fact = {
	    .kiosk = walk->chain.kiosk,
	    .epoch = walk->chain.epoch,
	    .seq = rc_db_row_int(row, 0),
	    .branch = rc_db_row_int(row, 1),
	    .kind = rc_db_row_text(row, 3),
	    .body = rc_db_row_bytes(row, 4),
	    .best_ms = rc_db_row_int(row, 5),
	    .earliest_ms = rc_db_row_int(row, 6),
	    .latest_ms = rc_db_row_int(row, 7),
	};
	uint8_t hash[RC_FACT_HASH_BYTES];
	struct rc_records_subject subject;
	enum rc_records_taken taken = RC_RECORDS_NOTHING;
	enum rc_status status;

	if (rc_db_row_bool(row, 8))
		return RC_OK;
	rc_db_row_copy_bytes(row, 2, hash, sizeof(hash));
	fact.hash = hash;
	status = rc_records_take(walk->tx, &fact, &taken, &subject, err);
	walk->piece.facts++;
	walk->piece.events += taken == RC_RECORDS_EVENT;
	walk->piece.unreadable += taken == RC_RECORDS_UNREADABLE;
	return status;
}

/* One piece of one chain, or the step to the next chain. */
static enum rc_status take_facts(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct fact_walk *walk = arg;
	struct fact_walk *next = walk->next;
	int64_t seq;
	enum rc_status status =
	    rc_db_one_int(tx, &rc_sql_records_next_seq,
			  RC_DB_VALUES(RC_DB_TEXT(walk->chain.kiosk), RC_DB_TEXT(walk->chain.epoch),
				       RC_DB_INT(walk->seq)),
			  &seq, err);

	*next = (struct fact_walk){.chain = walk->chain};
	memset(&walk->piece, 0, sizeof(walk->piece));
	if (status == RC_ENOTFOUND) {
		status = rc_db_one(
		    tx, &rc_sql_records_next_chain,
		    RC_DB_VALUES(RC_DB_TEXT(walk->chain.kiosk), RC_DB_TEXT(walk->chain.epoch)),
		    take_chain, &next->chain, err);
		next->has_ended = status == RC_ENOTFOUND;
		return next->has_ended ? RC_OK : status;
	}
	if (status != RC_OK)
		return status;
	walk->tx = tx;
	next->seq = seq + FACTS_A_PIECE - 1;
	return rc_db_query(tx, &rc_sql_records_facts_of,
			   RC_DB_VALUES(RC_DB_TEXT(walk->chain.kiosk), RC_DB_TEXT(walk->chain.epoch),
					RC_DB_INT(walk->seq), RC_DB_INT(next->seq)),
			   take_fact, walk, err);
}

static enum rc_status walk_facts(struct rc_db *db, struct rc_records_rebuild_report *report,
				 struct rc_error *err)
{
	struct fact_walk next = {.has_ended = false};
	struct fact_walk walk = {.next = &next};
	enum rc_status status = RC_OK;

	while (status == RC_OK && !walk.has_ended) {
		status = rc_db_write(db, take_facts, &walk, err);
		if (status != RC_OK)
			break;
		report->facts += walk.piece.facts;
		report->events += walk.piece.events;
		report->unreadable += walk.piece.unreadable;
		walk = next;
		walk.next = &next;
	}
	return status;
}

/* ---- along the events, then along the records: by (session, ref) ---- */

struct pairs {
	struct rc_records_subject items[RECORDS_A_PIECE];
	size_t count;
};

struct pair_walk {
	const struct rc_sql_statement *statement;
	struct rc_records_subject after; /* those up to here are done */
	struct pairs pairs;              /* of the piece */
	struct rc_records_rebuild_report piece;
};

static enum rc_status take_pair(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct pairs *pairs = context;
	struct rc_records_subject *subject = &pairs->items[pairs->count];

	if (pairs->count == RECORDS_A_PIECE)
		return rc_fail(err, RC_EBUG, "more rows than were asked for");
	rc_db_row_copy_text(row, 0, subject->session, sizeof(subject->session));
	rc_db_row_copy_text(row, 1, subject->ref, sizeof(subject->ref));
	pairs->count++;
	return RC_OK;
}

static enum rc_status next_pairs(struct rc_db_tx *tx, struct pair_walk *walk, struct rc_error *err)
{
	walk->pairs.count = 0;
	memset(&walk->piece, 0, sizeof(walk->piece));
	return rc_db_query(tx, walk->statement,
			   RC_DB_VALUES(RC_DB_TEXT(walk->after.session),
					RC_DB_TEXT(walk->after.ref), RC_DB_INT(RECORDS_A_PIECE)),
			   take_pair, &walk->pairs, err);
}

/* The event under examination, and what its fact says now. */
struct examined {
	struct rc_db_tx *tx;
	const struct rc_records_subject *subject;
	uint8_t hash[RC_FACT_HASH_BYTES];
	bool is_true;
	int64_t dropped;
};

static enum rc_status compare_fact(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct examined *e = context;
	const struct rc_records_fact fact = {
	    .hash = e->hash, .kind = rc_db_row_text(row, 1), .body = rc_db_row_bytes(row, 2)};
	struct rc_records__event event;
	enum rc_records_taken taken;
	enum rc_status status;

	if (!rc_bytes_equal(rc_db_row_bytes(row, 0), rc_bytes_of(e->hash, sizeof(e->hash))) ||
	    rc_db_row_bool(row, 3))
		return RC_OK;
	status = rc_records__find_event(e->tx, &fact, &taken, &event, err);
	e->is_true = status == RC_OK && taken == RC_RECORDS_EVENT &&
		     strcmp(event.subject.session, e->subject->session) == 0 &&
		     strcmp(event.subject.ref, e->subject->ref) == 0;
	return status;
}

static enum rc_status examine_event(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct examined *e = context;
	const struct rc_db_values place = RC_DB_VALUES(
	    RC_DB_TEXT_BYTES(rc_db_row_text(row, 1)), RC_DB_TEXT_BYTES(rc_db_row_text(row, 2)),
	    RC_DB_INT(rc_db_row_int(row, 3)), RC_DB_INT(rc_db_row_int(row, 4)));
	enum rc_status status;

	e->is_true = false;
	rc_db_row_copy_bytes(row, 0, e->hash, sizeof(e->hash));
	status = rc_db_one(e->tx, &rc_sql_records_fact_at, place, compare_fact, e, err);
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	if (e->is_true)
		return RC_OK;
	e->dropped++;
	return rc_db_exec(e->tx, &rc_sql_records_event_drop,
			  RC_DB_VALUES(RC_DB_TEXT(e->subject->session), RC_DB_TEXT(e->subject->ref),
				       RC_DB_BYTES(rc_bytes_of(e->hash, sizeof(e->hash)))),
			  err);
}

static enum rc_status redo_events(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct pair_walk *walk = arg;
	enum rc_status status = next_pairs(tx, walk, err);

	for (size_t i = 0; status == RC_OK && i < walk->pairs.count; i++) {
		const struct rc_records_subject *subject = &walk->pairs.items[i];
		struct examined e = {.tx = tx, .subject = subject};

		status =
		    rc_db_query(tx, &rc_sql_records_event_places,
				RC_DB_VALUES(RC_DB_TEXT(subject->session), RC_DB_TEXT(subject->ref)),
				examine_event, &e, err);
		walk->piece.dropped_events += e.dropped;
		walk->piece.records++;
		if (status == RC_OK)
			status = rc_records_rejudge(tx, subject->session, subject->ref, NULL, err);
	}
	return status;
}

static enum rc_status ignore_row(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)row;
	(void)context;
	(void)err;
	return RC_OK;
}

static enum rc_status redo_records(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct pair_walk *walk = arg;
	enum rc_status status = next_pairs(tx, walk, err);

	for (size_t i = 0; status == RC_OK && i < walk->pairs.count; i++) {
		const struct rc_records_subject *subject = &walk->pairs.items[i];
		const struct rc_db_values whom =
		    RC_DB_VALUES(RC_DB_TEXT(subject->session), RC_DB_TEXT(subject->ref));

		status = rc_db_one(tx, &rc_sql_records_has_event, whom, ignore_row, NULL, err);
		if (status != RC_ENOTFOUND)
			continue;
		walk->piece.dropped_records++;
		status = rc_db_exec(tx, &rc_sql_records_drop, whom, err);
	}
	return status;
}

static enum rc_status walk_pairs(struct rc_db *db, const struct rc_sql_statement *statement,
				 rc_db_fn *redo, struct rc_records_rebuild_report *report,
				 struct rc_error *err)
{
	struct pair_walk walk = {.statement = statement, .pairs = {.count = RECORDS_A_PIECE}};
	enum rc_status status = RC_OK;

	while (status == RC_OK && walk.pairs.count == RECORDS_A_PIECE) {
		status = rc_db_write(db, redo, &walk, err);
		if (status != RC_OK || walk.pairs.count == 0)
			break;
		report->records += walk.piece.records;
		report->dropped_events += walk.piece.dropped_events;
		report->dropped_records += walk.piece.dropped_records;
		walk.after = walk.pairs.items[walk.pairs.count - 1];
	}
	return status;
}

enum rc_status rc_records_rebuild(struct rc_db *db, struct rc_records_rebuild_report *report,
				  struct rc_error *err)
{
	struct rc_records_rebuild_report made = {0};
	enum rc_status status = walk_facts(db, &made, err);

	if (status == RC_OK)
		status = walk_pairs(db, &rc_sql_records_next_events, redo_events, &made, err);
	if (status == RC_OK)
		status = walk_pairs(db, &rc_sql_records_next_records, redo_records, &made, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "rebuilding records");
	*report = made;
	return RC_OK;
}
