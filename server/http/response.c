/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http_priv.h"

#include "shared/base/timestamp.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#define HEAD_USUAL_BYTES 511u /* with the NUL a power of two */

void rc_http_response_init(struct rc_http_response *response, const struct rc_http_request *request)
{
	*response = (struct rc_http_response){.request = request};
	rc_buf_init(&response->headers, RC_HTTP_RESPONSE_HEADERS_MAX_BYTES);
	rc_buf_init(&response->body, RC_HTTP_RESPONSE_MAX_BYTES);
}

/* Drops what was answered before; headers stay. */
static void forget_body(struct rc_http_response *response)
{
	if (response->release)
		response->release(response->lender);
	response->release = NULL;
	response->lent = rc_bytes_of(NULL, 0);
	rc_buf_deinit(&response->body);
	rc_buf_init(&response->body, RC_HTTP_RESPONSE_MAX_BYTES);
	response->content_type = NULL;
	response->wait_topics = 0;
	response->finish = NULL;
}

void rc_http_response_deinit(struct rc_http_response *response)
{
	forget_body(response);
	rc_buf_deinit(&response->headers);
}

static void fail(struct rc_http_response *response, const char *detail)
{
	rc_http__problem(response, 500, detail);
}

void rc_http_respond(struct rc_http_response *response, int status, const char *content_type,
		     struct rc_bytes body)
{
	forget_body(response);
	response->status = status;
	response->content_type = content_type;
	rc_buf_append_bytes(&response->body, body);
	if (rc_buf_status(&response->body, NULL) != RC_OK)
		fail(response, "The answer is too large.");
}

void rc_http_respond_json(struct rc_http_response *response, int status, struct rc_bytes json)
{
	rc_http_respond(response, status, "application/json", json);
}

void rc_http_respond_empty(struct rc_http_response *response, int status)
{
	forget_body(response);
	response->status = status;
}

void rc_http_respond_owned(struct rc_http_response *response, int status, const char *content_type,
			   struct rc_buf *body)
{
	struct rc_buf taken = *body;

	rc_buf_init(body, body->max);
	forget_body(response);
	response->body = taken;
	response->status = status;
	response->content_type = content_type;
	if (rc_buf_status(&taken, NULL) != RC_OK || taken.size > RC_HTTP_LENT_MAX_BYTES)
		fail(response, "The answer is too large.");
}

void rc_http_respond_lent(struct rc_http_response *response, int status, const char *content_type,
			  struct rc_bytes body, void (*release)(void *lender), void *lender)
{
	forget_body(response);
	response->lent = body;
	response->release = release;
	response->lender = lender;
	response->status = status;
	response->content_type = content_type;
	if (body.size > RC_HTTP_LENT_MAX_BYTES)
		fail(response, "The answer is too large.");
}

struct rc_bytes rc_http__response_body(const struct rc_http_response *response)
{
	return response->lent.data ? response->lent : rc_buf_bytes(&response->body);
}

static bool is_line_of(const char *line, const char *name)
{
	size_t size = strlen(name);

	return strncasecmp(line, name, size) == 0 && line[size] == ':';
}

/* Where the header of that name begins among the lines, and its size with the CRLF; NULL if it isn't there. */
static const char *find_line(const struct rc_http_response *response, const char *name, size_t *size)
{
	const char *line = rc_buf_text(&response->headers);

	while (*line) {
		const char *end = strstr(line, "\r\n") + 2;

		if (is_line_of(line, name)) {
			*size = (size_t)(end - line);
			return line;
		}
		line = end;
	}
	return NULL;
}

static bool is_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void drop_line(struct rc_http_response *response, const char *name)
{
	size_t size = 0;
	const char *line = find_line(response, name, &size);
	size_t at;

	if (!line)
		return;
	at = (size_t)(line - rc_buf_text(&response->headers));
	response->headers.size -= size;
	memmove(response->headers.data + at, response->headers.data + at + size,
		response->headers.size - at + 1); /* the NUL as well */
}

void rc_http_set_header(struct rc_http_response *response, const char *name, const char *value)
{
	if (!is_clean(name) || !is_clean(value)) {
		response->headers.status = RC_EFORMAT; /* seen when the head is written */
		return;
	}
	drop_line(response, name);
	rc_buf_printf(&response->headers, "%s: %s\r\n", name, value);
}

void rc_http_retry_after(struct rc_http_response *response, unsigned seconds)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", seconds);
	rc_http_set_header(response, "Retry-After", text);
}

