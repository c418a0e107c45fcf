/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_PRIV_H
#define RC_HTTP_PRIV_H
/*
 * What the sources of this folder share.
 *
 *     server.c ── listeners, run, stop         arrivals.c, connection.c ── a connection's life, its states
 *     handshakes.c, addresses.c ── who may     io.c ── plain or TLS: bytes of the socket ↔ bytes of HTTP
 *     loop.c ── waiting, deadlines             workers.c ── two pools
 *     parked.c ── long polls                   exchange.c ── one request and its answer, on a worker
 *     router.c, target.c, parser.c, body.c, request.c, response.c, problem.c, gunzip.c: pure
 *
 * The loop thread owns everything but these: an exchange while its job is with the pool of workers, a TLS session while its
 * job is with the pool of handshakes, and what `server->lock` guards.
 */
#include "server/http/http.h"
#include "server/http/loop.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

struct rc_http__connection;

/* ---- workers.c: threads that do jobs in the order of submission */

struct rc_http__job {
	struct rc_http__job *next;
	void (*run)(struct rc_http__job *job);    /* on a thread of the pool */
	void (*finish)(struct rc_http__job *job); /* afterwards, on the loop */
	atomic_uint awaited; /* how many have still to say that it is done: the worker, and whoever makes a deferred answer */
};

struct rc_http__workers {
	pthread_mutex_t lock; /* guards the fields down to is_stopping */
	pthread_cond_t wanted;
	struct rc_http__job *first, **last;
	unsigned sleeping; /* threads that wait for `wanted` */
	bool is_waking;    /* one of them was woken and hasn't looked yet */
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
	unsigned known;      /* connections that have shown a good certificate */
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

/* One request and its answer, from the request's first byte to the answer's last; while the request waits in rc_http_wait, only what
 * parked.c keeps of it is there. */
struct rc_http__exchange {
	struct rc_http__job job; /* with the pool while the connection is RUNNING */
	struct rc_http__exchange *next; /* in the batch that runs as one job, or among the server's spare ones */
	struct rc_http__connection *connection;
	struct rc_arena arena;
	const uint8_t *raw_head; /* of the request, as it came; in the arena */
	struct rc_buf body;      /* as it came */
	struct rc_buf plain;     /* gunzipped, if it came so */
	struct rc_buf head;      /* of the answer, as it goes over the wire */
	struct rc_bytes out[2];  /* what is left of the answer: head, body */
	size_t budgeted;         /* bytes of the server's budget for bodies */
	uint64_t started_ns;     /* in loop time */
	uint64_t wake_seen;      /* the server's count of wakes when the handler began */
	uint64_t parked_until;   /* loop time in ms; 0: hasn't waited yet */
	bool is_body_ready;
	bool closes; /* the connection ends with this answer */
	struct rc_http_peer peer;
	struct rc_http_response response;
	struct rc_http_parser parser;
	struct rc_http_request request;
};

/* NULL without memory. */
struct rc_http__exchange *rc_http__exchange_new(struct rc_http__connection *connection);
void rc_http__exchange_free(struct rc_http__exchange *exchange);

/* Frees those that the server has kept. */
void rc_http__exchanges_free(struct rc_http_server *server);

/* Turns the parser's complete head (its bytes given) into the request and finds its route. True: the request may go on to its body;
 * false: the response is filled. */
RC_CHECKED bool rc_http__exchange_open(struct rc_http__exchange *exchange, struct rc_bytes head);

/* Runs admit and handler; a job's `run`. */
void rc_http__exchange_run(struct rc_http__job *job);

static inline struct rc_http__exchange *rc_http__exchange_of(struct rc_http_response *response)
{
	return (struct rc_http__exchange *)(void *)((char *)response -
						    offsetof(struct rc_http__exchange, response));
}

/* Fills a deferred response; on the loop. */
void rc_http__exchange_finish(struct rc_http__exchange *exchange);

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
	/* The exchange is with the workers (waiting for one or on one). Watching stops when something comes, so a peer that sends on
	 * fills only its own socket. Left for WRITING or PARKED when the job is finished, for CLOSING when the connection breaks and
	 * is still watched. */
	RC_HTTP__RUNNING,
	/* The handler has called rc_http_wait. Reading goes on, up to a bound, only to notice that the peer has gone. Left for
	 * RUNNING by a wake, at its time, when the peer closes its direction and when the server stops; for CLOSING when the
	 * connection breaks. */
	RC_HTTP__PARKED,
	/* The answer is going out; watching for more stops when something comes. Left for IDLE (or straight on to the next request that is here already), for
	 * LINGERING when the connection ends with this answer, for CLOSING at `write_ms` or on an error. */
	RC_HTTP__WRITING,
	/* A last alert goes out, if there is one, and our direction is shut; what still comes is thrown away, because closing now could destroy the answer on its way
	 * (RFC 9112 9.6). Left for CLOSING when the peer closes, or at `linger_ms`. */
	RC_HTTP__LINGERING,
	/* The handles are being closed. The connection goes when they are and no job holds it. */
	RC_HTTP__CLOSING,
};

