/* SPDX-License-Identifier: Apache-2.0 */
/* What is no fact but must survive a power cut as well: state, drafts, signatures. Each put is one commit. */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"

#include <stdio.h>
#include <string.h>

static enum rc_status check_key(const char *key, struct rc_error *err)
{
	const size_t size = strlen(key);

	if (size == 0 || size > RC_JOURNAL_KEY_MAX_CHARS ||
	    strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-") != size)
		return rc_fail(err, RC_EUSAGE, "journal: a key has 1 to %u of a-z 0-9 . _ -",
			       RC_JOURNAL_KEY_MAX_CHARS);
	return RC_OK;
}

enum rc_status rc_journal__put(struct rc_journal *journal, size_t statement, const char *key,
			       struct rc_bytes value, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_text(rc_bytes_of_text(key)),
						rc_store_bytes(value.data, value.size)};

	return rc_store_run(journal->store, statement, values, NULL, err);
}

static enum rc_status put(struct rc_journal *journal, size_t statement, const char *key,
			  struct rc_bytes value, struct rc_error *err)
{
	enum rc_status status = check_key(key, err);

	if (status != RC_OK)
		return status;
	status = rc_store_begin(journal->store, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	return rc_journal__end(journal, rc_journal__put(journal, statement, key, value, err), err);
}

static enum rc_status get(struct rc_journal *journal, size_t statement, const char *key,
			  struct rc_buf *value, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_text(rc_bytes_of_text(key))};
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(journal->store, statement, values);
	enum rc_status status = rc_store_next(&rows, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "journal: nothing under \"%s\"", key);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	rc_buf_append_bytes(value, rc_store_get_bytes(&rows, 0));
	return rc_buf_status(value, err);
}

enum rc_status rc_journal_state_put(struct rc_journal *journal, const char *key,
				    struct rc_bytes value, struct rc_error *err)
{
	if (value.size > RC_JOURNAL_STATE_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "journal: state \"%s\" too long", key);
	return put(journal, RC_SQL_JOURNAL_STATE_PUT, key, value, err);
}

enum rc_status rc_journal_state_get(struct rc_journal *journal, const char *key,
				    struct rc_buf *value, struct rc_error *err)
{
	return get(journal, RC_SQL_JOURNAL_STATE_GET, key, value, err);
}

enum rc_status rc_journal_state_put_int(struct rc_journal *journal, const char *key, int64_t value,
					struct rc_error *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return rc_journal_state_put(journal, key, rc_bytes_of_text(text), err);
}

enum rc_status rc_journal_state_get_int(struct rc_journal *journal, const char *key, int64_t *value,
					struct rc_error *err)
{
	char memory[24];
	struct rc_buf text;
	long long number;
	char end;
	enum rc_status status;

	rc_buf_init_fixed(&text, memory, sizeof(memory));
	status = rc_journal_state_get(journal, key, &text, err);
	if (status != RC_OK)
		return status;
	if (sscanf(rc_buf_text(&text), "%20lld%c", &number, &end) != 1)
		return rc_fail(err, RC_EFORMAT, "journal: state \"%s\" is no number", key);
	*value = number;
	return RC_OK;
}

enum rc_status rc_journal_draft_put(struct rc_journal *journal, const char *key,
				    struct rc_bytes value, struct rc_error *err)
{
	if (value.size > RC_JOURNAL_DRAFT_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "journal: draft \"%s\" too long", key);
	return put(journal, RC_SQL_JOURNAL_DRAFT_PUT, key, value, err);
}

enum rc_status rc_journal_draft_get(struct rc_journal *journal, const char *key,
				    struct rc_buf *value, struct rc_error *err)
{
	return get(journal, RC_SQL_JOURNAL_DRAFT_GET, key, value, err);
}

enum rc_status rc_journal_draft_drop(struct rc_journal *journal, const char *key, struct rc_error *err)
{
	const struct rc_store_value values[] = {rc_store_text(rc_bytes_of_text(key))};
	enum rc_status status = rc_store_begin(journal->store, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	status = rc_store_run(journal->store, RC_SQL_JOURNAL_DRAFT_DROP, values, NULL, err);
	return rc_journal__end(journal, status, err);
}

enum rc_status rc_journal_signature_put(struct rc_journal *journal,
					const struct rc_journal_signature *signature,
					struct rc_error *err)
{
	const struct rc_journal_mark *mark = &signature->mark;
	const size_t n = rc_journal__number_of(&journal->epochs, mark->epoch);
	uint8_t hash[RC_FACT_HASH_BYTES];
	enum rc_status status;

	if (n == 0 ||
	    rc_journal__hash_at(journal->store, &journal->epochs, n, mark->seq, hash, NULL) != RC_OK ||
	    memcmp(hash, mark->hash, sizeof(hash)) != 0)
		return rc_fail(err, RC_ECONFLICT, "journal: fact %lld is not what was signed",
			       (long long)mark->seq);

	const struct rc_store_value values[] = {rc_store_int(rc_journal__place(n, mark->seq)),
						rc_store_bytes(mark->hash, sizeof(mark->hash)),
						rc_store_bytes(signature->rs, sizeof(signature->rs))};

	status = rc_store_begin(journal->store, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	return rc_journal__end(
	    journal, rc_store_run(journal->store, RC_SQL_JOURNAL_SIGNATURE_PUT, values, NULL, err), err);
}

enum rc_status rc_journal_signature_get(struct rc_journal *journal, uint64_t epoch,
					struct rc_journal_signature *signature, struct rc_error *err)
{
	const size_t n = rc_journal__number_of(&journal->epochs, epoch);

	if (n == 0)
		return rc_fail(err, RC_ENOTFOUND, "journal: that epoch was never here");
	return rc_journal__load_signature(journal->store, &journal->epochs, n, 0, signature, err);
}
