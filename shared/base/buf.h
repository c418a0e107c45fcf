/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_BUF_H
#define RC_BASE_BUF_H
/*
 * A growing buffer with a hard maximum. One thread at a time.
 *
 * Appending reports failure once and for all: after the first append that doesn't fit (or finds no memory) every later one
 * does nothing, and rc_buf_status says why. So a writer appends freely and looks once at the end. The data stays ended by a
 * NUL that isn't counted.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#include <stdarg.h>

struct rc_buf {
	uint8_t *data;         /* owned; NULL before the first append */
	size_t size;           /* bytes in use */
	size_t capacity;       /* bytes allocated, the NUL's included */
	size_t max;            /* never more than this many bytes in use */
	enum rc_status status; /* RC_OK, RC_ELIMIT or RC_ENOMEM */
	bool is_borrowed;      /* `data` is the caller's: never grown, never freed */
};

/* An empty buffer that will hold at most `max` bytes. Allocates nothing. */
void rc_buf_init(struct rc_buf *buf, size_t max);

/* An empty buffer in the caller's memory of `size` bytes (one is kept for the NUL): for paths that must not allocate. */
void rc_buf_init_fixed(struct rc_buf *buf, void *memory, size_t size);

/* Frees the data and leaves an empty buffer with the same maximum (in the same memory, where that is the caller's). */
void rc_buf_deinit(struct rc_buf *buf);

/* Empties the buffer and its failure but keeps the memory. */
void rc_buf_clear(struct rc_buf *buf);

/* Makes room for `size` more bytes, so that appends up to there can't fail. */
RC_CHECKED enum rc_status rc_buf_reserve(struct rc_buf *buf, size_t size);

/* Appends; what doesn't fit is not there at all, and rc_buf_status says so. */
void rc_buf_append(struct rc_buf *buf, const void *data, size_t size);
void rc_buf_append_bytes(struct rc_buf *buf, struct rc_bytes bytes);
void rc_buf_append_text(struct rc_buf *buf, const char *text);
void rc_buf_append_char(struct rc_buf *buf, char c);
void rc_buf_printf(struct rc_buf *buf, const char *fmt, ...) RC_PRINTF(2, 3);
void rc_buf_vprintf(struct rc_buf *buf, const char *fmt, va_list args) RC_PRINTF(2, 0);

/* Drops the first `size` bytes; the rest moves to the front. */
void rc_buf_consume(struct rc_buf *buf, size_t size);

/* RC_OK if everything that was appended is there. */
RC_CHECKED enum rc_status rc_buf_status(const struct rc_buf *buf, struct rc_error *err);

/* Borrowed until the next change of the buffer. */
struct rc_bytes rc_buf_bytes(const struct rc_buf *buf);

/* The content as an ended string ("" when empty), borrowed until the next change. */
const char *rc_buf_text(const struct rc_buf *buf);

/* The content as a heap string that the caller frees; the buffer is empty afterwards. NULL if an append had
 * failed or there is no memory, and then the buffer is as it was. */
char *rc_buf_take_text(struct rc_buf *buf);

#endif
