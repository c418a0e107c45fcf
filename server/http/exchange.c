/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request between its last byte and its answer's first. Opening it (loop) and running it (worker) never happen at once.
 */
#include "server/http/http_priv.h"

#include "server/http/target.h"
#include "shared/base/encode.h"
#include "shared/base/log.h"
#include "shared/base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SPARE_MAX      64u /* exchanges that are kept for the next requests: 6 kB each */
#define HEAD_MAX_BYTES (RC_HTTP_RESPONSE_HEADERS_MAX_BYTES + 1024u + RC_HTTP__JOINED_MAX_BYTES)

/* From a supply: one call of the kernel for many requests. On the loop. */
static void make_request_id(struct rc_http_server *server, char *text)
{
	const size_t size = RC_HTTP_REQUEST_ID_CHARS / 2;

	if (server->random_left < size) {
		rc_random(server->random, sizeof(server->random));
		server->random_left = sizeof(server->random);
	}
	server->random_left -= size;
	rc_hex_encode(rc_bytes_of(server->random + server->random_left, size), text);
}

static struct rc_http__exchange *take_spare(struct rc_http_server *server)
{
	struct rc_http__exchange *exchange = server->spare_exchanges;

	if (!exchange)
		return calloc(1, sizeof(*exchange));
	server->spare_exchanges = exchange->next;
	server->spare_count--;
	return exchange;
}

/* Everything but the arena's block and the head's memory, which are what a spare one is kept for, and the rows of tables that
 * their counts don't reach. */
static void clear(struct rc_http__exchange *exchange, const struct rc_http_server *server)
{
	struct rc_arena arena = exchange->arena;
	struct rc_buf head = exchange->head;

	memset(exchange, 0, offsetof(struct rc_http__exchange, parser));
	exchange->arena = arena;
	exchange->arena.max = server->settings.max_arena_bytes;
	exchange->head = head;
	exchange->head.max = HEAD_MAX_BYTES;
	rc_http_parser_init(&exchange->parser);
	memset(&exchange->request, 0, offsetof(struct rc_http_request, params));
}

struct rc_http__exchange *rc_http__exchange_new(struct rc_http__connection *connection)
{
	struct rc_http_server *server = rc_http__server_of(connection);
	struct rc_http__exchange *exchange = take_spare(server);
	struct rc_http_request *request;

	if (!exchange)
		return NULL;
	clear(exchange, server);
	request = &exchange->request;
	exchange->connection = connection;
	exchange->started_ns = rc_http__loop_now_ns(&server->loop);
	exchange->peer.is_tls = connection->tls != NULL;
	if (connection->tls)
		exchange->peer.certificate = rc_tls_session_peer(connection->tls);
	request->arena = &exchange->arena;
	request->address = connection->address;
	request->peer = &exchange->peer;
	request->app = connection->listener->config.app;
	make_request_id(server, request->request_id);
	rc_http_response_init(&exchange->response, request);
	return exchange;
}

static void dispose(struct rc_http__exchange *exchange)
{
	rc_buf_deinit(&exchange->head);
	rc_arena_deinit(&exchange->arena);
	free(exchange);
}

void rc_http__exchange_free(struct rc_http__exchange *exchange)
{
	struct rc_http_server *server = rc_http__server_of(exchange->connection);

	rc_http_response_deinit(&exchange->response);
	rc_buf_deinit(&exchange->body);
	rc_buf_deinit(&exchange->plain);
	if (server->spare_count == SPARE_MAX || exchange->head.capacity > 2 * RC_HTTP__JOINED_MAX_BYTES) {
		dispose(exchange);
		return;
	}
	rc_arena_clear(&exchange->arena);
	rc_buf_clear(&exchange->head);
	exchange->next = server->spare_exchanges;
	server->spare_exchanges = exchange;
	server->spare_count++;
}

void rc_http__exchanges_free(struct rc_http_server *server)
{
	struct rc_http__exchange *exchange = server->spare_exchanges, *next;

	for (; exchange; exchange = next) {
		next = exchange->next;
		dispose(exchange);
	}
	server->spare_exchanges = NULL;
}

