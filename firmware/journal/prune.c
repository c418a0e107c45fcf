/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention. One call removes one piece (a few hundred facts) in one commit, so that the WAL keeps its size and a face at the
 * door never waits for more than that. The head of the current epoch always stays: the chain goes on from it.
 */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"
#include "shared/facts_gen/kinds.h"

#include <string.h>

#define PIECE_FACTS 256u

/* What goes in one call: facts from … to of one epoch. */
struct piece {
	size_t n;
	int64_t from;
	struct rc_journal_mark last;
	const char *reason;
};

static enum rc_status is_short(struct rc_journal *journal, const struct rc_journal_room *room,
			       bool *is_short_now, struct rc_error *err)
{
	struct rc_store_usage usage;
	enum rc_status status = rc_store_usage(journal->store, &usage, err);

	if (status != RC_OK)
		return status;
	*is_short_now = (room->max_bytes > 0 && usage.used_bytes > room->max_bytes) ||
			(room->least_free_bytes > 0 &&
			 room->free_bytes + usage.free_bytes < room->least_free_bytes);
	return RC_OK;
}

/* The last seq of epoch `n` that was acknowledged at or before a moment; 0 if there is none. */
static enum rc_status acknowledged_until(struct rc_journal *journal, size_t n, int64_t until_ms,
					 int64_t *seq, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_int(rc_journal__place(n, 0)),
						rc_store_int(rc_journal__place(n, RC_JOURNAL__SEQ_MAX)),
						rc_store_int(until_ms)};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(journal->store, RC_SQL_JOURNAL_ACK_UNTIL, values);
	enum rc_status status = rc_store_next(&rows, err);

	*seq = 0;
	if (status == RC_OK)
		*seq = rc_journal__seq_of(rc_store_get_int(&rows, 0));
	return status == RC_ENOTFOUND ? RC_OK : status;
}

/* How far epoch `n` may be pruned. */
static enum rc_status find_end(struct rc_journal *journal, const struct rc_journal_room *room,
			       struct piece *piece, bool is_short_now, struct rc_error *err)
{
	const struct rc_journal_epoch *epoch = &journal->epochs.items[piece->n - 1];
	const int64_t most = (int64_t)(room->max_facts > 0 ? room->max_facts : PIECE_FACTS);
	const int64_t removable = epoch->is_current && epoch->acknowledged == epoch->last
				      ? epoch->last - 1
				      : epoch->acknowledged;
	int64_t end = 0;
	enum rc_status status = RC_OK;

	piece->from = epoch->pruned + 1;
	piece->reason = "age";
	if (room->now_ms > 0)
		status = acknowledged_until(journal, piece->n,
					    room->now_ms - RC_JOURNAL_KEEP_ACKNOWLEDGED_MS, &end, err);
	if (status == RC_OK && end < piece->from && is_short_now) {
		piece->reason = "space";
		end = removable;
	}
	if (end > removable)
		end = removable;
	if (end >= piece->from + most)
		end = piece->from + most - 1;
	piece->last = (struct rc_journal_mark){.epoch = epoch->epoch, .seq = end};
	return status;
}

static enum rc_status remove_rows(struct rc_journal *journal, const struct piece *piece,
				  struct rc_error *err)
{
	const struct rc_store_value facts[] = {
	    rc_store_int(rc_journal__place(piece->n, piece->from)),
	    rc_store_int(rc_journal__place(piece->n, piece->last.seq))};
	const struct rc_store_value beside[] = {rc_store_int(rc_journal__place(piece->n, 0)), facts[1]};
	const struct rc_store_value epoch[] = {
	    rc_store_int((int64_t)piece->n), rc_store_int(piece->last.seq),
	    rc_store_bytes(piece->last.hash, sizeof(piece->last.hash))};
	enum rc_status status =
	    rc_store_run(journal->store, RC_SQL_JOURNAL_FACTS_DELETE, facts, NULL, err);

