/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key is on the disk before it is sent, and used for every try with a code: the server answers the same (code, key) with the
 * same certificate, so an answer that got lost costs nothing, not even when the power went before the next try.
 */
#include "firmware/sync/enrol.h"

#include "firmware/identity/pending.h"
#include "firmware/sync/certify.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/pem.h"
#include "shared/device/device.h"
#include "shared/words/words.h"

#include <stdlib.h>

#define TRIES 3

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
		const char *text;
	} problems[] = {
	    {RC_DEVICE_PROBLEM_CODE_EXPIRED, RC_EEXPIRED,
	     RC_WORDS_KEY("the code's time is over: make a new one at the server")},
	    {RC_DEVICE_PROBLEM_CODE_USED, RC_ECONFLICT,
	     RC_WORDS_KEY("another kiosk has used this code: make a new one at the server")},
	    {RC_DEVICE_PROBLEM_CODE_UNKNOWN, RC_EDENIED,
	     RC_WORDS_KEY("the server didn't make this code, or it was copied with a mistake")},
	    {RC_DEVICE_PROBLEM_OTHER_KIOSK, RC_EDENIED,
	     RC_WORDS_KEY("the code is to replace another kiosk than this one")},
	};
	struct rc_device_mark mark;
	char code[64] = "";
	bool has_mark;

	if (rc_device_problem_decode(rc_buf_bytes(&response->body), code, sizeof(code), &mark,
				     &has_mark, NULL) == RC_OK) {
		for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
			if (strcmp(problems[i].code, code) == 0)
				return rc_fail(err, problems[i].status, "%s", rc_words(problems[i].text));
		}
	}
	return rc_fail(err, response->status >= 500 || response->status == 429 ? RC_ENET : RC_EDENIED,
		       "the server answered %d %s", response->status, code);
}

static enum rc_status make_request(struct rc_key *key, const struct rc_enrol_code *code,
				   const struct rc_id *kiosk, struct rc_buf *json, struct rc_error *err)
{
	struct rc_device_enrol_request request = {.kiosk = *kiosk};
	enum rc_status status = rc_certify_request(key, request.csr_pem, err);

	memcpy(request.code, code->code, sizeof(request.code));
	if (status == RC_OK) {
		rc_device_enrol_request_encode(&request, json);
		status = rc_buf_status(json, err);
	}
	rc_wipe(&request, sizeof(request));
	return status;
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

/* Asks until there is an answer, a few times. */
static enum rc_status certify(const struct rc_transport_config *transport_config,
			      struct rc_bytes json, struct rc_device_enrol_answer *answer,
			      struct rc_enrol_time *time, struct rc_error *err)
{
	struct rc_transport *transport = NULL;
	enum rc_status status = rc_transport_new(transport_config, &transport, err);

	for (int i = 0; status == RC_OK && i < TRIES; i++) {
		status = ask(transport, json, answer, time, err);
		if (status != RC_ENET)
			break;
		if (i + 1 < TRIES)
			status = RC_OK; /* the answer may have got lost behind the server's commit */
	}
	rc_transport_free(transport);
	return status;
}

/* A kiosk that is enrolled stays who it is: its journal and what it hasn't sent yet bear its id. Nil if it is none yet, or none that
 * can be used. */
static struct rc_id who_we_are(const char *folder)
{
	struct rc_identity identity;
	struct rc_id kiosk = {.octets = {0}};

	if (rc_identity_load(folder, &identity, NULL) != RC_OK)
		return kiosk;
	kiosk = identity.kiosk;
	rc_identity_deinit(&identity);
	return kiosk;
}

/* The server has been told who we are, but one of before doesn't listen to that. */
static enum rc_status check_same_kiosk(const struct rc_id *before, const struct rc_id *now,
				       struct rc_error *err)
{
	char id[RC_ID_CHARS + 1];

	if (rc_id_is_nil(before) || rc_id_equal(before, now))
		return RC_OK;
	rc_id_format(before, id);
	return rc_fail(err, RC_EDENIED,
		       "this is kiosk %s already: it needs a code that replaces that one", id);
}

/* The key for this code, its certificate, and who the server says we are. */
static enum rc_status fill_identity(const struct rc_enrol_wish *wish,
				    const struct rc_transport_config *transport_config,
				    struct rc_bytes ca_der, struct rc_identity *identity,
				    struct rc_enrol_time *time, struct rc_error *err)
{
	RC_AUTO(rc_free_p) struct rc_device_enrol_answer *answer = calloc(1, sizeof(*answer));
	const struct rc_id before = who_we_are(wish->config->identity_folder);
	uint8_t purpose[RC_PENDING_PURPOSE_BYTES];
	RC_AUTO(rc_buf_deinit) struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&json, 2 * RC_DEVICE_PEM_MAX_BYTES);
	if (!answer)
		return rc_fail(err, RC_ENOMEM, "no memory to enrol");
	rc_sha256(rc_bytes_of(wish->code->code, sizeof(wish->code->code)), purpose);
	status = rc_pending_key(wish->config->identity_folder, purpose, &identity->key, err);
	if (status == RC_OK)
		status = make_request(identity->key, wish->code, &before, &json, err);
	if (status == RC_OK)
		status = certify(transport_config, rc_buf_bytes(&json), answer, time, err);
	if (status == RC_OK)
		status = rc_certify_take(answer, ca_der, identity, err);
	if (status == RC_OK)
		status = check_same_kiosk(&before, &identity->kiosk, err);
	(void)rc_text_copy(wish->code->url, identity->url, sizeof(identity->url)); /* both hold 200 characters */
	return status;
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
	if (status == RC_OK) {
		transport_config.ca_pem = rc_buf_bytes(&ca_pem);
		status = fill_identity(wish, &transport_config, rc_buf_bytes(&ca_der), &made, time, err);
	}
	if (status == RC_OK)
		status = rc_identity_save(config->identity_folder, &made, err);
	if (status != RC_OK) {
		rc_identity_deinit(&made);
		return rc_error_in(err, status, "enrolling at %s", code->url);
	}
	rc_pending_drop(config->identity_folder);
	*identity = made;
	return RC_OK;
}
