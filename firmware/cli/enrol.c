/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment from a command line: handed to the daemon where one runs, done here where none does. */
#include "firmware/cli/verbs.h"

#include "firmware/daemon/control.h"
#include "firmware/sync/sync.h"
#include "shared/json/json.h"
#include "shared/options/options.h"

#include <limits.h>
#include <stdio.h>

#define ANSWER_MAX_BYTES 4096u

/* Without a journal nobody knows a better time than the clock and this program's own age. */
static int64_t now_ms(void *context)
{
	int64_t system_ms = rc_clock_now_ms(rc_clock_system());

	(void)context;
	return system_ms > RC_BUILD_S * INT64_C(1000) ? system_ms : RC_BUILD_S * INT64_C(1000);
}

static int enrol_here(const struct rc_enrol_code *code)
{
	char folder[PATH_MAX];
	struct rc_sync_config config = {
	    .identity_folder = folder, .clock = rc_clock_system(), .certificate_now_ms = now_ms};
	struct rc_identity identity;
	char id[RC_ID_CHARS + 1];
	struct rc_error err;
	enum rc_status status;

	(void)snprintf(folder, sizeof(folder), "%s/identity", rc_kiosk__data_folder());
	/* Before the server is asked: a code works once, and an answer that can't be kept would waste it. */
	status = rc_kiosk__make_folder(rc_kiosk__data_folder(), 0700, &err);
	if (status == RC_OK)
		status = rc_sync_enrol_now(&config, code, &identity, &err);
	if (status != RC_OK)
		return rc_kiosk__failed(status, &err);
	rc_id_format(&identity.kiosk, id);
	printf(rc_kiosk__is_zh() ? "已注册：%s\n" : "enrolled: %s\n", id);
	rc_identity_deinit(&identity);
	return 0;
}

/* {"ok":true}, or why not. */
static enum rc_status check_answer(struct rc_bytes answer, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	char reason[160] = "";
	bool is_ok = false;
	enum rc_status status = rc_json_parse(answer, &json, err);

	if (status == RC_OK)
		status = rc_json_get_bool(rc_json_root(json), "ok", &is_ok, err);
	if (status != RC_OK || is_ok)
		return status;
	rc_status_ignore(
	    rc_json_get_text_optional(rc_json_root(json), "error", reason, sizeof(reason), NULL));
	return rc_fail(err, RC_EDENIED, "the kiosk refused: %s", reason);
}

static enum rc_status hand_over(const char *code, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf line, answer;
	char path[PATH_MAX];
	enum rc_status status;

	rc_buf_init(&line, ANSWER_MAX_BYTES);
	rc_buf_init(&answer, ANSWER_MAX_BYTES);
	(void)snprintf(path, sizeof(path), "%s/control.sock", rc_kiosk__run_folder());
	rc_json_open(&line, '{');
	rc_json_member_text(&line, "verb", "enrol");
	rc_json_member_text(&line, "code", code);
	rc_json_close(&line, '}');
	status = rc_buf_status(&line, err);
	if (status == RC_OK)
		status = rc_control_ask(path, rc_buf_text(&line), &answer, err);
	return status == RC_OK ? check_answer(rc_buf_bytes(&answer), err) : status;
}

static int enrol(const struct rc_options *options)
{
	struct rc_payload payload;
	struct rc_error err;
	enum rc_status status;

	rc_payload_read(rc_bytes_of_text(options->operands[0]), &payload);
	if (payload.class != RC_PAYLOAD_RCE1) {
		(void)rc_fail(
		    &err, RC_EUSAGE, "that is no enrolment code (RCE1:…; spaces belong to it, so put it in single quotes)");
		return rc_kiosk__failed(RC_EUSAGE, &err);
	}
	status = hand_over(options->operands[0], &err);
	if (status == RC_ENOTFOUND)
		return enrol_here(&payload.enrol);
	if (status != RC_OK)
		return rc_kiosk__failed(status, &err);
	printf("%s\n", rc_kiosk__is_zh() ? "已交给签到机，结果见屏幕或 status"
					 : "handed to the kiosk: see its screen or `status`");
	return 0;
}

int rc_kiosk_enrol(const struct rc_options *options)
{
	return rc_kiosk__with_settings(options, enrol);
}
