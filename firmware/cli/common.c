/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb begins and ends with. A program is one verb, so its settings are loaded once and stay. */
#include "firmware/cli/configuration.h"
#include "firmware/cli/verbs.h"

#include "shared/options/options.h"
#include "shared/settings/settings.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct rc_settings *settings;

int rc_kiosk__with_settings(const struct rc_options *options, int (*act)(const struct rc_options *options))
{
	struct rc_error err;
	enum rc_status status = rc_kiosk__configure(options, &settings, &err);
	int exit_status;

	if (status != RC_OK) {
		(void)rc_kiosk__failed(status, &err);
		return status == RC_EUSAGE ? RC_OPTIONS_EXIT_USAGE : RC_KIOSK__EXIT_CONFIGURATION;
	}
	exit_status = act(options);
	rc_settings_free(settings);
	settings = NULL;
	return exit_status;
}

const struct rc_settings *rc_kiosk__settings(void)
{
	return settings;
}

const char *rc_kiosk__data_folder(void)
{
	return rc_settings_text(settings, RC_KIOSK_SECTION, "data");
}

const char *rc_kiosk__run_folder(void)
{
	return rc_settings_text(settings, RC_KIOSK_SECTION, "run");
}

enum rc_status rc_kiosk__make_folder(const char *path, mode_t mode, struct rc_error *err)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return rc_fail_errno(err, errno, "%s", path);
	return access(path, W_OK) == 0 ? RC_OK : rc_fail_errno(err, errno, "%s", path);
}

int rc_kiosk__failed(enum rc_status status, const struct rc_error *err)
{
	fprintf(stderr, "rollcall-kiosk: %s\n", err->text);
	return rc_status_exit(status);
}

bool rc_kiosk__is_zh(void)
{
	return rc_options_language() == RC_OPTIONS_CHINESE;
}
