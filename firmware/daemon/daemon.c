/* SPDX-License-Identifier: Apache-2.0 */
/* Life and loop. Whatever can wait is waited for in one poll; nothing else blocks the door. */
#include "firmware/daemon/daemon_priv.h"

#include "firmware/picture/picture.h"
#include "shared/base/log.h"
#include "shared/base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define QUIET_MS                                                                                   \
	INT64_C(20000) /* nobody at the door for so long: the disk may be busy for a moment */
#define UPKEEP_MS INT64_C(60000) /* how often the journal is cared for then */

/* ---- upkeep ---- */

static void care_for_journal(struct rc_daemon *daemon, int64_t up_ms)
{
	struct rc_clock_reading now = rc_clock_read(daemon->clock);
	struct statvfs disk;
	int64_t free_bytes = INT64_MAX;

	if (!daemon->recorder || up_ms - daemon->last_scan_up_ms < QUIET_MS ||
	    up_ms - daemon->upkeep_up_ms < UPKEEP_MS)
		return;
	daemon->upkeep_up_ms = up_ms;
	if (statvfs(daemon->config.data_folder, &disk) == 0)
		free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	if (rc_recorder_upkeep(daemon->recorder, now.source == RC_CLOCK_NONE ? 0 : now.at_ms,
			       free_bytes) != RC_OK)
		rc_log(RC_LOG_WARNING, "the recorder has too much to do", NULL);
}

/* ---- the loop ---- */

