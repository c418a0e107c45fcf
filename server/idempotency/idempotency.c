/* SPDX-License-Identifier: Apache-2.0 */
#include "server/idempotency/idempotency.h"

#include "server/auth/secrets.h"
#include "server/db/db.h"
#include "server/idempotency_sql/statements.h"
#include "shared/crypto/hash.h"

#define TABLE      "idempotency"
#define SEALED_MAX (RC_IDEMPOTENCY_ANSWER_MAX_BYTES + 128u)

bool rc_idempotency_key_is_valid(struct rc_bytes key)
{
	if (key.size == 0 || key.size > RC_IDEMPOTENCY_KEY_MAX_CHARS)
		return false;
	for (size_t i = 0; i < key.size; i++)
		if (key.data[i] <= ' ' || key.data[i] > '~')
			return false;
	return true;
}

/* A token's name may hold any byte but NUL, so that one parts it from the key. */
static struct rc_id name_row(const struct rc_idempotency_request *request)
{
	uint8_t hash[RC_SHA256_BYTES];
	struct rc_sha256 sum;

	rc_sha256_init(&sum);
	rc_sha256_add(&sum, rc_bytes_of(request->actor, strlen(request->actor) + 1));
	rc_sha256_add(&sum, rc_bytes_of_text(request->key));
	rc_sha256_end(&sum, hash);
	return rc_id_from_hash(hash);
}

struct search {
	const struct rc_secrets *secrets;
	const struct rc_idempotency_request *request;
	struct rc_idempotency_answer *answer;
	struct rc_id row;
};

static enum rc_status take_answer(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct search *search = context;

	if (!rc_bytes_equal(rc_db_row_bytes(row, 0), rc_bytes_of(search->request->hash, 32)))
		return rc_fail(err, RC_ECONFLICT, "this key has named another request");
	search->answer->status = (int)rc_db_row_int(row, 1);
	rc_db_row_copy_text(row, 2, search->answer->etag, sizeof(search->answer->etag));
	return rc_secrets_open(search->secrets, TABLE, &search->row, rc_db_row_bytes(row, 3),
			       search->answer->body, err);
}

enum rc_status rc_idempotency_find(struct rc_db_tx *tx, const struct rc_secrets *secrets,
				   const struct rc_idempotency_request *request,
				   struct rc_idempotency_answer *answer, struct rc_error *err)
{
	struct search search = {secrets, request, answer, name_row(request)};
	char id[RC_ID_CHARS + 1];

	rc_id_format(&search.row, id);
	return rc_db_one(tx, &rc_sql_idempotency_find,
			 RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(request->now_ms - RC_IDEMPOTENCY_KEPT_MS)),
			 take_answer, &search, err);
}

enum rc_status rc_idempotency_keep(struct rc_db_tx *tx, const struct rc_secrets *secrets,
				   const struct rc_idempotency_request *request,
				   const struct rc_idempotency_answer *answer, struct rc_error *err)
{
	const struct rc_id row = name_row(request);
	char id[RC_ID_CHARS + 1];
	struct rc_buf sealed;
	enum rc_status status;

	rc_id_format(&row, id);
	rc_buf_init(&sealed, SEALED_MAX);
	status = rc_secrets_seal(secrets, TABLE, &row, rc_buf_bytes(answer->body), &sealed, err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_idempotency_trim,
				    RC_DB_VALUES(RC_DB_INT(request->now_ms - RC_IDEMPOTENCY_KEPT_MS)),
				    err);
	if (status == RC_OK)
		status = rc_db_exec(
		    tx, &rc_sql_idempotency_add,
		    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_BYTES(rc_bytes_of(request->hash, 32)),
				 RC_DB_INT(answer->status), RC_DB_TEXT(answer->etag),
				 RC_DB_BYTES(rc_buf_bytes(&sealed)), RC_DB_INT(request->now_ms)),
		    err);
	rc_buf_deinit(&sealed);
	return status;
}