bool rc_http_wait(struct rc_http_response *response, uint64_t topics, uint64_t wait_ms)
{
	assert(topics != 0);
	if (response->request->is_last_try)
		return false;
	response->wait_topics = topics;
	response->wait_ms = wait_ms < RC_HTTP_WAIT_MAX_MS ? wait_ms : RC_HTTP_WAIT_MAX_MS;
	return true;
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

/* The words are for humans with a packet dump; a status that isn't in the table goes without (RFC 9112 4). */
static const char *reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

#define DATE_BYTES sizeof("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n")

/* IMF-fixdate (RFC 9110 5.6.7); written by hand because strftime speaks the locale's language. */
static void write_date(int64_t now_ms, char line[DATE_BYTES])
{
	static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct rc_civil now = rc_civil_of(now_ms, 0);

	(void)snprintf(line, DATE_BYTES, "Date: %s, %02u %s %04d %02u:%02u:%02u GMT\r\n",
		       days[now_ms / RC_DAY_MS % 7], now.day, months[now.month - 1], now.year,
		       now.hour, now.minute, now.second);
}

/* Written anew once a second by each thread. */
static const char *date_line(void)
{
	static _Thread_local char line[DATE_BYTES];
	static _Thread_local time_t written_at = -1;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec != written_at) {
		write_date((int64_t)now.tv_sec * 1000, line);
		written_at = now.tv_sec;
	}
	return line;
}

/* What every answer says unless its handler has said otherwise. */
#define DEFAULTS                                                                                   \
	DEFAULT("X-Content-Type-Options", "nosniff")                                               \
	DEFAULT("Cache-Control", "no-store")                                                       \
	DEFAULT("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")           \
	DEFAULT("X-Frame-Options", "DENY")                                                         \
	DEFAULT("Referrer-Policy", "no-referrer")                                                  \
	DEFAULT("Cross-Origin-Resource-Policy", "same-origin")

#define DEFAULT(name, value) name ": " value "\r\n"
static const char all_defaults[] = DEFAULTS "\r\n";
#undef DEFAULT

#define DEFAULT(name, value) {name, name ": " value "\r\n"},
static const struct {
	const char *name;
	const char *line;
} defaults[] = {DEFAULTS};
#undef DEFAULT

/* The handler's own and those, and the empty line. */
static void append_rest(const struct rc_http_response *response, struct rc_buf *head)
{
	size_t size;

	if (response->headers.size == 0) {
		rc_buf_append(head, all_defaults, sizeof(all_defaults) - 1);
		return;
	}
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (!find_line(response, defaults[i].name, &size))
			rc_buf_append_text(head, defaults[i].line);
	rc_buf_append_bytes(head, rc_buf_bytes(&response->headers));
	rc_buf_append(head, "\r\n", 2);
}

/* RFC 9110 8.6: no Content-Length where there can't be content. */
static bool has_length(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* The lines of every answer, put together where they can't overflow: an append to a buffer looks at its bounds each time. */
struct lines {
	char text[512];
	size_t size;
};
#define TYPE_MAX_CHARS                                                                             \
	256u /* of a content type; a longer one is the application's fault, and an error */

static void put(struct lines *lines, const char *text, size_t size)
{
	memcpy(lines->text + lines->size, text, size);
	lines->size += size;
}

#define PUT(lines, text) put(lines, text, sizeof(text) - 1)

static void put_number(struct lines *lines, size_t number)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	put(lines, digits + at, sizeof(digits) - at);
}

static void put_status(struct lines *lines, int status)
{
	const char *reason = reason_of(status);

	PUT(lines, "HTTP/1.1 ");
	put_number(lines, (size_t)status);
	PUT(lines, " ");
	put(lines, reason, strlen(reason));
	PUT(lines, "\r\n");
	put(lines, date_line(), DATE_BYTES - 1);
}

static void put_type(struct lines *lines, const char *type, struct rc_buf *head)
{
	const size_t size = strlen(type);

	if (size > TYPE_MAX_CHARS) {
		head->status = RC_ELIMIT;
		return;
	}
	PUT(lines, "Content-Type: ");
	put(lines, type, size);
	PUT(lines, "\r\n");
}

/* Written for every request: printf's way of reading formats would be half of the work. */
enum rc_status rc_http__response_head(const struct rc_http_response *response, bool closes,
				      struct rc_buf *head)
{
	struct lines lines;

	lines.size = 0;
	put_status(&lines, response->status);
	if (response->content_type)
		put_type(&lines, response->content_type, head);
	if (has_length(response->status)) {
		PUT(&lines, "Content-Length: ");
		put_number(&lines, rc_http__response_body(response).size);
		PUT(&lines, "\r\n");
	}
	if (closes)
		PUT(&lines, "Connection: close\r\n");
	if (response->request->request_id[0]) {
		PUT(&lines, "X-Request-Id: ");
		put(&lines, response->request->request_id, strlen(response->request->request_id));
		PUT(&lines, "\r\n");
	}
	rc_status_ignore(rc_buf_reserve(head, HEAD_USUAL_BYTES)); /* the appends will say so */
	rc_buf_append(head, lines.text, lines.size);
	append_rest(response, head);
	return response->headers.status ? response->headers.status : rc_buf_status(head, NULL);
}
