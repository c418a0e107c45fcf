/* SPDX-License-Identifier: Apache-2.0 */
/* `attendance SESSION`: the list, as the API gives it. */
#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "server/reports/attendance_list.h"
#include "shared/base/clock.h"

#define LIST_MAX_BYTES (64u * 1024u * 1024u)

static enum rc_status read_format(const char *name, enum rc_attendance_format *format,
				  struct rc_error *err)
{
	static const struct {
		const char *name;
		enum rc_attendance_format format;
	} formats[] = {
	    {"table", RC_ATTENDANCE_TABLE}, {"csv", RC_ATTENDANCE_CSV}, {"json", RC_ATTENDANCE_JSON}};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (name && strcmp(formats[i].name, name) != 0)
			continue;
		*format = formats[i].format; /* the first one, where none is named */
		return RC_OK;
	}
	return rc_fail(err, RC_EUSAGE, "--format: table, csv or json, not %s", name);
}

static enum rc_status attendance(const struct rc_cli_home *home, const struct rc_options *options,
				 struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf list;
	struct rc_attendance_request request = {
	    .session = options->operands[0],
	    .language = rc_options_language() == RC_OPTIONS_CHINESE ? RC_LANGUAGE_ZH : RC_LANGUAGE_EN,
	    .now_ms = rc_clock_now_ms(rc_clock_system()),
	};
	enum rc_status status = read_format(rc_options_text(options, "format"), &request.format, err);

	rc_buf_init(&list, LIST_MAX_BYTES);
	if (status == RC_OK)
		status = rc_attendance_list(home->db, &request, &list, err);
	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "there is no session %s", request.session);
	if (status == RC_OK && request.format == RC_ATTENDANCE_JSON)
		rc_buf_append_char(&list, '\n');
	return status == RC_OK ? rc_cli_print(&list, err) : status;
}

int rc_cli_attendance(const struct rc_options *options)
{
	return rc_cli_at_home(options, attendance);
}