struct rc_http__listener {
	struct rc_http__source source; /* the socket */
	struct rc_http__listener *next;
	struct rc_http_server *server;
	struct rc_http_listener_config config;
	struct rc_http__router router;
};

/* Where a connection may stand in a queue. */
enum rc_http__place {
	RC_HTTP__NOWHERE,
	RC_HTTP__AT_HANDSHAKES, /* until a step of its handshake may be computed */
	RC_HTTP__AT_PARKED,
	RC_HTTP__AT_WOKEN, /* parked ones whose handler will be called as soon as others of them are done */
	RC_HTTP__PLACES
};

/* A list of connections by their links `waiting`. */
struct rc_http__queue {
	struct rc_http__connection *first, *last;
	unsigned count;
};

/* A doubly linked list of connections. */
struct rc_http__links {
	struct rc_http__connection *next, *previous;
};

/* Small, because ten thousand of them wait at once: what only some states need is on the heap while they last. */
struct rc_http__connection {
	struct rc_http__source source; /* the socket, and the deadline of the state */
	struct rc_http__listener *listener;
	struct rc_http__links waiting;     /* in the queue of `place` */
	struct rc_http__connection *later; /* in server->unfinished, or in server->closed */
	struct rc_http__address *origin;
	struct rc_tls_session *tls;           /* NULL on a plain listener */
	struct rc_http__handshake *handshake; /* in HANDSHAKE, and until its last step is finished */
	struct rc_http__exchange *exchange;   /* from HEAD to WRITING */
	struct rc_http__parked *parked;       /* in PARKED */
	struct rc_bytes unread; /* plaintext that came and wasn't read; in the server's read buffer or in `kept` */
	struct rc_buf *kept; /* holds `unread` from one event to the next */
	enum rc_http__state state : 8;
	enum rc_http__place place : 8;
	uint8_t holders;     /* the open socket, jobs, server->unfinished */
	bool has_served : 1; /* the first request is over */
	bool can_receive : 1; /* the socket hasn't been emptied since the loop told of something to read */
	bool can_send : 1; /* … or filled, since it told of room */
	bool has_eof : 1; /* the peer has closed its direction, and all that came before was read */
	bool is_shut : 1; /* we have closed our direction */
	bool is_refused : 1; /* over a limit; counted in server->refused_lingering */
	bool is_later : 1;   /* in server->unfinished */
	char address[];      /* of the peer */
};

static inline struct rc_http_server *rc_http__server_of(const struct rc_http__connection *connection)
{
	return connection->listener->server;
}

/* ---- arrivals.c */

/* A listener's socket is ready: takes the connections that wait there. */
void rc_http__arrivals_take(struct rc_http__source *source, unsigned events);

/* The listeners rest because no file descriptor was free: tries again. */
void rc_http__arrivals_resume(struct rc_http_server *server);

void rc_http__connection_close(struct rc_http__connection *connection);

/* One holder less; after the last one the connection goes at the end of the turn. */
void rc_http__connection_release(struct rc_http__connection *connection);

/* Frees the connections that have gone in this turn. */
void rc_http__connections_bury(struct rc_http_server *server);

/* The exchange is over: its memory and its share of the budget go. */
void rc_http__connection_drop_exchange(struct rc_http__connection *connection);

/* ---- connection.c: events, all on the loop */
extern const struct rc_http__calls rc_http__connection_calls;

/* Goes on as far as the bytes, the socket and the workers allow. Never from within itself: whatever it calls only changes the state. */
void rc_http__connection_drive(struct rc_http__connection *connection);

void rc_http__connection_ready(struct rc_http__connection *connection); /* may carry requests now */
void rc_http__connection_stopping(struct rc_http__connection *connection); /* the server is being stopped */

