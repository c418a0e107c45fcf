/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stating facts. A fact is serialised once into the journal's own memory, cut into its three columns, inserted, committed: one
 * row at the end of one table, one fdatasync. The head moves in memory only after the commit has returned.
 */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"
#include "shared/base/random.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* So that the next opening reads every page before it trusts the file. If even this can't be written, small files are read anyway. */
void rc_journal__note_damage(const struct rc_journal *journal)
{
	char path[RC_FILES_PATH_MAX_CHARS];
	int fd;

	if (rc_files_join(journal->folder, RC_JOURNAL__SUSPECT, path, NULL) != RC_OK)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
}

enum rc_status rc_journal__end(struct rc_journal *journal, enum rc_status status, struct rc_error *err)
{
	status = rc_store_end(journal->store, status, err);
	if (rc_store_is_damaged(journal->store))
		rc_journal__note_damage(journal);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "journal");
}

static enum rc_status insert(struct rc_journal *journal, struct rc_bytes line, size_t n,
			     struct rc_error *err)
{
	struct rc_fact fact;
	enum rc_fact_fault fault = rc_fact_read(rc_bytes_of(line.data, line.size - 1), &fact);

	if (fault != RC_FACT_FINE)
		return rc_fail(err, RC_EBUG, "a fact just written can't be read: %s",
			       rc_fact_fault_name(fault));

	const struct rc_store_value values[] = {
	    rc_store_int(rc_journal__place(n, fact.envelope.place.seq)),
	    rc_store_text(fact.slices.envelope),
	    rc_store_bytes(fact.salt, sizeof(fact.salt)),
	    rc_store_text(fact.slices.body),
	};
	return rc_store_run(journal->store, RC_SQL_JOURNAL_FACT_INSERT, values, NULL, err);
}

enum rc_status rc_journal__write(struct rc_journal *journal, const struct rc_journal_statement *statement,
				 const struct rc_clock_reading *reading,
				 struct rc_journal_mark *head, struct rc_error *err)
{
	struct rc_fact_envelope envelope = {
	    .place = {.kiosk = journal->kiosk, .epoch = head->epoch, .seq = head->seq + 1},
	    .clock = *reading,
	    .version = statement->version,
	};
	uint8_t salt[RC_FACT_SALT_BYTES], hash[RC_FACT_HASH_BYTES];
	struct rc_buf line;
	enum rc_status status;

	if (!rc_text_copy(statement->kind, envelope.kind, sizeof(envelope.kind)))
		return rc_fail(err, RC_ELIMIT, "kind of a fact too long");
	if (envelope.place.seq > RC_JOURNAL__SEQ_MAX)
		return rc_fail(err, RC_ELIMIT, "the epoch is full");
	memcpy(envelope.prev, head->hash, sizeof(envelope.prev));
	rc_random(salt, sizeof(salt));
	rc_buf_init_fixed(&line, journal->line, sizeof(journal->line));
	status = rc_fact_write(&envelope, salt, statement->body, &line, hash, err);
	if (status == RC_OK)
		status = insert(journal, rc_buf_bytes(&line),
				rc_journal__number_of(&journal->epochs, head->epoch), err);
	if (status != RC_OK)
		return status;
	head->seq = envelope.place.seq;
	memcpy(head->hash, hash, sizeof(head->hash));
	return RC_OK;
}

enum rc_status rc_journal_append_many(struct rc_journal *journal,
				      const struct rc_journal_statement *statements, size_t count,
				      const struct rc_clock_reading *reading,
				      struct rc_journal_entry *entries, struct rc_error *err)
{
	struct rc_journal_mark head = journal->head;
	enum rc_status status = rc_store_begin(journal->store, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	for (size_t i = 0; status == RC_OK && i < count; i++) {
		status = rc_journal__write(journal, &statements[i], reading, &head, err);
		if (status == RC_OK) {
			entries[i].seq = head.seq;
			memcpy(entries[i].hash, head.hash, sizeof(entries[i].hash));
		}
	}
	status = rc_journal__end(journal, status, err);
	if (status != RC_OK)
		return status;
	journal->head = head;
	journal->epochs.items[journal->epochs.count - 1].last = head.seq;
	return RC_OK;
}

enum rc_status rc_journal_append(struct rc_journal *journal, const struct rc_journal_statement *statement,
				 const struct rc_clock_reading *reading,
				 struct rc_journal_entry *entry, struct rc_error *err)
{
	struct rc_journal_entry written;
	enum rc_status status = rc_journal_append_many(journal, statement, 1, reading, &written, err);

	if (status == RC_OK)
		*entry = written;
	return status;
}

struct rc_journal_mark rc_journal_head(const struct rc_journal *journal)
{
	return journal->head;
}

int64_t rc_journal_unacknowledged(const struct rc_journal *journal)
{
	int64_t count = 0;

	for (size_t i = 0; i < journal->epochs.count; i++)
		count += journal->epochs.items[i].last - journal->epochs.items[i].acknowledged;
	return count;
}

struct rc_journal_mark rc_journal_last_acknowledged(const struct rc_journal *journal)
{
	return journal->acknowledged;
}

struct rc_journal_mark rc_journal_last_pruned(const struct rc_journal *journal)
{
	return journal->pruned;
}

enum rc_journal_found rc_journal_found(const struct rc_journal *journal)
{
	return journal->found;
}

const char *rc_journal_set_aside(const struct rc_journal *journal)
{
	return journal->set_aside;
}

bool rc_journal_is_failed(const struct rc_journal *journal)
{
	return rc_store_is_failed(journal->store);
}
