/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a connection (http_priv.h says what each is). Everything here runs on the loop.
 *
 * Whatever happens only changes the state; rc_http__connection_drive then takes step after step until the next one has to wait, or until
 * others should have their turn: a peer that sends a thousand requests at once is served in slices. A connection that is closed
 * stays in memory until the turn of the loop is over.
 */
#include "server/http/http_priv.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PARKED_IN_MAX_BYTES 16384u /* that a client may send on while it waits */
#define STEPS_A_TURN        48u    /* a dozen small requests, or half a megabyte of a body */

static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

/* ---- answering */

/* A deadline for so many bytes: a slow line may take its time, a peer that dawdles may not. */
static uint64_t time_for(const struct rc_http_server *server, uint64_t base_ms, uint64_t bytes)
{
	return base_ms + bytes * 1000 / server->settings.min_rate_bytes_per_s;
}

/* Head and body as one piece, where copying is cheaper than a second piece in the kernel. */
static void join_small(struct rc_http__exchange *exchange)
{
	struct rc_buf *head = &exchange->head;

	if (exchange->out[1].size > RC_HTTP__JOINED_MAX_BYTES || head->size == 0 ||
	    rc_buf_reserve(head, exchange->out[1].size) != RC_OK)
		return;
	rc_buf_append_bytes(head, exchange->out[1]);
	exchange->out[0] = rc_buf_bytes(head);
	exchange->out[1] = rc_bytes_of(NULL, 0);
}

static void count_answer(struct rc_http_server *server, int status)
{
	const unsigned class = (unsigned)status / 100;

	rc_http__count(&server->served_count);
	if (class >= 1 && class <= RC_HTTP_CLASSES)
		rc_http__count(&server->answered_count[class - 1]);
}

static void send_response(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__exchange *exchange = connection->exchange;
	int status = exchange->response.status;

	exchange->out[0] = rc_buf_bytes(&exchange->head);
	exchange->out[1] = rc_bytes_of(NULL, 0);
	if (exchange->request.method != RC_HTTP_HEAD && status != 204 && status != 304)
		exchange->out[1] = rc_http__response_body(&exchange->response);
	rc_http__connection_enter(connection, RC_HTTP__WRITING,
				  time_for(server, server->settings.write_ms, exchange->out[1].size));
	join_small(exchange);
	if (exchange->head.size == 0)
		exchange->closes = true;
	count_answer(server, status); /* before anybody can see the answer */
}

/* The response is filled, on the loop; with bytes of the request unread the connection can't go on. */
static void answer_early(struct rc_http__connection *connection, bool closes)
{
	struct rc_http__exchange *exchange = connection->exchange;

	exchange->closes = exchange->closes || closes;
	rc_http__exchange_complete(exchange);
	send_response(connection);
}

static void refuse(struct rc_http__connection *connection, int status)
{
	struct rc_http_response *response = &connection->exchange->response;

	if (status == 503)
		rc_http_retry_after(response, 1);
	rc_http__problem(response, status, NULL);
	answer_early(connection, true);
}

void rc_http__connection_finish_run(struct rc_http__connection *connection)
{
	atomic_fetch_sub(&rc_http__server_of(connection)->running_count, 1);
	if (connection->state == RC_HTTP__RUNNING) {
		if (connection->exchange->response.wait_topics) {
			rc_http__park(connection);
		} else {
			if (connection->exchange->response.finish)
				rc_http__exchange_finish(connection->exchange);
			send_response(connection);
		}
		rc_http__connection_drive(connection);
	}
	rc_http__connection_release(connection);
}

static void finish_job(struct rc_http__job *job)
{
	rc_http__connection_finish_run(((struct rc_http__exchange *)job)->connection);
}

/* Handing such a request over and taking it back would cost several times what it does. */
static void run_here(struct rc_http__connection *connection)
{
	struct rc_http__exchange *exchange = connection->exchange;

	exchange->request.is_last_try = true;
	rc_http__exchange_run(&exchange->job);
	send_response(connection);
}

void rc_http__connection_run(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__exchange *exchange = connection->exchange;
	unsigned room = server->settings.max_requests_waiting + server->settings.worker_count;

	if (exchange->request.route->is_quick) {
		run_here(connection);
		return;
	}
	if (!exchange->request.is_resumed && atomic_load(&server->running_count) >= room) {
		refuse(connection, 503);
		return;
	}
	rc_http__connection_enter(connection, RC_HTTP__RUNNING, RC_HTTP__NO_DEADLINE);
	atomic_fetch_add(&server->running_count, 1);
	connection->holders++;
	exchange->job.run = rc_http__exchange_run;
	exchange->job.finish = finish_job;
	rc_http__workers_submit(&server->workers, &exchange->job);
}

/* ---- reading */

