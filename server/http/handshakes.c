/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may compute a handshake now. A full one costs milliseconds of a core, and anybody can ask for one: so they run on threads
 * of their own, a few at once, no more than two of one address, and the others stand in a queue that has an end.
 *
 * Kiosks that all come back after a restart may use every core. Strangers may not: each step is charged to them as it is computed, and what
 * ends in a good certificate is taken off again. While the sum is above what strangers may cost, a first step is only computed for addresses
 * that have such a connection already; later steps are, because they lead to an end.
 */
#include "server/http/http_priv.h"

#include "shared/base/log.h"

#include <stdlib.h>
#include <time.h>

struct rc_http__handshake {
	struct rc_http__job job;
	struct rc_http__connection *connection;
	bool is_running; /* a step is, or waits for a thread */
	bool has_begun;  /* a step was computed */
	enum rc_status status;
	struct rc_error error;
	uint64_t step_ns; /* what the last step has cost */
	uint64_t cost_ns; /* and all so far */
};

static uint64_t thread_cpu_ns(void)
{
	struct timespec spent;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (uint64_t)spent.tv_sec * 1000000000u + (uint64_t)spent.tv_nsec;
}

static void run_step(struct rc_http__job *job)
{
	struct rc_http__handshake *handshake = (struct rc_http__handshake *)job;
	const uint64_t before_ns = thread_cpu_ns();

	handshake->status = rc_tls_session_handshake(handshake->connection->tls, &handshake->error);
	handshake->step_ns = thread_cpu_ns() - before_ns;
}

/* ---- what strangers cost ---- */

static void reckon(struct rc_http_server *server)
{
	const struct rc_http_settings *settings = &server->settings;
	const uint64_t now_ns = rc_http__loop_now_ns(&server->loop);
	const uint64_t passed_ns = now_ns - server->strangers_paid_ns;
	const uint64_t allowed_ns =
	    passed_ns / 100 * settings->strangers_percent * settings->handshake_count;

	server->strangers_paid_ns = now_ns;
	server->strangers_ns -= allowed_ns < server->strangers_ns ? allowed_ns : server->strangers_ns;
}

static bool are_strangers_welcome(const struct rc_http_server *server)
{
	const struct rc_http_settings *settings = &server->settings;

	return server->strangers_ns <= settings->strangers_burst_ms * 1000000u * settings->handshake_count;
}

static void charge(struct rc_http_server *server, struct rc_http__handshake *handshake)
{
	handshake->cost_ns += handshake->step_ns;
	server->strangers_ns += handshake->step_ns;
}

static void pay_back(struct rc_http_server *server, const struct rc_http__handshake *handshake)
{
	const uint64_t cost_ns = handshake->cost_ns;

	server->strangers_ns -= cost_ns < server->strangers_ns ? cost_ns : server->strangers_ns;
}

/* ---- steps ---- */

static void finish_step(struct rc_http__job *job);

static void start_step(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__handshake *handshake = connection->handshake;

	server->handshakes_running++;
	connection->origin->handshakes++;
	connection->holders++;
	handshake->is_running = handshake->has_begun = true;
	handshake->job.run = run_step;
	handshake->job.finish = finish_step;
	rc_http__workers_submit(&server->handshakers, &handshake->job);
}

static bool may_start(const struct rc_http__connection *connection)
{
	const struct rc_http_server *server = rc_http__server_of(connection);

	return server->handshakes_running < server->settings.handshake_count &&
	       connection->origin->handshakes < server->settings.max_handshakes_per_address &&
	       (connection->handshake->has_begun || connection->origin->known > 0 ||
		are_strangers_welcome(server));
}

static void count_waiting(struct rc_http_server *server)
{
	atomic_store(&server->handshakes_waiting_count, server->queues[RC_HTTP__AT_HANDSHAKES].count);
}

void rc_http__handshakes_start(struct rc_http_server *server)
{
	struct rc_http__connection *connection = server->queues[RC_HTTP__AT_HANDSHAKES].first, *next;

	reckon(server);
	for (; connection && server->handshakes_running < server->settings.handshake_count;
	     connection = next) {
		next = connection->waiting.next;
		if (!may_start(connection))
			continue;
		rc_http__queue_leave(connection);
		start_step(connection);
	}
	count_waiting(server);
	if (server->queues[RC_HTTP__AT_HANDSHAKES].count > 0 && !are_strangers_welcome(server))
		rc_http__loop_expire(&server->loop, &server->handshake_pause, RC_HTTP__TICK_MS);
}

static void log_refusal(const struct rc_http__connection *connection)
{
	bool is_denied = connection->handshake->status == RC_EDENIED;

	rc_log(is_denied ? RC_LOG_NOTICE : RC_LOG_DEBUG, "handshake failed", "address",
	       connection->address, "error", connection->handshake->error.text, NULL);
}

static void finish_handshake(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);

	rc_http__count(&server->handshakes_done_count);
	if (rc_tls_session_peer(connection->tls)) {
		pay_back(server, connection->handshake);
		connection->origin->known++;
	}
	rc_http__handshake_end(connection);
	rc_http__connection_ready(connection);
}

static void finish_step(struct rc_http__job *job)
{
	struct rc_http__handshake *handshake = (struct rc_http__handshake *)job;
	struct rc_http__connection *connection = handshake->connection;
	struct rc_http_server *server = rc_http__server_of(connection);

	server->handshakes_running--;
	connection->origin->handshakes--;
	handshake->is_running = false;
	charge(server, handshake);
	if (connection->state == RC_HTTP__HANDSHAKE && handshake->status == RC_OK) {
		finish_handshake(connection);
	} else if (connection->state == RC_HTTP__HANDSHAKE && handshake->status != RC_EBUSY) {
		rc_http__count(&server->handshakes_failed_count);
		log_refusal(connection);
		rc_http__connection_linger(connection);
	}
	if (connection->state != RC_HTTP__HANDSHAKE)
		rc_http__handshake_end(connection);
	rc_http__connection_drive(connection);
	rc_http__connection_release(connection);
	rc_http__handshakes_start(server);
}

enum rc_status rc_http__handshake_begin(struct rc_http__connection *connection)
{
	connection->handshake = calloc(1, sizeof(*connection->handshake));
	if (!connection->handshake)
		return RC_ENOMEM;
	connection->handshake->connection = connection;
	return rc_tls_session_new(connection->listener->config.tls, &connection->tls, NULL);
}

void rc_http__handshake_advance(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);

	if (connection->handshake->is_running || connection->place != RC_HTTP__NOWHERE ||
	    !rc_http__io_flush(connection) || !rc_http__io_receive(connection))
		return;
	if (connection->has_eof) {
		rc_http__connection_close(connection);
		return;
	}
	reckon(server);
	if (may_start(connection)) {
		start_step(connection);
	} else if (server->queues[RC_HTTP__AT_HANDSHAKES].count < server->settings.max_handshakes_waiting) {
		rc_http__queue_append(connection, RC_HTTP__AT_HANDSHAKES);
		rc_http__handshakes_start(server); /* sets the time of the next try */
	} else {
		rc_http__count(&server->refused_count);
		rc_http__connection_close(connection);
	}
}

void rc_http__handshake_end(struct rc_http__connection *connection)
{
	if (!connection->handshake || connection->handshake->is_running)
		return;
	rc_http__queue_leave(connection);
	count_waiting(rc_http__server_of(connection));
	free(connection->handshake);
	connection->handshake = NULL;
}
