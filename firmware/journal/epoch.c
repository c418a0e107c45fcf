/* SPDX-License-Identifier: Apache-2.0 */
/* Epochs, what the server has acknowledged of them, and what may go. */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"
#include "shared/base/random.h"
#include "shared/base/timestamp.h"
#include "shared/facts_gen/kinds.h"

#include <string.h>

/* Reasons are our own words. */
static bool is_reason(const char *reason)
{
	const size_t size = strlen(reason);

	return size > 0 && size < sizeof(((struct rc_fact_journal_started *)NULL)->reason) &&
	       strspn(reason, "abcdefghijklmnopqrstuvwxyz_") == size;
}

static void write_started_body(const char *reason, const struct rc_journal_mark *old, struct rc_buf *body)
{
	struct rc_fact_journal_started fact = {.reason = ""};

	(void)rc_text_copy(reason, fact.reason, sizeof(fact.reason));
	if (old != NULL) {
		fact.has_old_epoch = fact.has_old_seq = fact.has_old_hash = true;
		fact.old_epoch = old->epoch;
		fact.old_seq = old->seq;
		memcpy(fact.old_hash, old->hash, sizeof(fact.old_hash));
	}
	rc_fact_journal_started_encode(&fact, body);
}

static uint64_t new_epoch(const struct rc_journal__epochs *epochs)
{
	uint64_t epoch;

	do {
		rc_random(&epoch, sizeof(epoch));
	} while (epoch == 0 || rc_journal__number_of(epochs, epoch) != 0);
	return epoch;
}

enum rc_status rc_journal__write_epoch(struct rc_journal *journal, const char *reason,
				       const struct rc_journal_mark *old,
				       struct rc_journal_mark *head, struct rc_error *err)
{
	const struct rc_clock_reading reading = rc_clock_read(journal->clock);
	struct rc_journal_epoch epoch = {.epoch = new_epoch(&journal->epochs), .last = 1};
	struct rc_journal_statement statement = {.kind = RC_FACT_KIND_JOURNAL_STARTED, .version = 1};
	struct rc_store_value values[3];
	char memory[256];
	struct rc_buf body;
	enum rc_status status = rc_journal__add_epoch(&journal->epochs, &epoch, err);

	if (status != RC_OK)
		return status;
	values[0] = rc_store_int((int64_t)journal->epochs.count);
	values[1] = rc_store_int((int64_t)epoch.epoch);
	values[2] = rc_store_bytes(epoch.hash_at_pruned, sizeof(epoch.hash_at_pruned));
	status = rc_store_run(journal->store, RC_SQL_JOURNAL_EPOCH_INSERT, values, NULL, err);
	if (status != RC_OK)
		return status;
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	write_started_body(reason, old, &body);
	statement.body = rc_buf_bytes(&body);
	*head = (struct rc_journal_mark){.epoch = epoch.epoch};
	return rc_journal__write(journal, &statement, &reading, head, err);
}

static enum rc_status close_epoch(struct rc_journal *journal, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_int((int64_t)journal->epochs.count),
						rc_store_int(journal->head.seq)};

	return rc_store_run(journal->store, RC_SQL_JOURNAL_EPOCH_CLOSE, values, NULL, err);
}

enum rc_status rc_journal_begin_epoch(struct rc_journal *journal, const char *reason, struct rc_error *err)
{
	const size_t count_before = journal->epochs.count;
	struct rc_journal_mark head;
	enum rc_status status;

	if (!is_reason(reason))
		return rc_fail(err, RC_EUSAGE, "a reason is one of our own words, not \"%s\"", reason);
	status = rc_store_begin(journal->store, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	status = close_epoch(journal, err);
	if (status == RC_OK)
		status = rc_journal__write_epoch(journal, reason, &journal->head, &head, err);
	status = rc_journal__end(journal, status, err);
	if (status == RC_OK) {
		journal->head = head;
	} else {
		journal->epochs.count = count_before;
		journal->epochs.items[count_before - 1].is_current = true;
	}
	return status;
}

/* ---- acknowledging ---- */

enum rc_status rc_journal__put_mark(struct rc_journal *journal, const char *name,
				    const struct rc_journal_mark *mark, struct rc_error *err)
{
	const struct rc_store_value values[] = {
	    rc_store_text(rc_bytes_of_text(name)),
	    rc_store_int((int64_t)mark->epoch),
	    rc_store_int(mark->seq),
	    rc_store_bytes(mark->hash, sizeof(mark->hash)),
	};

	return rc_store_run(journal->store, RC_SQL_JOURNAL_MARK_PUT, values, NULL, err);
}

/* Notes when, at most once an hour: within the same hour the newest row moves up to the new place. */
static enum rc_status note_time(struct rc_journal *journal, size_t n, int64_t through,
				struct rc_error *err)
{
	const int64_t now_ms = rc_clock_now_ms(journal->clock);
	struct rc_store_value range[] = {rc_store_int(rc_journal__place(n, 0)),
					 rc_store_int(rc_journal__place(n, RC_JOURNAL__SEQ_MAX))};
	enum rc_status status;

