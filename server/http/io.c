/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between a socket and HTTP. Inwards: bytes of the socket, through TLS if there is one, as `unread`. Outwards: head and body of the
 * exchange, through TLS if there is one, to the socket; plain ones go without a copy.
 *
 * All connections read into the server's one buffer, where most requests are read and answered before the next read; what is left of
 * one moves to the heap. What the kernel said last of a socket is remembered (can_receive, can_send), so it is asked only when it has an answer;
 * the loop watches for what it hasn't.
 */
#include "server/http/http_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Ciphertext made ahead of the socket: enough to keep it busy, little enough for ten thousand connections. */
#define WIRE_AHEAD_BYTES (64u * 1024u)

/* Unread plaintext: the longest head, what one read can bring, and what may wait while a request is parked. */
#define KEPT_MAX_BYTES (64u * 1024u)

/* ---- in ---- */

static bool is_kept(const struct rc_http__connection *connection)
{
	return connection->kept && connection->unread.data >= connection->kept->data &&
	       connection->unread.data <= connection->kept->data + connection->kept->size;
}

static void drop_kept(struct rc_http__connection *connection)
{
	if (connection->kept)
		rc_buf_deinit(connection->kept);
	free(connection->kept);
	connection->kept = NULL;
	connection->unread = rc_bytes_of(NULL, 0);
}

static bool make_kept(struct rc_http__connection *connection)
{
	connection->kept = calloc(1, sizeof(*connection->kept));
	if (connection->kept)
		rc_buf_init(connection->kept, KEPT_MAX_BYTES);
	return connection->kept != NULL;
}

void rc_http__io_keep(struct rc_http__connection *connection)
{
	if (connection->unread.size == 0) {
		if (connection->kept || connection->unread.data)
			drop_kept(connection);
		return;
	}
	if (is_kept(connection)) {
		rc_buf_consume(connection->kept,
			       (size_t)(connection->unread.data - connection->kept->data));
	} else if (connection->kept || make_kept(connection)) {
		rc_buf_clear(connection->kept);
		rc_buf_append_bytes(connection->kept, connection->unread);
	}
	if (!connection->kept || rc_buf_status(connection->kept, NULL) != RC_OK)
		rc_http__connection_close(connection);
	else
		connection->unread = rc_buf_bytes(connection->kept);
}

/* The first `size` bytes of the read buffer are new plaintext; what was unread before is kept. */
static bool add_plain(struct rc_http__connection *connection, size_t size)
{
	const struct rc_bytes fresh = rc_bytes_of(rc_http__server_of(connection)->read_buffer, size);

	if (connection->unread.size == 0) {
		connection->unread = fresh;
		return true;
	}
	rc_buf_append_bytes(connection->kept, fresh);
	connection->unread = rc_buf_bytes(connection->kept);
	if (rc_buf_status(connection->kept, NULL) == RC_OK)
		return true;
	rc_http__connection_close(connection);
	return false;
}

/* Bytes of the socket into the read buffer: how many, 0 for the end (then has_eof is set), or -1 for none or a connection that is being closed. */
static ssize_t receive(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	ssize_t size;

	if (!connection->can_receive || connection->has_eof)
		return -1;
	do
		size = recv(connection->source.fd, server->read_buffer, sizeof(server->read_buffer), 0);
	while (size < 0 && errno == EINTR);
	if (size < 0 && errno != EAGAIN)
		rc_http__connection_close(connection);
	connection->has_eof = size == 0;
	/* A read that leaves room has emptied the socket; the loop tells of more, or of the end. */
	connection->can_receive = size == (ssize_t)sizeof(server->read_buffer);
	return size;
}

static bool feed(struct rc_http__connection *connection, size_t size)
{
	const struct rc_bytes bytes = rc_bytes_of(rc_http__server_of(connection)->read_buffer, size);

	if (rc_tls_session_feed(connection->tls, bytes) == RC_OK)
		return true;
	rc_http__connection_close(connection);
	return false;
}

static bool receive_tls(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	enum rc_status status;
	size_t got = 0;

	while ((status = rc_tls_session_read(connection->tls, server->read_buffer,
					     sizeof(server->read_buffer), &got, NULL)) == RC_EBUSY) {
		const ssize_t size = receive(connection);

		if (size < 0) /* reading may have left an alert, such as "no renegotiation": another step sends it */
			return connection->state != RC_HTTP__CLOSING && connection->can_send &&
			       rc_tls_session_pending(connection->tls).size > 0;
		if (size == 0)
			return true;
		if (!feed(connection, (size_t)size))
			return false;
	}
	if (status) {
		rc_http__connection_linger(connection);
		return true;
	}
	connection->has_eof = connection->has_eof || got == 0;
	return got == 0 || add_plain(connection, got);
}

