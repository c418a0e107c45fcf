/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line by line: a line is looked at once its CRLF is there, and before that only for its length and for bytes that may stand in
 * no line. So what comes byte by byte is judged by the same code, on the same bytes, as what comes at once.
 */
#include "server/http/parser.h"

#include "server/http/charset.h"

#include <strings.h>

/* token of RFC 9110 5.6.2: letters, digits and !#$%&'*+-.^_`|~ */
static const struct rc_http__charset token_chars = {
    {UINT64_C(0x3ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe)}};

/* Those and what stands around an address or a port: :[]()=,; */
static const struct rc_http__charset host_chars = {
    {UINT64_C(0x2fff7ffa00000000), UINT64_C(0x57ffffffeffffffe)}};

static bool is_token(struct rc_bytes text)
{
	return text.size > 0 && rc_http__is_of(text, &token_chars);
}

bool rc_http_token_equal(struct rc_bytes a, const char *b)
{
	return a.size == strlen(b) && strncasecmp((const char *)a.data, b, a.size) == 0;
}

static enum rc_http_progress bad(struct rc_http_parser *parser, enum rc_http_fault fault)
{
	parser->fault = fault;
	return RC_HTTP_BAD;
}

void rc_http_parser_init(struct rc_http_parser *parser)
{
	memset(parser, 0, offsetof(struct rc_http_parser, fields));
}

static const struct {
	const char *text;
	enum rc_http_method method;
} methods[] = {
    {"GET", RC_HTTP_GET},         {"HEAD", RC_HTTP_HEAD},   {"POST", RC_HTTP_POST},
    {"PUT", RC_HTTP_PUT},         {"PATCH", RC_HTTP_PATCH}, {"DELETE", RC_HTTP_DELETE},
    {"OPTIONS", RC_HTTP_OPTIONS}, {"TRACE", RC_HTTP_TRACE},
};

const char *rc_http_method_text(enum rc_http_method method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method)
			return methods[i].text;
	return "?";
}

static enum rc_http_fault read_method(struct rc_bytes text, enum rc_http_method *method)
{
	if (!is_token(text))
		return RC_HTTP_FAULT_SYNTAX;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (rc_bytes_is_text(text, methods[i].text)) {
			*method = methods[i].method;
			return RC_HTTP_FAULT_NONE;
		}
	return RC_HTTP_FAULT_METHOD;
}

/* "HTTP/1.1" or "HTTP/1.0"; another well-formed version is 505. */
static enum rc_http_fault read_version(struct rc_bytes text, bool *is_http_1_0)
{
	const uint8_t *c = text.data;

	if (text.size != 8 || memcmp(c, "HTTP/", 5) != 0 || c[5] < '0' || c[5] > '9' ||
	    c[6] != '.' || c[7] < '0' || c[7] > '9')
		return RC_HTTP_FAULT_SYNTAX;
	if (c[5] != '1' || c[7] > '1')
		return RC_HTTP_FAULT_VERSION;
	*is_http_1_0 = c[7] == '0';
	return RC_HTTP_FAULT_NONE;
}

/* Origin form, by its visible characters only; what the escapes mean is target.c's. */
static enum rc_http_fault check_target(struct rc_bytes target)
{
	if (target.size > RC_HTTP_TARGET_MAX_BYTES)
		return RC_HTTP_FAULT_TOO_LONG;
	if (target.size == 0 || target.data[0] != '/')
		return RC_HTTP_FAULT_TARGET;
	for (size_t i = 0; i < target.size; i++)
		if (target.data[i] <= 0x20 || target.data[i] >= 0x7f)
			return RC_HTTP_FAULT_TARGET;
	return RC_HTTP_FAULT_NONE;
}

/* method SP target SP version, single spaces (RFC 9112 3). `line` is without its CRLF and begins the head. */
static enum rc_http_fault read_request_line(struct rc_http_parser *parser, struct rc_bytes line)
{
	const uint8_t *first = line.size ? memchr(line.data, ' ', line.size) : NULL;
	const uint8_t *last = line.size ? memrchr(line.data, ' ', line.size) : NULL;
	enum rc_http_fault fault;
	struct rc_bytes target;

	if (!first || first == last)
		return RC_HTTP_FAULT_SYNTAX;
	fault = read_method(rc_bytes_of(line.data, (size_t)(first - line.data)), &parser->method);
	if (fault == RC_HTTP_FAULT_SYNTAX)
		return fault;
	target = rc_bytes_of(first + 1, (size_t)(last - first - 1));
	parser->target.at = (uint32_t)(first + 1 - line.data);
	parser->target.size = (uint32_t)target.size;
	if (!fault)
		fault = read_version(rc_bytes_of(last + 1, (size_t)(line.data + line.size - last - 1)),
				     &parser->is_http_1_0);
	return fault ? fault : check_target(target);
}

