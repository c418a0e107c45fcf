/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between a socket and HTTP. Inwards: bytes of the socket, through TLS if there is one, to the end of `in`. Outwards: an
 * interim answer, a head and a body, through TLS if there is one, to the socket; plain ones go without a copy. At most one write
 * is under way, and while it is, nothing it reads from is touched.
 */
#include "server/http/http_priv.h"

/* Ciphertext made ahead of the socket: enough to keep it busy, little enough for ten thousand connections. */
#define WIRE_AHEAD_BYTES (64u * 1024u)

static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct rc_http__connection *connection = handle->data;
	struct rc_http_server *server = connection->server;

	(void)suggested;
	*buffer = uv_buf_init(server->read_buffer, sizeof(server->read_buffer));
}

static void append_plain(struct rc_http__connection *connection, struct rc_bytes bytes)
{
	if (connection->in_at > 0) {
		rc_buf_consume(&connection->in, connection->in_at);
		connection->in_at = 0;
	}
	rc_buf_append_bytes(&connection->in, bytes);
}

/* Moves what the session can decrypt to `in`. False if the stream is broken. */
static bool decrypt(struct rc_http__connection *connection)
{
	uint8_t plain[4096];
	enum rc_status status;
	size_t got = 0;

	while ((status = rc_tls_session_read(connection->tls, plain, sizeof(plain), &got, NULL)) == RC_OK) {
		if (got == 0) {
			connection->has_eof = true;
			break;
		}
		append_plain(connection, rc_bytes_of(plain, got));
	}
	return status == RC_OK || status == RC_EBUSY;
}

void rc_http__io_drain(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__LINGERING)
		return; /* whatever it is, nobody will read it */
	if (connection->tls && !decrypt(connection)) {
		rc_http__connection_linger(connection);
		return;
	}
	if (rc_buf_status(&connection->in, NULL) != RC_OK) {
		rc_http__connection_close(connection);
		return;
	}
	if (connection->tls && rc_tls_session_pending(connection->tls) > 0)
		rc_http__io_pump(connection); /* reading has left an alert, such as "no renegotiation" */
	rc_http__connection_received(connection);
}

static void take_ciphertext(struct rc_http__connection *connection, struct rc_bytes bytes)
{
	if (rc_tls_session_feed(connection->tls, bytes) != RC_OK) {
		rc_http__connection_close(connection);
		return;
	}
	if (connection->state == RC_HTTP__HANDSHAKE)
		rc_http__handshake_step(connection);
	else
		rc_http__io_drain(connection);
}

static void take_end(struct rc_http__connection *connection, ssize_t reason)
{
	rc_http__io_read(connection, false);
	if (reason != UV_EOF || connection->state == RC_HTTP__HANDSHAKE ||
	    connection->state == RC_HTTP__LINGERING) {
		rc_http__connection_close(connection);
		return;
	}
	connection->has_eof = true;
	rc_http__connection_received(connection);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct rc_http__connection *connection = stream->data;

	if (size < 0) {
		take_end(connection, size);
	} else if (size > 0 && connection->state == RC_HTTP__LINGERING) {
		return;
	} else if (size > 0 && connection->tls) {
		take_ciphertext(connection, rc_bytes_of(buffer->base, (size_t)size));
	} else if (size > 0) {
		append_plain(connection, rc_bytes_of(buffer->base, (size_t)size));
		rc_http__io_drain(connection);
	}
}

void rc_http__io_read(struct rc_http__connection *connection, bool wanted)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;

	if (wanted == connection->is_reading || connection->state == RC_HTTP__CLOSING)
		return;
	connection->is_reading = wanted;
	if (!wanted)
		(void)uv_read_stop(stream);
	else if (uv_read_start(stream, give_buffer, on_read) != 0)
		rc_http__connection_close(connection);
}

/* The plaintext that goes out next. */
static struct rc_bytes *next_piece(struct rc_http__connection *connection)
{
	if (connection->out[0].size > 0)
		return &connection->out[0];
	return connection->out[1].size > 0 ? &connection->out[1] : NULL;
}

