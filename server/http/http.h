/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_H
#define RC_HTTP_H
/*
 * The server's HTTP/1.1: listeners with const tables of routes, handlers that get a checked request and fill in a response.
 *
 * Threads. rc_http_server_run is the loop: it accepts, reads, parses, encrypts and writes, and never waits for a handler
 * (but for those of routes marked `is_quick`, which have nothing to wait for).
 * Handlers run on a pool of the server's own (`worker_count` threads), so they may block on the database; a handshake's
 * computing runs on a second pool (`handshake_count`). A request, its arena and its response belong to the worker that runs
 * the handler. Handlers must not start threads that touch them after they have returned.
 *
 * A handler that has nothing to say yet (a long poll) doesn't keep a worker: it calls rc_http_wait and returns, and is
 * called again when somebody calls rc_http_server_wake or the time is over.
 *
 * What comes in is hostile: see parser.h for what is refused. Everything here has a limit and every wait an absolute deadline.
 */
#include "server/http/parser.h"
#include "server/tls/tls.h"
#include "shared/base/arena.h"
#include "shared/base/buf.h"

#define RC_HTTP_PARAMS_MAX       8u  /* {…} segments of a route */
#define RC_HTTP_QUERY_MAX        32u /* parameters of a query; more, or one name twice, is 400 */
#define RC_HTTP_CLASSES          5u  /* of statuses: 1xx … 5xx */
#define RC_HTTP_ADDRESS_CHARS    45u /* the longest IPv6 text */
#define RC_HTTP_REQUEST_ID_CHARS 16u
#define RC_HTTP_RESPONSE_MAX_BYTES                                                                 \
	(8u * 1024u * 1024u) /* of a body that a handler writes into the response */
#define RC_HTTP_LENT_MAX_BYTES             (64u * 1024u * 1024u) /* of a body that is handed over or lent */
#define RC_HTTP_RESPONSE_HEADERS_MAX_BYTES 4096u
#define RC_HTTP_WAIT_MAX_MS                                                                        \
	600000u /* ten minutes: no proxy on the way keeps a silent request longer */

struct rc_http_request;
struct rc_http_response;
struct rc_http_server;

/* Who is at the other end of the connection. */
struct rc_http_peer {
	bool is_tls;
	const struct rc_tls_peer *certificate; /* NULL: none was shown (or none was asked for) */
};

struct rc_http_pair {
	struct rc_bytes name;
	struct rc_bytes value;
};

/*
 * A row of a listener's table. `path` is absolute; a segment `{name}` takes any one segment that isn't empty, and a last segment
 * `*` takes the rest, which may be empty (rc_http_param(request, "*")). A literal segment goes before a parameter, whatever the
 * order in the table. A GET route answers HEAD too.
 */
struct rc_http_route {
	const char *operation; /* its name in the API's description and in the log */
	const char *method;    /* "GET", "POST", "PUT", "PATCH", "DELETE" */
	const char *path;      /* "/api/v1/sessions/{id}/attendance" */
	unsigned classes; /* what classes of peer may call: a bit mask that only the application reads */
	unsigned permissions;   /* as `classes` */
	size_t max_body_bytes;  /* as it comes over the wire; 0: no body is taken. More is 413 */
	size_t max_plain_bytes; /* after gunzip; 0: compressed bodies are 415. More is 413 */
	bool is_quick; /* runs on the loop itself, which all connections wait for: neither `admit` for this route nor the handler may
			* block or compute for long, and rc_http_wait always refuses */
	void (*handle)(struct rc_http_request *request, struct rc_http_response *response);
};

/* All of it is borrowed for handlers until they return; a test may fill one in itself. */
struct rc_http_request {
	struct rc_arena *arena; /* the request's own; goes after the response is written */
	enum rc_http_method method; /* RC_HTTP_HEAD on a GET route: answer as for GET, the body is dropped */
	struct rc_bytes path; /* percent-decoded, valid UTF-8, begins with '/', no `.` or `..` segment, no NUL or control byte */
	struct rc_bytes target; /* raw, as in the request line */
	size_t param_count;
	size_t query_count;
	const struct rc_http_pair *headers; /* values may hold bytes 0x80 … 0xFF */
	size_t header_count;
	struct rc_bytes body;            /* unchunked and gunzipped */
	const char *address;             /* of the other end of the TCP connection, as text */
	const struct rc_http_peer *peer; /* never NULL */
	const struct rc_http_route *route;
	void *app;       /* of the listener */
	void *principal; /* whatever `admit` found out; lives in the arena */
	char request_id[RC_HTTP_REQUEST_ID_CHARS + 1]; /* random; stands in the log and in the answer's X-Request-Id */
	bool is_last_try; /* rc_http_wait will not wait any more: answer */
	bool is_resumed;  /* called again after rc_http_wait */
	struct rc_http_pair params[RC_HTTP_PARAMS_MAX];
	struct rc_http_pair query[RC_HTTP_QUERY_MAX]; /* decoded, valid UTF-8, no control bytes */
};

