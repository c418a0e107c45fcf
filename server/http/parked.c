/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long polls. A handler looks, finds nothing and asks to be called again; between its look and its being parked something may
 * have been written and woken. So each wake has a number, each run of a handler notes the number it began with, and parking
 * compares: a wake since then is a reason to run again at once.
 *
 * Thousands wait, and each may wait for minutes: of a request without a body only the bytes of its head are kept, and it is read
 * once more when it is called again, which costs a microsecond. Thousands are woken at once: they are called in batches, a job
 * each, and only so many at a time that new requests don't stand behind all of them and their memory is used over and over.
 */
#include "server/http/http_priv.h"

#include <stdlib.h>

#define BATCH_MAX   16u
#define BATCHES_MAX 16u /* at once */

struct rc_http__parked {
	uint64_t until_ms; /* loop time */
	uint64_t topics;
	uint64_t started_ns;
	char request_id[RC_HTTP_REQUEST_ID_CHARS + 1];
	uint32_t head_size; /* 0: the connection's exchange has been kept instead */
	uint8_t head[];
};

uint64_t rc_http__wakes_seen(struct rc_http_server *server)
{
	return atomic_load(&server->wake_count);
}

void rc_http_server_wake(struct rc_http_server *server, uint64_t topics)
{
	bool has_waiting;

	pthread_mutex_lock(&server->lock);
	atomic_fetch_add(&server->wake_count, 1);
	for (unsigned i = 0; i < 64; i++)
		if (topics & (UINT64_C(1) << i))
			server->woken_at[i] = atomic_load(&server->wake_count);
	/* Parking counts itself before it looks at woken_at: with nobody counted here, nobody can miss this wake. */
	has_waiting = atomic_load(&server->parked_count) > 0;
	if (has_waiting)
		server->wake_topics |= topics;
	pthread_mutex_unlock(&server->lock);
	if (has_waiting)
		rc_http__loop_ring(&server->loop);
}

static bool was_woken_since(struct rc_http_server *server, uint64_t topics, uint64_t seen)
{
	bool was_woken = false;

	pthread_mutex_lock(&server->lock);
	for (unsigned i = 0; i < 64; i++)
		if ((topics & (UINT64_C(1) << i)) && server->woken_at[i] > seen)
			was_woken = true;
	pthread_mutex_unlock(&server->lock);
	return was_woken;
}

/* ---- what is kept ---- */

/* NULL without memory. */
static struct rc_http__parked *keep_request(const struct rc_http__exchange *exchange)
{
	const bool has_body = rc_http_parser_has_body(&exchange->parser);
	const size_t size = has_body ? 0 : exchange->parser.head_size;
	struct rc_http__parked *parked = malloc(sizeof(*parked) + size);

	if (!parked)
		return NULL;
	*parked = (struct rc_http__parked){
	    .until_ms = exchange->parked_until,
	    .topics = exchange->response.wait_topics,
	    .started_ns = exchange->started_ns,
	    .head_size = (uint32_t)size,
	};
	memcpy(parked->request_id, exchange->request.request_id, sizeof(parked->request_id));
	if (size > 0)
		memcpy(parked->head, exchange->raw_head, size);
	return parked;
}

/* The bytes are those that were good before: what can fail is memory. */
static bool read_again(struct rc_http__exchange *exchange, const struct rc_http__parked *parked)
{
	const struct rc_bytes head = rc_bytes_of(parked->head, parked->head_size);

	memcpy(exchange->request.request_id, parked->request_id, sizeof(parked->request_id));
	exchange->started_ns = parked->started_ns;
	exchange->parked_until = parked->until_ms;
	return rc_http_parser_head(&exchange->parser, head) == RC_HTTP_DONE &&
	       rc_http__exchange_open(exchange, head);
}

/* Makes the exchange of a parked connection whole. False, and the connection is being closed, without memory. */
static bool restore(struct rc_http__connection *connection)
{
	struct rc_http__parked *parked = connection->parked;
	bool is_good = true;

	connection->parked = NULL;
	if (parked->head_size > 0) {
		connection->exchange = rc_http__exchange_new(connection);
		is_good = connection->exchange && read_again(connection->exchange, parked);
	}
	free(parked);
	if (!is_good)
		rc_http__connection_close(connection);
	return is_good;
}

static void prepare(struct rc_http__exchange *exchange, bool is_last_try)
{
	exchange->request.is_resumed = true;
	exchange->request.is_last_try = is_last_try;
	rc_http_response_deinit(&exchange->response);
	rc_http_response_init(&exchange->response, &exchange->request);
}

