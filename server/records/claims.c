/* SPDX-License-Identifier: Apache-2.0 */
/* Who typed a number, as it was found out when the fact came: the one thing of a record that its facts don't say. */
#include "server/records/records_priv.h"
#include "server/records_sql/statements.h"

static const char *const outcome_names[] = {
    [RC_RECORDS_CLAIM_WAITING] = "waiting",       [RC_RECORDS_CLAIM_CREDITED] = "credited",
    [RC_RECORDS_CLAIM_UNKNOWN] = "unknown",       [RC_RECORDS_CLAIM_AMBIGUOUS] = "ambiguous",
    [RC_RECORDS_CLAIM_UNREADABLE] = "unreadable",
};
#define OUTCOME_COUNT (sizeof(outcome_names) / sizeof(outcome_names[0]))

enum rc_status rc_records_claim_put(struct rc_db_tx *tx, const uint8_t hash[RC_FACT_HASH_BYTES],
				    const struct rc_records_claim *claim, struct rc_error *err)
{
	return rc_db_exec(
	    tx, &rc_sql_records_claim_put,
	    RC_DB_VALUES(RC_DB_BYTES(rc_bytes_of(hash, RC_FACT_HASH_BYTES)), RC_DB_TEXT(claim->number),
			 RC_DB_TEXT(outcome_names[claim->outcome]), RC_DB_TEXT(claim->ref)),
	    err);
}

static enum rc_status take_claim(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_records_claim *claim = context;
	size_t outcome;

	if (!rc_bytes_find_name(rc_db_row_text(row, 1), outcome_names, OUTCOME_COUNT, &outcome))
		return rc_fail(err, RC_EFORMAT, "a claim came out in no way that is known");
	claim->outcome = (enum rc_records_claim_outcome)outcome;
	rc_db_row_copy_text(row, 0, claim->number, sizeof(claim->number));
	rc_db_row_copy_text(row, 2, claim->ref, sizeof(claim->ref));
	return RC_OK;
}

enum rc_status rc_records_claim_get(struct rc_db_tx *tx, const uint8_t hash[RC_FACT_HASH_BYTES],
				    struct rc_records_claim *claim, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_records_claim,
			 RC_DB_VALUES(RC_DB_BYTES(rc_bytes_of(hash, RC_FACT_HASH_BYTES))),
			 take_claim, claim, err);
}
