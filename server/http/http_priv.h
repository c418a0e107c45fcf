/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_PRIV_H
#define RC_HTTP_PRIV_H
/*
 * What the sources of this folder share.
 *
 *     server.c ── listeners, run, stop         arrivals.c, connection.c ── a connection's life, its states
 *     handshakes.c, addresses.c ── who may     io.c ── plain or TLS: bytes of the socket ↔ bytes of HTTP
 *     parked.c ── long polls                   exchange.c ── one request and its answer, on a worker
 *     workers.c ── two pools                   router.c, target.c, parser.c, body.c, request.c, response.c, problem.c, gunzip.c: pure
 *
 * The loop thread owns everything but these: an exchange while its job is with the pool of workers, a TLS session while its
 * job is with the pool of handshakes, and what `server->lock` guards.
 */
#include "server/http/http.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

struct rc_http__connection;

/* ---- workers.c: threads that do jobs in the order of submission */

struct rc_http__job {
	struct rc_http__job *next;
	void (*run)(struct rc_http__job *job);    /* on a thread of the pool */
	void (*finish)(struct rc_http__job *job); /* afterwards, on the loop */
};

struct rc_http__workers {
	pthread_mutex_t lock; /* guards the fields down to is_stopping */
	pthread_cond_t wanted;
	struct rc_http__job *first, **last;
	bool is_stopping;
	pthread_t *threads;
	unsigned thread_count;
	void (*done)(void *context, struct rc_http__job *job); /* called by the thread that ran the job */
	void *context;
};

/* RC_ENOMEM if not all threads could be started; then none runs. */
RC_CHECKED enum rc_status rc_http__workers_start(struct rc_http__workers *workers, unsigned count,
						 void (*done)(void *context, struct rc_http__job *job),
						 void *context, struct rc_error *err);
void rc_http__workers_submit(struct rc_http__workers *workers, struct rc_http__job *job);

/* Waits for the jobs at hand. */
void rc_http__workers_stop(struct rc_http__workers *workers);

/* ---- router.c */

struct rc_http__router {
	struct rc_http__entry *entries; /* owned; in the order in which they are tried */
	size_t count;
};

/* RC_EUSAGE names the row that is wrong. */
RC_CHECKED enum rc_status rc_http__router_init(struct rc_http__router *router,
					       const struct rc_http_route *routes, size_t count,
					       struct rc_error *err);
void rc_http__router_deinit(struct rc_http__router *router);

/* The route of the request's method and path, and its params; or NULL, and `allowed` has bit 1 << method of each that the path has. */
const struct rc_http_route *rc_http__router_match(const struct rc_http__router *router,
						  struct rc_http_request *request, unsigned *allowed);

/* ---- gunzip.c: RC_EFORMAT for what isn't exactly one gzip member, RC_ELIMIT beyond the maximum of `plain` */
RC_CHECKED enum rc_status rc_http__gunzip(struct rc_bytes compressed, struct rc_buf *plain);

/* ---- response.c: the head as it goes over the wire. RC_ENOMEM, RC_ELIMIT, RC_EFORMAT. */
RC_CHECKED enum rc_status rc_http__response_head(const struct rc_http_response *response,
						 bool closes, struct rc_buf *head);
struct rc_bytes rc_http__response_body(const struct rc_http_response *response);

/* ---- problem.c: the problems that this folder itself answers with */
void rc_http__problem(struct rc_http_response *response, int status, const char *detail);

/* ---- addresses.c: what one address has at once. An IPv6 address is its /64. */

struct rc_http__address {
	struct rc_http__address *next; /* in its bucket */
	uint8_t key[16];
	unsigned connections;
	unsigned handshakes; /* being computed */
};

struct rc_http__addresses {
	struct rc_http__address *buckets[1024];
};

/* The entry of an address, made if need be; NULL without memory. One `connections` is counted. */
RC_CHECKED struct rc_http__address *rc_http__addresses_enter(struct rc_http__addresses *addresses,
							     const struct sockaddr *from);
void rc_http__addresses_leave(struct rc_http__addresses *addresses, struct rc_http__address *address);

/* ---- exchange.c */

#define RC_HTTP__JOINED_MAX_BYTES 1024u /* a body up to here is sent behind its head as one piece */

/* One request and its answer, from the request's first byte to the answer's last. */
struct rc_http__exchange {
	struct rc_http__job job; /* with the pool while the connection is RUNNING */
	struct rc_http__connection *connection;
	struct rc_http_parser parser;
	struct rc_arena arena;
	struct rc_http_request request;
	struct rc_http_response response;
	struct rc_buf body;  /* as it came */
	struct rc_buf plain; /* gunzipped, if it came so */
	struct rc_buf head;  /* of the answer, as it goes over the wire */
	size_t budgeted;     /* bytes of the server's budget for bodies */
	uint64_t started_ns;
	uint64_t wake_seen;    /* the server's count of wakes when the handler began */
	uint64_t parked_until; /* loop time in ms; 0: hasn't waited yet */
	bool is_body_ready;
	bool closes; /* the connection ends with this answer */
};

