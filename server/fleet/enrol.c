/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letting a kiosk in. The certificate is made before the transaction (signing takes milliseconds and the writer is one thread);
 * the transaction then decides whose it is: the code is unused, used with this very key (the certificate of then is the answer),
 * or used by somebody else.
 */
#include "server/fleet/fleet_priv.h"

#include "server/audit/audit.h"
#include "server/fleet_sql/statements.h"

#include <stdlib.h>

struct enrolment {
	const struct rc_device_enrol_request *request;
	char hash[RC_FLEET__HASH_CHARS + 1];
	struct rc_csr csr;
	int64_t now_ms;
	/* What the code's row says. */
	char room[RC_ID_CHARS + 1];
	char site[RC_REFERENCE_CODE_MAX_BYTES + 1];
	char replaces[RC_ID_CHARS + 1];
	int64_t expires_ms;
	char used_by[RC_ID_CHARS + 1];
	bool is_used, is_ours;
	/* Prepared before the transaction and only read in it: it may run again. */
	char kiosk[RC_ID_CHARS + 1];
	struct rc_fleet__leaf leaf;
	/* What the transaction came to: the kiosk that was prepared, or the one of the first time. */
	char let_in[RC_ID_CHARS + 1];
	struct rc_buf certificate;
};

static enum rc_status read_code(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct enrolment *e = context;

	(void)err;
	rc_db_row_copy_text(row, 0, e->room, sizeof(e->room));
	rc_db_row_copy_text(row, 1, e->site, sizeof(e->site));
	rc_db_row_copy_text(row, 2, e->replaces, sizeof(e->replaces));
	e->expires_ms = rc_db_row_int(row, 3);
	e->is_used = !rc_db_row_is_null(row, 4);
	rc_db_row_copy_text(row, 4, e->used_by, sizeof(e->used_by));
	e->is_ours =
	    e->is_used && rc_bytes_equal(rc_db_row_bytes(row, 5),
					 rc_bytes_of(e->csr.public_der, sizeof(e->csr.public_der)));
	return RC_OK;
}

/* Is the code good for this key? A stranger learns no more than that it isn't. */
static enum rc_status check_code(struct rc_db_tx *tx, struct enrolment *e, struct rc_error *err)
{
	char asks[RC_ID_CHARS + 1];
	enum rc_status status = rc_db_one(tx, &rc_sql_fleet_code_by_hash,
					  RC_DB_VALUES(RC_DB_TEXT(e->hash)), read_code, e, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_ENOTFOUND, "a code that was never issued");
	if (status != RC_OK)
		return status;
	if (e->is_used && !e->is_ours)
		return rc_fail(err, RC_ECONFLICT, "the code was used by kiosk %s", e->used_by);
	if (!e->is_used && e->now_ms >= e->expires_ms)
		return rc_fail(err, RC_EEXPIRED, "the code's time is over");
	/* Who is a kiosk already and asks for another's place has been shown the wrong code; it stays good for the right one. */
	rc_id_format(&e->request->kiosk, asks);
	if (!e->is_used && !rc_id_is_nil(&e->request->kiosk) && strcmp(asks, e->replaces) != 0)
		return rc_fail(err, RC_EUSAGE, "the code isn't for kiosk %s", asks);
	return RC_OK;
}

static enum rc_status look_at_code(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return check_code(tx, arg, err);
}

static enum rc_status take_der(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct enrolment *e = context;

	rc_buf_append_bytes(&e->certificate, rc_db_row_bytes(row, 0));
	return rc_buf_status(&e->certificate, err);
}

static enum rc_status store_kiosk(struct rc_db_tx *tx, const struct enrolment *e, struct rc_error *err)
{
	enum rc_status status;

	status = rc_db_exec(tx, &rc_sql_fleet_kiosk_put,
			    RC_DB_VALUES(RC_DB_TEXT(e->kiosk), RC_DB_TEXT(e->site),
					 RC_DB_TEXT(e->room), RC_DB_INT(e->now_ms)),
			    err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_fleet_certificates_supersede,
				    RC_DB_VALUES(RC_DB_TEXT(e->kiosk)), err);
	if (status == RC_OK)
		status = rc_fleet__store_leaf(tx, e->kiosk, &e->csr, &e->leaf, e->now_ms, err);
	if (status == RC_OK)
		status = rc_audit_write(tx,
					&(struct rc_audit){.actor = "code",
							   .action = "kiosk.enrolled",
							   .entity = "kiosk",
							   .id = e->kiosk,
							   .detail = "{}"},
					e->now_ms, err);
	return status;
}

