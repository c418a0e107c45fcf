/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key is made once and used for every try: the server answers the same (code, key) with the same certificate, so an answer
 * that got lost costs nothing.
 */
#include "firmware/sync/enrol.h"

#include "shared/crypto/certificate.h"
#include "shared/crypto/pem.h"
#include "shared/device/device.h"

#include <stdlib.h>

#define TRIES 3

/* The subject of the request is a placeholder: the server gives the kiosk its id. */
#define REQUEST_NAME "rollcall-kiosk"

const char *rc_enrol_reason(enum rc_status status)
{
	switch (status) {
	case RC_EEXPIRED:
		return "expired";
	case RC_ECONFLICT:
		return "used";
	case RC_ENET:
	case RC_EBUSY:
		return "network";
	case RC_EDENIED:
		return "denied";
	default:
		return "damaged";
	}
}

static enum rc_status status_of_problem(const struct rc_transport_response *response, struct rc_error *err)
{
	static const struct {
		const char *code;
		enum rc_status status;
	} problems[] = {
	    {RC_DEVICE_PROBLEM_CODE_EXPIRED, RC_EEXPIRED},
	    {RC_DEVICE_PROBLEM_CODE_USED, RC_ECONFLICT},
	    {RC_DEVICE_PROBLEM_CODE_UNKNOWN, RC_EDENIED},
	};
	struct rc_device_mark mark;
	char code[64] = "";
	bool has_mark;

	if (rc_device_problem_decode(rc_buf_bytes(&response->body), code, sizeof(code), &mark,
				     &has_mark, NULL) == RC_OK) {
		for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
			if (strcmp(problems[i].code, code) == 0)
				return rc_fail(err, problems[i].status, "the server refused: %s", code);
		}
	}
	return rc_fail(err, response->status >= 500 || response->status == 429 ? RC_ENET : RC_EDENIED,
		       "the server answered %d %s", response->status, code);
}

static enum rc_status make_request(struct rc_key *key, const struct rc_enrol_code *code,
				   struct rc_buf *json, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der, pem;
	struct rc_device_enrol_request request;
	enum rc_status status;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&pem, sizeof(request.csr_pem) - 1);
	memcpy(request.code, code->code, sizeof(request.code));
	status = rc_csr_create(key, REQUEST_NAME, &der, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CSR, rc_buf_bytes(&der), &pem, err);
	if (status == RC_OK && !rc_text_copy(rc_buf_text(&pem), request.csr_pem, sizeof(request.csr_pem)))
		status = rc_fail(err, RC_EBUG, "a request is longer than its field");
	if (status == RC_OK) {
		rc_device_enrol_request_encode(&request, json);
		status = rc_buf_status(json, err);
	}
	rc_wipe(&request, sizeof(request));
	return status;
}

/* The certificate must be for our key, of the CA that the code names, and bear the id the server gave us. */
static enum rc_status check_certificate(const struct rc_device_enrol_answer *answer,
					struct rc_bytes ca_der, struct rc_key *key,
					struct rc_buf *der, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf ours, theirs;
	struct rc_certificate certificate;
	char kiosk[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_buf_init(&ours, RC_KEY_PUBLIC_DER_BYTES);
	rc_buf_init(&theirs, RC_KEY_PUBLIC_DER_BYTES);
	rc_id_format(&answer->kiosk, kiosk);
	status = rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer->certificate_pem), der,
			       NULL, err);
	if (status == RC_OK)
		status = rc_certificate_read(rc_buf_bytes(der), &certificate, err);
	if (status == RC_OK)
		status = rc_certificate_is_signed_by(rc_buf_bytes(der), ca_der, err);
	if (status == RC_OK)
		status = rc_certificate_public_der(rc_buf_bytes(der), &theirs, err);
	if (status == RC_OK)
		status = rc_key_public_der(key, &ours, err);
	if (status == RC_OK && (!rc_bytes_equal(rc_buf_bytes(&ours), rc_buf_bytes(&theirs)) ||
				strcmp(certificate.common_name, kiosk) != 0))
		status = rc_fail(err, RC_EFORMAT, "the certificate is not for this kiosk");
	return status;
}

static enum rc_status take_answer(const struct rc_device_enrol_answer *answer,
				  const struct rc_enrol_code *code, struct rc_bytes ca_der,
				  struct rc_identity *identity, struct rc_error *err)
{
	enum rc_status status =
	    check_certificate(answer, ca_der, identity->key, &identity->certificate_der, err);

	if (status != RC_OK)
		return status;
	identity->kiosk = answer->kiosk;
	identity->organisation = answer->organisation;
	identity->room = answer->room;
	memcpy(identity->site, answer->site, sizeof(identity->site));
	(void)rc_text_copy(code->url, identity->url, sizeof(identity->url)); /* both fields hold 200 characters */
	for (size_t i = 0; i < answer->ca_count; i++)
		rc_buf_append_text(&identity->ca_pem, answer->ca_pem[i]);
	return rc_buf_status(&identity->ca_pem, err);
}

