/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a connection (http_priv.h says what each is). Everything here runs on the loop. A function that ends in a change of
 * state is the last thing its caller does, because the connection may be closing afterwards; it is freed only later, from the
 * loop, when its handles are closed and no job holds it.
 */
#include "server/http/http_priv.h"

#define PARKED_IN_MAX_BYTES 16384u /* that a client may send on while it waits */
#define NO_DEADLINE         UINT64_MAX

/* ---- answering */

/* A deadline for so many bytes: a slow line may take its time, a peer that dawdles may not. */
static uint64_t time_for(const struct rc_http_server *server, uint64_t base_ms, uint64_t bytes)
{
	return base_ms + bytes * 1000 / server->settings.min_rate_bytes_per_s;
}

/* Head and body as one piece, where copying is cheaper than a second piece in the kernel. */
static void join_small(struct rc_http__connection *connection)
{
	struct rc_buf *head = &connection->exchange->head;

	if (connection->out[1].size > RC_HTTP__JOINED_MAX_BYTES || head->size == 0 ||
	    rc_buf_reserve(head, connection->out[1].size) != RC_OK)
		return;
	rc_buf_append_bytes(head, connection->out[1]);
	connection->out[0] = rc_buf_bytes(head);
	connection->out[1] = rc_bytes_of(NULL, 0);
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
	struct rc_http_server *server = connection->server;
	struct rc_http__exchange *exchange = connection->exchange;
	int status = exchange->response.status;

	connection->out[0] = rc_buf_bytes(&exchange->head);
	connection->out[1] = rc_bytes_of(NULL, 0);
	if (exchange->request.method != RC_HTTP_HEAD && status != 204 && status != 304)
		connection->out[1] = rc_http__response_body(&exchange->response);
	join_small(connection);
	count_answer(server, status); /* before anybody can see the answer */
	if (exchange->head.size == 0)
		exchange->closes = true;
	rc_http__connection_enter(connection, RC_HTTP__WRITING,
				  time_for(server, server->settings.write_ms, connection->out[1].size));
	rc_http__io_pump(connection);
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

static void finish_run(struct rc_http__job *job)
{
	struct rc_http__exchange *exchange = (struct rc_http__exchange *)job;
	struct rc_http__connection *connection = exchange->connection;

	atomic_fetch_sub(&connection->server->running_count, 1);
	if (connection->state == RC_HTTP__RUNNING) {
		if (exchange->response.wait_topics)
			rc_http__park(connection);
		else
			send_response(connection);
	}
	rc_http__connection_release(connection);
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
	struct rc_http_server *server = connection->server;
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
	rc_http__connection_enter(connection, RC_HTTP__RUNNING, NO_DEADLINE);
	atomic_fetch_add(&server->running_count, 1);
	connection->holders++;
	exchange->job.run = rc_http__exchange_run;
	exchange->job.finish = finish_run;
	rc_http__workers_submit(&server->workers, &exchange->job);
}

/* ---- reading */

static struct rc_bytes unread(const struct rc_http__connection *connection)
{
	if (!connection->in.data)
		return rc_bytes_of(NULL, 0);
	return rc_bytes_of(connection->in.data + connection->in_at,
			   connection->in.size - connection->in_at);
}

static void consume(struct rc_http__connection *connection, size_t size)
{
	connection->in_at += size;
	if (connection->in_at < connection->in.size)
		return;
	rc_buf_deinit(&connection->in);
	connection->in_at = 0;
}

static void begin_head(struct rc_http__connection *connection)
{
	connection->exchange = rc_http__exchange_new(connection);
	if (!connection->exchange)
		rc_http__connection_close(connection);
	else if (connection->has_served)
		rc_http__connection_enter(connection, RC_HTTP__HEAD,
					  connection->server->settings.header_ms);
	else
		connection->state = RC_HTTP__HEAD; /* the first head's time runs already */
}

static void begin_body(struct rc_http__connection *connection)
{
	const struct rc_http_server *server = connection->server;
	const struct rc_http__exchange *exchange = connection->exchange;
	uint64_t size = exchange->parser.has_length ? exchange->parser.length : exchange->body.max;

	rc_http__connection_enter(connection, RC_HTTP__BODY,
				  time_for(server, server->settings.body_ms, size));
	if (!exchange->parser.wants_continue || unread(connection).size > 0)
		return;
	connection->wants_interim = true;
	rc_http__io_pump(connection);
}

static void open_request(struct rc_http__connection *connection)
{
	struct rc_http__exchange *exchange = connection->exchange;
	size_t head_size = exchange->parser.head_size;
	bool has_body = rc_http_parser_has_body(&exchange->parser);
	bool is_good =
	    rc_http__exchange_open(exchange, rc_bytes_of(unread(connection).data, head_size));

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
	enum rc_http_progress progress = rc_http_parser_head(parser, unread(connection));

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
	struct rc_http_server *server = connection->server;
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
	enum rc_http_progress progress;

	do {
		struct rc_bytes piece;
		size_t used = 0;
		int status;

		progress = rc_http_parser_body(&exchange->parser, unread(connection), &used, &piece);
		status = progress == RC_HTTP_BAD ? 400 : keep_piece(connection, piece);
		consume(connection, used);
		if (status) {
			refuse(connection, status);
			return true;
		}
	} while (progress == RC_HTTP_MORE && unread(connection).size > 0);
	if (progress == RC_HTTP_MORE)
		return false;
	rc_http__connection_run(connection);
	return true;
}

static bool is_reading_state(const struct rc_http__connection *connection)
{
	return connection->state == RC_HTTP__IDLE || connection->state == RC_HTTP__HEAD ||
	       connection->state == RC_HTTP__BODY;
}

/* Takes one step with the bytes at hand. True if there may be another. */
static bool step(struct rc_http__connection *connection)
{
	if (unread(connection).size == 0)
		return false;
	if (connection->state == RC_HTTP__IDLE) {
		begin_head(connection);
		return true;
	}
	if (connection->state == RC_HTTP__HEAD)
		return read_head(connection);
	return connection->state == RC_HTTP__BODY && read_body(connection);
}

static void advance(struct rc_http__connection *connection)
{
	while (step(connection))
		;
	if (!is_reading_state(connection))
		return;
	if (connection->has_eof)
		rc_http__connection_close(connection);
	else
		rc_http__io_read(connection, true);
}

/* ---- events */

void rc_http__connection_ready(struct rc_http__connection *connection)
{
	rc_http__connection_enter(connection, RC_HTTP__IDLE, connection->server->settings.header_ms);
	rc_http__io_pump(connection);
	if (connection->tls && connection->state == RC_HTTP__IDLE)
		rc_http__io_drain(connection); /* the first request may have come with the last flight */
	else
		advance(connection);
}

void rc_http__connection_received(struct rc_http__connection *connection)
{
	if (is_reading_state(connection)) {
		advance(connection);
	} else if (connection->state == RC_HTTP__PARKED) {
		if (connection->has_eof)
			rc_http__parked_finish(connection);
		else if (unread(connection).size > PARKED_IN_MAX_BYTES)
			rc_http__io_read(connection, false);
	} else {
		/* Only now: most peers wait for their answer, and stopping and starting costs two calls of the kernel. */
		rc_http__io_read(connection, false);
	}
}

void rc_http__connection_linger(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__PARKED)
		rc_http__unpark(connection);
	rc_http__connection_enter(connection, RC_HTTP__LINGERING, connection->server->settings.linger_ms);
	consume(connection, unread(connection).size);
	if (connection->tls)
		rc_tls_session_close(connection->tls);
	rc_http__io_pump(connection);
}

