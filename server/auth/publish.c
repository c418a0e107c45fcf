/* SPDX-License-Identifier: Apache-2.0 */
/* What kiosks must know of the secrets: one change, told again only when it is another. */
#include "server/auth/secrets.h"
#include "server/auth_sql/statements.h"
#include "server/changes/changes.h"
#include "server/db/db.h"

#include <assert.h>

#define PAYLOAD_MAX_BYTES 256u

struct publishing {
	struct rc_bytes payload; /* what should be said */
	int64_t now_ms;
	int64_t version; /* of what was said last; 0: nothing */
	bool is_said;
	bool is_news;
};

static enum rc_status compare(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct publishing *p = context;

	(void)err;
	p->version = rc_db_row_int(row, 0);
	p->is_said = rc_bytes_equal(rc_db_row_bytes(row, 1), p->payload);
	return RC_OK;
}

static enum rc_status publish(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	RC_AUTO(rc_changes_list_deinit) struct rc_changes_list list;
	struct publishing *p = arg;
	enum rc_status status;

	p->version = 0;
	p->is_said = false;
	status = rc_db_one(tx, &rc_sql_auth_current,
			   RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(RC_ENTITY_TRUST)),
					RC_DB_TEXT(RC_REF_TRUST_SERVER)),
			   compare, p, err);
	p->is_news = !p->is_said;
	rc_changes_list_init(&list);
	if (p->is_said || (status != RC_OK && status != RC_ENOTFOUND))
		return status;
	rc_changes_list_put(&list, RC_CHANGES_SCOPE_ALL, RC_ENTITY_TRUST, RC_REF_TRUST_SERVER,
			    p->version + 1, p->payload);
	return rc_changes_publish(tx, &list, p->now_ms, err);
}

enum rc_status rc_secrets_publish(struct rc_db *db, const struct rc_secrets *secrets,
				  int64_t now_ms, bool *is_news, struct rc_error *err)
{
	char memory[PAYLOAD_MAX_BYTES];
	struct rc_ref_trust trust;
	struct rc_buf payload;
	struct publishing p = {.now_ms = now_ms};
	enum rc_status status;

	assert(secrets->seal_key);
	status = rc_key_public_point(secrets->seal_key, trust.seal_key, err);
	if (status != RC_OK)
		return status;
	rc_buf_init_fixed(&payload, memory, sizeof(memory));
	rc_ref_trust_encode(&trust, &payload);
	p.payload = rc_buf_bytes(&payload);
	status = rc_db_write(db, publish, &p, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "telling kiosks the key to seal to");
	*is_news = p.is_news;
	return RC_OK;
}