static void consume(struct rc_http__connection *connection, size_t size)
{
	connection->unread = rc_bytes_of(connection->unread.data + size, connection->unread.size - size);
}

static void begin_head(struct rc_http__connection *connection)
{
	connection->exchange = rc_http__exchange_new(connection);
	if (!connection->exchange)
		rc_http__connection_close(connection);
	else if (connection->has_served)
		rc_http__connection_enter(connection, RC_HTTP__HEAD,
					  rc_http__server_of(connection)->settings.header_ms);
	else
		connection->state = RC_HTTP__HEAD; /* the first head's time runs already */
}

static void begin_body(struct rc_http__connection *connection)
{
	const struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__exchange *exchange = connection->exchange;
	uint64_t size = exchange->parser.has_length ? exchange->parser.length : exchange->body.max;

	rc_http__connection_enter(connection, RC_HTTP__BODY,
				  time_for(server, server->settings.body_ms, size));
	if (exchange->parser.wants_continue && connection->unread.size == 0)
		exchange->out[0] = rc_bytes_of(interim, sizeof(interim) - 1);
}

static void open_request(struct rc_http__connection *connection)
{
	struct rc_http__exchange *exchange = connection->exchange;
	size_t head_size = exchange->parser.head_size;
	bool has_body = rc_http_parser_has_body(&exchange->parser);
	bool is_good =
	    rc_http__exchange_open(exchange, rc_bytes_of(connection->unread.data, head_size));

	consume(connection, head_size);
	if (!is_good)
		answer_early(connection, has_body);
	else if (has_body)
		begin_body(connection);
	else
		rc_http__connection_run(connection);
}

/* True if the state has changed. */
static bool read_head(struct rc_http__connection *connection)
{
	struct rc_http_parser *parser = &connection->exchange->parser;
	enum rc_http_progress progress = rc_http_parser_head(parser, connection->unread);

	if (progress == RC_HTTP_MORE)
		return false;
	if (progress == RC_HTTP_DONE)
		open_request(connection);
	else
		refuse(connection, rc_http_fault_status(parser->fault));
	return true;
}

/* 0, or the status that refuses this much of a body. */
static int keep_piece(struct rc_http__connection *connection, struct rc_bytes piece)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__exchange *exchange = connection->exchange;

	if (piece.size > server->settings.max_bodies_bytes - server->bodies_bytes)
		return 503;
	rc_buf_append_bytes(&exchange->body, piece);
	if (rc_buf_status(&exchange->body, NULL) != RC_OK)
		return exchange->body.status == RC_ELIMIT ? 413 : 503;
	exchange->budgeted += piece.size;
	server->bodies_bytes += piece.size;
	return 0;
}

/* True if the state has changed. */
static bool read_body(struct rc_http__connection *connection)
{
	struct rc_http__exchange *exchange = connection->exchange;
	enum rc_http_progress progress = RC_HTTP_MORE;

	while (progress == RC_HTTP_MORE && connection->unread.size > 0) {
		struct rc_bytes piece;
		size_t used = 0;
		int status;

		progress = rc_http_parser_body(&exchange->parser, connection->unread, &used, &piece);
		status = progress == RC_HTTP_BAD ? 400 : keep_piece(connection, piece);
		consume(connection, used);
		if (status) {
			refuse(connection, status);
			return true;
		}
	}
	if (progress == RC_HTTP_DONE)
		rc_http__connection_run(connection);
	return progress == RC_HTTP_DONE;
}

/* ---- steps: each is true if there may be another */

static bool step_reading(struct rc_http__connection *connection)
{
	if (rc_http__io_has_output(connection) && !rc_http__io_flush(connection))
		return false;
	if (connection->unread.size > 0) {
		if (connection->state == RC_HTTP__IDLE)
			begin_head(connection);
		if (connection->state == RC_HTTP__HEAD
			? read_head(connection)
			: connection->state == RC_HTTP__BODY && read_body(connection))
			return true;
	}
	if (connection->has_eof) {
		rc_http__connection_close(connection);
		return false;
	}
	return rc_http__io_receive(connection);
}

/* Only to notice that the peer has gone. */
static bool step_parked(struct rc_http__connection *connection)
{
	if (connection->has_eof) {
		rc_http__parked_finish(connection);
		return true;
	}
	if (rc_http__io_has_output(connection) && !rc_http__io_flush(connection))
		return false;
	return connection->unread.size <= PARKED_IN_MAX_BYTES && rc_http__io_receive(connection);
}

static bool step_writing(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	bool closes;

	if (!rc_http__io_flush(connection))
		return false;
	closes = connection->exchange->closes || server->is_stopping;
	rc_http__connection_drop_exchange(connection);
	connection->has_served = true;
	if (closes)
		rc_http__connection_linger(connection);
	else
		rc_http__connection_enter(connection, RC_HTTP__IDLE, server->settings.idle_ms);
	return true;
}

