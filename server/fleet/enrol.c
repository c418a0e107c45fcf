/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letting a kiosk in. The certificate is made before the transaction (signing takes milliseconds and the writer is one thread);
 * the transaction then decides whose it is: the code is unused, used with this very key (the certificate of then is the answer),
 * or used by somebody else.
 */
#include "server/fleet/fleet_priv.h"

#include "server/audit/audit.h"
#include "server/fleet_sql/statements.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/pem.h"

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
	char serial[RC_FLEET_SERIAL_CHARS + 1];
	int64_t not_after_ms;
	struct rc_buf der;
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
	return RC_OK;
}

static enum rc_status look_at_code(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return check_code(tx, arg, err);
}

static enum rc_status issue(struct enrolment *e, const struct rc_secrets *secrets, struct rc_error *err)
{
	struct rc_certificate_request request = {
	    .public_der = rc_bytes_of(e->csr.public_der, sizeof(e->csr.public_der)),
	    .common_name = e->kiosk,
	    .validity = {.not_before_ms = RC_FLEET__BEGINS_MS,
			 .not_after_ms = e->now_ms + RC_FLEET_CERTIFICATE_MS},
	    .purpose = RC_CERTIFICATE_CLIENT,
	};

	if (!secrets->ca_key)
		return rc_fail(err, RC_EDENIED, "this node has no CA key: it can't let kiosks in");
	rc_certificate_serial_new(request.serial);
	rc_hex_encode(rc_bytes_of(request.serial, sizeof(request.serial)), e->serial);
	e->not_after_ms = request.validity.not_after_ms;
	return rc_certificate_issue(secrets->ca_key, rc_buf_bytes(&secrets->ca_der), &request,
				    &e->der, err);
}

static enum rc_status take_der(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct enrolment *e = context;

	rc_buf_append_bytes(&e->certificate, rc_db_row_bytes(row, 0));
	return rc_buf_status(&e->certificate, err);
}

static enum rc_status store_kiosk(struct rc_db_tx *tx, const struct enrolment *e, struct rc_error *err)
{
	struct rc_bytes key = rc_bytes_of(e->csr.public_der, sizeof(e->csr.public_der));
	enum rc_status status;

	status = rc_db_exec(tx, &rc_sql_fleet_kiosk_put,
			    RC_DB_VALUES(RC_DB_TEXT(e->kiosk), RC_DB_TEXT(e->site),
					 RC_DB_TEXT(e->room), RC_DB_INT(e->now_ms)),
			    err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_fleet_certificates_supersede,
				    RC_DB_VALUES(RC_DB_TEXT(e->kiosk)), err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_fleet_certificate_insert,
				    RC_DB_VALUES(RC_DB_TEXT(e->serial), RC_DB_TEXT(e->kiosk),
						 RC_DB_BYTES(key), RC_DB_BYTES(rc_buf_bytes(&e->der)),
						 RC_DB_INT(e->not_after_ms), RC_DB_INT(e->now_ms)),
				    err);
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
		rc_buf_append_bytes(&e->certificate, rc_buf_bytes(&e->der));
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

static enum rc_status fill_answer(const struct enrolment *e, const struct rc_secrets *secrets,
				  const struct rc_fleet_server *server,
				  struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf certificate, ca;
	enum rc_status status;

	rc_buf_init(&certificate, sizeof(answer->certificate_pem) - 1);
	rc_buf_init(&ca, sizeof(answer->ca_pem[0]) - 1);
	status = rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&e->certificate), &certificate, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&secrets->ca_der), &ca, err);
	if (status == RC_OK)
		status = rc_id_parse(rc_bytes_of_text(e->let_in), &answer->kiosk);
	if (status == RC_OK)
		status = rc_id_parse(rc_bytes_of_text(e->room), &answer->room);
	if (status != RC_OK)
		return status;
	(void)rc_text_copy(rc_buf_text(&certificate), answer->certificate_pem,
			   sizeof(answer->certificate_pem));
	(void)rc_text_copy(rc_buf_text(&ca), answer->ca_pem[0], sizeof(answer->ca_pem[0]));
	(void)rc_text_copy(e->site, answer->site, sizeof(answer->site));
	answer->ca_count = 1;
	answer->organisation = server->organisation;
	answer->server_epoch = server->epoch;
	answer->time_ms = e->now_ms;
	return RC_OK;
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
		status = issue(e, secrets, err);
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

	rc_buf_init(&e.der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&e.certificate, RC_CERTIFICATE_MAX_BYTES);
	rc_fleet__hash_code(request->code, e.hash);
	status = rc_csr_read(rc_bytes_of_text(request->csr_pem), &e.csr, err);
	if (status == RC_EDENIED)
		status = RC_EFORMAT; /* a request that its own key didn't sign is malformed, the code isn't judged by it */
	if (status == RC_OK)
		status = run_enrolment(db, secrets, &e, err);
	if (status == RC_OK)
		status = fill_answer(&e, secrets, server, answer, err);
	rc_buf_deinit(&e.der);
	rc_buf_deinit(&e.certificate);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "enrolment");
}