	{
		RC_AUTO(rc_store_done)
		struct rc_store_rows rows =
		    rc_store_look(journal->store, RC_SQL_JOURNAL_ACK_LAST, range);

		status = rc_store_next(&rows, err);
		if (status == RC_OK && rc_store_get_int(&rows, 1) / RC_HOUR_MS == now_ms / RC_HOUR_MS)
			range[0] = range[1] = rc_store_int(rc_store_get_int(&rows, 0));
		else if (status == RC_OK || status == RC_ENOTFOUND)
			range[1] = range[0]; /* place 0 holds no row: nothing to remove */
		else
			return status;
	}
	status = rc_store_run(journal->store, RC_SQL_JOURNAL_ACKS_DELETE, range, NULL, err);
	if (status != RC_OK)
		return status;
	range[0] = rc_store_int(rc_journal__place(n, through));
	range[1] = rc_store_int(now_ms);
	return rc_store_run(journal->store, RC_SQL_JOURNAL_ACK_INSERT, range, NULL, err);
}

static enum rc_status store_acknowledgement(struct rc_journal *journal, size_t n,
					    const struct rc_journal_mark *mark, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_int((int64_t)n), rc_store_int(mark->seq)};
	enum rc_status status = rc_store_begin(journal->store, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	status = rc_store_run(journal->store, RC_SQL_JOURNAL_EPOCH_ACKNOWLEDGE, values, NULL, err);
	if (status == RC_OK)
		status = note_time(journal, n, mark->seq, err);
	if (status == RC_OK)
		status = rc_journal__put_mark(journal, "acknowledged", mark, err);
	return rc_journal__end(journal, status, err);
}

/* RC_OK if the fact there has that hash, or is so long gone that nothing can be said against it. */
static enum rc_status check_ours(struct rc_journal *journal, size_t n,
				 const struct rc_journal_mark *mark, struct rc_error *err)
{
	const struct rc_journal_epoch *epoch = &journal->epochs.items[n - 1];
	uint8_t hash[RC_FACT_HASH_BYTES];
	enum rc_status status;

	if (mark->seq < 1 || mark->seq > epoch->last)
		return rc_fail(err, RC_ECONFLICT, "journal: fact %lld was never written here",
			       (long long)mark->seq);
	if (mark->seq < epoch->pruned)
		return RC_OK;
	status = rc_journal__hash_at(journal->store, &journal->epochs, n, mark->seq, hash, err);
	if (status != RC_OK)
		return rc_error_in(err, status == RC_ENOTFOUND ? RC_EFORMAT : status, "journal");
	if (memcmp(hash, mark->hash, sizeof(hash)) != 0)
		return rc_fail(err, RC_ECONFLICT, "journal: fact %lld has another hash here",
			       (long long)mark->seq);
	return RC_OK;
}

enum rc_status rc_journal_acknowledge(struct rc_journal *journal, uint64_t epoch, int64_t through,
				      const uint8_t hash[RC_FACT_HASH_BYTES], struct rc_error *err)
{
	const size_t n = rc_journal__number_of(&journal->epochs, epoch);
	struct rc_journal_mark mark = {.epoch = epoch, .seq = through};
	enum rc_status status;

	if (n == 0)
		return rc_fail(err, RC_ECONFLICT, "journal: that epoch was never here");
	memcpy(mark.hash, hash, sizeof(mark.hash));
	status = check_ours(journal, n, &mark, err);
	if (status != RC_OK || through <= journal->epochs.items[n - 1].acknowledged)
		return status;
	status = store_acknowledgement(journal, n, &mark, err);
	if (status != RC_OK)
		return status;
	journal->epochs.items[n - 1].acknowledged = through;
	journal->acknowledged = mark;
	return RC_OK;
}
