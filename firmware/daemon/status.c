/* SPDX-License-Identifier: Apache-2.0 */
/* What `rollcall-kiosk status` shows, and the verbs that ask the running daemon for something. */
#include "firmware/daemon/daemon_priv.h"

#include "shared/base/cleanup.h"
#include "shared/json/json.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *const scanner_states[] = {
    [RC_SCANNER_RUNNING] = "running",
    [RC_SCANNER_WAITING] = "waiting",
    [RC_SCANNER_ENDED] = "ended",
};

static const char *const camera_states[] = {
    [RC_FLOW_CAMERA_OK] = "ok",
    [RC_FLOW_CAMERA_AWAY] = "away",
    [RC_FLOW_CAMERA_NONE] = "none",
};

#define DESCRIBE_MS INT64_C(5000) /* the server hears of it with the next contact */
#define TEMPERATURE                                                                                \
	"/sys/class/thermal/thermal_zone0/temp" /* thousandths of a degree, where the board tells */
#define TEMPERATURE_MAX 32u

static int64_t free_bytes(const char *folder)
{
	struct statvfs disk;

	return statvfs(folder, &disk) == 0 ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize
					   : RC_DEVICE_STATUS_UNKNOWN;
}

static int64_t temperature_mc(void)
{
	RC_AUTO(rc_close_p) int fd = open(TEMPERATURE, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[TEMPERATURE_MAX + 1];
	ssize_t size = fd >= 0 ? read(fd, text, TEMPERATURE_MAX) : -1;
	char *end;
	long long value;

	if (size <= 0)
		return RC_DEVICE_STATUS_NO_TEMPERATURE;
	text[size] = '\0';
	value = strtoll(text, &end, 10);
	return end == text || value < RC_DEVICE_STATUS_COLDEST_MC || value > RC_DEVICE_STATUS_HOTTEST_MC
		   ? RC_DEVICE_STATUS_NO_TEMPERATURE
		   : value;
}

void rc_daemon__describe(struct rc_daemon *daemon, int64_t up_ms)
{
	struct rc_device_status status;

	if (daemon->described_up_ms > 0 && up_ms - daemon->described_up_ms < DESCRIBE_MS)
		return;
	daemon->described_up_ms = up_ms;
	rc_device_status_init(&status);
	status.disk_free_bytes = free_bytes(daemon->config.data_folder);
	status.temperature_mc = temperature_mc();
	status.screens = (int64_t)rc_screen_socket_client_count(daemon->screens);
	(void)rc_text_copy(daemon->feed_fd < 0 || !daemon->scanner
			       ? "none"
			       : scanner_states[rc_scanner_state(daemon->scanner)],
			   status.camera, sizeof(status.camera));
	rc_sync_describe(daemon->sync, &status);
}

static void put_journal(const struct rc_daemon *daemon, struct rc_buf *json)
{
	struct rc_recorder_state state;
	char epoch[RC_FACT_EPOCH_CHARS + 1];

	if (!daemon->recorder)
		return;
	state = rc_recorder_state(daemon->recorder);
	rc_fact_epoch_format(state.head.epoch, epoch);
	rc_json_append_key(json, "journal");
	rc_json_open(json, '{');
	rc_json_member_text(json, "epoch", epoch);
	rc_json_member_int(json, "seq", state.head.seq);
	rc_json_member_int(json, "acknowledged", state.acknowledged.seq);
	rc_json_member_int(json, "waiting", state.unacknowledged);
	rc_json_member_bool(json, "failed", state.is_failed);
	rc_json_member_bool(json, "disk_full", state.is_disk_full);
	rc_json_close(json, '}');
}

static void put_clock(const struct rc_daemon *daemon, struct rc_buf *json)
{
	struct rc_clock_reading now = rc_clock_read(daemon->clock);

	rc_json_append_key(json, "clock");
	rc_json_open(json, '{');
	rc_json_member_time(json, "at", now.at_ms);
	rc_json_member_text(json, "source", rc_clock_source_text(now.source));
	if (now.error_ms != RC_CLOCK_ERROR_UNKNOWN)
		rc_json_member_int(json, "error_ms", now.error_ms);
	rc_json_close(json, '}');
}

static void put_scanner(const struct rc_daemon *daemon, struct rc_buf *json)
{
	rc_json_append_key(json, "scanner");
	rc_json_open(json, '{');
	rc_json_member_bool(json, "camera", daemon->feed_fd >= 0);
	rc_json_member_text(json, "camera_state",
			    camera_states[rc_flow_current_view(&daemon->flow)->camera]);
	if (daemon->scanner) {
		rc_json_member_text(json, "state", scanner_states[rc_scanner_state(daemon->scanner)]);
		rc_json_member_int(json, "starts", (int64_t)rc_scanner_starts(daemon->scanner));
		rc_json_member_int(json, "pid", rc_scanner_pid(daemon->scanner));
	}
	rc_json_close(json, '}');
}

static void put_status(const struct rc_daemon *daemon, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_text(json, "version", RC_VERSION);
	rc_json_member_bool(json, "enrolled", daemon->is_enrolled);
	if (daemon->is_enrolled) {
		rc_json_member_id(json, "kiosk", &daemon->identity.kiosk);
		rc_json_member_text(json, "server", daemon->identity.url);
		rc_json_member_text(json, "room", daemon->place.room);
	}
	rc_json_member_bool(json, "connected", daemon->is_connected);
	if (daemon->last_contact_ms > 0)
		rc_json_member_time(json, "last_contact", daemon->last_contact_ms);
	rc_json_member_int(json, "roster_n", rc_roster_n(daemon->lookup.roster));
	put_journal(daemon, json);
	put_clock(daemon, json);
	put_scanner(daemon, json);
	rc_json_member_int(json, "screens", (int64_t)rc_screen_socket_client_count(daemon->screens));
	rc_json_close(json, '}');
}

static void put_refusal(struct rc_buf *json, const char *reason)
{
	rc_json_open(json, '{');
	rc_json_member_bool(json, "ok", false);
	rc_json_member_text(json, "error", reason);
	rc_json_close(json, '}');
}

static void answer_enrol(struct rc_daemon *daemon, const struct rc_json_value *request,
			 struct rc_buf *json)
{
	char text[RC_ENROL_TEXT_MAX_CHARS + 1];
	struct rc_payload payload = {.class = RC_PAYLOAD_FOREIGN};
	struct rc_error err;

	if (rc_json_get_text(request, "code", text, sizeof(text), &err) == RC_OK)
		rc_payload_read(rc_bytes_of_text(text), &payload);
	if (payload.class != RC_PAYLOAD_RCE1) {
		put_refusal(json, "that is no enrolment code");
		return;
	}
	rc_sync_enrol(daemon->sync, &payload.enrol);
	rc_wipe(&payload, sizeof(payload));
	rc_json_open(json, '{');
	rc_json_member_bool(json, "ok", true);
	rc_json_close(json, '}');
}

void rc_daemon__answer(void *context, struct rc_bytes line, struct rc_buf *answer)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	struct rc_daemon *daemon = context;
	char verb[16] = "";
	struct rc_error err;

	if (rc_json_parse_within(line, RC_CONTROL_LINE_MAX_BYTES, 4, &json, &err) != RC_OK ||
	    rc_json_get_text(rc_json_root(json), "verb", verb, sizeof(verb), &err) != RC_OK)
		put_refusal(answer, err.text);
	else if (strcmp(verb, "status") == 0)
		put_status(daemon, answer);
	else if (strcmp(verb, "enrol") == 0)
		answer_enrol(daemon, rc_json_root(json), answer);
	else
		put_refusal(answer, "no such verb");
}
