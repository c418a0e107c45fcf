/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long polls. A handler looks, finds nothing and asks to be called again; between its look and its being parked something may
 * have been written and woken. So each wake has a number, each run of a handler notes the number it began with, and parking
 * compares: a wake since then is a reason to run again at once.
 */
#include "server/http/http_priv.h"

uint64_t rc_http__wakes_seen(struct rc_http_server *server)
{
	uint64_t seen;

	pthread_mutex_lock(&server->lock);
	seen = server->wake_count;
	pthread_mutex_unlock(&server->lock);
	return seen;
}

void rc_http_server_wake(struct rc_http_server *server, uint64_t topics)
{
	bool has_waiting;

	pthread_mutex_lock(&server->lock);
	server->wake_count++;
	for (unsigned i = 0; i < 64; i++)
		if (topics & (UINT64_C(1) << i))
			server->woken_at[i] = server->wake_count;
	/* Parking counts itself before it looks at woken_at: with nobody counted here, nobody can miss this wake. */
	has_waiting = atomic_load(&server->parked_count) > 0;
	if (has_waiting)
		server->wake_topics |= topics;
	pthread_mutex_unlock(&server->lock);
	if (has_waiting)
		(void)uv_async_send(&server->async);
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

static void run_again(struct rc_http__connection *connection, bool is_last_try)
{
	struct rc_http__exchange *exchange = connection->exchange;

	exchange->request.is_resumed = true;
	exchange->request.is_last_try = is_last_try;
	rc_http_response_deinit(&exchange->response);
	rc_http_response_init(&exchange->response, &exchange->request);
	rc_http__connection_run(connection);
}

static bool is_over(const struct rc_http__connection *connection)
{
	const struct rc_http_server *server = connection->server;

	return server->is_stopping || connection->has_eof ||
	       server->parked.count >= server->settings.max_parked ||
	       uv_now(&server->loop) >= connection->exchange->parked_until;
}

void rc_http__park(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;
	struct rc_http__exchange *exchange = connection->exchange;
	const struct rc_http_response *response = &exchange->response;

	if (exchange->parked_until == 0)
		exchange->parked_until = uv_now(&server->loop) + response->wait_ms;
	if (is_over(connection)) {
		run_again(connection, true);
		return;
	}
	atomic_fetch_add(&server->parked_count, 1);
	if (was_woken_since(server, response->wait_topics, exchange->wake_seen)) {
		atomic_fetch_sub(&server->parked_count, 1);
		run_again(connection, false);
		return;
	}
	rc_http__queue_append(&server->parked, connection);
	rc_http__connection_enter(connection, RC_HTTP__PARKED,
				  exchange->parked_until - uv_now(&server->loop));
	rc_http__io_read(connection, true);
}

void rc_http__unpark(struct rc_http__connection *connection)
{
	if (!connection->is_waiting)
		return;
	rc_http__queue_remove(&connection->server->parked, connection);
	atomic_fetch_sub(&connection->server->parked_count, 1);
}

void rc_http__parked_finish(struct rc_http__connection *connection)
{
	rc_http__unpark(connection);
	run_again(connection, true);
}

void rc_http__parked_wake(struct rc_http_server *server, uint64_t topics)
{
	struct rc_http__connection *connection = server->parked.first, *next;

	for (; connection; connection = next) {
		next = connection->waiting.next;
		if (!(connection->exchange->response.wait_topics & topics))
			continue;
		rc_http__unpark(connection);
		run_again(connection, false);
	}
}
