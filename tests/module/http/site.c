/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include "shared/base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_SECONDS 60
#define LARGE_BYTES      (48u * 1024u * 1024u)

/* ---- the log */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rc_buf log_lines;

static void keep_line(void *context, const char *line, size_t size)
{
	(void)context;
	pthread_mutex_lock(&log_lock);
	rc_buf_append(&log_lines, line, size);
	pthread_mutex_unlock(&log_lock);
}

const char *site_log(void)
{
	return rc_buf_text(&log_lines);
}

/* ---- the application */

static void hello(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	rc_http_respond(response, 200, "text/plain", rc_bytes_of_text("hello"));
}

static void say_params(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_bytes id = rc_http_param(request, "id"), q = rc_http_query(request, "q");
	char *text = rc_arena_printf(request->arena, "%.*s|%.*s|%s", (int)id.size, (char *)id.data,
				     (int)q.size, q.data ? (const char *)q.data : "", request->address);

	rc_http_respond(response, 200, "text/plain", rc_bytes_of_text(text));
}

static void echo(struct rc_http_request *request, struct rc_http_response *response)
{
	rc_http_respond(response, 200, "application/octet-stream", request->body);
}

static void respond_large(struct rc_http_request *request, struct rc_http_response *response)
{
	char *bytes = calloc(1, LARGE_BYTES);

	(void)request;
	memset(bytes, 'x', LARGE_BYTES);
	bytes[LARGE_BYTES - 1] = 'z';
	rc_http_respond_lent(response, 200, "application/octet-stream",
			     rc_bytes_of(bytes, LARGE_BYTES), free, bytes);
}

static void block(struct rc_http_request *request, struct rc_http_response *response)
{
	struct site *site = request->app;

	(void)sem_post(&site->entered);
	while (sem_wait(&site->go_on) != 0 && errno == EINTR)
		;
	rc_http_respond(response, 200, "text/plain", rc_bytes_of_text("done"));
}

static void poll_news(struct rc_http_request *request, struct rc_http_response *response)
{
	struct site *site = request->app;
	struct rc_bytes ms = rc_http_query(request, "ms");
	const char *answer = request->is_last_try ? "last" : "woken";

	if (!request->is_resumed || rc_http_query(request, "again").data) {
		(void)sem_post(&site->entered);
		if (rc_http_query(request, "slow").data) /* the wake comes between look and park */
			while (sem_wait(&site->go_on) != 0 && errno == EINTR)
				;
		if (rc_http_wait(response, 2, strtoul((const char *)ms.data, NULL, 10)))
			return;
	}
	rc_http_respond(response, 200, "text/plain", rc_bytes_of_text(answer));
}

static void say_peer(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct rc_tls_peer *peer = request->peer->certificate;
	char *text = rc_arena_printf(request->arena, "%s %s %zu",
				     peer ? peer->name : (request->peer->is_tls ? "none" : "plain"),
				     peer && peer->is_expired ? "expired" : "good",
				     peer ? peer->serial_size : 0);

	rc_http_respond(response, 200, "text/plain", rc_bytes_of_text(text));
}

static void say_nothing(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	(void)response;
}

static bool admit(struct rc_http_request *request, struct rc_http_response *response)
{
	if (request->route->classes == 0)
		return true;
	rc_http_problem(response, 403, "forbidden", "Not for you", "无权访问", NULL);
	return false;
}

/* Would wait, where that isn't refused. */
static void answer_quickly(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_bytes n = rc_http_query(request, "n");

	if (rc_http_query(request, "wait").data && rc_http_wait(response, 2, 60000))
		return;
	rc_http_respond(response, 200, "text/plain", n);
}

static const struct rc_http_route routes[] = {
    {.operation = "quick", .method = "GET", .path = "/quick", .is_quick = true, .handle = answer_quickly},
    {.operation = "hello", .method = "GET", .path = "/hello", .handle = hello},
    {.operation = "params", .method = "GET", .path = "/s/{id}/a", .handle = say_params},
    {.operation = "echo",
     .method = "POST",
     .path = "/echo",
     .max_body_bytes = 1000,
     .max_plain_bytes = 5000,
     .handle = echo},
    {.operation = "big", .method = "POST", .path = "/big", .max_body_bytes = 1u << 20, .handle = echo},
    {.operation = "large", .method = "GET", .path = "/large", .handle = respond_large},
    {.operation = "block", .method = "GET", .path = "/block", .handle = block},
    {.operation = "poll", .method = "GET", .path = "/poll", .handle = poll_news},
    {.operation = "who", .method = "GET", .path = "/who", .handle = say_peer},
    {.operation = "nothing", .method = "GET", .path = "/nothing", .handle = say_nothing},
    {.operation = "denied", .method = "GET", .path = "/denied", .classes = 1, .handle = hello},
};

/* ---- the server */

static void *run(void *context)
{
	struct site *site = context;

	return rc_http_server_run(site->server, NULL) == RC_OK ? NULL : site;
}