static int shorter(int a, int b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int wait_ms(const struct rc_daemon *daemon, const struct rc_clock_reading *now)
{
	int64_t due_ms = rc_flow_due(&daemon->flow, now) - now->up_ms;
	int timeout =
	    shorter(due_ms < 0 ? 0 : (int)due_ms, rc_daemon__camera_timeout_ms(daemon, now->up_ms));

	return shorter(timeout, 1000); /* the clock is watched at least once a second */
}

static void take_signal(struct rc_daemon *daemon)
{
	struct signalfd_siginfo info;

	if (read(daemon->signals_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		daemon->is_stopping = true;
}

static void turn(struct rc_daemon *daemon)
{
	struct rc_flow_event tick = {.kind = RC_FLOW_TICK};
	struct pollfd polls[4 + RC_SCREEN_SOCKET_POLLS_MAX + RC_CONTROL_POLLS_MAX];
	struct rc_clock_reading now = rc_clock_read(daemon->clock);
	struct pollfd *screens = &polls[4];
	size_t screen_count, control_count;
	int64_t up_ms;

	polls[0] = (struct pollfd){.fd = daemon->signals_fd, .events = POLLIN};
	polls[1] = (struct pollfd){
	    .fd = daemon->recorder ? rc_recorder_descriptor(daemon->recorder) : -1, .events = POLLIN};
	polls[2] = (struct pollfd){
	    .fd = rc_daemon__can_take_reports(daemon) ? rc_sync_descriptor(daemon->sync) : -1,
	    .events = POLLIN};
	polls[3] = (struct pollfd){.fd = daemon->scanner ? rc_scanner_fd(daemon->scanner) : -1,
				   .events = POLLIN};
	screen_count = rc_screen_socket_polls(daemon->screens, screens);
	control_count = rc_control_polls(daemon->control, screens + screen_count);
	if (poll(polls, 4 + screen_count + control_count, wait_ms(daemon, &now)) < 0)
		return; /* a signal; everything is looked at again */
	up_ms = rc_clock_up_ms(daemon->clock);
	rc_notify_watchdog_beat(&daemon->watchdog, up_ms);
	if (polls[0].revents)
		take_signal(daemon);
	rc_daemon__watch_camera(daemon, up_ms);
	rc_daemon__take_answers(daemon);
	rc_daemon__take_reports(daemon);
	rc_screen_socket_handle(daemon->screens, screens, screen_count, rc_daemon__take_touch, daemon);
	rc_control_handle(daemon->control, screens + screen_count, control_count, up_ms);
	rc_daemon__watch_clock(daemon);
	if (rc_clock_now_ms(daemon->clock) / RC_MINUTE_MS != daemon->place_minute)
		rc_daemon__refresh_place(daemon);
	rc_daemon__step(daemon, &tick);
	care_for_journal(daemon, up_ms);
	rc_daemon__describe(daemon, up_ms);
}

/* ---- life ---- */

static enum rc_status make_folder(const char *parent, const char *name, char path[PATH_MAX],
				  struct rc_error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", parent, name) >= PATH_MAX)
		return rc_fail(err, RC_EUSAGE, "path %s is too long", parent);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return rc_fail_errno(err, errno, "%s", path);
	return RC_OK;
}

/* One daemon a data folder, from before there is a journal that would say so. Held until the process ends. */
static enum rc_status lock_folder(struct rc_daemon *daemon, struct rc_error *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/kiosk.lock", daemon->config.data_folder) >= (int)sizeof(path))
		return rc_fail(err, RC_EUSAGE, "path %s is too long", daemon->config.data_folder);
	daemon->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (daemon->lock_fd < 0)
		return rc_fail_errno(err, errno, "%s", path);
	if (flock(daemon->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return rc_fail(err, RC_EBUSY, "another kiosk runs in %s", daemon->config.data_folder);
	return RC_OK;
}

static enum rc_status open_signals(struct rc_daemon *daemon, struct rc_error *err)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	/* Threads that start later inherit this mask: signals come to the loop alone. A closed pipe and a file that may not grow are
	 * errors of the call that met them. */
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return rc_fail_errno(err, errno, "signals");
	daemon->signals_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return daemon->signals_fd >= 0 ? RC_OK : rc_fail_errno(err, errno, "signalfd");
}

static enum rc_status open_sockets(struct rc_daemon *daemon, struct rc_error *err)
{
	char path[PATH_MAX];
	enum rc_status status = rc_picture_create(&daemon->picture_fd, err);

	if (status == RC_OK)
		status = rc_picture_open_reader_fd(daemon->picture_fd, &daemon->picture_reader_fd, err);
	(void)snprintf(path, sizeof(path), "%s/screen.sock", daemon->config.run_folder);
	if (status == RC_OK)
		status = rc_screen_socket_open(path, daemon->config.screen_uid,
					       daemon->picture_reader_fd, &daemon->screens, err);
	(void)snprintf(path, sizeof(path), "%s/control.sock", daemon->config.run_folder);
	if (status == RC_OK)
		status = rc_control_open(path, rc_daemon__answer, daemon, &daemon->control, err);
	return status;
}

static enum rc_status open_clock(struct rc_daemon *daemon, struct rc_error *err)
{
	const struct rc_anchor_config config = {.system = rc_clock_system(),
						.has_rtc = daemon->config.has_rtc,
						.build_ms = daemon->config.build_ms};

	daemon->anchor = rc_anchor_new(&config);
	if (!daemon->anchor)
		return rc_fail(err, RC_ENOMEM, "no memory for the clock");
	daemon->clock = rc_anchor_clock(daemon->anchor);
	rc_daemon__start_clock(daemon);
	return RC_OK;
}

static int64_t certificate_ms(void *context)
{
	return rc_anchor_certificate_ms(context);
}

static enum rc_status start_sync(struct rc_daemon *daemon, struct rc_error *err)
{
	const struct rc_sync_config config = {
	    .identity_folder = daemon->identity_folder,
	    .journal_folder = daemon->config.data_folder,
	    .roster_folder = daemon->roster_folder,
	    .clock = daemon->clock,
	    .certificate_now_ms = certificate_ms,
	    .context = daemon->anchor,
	    .poll_ms = daemon->config.poll_ms,
	    .backoff_first_ms = daemon->config.backoff_first_ms,
	    .backoff_max_ms = daemon->config.backoff_max_ms,
	};

	return rc_sync_start(&config, &daemon->sync, err);
}

static enum rc_status open_all(struct rc_daemon *daemon, struct rc_error *err)
{
	enum rc_status status = open_signals(daemon, err);

	if (snprintf(daemon->identity_folder, PATH_MAX, "%s/identity", daemon->config.data_folder) >= PATH_MAX)
		return rc_fail(err, RC_EUSAGE, "path %s is too long", daemon->config.data_folder);
	if (status == RC_OK)
		status = lock_folder(daemon, err);
	if (status == RC_OK)
		status = rc_daemon__check_camera(daemon->config.camera, err);
	if (status == RC_OK)
		status = make_folder(daemon->config.data_folder, "roster", daemon->roster_folder, err);
	if (status == RC_OK)
		status = open_clock(daemon, err);
	if (status == RC_OK)
		status = rc_roster_open(daemon->roster_folder, &daemon->lookup.roster, err);
	daemon->presence = rc_presence_new();
	daemon->lookup.presence = daemon->presence;
	if (status == RC_OK && !daemon->presence)
		status = rc_fail(err, RC_ENOMEM, "no memory for presence");
	rc_random(daemon->lookup.digest_key, sizeof(daemon->lookup.digest_key));
	if (status == RC_OK)
		status = open_sockets(daemon, err);
	if (status == RC_OK) {
		status = rc_daemon__open_identity(daemon, err);
		status = status == RC_ENOTFOUND ? RC_OK : status; /* not enrolled: the screen asks for a code */
	}
	return status == RC_OK ? start_sync(daemon, err) : status;
}

static void close_all(struct rc_daemon *daemon)
{
	rc_daemon__close_camera(daemon);
	rc_sync_stop(daemon->sync);
	rc_recorder_stop(daemon->recorder);
	rc_control_close(daemon->control);
	rc_screen_socket_close(daemon->screens);
	rc_roster_close(daemon->lookup.roster);
	rc_presence_free(daemon->presence);
	rc_identity_deinit(&daemon->identity);
	rc_anchor_free(daemon->anchor);
	if (daemon->signals_fd >= 0)
		(void)close(daemon->signals_fd);
	if (daemon->lock_fd >= 0)
		(void)close(daemon->lock_fd);
	if (daemon->picture_fd >= 0)
		(void)close(daemon->picture_fd);
	if (daemon->picture_reader_fd >= 0)
		(void)close(daemon->picture_reader_fd);
}

static bool is_finished(const struct rc_daemon *daemon)
{
	return daemon->is_stopping ||
	       (daemon->recorder && rc_recorder_state(daemon->recorder).is_failed);
}

enum rc_status rc_daemon_run(const struct rc_daemon_config *config, struct rc_error *err)
{
	struct rc_daemon *daemon =
	    calloc(1, sizeof(*daemon)); /* some hundred KiB: all that the scan path uses */
	enum rc_status status;

	if (!daemon)
		return rc_fail(err, RC_ENOMEM, "no memory for the daemon");
	daemon->config = *config;
	daemon->lock_fd = daemon->picture_fd = daemon->picture_reader_fd = daemon->feed_fd =
	    daemon->signals_fd = -1;
	daemon->has_camera = true; /* its absence will be said */
	rc_notify_watchdog_init(&daemon->watchdog);
	rc_identity_init(&daemon->identity);
	rc_flow_init(&daemon->flow);
	status = open_all(daemon, err);
	if (status == RC_OK) {
		rc_log(RC_LOG_NOTICE, "ready", "version", RC_VERSION, "enrolled",
		       daemon->is_enrolled ? "yes" : "no", NULL);
		rc_notify_tell(RC_NOTIFY_READY);
		rc_daemon__start_camera(daemon);
		rc_lookup_refresh(&daemon->lookup);
		rc_daemon__refresh_place(daemon);
		while (!is_finished(daemon))
			turn(daemon);
		if (!daemon->is_stopping)
			status = rc_fail(err, RC_EIO, "the journal can't be written any more");
		rc_notify_tell(RC_NOTIFY_STOPPING);
	}
	close_all(daemon);
	free(daemon);
	return status;
}