static enum rc_status copy_fields(struct rc_http__exchange *exchange, const uint8_t *head)
{
	const struct rc_http_parser *parser = &exchange->parser;
	struct rc_http_pair *pairs =
	    rc_arena_alloc(&exchange->arena, (parser->field_count + 1) * sizeof(*pairs));

	if (!pairs)
		return RC_ENOMEM;
	for (size_t i = 0; i < parser->field_count; i++) {
		const struct rc_http_field *field = &parser->fields[i];

		pairs[i].name = rc_bytes_of(head + field->name.at, field->name.size);
		pairs[i].value = rc_bytes_of(head + field->value.at, field->value.size);
	}
	exchange->request.headers = pairs;
	exchange->request.header_count = parser->field_count;
	return RC_OK;
}

static enum rc_status copy_head(struct rc_http__exchange *exchange, struct rc_bytes head)
{
	const struct rc_http_span target = exchange->parser.target;
	const char *copy = rc_arena_copy(&exchange->arena, head);

	exchange->raw_head = (const uint8_t *)copy;
	if (!copy || copy_fields(exchange, (const uint8_t *)copy) != RC_OK)
		return RC_ENOMEM;
	exchange->request.method = exchange->parser.method;
	return rc_http__target_read(&exchange->request, rc_bytes_of(copy + target.at, target.size));
}

static bool refuse(struct rc_http__exchange *exchange, int status, const char *detail)
{
	rc_http__problem(&exchange->response, status, detail);
	return false;
}

/* 404, or 405 with the methods that the path has. */
static bool refuse_route(struct rc_http__exchange *exchange, unsigned allowed)
{
	char text[64] = "";

	if (allowed == 0)
		return refuse(exchange, 404, NULL);
	for (unsigned method = RC_HTTP_GET; method <= RC_HTTP_DELETE; method++) {
		size_t used = strlen(text);

		if (allowed & (1u << method))
			(void)snprintf(text + used, sizeof(text) - used, "%s%s%s", used ? ", " : "",
				       rc_http_method_text(method),
				       method == RC_HTTP_GET ? ", HEAD" : "");
	}
	rc_http_set_header(&exchange->response, "Allow", text);
	return refuse(exchange, 405, NULL);
}

/* What can be said of the body before it is read. */
static bool check_body(struct rc_http__exchange *exchange, const struct rc_http_route *route)
{
	struct rc_bytes coding;

	if (!rc_http_parser_has_body(&exchange->parser))
		return true;
	coding = rc_http_header(&exchange->request, "content-encoding");
	if (route->max_body_bytes == 0 || exchange->parser.length > route->max_body_bytes)
		return refuse(exchange, 413, NULL);
	if (coding.size > 0 && !rc_http_token_equal(coding, "identity") &&
	    !(rc_http_token_equal(coding, "gzip") && route->max_plain_bytes > 0)) {
		if (route->max_plain_bytes > 0)
			rc_http_set_header(&exchange->response, "Accept-Encoding", "gzip");
		return refuse(exchange, 415, NULL);
	}
	exchange->body.max = route->max_body_bytes;
	return true;
}

bool rc_http__exchange_open(struct rc_http__exchange *exchange, struct rc_bytes head)
{
	struct rc_http_request *request = &exchange->request;
	enum rc_status status = copy_head(exchange, head);
	unsigned allowed = 0;

	exchange->closes = exchange->parser.wants_close;
	if (status == RC_ENOMEM)
		return refuse(exchange, 503, NULL);
	if (status)
		return refuse(exchange, 400, "The address can't be read.");
	request->route =
	    rc_http__router_match(&exchange->connection->listener->router, request, &allowed);
	if (!request->route)
		return refuse_route(exchange, allowed);
	return check_body(exchange, request->route);
}

