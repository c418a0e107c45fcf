/* SPDX-License-Identifier: Apache-2.0 */
/* rollcall-screen: reads its options, makes the app, runs it. The table is the command line. */
#include "firmware/screen/window/app.h"
#include "firmware/screen/window/shots.h"

#include "shared/base/log.h"
#include "shared/options/options.h"

#include <gtk/gtk.h>
#include <pwd.h>
#include <stdio.h>

#define SIZE_PATTERN "%5dx%5d%c"

static const struct rc_option screen_options[] = {
    {.name = "socket",
     .type = RC_OPTION_TEXT,
     .argument = "PATH",
     .help = {"the daemon's socket", "守护进程的套接字"}},
    {.name = "daemon-user",
     .type = RC_OPTION_TEXT,
     .argument = "NAME",
     .help = {"whose socket is trusted besides our own user's",
	      "除本用户外还信任哪个用户的套接字"}},
    {.name = "size",
     .type = RC_OPTION_TEXT,
     .argument = "WxH",
     .help = {"the window's size (1280x800)", "窗口大小（默认 1280x800）"}},
    {.name = "fullscreen", .type = RC_OPTION_FLAG, .help = {"fill the screen", "全屏显示"}},
    {.name = "lang",
     .type = RC_OPTION_TEXT,
     .argument = "LANG",
     .help = {"zh or en, until the daemon says which (zh)",
	      "守护进程指定前使用的语言：zh 或 en（默认 zh）"}},
    {.name = "dark", .type = RC_OPTION_FLAG, .help = {"light text on dark ground", "深色背景"}},
    {.name = "no-motion", .type = RC_OPTION_FLAG, .help = {"let nothing move", "不使用动画"}},
    {.name = "text",
     .type = RC_OPTION_INT,
     .min = 100,
     .max = 200,
     .argument = "PERCENT",
     .help = {"how big letters are: 100 or 200 (100)", "文字大小：100 或 200（默认 100）"}},
    {.name = "shot",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"draw one model into a PNG and end", "把一个画面绘成 PNG 后结束"}},
    {.name = "model",
     .type = RC_OPTION_TEXT,
     .argument = "FILE",
     .help = {"the model for --shot", "--shot 所用的画面数据"}},
    {.name = "models",
     .type = RC_OPTION_TEXT,
     .argument = "FOLDER",
     .help = {"draw all models of a folder instead; --shot is a folder then",
	      "绘制目录中的全部画面，此时 --shot 为目录"}},
    {.name = "check-layout",
     .type = RC_OPTION_FLAG,
     .help = {"list the texts that can't be read whole; --shot may be left out",
	      "列出显示不全的文字；可不带 --shot"}},
};

static bool read_size(const char *text, int *width, int *height)
{
	char rest;

	return sscanf(text, SIZE_PATTERN, width, height, &rest) == 2 && *width >= 320 &&
	       *height >= 240 && *width <= 8192 && *height <= 8192;
}

static enum rc_status take_daemon(const char *name, uid_t *uid, struct rc_error *err)
{
	const struct passwd *user = name ? getpwnam(name) : NULL;

	*uid = user ? user->pw_uid : getuid();
	return user || !name ? RC_OK : rc_fail(err, RC_EUSAGE, "there is no user %s", name);
}

static enum rc_status check(const struct rc_options *options, struct rc_app_options *to,
			    struct rc_error *err)
{
	const char *size = rc_options_text(options, "size");
	const char *lang = rc_options_text(options, "lang");
	const int64_t text = rc_options_int(options, "text", 100);

	*to = (struct rc_app_options){.width = 1280,
				      .height = 800,
				      .is_fullscreen = rc_options_has(options, "fullscreen"),
				      .is_dark = rc_options_has(options, "dark"),
				      .is_motionless = rc_options_has(options, "no-motion"),
				      .is_large_text = text == 200,
				      .socket_path = rc_options_text(options, "socket")};
	if ((to->socket_path != NULL) ==
	    (rc_options_has(options, "shot") || rc_options_has(options, "check-layout")))
		return rc_fail(err, RC_EUSAGE, "either --socket or --shot is needed");
	if (size && !read_size(size, &to->width, &to->height))
		return rc_fail(err, RC_EUSAGE, "--size %s is no size from 320x240 to 8192x8192", size);
	if (text != 100 && text != 200)
		return rc_fail(err, RC_EUSAGE, "--text is 100 or 200");
	if (lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		return rc_fail(err, RC_EUSAGE, "--lang is zh or en");
	to->lang = lang && strcmp(lang, "en") == 0 ? RC_VIEW_EN : RC_VIEW_ZH;
	return take_daemon(rc_options_text(options, "daemon-user"), &to->daemon, err);
}

static enum rc_status show(const struct rc_options *options, struct rc_error *err)
{
	const struct rc_shots shots = {.model = rc_options_text(options, "model"),
				       .models = rc_options_text(options, "models"),
				       .picture = rc_options_text(options, "shot"),
				       .is_checking = rc_options_has(options, "check-layout")};
	struct rc_app_options app_options;
	enum rc_status status = check(options, &app_options, err);
	struct rc_app *app;

	if (status != RC_OK)
		return status;
	if (!gtk_init_check())
		return rc_fail(err, RC_EIO, "there is no display");
	app = rc_app_new(&app_options);
	if (app_options.socket_path)
		rc_app_run(app);
	else
		status = rc_shots_take(app, &shots, err);
	rc_app_free(app);
	return status;
}

static int run(const struct rc_options *options)
{
	struct rc_error err;
	enum rc_status status = show(options, &err);

	if (status != RC_OK)
		rc_log_failure("screen ends", &err);
	return rc_status_exit(status);
}

static const struct rc_verb all[] = {
    {.options = screen_options,
     .option_count = sizeof(screen_options) / sizeof(screen_options[0]),
     .run = run,
     .is_service = true},
};
static const struct rc_manual manual = {
    .date = "November 24, 2026",
    .description = {"Shows what rollcall-kiosk wants shown and tells it what was touched.\n"
		    "It keeps no state: it may end and come back in the middle of anything.\n"
		    "Without --socket it draws pictures, for those who look after its design.",
		    "显示 rollcall-kiosk 要求显示的内容，并把触摸操作告诉它。\n"
		    "它不保存状态，随时可以结束并重新启动。\n"
		    "不带 --socket 时绘制图片，供维护界面设计的人使用。"},
};
static const struct rc_program program = {
    .name = "rollcall-screen",
    .version = RC_VERSION,
    .help = {"the screen of a kiosk", "签到机的屏幕"},
    .verbs = all,
    .verb_count = 1,
    .manual = &manual,
};

int main(int argc, char **argv)
{
	return rc_options_run(&program, argc, argv);
}