/* Takes the code for this key, if nobody did since it was looked at; `e` says afterwards whose it is. */
static enum rc_status take_code(struct rc_db_tx *tx, struct enrolment *e, bool *is_taken,
				struct rc_error *err)
{
	struct rc_bytes key = rc_bytes_of(e->csr.public_der, sizeof(e->csr.public_der));
	int64_t changed = 0;
	enum rc_status status = check_code(tx, e, err);

	*is_taken = false;
	if (status != RC_OK || e->is_ours)
		return status;
	status = rc_db_exec_counted(tx, &rc_sql_fleet_code_use,
				    RC_DB_VALUES(RC_DB_TEXT(e->hash), RC_DB_INT(e->now_ms),
						 RC_DB_TEXT(e->kiosk), RC_DB_BYTES(key)),
				    &changed, err);
	*is_taken = status == RC_OK && changed > 0;
	return status == RC_OK && changed == 0 ? check_code(tx, e, err) : status;
}

static enum rc_status enrol(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct enrolment *e = arg;
	struct rc_bytes key = rc_bytes_of(e->csr.public_der, sizeof(e->csr.public_der));
	bool is_taken;
	enum rc_status status = take_code(tx, e, &is_taken, err);

	rc_buf_clear(&e->certificate);
	if (status != RC_OK)
		return status;
	if (is_taken) {
		memcpy(e->let_in, e->kiosk, sizeof(e->let_in));
		rc_buf_append_bytes(&e->certificate, rc_buf_bytes(&e->leaf.der));
		status = rc_buf_status(&e->certificate, err);
		return status == RC_OK ? store_kiosk(tx, e, err) : status;
	}
	memcpy(e->let_in, e->used_by, sizeof(e->let_in));
	return rc_db_one(tx, &rc_sql_fleet_certificate_of_key,
			 RC_DB_VALUES(RC_DB_TEXT(e->let_in), RC_DB_BYTES(key)), take_der, e, err);
}

static enum rc_status raise_alarm(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct enrolment *e = arg;

	return rc_db_exec(
	    tx, &rc_sql_fleet_alarm,
	    RC_DB_VALUES(RC_DB_TEXT(e->hash), RC_DB_TEXT(e->used_by), RC_DB_INT(e->now_ms)), err);
}

/* The kiosk whose place is taken keeps its id; else a new one is made. */
static void name_kiosk(struct enrolment *e)
{
	struct rc_id fresh = rc_id_new();

	if (e->replaces[0])
		memcpy(e->kiosk, e->replaces, sizeof(e->kiosk));
	else
		rc_id_format(&fresh, e->kiosk);
}

static enum rc_status run_enrolment(struct rc_db *db, const struct rc_secrets *secrets,
				    struct enrolment *e, struct rc_error *err)
{
	enum rc_status status = rc_db_read(db, look_at_code, e, err);
	struct rc_error alarm_err;

	if (status == RC_OK && !e->is_ours) {
		name_kiosk(e);
		status = rc_fleet__issue(secrets, e->kiosk, &e->csr, e->now_ms, &e->leaf, err);
	}
	if (status == RC_OK)
		status = rc_db_write(db, enrol, e, err);
	if (status == RC_ECONFLICT && rc_db_write(db, raise_alarm, e, &alarm_err) != RC_OK)
		return rc_error_in(err, status, "alarm not recorded (%s)", alarm_err.text);
	return status;
}

enum rc_status rc_fleet_enrol(struct rc_db *db, const struct rc_secrets *secrets,
			      const struct rc_fleet_server *server,
			      const struct rc_device_enrol_request *request, int64_t now_ms,
			      struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	struct enrolment e = {.request = request, .now_ms = now_ms};
	enum rc_status status;

	rc_buf_init(&e.leaf.der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&e.certificate, RC_CERTIFICATE_MAX_BYTES);
	rc_fleet__hash_code(request->code, e.hash);
	status = rc_csr_read(rc_bytes_of_text(request->csr_pem), &e.csr, err);
	if (status == RC_EDENIED)
		status = RC_EFORMAT; /* a request that its own key didn't sign is malformed, the code isn't judged by it */
	if (status == RC_OK)
		status = run_enrolment(db, secrets, &e, err);
	if (status == RC_OK)
		status = rc_fleet__answer(
		    &(struct rc_fleet__letter){.kiosk = e.let_in,
					       .room = e.room,
					       .site = e.site,
					       .certificate_der = rc_buf_bytes(&e.certificate),
					       .now_ms = now_ms},
		    secrets, server, answer, err);
	rc_buf_deinit(&e.leaf.der);
	rc_buf_deinit(&e.certificate);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "enrolment");
}
