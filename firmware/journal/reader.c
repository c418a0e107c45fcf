/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read-only connection. The list of epochs is read anew by each call that needs it: it is short, and the writer may have begun
 * another one.
 */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal/reader_priv.h"
#include "firmware/journal_sql/statements.h"

#include <stdlib.h>
#include <string.h>

RC_DEFINE_AUTO(struct rc_journal_reader, rc_journal_reader_close)

enum rc_status rc_journal_reader_open(const char *folder, struct rc_journal_reader **reader,
				      struct rc_error *err)
{
	const struct rc_store_options options = {
	    .role = RC_STORE_READER, .mode = RC_STORE_WAL, .plan = rc_journal__plan(), .busy_ms = 2000};
	RC_AUTO(rc_journal_reader_close_p)
	struct rc_journal_reader *opened = calloc(1, sizeof(*opened));
	char path[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status;

	if (opened == NULL)
		return rc_fail(err, RC_ENOMEM, "journal reader: out of memory");
	status = rc_files_join(folder, RC_JOURNAL__FOLDER "/" RC_JOURNAL__FILE, path, err);
	if (status == RC_OK)
		status = rc_store_open(path, &options, &opened->store, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal reader");
	*reader = RC_STEAL(opened);
	return RC_OK;
}

void rc_journal_reader_close(struct rc_journal_reader *reader)
{
	if (reader == NULL)
		return;
	rc_store_close(reader->store);
	rc_journal__epochs_deinit(&reader->epochs);
	free(reader);
}

static enum rc_status load(struct rc_journal_reader *reader, struct rc_error *err)
{
	enum rc_status status = rc_journal__load_epochs(reader->store, &reader->epochs, err);

	return status == RC_OK ? RC_OK : rc_error_in(err, status, "journal reader");
}

static enum rc_status find(struct rc_journal_reader *reader, uint64_t epoch, size_t *n,
			   struct rc_error *err)
{
	enum rc_status status = load(reader, err);

	if (status != RC_OK)
		return status;
	*n = rc_journal__number_of(&reader->epochs, epoch);
	return *n > 0 ? RC_OK : rc_fail(err, RC_ENOTFOUND, "journal reader: that epoch was never here");
}

static enum rc_status list(struct rc_journal_reader *reader, bool wants_all,
			   struct rc_journal_epoch *epochs, size_t max, size_t *count,
			   struct rc_error *err)
{
	enum rc_status status = load(reader, err);
	size_t written = 0;

	if (status != RC_OK)
		return status;
	for (size_t i = 0; i < reader->epochs.count && written < max; i++) {
		if (wants_all || reader->epochs.items[i].acknowledged < reader->epochs.items[i].last)
			epochs[written++] = reader->epochs.items[i];
	}
	*count = written;
	return RC_OK;
}

enum rc_status rc_journal_reader_epochs(struct rc_journal_reader *reader, struct rc_journal_epoch *epochs,
					size_t max, size_t *count, struct rc_error *err)
{
	return list(reader, false, epochs, max, count, err);
}

enum rc_status rc_journal_reader_all_epochs(struct rc_journal_reader *reader,
					    struct rc_journal_epoch *epochs, size_t max,
					    size_t *count, struct rc_error *err)
{
	return list(reader, true, epochs, max, count, err);
}

/* The length of the line that a row of (place, envelope, salt, body) will give. */
static size_t line_size(const struct rc_store_rows *rows)
{
	static const char frame[] = "{\"e\":,\"s\":\"\",\"b\":}\n";

	return sizeof(frame) - 1 + 2u * RC_FACT_SALT_BYTES + rc_store_get_bytes(rows, 1).size +
	       rc_store_get_bytes(rows, 3).size;
}

static enum rc_status read_lines(struct rc_store_rows *rows, const struct rc_journal_range *range,
				 struct rc_buf *lines, size_t *count, struct rc_error *err)
{
	const size_t size_before = lines->size;
	size_t taken = 0;
	enum rc_status status;

	while ((status = rc_store_next(rows, err)) == RC_OK) {
		const int64_t seq = rc_journal__seq_of(rc_store_get_int(rows, 0));

		if (seq != range->from + (int64_t)taken)
			return rc_fail(err, RC_EFORMAT, "fact %lld is missing",
				       (long long)(range->from + (int64_t)taken));
		if (taken > 0 && lines->size - size_before + line_size(rows) > range->max_bytes)
			break;
		status = rc_journal__append_line(rows, 1, lines, err);
		if (status != RC_OK)
			return status;
		taken++;
	}
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	*count = taken;
	return RC_OK;
}

static enum rc_status fail_pruned(const struct rc_journal_range *range, struct rc_error *err)
{
	return rc_fail(err, RC_ENOTFOUND, "journal reader: fact %lld was pruned", (long long)range->from);
}

/* Looks again, within the look that found a gap: the writer may have pruned since the epochs were read. */
static bool is_pruned_by_now(struct rc_journal_reader *reader, const struct rc_journal_range *range)
{
	size_t n = 0;

	return find(reader, range->epoch, &n, NULL) == RC_OK &&
	       range->from <= reader->epochs.items[n - 1].pruned;
}

enum rc_status rc_journal_read(struct rc_journal_reader *reader, const struct rc_journal_range *range,
			       struct rc_buf *lines, size_t *count, struct rc_error *err)
{
	size_t n = 0;
	enum rc_status status = find(reader, range->epoch, &n, err);

	if (status != RC_OK)
		return status;
	if (range->from <= reader->epochs.items[n - 1].pruned)
		return fail_pruned(range, err);

	const struct rc_store_value values[] = {
	    rc_store_int(rc_journal__place(n, range->from)),
	    rc_store_int(rc_journal__place(n, RC_JOURNAL__SEQ_MAX)),
	    rc_store_int(range->max_lines < INT32_MAX ? (int64_t)range->max_lines : INT32_MAX)};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(reader->store, RC_SQL_JOURNAL_FACTS_FROM, values);

	status = read_lines(&rows, range, lines, count, err);
	if (status == RC_EFORMAT && is_pruned_by_now(reader, range))
		return fail_pruned(range, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "journal reader");
}

enum rc_status rc_journal_hash_at(struct rc_journal_reader *reader, uint64_t epoch, int64_t seq,
				  uint8_t hash[RC_FACT_HASH_BYTES], struct rc_error *err)
{
	size_t n = 0;
	enum rc_status status = find(reader, epoch, &n, err);

	return status == RC_OK ? rc_journal__hash_at(reader->store, &reader->epochs, n, seq, hash, err)
			       : status;
}

enum rc_status rc_journal_reader_acknowledged(struct rc_journal_reader *reader,
					      struct rc_journal_mark *mark, struct rc_error *err)
{
	return rc_journal__load_mark(reader->store, "acknowledged", mark, err);
}

enum rc_status rc_journal_reader_pruned(struct rc_journal_reader *reader,
					struct rc_journal_mark *mark, struct rc_error *err)
{
	return rc_journal__load_mark(reader->store, "pruned", mark, err);
}

enum rc_status rc_journal_reader_signature(struct rc_journal_reader *reader, uint64_t epoch,
					   int64_t from, struct rc_journal_signature *signature,
					   struct rc_error *err)
{
	size_t n = 0;
	enum rc_status status = find(reader, epoch, &n, err);

	if (status != RC_OK)
		return status;
	return rc_journal__load_signature(reader->store, &reader->epochs, n, from > 0 ? from : 0,
					  signature, err);
}
