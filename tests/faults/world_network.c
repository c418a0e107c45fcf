/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network, in the place of libcurl: firmware/sync/transport.h and what firmware/sync/sync.c does for a round are defined here, so
 * that the linker takes neither of them from their library. An exchange that goes wrong does so in one of the ways that TLS can't
 * prevent; whoever stands between can't change what is inside, only keep it, cut it or send the kiosk to a page of its own.
 */
#include "tests/faults/world.h"

#include "shared/crypto/certificate.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 40

struct rc_transport {
	struct world_kiosk *kiosk;
	struct rc_tls_peer peer;
	bool has_peer;
	enum rc_sync_trouble trouble;
	bool is_holding;
	char held_path[160];
	struct rc_transport_request held_request;
	struct rc_transport_response *held_response;
	enum rc_status held_status;
};

/* ---- what the thread does for its rounds ---- */

void rc_sync__report(struct rc_sync *sync, const struct rc_sync_report *report)
{
	if (sync->count < WORLD_REPORTS)
		sync->reports[sync->count++] = *report;
}

bool rc_sync__is_stopping(struct rc_sync *sync)
{
	return sync->is_stopping;
}

void rc_sync__machine(struct rc_sync *sync, struct rc_device_status *status)
{
	(void)sync;
	rc_device_status_init(status);
}

void rc_sync__report_time(const struct rc_sync_round *round, int64_t server_ms,
			  const struct rc_transport_response *response)
{
	struct rc_sync_report report = {.kind = RC_SYNC_TIME};

	report.time.server_ms = server_ms;
	report.time.up_ms = rc_clock_up_ms(round->clock);
	report.time.error_ms = response->duration_ms / 2 + 1;
	rc_sync__report(round->sync, &report);
}

/* ---- life cycle ---- */

static enum rc_status read_peer(struct rc_transport *transport, struct rc_bytes pem, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	struct rc_certificate certificate;
	enum rc_status status;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	status = rc_pem_decode(RC_PEM_CERTIFICATE, pem, &der, NULL, err);
	if (status == RC_OK)
		status = rc_certificate_read(rc_buf_bytes(&der), &certificate, err);
	if (status != RC_OK)
		return status;
	transport->has_peer = true;
	memcpy(transport->peer.serial, certificate.serial, certificate.serial_size);
	transport->peer.serial_size = certificate.serial_size;
	transport->peer.not_after_ms = certificate.validity.not_after_ms;
	rc_sha256(rc_buf_bytes(&der), transport->peer.sha256);
	return RC_OK;
}

enum rc_status rc_transport_new(const struct rc_transport_config *config,
				struct rc_transport **transport, struct rc_error *err)
{
	struct rc_transport *made = calloc(1, sizeof(*made));
	enum rc_status status = made ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory");

	if (status == RC_OK && config->certificate_pem.size > 0)
		status = read_peer(made, config->certificate_pem, err);
	if (status != RC_OK) {
		free(made);
		return status;
	}
	made->kiosk = config->now_context;
	*transport = made;
	return RC_OK;
}

void rc_transport_free(struct rc_transport *transport)
{
	free(transport);
}

enum rc_status rc_transport_global(struct rc_error *err)
{
	(void)err;
	return RC_OK;
}

void rc_transport_response_init(struct rc_transport_response *response)
{
	*response = (struct rc_transport_response){.status = 0};
	rc_buf_init(&response->body, RC_TRANSPORT_BODY_MAX_BYTES);
}

void rc_transport_response_deinit(struct rc_transport_response *response)
{
	rc_buf_deinit(&response->body);
}

enum rc_sync_trouble rc_transport_trouble(const struct rc_transport *transport)
{
	return transport->trouble;
}

/* ---- one exchange ---- */

static void write_request(const struct rc_transport *transport,
			  const struct rc_transport_request *request, struct world_request *written)
{
	*written = (struct world_request){
	    .peer = transport->peer, .has_peer = transport->has_peer, .is_gzip = request->is_gzip};
	(void)snprintf(written->method, sizeof(written->method), "%s", request->method);
	(void)snprintf(written->path, sizeof(written->path), "%s", request->path);
	rc_buf_init(&written->body, RC_DEVICE_UPLOAD_GZIP_MAX_BYTES);
	rc_buf_append_bytes(&written->body, request->body);
}

/* Hands over what came: all of it, or only its beginning. */
static enum rc_status read_answer(const struct rc_transport_request *request,
				  const struct world_answer *answer, size_t size,
				  struct rc_transport_response *response)
{
	const uint8_t *bytes = answer->body.data;
	enum rc_status status = RC_OK;

