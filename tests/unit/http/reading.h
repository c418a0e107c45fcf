/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TEST_HTTP_READING_H
#define RC_TEST_HTTP_READING_H
/*
 * Reads one request with the strict reader, head and body, in pieces of a given size: what the event loop does, without a loop.
 */
#include "server/http/parser.h"

#include "shared/base/buf.h"

struct reading {
	struct rc_http_parser parser;
	enum rc_http_progress progress; /* MORE: the bytes ended before the request did */
	struct rc_buf body;
	size_t used; /* bytes of the request */
};

/* Hands over `piece` more bytes each time (0: all at once). rc_buf_deinit(&reading->body) when done. */
static inline void read_request(struct rc_bytes bytes, size_t piece, struct reading *reading)
{
	size_t at = piece && piece < bytes.size ? piece : bytes.size;

	*reading = (struct reading){.progress = RC_HTTP_MORE};
	rc_buf_init(&reading->body, 1u << 20);
	rc_http_parser_init(&reading->parser);
	while ((reading->progress = rc_http_parser_head(&reading->parser, rc_bytes_of(bytes.data, at))) ==
		   RC_HTTP_MORE &&
	       at < bytes.size)
		at = piece && at + piece < bytes.size ? at + piece : bytes.size;
	reading->used = reading->parser.head_size;
	if (reading->progress != RC_HTTP_DONE)
		return;
	do {
		size_t used = 0, size = bytes.size - reading->used;
		struct rc_bytes content;

		if (piece && piece < size)
			size = piece;
		reading->progress = rc_http_parser_body(
		    &reading->parser, rc_bytes_of(bytes.data + reading->used, size), &used, &content);
		rc_buf_append_bytes(&reading->body, content);
		reading->used += used;
	} while (reading->progress == RC_HTTP_MORE && reading->used < bytes.size);
}

#endif
