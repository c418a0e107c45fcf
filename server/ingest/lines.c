/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines become rows. Beyond the mark nothing can be there yet, so a line costs one row and no question; at or below the mark
 * the place is looked at first. First all facts of the upload are stored, in one statement where that helps, then what they say is
 * taken, each in its turn. The bytes of a line are never written again, only cut into their three columns.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

/* What stands at a place already. */
struct place {
	const struct rc_ingest__line *line;
	const uint8_t *hash; /* to look for; NULL for an unread line */
	bool is_here;        /* the same fact or the same bytes */
	int64_t next_branch; /* 0 where nothing is here */
};

static enum rc_status compare_fact(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct place *place = context;

	(void)err;
	if (rc_db_row_int(row, 0) >= place->next_branch)
		place->next_branch = rc_db_row_int(row, 0) + 1;
	if (place->hash &&
	    rc_bytes_equal(rc_db_row_bytes(row, 1), rc_bytes_of(place->hash, RC_FACT_HASH_BYTES)))
		place->is_here = true;
	return RC_OK;
}

static enum rc_status compare_bytes(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct place *place = context;

	(void)err;
	if (rc_db_row_int(row, 0) >= place->next_branch)
		place->next_branch = rc_db_row_int(row, 0) + 1;
	if (rc_bytes_equal(rc_db_row_bytes(row, 1), place->line->bytes))
		place->is_here = true;
	return RC_OK;
}

static enum rc_status look_at_place(struct rc_ingest__run *run, struct place *place, struct rc_error *err)
{
	const struct rc_db_values where = RC_DB_VALUES(
	    RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch), RC_DB_INT(place->line->seq));
	enum rc_status status =
	    rc_db_query(run->tx, &rc_sql_ingest_facts_at, where, compare_fact, place, err);

	if (status == RC_OK)
		status =
		    rc_db_query(run->tx, &rc_sql_ingest_unread_at, where, compare_bytes, place, err);
	return status;
}

static enum rc_status add_unread(struct rc_ingest__run *run, const struct rc_ingest__line *line,
				 int64_t branch, struct rc_error *err)
{
	run->answer.unread++;
	rc_ingest__note(run, RC_INGEST_NOTICE_UNREAD, line->seq);
	return rc_db_exec(run->tx, &rc_sql_ingest_unread_add,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				       RC_DB_INT(line->seq), RC_DB_INT(branch), RC_DB_TEXT(line->unread),
				       RC_DB_BYTES(line->bytes), RC_DB_INT(run->request->now_ms)),
			  err);
}

/* What the fact says of attendance; who it is about is judged when all lines are in. */
static enum rc_status take_event(struct rc_ingest__run *run, const struct rc_ingest__line *line,
				 const struct rc_ingest__times *times, int64_t branch,
				 struct rc_error *err)
{
	const struct rc_records_fact fact = {
	    .kiosk = run->kiosk,
	    .epoch = run->upload->epoch,
	    .seq = line->seq,
	    .branch = branch,
	    .hash = line->fact.hash,
	    .kind = rc_bytes_of_text(line->fact.envelope.kind),
	    .body = line->fact.slices.body,
	    .best_ms = times->best_ms,
	    .earliest_ms = times->earliest_ms,
	    .latest_ms = times->latest_ms,
	};
	enum rc_records_taken taken = RC_RECORDS_NOTHING;
	const enum rc_status status =
	    rc_records_take(run->tx, &fact, &taken, &run->subjects[run->subject_count], err);

	if (taken == RC_RECORDS_EVENT)
		run->subject_count++;
	else if (taken == RC_RECORDS_UNREADABLE)
		rc_ingest__note(run, RC_INGEST_NOTICE_BODY, line->seq);
	return status;
}

static const struct rc_ingest__times *times_of(const struct rc_ingest__run *run,
					       const struct rc_ingest__line *line)
{
	return &run->upload->times[line->seq - run->upload->header.from];
}

static void fill_fact(void *context, size_t index, struct rc_db_value *values)
{
	const struct rc_ingest__run *run = context;
	const struct rc_ingest__added *added = &run->added[index];
	const struct rc_fact *fact = &added->line->fact;
	const struct rc_ingest__times *times = times_of(run, added->line);
	const struct rc_db_value all[] = {
	    RC_DB_TEXT(run->kiosk),
	    RC_DB_TEXT(run->upload->epoch),
	    RC_DB_INT(added->line->seq),
	    RC_DB_INT(added->branch),
	    RC_DB_BYTES(rc_bytes_of(fact->hash, RC_FACT_HASH_BYTES)),
	    RC_DB_BYTES(fact->slices.envelope),
	    RC_DB_BYTES(rc_bytes_of(fact->salt, RC_FACT_SALT_BYTES)),
	    RC_DB_BYTES(fact->slices.body),
	    RC_DB_TEXT(fact->envelope.kind),
	    RC_DB_INT(times->best_ms),
	    RC_DB_INT(times->earliest_ms),
	    RC_DB_INT(times->latest_ms),
	    RC_DB_BOOL(times->is_clock_bad),
	    RC_DB_BOOL(run->is_quarantined),
	    RC_DB_INT(run->request->now_ms),
	};

	memcpy(values, all, sizeof(all));
}

