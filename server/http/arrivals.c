/* SPDX-License-Identifier: Apache-2.0 */
/* Connections come and go: accepting them within the limits, closing them, and giving back what they held. */
#include "server/http/http_priv.h"

#include <stdlib.h>

/* Unread plaintext: the longest head, what one read can bring, and what may wait while a request is parked. */
#define IN_MAX_BYTES (64u * 1024u)

#define REFUSED_LINGERING_MAX 64u
#define KEEPALIVE_SECONDS     60u

static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\n"
			      "Retry-After: 10\r\n"
			      "Content-Length: 0\r\n"
			      "Connection: close\r\n\r\n";

void rc_http__connection_drop_exchange(struct rc_http__connection *connection)
{
	if (!connection->exchange)
		return;
	connection->server->bodies_bytes -= connection->exchange->budgeted;
	rc_http__exchange_free(connection->exchange);
	connection->exchange = NULL;
}

static void link_all(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;

	connection->all.next = server->connections;
	if (server->connections)
		server->connections->all.previous = connection;
	server->connections = connection;
	atomic_fetch_add(&server->connection_count, 1);
}

static void unlink_all(struct rc_http__connection *connection)
{
	struct rc_http__links links = connection->all;

	if (links.next)
		links.next->all.previous = links.previous;
	if (links.previous)
		links.previous->all.next = links.next;
	else
		connection->server->connections = links.next;
	atomic_fetch_sub(&connection->server->connection_count, 1);
}

void rc_http__connection_release(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;

	if (--connection->holders > 0)
		return;
	rc_http__connection_drop_exchange(connection);
	if (connection->origin)
		rc_http__addresses_leave(&server->addresses, connection->origin);
	if (connection->is_refused)
		server->refused_lingering--;
	if (connection->tls)
		rc_tls_session_free(connection->tls);
	rc_buf_deinit(&connection->in);
	rc_buf_deinit(&connection->wire);
	unlink_all(connection);
	free(connection);
	rc_http__server_left(server);
}

static void on_closed(uv_handle_t *handle)
{
	rc_http__connection_release(handle->data);
}

void rc_http__connection_close(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__CLOSING)
		return;
	if (connection->state == RC_HTTP__HANDSHAKE)
		rc_http__handshake_forget(connection);
	if (connection->state == RC_HTTP__PARKED)
		rc_http__unpark(connection);
	connection->state = RC_HTTP__CLOSING;
	uv_close((uv_handle_t *)&connection->tcp, on_closed);
	uv_close((uv_handle_t *)&connection->timer, on_closed);
}

static void name_peer(struct rc_http__connection *connection)
{
	struct sockaddr_storage from = {0};
	int size = sizeof(from);
	const struct sockaddr *address = (const struct sockaddr *)&from;

	(void)uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&from, &size);
	if (uv_ip_name(address, connection->address, sizeof(connection->address)) != 0)
		connection->address[0] = 0;
	connection->origin = rc_http__addresses_enter(&connection->server->addresses, address);
}

static struct rc_http__connection *connection_new(struct rc_http__listener *listener)
{
	struct rc_http__connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->server = listener->server;
	connection->listener = listener;
	connection->holders = 2;
	connection->deadline = connection->timer_due = UINT64_MAX;
	connection->peer.is_tls = listener->config.tls != NULL;
	connection->tcp.data = connection->timer.data = connection;
	rc_buf_init(&connection->in, IN_MAX_BYTES);
	rc_buf_init(&connection->wire, 0);
	(void)uv_tcp_init(&listener->server->loop, &connection->tcp);
	(void)uv_timer_init(&listener->server->loop, &connection->timer);
	link_all(connection);
	return connection;
}

static bool is_over_limit(const struct rc_http__connection *connection)
{
	const struct rc_http_server *server = connection->server;
	unsigned per_address = connection->listener->config.max_connections_per_address;

	if (per_address == 0)
		per_address = server->settings.max_connections_per_address;
	return !connection->origin ||
	       atomic_load(&server->connection_count) > server->settings.max_connections ||
	       connection->origin->connections > per_address;
}

/* A plain peer is told why, as long as not too many are being told; a handshake to say so would cost more than it is worth. */
static void refuse_connection(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;

	rc_http__count(&server->refused_count);
	if (connection->listener->config.tls || server->refused_lingering >= REFUSED_LINGERING_MAX) {
		rc_http__connection_close(connection);
		return;
	}
	server->refused_lingering++;
	connection->is_refused = true;
	connection->out[0] = rc_bytes_of(refusal, sizeof(refusal) - 1);
	rc_http__connection_enter(connection, RC_HTTP__WRITING, server->settings.linger_ms);
	rc_http__io_pump(connection);
}

void rc_http__connection_accept(struct rc_http__listener *listener)
{
	const struct rc_http_settings *settings = &listener->server->settings;
	struct rc_http__connection *connection = connection_new(listener);

	if (!connection)
		return;
	if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&connection->tcp) != 0) {
		rc_http__connection_close(connection);
		return;
	}
	rc_http__count(&listener->server->accepted_count);
	(void)uv_tcp_nodelay(&connection->tcp, 1);
	(void)uv_tcp_keepalive(&connection->tcp, 1, KEEPALIVE_SECONDS);
	name_peer(connection);
	if (is_over_limit(connection)) {
		refuse_connection(connection);
	} else if (!listener->config.tls) {
		rc_http__connection_ready(connection);
	} else if (rc_tls_session_new(listener->config.tls, &connection->tls, NULL) != RC_OK) {
		rc_http__connection_close(connection);
	} else {
		rc_http__connection_enter(connection, RC_HTTP__HANDSHAKE, settings->handshake_ms);
		rc_http__io_read(connection, true);
	}
}
