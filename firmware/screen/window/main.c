/* SPDX-License-Identifier: Apache-2.0 */
/* rollcall-screen: reads its options, makes the app, runs it. */
#include "firmware/screen/window/app.h"
#include "firmware/screen/window/shots.h"

#include "shared/base/log.h"

#include <gtk/gtk.h>
#include <pwd.h>
#include <stdio.h>

struct options {
	char *socket_path, *size, *lang, *daemon_user, *shot, *model, *models;
	gboolean is_fullscreen, is_dark, is_motionless, is_checking;
	int text_percent;
};

static enum rc_status parse(int *argc, char ***argv, struct options *to, struct rc_error *err)
{
	const GOptionEntry entries[] = {
	    {"socket", 0, 0, G_OPTION_ARG_FILENAME, &to->socket_path, "the daemon's socket", "PATH"},
	    {"daemon-user", 0, 0, G_OPTION_ARG_STRING, &to->daemon_user,
	     "whose socket is trusted besides our own user's", "NAME"},
	    {"size", 0, 0, G_OPTION_ARG_STRING, &to->size, "the window's size (1280x800)", "WxH"},
	    {"fullscreen", 0, 0, G_OPTION_ARG_NONE, &to->is_fullscreen, "fill the screen", NULL},
	    {"lang", 0, 0, G_OPTION_ARG_STRING, &to->lang,
	     "zh or en, until the daemon says which (zh)", "LANG"},
	    {"dark", 0, 0, G_OPTION_ARG_NONE, &to->is_dark, "light text on dark ground", NULL},
	    {"no-motion", 0, 0, G_OPTION_ARG_NONE, &to->is_motionless, "let nothing move", NULL},
	    {"text", 0, 0, G_OPTION_ARG_INT, &to->text_percent,
	     "how big letters are: 100 or 200 (100)", "PERCENT"},
	    {"shot", 0, 0, G_OPTION_ARG_FILENAME, &to->shot, "draw one model into a PNG and end", "FILE"},
	    {"model", 0, 0, G_OPTION_ARG_FILENAME, &to->model, "the model for --shot", "FILE"},
	    {"models", 0, 0, G_OPTION_ARG_FILENAME, &to->models,
	     "draw all models of a folder instead; --shot is a folder then", "FOLDER"},
	    {"check-layout", 0, 0, G_OPTION_ARG_NONE, &to->is_checking,
	     "list the texts that can't be read whole; --shot may be left out", NULL},
	    {0},
	};
	GOptionContext *context = g_option_context_new("- the kiosk's screen");
	GError *error = NULL;
	gboolean is_good;

	g_option_context_add_main_entries(context, entries, NULL);
	is_good = g_option_context_parse(context, argc, argv, &error);
	g_option_context_free(context);
	if (is_good && (to->socket_path != NULL) == (to->shot != NULL || to->is_checking))
		return rc_fail(err, RC_EUSAGE, "either --socket or --shot is needed");
	if (is_good)
		return RC_OK;
	(void)rc_fail(err, RC_EUSAGE, "%s", error->message);
	g_error_free(error);
	return RC_EUSAGE;
}

static enum rc_status check(const struct options *options, struct rc_app_options *to, struct rc_error *err)
{
	char rest;

	*to = (struct rc_app_options){.width = 1280,
				      .height = 800,
				      .is_fullscreen = options->is_fullscreen,
				      .is_dark = options->is_dark,
				      .is_motionless = options->is_motionless,
				      .is_large_text = options->text_percent == 200,
				      .socket_path = options->socket_path,
				      .daemon = getuid()};
	if (options->size &&
	    (sscanf(options->size, "%5dx%5d%c", &to->width, &to->height, &rest) != 2 ||
	     to->width < 320 || to->height < 240 || to->width > 8192 || to->height > 8192))
		return rc_fail(err, RC_EUSAGE, "--size %s is no size from 320x240 to 8192x8192",
			       options->size);
	if (options->text_percent != 0 && options->text_percent != 100 && options->text_percent != 200)
		return rc_fail(err, RC_EUSAGE, "--text is 100 or 200");
	if (options->lang && strcmp(options->lang, "zh") != 0 && strcmp(options->lang, "en") != 0)
		return rc_fail(err, RC_EUSAGE, "--lang is zh or en");
	to->lang = options->lang && strcmp(options->lang, "en") == 0 ? RC_VIEW_EN : RC_VIEW_ZH;
	if (options->daemon_user) {
		const struct passwd *user = getpwnam(options->daemon_user);

		if (!user)
			return rc_fail(err, RC_EUSAGE, "there is no user %s", options->daemon_user);
		to->daemon = user->pw_uid;
	}
	return RC_OK;
}

static enum rc_status run(const struct options *options, struct rc_error *err)
{
	const struct rc_shots shots = {.model = options->model,
				       .models = options->models,
				       .picture = options->shot,
				       .is_checking = options->is_checking};
	struct rc_app_options app_options;
	enum rc_status status = check(options, &app_options, err);
	struct rc_app *app;

	if (status != RC_OK)
		return status;
	if (!gtk_init_check())
		return rc_fail(err, RC_EIO, "there is no display");
	app = rc_app_new(&app_options);
	if (options->socket_path)
		rc_app_run(app);
	else
		status = rc_shots_take(app, &shots, err);
	rc_app_free(app);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct rc_error err;
	enum rc_status status = parse(&argc, &argv, &options, &err);

	if (status == RC_OK)
		status = run(&options, &err);
	if (status != RC_OK)
		rc_log_failure("screen ends", &err);
	g_free(options.socket_path);
	g_free(options.size);
	g_free(options.lang);
	g_free(options.daemon_user);
	g_free(options.shot);
	g_free(options.model);
	g_free(options.models);
	return rc_status_exit(status);
}
