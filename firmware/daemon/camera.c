/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The camera: a device or a feed's socket that is opened again whenever it is gone, and the scanner process that reads from it. It
 * is there when frames come from it. A camera that is absent is a fact once, not a line in the log every second; the screens hear
 * of it with the fact.
 */
#include "firmware/daemon/daemon_priv.h"

#include "firmware/scanner/camera.h"
#include "shared/base/log.h"
#include "shared/facts_gen/kinds.h"

#include <stdio.h>
#include <unistd.h>

#define NO_CAMERA "none"
#define RETRY_MS  INT64_C(500)
#define RETRY_FAILED_MS                                                                            \
	INT64_C(5000) /* one that was opened and then failed: each try costs a process */

#define SILENT_MS                                                                                  \
	INT64_C(8000) /* scanners that die before they say anything: longer than one takes to start */

static void tell_screens(struct rc_daemon *daemon, enum rc_flow_camera camera)
{
	const struct rc_flow_event event = {.kind = RC_FLOW_CAMERA, .camera = camera};

	rc_daemon__step(daemon, &event);
}

static void state_camera(struct rc_daemon *daemon, bool has_camera, const char *state)
{
	struct rc_fact_device_changed fact = {.device = "camera"};
	char memory[128];
	struct rc_buf body;

	if (daemon->has_camera == has_camera)
		return;
	daemon->has_camera = has_camera;
	rc_log(RC_LOG_NOTICE, has_camera ? "the camera is there" : "the camera is gone", "camera",
	       daemon->config.camera, NULL);
	tell_screens(daemon, has_camera ? RC_FLOW_CAMERA_OK : RC_FLOW_CAMERA_AWAY);
	(void)snprintf(fact.state, sizeof(fact.state), "%s", state);
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_device_changed_encode(&fact, &body);
	rc_daemon__state_fact(daemon, RC_FACT_KIND_DEVICE_CHANGED, rc_buf_bytes(&body));
}

void rc_daemon__start_camera(struct rc_daemon *daemon)
{
	if (strcmp(daemon->config.camera, NO_CAMERA) == 0)
		tell_screens(daemon, RC_FLOW_CAMERA_NONE);
}

enum rc_status rc_daemon__check_camera(const char *setting, struct rc_error *err)
{
	const char *source;
	int fd = -1;
	enum rc_status status;

	if (strcmp(setting, NO_CAMERA) == 0)
		return RC_OK;
	status = rc_scanner_open_camera(setting, &source, &fd, err);
	if (fd >= 0)
		(void)close(fd);
	return status == RC_EUSAGE ? status : RC_OK; /* one that isn't there yet is waited for */
}

static bool start_scanner(struct rc_daemon *daemon, const char *source, int64_t up_ms)
{
	const struct rc_scanner_start start = {
	    .program = daemon->config.scanner_program,
	    .source = source,
	    .source_fd = daemon->feed_fd,
	    .picture_fd = daemon->picture_fd,
	};
	struct rc_error err;

	daemon->camera_heard_up_ms = up_ms;
	if (daemon->scanner) {
		rc_scanner_restart(daemon->scanner, daemon->feed_fd, up_ms);
		return true;
	}
	if (rc_scanner_open(&start, up_ms, &daemon->scanner, &err) == RC_OK)
		return true;
	rc_log_failure("the scanner can't be started", &err);
	return false;
}

static void try_feed(struct rc_daemon *daemon, int64_t up_ms)
{
	const char *source;

	if (up_ms < daemon->feed_retry_up_ms || strcmp(daemon->config.camera, NO_CAMERA) == 0)
		return;
	daemon->feed_retry_up_ms = up_ms + RETRY_MS;
	if (rc_scanner_open_camera(daemon->config.camera, &source, &daemon->feed_fd, NULL) != RC_OK) {
		state_camera(daemon, false, "absent");
		return;
	}
	if (start_scanner(daemon, source, up_ms))
		return;
	(void)close(daemon->feed_fd); /* both are tried again */
	daemon->feed_fd = -1;
}

static void take_line(void *context, const struct rc_scanner_line *line)
{
	struct rc_daemon *daemon = context;

	daemon->camera_heard_up_ms = rc_clock_read(daemon->clock).up_ms;
	if (line->kind == RC_SCANNER_LINE_END) {
		rc_log(RC_LOG_NOTICE, "the camera has ended", "reason",
		       rc_scanner_end_text(line->end), NULL);
		daemon->has_camera_failed = line->end != RC_SCANNER_END_ENDED;
		if (daemon->has_camera_failed)
			state_camera(daemon, false, "failed");
		return;
	}
	if (line->frame > 0)
		state_camera(daemon, true, "ok");
	if (line->kind == RC_SCANNER_LINE_FIND)
		rc_daemon__find(daemon, &line->find);
}

void rc_daemon__watch_camera(struct rc_daemon *daemon, int64_t up_ms)
{
	if (daemon->scanner)
		rc_scanner_handle(daemon->scanner, up_ms, take_line, daemon);
	if (daemon->feed_fd >= 0 && daemon->scanner &&
	    rc_scanner_state(daemon->scanner) == RC_SCANNER_ENDED) {
		(void)close(daemon->feed_fd);
		daemon->feed_fd = -1;
		daemon->feed_retry_up_ms =
		    up_ms + (daemon->has_camera_failed ? RETRY_FAILED_MS : RETRY_MS);
	}
	if (daemon->feed_fd < 0)
		try_feed(daemon, up_ms);
	else if (up_ms - daemon->camera_heard_up_ms >= SILENT_MS)
		state_camera(daemon, false, "failed");
}

int rc_daemon__camera_timeout_ms(const struct rc_daemon *daemon, int64_t up_ms)
{
	int64_t retry_ms = daemon->feed_retry_up_ms > up_ms ? daemon->feed_retry_up_ms - up_ms : 0;

	if (daemon->feed_fd < 0)
		return (int)retry_ms;
	return daemon->scanner ? rc_scanner_timeout_ms(daemon->scanner, up_ms) : (int)RETRY_MS;
}

void rc_daemon__close_camera(struct rc_daemon *daemon)
{
	rc_scanner_close(daemon->scanner);
	if (daemon->feed_fd >= 0)
		(void)close(daemon->feed_fd);
}
