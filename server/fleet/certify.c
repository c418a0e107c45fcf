/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate is made, entered in the register, and sent: the same for a kiosk that comes in and for one that renews. */
#include "server/fleet/fleet_priv.h"
#include "server/fleet_sql/statements.h"
#include "shared/crypto/pem.h"

enum rc_status rc_fleet__issue(const struct rc_secrets *secrets, const char *kiosk,
			       const struct rc_csr *csr, int64_t now_ms,
			       struct rc_fleet__leaf *leaf, struct rc_error *err)
{
	struct rc_certificate_request request = {
	    .public_der = rc_bytes_of(csr->public_der, sizeof(csr->public_der)),
	    .common_name = kiosk,
	    .validity = {.not_before_ms = RC_FLEET__BEGINS_MS,
			 .not_after_ms = now_ms + RC_FLEET_CERTIFICATE_MS},
	    .purpose = RC_CERTIFICATE_CLIENT,
	};

	if (!secrets->ca_key)
		return rc_fail(err, RC_EDENIED, "this node has no CA key: it can't let kiosks in");
	rc_certificate_serial_new(request.serial);
	rc_hex_encode(rc_bytes_of(request.serial, sizeof(request.serial)), leaf->serial);
	leaf->not_after_ms = request.validity.not_after_ms;
	return rc_certificate_issue(secrets->ca_key, rc_buf_bytes(&secrets->ca_der), &request,
				    &leaf->der, err);
}

enum rc_status rc_fleet__store_leaf(struct rc_db_tx *tx, const char *kiosk,
				    const struct rc_csr *csr, const struct rc_fleet__leaf *leaf,
				    int64_t now_ms, struct rc_error *err)
{
	const struct rc_bytes key = rc_bytes_of(csr->public_der, sizeof(csr->public_der));

	return rc_db_exec(tx, &rc_sql_fleet_certificate_insert,
			  RC_DB_VALUES(RC_DB_TEXT(leaf->serial), RC_DB_TEXT(kiosk),
				       RC_DB_BYTES(key), RC_DB_BYTES(rc_buf_bytes(&leaf->der)),
				       RC_DB_INT(leaf->not_after_ms), RC_DB_INT(now_ms)),
			  err);
}

enum rc_status rc_fleet__answer(const struct rc_fleet__letter *letter,
				const struct rc_secrets *secrets, const struct rc_fleet_server *server,
				struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf certificate, ca;
	enum rc_status status;

	rc_buf_init(&certificate, sizeof(answer->certificate_pem) - 1);
	rc_buf_init(&ca, sizeof(answer->ca_pem[0]) - 1);
	status = rc_pem_encode(RC_PEM_CERTIFICATE, letter->certificate_der, &certificate, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&secrets->ca_der), &ca, err);
	if (status == RC_OK)
		status = rc_id_parse(rc_bytes_of_text(letter->kiosk), &answer->kiosk);
	if (status == RC_OK)
		status = rc_id_parse(rc_bytes_of_text(letter->room), &answer->room);
	if (status != RC_OK)
		return status;
	(void)rc_text_copy(rc_buf_text(&certificate), answer->certificate_pem,
			   sizeof(answer->certificate_pem));
	(void)rc_text_copy(rc_buf_text(&ca), answer->ca_pem[0], sizeof(answer->ca_pem[0]));
	(void)rc_text_copy(letter->site, answer->site, sizeof(answer->site));
	answer->ca_count = 1;
	answer->organisation = server->organisation;
	answer->server_epoch = server->epoch;
	answer->time_ms = letter->now_ms;
	return RC_OK;
}
