/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What writer and readers read alike: epochs, marks, identities, one fact from its row. Whatever comes out of the file is
 * looked at before it is believed.
 */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"
#include "shared/base/encode.h"

#include <stdlib.h>
#include <string.h>

enum rc_status rc_journal__add_epoch(struct rc_journal__epochs *epochs,
				     const struct rc_journal_epoch *epoch, struct rc_error *err)
{
	if (epochs->count == epochs->capacity) {
		const size_t capacity = epochs->capacity > 0 ? epochs->capacity * 2 : 8;
		struct rc_journal_epoch *items = NULL;

		if (capacity <= RC_JOURNAL__EPOCHS_MAX)
			items = realloc(epochs->items, capacity * sizeof(*items));
		if (items == NULL)
			return rc_fail(err, capacity > RC_JOURNAL__EPOCHS_MAX ? RC_ELIMIT : RC_ENOMEM,
				       "no room for another epoch");
		epochs->items = items;
		epochs->capacity = capacity;
	}
	for (size_t i = 0; i < epochs->count; i++)
		epochs->items[i].is_current = false;
	epochs->items[epochs->count] = *epoch;
	epochs->items[epochs->count++].is_current = true;
	return RC_OK;
}

void rc_journal__epochs_deinit(struct rc_journal__epochs *epochs)
{
	free(epochs->items);
	*epochs = (struct rc_journal__epochs){0};
}

size_t rc_journal__number_of(const struct rc_journal__epochs *epochs, uint64_t epoch)
{
	for (size_t i = epochs->count; i > 0; i--) {
		if (epochs->items[i - 1].epoch == epoch)
			return i;
	}
	return 0;
}

static enum rc_status read_epoch(const struct rc_store_rows *rows, size_t n,
				 struct rc_journal_epoch *epoch, struct rc_error *err)
{
	epoch->epoch = (uint64_t)rc_store_get_int(rows, 1);
	epoch->last = rc_store_get_int(rows, 2);
	epoch->acknowledged = rc_store_get_int(rows, 3);
	epoch->pruned = rc_store_get_int(rows, 4);
	if (rc_store_get_int(rows, 0) != (int64_t)n || epoch->pruned < 0 ||
	    epoch->acknowledged < epoch->pruned || epoch->acknowledged > RC_JOURNAL__SEQ_MAX ||
	    epoch->last < 0 || epoch->last > RC_JOURNAL__SEQ_MAX ||
	    !rc_store_get_exact(rows, 5, epoch->hash_at_pruned, sizeof(epoch->hash_at_pruned)))
		return rc_fail(err, RC_EFORMAT, "epoch %zu of the journal makes no sense", n);
	return RC_OK;
}

/* Of a closed epoch no more can have been acknowledged than it has. */
static enum rc_status check_closed(const struct rc_journal__epochs *epochs, struct rc_error *err)
{
	for (size_t i = 0; i + 1 < epochs->count; i++) {
		if (epochs->items[i].last < epochs->items[i].acknowledged)
			return rc_fail(err, RC_EFORMAT, "epoch %zu of the journal makes no sense", i + 1);
	}
	return RC_OK;
}

/* The current epoch's last seq stands nowhere but in its facts: a commit writes nothing else. */
static enum rc_status find_last(struct rc_store *store, struct rc_journal__epochs *epochs,
				struct rc_error *err)
{
	struct rc_journal_epoch *current = &epochs->items[epochs->count - 1];
	const struct rc_store_value range[] = {
	    rc_store_int(rc_journal__place(epochs->count, 0)),
	    rc_store_int(rc_journal__place(epochs->count, RC_JOURNAL__SEQ_MAX))};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(store, RC_SQL_JOURNAL_FACT_LAST, range);
	enum rc_status status = rc_store_next(&rows, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_EFORMAT, "the journal's current epoch has no facts");
	if (status != RC_OK)
		return status;
	current->last = rc_journal__seq_of(rc_store_get_int(&rows, 0));
	if (current->last < current->acknowledged)
		return rc_fail(err, RC_EFORMAT, "the journal ends at %lld, but %lld was acknowledged",
			       (long long)current->last, (long long)current->acknowledged);
	return RC_OK;
}

enum rc_status rc_journal__load_epochs(struct rc_store *store, struct rc_journal__epochs *epochs,
				       struct rc_error *err)
{
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(store, RC_SQL_JOURNAL_EPOCHS, NULL);
	enum rc_status status;

	epochs->count = 0;
	while ((status = rc_store_next(&rows, err)) == RC_OK) {
		struct rc_journal_epoch epoch;

		status = read_epoch(&rows, epochs->count + 1, &epoch, err);
		if (status == RC_OK)
			status = rc_journal__add_epoch(epochs, &epoch, err);
		if (status != RC_OK) /* more of them than a writer ever makes are no journal of ours */
			return status == RC_ELIMIT ? RC_EFORMAT : status;
	}
	if (status != RC_ENOTFOUND)
		return status;
	rc_store_done(&rows);
	if (epochs->count == 0)
		return rc_fail(err, RC_EFORMAT, "the journal has no epoch");
	status = check_closed(epochs, err);
	return status == RC_OK ? find_last(store, epochs, err) : status;
}

