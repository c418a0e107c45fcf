/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_SUPERVISOR_H
#define RC_SCANNER_SUPERVISOR_H
/*
 * Watches over one scanner process for the daemon: reads its lines, starts it again when it dies, kills it when it says
 * nothing. A crash costs 100 ms and the time a process takes to start; one that dies again and again is started at most every
 * 2 s, so that it can't eat the board.
 *
 * The daemon polls rc_scanner_fd with rc_scanner_timeout_ms and calls rc_scanner_handle whenever poll returns. Times are
 * milliseconds of any clock that never jumps (CLOCK_BOOTTIME) and are handed in. Nothing here waits. One thread, the same one
 * for all calls (the child's life is tied to it).
 */
#include "firmware/scanner/pipe.h"
#include "firmware/scanner/spawn.h"

#define RC_SCANNER_BACKOFF_MIN_MS INT64_C(100)
#define RC_SCANNER_BACKOFF_MAX_MS INT64_C(2000)
#define RC_SCANNER_STEADY_MS                                                                       \
	INT64_C(10000) /* having lived so long, it starts again at the least backoff */
#define RC_SCANNER_SILENCE_MS INT64_C(2000) /* four heartbeats */
#define RC_SCANNER_STARTUP_MS                                                                      \
	INT64_C(5000) /* until its first line: libraries may come from a slow card */

enum rc_scanner_state {
	RC_SCANNER_RUNNING, /* a process is there; left when its pipe closes, or it is killed for silence or a bad line */
	RC_SCANNER_WAITING, /* it died, or couldn't be started; left when the backoff is over */
	RC_SCANNER_ENDED,   /* it said that no frames will come; left by rc_scanner_restart alone */
};

struct rc_scanner;

/* Called for each line, in order; `line` is borrowed for the call. The handler may not call the supervisor. */
typedef void rc_scanner_handler(void *context, const struct rc_scanner_line *line);

/* Starts the first process at once; that it can't be started is no failure here but a first death. `start` is copied, its
 * strings too must live as long as the supervisor; `source_fd` and `picture_fd` stay the caller's and open. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_scanner_open(const struct rc_scanner_start *start, int64_t now_ms,
					  struct rc_scanner **scanner, struct rc_error *err);

/* Kills the process and waits for its end, which SIGKILL makes short. NULL is fine. */
void rc_scanner_close(struct rc_scanner *scanner);

/* Reads what is there (each line is handed to `handler`), then does what is due: takes the dead off, kills the silent, starts
 * the next one. */
void rc_scanner_handle(struct rc_scanner *scanner, int64_t now_ms, rc_scanner_handler *handler,
		       void *context);

/* Kills what runs and starts anew at once, on `source_fd` (borrowed as before) from now on: another camera was set, the feed
 * was connected again. */
void rc_scanner_restart(struct rc_scanner *scanner, int source_fd, int64_t now_ms);

/* What to poll for POLLIN, or -1 while no process runs. Ask again after each call above. */
int rc_scanner_fd(const struct rc_scanner *scanner);

/* How long poll may wait before rc_scanner_handle has something to do; -1: for ever. */
int rc_scanner_timeout_ms(const struct rc_scanner *scanner, int64_t now_ms);

/* Where it stands; changes only within the calls above. */
enum rc_scanner_state rc_scanner_state(const struct rc_scanner *scanner);

/* Of the running process, or 0. */
pid_t rc_scanner_pid(const struct rc_scanner *scanner);

/* How often a process was started, for the health report. */
uint64_t rc_scanner_starts(const struct rc_scanner *scanner);

#endif
