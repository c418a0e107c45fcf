/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_CONTROL_H
#define RC_DAEMON_CONTROL_H
/*
 * The daemon's own socket for `rollcall-kiosk` verbs: one line of JSON in, one line of JSON out, then the end.
 *
 *     {"verb":"status"}                      → the status document
 *     {"verb":"enrol","code":"RCE1:…"}       → {"ok":true} once the code was handed over; the outcome is on screen and in status
 *
 * Only our own user and root may ask (SO_PEERCRED). A caller has two seconds in all. Nothing blocks. One thread.
 */
#include "shared/base/buf.h"

#include <poll.h>

#define RC_CONTROL_LINE_MAX_BYTES 4096u
#define RC_CONTROL_POLLS_MAX      5u

struct rc_control;

/* Answers a request: `line` without its line feed; the answer is appended without one. */
typedef void rc_control_answer(void *context, struct rc_bytes line, struct rc_buf *answer);

/* Listens at `path` (what stands there from before is replaced; mode 0600). `answer` is called from rc_control_handle. */
RC_CHECKED enum rc_status rc_control_open(const char *path, rc_control_answer *answer, void *context,
					  struct rc_control **control, struct rc_error *err);
/* Hangs up on everybody and removes the path; NULL is fine. */
void rc_control_close(struct rc_control *control);

/* Fills in what to poll for; returns how many. */
size_t rc_control_polls(const struct rc_control *control, struct pollfd polls[RC_CONTROL_POLLS_MAX]);
/* Carries out what poll found, and hangs up on whom has had their two seconds. */
void rc_control_handle(struct rc_control *control, const struct pollfd *polls, size_t count,
		       int64_t up_ms);

/* The other end, for verbs: sends a line and waits for the answer (at most two seconds). RC_ENOTFOUND: no daemon is running. */
RC_CHECKED enum rc_status rc_control_ask(const char *path, const char *line, struct rc_buf *answer,
					 struct rc_error *err);

#endif
