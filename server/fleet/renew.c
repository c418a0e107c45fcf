/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another certificate for a kiosk that is in, under a new key. The one it came with stays good until it ends: the answer may get
 * lost, and the kiosk ask again with the same key.
 */
#include "server/fleet/fleet_priv.h"

#include "server/audit/audit.h"
#include "server/fleet_sql/statements.h"
#include "shared/crypto/hash.h"

struct renewal {
	const struct rc_fleet_peer *peer;
	char kiosk[RC_ID_CHARS + 1];
	struct rc_csr csr;
	int64_t now_ms;
	char room[RC_ID_CHARS + 1];
	/* Prepared before the transaction, which may run again and only reads it. */
	struct rc_fleet__leaf leaf;
	/* What the transaction came to: the certificate that was prepared, or the one of the first time. */
	bool is_known;      /* this key has a certificate of this kiosk … */
	bool is_known_good; /* … that counts, and isn't the one that was shown */
	bool may_renew;     /* the certificate that was shown still counts */
	struct rc_buf certificate;
};

static enum rc_status read_shown(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct renewal *r = context;

	(void)err;
	r->may_renew = rc_bytes_is_text(rc_db_row_text(row, 2), "current") &&
		       !rc_bytes_is_text(rc_db_row_text(row, 4), "revoked");
	return RC_OK;
}

static enum rc_status read_known(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct renewal *r = context;

	r->is_known = true;
	r->is_known_good = rc_bytes_is_text(rc_db_row_text(row, 1), "current") &&
			   !rc_bytes_is_text(rc_db_row_text(row, 2), r->peer->serial);
	rc_buf_append_bytes(&r->certificate, rc_db_row_bytes(row, 0));
	return rc_buf_status(&r->certificate, err);
}

/* The certificate may have been revoked since its class was looked up, and the key may be one of before. */
static enum rc_status look(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct renewal *r = arg;
	const struct rc_bytes key = rc_bytes_of(r->csr.public_der, sizeof(r->csr.public_der));
	enum rc_status status;

	r->is_known = r->is_known_good = r->may_renew = false;
	rc_buf_clear(&r->certificate);
	status = rc_db_one(tx, &rc_sql_fleet_certificate_by_serial,
			   RC_DB_VALUES(RC_DB_TEXT(r->peer->serial)), read_shown, r, err);
	if ((status == RC_OK && !r->may_renew) || status == RC_ENOTFOUND)
		return rc_fail(err, RC_ECONFLICT,
			       "a certificate that doesn't count any more is not renewed");
	if (status == RC_OK)
		status = rc_db_one(tx, &rc_sql_fleet_certificate_by_key,
				   RC_DB_VALUES(RC_DB_TEXT(r->kiosk), RC_DB_BYTES(key)), read_known,
				   r, err);
	if (status == RC_OK && !r->is_known_good)
		return rc_fail(err, RC_EFORMAT, "a renewal needs a key that was never used");
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status count_row(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	*(int64_t *)context = rc_db_row_int(row, 0);
	return RC_OK;
}

static enum rc_status store(struct rc_db_tx *tx, struct renewal *r, struct rc_error *err)
{
	int64_t count = 0;
	enum rc_status status = rc_db_one(tx, &rc_sql_fleet_certificates_good,
					  RC_DB_VALUES(RC_DB_TEXT(r->kiosk), RC_DB_INT(r->now_ms)),
					  count_row, &count, err);

	if (status == RC_OK && count >= RC_FLEET_CERTIFICATES_MAX)
		return rc_fail(err, RC_ELIMIT, "kiosk %s has %d certificates that are good",
			       r->kiosk, (int)count);
	if (status == RC_OK)
		status = rc_fleet__store_leaf(tx, r->kiosk, &r->csr, &r->leaf, r->now_ms, err);
	if (status != RC_OK)
		return status;
	rc_buf_append_bytes(&r->certificate, rc_buf_bytes(&r->leaf.der));
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = "kiosk",
						 .action = "kiosk.renewed",
						 .entity = "kiosk",
						 .id = r->kiosk,
						 .detail = "{}"},
			      r->now_ms, err);
}

static enum rc_status renew(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct renewal *r = arg;
	enum rc_status status = look(tx, r, err);

	if (status == RC_OK && !r->is_known)
		status = store(tx, r, err);
	return status == RC_OK ? rc_buf_status(&r->certificate, err) : status;
}

static enum rc_status run(struct rc_db *db, const struct rc_secrets *secrets, struct renewal *r,
			  struct rc_error *err)
{
	enum rc_status status = rc_db_read(db, look, r, err);

	if (status != RC_OK || r->is_known)
		return status;
	status = rc_fleet__issue(secrets, r->kiosk, &r->csr, r->now_ms, &r->leaf, err);
	return status == RC_OK ? rc_db_write(db, renew, r, err) : status;
}

enum rc_status rc_fleet_renew(struct rc_db *db, const struct rc_secrets *secrets,
			      const struct rc_fleet_server *server, const struct rc_fleet_renewal *renewal,
			      struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	struct renewal r = {.peer = renewal->peer, .now_ms = renewal->now_ms};
	enum rc_status status = rc_csr_read(rc_bytes_of_text(renewal->request->csr_pem), &r.csr, err);

	rc_buf_init(&r.leaf.der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&r.certificate, RC_CERTIFICATE_MAX_BYTES);
	rc_id_format(&renewal->peer->kiosk, r.kiosk);
	rc_id_format(&renewal->peer->room, r.room);
	if (status == RC_EDENIED)
		status = RC_EFORMAT; /* its own key didn't sign it */
	if (status == RC_OK)
		status = run(db, secrets, &r, err);
	if (status == RC_OK)
		status = rc_fleet__answer(
		    &(struct rc_fleet__letter){.kiosk = r.kiosk,
					       .room = r.room,
					       .site = renewal->peer->site,
					       .certificate_der = rc_buf_bytes(&r.certificate),
					       .now_ms = renewal->now_ms},
		    secrets, server, answer, err);
	rc_buf_deinit(&r.leaf.der);
	rc_buf_deinit(&r.certificate);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "renewal");
}