/* The value (decoded), or a NULL `data` when there is none. Names are exact, but headers' ignore ASCII case. */
struct rc_bytes rc_http_param(const struct rc_http_request *request, const char *name);
struct rc_bytes rc_http_query(const struct rc_http_request *request, const char *name);

/* The first header of that name. */
struct rc_bytes rc_http_header(const struct rc_http_request *request, const char *name);

/* The media type of the body, without parameters, is `type` ("application/json"). */
bool rc_http_is_content_type(const struct rc_http_request *request, const char *type);

/* "zh" or "en", by Accept-Language (RFC 9110 12.5.4); "en" when it says nothing that decides. */
const char *rc_http_language(const struct rc_http_request *request);

/*
 * A response is filled by one of the rc_http_respond_… calls, the last one counts; a handler that fills nothing is answered 500.
 * Every answer carries nosniff, no-store, a policy against framing and script, and the request's id; rc_http_set_header with the
 * same name replaces one of those.
 */
struct rc_http_response {
	const struct rc_http_request *request;
	int status;               /* 0: not filled yet */
	struct rc_buf headers;    /* "Name: value\r\n" lines */
	const char *content_type; /* static or in the arena; NULL: no body */
	struct rc_buf body;       /* what the handler wrote, or … */
	struct rc_bytes lent;     /* … what it lent */
	void (*release)(void *lender); /* called once, on any thread, when the lent bytes are done with */
	void *lender;
	uint64_t wait_topics; /* of rc_http_wait; 0: answered */
	uint64_t wait_ms;
	void (*finish)(struct rc_http_response *response, void *context); /* of rc_http_defer; NULL: not deferred */
	void *finish_context;
};

/* For servers and tests: an empty response to `request` (borrowed), and the end of one. */
void rc_http_response_init(struct rc_http_response *response, const struct rc_http_request *request);
void rc_http_response_deinit(struct rc_http_response *response);

/* Copies the body. `content_type` is static or in the arena. A body over RC_HTTP_RESPONSE_MAX_BYTES turns into a 500. */
void rc_http_respond(struct rc_http_response *response, int status, const char *content_type,
		     struct rc_bytes body);
void rc_http_respond_json(struct rc_http_response *response, int status, struct rc_bytes json);

/* 204 and the like: no body at all. */
void rc_http_respond_empty(struct rc_http_response *response, int status);

/* Takes the buffer's memory instead of copying (snapshots); `body` is empty afterwards. A failed buffer turns into a 500. */
void rc_http_respond_owned(struct rc_http_response *response, int status, const char *content_type,
			   struct rc_buf *body);

/* Sends memory that stays the lender's (a mapped file, a built-in page) and calls release(lender) when it is done with; `release`
 * may be NULL. */
void rc_http_respond_lent(struct rc_http_response *response, int status, const char *content_type,
			  struct rc_bytes body, void (*release)(void *lender), void *lender);

/* RFC 9457 `application/problem+json`: {"type":"about:blank","title":…,"status":…,"code":…,"detail":…,"request_id":…}. `code` is
 * stable and meant for programs, the title is in the reader's language; `detail` may be NULL and is for humans. */
void rc_http_problem(struct rc_http_response *response, int status, const char *code,
		     const char *title_en, const char *title_zh, const char *detail);

/* Adds a header or replaces the one of that name. A control byte in it would forge lines: the answer becomes a 500. */
void rc_http_set_header(struct rc_http_response *response, const char *name, const char *value);

/* Retry-After, in seconds from now. */
void rc_http_retry_after(struct rc_http_response *response, unsigned seconds);

/* Parks the request without a worker: the handler is called again, with `is_resumed`, when a topic of the mask is woken (also if
 * that was since the handler began) or `wait_ms` have passed since the first call; then `is_last_try` is set. The principal is
 * asked for anew each time. Returns false, and does nothing, when `is_last_try` is set already. `topics` must not be 0. */
RC_CHECKED bool rc_http_wait(struct rc_http_response *response, uint64_t topics, uint64_t wait_ms);

/*
 * For an answer that is made elsewhere, such as by a commit of the database that hundreds of requests wait for: keeps no worker
 * meanwhile. The handler calls rc_http_defer and returns without an answer. Whoever has it calls rc_http_ready, once and in the end
 * always, from any thread, also before the handler has returned; the request, its body and its arena stay until then. Then
 * `finish` fills the response on the loop, which all connections wait for, so it neither blocks nor computes for long; if the peer
 * has gone it isn't called, so what belongs to `context` lives in the arena. Returns false, and does nothing, where `is_last_try`
 * or `is_resumed` is set: answer at once then.
 */
RC_CHECKED bool rc_http_defer(struct rc_http_response *response,
			      void (*finish)(struct rc_http_response *response, void *context),
			      void *context);
void rc_http_ready(struct rc_http_response *response);