struct rc_http__exchange *rc_http__exchange_new(struct rc_http__connection *connection);
void rc_http__exchange_free(struct rc_http__exchange *exchange);

/* Turns the parser's complete head (its bytes given) into the request and finds its route. True: the request may go on to its body;
 * false: the response is filled. */
RC_CHECKED bool rc_http__exchange_open(struct rc_http__exchange *exchange, struct rc_bytes head);

/* Runs admit and handler; a job's `run`. */
void rc_http__exchange_run(struct rc_http__job *job);

/* The response is filled: writes its head and the line of the log. */
void rc_http__exchange_complete(struct rc_http__exchange *exchange);

/* ---- connections */

enum rc_http__state {
	/* TLS only, from accept on. Bytes are fed to the session and a step is asked of handshakes.c; reading stops until it is
	 * done. Left for IDLE when the session is ready, for LINGERING when it fails (an alert may have to go out), for CLOSING at
	 * `handshake_ms` or when too many wait. */
	RC_HTTP__HANDSHAKE,
	/* Nothing of a next request is here, and no memory is held for one. Left for HEAD with its first byte, for CLOSING when
	 * the peer closes, at `idle_ms` (before the first request: `header_ms`) and when the server stops. */
	RC_HTTP__IDLE,
	/* Some of a head is here. Left for BODY or RUNNING when it is complete and good, for WRITING with a refusal (408 at
	 * `header_ms`), for CLOSING when the peer closes. */
	RC_HTTP__HEAD,
	/* The head was good and its body is coming. Left for RUNNING when it is complete, for WRITING with a refusal (413, 408
	 * at `body_ms`), for CLOSING when the peer closes. */
	RC_HTTP__BODY,
	/* The exchange is with the workers (waiting for one or on one). Reading stops when something comes, so a peer that sends on
	 * fills only its own socket. Left for WRITING or PARKED when the job is finished, for CLOSING when the connection breaks. */
	RC_HTTP__RUNNING,
	/* The handler has called rc_http_wait. Reading goes on, up to a bound, only to notice that the peer has gone. Left for
	 * RUNNING by a wake, at its time, when the peer closes its direction and when the server stops; for CLOSING when the
	 * connection breaks. */
	RC_HTTP__PARKED,
	/* The answer is going out; reading stops when something comes. Left for IDLE (or straight on to the next request that is here already), for
	 * LINGERING when the connection ends with this answer, for CLOSING at `write_ms` or on an error. */
	RC_HTTP__WRITING,
	/* A last alert goes out, if there is one, and our direction is shut; what still comes is thrown away, because closing now could destroy the answer on its way
	 * (RFC 9112 9.6). Left for CLOSING when the peer closes, or at `linger_ms`. */
	RC_HTTP__LINGERING,
	/* The handles are being closed. The connection goes when they are and no job holds it. */
	RC_HTTP__CLOSING,
};

struct rc_http__listener {
	struct rc_http__listener *next;
	struct rc_http_server *server;
	struct rc_http_listener_config config;
	struct rc_http__router router;
	uv_tcp_t tcp;
};

/* A doubly linked list of connections that wait for something. */
struct rc_http__links {
	struct rc_http__connection *next, *previous;
};

struct rc_http__connection {
	uv_tcp_t tcp;
	uv_timer_t timer; /* fires at timer_due, looks at the deadline and is set again if that lies later */
	uint64_t deadline;  /* of the state, in loop time; UINT64_MAX: none */
	uint64_t timer_due; /* UINT64_MAX: not set */
	uv_write_t write;   /* at most one under way */
	uv_shutdown_t shutdown;
	struct rc_http_server *server;
	struct rc_http__listener *listener;
	struct rc_http__links all;     /* server->connections */
	struct rc_http__links waiting; /* server->handshakes_waiting or server->parked, by the state */
	struct rc_http__address *origin;
	char address[RC_HTTP_ADDRESS_CHARS + 1];
	enum rc_http__state state;
	unsigned holders; /* open handles and jobs */
	bool has_served;  /* the first request is over */
	bool is_reading;
	bool is_writing;
	bool is_waiting;          /* it stands in the list of `waiting` */
	bool wants_interim;       /* "100 Continue" is to be sent */
	bool has_eof;             /* the peer has closed its direction */
	bool is_shut;             /* we have closed ours */
	bool is_refused;          /* over a limit; counted in server->refused_lingering */
	struct rc_http__job step; /* of the handshake */
	enum rc_status step_status;
	struct rc_error step_error;
	struct rc_tls_session *tls; /* NULL on a plain listener */
	struct rc_http_peer peer;
	struct rc_buf in; /* plaintext that isn't read yet, from `in_at` on */
	size_t in_at;
	struct rc_http__exchange *exchange; /* from HEAD to WRITING; a refused connection writes without one */
	struct rc_bytes out[2];             /* what is left of the answer: head, body */
	struct rc_buf wire;                 /* ciphertext that is being written */
};