static enum rc_status take_fact(struct rc_ingest__run *run, const struct rc_ingest__added *added,
				struct rc_error *err)
{
	const struct rc_ingest__times *times = times_of(run, added->line);
	enum rc_status status = rc_ingest__take_claim(run, added->line, times->best_ms, err);

	if (status == RC_OK && !run->is_quarantined)
		status = take_event(run, added->line, times, added->branch, err);
	return status;
}

static enum rc_status add_facts(struct rc_ingest__run *run, struct rc_error *err)
{
	const struct rc_db_rows rows = {.count = run->added_count, .fill = fill_fact, .context = run};
	enum rc_status status = rc_db_exec_rows(run->tx, &rc_sql_ingest_fact_add, &rows, err);

	for (size_t i = 0; status == RC_OK && i < run->added_count; i++)
		status = take_fact(run, &run->added[i], err);
	return status;
}

static void note_fact(struct rc_ingest__run *run, const struct rc_ingest__line *line, int64_t branch)
{
	run->added[run->added_count++] = (struct rc_ingest__added){line, branch};
	run->answer.stored++;
	if (run->request->is_revoked)
		rc_ingest__note(run, RC_INGEST_NOTICE_REVOKED_SENT, line->seq);
}

static bool is_zero(const uint8_t hash[RC_FACT_HASH_BYTES])
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];

	return memcmp(hash, zeros, sizeof(zeros)) == 0;
}

/* `before` is the identity of what stands in front of the line, zeros where nobody knows. Only the first of all has none. */
static void check_link(struct rc_ingest__run *run, const struct rc_ingest__line *line,
		       const uint8_t before[RC_FACT_HASH_BYTES])
{
	if (line->unread || (line->seq > 1 && is_zero(before)))
		return;
	if (memcmp(line->fact.envelope.prev, before, RC_FACT_HASH_BYTES) != 0)
		rc_ingest__note(run, RC_INGEST_NOTICE_CHAIN, line->seq);
}

static enum rc_status store_line(struct rc_ingest__run *run, const struct rc_ingest__line *line,
				 const uint8_t before[RC_FACT_HASH_BYTES], struct rc_error *err)
{
	struct place place = {.line = line, .hash = line->unread ? NULL : line->fact.hash};
	enum rc_status status = RC_OK;

	if (line->seq <= run->through)
		status = look_at_place(run, &place, err);
	if (status != RC_OK || place.is_here)
		return status;
	if (place.next_branch > 0) {
		run->answer.branched++;
		rc_ingest__note(run, RC_INGEST_NOTICE_BRANCH, line->seq);
	}
	check_link(run, line, before);
	if (line->unread)
		return add_unread(run, line, place.next_branch, err);
	note_fact(run, line, place.next_branch);
	return RC_OK;
}

/* In front of the first line: the mark, where it continues there; any fact that fits, where it goes back behind the mark. */
static enum rc_status find_before(struct rc_ingest__run *run, uint8_t before[RC_FACT_HASH_BYTES],
				  struct rc_error *err)
{
	const struct rc_ingest__line *first = &run->upload->lines[0];
	struct rc_ingest__line wanted = {.seq = first->seq - 1};
	struct place place = {.line = &wanted, .hash = first->fact.envelope.prev};
	enum rc_status status;

	memset(before, 0, RC_FACT_HASH_BYTES);
	if (first->seq == 1 || first->unread)
		return RC_OK;
	if (first->seq == run->through + 1) {
		memcpy(before, run->hash, RC_FACT_HASH_BYTES);
		return RC_OK;
	}
	status = look_at_place(run, &place, err);
	if (place.is_here)
		memcpy(before, first->fact.envelope.prev, RC_FACT_HASH_BYTES);
	return status;
}

enum rc_status rc_ingest__store_lines(struct rc_ingest__run *run, struct rc_error *err)
{
	uint8_t before[RC_FACT_HASH_BYTES];
	enum rc_status status = RC_OK;

	if (run->upload->header.count > 0)
		status = find_before(run, before, err);
	for (int64_t i = 0; status == RC_OK && i < run->upload->header.count; i++) {
		const struct rc_ingest__line *line = &run->upload->lines[i];

		status = store_line(run, line, before, err);
		memcpy(before, line->hash, sizeof(before));
		if (line->seq == run->through + 1) {
			run->through = line->seq;
			memcpy(run->hash, line->hash, sizeof(run->hash));
		}
	}
	return status == RC_OK ? add_facts(run, err) : status;
}