	if (status == RC_OK)
		status = rc_store_run(journal->store, RC_SQL_JOURNAL_ACKS_DELETE, beside, NULL, err);
	if (status == RC_OK)
		status =
		    rc_store_run(journal->store, RC_SQL_JOURNAL_SIGNATURES_DELETE, beside, NULL, err);
	if (status == RC_OK)
		status = rc_store_run(journal->store, RC_SQL_JOURNAL_EPOCH_PRUNE, epoch, NULL, err);
	return status == RC_OK ? rc_journal__put_mark(journal, "pruned", &piece->last, err) : status;
}

static enum rc_status state_it(struct rc_journal *journal, const struct piece *piece,
			       struct rc_journal_mark *head, struct rc_error *err)
{
	const struct rc_clock_reading reading = rc_clock_read(journal->clock);
	struct rc_journal_statement statement = {.kind = RC_FACT_KIND_JOURNAL_PRUNED, .version = 1};
	struct rc_fact_journal_pruned fact = {
	    .epoch = piece->last.epoch, .from = piece->from, .to = piece->last.seq};
	char memory[320];
	struct rc_buf body;

	memcpy(fact.hash_at_to, piece->last.hash, sizeof(fact.hash_at_to));
	(void)rc_text_copy(piece->reason, fact.reason, sizeof(fact.reason));
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_journal_pruned_encode(&fact, &body);
	statement.body = rc_buf_bytes(&body);
	return rc_journal__write(journal, &statement, &reading, head, err);
}

static enum rc_status remove_piece(struct rc_journal *journal, const struct piece *piece,
				   struct rc_error *err)
{
	struct rc_journal_mark head = journal->head;
	struct rc_journal_epoch *epoch = &journal->epochs.items[piece->n - 1];
	enum rc_status status = rc_store_begin(journal->store, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	status = remove_rows(journal, piece, err);
	if (status == RC_OK)
		status = state_it(journal, piece, &head, err);
	status = rc_journal__end(journal, status, err);
	if (status != RC_OK)
		return status;
	epoch->pruned = piece->last.seq;
	memcpy(epoch->hash_at_pruned, piece->last.hash, sizeof(epoch->hash_at_pruned));
	journal->pruned = piece->last;
	journal->head = head;
	journal->epochs.items[journal->epochs.count - 1].last = head.seq;
	return RC_OK;
}

enum rc_status rc_journal_prune(struct rc_journal *journal, const struct rc_journal_room *room,
				size_t *removed, struct rc_error *err)
{
	bool is_short_now = false;
	enum rc_status status = is_short(journal, room, &is_short_now, err);

	for (size_t n = 1; status == RC_OK && n <= journal->epochs.count; n++) {
		struct piece piece = {.n = n};

		status = find_end(journal, room, &piece, is_short_now, err);
		if (status != RC_OK || piece.last.seq < piece.from)
			continue;
		status = rc_journal__hash_at(journal->store, &journal->epochs, n, piece.last.seq,
					     piece.last.hash, err);
		if (status == RC_OK)
			status = remove_piece(journal, &piece, err);
		if (status == RC_OK)
			*removed = (size_t)(piece.last.seq - piece.from + 1);
		return status;
	}
	if (status == RC_OK)
		*removed = 0;
	return status;
}

bool rc_journal_wants_checkpoint(const struct rc_journal *journal)
{
	return rc_store_wal_frames(journal->store) >= rc_store_wal_room(journal->store) / 4 * 3;
}

enum rc_status rc_journal_checkpoint(struct rc_journal *journal, struct rc_error *err)
{
	enum rc_status status = rc_store_checkpoint(journal->store, err);

	return status == RC_OK ? RC_OK : rc_journal__end(journal, status, err);
}

enum rc_status rc_journal_usage(struct rc_journal *journal, struct rc_journal_usage *usage,
				struct rc_error *err)
{
	struct rc_store_usage bytes;
	enum rc_status status = rc_store_usage(journal->store, &bytes, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	*usage =
	    (struct rc_journal_usage){.used_bytes = bytes.used_bytes, .free_bytes = bytes.free_bytes};
	for (size_t i = 0; i < journal->epochs.count; i++)
		usage->facts += journal->epochs.items[i].last - journal->epochs.items[i].pruned;
	return RC_OK;
}
