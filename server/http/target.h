/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HTTP_TARGET_H
#define RC_HTTP_TARGET_H
/*
 * A request target in origin form, taken apart: the path decoded once and checked to be one that has no other spelling which
 * a file system or a proxy would read differently, and the parameters of the query. Pure; memory comes from the arena.
 */
#include "server/http/http.h"

/* `raw` is of visible ASCII and begins with '/'. RC_EFORMAT: a bad escape, a NUL, control byte, `/` or `\` in disguise, a `.` or
 * `..` segment, text that isn't UTF-8, a character that may not stand in a target, a parameter twice. RC_ELIMIT: too many
 * parameters. RC_ENOMEM: the arena is full. */
RC_CHECKED enum rc_status rc_http__target_read(struct rc_http_request *request, struct rc_bytes raw);

#endif
