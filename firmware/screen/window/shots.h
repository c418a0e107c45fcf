/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_SHOTS_H
#define RC_SCREEN_SHOTS_H
/* Models from files instead of from a daemon: pictures of them, and what can't be read in them. GTK's thread. */
#include "firmware/screen/window/app.h"

struct rc_shots {
	const char *model;   /* a file; NULL with `models` NULL: the screen without a daemon */
	const char *models;  /* a folder, whose NAME.json all are drawn; NULL: only `model` */
	const char *picture; /* the PNG, with `models` the folder for NAME.png; NULL: none */
	bool is_checking;    /* list the texts that can't be read whole on stdout */
};

/* Stops at the first file that can't be read or written. RC_ELIMIT if the check found anything. */
RC_CHECKED enum rc_status rc_shots_take(struct rc_app *app, const struct rc_shots *shots,
					struct rc_error *err);

#endif