/* HTAB, SP, visible characters and obs-text (RFC 9110 5.5). */
static bool is_field_value(struct rc_bytes value)
{
	for (size_t i = 0; i < value.size; i++)
		if ((value.data[i] < 0x20 && value.data[i] != '\t') || value.data[i] == 0x7f)
			return false;
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct rc_bytes trim(struct rc_bytes text)
{
	while (text.size > 0 && is_blank(text.data[0]))
		text = rc_bytes_of(text.data + 1, text.size - 1);
	while (text.size > 0 && is_blank(text.data[text.size - 1]))
		text.size--;
	return text;
}

/* Plain digits, no sign, no list, at most 15 of them. */
static enum rc_http_fault read_length(struct rc_http_parser *parser, struct rc_bytes value)
{
	uint64_t length = 0;

	if (parser->has_length || parser->is_chunked || value.size == 0 || value.size > 15)
		return RC_HTTP_FAULT_FRAMING;
	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return RC_HTTP_FAULT_FRAMING;
		length = length * 10 + (uint64_t)(value.data[i] - '0');
	}
	parser->has_length = true;
	parser->length = length;
	return RC_HTTP_FAULT_NONE;
}

static enum rc_http_fault read_coding(struct rc_http_parser *parser, struct rc_bytes value)
{
	if (parser->has_length || parser->is_chunked || parser->is_http_1_0)
		return RC_HTTP_FAULT_FRAMING;
	if (!rc_http_token_equal(value, "chunked"))
		return is_token(value) ? RC_HTTP_FAULT_CODING : RC_HTTP_FAULT_FRAMING;
	parser->is_chunked = true;
	return RC_HTTP_FAULT_NONE;
}

/* Letters, digits and what stands in a name, an address or a port; it is never used for anything, only checked. */
static enum rc_http_fault read_host(struct rc_http_parser *parser, struct rc_bytes value)
{
	if (parser->has_host || !rc_http__is_of(value, &host_chars))
		return RC_HTTP_FAULT_HOST;
	parser->has_host = true;
	return RC_HTTP_FAULT_NONE;
}

static enum rc_http_fault read_expect(struct rc_http_parser *parser, struct rc_bytes value)
{
	if (!rc_http_token_equal(value, "100-continue"))
		return RC_HTTP_FAULT_EXPECT;
	parser->wants_continue = true;
	return RC_HTTP_FAULT_NONE;
}

/* A comma list of tokens; only `close` means something to us. Keep-alive is the rule in HTTP/1.1 and not given in 1.0. */
static enum rc_http_fault read_connection(struct rc_http_parser *parser, struct rc_bytes value)
{
	while (value.size > 0) {
		const uint8_t *comma = memchr(value.data, ',', value.size);
		size_t size = comma ? (size_t)(comma - value.data) : value.size;
		size_t used = comma ? size + 1 : size;

		if (rc_http_token_equal(trim(rc_bytes_of(value.data, size)), "close"))
			parser->wants_close = true;
		value = rc_bytes_of(value.data + used, value.size - used);
	}
	return RC_HTTP_FAULT_NONE;
}

#define KNOWN(name, read)                                                                          \
	{                                                                                          \
		name, sizeof(name) - 1, read                                                       \
	}
static const struct {
	const char *name;
	size_t size;
	enum rc_http_fault (*read)(struct rc_http_parser *parser, struct rc_bytes value);
} known_fields[] = {
    KNOWN("content-length", read_length),
    KNOWN("transfer-encoding", read_coding),
    KNOWN("host", read_host),
    KNOWN("expect", read_expect),
    KNOWN("connection", read_connection),
};
#undef KNOWN

/* A proxy that turns '-' into '_' (or the other way round) must not be able to make a second length of it. */
static bool is_ambiguous_name(struct rc_bytes name)
{
	return rc_http_token_equal(name, "content_length") ||
	       rc_http_token_equal(name, "transfer_encoding");
}

static enum rc_http_fault read_known_field(struct rc_http_parser *parser, struct rc_bytes name,
					   struct rc_bytes value)
{
	if (is_ambiguous_name(name))
		return RC_HTTP_FAULT_FRAMING;
	for (size_t i = 0; i < sizeof(known_fields) / sizeof(known_fields[0]); i++)
		if (name.size == known_fields[i].size && rc_http_token_equal(name, known_fields[i].name))
			return known_fields[i].read(parser, value);
	return RC_HTTP_FAULT_NONE;
}

/* name ":" OWS value OWS; a name that begins with a blank is a folded line and no token. */
static enum rc_http_fault read_field(struct rc_http_parser *parser, struct rc_bytes head,
				     struct rc_bytes line)
{
	const uint8_t *colon = memchr(line.data, ':', line.size);
	struct rc_bytes name, value;

	if (!colon)
		return RC_HTTP_FAULT_SYNTAX;
	name = rc_bytes_of(line.data, (size_t)(colon - line.data));
	value = trim(rc_bytes_of(colon + 1, line.size - name.size - 1));
	if (!is_token(name) || !is_field_value(value))
		return RC_HTTP_FAULT_SYNTAX;
	if (parser->field_count == RC_HTTP_HEADERS_MAX)
		return RC_HTTP_FAULT_TOO_BIG;
	parser->fields[parser->field_count++] = (struct rc_http_field){
	    .name = {(uint32_t)(name.data - head.data), (uint32_t)name.size},
	    .value = {(uint32_t)(value.data - head.data), (uint32_t)value.size},
	};
	return read_known_field(parser, name, value);
}