static void on_written(uv_write_t *write, int code)
{
	struct rc_http__connection *connection = write->data;

	connection->is_writing = false;
	rc_buf_deinit(&connection->wire);
	if (connection->state == RC_HTTP__CLOSING)
		return;
	if (code < 0)
		rc_http__connection_close(connection);
	else
		rc_http__io_pump(connection);
}

static void write_now(struct rc_http__connection *connection, const uv_buf_t *buffers, unsigned count)
{
	connection->is_writing = true;
	connection->write.data = connection;
	if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, buffers, count,
		     on_written) != 0) {
		connection->is_writing = false;
		rc_http__connection_close(connection);
	}
}

/* Fills the session's pending ciphertext up to the bound. False if the session is broken. */
static bool encrypt(struct rc_http__connection *connection)
{
	struct rc_bytes first = rc_bytes_of(interim, sizeof(interim) - 1);
	struct rc_bytes *piece;

	while (rc_tls_session_pending(connection->tls) < WIRE_AHEAD_BYTES) {
		size_t taken = 0;

		piece = connection->wants_interim ? &first : next_piece(connection);
		if (!piece)
			break;
		if (rc_tls_session_write(connection->tls, *piece, &taken, NULL) != RC_OK)
			return false;
		*piece = rc_bytes_of(piece->data + taken, piece->size - taken);
		connection->wants_interim = connection->wants_interim && first.size > 0;
	}
	return true;
}

static void pump_tls(struct rc_http__connection *connection)
{
	uv_buf_t buffer;

	if (!encrypt(connection)) {
		rc_http__connection_close(connection);
		return;
	}
	if (rc_tls_session_pending(connection->tls) == 0) {
		rc_http__connection_written(connection);
		return;
	}
	rc_tls_session_take(connection->tls, &connection->wire);
	buffer = uv_buf_init((char *)connection->wire.data, (unsigned)connection->wire.size);
	write_now(connection, &buffer, 1);
}

/* Leaves what the socket did not take. */
static void drop_written(uv_buf_t *buffers, unsigned *count, size_t written)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < *count; i++) {
		const size_t gone = written < buffers[i].len ? written : buffers[i].len;

		written -= gone;
		if (gone < buffers[i].len)
			buffers[kept++] =
			    uv_buf_init(buffers[i].base + gone, (unsigned)(buffers[i].len - gone));
	}
	*count = kept;
}

/*
 * A small answer fits into the socket: no turn of the loop for it. True if all is out. With another request here already it isn't tried: each
 * would be answered from within the last one's answer, as deep as a peer likes.
 */
static bool write_at_once(struct rc_http__connection *connection, uv_buf_t *buffers, unsigned *count)
{
	int written;

	if (connection->in.size > connection->in_at)
		return false;
	written = uv_try_write((uv_stream_t *)&connection->tcp, buffers, *count);
	if (written >= 0) {
		drop_written(buffers, count, (size_t)written);
		return *count == 0;
	}
	if (written != UV_EAGAIN) {
		rc_http__connection_close(connection);
		*count = 0;
	}
	return false;
}

static void pump_plain(struct rc_http__connection *connection)
{
	uv_buf_t buffers[3];
	unsigned count = 0;
	struct rc_bytes *piece;

	if (connection->wants_interim)
		buffers[count++] = uv_buf_init((char *)interim, sizeof(interim) - 1);
	connection->wants_interim = false;
	while ((piece = next_piece(connection))) {
		buffers[count++] = uv_buf_init((char *)piece->data, (unsigned)piece->size);
		piece->size = 0; /* it is libuv's now; the memory stays until on_written */
	}
	if (count == 0 || write_at_once(connection, buffers, &count))
		rc_http__connection_written(connection);
	else if (count > 0)
		write_now(connection, buffers, count);
}

void rc_http__io_pump(struct rc_http__connection *connection)
{
	if (connection->is_writing || connection->state == RC_HTTP__CLOSING)
		return;
	if (connection->tls)
		pump_tls(connection);
	else
		pump_plain(connection);
}

static void on_shutdown(uv_shutdown_t *shutdown, int code)
{
	(void)shutdown;
	(void)code; /* whatever it is, the state's deadline or the peer ends the connection */
}

void rc_http__io_shutdown(struct rc_http__connection *connection)
{
	if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown) != 0)
		rc_http__connection_close(connection);
}
