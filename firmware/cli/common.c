/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/cli/verbs.h"

#include "shared/options/options.h"

#include <stdio.h>

const char *rc_kiosk__data_folder(const struct rc_options *options)
{
	const char *folder = rc_options_text(options, "data");

	return folder ? folder : "/var/lib/rollcall-kiosk";
}

const char *rc_kiosk__run_folder(const struct rc_options *options)
{
	const char *folder = rc_options_text(options, "run");

	return folder ? folder : "/run/rollcall";
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
