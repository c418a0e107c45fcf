/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/sync/renew.h"

#include "firmware/identity/pending.h"
#include "firmware/sync/certify.h"
#include "shared/crypto/certificate.h"

#include <stdlib.h>

#define LIFE_MS (400 * RC_DAY_MS) /* of a certificate, where nobody wrote down when it was signed */

bool rc_renewal_is_due(const struct rc_identity *identity, int64_t now_ms)
{
	struct rc_certificate certificate;
	int64_t end_ms, life_ms;

	if (rc_certificate_read(rc_buf_bytes(&identity->certificate_der), &certificate, NULL) != RC_OK)
		return false;
	end_ms = certificate.validity.not_after_ms;
	/* It is dated from 2020 on, for boards that boot with any clock: that says nothing of its life. */
	life_ms = identity->issued_ms > 0 && identity->issued_ms < end_ms ? end_ms - identity->issued_ms
									  : LIFE_MS;
	return now_ms >= end_ms - life_ms / 3;
}

static enum rc_status refused(const struct rc_transport_response *response, struct rc_error *err)
{
	struct rc_device_mark mark;
	char code[64] = "";
	bool has_mark;

	if (rc_device_problem_decode(rc_buf_bytes(&response->body), code, sizeof(code), &mark,
				     &has_mark, NULL) == RC_OK &&
	    response->status == 403 && strcmp(code, RC_DEVICE_PROBLEM_CERTIFICATE) == 0)
		return rc_fail(err, RC_EDENIED,
			       "the server doesn't renew this certificate: a new code is needed");
	return rc_fail(err, RC_ENET, "status %d %s", response->status, code);
}

static enum rc_status ask(struct rc_sync_round *round, const struct rc_device_renew_request *wish,
			  struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	struct rc_transport_request request = {
	    .method = "POST", .path = "/v1/kiosk/renew", .content_type = "application/json"};
	struct rc_transport_response response;
	RC_AUTO(rc_buf_deinit) struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&json, 2 * RC_DEVICE_PEM_MAX_BYTES);
	rc_transport_response_init(&response);
	rc_device_renew_request_encode(wish, &json);
	request.body = rc_buf_bytes(&json);
	status = rc_buf_status(&json, err);
	if (status == RC_OK)
		status = rc_transport_exchange(round->transport, &request, &response, err);
	round->retry_after_ms = status == RC_OK ? response.retry_after_ms : 0;
	if (status == RC_OK &&
	    (response.status != 200 || strcmp(response.content_type, "application/json") != 0))
		status = refused(&response, err);
	else if (status == RC_OK)
		status = rc_device_enrol_answer_decode(rc_buf_bytes(&response.body), answer, err);
	if (status == RC_OK)
		rc_sync__report_time(round, answer->time_ms, &response);
	rc_transport_response_deinit(&response);
	return status;
}

static enum rc_status certify(struct rc_sync_round *round, struct rc_identity *made, struct rc_error *err)
{
	RC_AUTO(rc_free_p) struct rc_device_enrol_answer *answer = calloc(1, sizeof(*answer));
	struct rc_device_renew_request wish;
	enum rc_status status = answer ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory to renew");

	if (status == RC_OK)
		status = rc_certify_request(made->key, wish.csr_pem, err);
	if (status == RC_OK)
		status = ask(round, &wish, answer, err);
	if (status == RC_OK && !rc_id_equal(&answer->kiosk, &round->identity->kiosk))
		status = rc_fail(err, RC_EFORMAT, "the server takes us for another kiosk");
	return status == RC_OK ? rc_certify_take(answer, rc_bytes_of(NULL, 0), made, err) : status;
}

enum rc_status rc_renew(struct rc_sync_round *round, const char *identity_folder,
			struct rc_identity *renewed, struct rc_error *err)
{
	struct rc_certificate old;
	struct rc_identity made;
	enum rc_status status =
	    rc_certificate_read(rc_buf_bytes(&round->identity->certificate_der), &old, err);

	rc_identity_init(&made);
	if (status == RC_OK)
		status = rc_pending_key(identity_folder, old.sha256, &made.key, err);
	if (status == RC_OK)
		status = certify(round, &made, err);
	(void)rc_text_copy(round->identity->url, made.url, sizeof(made.url));
	if (status == RC_OK)
		status = rc_identity_save(identity_folder, &made, err);
	if (status != RC_OK) {
		rc_identity_deinit(&made);
		return rc_error_in(err, status, "renewing the certificate");
	}
	rc_pending_drop(identity_folder);
	*renewed = made;
	return RC_OK;
}