struct rc_http_listener_config {
	const char *address; /* numeric: "127.0.0.1", "::" */
	uint16_t port;       /* 0: any free one; see `bound_port` of rc_http_server_add_listener */
	struct rc_tls_context *tls; /* NULL: plain HTTP. Borrowed until the server is freed */
	const struct rc_http_route *routes; /* borrowed as well */
	size_t route_count;
	unsigned max_connections_per_address; /* 0: the server's setting; raise it behind a proxy, where all come from one */
	void *app;
	/* Runs on the worker before each call of a handler: the certificate's class, the token. False: it has filled the response
	 * and the handler isn't called. NULL: everybody may. */
	bool (*admit)(struct rc_http_request *request, struct rc_http_response *response);
};

/* rc_http_settings_default fills in the values given here. Times are absolute: from the beginning of what they limit. */
struct rc_http_settings {
	unsigned worker_count; /* 32 threads for handlers: most sleep until a commit is on the disk, and what waits together shares one */
	unsigned handshake_count; /* threads for handshakes: as many as there are cores, at most 8 */
	unsigned max_handshakes_per_address; /* 2 being computed at once; others queue */
	unsigned strangers_percent; /* 20: of the handshake threads' time, for peers that show no good certificate, when they come in crowds */
	uint64_t strangers_burst_ms; /* 500 a thread, before that counts: people who come to work together aren't a crowd */
	unsigned max_handshakes_waiting;      /* 1024; beyond, connections are closed */
	unsigned max_connections;             /* 10,000; beyond, 503 (plain) or closed (TLS) */
	unsigned max_connections_per_address; /* 256; an address is an IPv4 address or an IPv6 /64 */
	unsigned max_requests_waiting;        /* 1,024 for a worker; beyond, 503 */
	unsigned max_parked; /* 10,000 in rc_http_wait; beyond, the handler is called as its last try */
	size_t max_bodies_bytes; /* 64 MiB: bodies of all connections together; beyond, 503 */
	size_t max_arena_bytes;  /* 16 MiB a request */
	uint64_t handshake_ms;   /* 10,000 from accept to the end of the handshake */
	uint64_t header_ms; /* 10,000 for a head, from its first byte (of the first one: from the connection's start) */
	uint64_t body_ms;              /* 60,000, and what the body's size takes at min_rate */
	uint64_t write_ms;             /* 60,000, and what the answer's size takes at min_rate */
	uint64_t min_rate_bytes_per_s; /* 8,192: the slowest peer we wait for */
	uint64_t idle_ms;              /* 60,000 between requests */
	uint64_t linger_ms; /* 2,000 for a refused peer to read the answer before the connection is cut */
	uint64_t stop_ms; /* 30,000 for what is under way when the server is stopped */
};
void rc_http_settings_default(struct rc_http_settings *settings);

/* RC_ENOMEM, RC_EUSAGE (a setting of 0). No thread starts before rc_http_server_run. SIGPIPE is ignored in the whole process from
 * here on. */
RC_CHECKED enum rc_status rc_http_server_new(const struct rc_http_settings *settings,
					     struct rc_http_server **server, struct rc_error *err);

/* Binds and listens at once; connections are taken when the server runs. `bound_port` (may be NULL) is what was chosen. RC_EUSAGE
 * for an address that isn't numeric and for a table with a bad row, RC_ENET if it can't be bound. Before rc_http_server_run. */
RC_CHECKED enum rc_status rc_http_server_add_listener(struct rc_http_server *server,
						      const struct rc_http_listener_config *config,
						      uint16_t *bound_port, struct rc_error *err);

/* Serves until rc_http_server_stop; then no connection is taken, idle ones are closed, parked requests get their last try, running
 * ones are finished and written. Returns when all is done. Once a server. RC_ENOMEM if the threads can't be started. */
RC_CHECKED enum rc_status rc_http_server_run(struct rc_http_server *server, struct rc_error *err);

/* Any thread, any number of times, also before run and from a handler. Not from a signal handler. */
void rc_http_server_stop(struct rc_http_server *server);

/* Calls the handlers that wait for one of the topics again. Any thread. Cheap when nobody waits. */
void rc_http_server_wake(struct rc_http_server *server, uint64_t topics);

/* What the server is doing, and what it has done since it was made. Any thread, and cheap: nothing is locked, so the numbers may be of
 * slightly different moments. */
struct rc_http_counts {
	unsigned connections;
	unsigned requests_running; /* waiting for a worker or on one */
	unsigned requests_parked;
	unsigned handshakes_waiting; /* for their turn to be computed */
	uint64_t accepted;           /* connections, the refused ones included */
	uint64_t refused;            /* connections refused by a limit */
	uint64_t requests_served;    /* their answers are on the way or out */
	uint64_t answers[RC_HTTP_CLASSES]; /* of them, by the first digit of the status: answers[1] are the 2xx */
	uint64_t handshakes_done;
	uint64_t handshakes_failed;
};
struct rc_http_counts rc_http_server_counts(const struct rc_http_server *server);

/* Not while it runs. */
void rc_http_server_free(struct rc_http_server *server);

#endif
