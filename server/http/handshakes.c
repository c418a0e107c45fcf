/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may compute a handshake now. A full one costs milliseconds of a core, and anybody can ask for one: so they run on threads
 * of their own, a few at once, no more than two of one address, and the others stand in a queue that has an end.
 */
#include "server/http/http_priv.h"

#include "shared/base/log.h"

#include <stddef.h>

static struct rc_http__connection *connection_of(struct rc_http__job *job)
{
	return (struct rc_http__connection *)((char *)job - offsetof(struct rc_http__connection, step));
}

static void run_step(struct rc_http__job *job)
{
	struct rc_http__connection *connection = connection_of(job);

	connection->step_status = rc_tls_session_handshake(connection->tls, &connection->step_error);
}

static void finish_step(struct rc_http__job *job);

static void start_step(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;

	server->handshakes_running++;
	connection->origin->handshakes++;
	connection->holders++;
	connection->step.run = run_step;
	connection->step.finish = finish_step;
	rc_http__workers_submit(&server->handshakers, &connection->step);
}

static bool may_start(const struct rc_http__connection *connection)
{
	const struct rc_http_server *server = connection->server;

	return server->handshakes_running < server->settings.handshake_count &&
	       connection->origin->handshakes < server->settings.max_handshakes_per_address;
}

static void start_waiting(struct rc_http_server *server)
{
	struct rc_http__connection *connection = server->handshakes_waiting.first, *next;

	for (; connection && server->handshakes_running < server->settings.handshake_count;
	     connection = next) {
		next = connection->waiting.next;
		if (!may_start(connection))
			continue;
		rc_http__handshake_forget(connection);
		start_step(connection);
	}
}

static void log_refusal(const struct rc_http__connection *connection)
{
	bool is_denied = connection->step_status == RC_EDENIED;

	rc_log(is_denied ? RC_LOG_NOTICE : RC_LOG_DEBUG, "handshake failed", "address",
	       connection->address, "error", connection->step_error.text, NULL);
}

static void finish_step(struct rc_http__job *job)
{
	struct rc_http__connection *connection = connection_of(job);
	struct rc_http_server *server = connection->server;

	server->handshakes_running--;
	connection->origin->handshakes--;
	if (connection->state == RC_HTTP__HANDSHAKE) {
		if (connection->step_status == RC_EBUSY) {
			rc_http__io_read(connection, true);
			rc_http__io_pump(connection);
		} else if (connection->step_status == RC_OK) {
			rc_http__count(&server->handshakes_done_count);
			connection->peer.certificate = rc_tls_session_peer(connection->tls);
			rc_http__connection_ready(connection);
		} else {
			rc_http__count(&server->handshakes_failed_count);
			log_refusal(connection);
			rc_http__connection_linger(connection);
		}
	}
	rc_http__connection_release(connection);
	start_waiting(server);
}

void rc_http__handshake_step(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;

	rc_http__io_read(connection, false);
	if (may_start(connection)) {
		start_step(connection);
	} else if (server->handshakes_waiting.count < server->settings.max_handshakes_waiting) {
		rc_http__queue_append(&server->handshakes_waiting, connection);
		atomic_store(&server->handshakes_waiting_count, server->handshakes_waiting.count);
	} else {
		rc_http__count(&server->refused_count);
		rc_http__connection_close(connection);
	}
}

void rc_http__handshake_forget(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;

	rc_http__queue_remove(&server->handshakes_waiting, connection);
	atomic_store(&server->handshakes_waiting_count, server->handshakes_waiting.count);
}