	response->status = answer->status;
	(void)snprintf(response->content_type, sizeof(response->content_type), "%s", answer->content_type);
	response->retry_after_ms = answer->retry_after_ms;
	response->duration_ms = ANSWER_MS;
	rc_buf_clear(&response->body);
	if (request->take == NULL || answer->status != 200) {
		rc_buf_append_bytes(&response->body, rc_bytes_of(bytes, size));
		return rc_buf_status(&response->body, NULL);
	}
	for (size_t at = 0, piece; status == RC_OK && at < size; at += piece) {
		piece = size - at < 1000 ? size - at : 1000;
		status = request->take(request->take_context, rc_bytes_of(bytes + at, piece));
	}
	return status;
}

static void fill_answer(struct world_answer *answer, int status, const char *type, const char *body)
{
	answer->status = status;
	(void)snprintf(answer->content_type, sizeof(answer->content_type), "%s", type);
	rc_buf_append_text(&answer->body, body);
}

/* A captive portal, a proxy, somebody else's server. */
static void answer_as_stranger(struct world *world, struct world_answer *answer)
{
	switch (world_below(world, 5)) {
	case 0:
		fill_answer(answer, 200, "text/html", "<html>Welcome to the guest network</html>");
		break;
	case 1:
		fill_answer(answer, 200, "application/json", "{\"ok\":true}");
		break;
	case 2:
		fill_answer(answer, 302, "text/html", "");
		break;
	case 3:
		fill_answer(answer, 200, "application/x-ndjson", "{\"end\":{}}\n");
		break;
	default:
		fill_answer(answer, 503, "text/plain", "busy");
		answer->retry_after_ms = 5000;
		break;
	}
}

static void delay(struct world *world, struct world_request *request)
{
	if (world->delayed_count == WORLD_DELAYED)
		world_deliver_late(world);
	world->delayed[world->delayed_count++] = *request;
	request->body = (struct rc_buf){.data = NULL}; /* handed over */
	rc_buf_init(&request->body, RC_DEVICE_UPLOAD_GZIP_MAX_BYTES);
}

enum fate {
	ARRIVES,
	LOST,
	ANSWER_LOST,
	ANSWER_CUT,
	LATE,
	TWICE,
	AGAIN_LATER,
	STRANGER,
	SERVER_DIES,
	FATES
};

static const char *const fates[FATES] = {"arrives",     "lost",     "answer lost",
					 "answer cut",  "late",     "twice",
					 "again later", "stranger", "server dies"};

static enum fate draw_fate(struct world *world)
{
	if (world->is_calm || !world_may(world, world->weather))
		return ARRIVES;
	return (enum fate)(1 + world_below(world, FATES - 1));
}

/* What the kiosk hears of it. RC_ENET: nothing, or not all. */
static enum rc_status carry(struct world *world, const struct rc_transport_request *request,
			    struct world_request *written, enum fate fate,
			    struct rc_transport_response *response)
{
	struct world_answer answer = {.status = 0};
	enum rc_status status = RC_ENET;
	size_t size;

	rc_buf_init(&answer.body, 60u * 1024u * 1024u);
	if (fate == SERVER_DIES)
		world_server_ask_and_die(world, written);
	else if (fate == TWICE && world_server_ask(world, written, &answer) == RC_OK)
		rc_buf_clear(&answer.body);
	if (fate == STRANGER) {
		answer_as_stranger(world, &answer);
		status = RC_OK;
	} else if (fate != LOST && fate != LATE && fate != SERVER_DIES) {
		status = world_server_ask(world, written, &answer);
	}
	if (fate == LATE || fate == AGAIN_LATER)
		delay(world, written);
	size = answer.body.size;
	if (status == RC_OK && fate == ANSWER_CUT) {
		size = size > 0 ? (size_t)world_below(world, (long)(size > 200 ? 200 : size)) : 0;
		(void)!read_answer(request, &answer, size, response);
		status = RC_ENET;
	} else if (status == RC_OK && fate != ANSWER_LOST) {
		status = read_answer(request, &answer, size, response) == RC_OK ? RC_OK : RC_ENET;
	} else {
		status = RC_ENET;
	}
	rc_buf_deinit(&answer.body);
	return status;
}

static enum rc_status exchange(struct rc_transport *transport, const struct rc_transport_request *request,
			       struct rc_transport_response *response, struct rc_error *err)
{
	struct world *world = transport->kiosk->world;
	struct world_request written;
	const enum fate fate = draw_fate(world);
	enum rc_status status;

