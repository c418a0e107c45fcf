/* SPDX-License-Identifier: Apache-2.0 */
/* Settings files: whatever is taken without an error is shown as a file that is taken again with the same values. */
#include "shared/settings/settings.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rc_setting_key keys[] = {
    {.section = "server", .name = "url", .type = RC_SETTING_HTTPS_URL, .help_en = "u", .help_zh = "u"},
    {.section = "server", .name = "hook", .type = RC_SETTING_URL, .help_en = "h", .help_zh = "h"},
    {.section = "server",
     .name = "port",
     .type = RC_SETTING_INT,
     .min = 1,
     .max = 65535,
     .default_value = "8443",
     .help_en = "p",
     .help_zh = "p"},
    {.section = "server",
     .name = "least",
     .type = RC_SETTING_INT,
     .min = INT64_MIN,
     .max = INT64_MAX,
     .help_en = "l",
     .help_zh = "l"},
    {.section = "kiosk", .name = "name", .type = RC_SETTING_TEXT, .min = 1, .max = 60, .help_en = "n", .help_zh = "n"},
    {.section = "kiosk", .name = "dark", .type = RC_SETTING_BOOL, .default_value = "no", .help_en = "d", .help_zh = "d"},
    {.section = "kiosk", .name = "folder", .type = RC_SETTING_PATH, .help_en = "f", .help_zh = "f"},
};
static const struct rc_settings_table table = {keys, sizeof(keys) / sizeof(keys[0])};

static struct rc_settings *take(struct rc_bytes content, bool *is_fine)
{
	struct rc_settings *settings = rc_settings_new(&table);
	struct rc_settings_findings findings;

	if (!settings)
		abort();
	rc_settings_findings_init(&findings);
	rc_settings_take(settings, "fuzz.conf", content, &findings);
	rc_settings_finish(settings, &findings);
	*is_fine = findings.errors == 0;
	rc_settings_findings_deinit(&findings);
	return settings;
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same_value(const struct rc_settings *a, const struct rc_settings *b,
			  const struct rc_setting_key *key)
{
	switch (key->type) {
	case RC_SETTING_INT:
		return rc_settings_int(a, key->section, key->name) ==
		       rc_settings_int(b, key->section, key->name);
	case RC_SETTING_BOOL:
		return rc_settings_bool(a, key->section, key->name) ==
		       rc_settings_bool(b, key->section, key->name);
	case RC_SETTING_TEXT:
	case RC_SETTING_PATH:
	case RC_SETTING_URL:
	case RC_SETTING_HTTPS_URL:
		return is_same_text(rc_settings_text(a, key->section, key->name),
				    rc_settings_text(b, key->section, key->name));
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_settings *settings, *again = NULL;
	struct rc_buf shown;
	bool is_fine;

	settings = take(rc_bytes_of(data, size), &is_fine);
	rc_buf_init(&shown, RC_SETTINGS_FILE_MAX_BYTES);
	if (is_fine) {
		rc_settings_show(settings, &shown);
		again = take(rc_buf_bytes(&shown), &is_fine);
		if (!is_fine)
			abort();
		for (size_t i = 0; i < table.count; i++) {
			if (!is_same_value(settings, again, &keys[i]))
				abort();
		}
	}
	rc_buf_deinit(&shown);
	rc_settings_free(again);
	rc_settings_free(settings);
	return 0;
}
