/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_KIOSK_CONFIGURATION_H
#define RC_KIOSK_CONFIGURATION_H
/*
 * What a kiosk is set to: /etc/rollcall/kiosk.conf (and .conf.d), with the command line before it. One table of keys.
 */
#include "shared/base/status.h"

struct rc_options;
struct rc_settings;
struct rc_settings_table;

/* The keys there are. */
extern const struct rc_settings_table rc_kiosk__settings_table;

/* Reads the files and lays the verb's options over them. The caller frees with rc_settings_free. */
RC_CHECKED enum rc_status rc_kiosk__configure(const struct rc_options *options,
					      struct rc_settings **settings, struct rc_error *err);

/* A key of the section [kiosk]. */
#define RC_KIOSK_SECTION "kiosk"

#endif
