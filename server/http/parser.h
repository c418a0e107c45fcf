/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_PARSER_H
#define RC_HTTP_PARSER_H
/*
 * The strict reader of HTTP/1.1 requests (a subset of RFC 9112), without I/O and without memory of its own.
 *
 * Two readers must never disagree about where a request ends, so everything that has been read in two ways somewhere is
 * refused: Content-Length together with Transfer-Encoding, two of either, any coding but `chunked`, lengths that aren't plain
 * digits, line ends that aren't CRLF, folded lines, space before a colon, control bytes, chunk extensions and trailers
 * (none of our clients sends them), two Hosts or none. Targets are taken in origin form only. HTTP/1.0 is read, without
 * chunked bodies, and its connection ends with the answer; 0.9 and 2 are refused.
 *
 * The caller keeps the bytes of the head in one run of memory and calls again when it has grown; the reader remembers how far
 * it has come, so that bytes that trickle in cost no more than bytes that come at once, with the same result. Spans are
 * offsets into that run, so it may be moved. One thread at a time.
 */
#include "shared/base/bytes.h"

#include <stdint.h>

#define RC_HTTP_LINE_MAX_BYTES   4096u /* the request line, its CRLF included */
#define RC_HTTP_HEAD_MAX_BYTES   8192u /* the lines of the headers, the empty one included */
#define RC_HTTP_TARGET_MAX_BYTES 2048u
#define RC_HTTP_HEADERS_MAX      64u

/* The most bytes of a head that the caller ever needs to keep. */
#define RC_HTTP_PARSER_MAX_BYTES (RC_HTTP_LINE_MAX_BYTES + RC_HTTP_HEAD_MAX_BYTES)

enum rc_http_method {
	RC_HTTP_GET = 1,
	RC_HTTP_HEAD,
	RC_HTTP_POST,
	RC_HTTP_PUT,
	RC_HTTP_PATCH,
	RC_HTTP_DELETE,
	RC_HTTP_OPTIONS,
	RC_HTTP_TRACE, /* read, so that it can be answered 405; no route has it */
};

/* Why a request is refused. rc_http_fault_status gives the answer's status. */
enum rc_http_fault {
	RC_HTTP_FAULT_NONE,
	RC_HTTP_FAULT_SYNTAX,  /* 400: anything that isn't a request of the subset */
	RC_HTTP_FAULT_FRAMING, /* 400: lengths and codings that could be read in two ways */
	RC_HTTP_FAULT_HOST,    /* 400: no Host in HTTP/1.1, or two */
	RC_HTTP_FAULT_TARGET, /* 400: not in origin form, or bytes that may not stand in a target */
	RC_HTTP_FAULT_TOO_LONG, /* 414: target */
	RC_HTTP_FAULT_TOO_BIG,  /* 431: request line, header block or number of headers */
	RC_HTTP_FAULT_EXPECT,   /* 417: an expectation other than 100-continue */
	RC_HTTP_FAULT_METHOD,   /* 501: a method that we don't know, CONNECT included */
	RC_HTTP_FAULT_CODING,   /* 501: a transfer coding that we don't know */
	RC_HTTP_FAULT_VERSION,  /* 505 */
};

enum rc_http_progress {
	RC_HTTP_MORE, /* good so far; more bytes are needed */
	RC_HTTP_DONE, /* complete */
	RC_HTTP_BAD,  /* refused, for good; `fault` says why */
};

/* A run of bytes within the head. */
struct rc_http_span {
	uint32_t at;
	uint32_t size;
};

struct rc_http_field {
	struct rc_http_span name;  /* a token, as it was sent */
	struct rc_http_span value; /* without the white space around it; may be empty */
};

enum rc_http_body_state {
	RC_HTTP_BODY_LENGTH, /* `body_left` bytes of content to come; with 0 the body is complete */
	RC_HTTP_BODY_CHUNK_SIZE, /* within the hex digits of a chunk's size, `digits` of them read */
	RC_HTTP_BODY_CHUNK_LF,   /* the CR behind the size has been read */
	RC_HTTP_BODY_CHUNK_DATA, /* `body_left` bytes of the chunk to come */
	RC_HTTP_BODY_DATA_CR,    /* a chunk's content is complete: its CR */
	RC_HTTP_BODY_DATA_LF,    /* … and its LF */
	RC_HTTP_BODY_END_CR, /* the last chunk has been read: the CR of the empty line; anything else is a trailer */
	RC_HTTP_BODY_END_LF,
	RC_HTTP_BODY_COMPLETE,
};

/* Filled while reading; what stands above the line is good for callers once the head is RC_HTTP_DONE. */
struct rc_http_parser {
	enum rc_http_fault fault;
	enum rc_http_method method;
	bool is_http_1_0;
	bool is_chunked;
	bool has_length;
	bool wants_close;    /* Connection: close, or HTTP/1.0 */
	bool wants_continue; /* Expect: 100-continue, in HTTP/1.1 and with a body to come */
	uint64_t length;     /* Content-Length; 0 without */
	struct rc_http_span target;
	size_t field_count;
	size_t head_size; /* bytes up to and including the empty line */
	/* ---- the reader's own */
	size_t line_at;   /* where the line begins that isn't complete yet */
	size_t scanned;   /* bytes that were looked at for a line's end */
	size_t fields_at; /* where the headers begin; 0: the request line isn't complete yet */
	bool has_host;
	enum rc_http_body_state body_state;
	unsigned digits;
	uint64_t body_left;
	/* ---- last, and not cleared for each request: the first field_count of them are good */
	struct rc_http_field fields[RC_HTTP_HEADERS_MAX];
};

/* A reader for one request. Begin anew for the next one on a connection. */
void rc_http_parser_init(struct rc_http_parser *parser);

/* Reads on. `head` begins with the request's first byte and holds what the last call was given and what came since (it may hold
 * more than the head). An empty line before the request line is refused. */
enum rc_http_progress rc_http_parser_head(struct rc_http_parser *parser, struct rc_bytes head);

/* Reads the body that follows. Of `data` `*used` bytes are done with, and `*piece` is the content among them, borrowed from
 * `data` (empty while there is none). Call again with the rest until nothing is left, RC_HTTP_DONE or RC_HTTP_BAD. A request
 * without a body is done at once. The caller limits the sum of the pieces. */
enum rc_http_progress rc_http_parser_body(struct rc_http_parser *parser, struct rc_bytes data,
					  size_t *used, struct rc_bytes *piece);

/* True if a body will come that isn't empty by its length. */
bool rc_http_parser_has_body(const struct rc_http_parser *parser);

/* The status code that answers a fault. */
int rc_http_fault_status(enum rc_http_fault fault);

/* "GET"; never NULL. */
const char *rc_http_method_text(enum rc_http_method method);

/* ASCII case is ignored. */
bool rc_http_token_equal(struct rc_bytes a, const char *b);

#endif