static void begin_body(struct rc_http_parser *parser)
{
	parser->body_left = parser->length;
	parser->body_state = parser->is_chunked ? RC_HTTP_BODY_CHUNK_SIZE : RC_HTTP_BODY_LENGTH;
	parser->wants_close = parser->wants_close || parser->is_http_1_0;
	parser->wants_continue =
	    parser->wants_continue && !parser->is_http_1_0 && rc_http_parser_has_body(parser);
}

static enum rc_http_progress end_of_head(struct rc_http_parser *parser)
{
	if (!parser->has_host && !parser->is_http_1_0)
		return bad(parser, RC_HTTP_FAULT_HOST);
	parser->head_size = parser->line_at;
	begin_body(parser);
	return RC_HTTP_DONE;
}

/* The size that the head may have where the present line ends. */
static size_t line_limit(const struct rc_http_parser *parser)
{
	return parser->fields_at ? parser->fields_at + RC_HTTP_HEAD_MAX_BYTES : RC_HTTP_LINE_MAX_BYTES;
}

/* No NUL, and no CR but one whose LF stands right behind or hasn't come yet. `from` may be the last byte that was looked at before: it may have
 * been a CR at the end. */
static bool is_line_so_far(struct rc_bytes head, size_t from, size_t end)
{
	const uint8_t *const begin = head.data + from;
	const uint8_t *cr;
	size_t behind;

	if (from >= end)
		return true;
	if (memchr(begin, 0, end - from))
		return false;
	cr = memchr(begin, '\r', end - from);
	if (!cr)
		return true;
	behind = (size_t)(cr - head.data) + 1;
	return behind == head.size || (behind == end && head.data[behind] == '\n');
}

/* Looks for the CRLF of the present line. NULs and bare CRs are refused as soon as they are seen, a bare LF where it stands; whatever is the
 * first fault of the bytes is the fault, however many of them came at once. */
static enum rc_http_progress find_line(struct rc_http_parser *parser, struct rc_bytes head,
				       struct rc_bytes *line)
{
	const size_t limit = line_limit(parser), scanned = parser->scanned;
	const size_t known = head.size < limit ? head.size : limit;
	const uint8_t *lf = scanned < known ? memchr(head.data + scanned, '\n', known - scanned) : NULL;
	const size_t end = lf ? (size_t)(lf - head.data) : known;

	if (!is_line_so_far(head, scanned > parser->line_at ? scanned - 1 : scanned, end))
		return bad(parser, RC_HTTP_FAULT_SYNTAX);
	if (!lf && head.size > limit)
		return bad(parser, RC_HTTP_FAULT_TOO_BIG);
	if (!lf) {
		parser->scanned = head.size;
		return RC_HTTP_MORE;
	}
	if (end == parser->line_at || lf[-1] != '\r')
		return bad(parser, RC_HTTP_FAULT_SYNTAX);
	*line = rc_bytes_of(head.data + parser->line_at, end - 1 - parser->line_at);
	parser->line_at = parser->scanned = end + 1;
	return RC_HTTP_DONE;
}

enum rc_http_progress rc_http_parser_head(struct rc_http_parser *parser, struct rc_bytes head)
{
	struct rc_bytes line;
	enum rc_http_progress progress;

	if (parser->fault)
		return RC_HTTP_BAD;
	while ((progress = find_line(parser, head, &line)) == RC_HTTP_DONE) {
		enum rc_http_fault fault;

		if (parser->fields_at && line.size == 0)
			return end_of_head(parser);
		fault = parser->fields_at ? read_field(parser, head, line)
					  : read_request_line(parser, line);
		if (fault)
			return bad(parser, fault);
		if (!parser->fields_at)
			parser->fields_at = parser->line_at;
	}
	return progress;
}

bool rc_http_parser_has_body(const struct rc_http_parser *parser)
{
	return parser->is_chunked || parser->length > 0;
}

int rc_http_fault_status(enum rc_http_fault fault)
{
	switch (fault) {
	case RC_HTTP_FAULT_TOO_LONG:
		return 414;
	case RC_HTTP_FAULT_TOO_BIG:
		return 431;
	case RC_HTTP_FAULT_EXPECT:
		return 417;
	case RC_HTTP_FAULT_METHOD:
	case RC_HTTP_FAULT_CODING:
		return 501;
	case RC_HTTP_FAULT_VERSION:
		return 505;
	case RC_HTTP_FAULT_NONE:
	case RC_HTTP_FAULT_SYNTAX:
	case RC_HTTP_FAULT_FRAMING:
	case RC_HTTP_FAULT_HOST:
	case RC_HTTP_FAULT_TARGET:
		break;
	}
	return 400;
}
