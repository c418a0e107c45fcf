/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_COMPRESS_GZIP_H
#define RC_COMPRESS_GZIP_H
/*
 * gzip (RFC 1952) of bytes that lie in memory, both ways. The buffer's maximum bounds what comes out, so a few bytes that
 * claim to be gigabytes cost no more than that. On failure the buffer is as it was before. Any thread.
 */
#include "shared/base/buf.h"

/* Appends one gzip member. The same bytes give the same output (no time, no name in it). RC_ELIMIT, RC_ENOMEM. */
RC_CHECKED enum rc_status rc_gzip(struct rc_bytes plain, struct rc_buf *out, struct rc_error *err);

/* Appends what one gzip member holds. RC_EFORMAT: no gzip, cut off, a wrong checksum, or anything behind the end (a second
 * member too); RC_ELIMIT: more than the buffer may hold; RC_ENOMEM. */
RC_CHECKED enum rc_status rc_gunzip(struct rc_bytes packed, struct rc_buf *out, struct rc_error *err);

#endif
