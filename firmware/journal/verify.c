/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole journal, fact by fact: hashes, chain, gaps, strangers. In pieces, so that a running writer's WAL is not held. Goes on
 * behind a fault with what stands there, so that one damaged fact is one fault and not a thousand.
 */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal/reader_priv.h"
#include "firmware/journal_sql/statements.h"

#include <stdio.h>
#include <string.h>

#define PIECE_FACTS 500

struct walk {
	struct rc_journal_reader *reader;
	struct rc_journal_report *report;
	size_t n;
	struct rc_journal__expected next;
	struct rc_buf line;
};

RC_DEFINE_AUTO(struct rc_journal_reader, rc_journal_reader_close)

static void note_fault(struct walk *walk, int64_t seq, const char *what)
{
	char epoch[RC_FACT_EPOCH_CHARS + 1];

	if (walk->report->faults++ > 0)
		return;
	rc_fact_epoch_format(walk->next.place.epoch, epoch);
	(void)snprintf(walk->report->first_fault, sizeof(walk->report->first_fault),
		       "epoch %s fact %lld %.180s", epoch, (long long)seq, what);
}

/*
 * The running writer may have pruned since the epochs were read: goes on behind what it removed. While rows are being read this
 * sees the same moment as they do, so what is still missing then is missing.
 */
static enum rc_status pass_pruned(struct walk *walk, struct rc_error *err)
{
	struct rc_journal__epochs *epochs = &walk->reader->epochs;
	const struct rc_journal_epoch *epoch;
	enum rc_status status = rc_journal__load_epochs(walk->reader->store, epochs, err);

	if (status != RC_OK)
		return status;
	if (walk->n > epochs->count)
		return rc_fail(err, RC_EFORMAT, "an epoch of the journal has gone");
	epoch = &epochs->items[walk->n - 1];
	if (epoch->pruned >= walk->next.place.seq) {
		walk->next.place.seq = epoch->pruned + 1;
		memcpy(walk->next.prev, epoch->hash_at_pruned, sizeof(walk->next.prev));
	}
	return RC_OK;
}

static void check_fact(struct walk *walk, int64_t seq, const struct rc_store_rows *rows)
{
	struct rc_fact fact;
	struct rc_error why = {.text = ""};
	enum rc_status status;

	walk->report->facts++;
	rc_buf_clear(&walk->line);
	status = rc_journal__append_line(rows, 1, &walk->line, &why);
	if (status == RC_OK)
		status = rc_journal__check_fact(rc_buf_bytes(&walk->line), &walk->next, &fact, &why);
	if (status != RC_OK)
		note_fault(walk, seq, why.text);
	else
		walk->report->kiosk = walk->next.place.kiosk = fact.envelope.place.kiosk;
	rc_fact_hash_envelope(rc_store_get_bytes(rows, 1), walk->next.prev);
	walk->next.place.seq++;
}

static enum rc_status check_row(struct walk *walk, const struct rc_store_rows *rows, struct rc_error *err)
{
	const int64_t seq = rc_journal__seq_of(rc_store_get_int(rows, 0));
	enum rc_status status = RC_OK;

	if (seq > walk->next.place.seq)
		status = pass_pruned(walk, err);
	if (status == RC_OK && seq > walk->next.place.seq) {
		note_fault(walk, walk->next.place.seq, "is missing");
		walk->next.place.seq = seq;
	}
	if (status == RC_OK)
		check_fact(walk, seq, rows);
	return status;
}

/* One piece of the current epoch; `*has_more` if there may be another. */
static enum rc_status check_piece(struct walk *walk, bool *has_more, struct rc_error *err)
{
	const struct rc_store_value values[] = {
	    rc_store_int(rc_journal__place(walk->n, walk->next.place.seq)),
	    rc_store_int(rc_journal__place(walk->n, RC_JOURNAL__SEQ_MAX)), rc_store_int(PIECE_FACTS)};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows =
	    rc_store_look(walk->reader->store, RC_SQL_JOURNAL_FACTS_FROM, values);
	enum rc_status status;

	*has_more = false;
	while ((status = rc_store_next(&rows, err)) == RC_OK) {
		status = check_row(walk, &rows, err);
		if (status != RC_OK)
			return status;
		*has_more = true;
	}
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status check_epoch(struct walk *walk, struct rc_error *err)
{
	const struct rc_journal_epoch epoch = walk->reader->epochs.items[walk->n - 1];
	bool has_more = true;
	enum rc_status status = RC_OK;

	walk->next.place.epoch = epoch.epoch;
	walk->next.place.seq = epoch.pruned + 1;
	memcpy(walk->next.prev, epoch.hash_at_pruned, sizeof(walk->next.prev));
	while (status == RC_OK && has_more)
		status = check_piece(walk, &has_more, err);
	if (status == RC_OK && walk->next.place.seq <= epoch.last)
		status = pass_pruned(walk, err);
	if (status == RC_OK && walk->next.place.seq <= epoch.last)
		note_fault(walk, walk->next.place.seq, "is missing");
	return status;
}

static enum rc_status check_all(struct walk *walk, struct rc_error *err)
{
	struct rc_error why = {.text = ""};
	enum rc_status status = rc_store_check(walk->reader->store, &why);

	if (status == RC_EFORMAT)
		note_fault(walk, 0, why.text);
	else if (status != RC_OK)
		return rc_fail(err, status, "%s", why.text);
	status = rc_journal__load_epochs(walk->reader->store, &walk->reader->epochs, err);
	for (walk->n = 1; status == RC_OK && walk->n <= walk->reader->epochs.count; walk->n++) {
		walk->report->epochs++;
		status = check_epoch(walk, err);
	}
	return status;
}

enum rc_status rc_journal_verify(const char *folder, struct rc_journal_report *report,
				 struct rc_error *err)
{
	RC_AUTO(rc_journal_reader_close_p) struct rc_journal_reader *reader = NULL;
	struct rc_journal_report found = {0};
	struct walk walk = {.report = &found};
	struct rc_error why = {.text = ""};
	enum rc_status status = rc_journal_reader_open(folder, &reader, &why);

	if (status == RC_OK) {
		walk.reader = reader;
		rc_buf_init(&walk.line, RC_FACT_LINE_MAX_BYTES + 1);
		status = check_all(&walk, &why);
		rc_buf_deinit(&walk.line);
	}
	if (status == RC_EFORMAT) { /* too damaged to be walked is a finding too */
		note_fault(&walk, walk.next.place.seq, why.text);
		status = RC_OK;
	}
	if (status != RC_OK)
		return rc_fail(err, status, "%s", why.text);
	*report = found;
	return RC_OK;
}
