/* SPDX-License-Identifier: Apache-2.0 */
/* `config`: what the settings say, before a daemon is started with them. */
#include "firmware/cli/configuration.h"
#include "firmware/cli/verbs.h"

#include "shared/options/options.h"
#include "shared/settings/settings.h"

#include <errno.h>
#include <stdio.h>

#define TEXT_MAX_BYTES 65536u

static int print(struct rc_buf *text)
{
	struct rc_error err;
	enum rc_status status = rc_buf_status(text, &err);

	if (status == RC_OK && (fputs(rc_buf_text(text), stdout) < 0 || fflush(stdout) != 0))
		status = rc_fail_errno(&err, errno, "writing to stdout");
	rc_buf_deinit(text);
	return status == RC_OK ? 0 : rc_kiosk__failed(status, &err);
}

static int show(const struct rc_options *options)
{
	struct rc_buf text;

	rc_buf_init(&text, TEXT_MAX_BYTES);
	if (rc_options_has(options, "check"))
		rc_buf_printf(&text, "%s\n", rc_kiosk__is_zh() ? "设置无误" : "the settings are good");
	else
		rc_settings_show(rc_kiosk__settings(), &text);
	return print(&text);
}

static int print_table(const struct rc_options *options)
{
	struct rc_buf text;

	rc_buf_init(&text, TEXT_MAX_BYTES);
	if (rc_options_has(options, "sample"))
		rc_settings_sample(&rc_kiosk__settings_table, rc_kiosk__is_zh(), &text);
	else
		rc_settings_reference(&rc_kiosk__settings_table, &text);
	return print(&text);
}

int rc_kiosk_config(const struct rc_options *options)
{
	static const char *const wishes[] = {"check", "show", "sample", "reference"};
	struct rc_error err;
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		count += rc_options_has(options, wishes[i]);
	if (count > 1)
		return rc_kiosk__failed(
		    rc_fail(&err, RC_EUSAGE, "one of --check, --show, --sample and --reference"), &err);
	if (rc_options_has(options, "sample") || rc_options_has(options, "reference"))
		return print_table(options);
	return rc_kiosk__with_settings(options, show);
}
