/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SETTINGS_PRIV_H
#define RC_SETTINGS_PRIV_H
#include "shared/settings/settings.h"

/* A value as a key's type wants it. RC_EUSAGE says what is wrong, without naming the key. `*number` is written for numbers and bools. */
RC_CHECKED enum rc_status rc_settings__check(const struct rc_setting_key *key, const char *value,
					     int64_t *number, struct rc_error *err);

/* Notes a fault; line 0 is the file as a whole. */
void rc_settings__note(struct rc_settings_findings *findings, bool is_error, const char *file,
		       unsigned line, const char *what);

#endif