static void run_again(struct rc_http__connection *connection, bool is_last_try)
{
	prepare(connection->exchange, is_last_try);
	rc_http__connection_run(connection);
}

/* ---- parking ---- */

static bool is_over(const struct rc_http__connection *connection)
{
	const struct rc_http_server *server = rc_http__server_of(connection);

	return server->is_stopping || connection->has_eof ||
	       server->queues[RC_HTTP__AT_PARKED].count + server->queues[RC_HTTP__AT_WOKEN].count >=
		   server->settings.max_parked ||
	       server->loop.now_ms >= connection->exchange->parked_until;
}

void rc_http__park(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__exchange *exchange = connection->exchange;
	const uint64_t topics = exchange->response.wait_topics;

	if (exchange->parked_until == 0)
		exchange->parked_until = server->loop.now_ms + exchange->response.wait_ms;
	if (is_over(connection) || !(connection->parked = keep_request(exchange))) {
		run_again(connection, true);
		return;
	}
	atomic_fetch_add(&server->parked_count, 1);
	rc_http__queue_append(connection, RC_HTTP__AT_PARKED);
	rc_http__connection_enter(connection, RC_HTTP__PARKED,
				  exchange->parked_until - server->loop.now_ms);
	if (was_woken_since(server, topics, exchange->wake_seen)) {
		rc_http__unpark(connection);
		free(connection->parked);
		connection->parked = NULL;
		run_again(connection, false);
	} else if (connection->parked->head_size > 0) {
		rc_http__connection_drop_exchange(connection);
	}
}

void rc_http__unpark(struct rc_http__connection *connection)
{
	if (connection->place == RC_HTTP__NOWHERE)
		return;
	rc_http__queue_leave(connection);
	atomic_fetch_sub(&rc_http__server_of(connection)->parked_count, 1);
}

void rc_http__parked_finish(struct rc_http__connection *connection)
{
	rc_http__unpark(connection);
	if (restore(connection))
		run_again(connection, true);
}

/* ---- waking ---- */

/* The first exchange's job stands for the whole batch. */
static void run_batch(struct rc_http__job *job)
{
	struct rc_http__exchange *exchange = (struct rc_http__exchange *)job;

	for (; exchange; exchange = exchange->next)
		rc_http__exchange_run(&exchange->job);
}

static void start_woken(struct rc_http_server *server);

static void finish_batch(struct rc_http__job *job)
{
	struct rc_http__exchange *exchange = (struct rc_http__exchange *)job, *next;
	struct rc_http_server *server = rc_http__server_of(exchange->connection);

	server->woken_running--;
	for (; exchange; exchange = next) {
		next = exchange->next; /* it may be another request's soon */
		exchange->next = NULL;
		rc_http__connection_finish_run(exchange->connection);
	}
	start_woken(server);
}

/* Its exchange, ready to run; NULL if it was closed instead. */
static struct rc_http__exchange *begin_resumed(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);

	rc_http__unpark(connection);
	if (!restore(connection))
		return NULL;
	prepare(connection->exchange, false);
	rc_http__connection_enter(connection, RC_HTTP__RUNNING, RC_HTTP__NO_DEADLINE);
	atomic_fetch_add(&server->running_count, 1);
	connection->holders++;
	return connection->exchange;
}

/* True if a job was made of some that were woken. */
static bool start_batch(struct rc_http_server *server)
{
	const struct rc_http__queue *woken = &server->queues[RC_HTTP__AT_WOKEN];
	struct rc_http__exchange *first = NULL, **end = &first;

	for (unsigned count = 0; count < BATCH_MAX && woken->first;) {
		*end = begin_resumed(woken->first);
		if (!*end)
			continue;
		end = &(*end)->next;
		count++;
	}
	if (!first)
		return false;
	first->job.run = run_batch;
	first->job.finish = finish_batch;
	server->woken_running++;
	rc_http__workers_submit(&server->workers, &first->job);
	return true;
}

static void start_woken(struct rc_http_server *server)
{
	while (server->woken_running < BATCHES_MAX && start_batch(server))
		;
}

void rc_http__parked_wake(struct rc_http_server *server, uint64_t topics)
{
	struct rc_http__connection *connection = server->queues[RC_HTTP__AT_PARKED].first, *next;

	for (; connection; connection = next) {
		next = connection->waiting.next;
		if (!(connection->parked->topics & topics))
			continue;
		rc_http__queue_leave(connection);
		rc_http__queue_append(connection, RC_HTTP__AT_WOKEN);
	}
	start_woken(server);
}
