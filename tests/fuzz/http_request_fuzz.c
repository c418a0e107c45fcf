/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a connection: requests are read one after the other, at once and in pieces whose size the first byte says. Both must
 * come to the same end and the same body; what is taken is also routed through the target's decoder, which must keep its word on paths, and each
 * body is unpacked as if it were gzip, which must keep its bound.
 */
#include "server/http/http_priv.h"
#include "server/http/target.h"

#include "shared/base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum rc_http_progress progress;
	enum rc_http_fault fault;
	size_t used;
	struct rc_buf body;
};

#define PLAIN_MAX_BYTES 65536u

static void demand(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_target(const struct rc_http_parser *parser, struct rc_bytes head)
{
	struct rc_arena arena;
	struct rc_http_request request = {.arena = &arena};

	rc_arena_init(&arena, 65536);
	if (rc_http__target_read(&request, rc_bytes_of(head.data + parser->target.at,
						       parser->target.size)) == RC_OK) {
		demand(request.path.size > 0 && request.path.data[0] == '/');
		demand(rc_utf8_is_valid(request.path));
		demand(!memmem(request.path.data, request.path.size, "/../", 4));
		for (size_t i = 0; i < request.path.size; i++)
			demand(request.path.data[i] >= 0x20 && request.path.data[i] != 0x7f);
	}
	rc_arena_deinit(&arena);
}

static void check_head(const struct rc_http_parser *parser, struct rc_bytes head)
{
	demand(parser->head_size <= head.size && parser->head_size <= RC_HTTP_PARSER_MAX_BYTES);
	demand(!(parser->is_chunked && parser->has_length));
	for (size_t i = 0; i < parser->field_count; i++) {
		const struct rc_http_field *field = &parser->fields[i];

		demand(field->name.size > 0);
		demand(field->name.at + field->name.size <= parser->head_size);
		demand(field->value.at + field->value.size <= parser->head_size);
	}
	check_target(parser, head);
}

static void read_body(struct rc_http_parser *parser, struct rc_bytes data, size_t piece,
		      struct outcome *outcome)
{
	do {
		size_t used = 0, left = data.size - outcome->used;
		struct rc_bytes content;

		outcome->progress = rc_http_parser_body(
		    parser, rc_bytes_of(data.data + outcome->used, piece < left ? piece : left),
		    &used, &content);
		demand(used <= left && content.size <= used);
		outcome->used += used;
		rc_buf_append_bytes(&outcome->body, content);
	} while (outcome->progress == RC_HTTP_MORE && outcome->used < data.size);
}

static struct outcome read_one(struct rc_bytes data, size_t piece)
{
	struct rc_http_parser parser;
	struct outcome outcome = {0};
	size_t at = piece < data.size ? piece : data.size;

	rc_http_parser_init(&parser);
	rc_buf_init(&outcome.body, data.size);
	while ((outcome.progress = rc_http_parser_head(&parser, rc_bytes_of(data.data, at))) == RC_HTTP_MORE &&
	       at < data.size)
		at = data.size - at > piece ? at + piece : data.size;
	if (outcome.progress == RC_HTTP_DONE) {
		check_head(&parser, data);
		outcome.used = parser.head_size;
		read_body(&parser, data, piece, &outcome);
	}
	outcome.fault = parser.fault;
	return outcome;
}

static void check_gunzip(struct rc_bytes body)
{
	struct rc_buf plain;
	enum rc_status status;

	rc_buf_init(&plain, PLAIN_MAX_BYTES);
	status = rc_http__gunzip(body, &plain);
	demand(status == RC_OK || status == RC_EFORMAT || status == RC_ELIMIT);
	demand(plain.size <= PLAIN_MAX_BYTES);
	rc_buf_deinit(&plain);
}

/* Both ways; false when nothing can follow. */
static bool read_both(struct rc_bytes *rest, size_t piece)
{
	struct outcome whole = read_one(*rest, rest->size), pieces = read_one(*rest, piece);
	const bool goes_on = whole.progress == RC_HTTP_DONE;

	demand(whole.progress == pieces.progress && whole.fault == pieces.fault);
	if (whole.progress != RC_HTTP_BAD)
		demand(whole.used == pieces.used &&
		       rc_bytes_equal(rc_buf_bytes(&whole.body), rc_buf_bytes(&pieces.body)));
	if (goes_on && whole.body.size > 0)
		check_gunzip(rc_buf_bytes(&whole.body));
	*rest = rc_bytes_of(rest->data + whole.used, rest->size - whole.used);
	rc_buf_deinit(&whole.body);
	rc_buf_deinit(&pieces.body);
	return goes_on;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_bytes rest;
	size_t piece;

	if (size == 0)
		return 0;
	piece = (size_t)(data[0] % 16) + 1;
	rest = rc_bytes_of(data + 1, size - 1);
	while (rest.size > 0 && read_both(&rest, piece))
		;
	return 0;
}
