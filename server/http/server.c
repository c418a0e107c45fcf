/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listeners, the loop, and how it ends. Other threads reach the loop by one async handle; it stays open until the server is
 * freed, so that stop and wake may be called at any time before.
 */
#include "server/http/http_priv.h"

#include <signal.h>
#include <stdlib.h>

#define BACKLOG 1024

void rc_http_settings_default(struct rc_http_settings *settings)
{
	unsigned cores = (unsigned)uv_available_parallelism();

	*settings = (struct rc_http_settings){
	    .worker_count = 32,
	    .handshake_count = cores < 8 ? cores : 8,
	    .max_handshakes_per_address = 2,
	    .max_handshakes_waiting = 1024,
	    .max_connections = 10000,
	    .max_connections_per_address = 256,
	    .max_requests_waiting = 1024,
	    .max_parked = 10000,
	    .max_bodies_bytes = 64u * 1024u * 1024u,
	    .max_arena_bytes = 16u * 1024u * 1024u,
	    .handshake_ms = 10000,
	    .header_ms = 10000,
	    .body_ms = 60000,
	    .write_ms = 60000,
	    .min_rate_bytes_per_s = 8192,
	    .idle_ms = 60000,
	    .linger_ms = 2000,
	    .stop_ms = 30000,
	};
}

static bool are_good(const struct rc_http_settings *settings)
{
	return settings->worker_count && settings->handshake_count &&
	       settings->max_handshakes_per_address && settings->max_handshakes_waiting &&
	       settings->max_connections && settings->max_connections_per_address &&
	       settings->max_requests_waiting && settings->max_parked && settings->max_bodies_bytes &&
	       settings->max_arena_bytes && settings->handshake_ms && settings->header_ms &&
	       settings->body_ms && settings->write_ms && settings->min_rate_bytes_per_s &&
	       settings->idle_ms && settings->linger_ms && settings->stop_ms;
}

/* ---- what other threads have left for the loop */

static void job_done(void *context, struct rc_http__job *job)
{
	struct rc_http_server *server = context;

	job->next = NULL;
	pthread_mutex_lock(&server->lock);
	*server->done_last = job;
	server->done_last = &job->next;
	pthread_mutex_unlock(&server->lock);
	(void)uv_async_send(&server->async);
}

static struct rc_http__job *take_done(struct rc_http_server *server, uint64_t *topics)
{
	struct rc_http__job *first;

	pthread_mutex_lock(&server->lock);
	first = server->done_first;
	server->done_first = NULL;
	server->done_last = &server->done_first;
	*topics = server->wake_topics;
	server->wake_topics = 0;
	pthread_mutex_unlock(&server->lock);
	return first;
}

static void begin_stop(struct rc_http_server *server);

static void on_async(uv_async_t *async)
{
	struct rc_http_server *server = async->data;
	uint64_t topics = 0;
	struct rc_http__job *job = take_done(server, &topics), *next;

	for (; job; job = next) {
		next = job->next;
		job->finish(job);
	}
	if (topics)
		rc_http__parked_wake(server, topics);
	if (atomic_load(&server->stop_asked) && !server->is_stopping)
		begin_stop(server);
}

/* ---- the end */

static void cut_connections(uv_timer_t *timer)
{
	struct rc_http_server *server = timer->data;
	struct rc_http__connection *connection = server->connections, *next;

	for (; connection; connection = next) {
		next = connection->all.next;
		rc_http__connection_close(connection);
	}
}

static void close_listeners(struct rc_http_server *server)
{
	for (struct rc_http__listener *listener = server->listeners; listener; listener = listener->next)
		if (!uv_is_closing((uv_handle_t *)&listener->tcp))
			uv_close((uv_handle_t *)&listener->tcp, NULL);
}

static void begin_stop(struct rc_http_server *server)
{
	struct rc_http__connection *connection = server->connections, *next;

	server->is_stopping = true;
	close_listeners(server);
	(void)uv_timer_start(&server->stop_timer, cut_connections, server->settings.stop_ms, 0);
	for (; connection; connection = next) {
		next = connection->all.next;
		rc_http__connection_stopping(connection);
	}
	rc_http__server_left(server);
}

void rc_http__server_left(struct rc_http_server *server)
{
	if (!server->is_stopping || server->connections)
		return;
	(void)uv_timer_stop(&server->stop_timer);
	uv_unref((uv_handle_t *)&server->async); /* the last thing that kept the loop alive */
}

/* ---- life cycle */

static enum rc_status init_loop(struct rc_http_server *server, struct rc_error *err)
{
	int code = uv_loop_init(&server->loop);

	if (code != 0)
		return rc_fail(err, RC_ENOMEM, "event loop: %s", uv_strerror(code));
	code = uv_async_init(&server->loop, &server->async, on_async);
	if (code != 0) {
		(void)uv_loop_close(&server->loop);
		return rc_fail(err, RC_ENOMEM, "event loop: %s", uv_strerror(code));
	}
	(void)uv_timer_init(&server->loop, &server->stop_timer);
	server->async.data = server->stop_timer.data = server;
	return RC_OK;
}

enum rc_status rc_http_server_new(const struct rc_http_settings *settings,
				  struct rc_http_server **server, struct rc_error *err)
{
	struct rc_http_server *made;
	enum rc_status status;