enum rc_status rc_journal__hash_at(struct rc_store *store, const struct rc_journal__epochs *epochs,
				   size_t n, int64_t seq, uint8_t hash[RC_FACT_HASH_BYTES],
				   struct rc_error *err)
{
	const struct rc_journal_epoch *epoch = &epochs->items[n - 1];
	const struct rc_store_value place = rc_store_int(rc_journal__place(n, seq));

	if (seq > 0 && seq == epoch->pruned) {
		memcpy(hash, epoch->hash_at_pruned, RC_FACT_HASH_BYTES);
		return RC_OK;
	}
	if (seq <= 0 || seq > RC_JOURNAL__SEQ_MAX)
		return rc_fail(err, RC_ENOTFOUND, "no fact %lld in the journal", (long long)seq);

	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(store, RC_SQL_JOURNAL_FACT_AT, &place);
	enum rc_status status = rc_store_next(&rows, err);

	if (status == RC_OK)
		rc_fact_hash_envelope(rc_store_get_bytes(&rows, 0), hash);
	else if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "no fact %lld in the journal", (long long)seq);
	return status;
}

enum rc_status rc_journal__load_mark(struct rc_store *store, const char *name,
				     struct rc_journal_mark *mark, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_text(rc_bytes_of_text(name));
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(store, RC_SQL_JOURNAL_MARK_GET, &key);
	enum rc_status status = rc_store_next(&rows, err);
	struct rc_journal_mark found = {0};

	if (status == RC_OK) {
		found.epoch = (uint64_t)rc_store_get_int(&rows, 0);
		found.seq = rc_store_get_int(&rows, 1);
		if (found.seq < 0 || found.seq > RC_JOURNAL__SEQ_MAX ||
		    !rc_store_get_exact(&rows, 2, found.hash, sizeof(found.hash)))
			return rc_fail(err, RC_EFORMAT, "the journal's mark \"%s\" makes no sense", name);
	} else if (status != RC_ENOTFOUND) {
		return status;
	}
	*mark = found;
	return RC_OK;
}

enum rc_status rc_journal__load_signature(struct rc_store *store,
					  const struct rc_journal__epochs *epochs, size_t n,
					  int64_t from, struct rc_journal_signature *signature,
					  struct rc_error *err)
{
	const struct rc_store_value range[] = {rc_store_int(rc_journal__place(n, from)),
					       rc_store_int(rc_journal__place(n, RC_JOURNAL__SEQ_MAX))};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(store, RC_SQL_JOURNAL_SIGNATURE_LAST, range);
	enum rc_status status = rc_store_next(&rows, err);
	struct rc_journal_signature found = {.mark.epoch = epochs->items[n - 1].epoch};

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "no signature in that epoch");
	if (status != RC_OK)
		return status;
	found.mark.seq = rc_journal__seq_of(rc_store_get_int(&rows, 0));
	if (!rc_store_get_exact(&rows, 1, found.mark.hash, sizeof(found.mark.hash)) ||
	    !rc_store_get_exact(&rows, 2, found.rs, sizeof(found.rs)))
		return rc_fail(err, RC_EFORMAT, "the signature at %lld makes no sense",
			       (long long)found.mark.seq);
	*signature = found;
	return RC_OK;
}

enum rc_status rc_journal__append_line(const struct rc_store_rows *rows, int first,
				       struct rc_buf *line, struct rc_error *err)
{
	const struct rc_bytes salt = rc_store_get_bytes(rows, first + 1);
	char salt_hex[RC_HEX_CHARS(RC_FACT_SALT_BYTES) + 1];
	struct rc_fact_slices slices;

	if (salt.size != RC_FACT_SALT_BYTES)
		return rc_fail(err, RC_EFORMAT, "a fact in the journal has a salt of %zu bytes",
			       salt.size);
	rc_hex_encode(salt, salt_hex);
	slices.envelope = rc_store_get_bytes(rows, first);
	slices.salt_hex = rc_bytes_of_text(salt_hex);
	slices.body = rc_store_get_bytes(rows, first + 2);
	/* Here and not by the buffer's maximum: a row like this is damage and not a want of room. */
	if (slices.envelope.size + slices.body.size > RC_FACT_LINE_MAX_BYTES)
		return rc_fail(err, RC_EFORMAT, "a fact in the journal is longer than any line");
	rc_fact_join(&slices, line);
	return rc_buf_status(line, err);
}

enum rc_status rc_journal__check_fact(struct rc_bytes line, const struct rc_journal__expected *expected,
				      struct rc_fact *fact, struct rc_error *err)
{
	const struct rc_fact_place *place = &expected->place;
	enum rc_fact_fault fault =
	    rc_fact_read(rc_bytes_of(line.data, line.size > 0 ? line.size - 1 : 0), fact);

	if (fault != RC_FACT_FINE)
		return rc_fail(err, RC_EFORMAT, "can't be read: %s", rc_fact_fault_name(fault));
	if (!rc_id_is_nil(&place->kiosk) && !rc_id_equal(&fact->envelope.place.kiosk, &place->kiosk))
		return rc_fail(err, RC_EFORMAT, "is another kiosk's");
	if (fact->envelope.place.epoch != place->epoch || fact->envelope.place.seq != place->seq)
		return rc_fail(err, RC_EFORMAT, "names another place");
	if (memcmp(fact->envelope.prev, expected->prev, sizeof(expected->prev)) != 0)
		return rc_fail(err, RC_EFORMAT, "does not follow its predecessor");
	return RC_OK;
}
