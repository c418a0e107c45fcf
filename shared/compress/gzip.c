/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zlib writes straight into the buffer, a piece of room at a time, so a bomb gets as far as the buffer's maximum and no
 * further. The last byte of the maximum needs care: a member that fills it exactly has still to say that it ended, which is
 * asked for with room that isn't the buffer's.
 */
#include "shared/compress/gzip.h"

#include <limits.h>
#include <zlib.h>

#define PIECE_BYTES  16384u
#define GZIP_WINDOW  (MAX_WBITS + 16) /* zlib.h: 16 more means a gzip wrapper and no other */
#define MEMORY_LEVEL 8                /* zlib's default */

typedef int (*step_fn)(z_stream *stream, int flush);

static enum rc_status zlib_failed(int code, struct rc_error *err)
{
	if (code == Z_MEM_ERROR)
		return rc_fail(err, RC_ENOMEM, "no memory for gzip");
	return rc_fail(err, RC_EFORMAT, "no gzip, or cut off, or damaged");
}

/* How much may be written at once: a piece, or what the maximum leaves. 0 at the maximum. */
static size_t make_room(struct rc_buf *out)
{
	const size_t left = out->max - out->size;
	const size_t room = left < PIECE_BYTES ? left : PIECE_BYTES;

	return room == 0 || rc_buf_reserve(out, room) == RC_OK ? room : 0;
}

/* Runs the stream to its end; the input is all there. */
static enum rc_status run(z_stream *stream, step_fn step, struct rc_buf *out, struct rc_error *err)
{
	int code = Z_OK;

	while (code != Z_STREAM_END) {
		uint8_t beyond;
		const size_t room = make_room(out);

		if (out->status != RC_OK)
			return rc_buf_status(out, err);
		stream->next_out = room > 0 ? out->data + out->size : &beyond;
		stream->avail_out = room > 0 ? (uInt)room : 1;
		code = step(stream, Z_FINISH);
		if (room == 0 && stream->avail_out == 0)
			return rc_fail(err, RC_ELIMIT, "more than %zu bytes", out->max);
		if (room > 0)
			out->size += room - stream->avail_out;
		if (code != Z_OK && code != Z_STREAM_END &&
		    !(code == Z_BUF_ERROR && stream->avail_out == 0))
			return zlib_failed(code, err);
	}
	return RC_OK;
}

/* Puts the end where it belongs, or back where it was. */
static enum rc_status finish(struct rc_buf *out, size_t before, enum rc_status status)
{
	if (status != RC_OK) {
		out->size = before;
		out->status = RC_OK;
	}
	if (out->data)
		out->data[out->size] = '\0';
	return status;
}

static bool give_input(z_stream *stream, struct rc_bytes bytes)
{
	stream->next_in = (z_const Bytef *)bytes.data;
	stream->avail_in = (uInt)bytes.size;
	return bytes.size <= UINT_MAX;
}

enum rc_status rc_gzip(struct rc_bytes plain, struct rc_buf *out, struct rc_error *err)
{
	const size_t before = out->size;
	z_stream stream = {0};
	enum rc_status status;

	if (out->status != RC_OK)
		return rc_buf_status(out, err);
	if (!give_input(&stream, plain))
		return rc_fail(err, RC_ELIMIT, "too much for one gzip member");
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return zlib_failed(Z_MEM_ERROR, err);
	status = run(&stream, deflate, out, err);
	(void)deflateEnd(&stream);
	return finish(out, before, status);
}

enum rc_status rc_gunzip(struct rc_bytes packed, struct rc_buf *out, struct rc_error *err)
{
	const size_t before = out->size;
	z_stream stream = {0};
	enum rc_status status;

	if (out->status != RC_OK)
		return rc_buf_status(out, err);
	if (!give_input(&stream, packed))
		return rc_fail(err, RC_ELIMIT, "too much for one gzip member");
	if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return zlib_failed(Z_MEM_ERROR, err);
	status = run(&stream, inflate, out, err);
	if (status == RC_OK && stream.avail_in > 0)
		status = rc_fail(err, RC_EFORMAT, "bytes behind the end of the gzip member");
	(void)inflateEnd(&stream);
	return finish(out, before, status);
}
