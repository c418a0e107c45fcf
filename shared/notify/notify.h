/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_NOTIFY_NOTIFY_H
#define RC_NOTIFY_NOTIFY_H
/*
 * Tells whoever started this program (systemd, Type=notify) how it is: a line in a datagram to the socket that NOTIFY_SOCKET
 * names. Nothing is done where there is none, so a program started by hand says the same and is not heard.
 *
 * Never waits: a manager that doesn't read gets no word rather than holding the program up. Any thread may tell; a watchdog
 * belongs to one thread, the one whose life it proves.
 */
#include "shared/base/status.h"

#include <stdint.h>

#define RC_NOTIFY_READY    "READY=1"    /* what others need of this program is there */
#define RC_NOTIFY_STOPPING "STOPPING=1" /* it ends, and takes its time */

/* Sends a state. RC_OK also where nobody asked for it; RC_EUSAGE: NOTIFY_SOCKET is no address; RC_EIO: nobody hears. */
RC_CHECKED enum rc_status rc_notify(const char *state, struct rc_error *err);

/* The same for who can't do anything about it: a failure goes to the log. */
void rc_notify_tell(const char *state);

/* What a loop remembers to prove that it still turns. */
struct rc_notify_watchdog {
	int64_t period_ms; /* 0: nobody watches */
	int64_t due_up_ms;
};

/* Reads WATCHDOG_USEC and WATCHDOG_PID; a watchdog that is another process's is none. The first beat is due at once. */
void rc_notify_watchdog_init(struct rc_notify_watchdog *watchdog);

/* Call at each turn of the loop, with a clock that never jumps: tells when half the time is over that systemd allows. */
void rc_notify_watchdog_beat(struct rc_notify_watchdog *watchdog, int64_t up_ms);

#endif