bool rc_http__io_receive(struct rc_http__connection *connection)
{
	const bool is_handshake = connection->state == RC_HTTP__HANDSHAKE;
	ssize_t size;

	if (connection->state == RC_HTTP__LINGERING)
		return receive(connection) >= 0; /* whatever it is, nobody will read it */
	if (connection->has_eof)
		return false;
	rc_http__io_keep(connection);
	if (connection->state == RC_HTTP__CLOSING)
		return false;
	if (connection->tls && !is_handshake)
		return receive_tls(connection);
	size = receive(connection);
	if (size <= 0)
		return size == 0;
	return is_handshake ? feed(connection, (size_t)size) : add_plain(connection, (size_t)size);
}

/* ---- out ---- */

/* The plaintext that goes out next; NULL if there is none. */
static struct rc_bytes *next_piece(struct rc_http__connection *connection)
{
	struct rc_http__exchange *exchange = connection->exchange;

	if (!exchange)
		return NULL;
	if (exchange->out[0].size > 0)
		return &exchange->out[0];
	return exchange->out[1].size > 0 ? &exchange->out[1] : NULL;
}

bool rc_http__io_has_output(const struct rc_http__connection *connection)
{
	const struct rc_http__exchange *exchange = connection->exchange;

	return (connection->tls && rc_tls_session_pending(connection->tls).size > 0) ||
	       (exchange && exchange->out[0].size + exchange->out[1].size > 0);
}

/* How many bytes the socket took; -1 if it is full or broken (then the connection is being closed). */
static ssize_t transmit(struct rc_http__connection *connection, const struct rc_bytes *pieces, size_t count)
{
	struct iovec parts[2];
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
	ssize_t size;

	if (!connection->can_send)
		return -1;
	for (size_t i = 0; i < count; i++)
		parts[i] = (struct iovec){(void *)pieces[i].data, pieces[i].size};
	do
		size = count == 1
			   ? send(connection->source.fd, pieces[0].data, pieces[0].size, MSG_NOSIGNAL)
			   : sendmsg(connection->source.fd, &message, MSG_NOSIGNAL);
	while (size < 0 && errno == EINTR);
	if (size < 0 && errno == EAGAIN)
		connection->can_send = false;
	else if (size < 0)
		rc_http__connection_close(connection);
	return size;
}

static void skip(struct rc_bytes *piece, size_t size)
{
	*piece = rc_bytes_of(piece->data + size, piece->size - size);
}

static bool flush_plain(struct rc_http__connection *connection)
{
	struct rc_bytes *out;

	while ((out = next_piece(connection))) {
		struct rc_bytes *const pieces = connection->exchange->out;
		const size_t count = out == pieces && pieces[1].size > 0 ? 2 : 1;
		const ssize_t sent = transmit(connection, out, count);
		size_t first;

		if (sent < 0)
			return false;
		first = (size_t)sent < out->size ? (size_t)sent : out->size;
		skip(out, first);
		if (count == 2)
			skip(&pieces[1], (size_t)sent - first);
	}
	return true;
}

/* Fills the session's pending ciphertext up to the bound. False if the session is broken. */
static bool encrypt(struct rc_http__connection *connection)
{
	struct rc_bytes *piece;

	while (rc_tls_session_pending(connection->tls).size < WIRE_AHEAD_BYTES &&
	       (piece = next_piece(connection))) {
		size_t taken = 0;

		if (rc_tls_session_write(connection->tls, *piece, &taken, NULL) != RC_OK)
			return false;
		skip(piece, taken);
	}
	return true;
}

static bool flush_tls(struct rc_http__connection *connection)
{
	struct rc_bytes pending;

	while (encrypt(connection)) {
		ssize_t sent;

		pending = rc_tls_session_pending(connection->tls);
		if (pending.size == 0)
			return true;
		sent = transmit(connection, &pending, 1);
		if (sent < 0)
			return false;
		rc_tls_session_sent(connection->tls, (size_t)sent);
	}
	rc_http__connection_close(connection);
	return false;
}

void rc_http__io_watch(struct rc_http__connection *connection)
{
	unsigned events = connection->can_send ? 0 : UV_WRITABLE;

	if (!connection->can_receive && !connection->has_eof)
		events |= UV_READABLE;
	if (rc_http__loop_watch(&rc_http__server_of(connection)->loop, &connection->source, events) != RC_OK)
		rc_http__connection_close(connection);
}

bool rc_http__io_flush(struct rc_http__connection *connection)
{
	return connection->tls ? flush_tls(connection) : flush_plain(connection);
}