	if (!are_good(settings))
		return rc_fail(err, RC_EUSAGE, "a limit of the HTTP server is 0");
	made = calloc(1, sizeof(*made));
	if (!made)
		return rc_fail(err, RC_ENOMEM, "HTTP server: no memory");
	made->settings = *settings;
	made->done_last = &made->done_first;
	status = init_loop(made, err);
	if (!status && pthread_mutex_init(&made->lock, NULL) != 0)
		status = rc_fail(err, RC_ENOMEM, "HTTP server: no mutex");
	if (status) {
		free(made);
		return status;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of that write, not of the process */
	*server = made;
	return RC_OK;
}

static void on_connection(uv_stream_t *stream, int code)
{
	if (code == 0)
		rc_http__connection_accept(stream->data);
}

static int parse_address(const struct rc_http_listener_config *config, struct sockaddr_storage *address)
{
	int code = uv_ip4_addr(config->address, config->port, (struct sockaddr_in *)address);

	return code == 0 ? 0 : uv_ip6_addr(config->address, config->port, (struct sockaddr_in6 *)address);
}

static uint16_t port_of(const uv_tcp_t *tcp)
{
	struct sockaddr_storage bound = {0};
	int size = sizeof(bound);

	(void)uv_tcp_getsockname(tcp, (struct sockaddr *)&bound, &size);
	if (bound.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
	return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

static enum rc_status listen_at(struct rc_http__listener *listener,
				const struct sockaddr_storage *address, struct rc_error *err)
{
	const struct rc_http_listener_config *config = &listener->config;
	int code;

	(void)uv_tcp_init(&listener->server->loop, &listener->tcp);
	listener->tcp.data = listener;
	code = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)address, 0);
	if (code == 0)
		code = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
	if (code != 0)
		return rc_fail(err, RC_ENET, "%s port %u: %s", config->address,
			       (unsigned)config->port, uv_strerror(code));
	return RC_OK;
}

enum rc_status rc_http_server_add_listener(struct rc_http_server *server,
					   const struct rc_http_listener_config *config,
					   uint16_t *bound_port, struct rc_error *err)
{
	struct sockaddr_storage address = {0};
	struct rc_http__listener *listener;
	enum rc_status status;

	if (parse_address(config, &address) != 0)
		return rc_fail(err, RC_EUSAGE, "\"%s\" isn't a numeric address", config->address);
	listener = calloc(1, sizeof(*listener));
	if (!listener)
		return rc_fail(err, RC_ENOMEM, "listener: no memory");
	listener->server = server;
	listener->config = *config;
	status = rc_http__router_init(&listener->router, config->routes, config->route_count, err);
	if (status) {
		free(listener);
		return status;
	}
	/* From here on the loop knows the handle: it goes with the server, whether it listens or not. */
	listener->next = server->listeners;
	server->listeners = listener;
	status = listen_at(listener, &address, err);
	if (!status && bound_port)
		*bound_port = port_of(&listener->tcp);
	return status;
}

static enum rc_status start_threads(struct rc_http_server *server, struct rc_error *err)
{
	enum rc_status status = rc_http__workers_start(&server->workers, server->settings.worker_count,
						       job_done, server, err);

	if (status)
		return status;
	status = rc_http__workers_start(&server->handshakers, server->settings.handshake_count,
					job_done, server, err);
	if (status)
		rc_http__workers_stop(&server->workers);
	return status;
}

enum rc_status rc_http_server_run(struct rc_http_server *server, struct rc_error *err)
{
	enum rc_status status = start_threads(server, err);

	if (status)
		return status;
	(void)uv_run(&server->loop, UV_RUN_DEFAULT);
	rc_http__workers_stop(&server->handshakers);
	rc_http__workers_stop(&server->workers);
	return RC_OK;
}

void rc_http_server_stop(struct rc_http_server *server)
{
	atomic_store(&server->stop_asked, true);
	(void)uv_async_send(&server->async);
}

struct rc_http_counts rc_http_server_counts(const struct rc_http_server *server)
{
	struct rc_http_counts counts = {
	    .connections = atomic_load(&server->connection_count),
	    .requests_running = atomic_load(&server->running_count),
	    .requests_parked = atomic_load(&server->parked_count),
	    .handshakes_waiting = atomic_load(&server->handshakes_waiting_count),
	    .accepted = atomic_load(&server->accepted_count),
	    .refused = atomic_load(&server->refused_count),
	    .requests_served = atomic_load(&server->served_count),
	    .handshakes_done = atomic_load(&server->handshakes_done_count),
	    .handshakes_failed = atomic_load(&server->handshakes_failed_count),
	};

	for (unsigned i = 0; i < RC_HTTP_CLASSES; i++)
		counts.answers[i] = atomic_load(&server->answered_count[i]);
	return counts;
}

void rc_http_server_free(struct rc_http_server *server)
{
	struct rc_http__listener *listener, *next;

	close_listeners(server);
	uv_close((uv_handle_t *)&server->async, NULL);
	uv_close((uv_handle_t *)&server->stop_timer, NULL);
	(void)uv_run(&server->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&server->loop);
	for (listener = server->listeners; listener; listener = next) {
		next = listener->next;
		rc_http__router_deinit(&listener->router);
		free(listener);
	}
	pthread_mutex_destroy(&server->lock);
	free(server);
}

/* ---- lists */

void rc_http__queue_append(struct rc_http__queue *queue, struct rc_http__connection *connection)
{
	connection->is_waiting = true;
	connection->waiting = (struct rc_http__links){.previous = queue->last};
	if (queue->last)
		queue->last->waiting.next = connection;
	else
		queue->first = connection;
	queue->last = connection;
	queue->count++;
}

void rc_http__queue_remove(struct rc_http__queue *queue, struct rc_http__connection *connection)
{
	struct rc_http__links links = connection->waiting;

	if (!connection->is_waiting)
		return;
	connection->is_waiting = false;
	if (links.next)
		links.next->waiting.previous = links.previous;
	else
		queue->last = links.previous;
	if (links.previous)
		links.previous->waiting.next = links.next;
	else
		queue->first = links.next;
	queue->count--;
}
