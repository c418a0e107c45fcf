/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/cli/configuration.h"

#include "shared/options/options.h"
#include "shared/settings/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS_FILE "/etc/rollcall/kiosk.conf"
#define ORIGIN        "command line"

static const struct rc_setting_key keys[] = {
    {.section = RC_KIOSK_SECTION,
     .name = "data",
     .type = RC_SETTING_PATH,
     .default_value = "/var/lib/rollcall-kiosk",
     .help_en = "the kiosk's data folder",
     .help_zh = "数据目录"},
    {.section = RC_KIOSK_SECTION,
     .name = "run",
     .type = RC_SETTING_PATH,
     .default_value = "/run/rollcall",
     .help_en = "the folder of its sockets",
     .help_zh = "套接字目录"},
    {.section = RC_KIOSK_SECTION,
     .name = "camera",
     .type = RC_SETTING_TEXT,
     .max = 120,
     .default_value = "none",
     .help_en = "v4l2:/dev/video0 (a camera), feed:PATH (pictures from a socket) or none",
     .help_zh = "v4l2:/dev/video0（摄像头）、feed:路径（从套接字取画面）或 none"},
    {.section = RC_KIOSK_SECTION,
     .name = "scanner",
     .type = RC_SETTING_PATH,
     .help_en = "rollcall-scanner; without it, the one beside rollcall-kiosk",
     .help_zh = "rollcall-scanner 的路径；默认与 rollcall-kiosk 同目录"},
    {.section = RC_KIOSK_SECTION,
     .name = "screen_user",
     .type = RC_SETTING_TEXT,
     .max = 32,
     .help_en = "the user the screen runs as, if another one",
     .help_zh = "屏幕程序的用户，若与签到机不同"},
    {.section = RC_KIOSK_SECTION,
     .name = "poll",
     .type = RC_SETTING_INT,
     .min = 1,
     .max = 600,
     .default_value = "30",
     .unit = "s",
     .help_en =
	 "how often the server hears from the kiosk when nothing happens; changes come at once",
     .help_zh = "无事时多久联系一次服务器；更新即时到达"},
    {.section = RC_KIOSK_SECTION,
     .name = "rtc",
     .type = RC_SETTING_BOOL,
     .default_value = "no",
     .help_en = "this board has a battery-backed clock",
     .help_zh = "本机有带电池的时钟"},
};
const struct rc_settings_table rc_kiosk__settings_table = {keys, sizeof(keys) / sizeof(keys[0])};

/* Which option of the command line goes before which key. */
static const struct {
	const char *option, *key;
	bool is_path;
} overrides[] = {
    {"data", "data", true},
    {"run", "run", true},
    {"scanner", "scanner", true},
    {"camera", "camera", false},
    {"screen-user", "screen_user", false},
    {"poll", "poll", false},
    {"rtc", "rtc", false},
};

/* The verb at hand has some of the options only. */
static const char *given(const struct rc_options *options, const char *name)
{
	const struct rc_verb *verb = options->verb;

	for (size_t i = 0; i < options->program->option_count; i++) {
		if (strcmp(options->program->options[i].name, name) == 0)
			return rc_options_text(options, name);
	}
	for (size_t i = 0; i < verb->option_count; i++) {
		if (strcmp(verb->options[i].name, name) != 0)
			continue;
		if (verb->options[i].type == RC_OPTION_FLAG)
			return rc_options_has(options, name) ? "yes" : NULL;
		return rc_options_has(options, name)
			   ? options->values[options->program->option_count + i]
			   : NULL;
	}
	return NULL;
}

/* A path on the command line is taken from where the user stands; in a file it is absolute. */
static enum rc_status set_path(struct rc_settings *settings, const char *key, const char *value,
			       struct rc_error *err)
{
	char path[PATH_MAX], here[PATH_MAX];

	if (value[0] == '/')
		return rc_settings_set(settings, RC_KIOSK_SECTION, key, value, ORIGIN, err);
	if (!getcwd(here, sizeof(here)))
		return rc_fail_errno(err, errno, "the folder you are in");
	if (snprintf(path, sizeof(path), "%s/%s", here, value) >= (int)sizeof(path))
		return rc_fail(err, RC_EUSAGE, "path %s is too long", value);
	return rc_settings_set(settings, RC_KIOSK_SECTION, key, path, ORIGIN, err);
}

static enum rc_status lay_over(const struct rc_options *options, struct rc_settings *settings,
			       struct rc_error *err)
{
	for (size_t i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++) {
		const char *value = given(options, overrides[i].option);
		enum rc_status status;

		if (!value)
			continue;
		status = overrides[i].is_path ? set_path(settings, overrides[i].key, value, err)
					      : rc_settings_set(settings, RC_KIOSK_SECTION,
								overrides[i].key, value, ORIGIN, err);
		if (status != RC_OK)
			return rc_error_in(err, status, "--%s", overrides[i].option);
	}
	return RC_OK;
}

enum rc_status rc_kiosk__configure(const struct rc_options *options, struct rc_settings **settings,
				   struct rc_error *err)
{
	struct rc_settings *loaded = NULL;
	enum rc_status status =
	    rc_settings_open(&rc_kiosk__settings_table, rc_options_text(options, "config"),
			     SETTINGS_FILE, &loaded, err);

	if (status == RC_EUSAGE)
		status = RC_EFORMAT; /* a file that isn't there is a fault of the configuration, as one in it is */
	if (status == RC_OK)
		status = lay_over(options, loaded, err);
	if (status != RC_OK) {
		rc_settings_free(loaded);
		return status;
	}
	*settings = loaded;
	return RC_OK;
}