/* ---- arrivals.c */

/* Takes the connection that waits at the listener. */
void rc_http__connection_accept(struct rc_http__listener *listener);

void rc_http__connection_close(struct rc_http__connection *connection);

/* One holder less; the last one frees. */
void rc_http__connection_release(struct rc_http__connection *connection);

/* The exchange is over: its memory and its share of the budget go. */
void rc_http__connection_drop_exchange(struct rc_http__connection *connection);

/* ---- connection.c: events, all on the loop */
void rc_http__connection_ready(struct rc_http__connection *connection); /* may carry requests now */
void rc_http__connection_received(struct rc_http__connection *connection); /* `in` has grown, or has_eof is set */
void rc_http__connection_written(struct rc_http__connection *connection); /* nothing is left to write */
void rc_http__connection_stopping(struct rc_http__connection *connection); /* the server is being stopped */

/* Hands the exchange to the workers (again). */
void rc_http__connection_run(struct rc_http__connection *connection);

void rc_http__connection_enter(struct rc_http__connection *connection, enum rc_http__state state,
			       uint64_t deadline_ms);

/* Sends what TLS has pending (an alert) and ends the connection. */
void rc_http__connection_linger(struct rc_http__connection *connection);

/* ---- io.c: the one place that knows plain from TLS */
void rc_http__io_read(struct rc_http__connection *connection, bool wanted);

/* Decrypts what was fed already. */
void rc_http__io_drain(struct rc_http__connection *connection);

/* Writes what is to be written and ends in rc_http__connection_written, at once if there is nothing. */
void rc_http__io_pump(struct rc_http__connection *connection);

/* Says that nothing more will be written. */
void rc_http__io_shutdown(struct rc_http__connection *connection);

/* ---- handshakes.c */
void rc_http__handshake_step(struct rc_http__connection *connection);
void rc_http__handshake_forget(struct rc_http__connection *connection);

/* ---- parked.c */
void rc_http__park(struct rc_http__connection *connection);
void rc_http__unpark(struct rc_http__connection *connection);

/* Calls a parked one again for the last time. */
void rc_http__parked_finish(struct rc_http__connection *connection);

/* Calls those again that wait for one of the topics. */
void rc_http__parked_wake(struct rc_http_server *server, uint64_t topics);

/* Before a handler is called. */
uint64_t rc_http__wakes_seen(struct rc_http_server *server);

/* ---- server.c */

/* A list of connections by their links `waiting`. */
struct rc_http__queue {
	struct rc_http__connection *first, *last;
	unsigned count;
};

struct rc_http_server {
	struct rc_http_settings settings;
	uv_loop_t loop;
	uv_async_t async;
	uv_timer_t stop_timer;
	struct rc_http__listener *listeners;
	struct rc_http__workers workers;
	struct rc_http__workers handshakers;
	struct rc_http__addresses addresses;
	struct rc_http__connection *connections;
	struct rc_http__queue handshakes_waiting;
	struct rc_http__queue parked;
	unsigned handshakes_running;
	unsigned refused_lingering; /* refused connections that are still being told so */
	size_t bodies_bytes;
	bool is_stopping;
	char read_buffer[16 * 1024]; /* for one read at a time; whatever comes is moved on at once */
	uint8_t random[512]; /* for the ids of requests; the first random_left bytes weren't used yet */
	size_t random_left;
	/* ---- guarded by `lock` */
	pthread_mutex_t lock;
	struct rc_http__job *done_first, **done_last; /* jobs to finish */
	uint64_t wake_topics;                         /* to be passed on by the loop */
	uint64_t wake_count;
	uint64_t woken_at[64]; /* the count of the last wake of each topic */
	/* ---- read by any thread */
	atomic_bool stop_asked;
	atomic_uint connection_count;
	atomic_uint running_count;
	atomic_uint parked_count;
	atomic_uint handshakes_waiting_count;
	atomic_ullong accepted_count;
	atomic_ullong refused_count;
	atomic_ullong served_count;
	atomic_ullong answered_count[RC_HTTP_CLASSES];
	atomic_ullong handshakes_done_count;
	atomic_ullong handshakes_failed_count;
};

/* One more, on the loop. Only the loop counts, so no locked instruction is needed, which would cost as much as reading a header. */
static inline void rc_http__count(atomic_ullong *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

void rc_http__queue_append(struct rc_http__queue *queue, struct rc_http__connection *connection);
void rc_http__queue_remove(struct rc_http__queue *queue, struct rc_http__connection *connection);

/* A connection has gone; the last one ends a server that is being stopped. */
void rc_http__server_left(struct rc_http_server *server);

#endif
