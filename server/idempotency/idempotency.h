/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_IDEMPOTENCY_IDEMPOTENCY_H
#define RC_IDEMPOTENCY_IDEMPOTENCY_H
/*
 * Requests that may be sent twice: a client names a request by a key, and who repeats it within a day gets the answer of the first
 * time and nothing is carried out again. The answer is kept in the transaction of the change itself, so neither is ever there without
 * the other; only answers of changes that were made are kept. Bodies lie sealed, as an answer may hold an enrolment code.
 *
 * Belongs to the write function that has the transaction.
 */
#include "shared/base/buf.h"

#include <stdint.h>

struct rc_db_tx;
struct rc_secrets;

#define RC_IDEMPOTENCY_KEY_MAX_CHARS    128u
#define RC_IDEMPOTENCY_KEPT_MS          INT64_C(86400000) /* a day: longer than any client goes on trying */
#define RC_IDEMPOTENCY_ETAG_MAX_CHARS   63u
#define RC_IDEMPOTENCY_ANSWER_MAX_BYTES 65536u

struct rc_idempotency_request {
	const char *actor; /* the token's name: keys of different tokens never meet */
	const char *key;
	uint8_t hash[32]; /* of everything that makes two requests the same */
	int64_t now_ms;
};

struct rc_idempotency_answer {
	int status;
	char etag[RC_IDEMPOTENCY_ETAG_MAX_CHARS + 1]; /* "": none */
	struct rc_buf *body;                          /* the caller's; appended to */
};

/* True: a visible ASCII text of 1 … RC_IDEMPOTENCY_KEY_MAX_CHARS characters. */
bool rc_idempotency_key_is_valid(struct rc_bytes key);

/* Looks for the answer. RC_ENOTFOUND: the key is new; RC_ECONFLICT: it named another request. */
RC_CHECKED enum rc_status rc_idempotency_find(struct rc_db_tx *tx, const struct rc_secrets *secrets,
					      const struct rc_idempotency_request *request,
					      struct rc_idempotency_answer *answer,
					      struct rc_error *err);

/* Keeps the answer for RC_IDEMPOTENCY_KEPT_MS, and drops those that are older. */
RC_CHECKED enum rc_status rc_idempotency_keep(struct rc_db_tx *tx, const struct rc_secrets *secrets,
					      const struct rc_idempotency_request *request,
					      const struct rc_idempotency_answer *answer,
					      struct rc_error *err);

#endif
