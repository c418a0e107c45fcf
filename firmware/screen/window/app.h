/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_APP_H
#define RC_SCREEN_APP_H
/*
 * The window and what is in it. Keeps no state beyond the last model: each one says all there is to show, so the program
 * can die and come back at any moment. GTK's thread; gtk_init must have succeeded.
 */
#include "firmware/screen/view.h"

#include <sys/types.h>

struct rc_app_options {
	int width, height; /* px of the window; what fullscreen finds counts more */
	bool is_fullscreen;
	bool is_dark;
	bool is_motionless;      /* nothing moves, whatever gtk-enable-animations says */
	bool is_large_text;      /* 200 % */
	enum rc_view_lang lang;  /* while no daemon has said which */
	const char *socket_path; /* NULL: show one model and don't connect */
	uid_t daemon;            /* whose socket is trusted besides our own user's */
};

struct rc_app;

/* Opens the window and begins to connect. `options` is borrowed for the call. */
struct rc_app *rc_app_new(const struct rc_app_options *options);

/* Closes window and connection. */
void rc_app_free(struct rc_app *app);

/* Replaces what is shown. */
void rc_app_show(struct rc_app *app, const struct rc_view *view);

/* Runs until the window is closed or a signal to end arrives (SIGTERM, SIGINT). */
void rc_app_run(struct rc_app *app);

/* Writes what the window shows as a PNG, after it has drawn itself. */
RC_CHECKED enum rc_status rc_app_shoot(struct rc_app *app, const char *path, struct rc_error *err);

/* Prints each text that is cut, unreadable, outside its place or over another one to stdout, a line each that begins with
 * `name`; returns how many. What is reached by moving the panel is in its place when the text is large. */
size_t rc_app_check(struct rc_app *app, const char *name);

#endif
