/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_DAEMON_H
#define RC_DAEMON_DAEMON_H
/*
 * The kiosk's daemon: feeds events to flow and carries out its effects. It wires and decides nothing: what a scan means is
 * flow's, what is on disk the journal's, what the server says sync's.
 *
 *     main thread      poll loop: scanner's pipe, screens, control socket, answers of the two threads below
 *     recorder thread  the journal's one writer
 *     sync thread      the network; alone writes the roster
 *     scanner process  one a camera, shut in
 *
 * In the data folder: identity/, journal/, roster/. In the run folder: screen.sock, control.sock.
 */
#include "shared/base/status.h"

#include <stdint.h>
#include <sys/types.h>

struct rc_daemon_config {
	const char *data_folder;     /* made by the caller; ours alone (0700) */
	const char *run_folder;      /* made by the caller */
	const char *camera;          /* "feed:/path/to/socket", or "none" */
	const char *scanner_program; /* absolute path of rollcall-scanner */
	uid_t screen_uid;            /* who else may connect as a screen; our own user always may */
	bool has_rtc;                /* the board promises a battery-backed clock */
	int64_t build_ms; /* of this program: no certificate is judged at an earlier time */
	int64_t poll_ms;  /* how often the server is asked when nothing happens */
	int64_t backoff_first_ms;
	int64_t backoff_max_ms;
};

/* Runs until SIGTERM or SIGINT (RC_OK), or until nothing can be confirmed any more (RC_EIO): whoever started it starts it again.
 * RC_EUSAGE, RC_EBUSY (another daemon has the journal) and the like before it runs. Call from the main thread, once. */
RC_CHECKED enum rc_status rc_daemon_run(const struct rc_daemon_config *config, struct rc_error *err);

#endif
