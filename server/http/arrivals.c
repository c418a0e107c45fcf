/* SPDX-License-Identifier: Apache-2.0 */
/* Connections come and go: accepting them within the limits, closing them, and giving back what they held. */
#include "server/http/http_priv.h"

#include "shared/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_A_TURN        64u
#define REFUSED_LINGERING_MAX 64u
#define REST_MS               100u   /* then a descriptor may be free again: not all are ours */
#define REST_LOGGED_EVERY_MS  60000u /* at most */

static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\n"
			      "Retry-After: 10\r\n"
			      "Content-Length: 0\r\n"
			      "Connection: close\r\n\r\n";

/* ---- going */

void rc_http__connection_drop_exchange(struct rc_http__connection *connection)
{
	if (!connection->exchange)
		return;
	rc_http__server_of(connection)->bodies_bytes -= connection->exchange->budgeted;
	rc_http__exchange_free(connection->exchange);
	connection->exchange = NULL;
}

static void leave_origin(struct rc_http__connection *connection)
{
	if (!connection->origin)
		return;
	if (connection->tls && rc_tls_session_peer(connection->tls))
		connection->origin->known--;
	rc_http__addresses_leave(&rc_http__server_of(connection)->addresses, connection->origin);
}

static void bury(struct rc_http__connection *connection)
{
	rc_http__connection_drop_exchange(connection);
	rc_http__handshake_end(connection);
	leave_origin(connection);
	if (connection->is_refused)
		rc_http__server_of(connection)->refused_lingering--;
	if (connection->tls)
		rc_tls_session_free(connection->tls);
	free(connection->parked);
	connection->unread = rc_bytes_of(NULL, 0);
	rc_http__io_keep(connection);
	atomic_fetch_sub(&rc_http__server_of(connection)->connection_count, 1);
	free(connection);
}

void rc_http__connections_bury(struct rc_http_server *server)
{
	struct rc_http__connection *connection = server->closed, *next;

	server->closed = NULL;
	if (connection && server->is_resting)
		rc_http__arrivals_resume(server);
	for (; connection; connection = next) {
		next = connection->later;
		bury(connection);
	}
}

void rc_http__connection_release(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);

	if (--connection->holders > 0)
		return;
	connection->later = server->closed;
	server->closed = connection;
}

void rc_http__connection_close(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__CLOSING)
		return;
	if (connection->state == RC_HTTP__HANDSHAKE)
		rc_http__handshake_end(connection);
	if (connection->state == RC_HTTP__PARKED)
		rc_http__unpark(connection);
	connection->state = RC_HTTP__CLOSING;
	rc_http__loop_forget(&rc_http__server_of(connection)->loop, &connection->source);
}

/* ---- coming */

static void write_address(const struct sockaddr_storage *from, char text[RC_HTTP_ADDRESS_CHARS + 1])
{
	const void *address = from->ss_family == AF_INET6
				  ? (const void *)&((const struct sockaddr_in6 *)from)->sin6_addr
				  : (const void *)&((const struct sockaddr_in *)from)->sin_addr;

	if (!inet_ntop(from->ss_family, address, text, RC_HTTP_ADDRESS_CHARS + 1))
		text[0] = '\0';
}

/* NULL without memory; then the socket is still the caller's. */
static struct rc_http__connection *connection_new(struct rc_http__listener *listener, int fd,
						  const struct sockaddr_storage *from)
{
	char address[RC_HTTP_ADDRESS_CHARS + 1];
	struct rc_http__connection *connection;
	size_t size;

	write_address(from, address);
	size = strlen(address) + 1;
	connection = calloc(1, offsetof(struct rc_http__connection, address) + size);
	if (!connection)
		return NULL;
	memcpy(connection->address, address, size);
	connection->listener = listener;
	connection->holders = 1;
	connection->can_send = true;
	rc_http__source_init(&connection->source, &rc_http__connection_calls, fd);
	connection->origin =
	    rc_http__addresses_enter(&listener->server->addresses, (const struct sockaddr *)from);
	atomic_fetch_add(&listener->server->connection_count, 1);
	return connection;
}

static bool is_over_limit(const struct rc_http__connection *connection)
{
	const struct rc_http_server *server = rc_http__server_of(connection);
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
	struct rc_http_server *server = rc_http__server_of(connection);

	rc_http__count(&server->refused_count);
	/* A socket's buffer that nothing was written to has room for this. */
	if (connection->listener->config.tls || server->refused_lingering >= REFUSED_LINGERING_MAX ||
	    send(connection->source.fd, refusal, sizeof(refusal) - 1, MSG_NOSIGNAL) < 0) {
		rc_http__connection_close(connection);
		return;
	}
	server->refused_lingering++;
	connection->is_refused = true;
	rc_http__connection_linger(connection);
	rc_http__connection_drive(connection);
}

static void welcome(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);

	rc_http__count(&server->accepted_count);
	if (rc_http__loop_watch(&server->loop, &connection->source, UV_READABLE) != RC_OK) {
		rc_http__connection_close(connection);
	} else if (is_over_limit(connection)) {
		refuse_connection(connection);
	} else if (!connection->listener->config.tls) {
		rc_http__connection_ready(connection);
	} else if (rc_http__handshake_begin(connection) != RC_OK) {
		rc_http__connection_close(connection);
	} else {
		rc_http__connection_enter(connection, RC_HTTP__HANDSHAKE, server->settings.handshake_ms);
	}
}

/* ---- without file descriptors */

static void rest(struct rc_http_server *server)
{
	server->is_resting = true;
	for (struct rc_http__listener *listener = server->listeners; listener; listener = listener->next)
		rc_status_ignore(rc_http__loop_watch(&server->loop, &listener->source, 0));
	rc_http__loop_expire(&server->loop, &server->rest, REST_MS);
	if (server->rest_logged_ms != 0 &&
	    server->loop.now_ms - server->rest_logged_ms < REST_LOGGED_EVERY_MS)
		return;
	server->rest_logged_ms = server->loop.now_ms;
	rc_log(RC_LOG_ERROR, "no file descriptor is free: new connections wait until one is",
	       "error", strerror(errno), NULL);
}

void rc_http__arrivals_resume(struct rc_http_server *server)
{
	if (!server->is_resting || server->is_stopping)
		return;
	server->is_resting = false;
	for (struct rc_http__listener *listener = server->listeners; listener; listener = listener->next)
		rc_status_ignore(rc_http__loop_watch(&server->loop, &listener->source, UV_READABLE));
}

static bool is_shortage(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOBUFS;
}

void rc_http__arrivals_take(struct rc_http__source *source, unsigned events)
{
	struct rc_http__listener *listener = (struct rc_http__listener *)source;

	(void)events;
	for (unsigned i = 0; i < ACCEPTS_A_TURN && !listener->server->is_resting; i++) {
		struct sockaddr_storage from = {0};
		socklen_t size = sizeof(from);
		const int fd =
		    accept4(source->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct rc_http__connection *connection;

		if (fd < 0 && is_shortage(errno))
			rest(listener->server);
		if (fd < 0)
			return; /* none waits; or one has gone again, and the next turn asks for the others */
		connection = connection_new(listener, fd, &from);
		if (connection)
			welcome(connection);
		else
			(void)close(fd);
	}
}
