/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/cli/verbs.h"

#include "firmware/cli/configuration.h"
#include "firmware/daemon/daemon.h"
#include "shared/settings/settings.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS   120000

/* The scanner is installed beside this program. */
static enum rc_status find_scanner(char path[PATH_MAX], struct rc_error *err)
{
	ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (size < 0)
		return rc_fail_errno(err, errno, "/proc/self/exe");
	path[size] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) + sizeof("/rollcall-scanner") > PATH_MAX)
		return rc_fail(err, RC_EUSAGE, "name the scanner's program with --scanner");
	memcpy(slash, "/rollcall-scanner", sizeof("/rollcall-scanner"));
	return RC_OK;
}

static enum rc_status find_user(const char *name, uid_t *uid, struct rc_error *err)
{
	const struct passwd *user;

	*uid = geteuid();
	if (!name)
		return RC_OK;
	user = getpwnam(name);
	if (!user)
		return rc_fail(err, RC_EUSAGE, "no user %s", name);
	*uid = user->pw_uid;
	return RC_OK;
}

static enum rc_status run_daemon(struct rc_error *err)
{
	const struct rc_settings *settings = rc_kiosk__settings();
	const char *named_scanner = rc_settings_text(settings, RC_KIOSK_SECTION, "scanner");
	char scanner[PATH_MAX];
	struct rc_daemon_config config = {
	    .data_folder = rc_kiosk__data_folder(),
	    .run_folder = rc_kiosk__run_folder(),
	    .camera = rc_settings_text(settings, RC_KIOSK_SECTION, "camera"),
	    .scanner_program = named_scanner ? named_scanner : scanner,
	    .has_rtc = rc_settings_bool(settings, RC_KIOSK_SECTION, "rtc"),
	    .build_ms = RC_BUILD_S * INT64_C(1000),
	    .poll_ms = rc_settings_int(settings, RC_KIOSK_SECTION, "poll") * 1000,
	    .backoff_first_ms = BACKOFF_FIRST_MS,
	    .backoff_max_ms = BACKOFF_MAX_MS,
	};
	enum rc_status status = named_scanner ? RC_OK : find_scanner(scanner, err);

	if (status == RC_OK)
		status = find_user(rc_settings_text(settings, RC_KIOSK_SECTION, "screen_user"),
				   &config.screen_uid, err);
	if (status == RC_OK)
		status = rc_kiosk__make_folder(config.data_folder, 0700, err);
	if (status == RC_OK)
		status = rc_kiosk__make_folder(config.run_folder, 0755, err);
	(void)umask(0077); /* what the kiosk writes from here on is its own; sockets say who may connect */
	return status == RC_OK ? rc_daemon_run(&config, err) : status;
}

static int run(const struct rc_options *options)
{
	struct rc_error err;
	enum rc_status status = run_daemon(&err);
	int code;

	(void)options;
	if (status == RC_OK)
		return 0;
	/* A daemon finds nothing out: what keeps it from starting (an identity that can't be used) is how it was set up. */
	code = rc_kiosk__failed(status, &err);
	return code == rc_status_exit(RC_ENOTFOUND) ? RC_KIOSK__EXIT_CONFIGURATION : code;
}

int rc_kiosk_run(const struct rc_options *options)
{
	return rc_kiosk__with_settings(options, run);
}
