/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body behind a head: so many bytes, or chunks (RFC 9112 7.1) in their barest form: hex digits, CRLF, content, CRLF, and a
 * last chunk of size 0 with an empty line.
 */
#include "server/http/parser.h"

#define CHUNK_DIGITS_MAX 8u /* 4 GiB: far above any limit of ours, and no overflow to think of */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A digit of the size, or the CR that ends it. */
static bool read_size(struct rc_http_parser *parser, uint8_t c)
{
	int digit = hex_digit(c);

	if (c == '\r' && parser->digits > 0) {
		parser->body_state = RC_HTTP_BODY_CHUNK_LF;
		return true;
	}
	if (digit < 0 || parser->digits == CHUNK_DIGITS_MAX)
		return false;
	parser->digits++;
	parser->body_left = parser->body_left * 16 + (uint64_t)digit;
	return true;
}

static bool expect(struct rc_http_parser *parser, uint8_t c, uint8_t wanted, enum rc_http_body_state next)
{
	parser->body_state = next;
	return c == wanted;
}

/* One byte of what stands around the content. */
static bool read_frame(struct rc_http_parser *parser, uint8_t c)
{
	switch (parser->body_state) {
	case RC_HTTP_BODY_CHUNK_SIZE:
		return read_size(parser, c);
	case RC_HTTP_BODY_CHUNK_LF:
		parser->digits = 0;
		return expect(parser, c, '\n',
			      parser->body_left > 0 ? RC_HTTP_BODY_CHUNK_DATA : RC_HTTP_BODY_END_CR);
	case RC_HTTP_BODY_DATA_CR:
		return expect(parser, c, '\r', RC_HTTP_BODY_DATA_LF);
	case RC_HTTP_BODY_DATA_LF:
		return expect(parser, c, '\n', RC_HTTP_BODY_CHUNK_SIZE);
	case RC_HTTP_BODY_END_CR:
		return expect(parser, c, '\r', RC_HTTP_BODY_END_LF);
	case RC_HTTP_BODY_END_LF:
		return expect(parser, c, '\n', RC_HTTP_BODY_COMPLETE);
	case RC_HTTP_BODY_LENGTH:
	case RC_HTTP_BODY_CHUNK_DATA:
	case RC_HTTP_BODY_COMPLETE:
		break;
	}
	return false;
}

static bool is_in_content(const struct rc_http_parser *parser)
{
	return parser->body_state == RC_HTTP_BODY_LENGTH || parser->body_state == RC_HTTP_BODY_CHUNK_DATA;
}

static struct rc_bytes take_content(struct rc_http_parser *parser, struct rc_bytes data)
{
	if (data.size > parser->body_left)
		data.size = (size_t)parser->body_left;
	parser->body_left -= data.size;
	if (parser->body_left == 0)
		parser->body_state = parser->body_state == RC_HTTP_BODY_LENGTH ? RC_HTTP_BODY_COMPLETE
									       : RC_HTTP_BODY_DATA_CR;
	return data;
}

enum rc_http_progress rc_http_parser_body(struct rc_http_parser *parser, struct rc_bytes data,
					  size_t *used, struct rc_bytes *piece)
{
	*used = 0;
	*piece = rc_bytes_of(NULL, 0);
	if (parser->fault)
		return RC_HTTP_BAD;
	if (parser->body_state == RC_HTTP_BODY_LENGTH && parser->body_left == 0)
		parser->body_state = RC_HTTP_BODY_COMPLETE;
	while (*used < data.size && parser->body_state != RC_HTTP_BODY_COMPLETE) {
		if (is_in_content(parser)) {
			*piece =
			    take_content(parser, rc_bytes_of(data.data + *used, data.size - *used));
			*used += piece->size;
			break;
		}
		if (!read_frame(parser, data.data[(*used)++])) {
			parser->fault = RC_HTTP_FAULT_FRAMING;
			return RC_HTTP_BAD;
		}
	}
	return parser->body_state == RC_HTTP_BODY_COMPLETE ? RC_HTTP_DONE : RC_HTTP_MORE;
}