/* One try to have the key certified. */
static enum rc_status ask(struct rc_transport *transport, struct rc_bytes json,
			  struct rc_device_enrol_answer *answer, struct rc_enrol_time *time,
			  struct rc_error *err)
{
	const struct rc_transport_request request = {
	    .method = "POST", .path = "/v1/kiosk/enrol", .content_type = "application/json", .body = json};
	struct rc_transport_response response;
	enum rc_status status;

	rc_transport_response_init(&response);
	status = rc_transport_exchange(transport, &request, &response, err);
	if (status == RC_OK && response.status != 200)
		status = status_of_problem(&response, err);
	else if (status == RC_OK)
		status = rc_device_enrol_answer_decode(rc_buf_bytes(&response.body), answer, err);
	if (status == RC_OK) {
		time->server_ms = answer->time_ms;
		time->up_ms = rc_clock_up_ms(rc_clock_system());
		time->error_ms = response.duration_ms / 2 + 1;
	}
	rc_transport_response_deinit(&response);
	return status;
}

static enum rc_status certify(const struct rc_transport_config *transport_config,
			      const struct rc_enrol_code *code, struct rc_bytes ca_der,
			      struct rc_identity *identity, struct rc_enrol_time *time,
			      struct rc_error *err)
{
	RC_AUTO(rc_free_p) struct rc_device_enrol_answer *answer = calloc(1, sizeof(*answer));
	struct rc_transport *transport = NULL;
	RC_AUTO(rc_buf_deinit) struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&json, 2 * RC_DEVICE_PEM_MAX_BYTES);
	if (!answer)
		return rc_fail(err, RC_ENOMEM, "no memory to enrol");
	status = make_request(identity->key, code, &json, err);
	if (status == RC_OK)
		status = rc_transport_new(transport_config, &transport, err);
	for (int i = 0; status == RC_OK && i < TRIES; i++) {
		status = ask(transport, rc_buf_bytes(&json), answer, time, err);
		if (status != RC_ENET)
			break;
		if (i + 1 < TRIES)
			status = RC_OK; /* the answer may have got lost behind the server's commit */
	}
	rc_transport_free(transport);
	return status == RC_OK ? take_answer(answer, code, ca_der, identity, err) : status;
}

/* A kiosk that is enrolled stays who it is: its journal and what it hasn't sent yet bear its id. The code must name it. */
static enum rc_status check_same_kiosk(const char *folder, const struct rc_identity *made,
				       struct rc_error *err)
{
	struct rc_identity old;
	char id[RC_ID_CHARS + 1];
	bool is_same;

	if (rc_identity_load(folder, &old, NULL) != RC_OK)
		return RC_OK; /* there is none, or none that can be used */
	is_same = rc_id_equal(&old.kiosk, &made->kiosk);
	rc_id_format(&old.kiosk, id);
	rc_identity_deinit(&old);
	return is_same
		   ? RC_OK
		   : rc_fail(err, RC_EDENIED,
			     "this is kiosk %s already: it needs a code that replaces that one", id);
}

enum rc_status rc_enrol(const struct rc_enrol_wish *wish, struct rc_identity *identity,
			struct rc_enrol_time *time, struct rc_error *err)
{
	const struct rc_sync_config *config = wish->config;
	const struct rc_enrol_code *code = wish->code;
	struct rc_transport_config transport_config = {
	    .url = code->url,
	    .now_ms = config->certificate_now_ms,
	    .now_context = config->context,
	    .is_stopping = wish->is_stopping,
	    .stop_context = wish->stop_context,
	};
	RC_AUTO(rc_buf_deinit) struct rc_buf ca_der, ca_pem;
	struct rc_identity made;
	enum rc_status status;

	rc_identity_init(&made);
	rc_buf_init(&ca_der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&ca_pem, RC_PEM_MAX_BYTES);
	status = rc_transport_fetch_ca(&transport_config, code->ca_sha256, &ca_der, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&ca_der), &ca_pem, err);
	if (status == RC_OK)
		status = rc_key_new(&made.key, err);
	if (status == RC_OK) {
		transport_config.ca_pem = rc_buf_bytes(&ca_pem);
		status = certify(&transport_config, code, rc_buf_bytes(&ca_der), &made, time, err);
	}
	if (status == RC_OK)
		status = check_same_kiosk(config->identity_folder, &made, err);
	if (status == RC_OK)
		status = rc_identity_save(config->identity_folder, &made, err);
	if (status != RC_OK) {
		rc_identity_deinit(&made);
		return rc_error_in(err, status, "enrolling at %s", code->url);
	}
	*identity = made;
	return RC_OK;
}