/* Gives the exchange to the workers, or answers at once. */
void rc_http__connection_run(struct rc_http__connection *connection);

/* The job of the exchange is finished. */
void rc_http__connection_finish_run(struct rc_http__connection *connection);

void rc_http__connection_enter(struct rc_http__connection *connection, enum rc_http__state state,
			       uint64_t deadline_ms);

/* Sends what TLS has pending (an alert) and ends the connection. */
void rc_http__connection_linger(struct rc_http__connection *connection);

/* ---- io.c: the one place that knows plain from TLS */

/* Reads once, into `unread`. True if bytes or the end came; false if there is nothing, or the connection is being closed. */
RC_CHECKED bool rc_http__io_receive(struct rc_http__connection *connection);

/* Moves what is unread out of the server's read buffer, which the next read overwrites. */
void rc_http__io_keep(struct rc_http__connection *connection);

/* True if something is to be written. */
bool rc_http__io_has_output(const struct rc_http__connection *connection);

/* Writes what is to be written. True if nothing is left; false if the socket is full or the connection is being closed. */
RC_CHECKED bool rc_http__io_flush(struct rc_http__connection *connection);

/* Has the loop tell of what the socket hasn't now: something to read, room to write. It is closed if that can't be. */
void rc_http__io_watch(struct rc_http__connection *connection);

/* ---- handshakes.c */
RC_CHECKED enum rc_status rc_http__handshake_begin(struct rc_http__connection *connection);

/* Reads what has come and has a step computed. */
void rc_http__handshake_advance(struct rc_http__connection *connection);

/* The connection is being closed, or the handshake is done. */
void rc_http__handshake_end(struct rc_http__connection *connection);

/* Starts those that wait, as far as they may. */
void rc_http__handshakes_start(struct rc_http_server *server);

/* ---- parked.c */
void rc_http__park(struct rc_http__connection *connection);
void rc_http__unpark(struct rc_http__connection *connection);

/* Calls a parked one again for the last time. */
void rc_http__parked_finish(struct rc_http__connection *connection);

/* Calls those again that wait for one of the topics. */
void rc_http__parked_wake(struct rc_http_server *server, uint64_t topics);

/* Before a handler is called; any thread. */
uint64_t rc_http__wakes_seen(struct rc_http_server *server);

/* ---- server.c */

struct rc_http_server {
	struct rc_http__loop loop; /* first, so that one is found from the other */
	struct rc_http_settings settings;
	struct rc_http__source stop;            /* the deadline of stopping */
	struct rc_http__source rest;            /* of listeners without a file descriptor */
	struct rc_http__source handshake_pause; /* until strangers may cost something again */
	struct rc_http__listener *listeners;
	struct rc_http__workers workers;
	struct rc_http__workers handshakers;
	struct rc_http__addresses addresses;
	struct rc_http__connection *unfinished; /* to be driven on after the turn; the others come first */
	struct rc_http__connection *closed; /* to be freed after the turn */
	struct rc_http__queue queues[RC_HTTP__PLACES];
	unsigned woken_running;
	unsigned handshakes_running;
	uint64_t strangers_ns;      /* what handshakes of strangers have cost, less what they may */
	uint64_t strangers_paid_ns; /* loop time of the last reckoning of it */
	unsigned refused_lingering; /* refused connections that are still being told so */
	struct rc_http__exchange *spare_exchanges;
	unsigned spare_count;
	size_t bodies_bytes;
	bool is_resting; /* the listeners wait for a file descriptor */
	uint64_t rest_logged_ms;
	bool is_stopping;
	uint8_t read_buffer[16 * 1024]; /* for the connection that is being driven */
	uint8_t random[4096]; /* for the ids of requests; the first random_left bytes weren't used yet */
	size_t random_left;
	/* ---- guarded by `lock` */
	pthread_mutex_t lock;
	struct rc_http__job *done_first, **done_last; /* jobs to finish */
	uint64_t wake_topics;                         /* to be passed on by the loop */
	uint64_t woken_at[64];                        /* the count of the last wake of each topic */
	/* ---- read by any thread */
	atomic_ullong wake_count; /* written under `lock` */
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

void rc_http__queue_append(struct rc_http__connection *connection, enum rc_http__place place);

/* Takes it out of the queue in which it stands, if in any. */
void rc_http__queue_leave(struct rc_http__connection *connection);

#endif