/* The answer is out. */
static void next_request(struct rc_http__connection *connection)
{
	struct rc_http_server *server = connection->server;
	bool closes = !connection->exchange || connection->exchange->closes || server->is_stopping;

	rc_http__connection_drop_exchange(connection);
	connection->has_served = true;
	if (closes) {
		rc_http__connection_linger(connection);
		return;
	}
	rc_http__connection_enter(connection, RC_HTTP__IDLE, server->settings.idle_ms);
	advance(connection);
}

static void shut(struct rc_http__connection *connection)
{
	if (connection->is_shut)
		return;
	connection->is_shut = true;
	if (connection->has_eof) {
		rc_http__connection_close(connection);
		return;
	}
	rc_http__io_shutdown(connection);
	rc_http__io_read(connection, true);
}

void rc_http__connection_written(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__WRITING)
		next_request(connection);
	else if (connection->state == RC_HTTP__LINGERING)
		shut(connection);
}

void rc_http__connection_stopping(struct rc_http__connection *connection)
{
	if (connection->state == RC_HTTP__HANDSHAKE || connection->state == RC_HTTP__IDLE)
		rc_http__connection_close(connection);
	else if (connection->state == RC_HTTP__PARKED)
		rc_http__parked_finish(connection);
}

static void end_wait(struct rc_http__connection *connection)
{
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
		rc_http__connection_close(connection);
		break;
	}
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct rc_http__connection *connection)
{
	connection->timer_due = connection->deadline;
	(void)uv_timer_start(&connection->timer, on_timer,
			     connection->deadline - uv_now(&connection->server->loop), 0);
}

/* States change several times a request and their deadlines are seldom met: so the timer runs on, and is set anew when it fires early. */
static void on_timer(uv_timer_t *timer)
{
	struct rc_http__connection *connection = timer->data;

	connection->timer_due = NO_DEADLINE;
	if (connection->deadline <= uv_now(&connection->server->loop))
		end_wait(connection);
	else if (connection->deadline != NO_DEADLINE)
		set_timer(connection);
}

void rc_http__connection_enter(struct rc_http__connection *connection, enum rc_http__state state,
			       uint64_t deadline_ms)
{
	connection->state = state;
	connection->deadline =
	    deadline_ms == NO_DEADLINE ? NO_DEADLINE : uv_now(&connection->server->loop) + deadline_ms;
	if (connection->deadline < connection->timer_due)
		set_timer(connection);
}
