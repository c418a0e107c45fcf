/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand behind the facts: that some are gone, and signatures. A signature costs milliseconds to check, so that is done
 * before the writer is asked for; the writer only compares places.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

/* ---- losses ---- */

/*
 * What of the range is here already is not lost. Nobody knows the identity of the range's last fact: until the next one comes, the
 * mark has zeros there, which the kiosk takes for what they are.
 */
static enum rc_status take_loss(struct rc_ingest__run *run, const struct rc_device_lost *lost,
				struct rc_error *err)
{
	struct rc_ingest__tally *tally = &run->notices[RC_INGEST_NOTICE_LOST];
	const int64_t first = run->through + 1;

	if (lost->from > first || lost->to < first)
		return RC_OK;
	run->through = lost->to;
	memset(run->hash, 0, sizeof(run->hash));
	if (tally->count == 0)
		tally->seq = first;
	tally->count += lost->to - first + 1;
	return rc_db_exec(run->tx, &rc_sql_ingest_lost_add,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				       RC_DB_INT(first), RC_DB_INT(lost->to),
				       RC_DB_TEXT(lost->reason), RC_DB_INT(run->request->now_ms)),
			  err);
}

enum rc_status rc_ingest__take_losses(struct rc_ingest__run *run, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	for (size_t i = 0; status == RC_OK && i < run->upload->lost_count; i++)
		status = take_loss(run, &run->upload->lost[i], err);
	return status;
}

/* ---- signatures ---- */

struct keys {
	const char *kiosk;
	struct rc_device_keys has_or_had;
};

static enum rc_status take_key(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_device_keys *keys = context;

	(void)err;
	if (keys->count < RC_DEVICE_KEYS_MAX)
		rc_db_row_copy_bytes(row, 0, keys->items[keys->count++], RC_KEY_PUBLIC_DER_BYTES);
	return RC_OK;
}

static enum rc_status load_keys(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct keys *keys = arg;

	keys->has_or_had.count = 0;
	return rc_db_query(tx, &rc_sql_ingest_keys_of, RC_DB_VALUES(RC_DB_TEXT(keys->kiosk)),
			   take_key, &keys->has_or_had, err);
}

enum rc_status rc_ingest__judge_signatures(struct rc_db *db, const char *kiosk,
					   const struct rc_ingest__upload *upload, bool *is_good,
					   struct rc_error *err)
{
	struct keys keys;
	enum rc_status status;

	if (upload->signature_count == 0)
		return RC_OK;
	keys.kiosk = kiosk;
	status = rc_db_read(db, load_keys, &keys, err);
	for (size_t i = 0; status == RC_OK && i < upload->signature_count; i++)
		is_good[i] = rc_device_signature_is_of(&upload->signatures[i], &keys.has_or_had);
	return status;
}

struct signed_place {
	const struct rc_device_signature *signature;
	bool is_here;
};

static enum rc_status compare_hash(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct signed_place *place = context;

	(void)err;
	place->is_here |= rc_bytes_equal(rc_db_row_bytes(row, 1),
					 rc_bytes_of(place->signature->hash, RC_FACT_HASH_BYTES));
	return RC_OK;
}

static enum rc_status take_signature(struct rc_ingest__run *run,
				     const struct rc_device_signature *signature, bool is_good,
				     struct rc_error *err)
{
	struct signed_place place = {.signature = signature};
	char epoch[RC_FACT_EPOCH_CHARS + 1];
	enum rc_status status;

	rc_fact_epoch_format(signature->epoch, epoch);
	status = rc_db_query(
	    run->tx, &rc_sql_ingest_facts_at,
	    RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(epoch), RC_DB_INT(signature->seq)),
	    compare_hash, &place, err);
	if (status != RC_OK)
		return status;
	if (!place.is_here || !is_good) {
		rc_ingest__note(run, RC_INGEST_NOTICE_SIGNATURE, signature->seq);
		return RC_OK;
	}
	return rc_db_exec(
	    run->tx, &rc_sql_ingest_signature_put,
	    RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(epoch), RC_DB_INT(signature->seq),
			 RC_DB_BYTES(rc_bytes_of(signature->hash, sizeof(signature->hash))),
			 RC_DB_BYTES(rc_bytes_of(signature->rs, sizeof(signature->rs)))),
	    err);
}

enum rc_status rc_ingest__take_signatures(struct rc_ingest__run *run, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	for (size_t i = 0; status == RC_OK && i < run->upload->signature_count; i++)
		status =
		    take_signature(run, &run->upload->signatures[i], run->is_signature_good[i], err);
	return status;
}
