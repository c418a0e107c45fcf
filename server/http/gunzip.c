/* SPDX-License-Identifier: Apache-2.0 */
/* The one user of zlib here. A bomb costs no more than the maximum of the buffer it is unpacked into. */
#include "server/http/http_priv.h"

#include <zlib.h>

#define GZIP_ONLY   (16 + MAX_WBITS)
#define PIECE_BYTES 16384u

static enum rc_status inflate_all(z_stream *stream, struct rc_buf *plain)
{
	uint8_t piece[PIECE_BYTES];
	int code;

	do {
		enum rc_status status;

		stream->next_out = piece;
		stream->avail_out = sizeof(piece);
		code = inflate(stream, Z_NO_FLUSH);
		if (code != Z_OK && code != Z_STREAM_END)
			return code == Z_MEM_ERROR ? RC_ENOMEM : RC_EFORMAT;
		rc_buf_append(plain, piece, sizeof(piece) - stream->avail_out);
		status = rc_buf_status(plain, NULL);
		if (status)
			return status;
	} while (code != Z_STREAM_END);
	return stream->avail_in == 0 ? RC_OK : RC_EFORMAT;
}

enum rc_status rc_http__gunzip(struct rc_bytes compressed, struct rc_buf *plain)
{
	z_stream stream = {
	    .next_in = (z_const Bytef *)compressed.data,
	    .avail_in = (uInt)compressed.size,
	};
	enum rc_status status;

	if (compressed.size > UINT32_MAX)
		return RC_ELIMIT;
	if (inflateInit2(&stream, GZIP_ONLY) != Z_OK)
		return RC_ENOMEM;
	status = inflate_all(&stream, plain);
	(void)inflateEnd(&stream);
	return status;
}
