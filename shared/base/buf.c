/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles until the maximum. A failed append leaves what was there: half a record is the caller's to throw away. */
#include "shared/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY_BYTES 256u

void rc_buf_init(struct rc_buf *buf, size_t max)
{
	assert(max < SIZE_MAX / 4);
	*buf = (struct rc_buf){.max = max};
}

void rc_buf_init_fixed(struct rc_buf *buf, void *memory, size_t size)
{
	assert(size > 0);
	*buf = (struct rc_buf){.data = memory, .capacity = size, .max = size - 1, .is_borrowed = true};
	buf->data[0] = '\0';
}

void rc_buf_deinit(struct rc_buf *buf)
{
	if (buf->is_borrowed) {
		rc_buf_clear(buf);
		return;
	}
	free(buf->data);
	rc_buf_init(buf, buf->max);
}

void rc_buf_clear(struct rc_buf *buf)
{
	buf->size = 0;
	buf->status = RC_OK;
	if (buf->data)
		buf->data[0] = '\0';
}

static enum rc_status grow(struct rc_buf *buf, size_t needed)
{
	size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY_BYTES;
	uint8_t *data;

	while (capacity < needed + 1)
		capacity *= 2;
	if (capacity > buf->max + 1)
		capacity = buf->max + 1;
	data = realloc(buf->data, capacity);
	if (!data)
		return RC_ENOMEM;
	buf->data = data;
	buf->capacity = capacity;
	return RC_OK;
}

enum rc_status rc_buf_reserve(struct rc_buf *buf, size_t size)
{
	if (buf->status != RC_OK)
		return buf->status;
	if (size > buf->max - buf->size)
		buf->status = RC_ELIMIT;
	else if (buf->size + size + 1 > buf->capacity)
		buf->status = grow(buf, buf->size + size);
	return buf->status;
}

void rc_buf_append(struct rc_buf *buf, const void *data, size_t size)
{
	if (rc_buf_reserve(buf, size) != RC_OK)
		return;
	if (size > 0)
		memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
}

void rc_buf_append_bytes(struct rc_buf *buf, struct rc_bytes bytes)
{
	rc_buf_append(buf, bytes.data, bytes.size);
}

void rc_buf_append_text(struct rc_buf *buf, const char *text)
{
	rc_buf_append(buf, text, strlen(text));
}

void rc_buf_append_char(struct rc_buf *buf, char c)
{
	rc_buf_append(buf, &c, 1);
}

void rc_buf_vprintf(struct rc_buf *buf, const char *fmt, va_list args)
{
	va_list again;
	int size;

	va_copy(again, args);
	size = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (size < 0 && buf->status == RC_OK)
		buf->status = RC_ELIMIT; /* printf counts in an int, and this is longer */
	if (size < 0 || rc_buf_reserve(buf, (size_t)size) != RC_OK)
		return;
	(void)vsnprintf((char *)buf->data + buf->size, (size_t)size + 1, fmt, args);
	buf->size += (size_t)size;
}

void rc_buf_printf(struct rc_buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	rc_buf_vprintf(buf, fmt, args);
	va_end(args);
}

void rc_buf_consume(struct rc_buf *buf, size_t size)
{
	assert(size <= buf->size);
	if (size == 0)
		return;
	memmove(buf->data, buf->data + size, buf->size - size);
	buf->size -= size;
	buf->data[buf->size] = '\0';
}

enum rc_status rc_buf_status(const struct rc_buf *buf, struct rc_error *err)
{
	if (buf->status == RC_ELIMIT)
		return rc_fail(err, RC_ELIMIT, "more than %zu bytes", buf->max);
	if (buf->status != RC_OK)
		return rc_fail(err, buf->status, "no memory for %zu bytes", buf->size);
	return RC_OK;
}

struct rc_bytes rc_buf_bytes(const struct rc_buf *buf)
{
	return rc_bytes_of(buf->data, buf->size);
}

const char *rc_buf_text(const struct rc_buf *buf)
{
	return buf->data ? (const char *)buf->data : "";
}

char *rc_buf_take_text(struct rc_buf *buf)
{
	char *text;

	if (buf->status != RC_OK)
		return NULL;
	text = buf->data && !buf->is_borrowed ? (char *)buf->data : strdup(rc_buf_text(buf));
	if (!text)
		return NULL;
	if (!buf->is_borrowed)
		buf->data = NULL;
	rc_buf_deinit(buf);
	return text;
}