void site_listen(struct site *site, const struct rc_http_settings *settings, struct rc_tls_context *tls)
{
	const struct rc_http_listener_config config = {
	    .address = "127.0.0.1",
	    .tls = tls,
	    .routes = routes,
	    .route_count = sizeof(routes) / sizeof(routes[0]),
	    .app = site,
	    .admit = admit,
	};

	if (log_lines.max == 0)
		rc_buf_init(&log_lines, 8u << 20);
	rc_log_set_sink(keep_line, NULL);
	assert_int_equal(sem_init(&site->entered, 0, 0), 0);
	assert_int_equal(sem_init(&site->go_on, 0, 0), 0);
	assert_int_equal(rc_http_server_new(settings, &site->server, NULL), RC_OK);
	assert_int_equal(rc_http_server_add_listener(site->server, &config, &site->port, NULL), RC_OK);
	site->is_running = false;
}

void site_run(struct site *site)
{
	assert_int_equal(pthread_create(&site->thread, NULL, run, site), 0);
	site->is_running = true;
}

void site_start(struct site *site, const struct rc_http_settings *settings, struct rc_tls_context *tls)
{
	site_listen(site, settings, tls);
	site_run(site);
}

void site_join(struct site *site)
{
	void *failed = NULL;

	assert_int_equal(pthread_join(site->thread, &failed), 0);
	site->is_running = false;
	assert_null(failed);
}

void site_stop(struct site *site)
{
	rc_http_server_stop(site->server);
	if (site->is_running)
		site_join(site);
	rc_http_server_free(site->server);
	(void)sem_destroy(&site->entered);
	(void)sem_destroy(&site->go_on);
}

/* ---- the client */

int client_open(const struct site *site)
{
	return client_open_from(site, 1);
}

int client_open_from(const struct site *site, uint8_t host)
{
	const struct sockaddr_in from = {.sin_family = AF_INET,
					 .sin_addr = {htonl(INADDR_LOOPBACK - 1 + host)}};
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(site->port),
				       .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

void client_send_bytes(int fd, struct rc_bytes bytes)
{
	while (bytes.size > 0) {
		ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);

		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return; /* the server has had enough; its answer is what counts */
		assert_true(sent > 0);
		bytes = rc_bytes_of(bytes.data + sent, bytes.size - (size_t)sent);
	}
}

bool client_has_news(int fd)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	return poll(&wanted, 1, 10) > 0;
}

void client_send(int fd, const char *text)
{
	client_send_bytes(fd, rc_bytes_of_text(text));
}

void client_get(int fd, const char *target)
{
	client_send(fd, "GET ");
	client_send(fd, target);
	client_send(fd, " HTTP/1.1\r\nHost: a\r\n\r\n");
}

void answer_init(struct answer *answer)
{
	rc_buf_init(&answer->head, 65536);
	rc_buf_init(&answer->body, 64u << 20);
	rc_buf_init(&answer->ahead, 64u << 20);
	answer->status = 0;
}

void answer_deinit(struct answer *answer)
{
	rc_buf_deinit(&answer->head);
	rc_buf_deinit(&answer->body);
	rc_buf_deinit(&answer->ahead);
}

/* More bytes behind `ahead`; false at the end. */
static bool receive(int fd, struct rc_buf *ahead)
{
	static _Thread_local char bytes[65536];
	ssize_t size = recv(fd, bytes, sizeof(bytes), 0);

	if (size < 0 && errno == ECONNRESET)
		return false;
	if (size < 0)
		print_error("recv: %s\n", strerror(errno));
	assert_true(size >= 0);
	rc_buf_append(ahead, bytes, (size_t)size);
	assert_int_equal(rc_buf_status(ahead, NULL), RC_OK);
	return size > 0;
}

static size_t find_end_of_head(const struct rc_buf *ahead)
{
	const uint8_t *end = ahead->size ? memmem(ahead->data, ahead->size, "\r\n\r\n", 4) : NULL;

	return end ? (size_t)(end + 4 - ahead->data) : 0;
}

static size_t length_of(const char *head)
{
	const char *line = strstr(head, "Content-Length: ");

	return line ? strtoul(line + 16, NULL, 10) : 0;
}

int client_read(int fd, struct answer *answer, bool has_body)
{
	size_t head_size, body_size;

	rc_buf_clear(&answer->head);
	rc_buf_clear(&answer->body);
	answer->status = 0;
	while ((head_size = find_end_of_head(&answer->ahead)) == 0)
		if (!receive(fd, &answer->ahead)) {
			assert_int_equal(answer->ahead.size, 0);
			return 0;
		}
	rc_buf_append(&answer->head, answer->ahead.data, head_size);
	body_size = has_body ? length_of(rc_buf_text(&answer->head)) : 0;
	while (answer->ahead.size < head_size + body_size)
		assert_true(receive(fd, &answer->ahead));
	rc_buf_append(&answer->body, answer->ahead.data + head_size, body_size);
	rc_buf_consume(&answer->ahead, head_size + body_size);
	assert_int_equal(strncmp(rc_buf_text(&answer->head), "HTTP/1.1 ", 9), 0);
	answer->status = (int)strtol(rc_buf_text(&answer->head) + 9, NULL, 10);
	return answer->status;
}

bool client_sees_end(int fd, struct answer *answer)
{
	return answer->ahead.size == 0 && !receive(fd, &answer->ahead);
}

int client_ask(const struct site *site, const char *request, struct answer *answer)
{
	int fd = client_open(site);

	rc_buf_clear(&answer->ahead);
	client_send(fd, request);
	(void)client_read(fd, answer, strncmp(request, "HEAD", 4) != 0);
	assert_int_equal(close(fd), 0);
	return answer->status;
}