	write_request(transport, request, &written);
	status = carry(world, request, &written, fate, response);
	rc_buf_deinit(&written.body);
	world_note(world, "  kiosk %d: %s %.24s: %s, %d", transport->kiosk->number, request->method,
		   request->path, fates[fate], status == RC_OK ? response->status : 0);
	transport->trouble = status == RC_OK ? RC_SYNC_TROUBLE_NONE : RC_SYNC_TROUBLE_NETWORK;
	return status == RC_OK ? RC_OK : rc_fail(err, RC_ENET, "the network: %s", fates[fate]);
}

enum rc_status rc_transport_exchange(struct rc_transport *transport,
				     const struct rc_transport_request *request,
				     struct rc_transport_response *response, struct rc_error *err)
{
	struct world_kiosk *kiosk = transport->kiosk;

	if (kiosk->dies_after > 0 && --kiosk->dies_after == 0)
		kiosk->sync.is_stopping = true;
	if (kiosk->sync.is_stopping)
		return rc_fail(err, RC_ENET, "the power is gone");
	world_interlude(kiosk);
	return exchange(transport, request, response, err);
}

enum rc_status rc_transport_fetch_ca(const struct rc_transport_config *config,
				     const uint8_t sha256[32], struct rc_buf *der, struct rc_error *err)
{
	const struct rc_transport_request request = {.method = "GET", .path = "/v1/ca"};
	struct rc_transport_response response;
	struct rc_transport *transport = NULL;
	uint8_t hash[32];
	enum rc_status status = rc_transport_new(config, &transport, err);

	rc_transport_response_init(&response);
	if (status == RC_OK)
		status = rc_transport_exchange(transport, &request, &response, err);
	rc_sha256(rc_buf_bytes(&response.body), hash);
	if (status == RC_OK && memcmp(hash, sha256, sizeof(hash)) != 0)
		status = rc_fail(err, RC_EDENIED, "somebody else's CA");
	if (status == RC_OK)
		rc_buf_append_bytes(der, rc_buf_bytes(&response.body));
	rc_transport_response_deinit(&response);
	rc_transport_free(transport);
	return status;
}

/* ---- what the server holds ---- */

enum rc_status rc_transport_hold(struct rc_transport *transport,
				 const struct rc_transport_request *request,
				 struct rc_transport_response *response, int64_t held_ms,
				 struct rc_error *err)
{
	char *wait;

	(void)held_ms;
	(void)err;
	transport->is_holding = true;
	transport->held_request = *request;
	transport->held_response = response;
	(void)snprintf(transport->held_path, sizeof(transport->held_path), "%s", request->path);
	wait = strstr(transport->held_path, "&wait=");
	if (wait != NULL)
		*wait = '\0'; /* it is asked when the wait is over */
	transport->held_request.path = transport->held_path;
	return RC_OK;
}

bool rc_transport_is_holding(const struct rc_transport *transport)
{
	return transport != NULL && transport->is_holding;
}

bool rc_transport_wait(struct rc_transport *transport, int wake_fd, int64_t timeout_ms)
{
	(void)transport;
	(void)wake_fd;
	(void)timeout_ms;
	return false;
}

enum rc_status rc_transport_held(struct rc_transport *transport, struct rc_error *err)
{
	return transport->held_status == RC_OK
		   ? RC_OK
		   : rc_fail(err, RC_ENET, "what was held came to nothing");
}

void rc_transport_let_go(struct rc_transport *transport)
{
	transport->is_holding = false;
}

bool world_deliver_held(struct world_kiosk *kiosk)
{
	struct rc_transport *transport = kiosk->session.transport;
	struct rc_error err;

	if (!rc_transport_is_holding(transport))
		return false;
	transport->is_holding = false;
	transport->held_status =
	    exchange(transport, &transport->held_request, transport->held_response, &err);
	return true;
}

/* ---- what comes late ---- */

void world_deliver_late(struct world *world)
{
	struct world_request request;
	struct world_answer answer;
	size_t which;

	if (world->delayed_count == 0)
		return;
	which = (size_t)world_below(world, (long)world->delayed_count);
	request = world->delayed[which];
	world->delayed[which] = world->delayed[--world->delayed_count];
	rc_buf_init(&answer.body, 60u * 1024u * 1024u);
	answer.status = 0;
	(void)!world_server_ask(world, &request, &answer);
	world_note(world, "late: %s %.24s: %d", request.method, request.path, answer.status);
	rc_buf_deinit(&answer.body);
	rc_buf_deinit(&request.body);
}

void world_forget_late(struct world *world)
{
	while (world->delayed_count > 0)
		rc_buf_deinit(&world->delayed[--world->delayed_count].body);
}
