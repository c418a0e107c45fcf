/* SPDX-License-Identifier: Apache-2.0 */
/* `config`: what the settings file says, before a server is started with it. Needs no data folder. */
#include "server/cli/home.h"
#include "server/cli/listeners.h"
#include "server/cli/verbs.h"

#include <stdio.h>

#define TEXT_MAX_BYTES 65536u

/* What needs no file. False if that isn't wanted. */
static bool write_table(const struct rc_options *options, struct rc_buf *text)
{
	if (rc_options_has(options, "sample"))
		rc_settings_sample(&rc_listen_settings, rc_options_language() == RC_OPTIONS_CHINESE, text);
	else if (rc_options_has(options, "reference"))
		rc_settings_reference(&rc_listen_settings, text);
	else
		return false;
	return true;
}

static enum rc_status write_settings(const struct rc_options *options, struct rc_buf *text,
				     struct rc_error *err)
{
	RC_AUTO(rc_settings_free_p) struct rc_settings *settings = NULL;
	enum rc_status status = rc_settings_open(&rc_listen_settings, rc_options_text(options, "config"),
						 RC_LISTEN_SETTINGS_FILE, &settings, err);

	if (status == RC_OK)
		status = rc_listen_settings_check(settings, err);
	if (status != RC_OK)
		return status;
	if (rc_options_has(options, "check"))
		rc_buf_printf(text, "%s\n", RC_CLI_TEXT("the settings are good", "设置无误"));
	else
		rc_settings_show(settings, text);
	return RC_OK;
}

int rc_cli_config(const struct rc_options *options)
{
	static const char *const wishes[] = {"check", "show", "sample", "reference"};
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	struct rc_error err = {.text = ""};
	enum rc_status status = RC_OK;
	unsigned count = 0;

	rc_buf_init(&text, TEXT_MAX_BYTES);
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		count += rc_options_has(options, wishes[i]);
	if (count > 1)
		return rc_cli_end(
		    rc_fail(&err, RC_EUSAGE, "one of --check, --show, --sample and --reference"), &err);
	if (!write_table(options, &text))
		status = write_settings(options, &text, &err);
	if (status != RC_OK)
		return rc_cli_end_configuration(status, &err);
	return rc_cli_end(rc_cli_print(&text, &err), &err);
}
