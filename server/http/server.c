/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listeners, the loop, and how it ends. Other threads reach the loop by its bell; it stays open until the server is freed, so that
 * stop and wake may be called at any time before.
 */
#include "server/http/http_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BACKLOG           1024
#define KEEPALIVE_SECONDS 60
#define SPARED_FILES                                                                               \
	64u /* for the database and the rest of the process, whatever comes over the network */

static unsigned count_cores(void)
{
	cpu_set_t cores;

	return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? (unsigned)CPU_COUNT(&cores) : 1;
}

void rc_http_settings_default(struct rc_http_settings *settings)
{
	unsigned cores = count_cores();

	*settings = (struct rc_http_settings){
	    .worker_count = 32,
	    .handshake_count = cores < 8 ? cores : 8,
	    .max_handshakes_per_address = 2,
	    .strangers_percent = 20,
	    .strangers_burst_ms = 500,
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
	       settings->max_handshakes_per_address && settings->strangers_percent &&
	       settings->strangers_burst_ms && settings->max_handshakes_waiting &&
	       settings->max_connections && settings->max_connections_per_address &&
	       settings->max_requests_waiting && settings->max_parked && settings->max_bodies_bytes &&
	       settings->max_arena_bytes && settings->handshake_ms && settings->header_ms &&
	       settings->body_ms && settings->write_ms && settings->min_rate_bytes_per_s &&
	       settings->idle_ms && settings->linger_ms && settings->stop_ms;
}

/* ---- what other threads have left for the loop */

/* Rings with the lock held: as soon as a thread that isn't the server's own has let go of it, the server may be gone. */
static void job_done(void *context, struct rc_http__job *job)
{
	struct rc_http_server *server = context;

	if (atomic_fetch_sub(&job->awaited, 1) > 1)
		return;
	job->next = NULL;
	pthread_mutex_lock(&server->lock);
	*server->done_last = job;
	server->done_last = &job->next;
	rc_http__loop_ring(&server->loop);
	pthread_mutex_unlock(&server->lock);
}

void rc_http_ready(struct rc_http_response *response)
{
	struct rc_http__exchange *exchange = rc_http__exchange_of(response);

	job_done(rc_http__server_of(exchange->connection), &exchange->job);
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

static void on_rung(struct rc_http__loop *loop)
{
	struct rc_http_server *server = (struct rc_http_server *)loop;
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

/* ---- deadlines of the server's own */

static struct rc_http_server *server_at(struct rc_http__source *source, size_t offset)
{
	return (struct rc_http_server *)(void *)((char *)source - offset);
}

static void cut_connection(struct rc_http__source *source)
{
	rc_http__connection_close((struct rc_http__connection *)source);
}

static void cut_connections(struct rc_http__source *source)
{
	struct rc_http_server *server = server_at(source, offsetof(struct rc_http_server, stop));

	rc_http__loop_each(&server->loop, &rc_http__connection_calls, cut_connection);
}

static void end_rest(struct rc_http__source *source)
{
	rc_http__arrivals_resume(server_at(source, offsetof(struct rc_http_server, rest)));
}

static void end_handshake_pause(struct rc_http__source *source)
{
	rc_http__handshakes_start(server_at(source, offsetof(struct rc_http_server, handshake_pause)));
}

static const struct rc_http__calls stop_calls = {.expired = cut_connections};
static const struct rc_http__calls rest_calls = {.expired = end_rest};
static const struct rc_http__calls handshake_pause_calls = {.expired = end_handshake_pause};

/* ---- the end */

static void close_listeners(struct rc_http_server *server)
{
	for (struct rc_http__listener *listener = server->listeners; listener; listener = listener->next)
		rc_http__loop_forget(&server->loop, &listener->source);
}

static void stop_connection(struct rc_http__source *source)
{
	struct rc_http__connection *connection = (struct rc_http__connection *)source;

	rc_http__connection_stopping(connection);
	rc_http__connection_drive(connection);
}

static void begin_stop(struct rc_http_server *server)
{
	server->is_stopping = true;
	close_listeners(server);
	rc_http__loop_expire(&server->loop, &server->stop, server->settings.stop_ms);
	rc_http__loop_each(&server->loop, &rc_http__connection_calls, stop_connection);
}

/* ---- life cycle */

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
	rc_http__source_init(&made->stop, &stop_calls, -1);
	rc_http__source_init(&made->rest, &rest_calls, -1);
	rc_http__source_init(&made->handshake_pause, &handshake_pause_calls, -1);
	status = rc_http__loop_init(&made->loop, on_rung, err);
	if (status) {
		free(made);
		return status;
	}
	(void)pthread_mutex_init(&made->lock, NULL); /* one with no attributes can't fail */
	(void)signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of that write, not of the process */
	*server = made;
	return RC_OK;
}

static bool parse_address(const struct rc_http_listener_config *config,
			  struct sockaddr_storage *address, socklen_t *size)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;

	if (inet_pton(AF_INET, config->address, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(config->port);
		*size = sizeof(*four);
		return true;
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(config->port);
	*size = sizeof(*six);
	return inet_pton(AF_INET6, config->address, &six->sin6_addr) == 1;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage bound = {0};
	socklen_t size = sizeof(bound);

	(void)getsockname(fd, (struct sockaddr *)&bound, &size);
	if (bound.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
	return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

/* Accepted sockets inherit all of these but the first. */
static void set_options(int fd)
{
	const int one = 1, seconds = KEEPALIVE_SECONDS;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static const struct rc_http__calls listener_calls = {.ready = rc_http__arrivals_take};

static enum rc_status listen_at(struct rc_http__listener *listener, const struct sockaddr_storage *address,
				socklen_t size, struct rc_error *err)
{
	const struct rc_http_listener_config *config = &listener->config;
	const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	rc_http__source_init(&listener->source, &listener_calls, fd);
	if (fd >= 0)
		set_options(fd);
	if (fd < 0 || bind(fd, (const struct sockaddr *)address, size) != 0 || listen(fd, BACKLOG) != 0 ||
	    rc_http__loop_watch(&listener->server->loop, &listener->source, UV_READABLE) != RC_OK)
		return rc_fail(err, RC_ENET, "%s port %u: %s", config->address,
			       (unsigned)config->port, strerror(errno));
	return RC_OK;
}

enum rc_status rc_http_server_add_listener(struct rc_http_server *server,
					   const struct rc_http_listener_config *config,
					   uint16_t *bound_port, struct rc_error *err)
{
	struct sockaddr_storage address = {0};
	struct rc_http__listener *listener;
	socklen_t size = 0;
	enum rc_status status;

	if (!parse_address(config, &address, &size))
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
	/* From here on it goes with the server, whether it listens or not. */
	listener->next = server->listeners;
	server->listeners = listener;
	status = listen_at(listener, &address, size, err);
	if (!status && bound_port)
		*bound_port = port_of(listener->source.fd);
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

/* Connections beyond what the process may open would take the database's files from it. */
static void respect_file_limit(struct rc_http_server *server)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (limit.rlim_cur > 2 * SPARED_FILES &&
	    limit.rlim_cur - SPARED_FILES < server->settings.max_connections)
		server->settings.max_connections = (unsigned)limit.rlim_cur - SPARED_FILES;
}

static void drive_unfinished(struct rc_http_server *server)
{
	struct rc_http__connection *connection = server->unfinished, *next;

	server->unfinished = NULL;
	for (; connection; connection = next) {
		next = connection->later;
		connection->is_later = false;
		rc_http__connection_drive(connection);
		rc_http__connection_release(connection);
	}
}

enum rc_status rc_http_server_run(struct rc_http_server *server, struct rc_error *err)
{
	enum rc_status status = start_threads(server, err);

	if (status)
		return status;
	respect_file_limit(server);
	while (!server->is_stopping || atomic_load(&server->connection_count) > 0) {
		rc_http__loop_turn(&server->loop, server->unfinished != NULL);
		drive_unfinished(server);
		rc_http__connections_bury(server);
	}
	rc_http__workers_stop(&server->handshakers);
	rc_http__workers_stop(&server->workers);
	return RC_OK;
}

void rc_http_server_stop(struct rc_http_server *server)
{
	atomic_store(&server->stop_asked, true);
	rc_http__loop_ring(&server->loop);
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
	rc_http__loop_deinit(&server->loop);
	rc_http__exchanges_free(server);
	for (listener = server->listeners; listener; listener = next) {
		next = listener->next;
		rc_http__router_deinit(&listener->router);
		free(listener);
	}
	pthread_mutex_destroy(&server->lock);
	free(server);
}

/* ---- lists */

void rc_http__queue_append(struct rc_http__connection *connection, enum rc_http__place place)
{
	struct rc_http__queue *queue = &rc_http__server_of(connection)->queues[place];

	connection->place = place;
	connection->waiting = (struct rc_http__links){.previous = queue->last};
	if (queue->last)
		queue->last->waiting.next = connection;
	else
		queue->first = connection;
	queue->last = connection;
	queue->count++;
}

void rc_http__queue_leave(struct rc_http__connection *connection)
{
	struct rc_http__links links = connection->waiting;
	struct rc_http__queue *queue = &rc_http__server_of(connection)->queues[connection->place];

	if (connection->place == RC_HTTP__NOWHERE)
		return;
	connection->place = RC_HTTP__NOWHERE;
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