/* The body as the handler wants it. */
static bool unpack_body(struct rc_http__exchange *exchange)
{
	struct rc_http_request *request = &exchange->request;
	enum rc_status status;

	if (exchange->is_body_ready)
		return true;
	exchange->is_body_ready = true;
	request->body = rc_buf_bytes(&exchange->body);
	if (!rc_http_parser_has_body(&exchange->parser) ||
	    !rc_http_token_equal(rc_http_header(request, "content-encoding"), "gzip"))
		return true;
	exchange->plain.max = request->route->max_plain_bytes;
	status = rc_http__gunzip(request->body, &exchange->plain);
	if (status == RC_EFORMAT)
		return refuse(exchange, 422, NULL);
	if (status)
		return refuse(exchange, status == RC_ELIMIT ? 413 : 503, NULL);
	request->body = rc_buf_bytes(&exchange->plain);
	return true;
}

static bool is_admitted(struct rc_http__exchange *exchange)
{
	const struct rc_http_listener_config *config = &exchange->connection->listener->config;

	return !config->admit || config->admit(&exchange->request, &exchange->response);
}

void rc_http__exchange_run(struct rc_http__job *job)
{
	struct rc_http__exchange *exchange = (struct rc_http__exchange *)job;
	struct rc_http_request *request = &exchange->request;

	exchange->wake_seen = rc_http__wakes_seen(rc_http__server_of(exchange->connection));
	request->principal = NULL;
	if (unpack_body(exchange) && is_admitted(exchange))
		request->route->handle(request, &exchange->response);
	if (exchange->response.wait_topics || exchange->response.finish)
		return;
	if (exchange->response.status == 0)
		rc_http__problem(&exchange->response, 500, NULL);
	rc_http__exchange_complete(exchange);
}

bool rc_http_defer(struct rc_http_response *response,
		   void (*finish)(struct rc_http_response *response, void *context), void *context)
{
	struct rc_http__exchange *exchange = rc_http__exchange_of(response);

	if (exchange->request.is_last_try || exchange->request.is_resumed)
		return false;
	response->finish = finish;
	response->finish_context = context;
	atomic_fetch_add(&exchange->job.awaited, 1);
	return true;
}

void rc_http__exchange_finish(struct rc_http__exchange *exchange)
{
	struct rc_http_response *response = &exchange->response;

	response->finish(response, response->finish_context);
	if (response->status == 0)
		rc_http__problem(response, 500, NULL);
	rc_http__exchange_complete(exchange);
}

static double ms_since(uint64_t started_ns)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((double)now.tv_sec * 1e9 + (double)now.tv_nsec - (double)started_ns) / 1e6;
}

static void log_access(const struct rc_http__exchange *exchange)
{
	const struct rc_http_request *request = &exchange->request;
	char status[16], took_ms[24], path[RC_HTTP_TARGET_MAX_BYTES + 1];

	if (!rc_log_is_wanted(RC_LOG_INFO))
		return;
	if (!rc_bytes_copy_text(request->path, path, sizeof(path)) || !path[0])
		(void)rc_text_copy("-", path, sizeof(path));
	(void)snprintf(status, sizeof(status), "%d", exchange->response.status);
	(void)snprintf(took_ms, sizeof(took_ms), "%.1f", ms_since(exchange->started_ns));
	rc_log(RC_LOG_INFO, "request", "method",
	       request->method ? rc_http_method_text(request->method) : "-", "path", path,
	       "operation", request->route ? request->route->operation : "-", "status", status,
	       "ms", took_ms, "address", request->address, "request_id", request->request_id, NULL);
}

void rc_http__exchange_complete(struct rc_http__exchange *exchange)
{
	struct rc_http_response *response = &exchange->response;

	if (rc_http__response_head(response, exchange->closes, &exchange->head) != RC_OK) {
		/* Too many headers, or no memory: the barest answer there is. */
		rc_buf_clear(&exchange->head);
		rc_buf_deinit(&response->headers);
		rc_http_respond_empty(response, 500);
		exchange->closes = true;
		if (rc_http__response_head(response, true, &exchange->head) != RC_OK)
			rc_buf_deinit(&exchange->head);
	}
	log_access(exchange);
}
