/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stating facts. A fact is serialised once into the journal's own memory, cut into its three columns, inserted, committed: one
 * row at the end of one table, one fdatasync. A fact alone is one statement that commits by itself. The head moves in memory
 * only after the commit has returned.
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

/* A fact made and not yet stored. The slices lie in the journal's line. */
struct made {
	struct rc_fact_slices slices;
	uint8_t salt[RC_FACT_SALT_BYTES];
	struct rc_journal_mark mark; /* it will be the head */
	int64_t place;
};

static enum rc_status make(struct rc_journal *journal, const struct rc_journal_statement *statement,
			   const struct rc_clock_reading *reading, const struct rc_journal_mark *head,
			   struct made *made, struct rc_error *err)
{
	struct rc_fact_envelope envelope = {
	    .place = {.kiosk = journal->kiosk, .epoch = head->epoch, .seq = head->seq + 1},
	    .clock = *reading,
	    .version = statement->version,
	};
	struct rc_buf line;
	enum rc_status status;

	if (!rc_text_copy(statement->kind, envelope.kind, sizeof(envelope.kind)))
		return rc_fail(err, RC_ELIMIT, "kind of a fact too long");
	if (envelope.place.seq > RC_JOURNAL__SEQ_MAX)
		return rc_fail(err, RC_ELIMIT, "the epoch is full");
	memcpy(envelope.prev, head->hash, sizeof(envelope.prev));
	rc_random(made->salt, sizeof(made->salt));
	rc_buf_init_fixed(&line, journal->line, sizeof(journal->line));
	status = rc_fact_write(&envelope, made->salt, statement->body, &line, made->mark.hash, err);
	if (status != RC_OK)
		return status;
	made->slices = rc_fact_cut(rc_buf_bytes(&line), statement->body.size);
	made->mark.epoch = head->epoch;
	made->mark.seq = envelope.place.seq;
	made->place = rc_journal__place(rc_journal__number_of(&journal->epochs, head->epoch),
					envelope.place.seq);
	return RC_OK;
}

/* The columns of its row. */
struct row {
	struct rc_store_value values[4];
};

static struct row row_of(const struct made *made)
{
	return (struct row){{
	    rc_store_int(made->place),
	    rc_store_text(made->slices.envelope),
	    rc_store_bytes(made->salt, sizeof(made->salt)),
	    rc_store_text(made->slices.body),
	}};
}

enum rc_status rc_journal__write(struct rc_journal *journal, const struct rc_journal_statement *statement,
				 const struct rc_clock_reading *reading,
				 struct rc_journal_mark *head, struct rc_error *err)
{
	struct made made;
	enum rc_status status = make(journal, statement, reading, head, &made, err);

	if (status != RC_OK)
		return status;
	const struct row row = row_of(&made);

	status = rc_store_run(journal->store, RC_SQL_JOURNAL_FACT_INSERT, row.values, NULL, err);
	if (status == RC_OK)
		*head = made.mark;
	return status;
}

static void move_head(struct rc_journal *journal, const struct rc_journal_mark *head)
{
	journal->head = *head;
	journal->epochs.items[journal->epochs.count - 1].last = head->seq;
}

static struct rc_journal_entry entry_of(const struct rc_journal_mark *mark)
{
	struct rc_journal_entry entry = {.seq = mark->seq};

	memcpy(entry.hash, mark->hash, sizeof(entry.hash));
	return entry;
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
		if (status == RC_OK)
			entries[i] = entry_of(&head);
	}
	status = rc_journal__end(journal, status, err);
	if (status == RC_OK)
		move_head(journal, &head);
	return status;
}

enum rc_status rc_journal_append(struct rc_journal *journal, const struct rc_journal_statement *statement,
				 const struct rc_clock_reading *reading,
				 struct rc_journal_entry *entry, struct rc_error *err)
{
	struct made made;
	enum rc_status status = make(journal, statement, reading, &journal->head, &made, err);

	if (status == RC_OK) {
		const struct row row = row_of(&made);

		status = rc_store_run_alone(journal->store, RC_SQL_JOURNAL_FACT_INSERT, row.values, err);
	}
	if (rc_store_is_damaged(journal->store))
		rc_journal__note_damage(journal);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	move_head(journal, &made.mark);
	*entry = entry_of(&made.mark);
	return RC_OK;
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
