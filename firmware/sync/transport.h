/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_TRANSPORT_H
#define RC_SYNC_TRANSPORT_H
/*
 * One HTTPS exchange at a time with our server, by libcurl (which nothing else of the kiosk sees), and beside it one request that the
 * server may hold. Each has a connection of its own, which is kept: an exchange never waits for what is held.
 *
 * https alone, no redirects, no proxy from the environment, TLS 1.2 or newer, the peer always verified against the CAs given,
 * at the time given. The one exception is rc_transport_fetch_ca, whose answer counts only if its hash does. Blocks; one thread.
 */
#include "firmware/sync/trouble.h"
#include "shared/base/buf.h"

struct rc_transport;

struct rc_transport_config {
	const char *url;                 /* https://host:port; copied */
	struct rc_bytes ca_pem;          /* copied, as all that follows */
	struct rc_bytes certificate_pem; /* empty: none is shown */
	struct rc_bytes key_pem;
	int64_t (*now_ms)(void *now_context); /* at which certificates are judged */
	void *now_context;
	bool (*is_stopping)(void *stop_context); /* asked during transfers: true cuts them; may be NULL */
	void *stop_context;
};

struct rc_transport_request {
	const char *method; /* GET, POST, PUT */
	const char *path;   /* with its query */
	const char *content_type;
	bool is_gzip;
	struct rc_bytes body;
	/* Takes the body of a 200 piece by piece instead of `response->body`; anything but RC_OK cuts the transfer. May be NULL. */
	enum rc_status (*take)(void *context, struct rc_bytes piece);
	void *take_context;
};

struct rc_transport_response {
	int status;
	char content_type[80];  /* without parameters */
	int64_t retry_after_ms; /* 0: none */
	int64_t duration_ms;
	struct rc_buf body;
};

#define RC_TRANSPORT_BODY_MAX_BYTES (256u * 1024u)

/* RC_ENOMEM, RC_EUSAGE (not https). The process must have called rc_transport_global once before threads start. */
RC_CHECKED enum rc_status rc_transport_new(const struct rc_transport_config *config,
					   struct rc_transport **transport, struct rc_error *err);
void rc_transport_free(struct rc_transport *transport);

/* libcurl's own start; main thread, once. */
RC_CHECKED enum rc_status rc_transport_global(struct rc_error *err);

/* An empty response; one may serve many exchanges. */
void rc_transport_response_init(struct rc_transport_response *response);
/* Frees what an exchange left in it. */
void rc_transport_response_deinit(struct rc_transport_response *response);

/* RC_OK: an answer came, of whatever status. RC_ENET: none did; the text says which step failed and why. */
RC_CHECKED enum rc_status rc_transport_exchange(struct rc_transport *transport,
						const struct rc_transport_request *request,
						struct rc_transport_response *response,
						struct rc_error *err);

/* Why the last exchange brought no answer; RC_SYNC_TROUBLE_NONE: it brought one. */
enum rc_sync_trouble rc_transport_trouble(const struct rc_transport *transport);

/* ---- one request that the server may hold ---- */

/*
 * Begins a GET which the server may leave without an answer for `held_ms`; it makes progress only inside rc_transport_wait. `request` is
 * borrowed for the call, what its `take` needs and `response` until it has ended. A second one at a time is a bug. RC_ENOMEM.
 */
RC_CHECKED enum rc_status rc_transport_hold(struct rc_transport *transport,
					    const struct rc_transport_request *request,
					    struct rc_transport_response *response, int64_t held_ms,
					    struct rc_error *err);
bool rc_transport_is_holding(const struct rc_transport *transport);

/* Waits until `wake_fd` can be read, the held request has ended (true), or the time is over; -1: no limit. NULL has nothing held. */
bool rc_transport_wait(struct rc_transport *transport, int wake_fd, int64_t timeout_ms);

/* How the held request ended, as rc_transport_exchange says it; after rc_transport_wait was true. */
RC_CHECKED enum rc_status rc_transport_held(struct rc_transport *transport, struct rc_error *err);

/* Cuts the held request, if there is one. */
void rc_transport_let_go(struct rc_transport *transport);

/* GET /v1/ca of a server nobody vouches for yet. RC_EDENIED if SHA-256 of what comes isn't `sha256`: somebody else answers there. */
RC_CHECKED enum rc_status rc_transport_fetch_ca(const struct rc_transport_config *config,
						const uint8_t sha256[32], struct rc_buf *der,
						struct rc_error *err);

#endif
