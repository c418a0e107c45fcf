/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_DAEMON_PRIV_H
#define RC_DAEMON_DAEMON_PRIV_H
/* The daemon's state and what its sources do with it: daemon.c (life and loop), events.c (flow), touches.c, camera.c, status.c. */
#include "firmware/daemon/anchor.h"
#include "firmware/daemon/clock_watch.h"
#include "firmware/daemon/control.h"
#include "firmware/daemon/daemon.h"
#include "firmware/daemon/lookup.h"
#include "firmware/daemon/recorder.h"
#include "firmware/daemon/screen_socket.h"
#include "firmware/scanner/supervisor.h"
#include "firmware/sync/sync.h"
#include "shared/notify/notify.h"

#include <limits.h>

#define RC_DAEMON__EVENTS_MAX 64u /* that one event may cause */

struct rc_daemon {
	struct rc_daemon_config config;
	char identity_folder[PATH_MAX];
	char roster_folder[PATH_MAX];

	struct rc_anchor *anchor;
	const struct rc_clock *clock;
	struct rc_clock_watch clock_watch;
	int64_t remembered_ms; /* last time the known time was kept durably … */
	int64_t kept_up_ms; /* … and of which CLOCK_BOOTTIME the anchor that is kept is; 0: none of this run */

	bool is_enrolled;
	struct rc_identity identity;
	struct rc_recorder *recorder; /* NULL before enrolment */
	struct rc_sync *sync;
	struct rc_lookup lookup; /* its roster and presence are owned here */
	struct rc_presence *presence;
	bool is_connected;
	int64_t last_contact_ms;
	enum rc_flow_trouble trouble; /* RC_FLOW_TROUBLE_NONE until sync has said something */

	struct rc_notify_watchdog watchdog; /* proves that the main thread's loop turns */
	int lock_fd;
	int picture_fd;
	int picture_reader_fd; /* what screens get: they can't write */
	int feed_fd;           /* -1: not connected */
	int64_t feed_retry_up_ms;
	struct rc_scanner *scanner; /* NULL before the first connection to a camera */
	bool has_camera;            /* as last stated by device.changed */
	bool has_camera_failed;     /* it was opened, and then its scanner gave it up */
	int64_t camera_heard_up_ms; /* when a scanner said something last, or was given the camera */

	struct rc_screen_socket *screens;
	struct rc_control *control;
	int signals_fd;
	bool is_stopping;

	struct rc_flow flow;
	struct rc_flow_event events[RC_DAEMON__EVENTS_MAX];
	size_t event_count;
	bool is_stepping;
	struct rc_flow_effects effects;
	struct rc_lookup_result scan;
	struct rc_flow_place place;
	int64_t place_minute; /* since 1970: the minute the place was looked up in */
	int64_t last_scan_up_ms;
	int64_t described_up_ms; /* when sync was told how the machine is; 0: not yet */
	int64_t upkeep_up_ms;    /* when the journal was cared for last */
};

/* ---- events.c ---- */

/* Hands an event to flow (its `now` is filled in here) and carries out what follows; from within an effect it waits its turn. */
void rc_daemon__step(struct rc_daemon *daemon, const struct rc_flow_event *event);

/* A code was read in a frame. */
void rc_daemon__find(struct rc_daemon *daemon, const struct rc_scanner_find *find);

/* What the threads have to say. */
void rc_daemon__take_answers(struct rc_daemon *daemon);
void rc_daemon__take_reports(struct rc_daemon *daemon);

/* Reports wait in sync's queue while the recorder has no room for what they order: none is ever dropped. */
bool rc_daemon__can_take_reports(const struct rc_daemon *daemon);

/* Looks the room up again, when something there may have changed. */
void rc_daemon__refresh_place(struct rc_daemon *daemon);

/* States a fact of the machine itself; nobody waits for it. */
void rc_daemon__state_fact(struct rc_daemon *daemon, const char *kind, struct rc_bytes body);

/* ---- touches.c ---- */

/* A screen was touched; `context` is the daemon. */
void rc_daemon__take_touch(void *context, const struct rc_screen_touch *touch);

/* ---- clock.c ---- */

void rc_daemon__start_clock(struct rc_daemon *daemon);

/* States what happened to the clock, and keeps the time durably now and then. */
void rc_daemon__watch_clock(struct rc_daemon *daemon);

/* Takes up what an earlier run has kept of the time. */
void rc_daemon__resume_clock(struct rc_daemon *daemon, struct rc_journal *journal);

/* ---- enrolled.c ---- */

/* Opens what belongs to an identity: journal, presence. RC_ENOTFOUND: not enrolled. */
RC_CHECKED enum rc_status rc_daemon__open_identity(struct rc_daemon *daemon, struct rc_error *err);

/* The certificate was renewed: the same kiosk, perhaps in another room. */
void rc_daemon__take_renewal(struct rc_daemon *daemon);

/* ---- camera.c ---- */

/* Tells flow, and with it the screens, whether there is a camera by the settings. */
void rc_daemon__start_camera(struct rc_daemon *daemon);

/* RC_EUSAGE: the setting names no kind of camera that there is. */
RC_CHECKED enum rc_status rc_daemon__check_camera(const char *setting, struct rc_error *err);

/* Connects to the camera's feed if it is time, and watches the scanner. */
void rc_daemon__watch_camera(struct rc_daemon *daemon, int64_t up_ms);
int rc_daemon__camera_timeout_ms(const struct rc_daemon *daemon, int64_t up_ms);
void rc_daemon__close_camera(struct rc_daemon *daemon);

/* ---- status.c ---- */

/* Tells sync now and then how the machine is, for the status that the server gets. */
void rc_daemon__describe(struct rc_daemon *daemon, int64_t up_ms);

/* Answers the control socket. */
void rc_daemon__answer(void *context, struct rc_bytes line, struct rc_buf *answer);

#endif
