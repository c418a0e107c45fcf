/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published attack strings, a line each, as what a camera reads and as what an administrator writes into settings. RC_SHARED_DATA says
 * where the sets lie; without it these tests are skipped.
 */
#include "firmware/scanner/qr_reader.h"
#include "shared/base/utf8.h"
#include "shared/credentials/credential.h"
#include "shared/settings/settings.h"
#include "tests/module/scanner/pictures.h"

#include <dirent.h>
#include <stdio.h>

typedef void line_fn(struct rc_bytes line);

static size_t each_line(const char *path, line_fn *fn)
{
	FILE *file = fopen(path, "rb");
	char *line = NULL;
	size_t room = 0, count = 0;
	ssize_t size;

	assert_non_null(file);
	while ((size = getline(&line, &room, file)) > 0) {
		fn(rc_bytes_of(line, (size_t)size - (line[size - 1] == '\n')));
		count++;
	}
	free(line);
	assert_int_equal(fclose(file), 0);
	return count;
}

static size_t each_line_of_set(const char *set, line_fn *fn)
{
	const char *root = getenv("RC_SHARED_DATA");
	char folder[2048], path[4096];
	const struct dirent *entry;
	size_t count = 0;

	(void)snprintf(folder, sizeof(folder), "%s/%s", root ? root : "/nowhere", set);
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || !strstr(entry->d_name, ".txt"))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count += each_line(path, fn);
	}
	if (dir)
		(void)closedir(dir);
	return count;
}

static void each_string(line_fn *fn)
{
	if (each_line_of_set("hostile-strings", fn) + each_line_of_set("hostile-sql", fn) +
		each_line_of_set("hostile-fuzzdb", fn) ==
	    0)
		skip();
}

/* ---- credentials ---- */

static enum rc_payload_class class_of(const char *prefix, struct rc_bytes line)
{
	struct rc_payload payload;
	struct rc_buf text;

	rc_buf_init(&text, 1u << 20);
	rc_buf_append_text(&text, prefix);
	rc_buf_append_bytes(&text, line);
	rc_payload_read(rc_buf_bytes(&text), &payload);
	rc_buf_deinit(&text);
	return payload.class;
}

static void is_no_credential(struct rc_bytes line)
{
	assert_int_equal(class_of("", line), RC_PAYLOAD_FOREIGN);
	assert_int_equal(class_of("RC1:", line), RC_PAYLOAD_FOREIGN);
	assert_int_equal(class_of("RCE1:", line), RC_PAYLOAD_FOREIGN);
	if (line.size > 0)
		assert_int_equal(class_of(BADGE, line), RC_PAYLOAD_FOREIGN);
	assert_false(rc_enrol_url_is_valid(line));
}

static void no_hostile_string_is_a_credential(void **state)
{
	(void)state;
	each_string(is_no_credential);
}

/* ---- through the camera's reader ---- */

static struct rc_qr_reader *reader;
static size_t drawn;

static void is_read_as_its_bytes(struct rc_bytes line)
{
	if (line.size == 0 || line.size > 300 || ++drawn % 29 != 0)
		return;
	struct canvas canvas = canvas_of_code(line, 3);
	const struct rc_frame frame = canvas_frame(&canvas);
	struct rc_qr_finds finds;

	assert_int_equal(rc_qr_reader_read(reader, &frame, &finds, NULL), RC_OK);
	assert_int_equal(finds.count, 1);
	assert_memory_equal(finds.finds[0].payload, line.data, line.size);
	assert_int_equal(finds.finds[0].size, line.size);
	free(canvas.pixels);
}

static void hostile_strings_are_read_from_codes_as_their_bytes(void **state)
{
	(void)state;
	reader = rc_qr_reader_new();
	assert_non_null(reader);
	each_string(is_read_as_its_bytes);
	rc_qr_reader_free(reader);
}

/* ---- settings ---- */

static const struct rc_setting_key keys[] = {
    {.section = "kiosk", .name = "name", .type = RC_SETTING_TEXT, .min = 1, .max = 150, .help_en = "n", .help_zh = "n"},
    {.section = "server", .name = "url", .type = RC_SETTING_HTTPS_URL, .help_en = "u", .help_zh = "u"},
    {.section = "server", .name = "port", .type = RC_SETTING_INT, .min = 1, .max = 65535, .help_en = "p", .help_zh = "p"},
};
static const struct rc_settings_table table = {keys, sizeof(keys) / sizeof(keys[0])};

static void is_a_name_or_refused(struct rc_bytes line)
{
	RC_AUTO(rc_settings_free_p) struct rc_settings *settings = rc_settings_new(&table);
	char value[1024];
	enum rc_status status;

	if (!rc_bytes_copy_text(line, value, sizeof(value)))
		return;
	status = rc_settings_set(settings, "kiosk", "name", value, "test", NULL);
	if (status == RC_OK) {
		assert_string_equal(rc_settings_text(settings, "kiosk", "name"), value);
		assert_true(rc_utf8_is_valid(line));
	}
	assert_int_not_equal(rc_settings_set(settings, "server", "url", value, "test", NULL), RC_OK);
	if (rc_settings_set(settings, "server", "port", value, "test", NULL) == RC_OK)
		assert_in_range(rc_settings_int(settings, "server", "port"), 1, 65535);
}

static void hostile_strings_are_values_as_they_are_or_refused(void **state)
{
	(void)state;
	each_string(is_a_name_or_refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_hostile_string_is_a_credential),
	    cmocka_unit_test(hostile_strings_are_read_from_codes_as_their_bytes),
	    cmocka_unit_test(hostile_strings_are_values_as_they_are_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