static bool step_lingering(struct rc_http__connection *connection)
{
	if (!connection->is_shut) {
		if (!rc_http__io_flush(connection))
			return false;
		connection->is_shut = true;
		(void)shutdown(connection->source.fd, SHUT_WR);
	}
	if (connection->has_eof) {
		rc_http__connection_close(connection);
		return false;
	}
	return rc_http__io_receive(connection);
}

static bool step(struct rc_http__connection *connection)
{
	switch (connection->state) {
	case RC_HTTP__HANDSHAKE:
		rc_http__handshake_advance(connection);
		return false; /* goes on when a step has been computed */
	case RC_HTTP__IDLE:
	case RC_HTTP__HEAD:
	case RC_HTTP__BODY:
		return step_reading(connection);
	case RC_HTTP__PARKED:
		return step_parked(connection);
	case RC_HTTP__WRITING:
		return step_writing(connection);
	case RC_HTTP__LINGERING:
		return step_lingering(connection);
	case RC_HTTP__RUNNING: /* what comes stays in the socket, which fills only the peer's own memory */
	case RC_HTTP__CLOSING:
		break;
	}
	return false;
}

static void go_on_later(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);

	if (connection->is_later)
		return;
	connection->is_later = true;
	connection->holders++;
	connection->later = server->unfinished;
	server->unfinished = connection;
}

void rc_http__connection_drive(struct rc_http__connection *connection)
{
	unsigned steps = STEPS_A_TURN;

	while (steps > 0 && step(connection))
		steps--;
	if (connection->state == RC_HTTP__CLOSING)
		return;
	rc_http__io_keep(connection);
	if (steps == 0)
		go_on_later(connection);
	else if (connection->state != RC_HTTP__CLOSING)
		rc_http__io_watch(connection);
}

/* ---- events */

void rc_http__connection_ready(struct rc_http__connection *connection)
{
	rc_http__connection_enter(connection, RC_HTTP__IDLE,
				  rc_http__server_of(connection)->settings.header_ms);
}

void rc_http__connection_linger(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__PARKED)
		rc_http__unpark(connection);
	rc_http__connection_enter(connection, RC_HTTP__LINGERING,
				  rc_http__server_of(connection)->settings.linger_ms);
	connection->unread = rc_bytes_of(NULL, 0); /* nobody will read it */
	if (connection->tls)
		rc_tls_session_close(connection->tls);
}

void rc_http__connection_stopping(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__HANDSHAKE || connection->state == RC_HTTP__IDLE)
		rc_http__connection_close(connection);
	else if (connection->state == RC_HTTP__PARKED)
		rc_http__parked_finish(connection);
}

static void on_ready(struct rc_http__source *source, unsigned events)
{
	struct rc_http__connection *connection = (struct rc_http__connection *)source;

	if (events == 0) {
		rc_http__connection_close(connection);
		return;
	}
	if (events & UV_READABLE)
		connection->can_receive = true;
	if (events & UV_WRITABLE)
		connection->can_send = true;
	if (!connection->is_later) /* else it has its turn after the others */
		rc_http__connection_drive(connection);
}

/* What the peer hasn't taken by its deadline is dropped: the kernel would go on offering it, for as long as a peer takes a byte now and then. */
static void cut(struct rc_http__connection *connection)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	int unsent = 0;

	if (ioctl(connection->source.fd, SIOCOUTQ, &unsent) == 0 && unsent > 0)
		(void)setsockopt(connection->source.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	rc_http__connection_close(connection);
}

static void on_expired(struct rc_http__source *source)
{
	struct rc_http__connection *connection = (struct rc_http__connection *)source;

	switch (connection->state) {
	case RC_HTTP__HEAD:
	case RC_HTTP__BODY:
		refuse(connection, 408);
		break;
	case RC_HTTP__PARKED:
		rc_http__parked_finish(connection);
		break;
	case RC_HTTP__HANDSHAKE:
	case RC_HTTP__IDLE:
	case RC_HTTP__RUNNING:
	case RC_HTTP__WRITING:
	case RC_HTTP__LINGERING:
	case RC_HTTP__CLOSING:
		cut(connection);
		return;
	}
	rc_http__connection_drive(connection);
}

static void on_closed(struct rc_http__source *source)
{
	rc_http__connection_release((struct rc_http__connection *)source);
}

const struct rc_http__calls rc_http__connection_calls = {
    .ready = on_ready, .expired = on_expired, .closed = on_closed};

void rc_http__connection_enter(struct rc_http__connection *connection, enum rc_http__state state,
			       uint64_t deadline_ms)
{
	connection->state = state;
	rc_http__loop_expire(&rc_http__server_of(connection)->loop, &connection->source, deadline_ms);
}
