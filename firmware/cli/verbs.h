/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_KIOSK_VERBS_H
#define RC_KIOSK_VERBS_H
/* The verbs of rollcall-kiosk: each takes the parsed options and returns the exit status. */
#include "shared/base/status.h"

#include <sys/types.h>

#define RC_KIOSK__EXIT_CONFIGURATION 3

struct rc_options;

/* Runs the daemon until it is stopped. */
int rc_kiosk_run(const struct rc_options *options);
/* Says what the settings are, or whether they can be used. */
int rc_kiosk_config(const struct rc_options *options);
/* Hands a code to the running daemon, or enrols here where none runs. */
int rc_kiosk_enrol(const struct rc_options *options);
/* Prints the codes in pictures; 1 if one had none. */
int rc_kiosk_decode(const struct rc_options *options);
/* Prints how the kiosk is, for people or as JSON. */
int rc_kiosk_status(const struct rc_options *options);
/* Checks the whole journal; 1 if something is wrong with it. */
int rc_kiosk_verify(const struct rc_options *options);

/* Loads the settings, acts, and returns the exit status: of the act, or 2 or 3 where the settings can't be used. */
int rc_kiosk__with_settings(const struct rc_options *options,
			    int (*act)(const struct rc_options *options));

/* For the act. */
struct rc_settings;
const struct rc_settings *rc_kiosk__settings(void);
const char *rc_kiosk__data_folder(void);
const char *rc_kiosk__run_folder(void);

/* Makes a folder that isn't there, and fails where nothing can be written into it. */
RC_CHECKED enum rc_status rc_kiosk__make_folder(const char *path, mode_t mode, struct rc_error *err);

/* Says on stderr what failed and returns the exit status for it. */
int rc_kiosk__failed(enum rc_status status, const struct rc_error *err);

/* True if the user's language is Chinese. */
bool rc_kiosk__is_zh(void);

#endif
