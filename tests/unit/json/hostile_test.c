/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser set of JSONTestSuite, where RC_SHARED_DATA says where it lies: files y-* must be taken, n-* refused, all others may be
 * either, and both readers must agree on every one.
 */
#include "shared/json/json.h"
#include "shared/json/scan.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FILE_MAX_BYTES 1000000u

/* Good by the RFC, and refused here on purpose: a key twice, a NUL in a text. */
static const char *const stricter[] = {
    "y-object-duplicated-key-and-value.json",
    "y-object-escaped-null-in-key.json",
    "y-string-null-escape.json",
};

static bool is_stricter_here(const char *name)
{
	for (size_t i = 0; i < sizeof(stricter) / sizeof(stricter[0]); i++) {
		if (strcmp(name, stricter[i]) == 0)
			return true;
	}
	return false;
}

static struct rc_bytes load(const char *folder, const char *name, uint8_t *memory)
{
	char path[4096];
	size_t size = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("can't read %s", path);
	else
		size = fread(memory, 1, FILE_MAX_BYTES, file);
	assert_int_equal(fclose(file), 0);
	return rc_bytes_of(memory, size);
}

static bool is_taken_by_json(struct rc_bytes text)
{
	struct rc_json *json = NULL;
	enum rc_status status = rc_json_parse(text, &json, NULL);

	rc_json_free(json);
	return status == RC_OK;
}

static unsigned check_file(const char *name, struct rc_bytes text)
{
	bool is_taken = rc_scan_document(text, RC_JSON_DEPTH_MAX, false) == RC_SCAN_FINE;
	bool is_wrong = is_taken != is_taken_by_json(text);

	if (name[0] == 'y' && name[1] == '-')
		is_wrong |= is_taken == is_stricter_here(name);
	if (name[0] == 'n' && name[1] == '-')
		is_wrong |= is_taken;
	if (is_wrong)
		print_error("%s: %s\n", name, is_taken ? "taken" : "refused, or the readers differ");
	return is_wrong;
}

static void the_parser_set_is_judged_as_its_file_names_say(void **state)
{
	const char *data = getenv("RC_SHARED_DATA");
	uint8_t *memory = malloc(FILE_MAX_BYTES);
	unsigned count = 0, wrong = 0;
	struct dirent *entry;
	char folder[2048];
	DIR *dir;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s/hostile-json", data ? data : "");
	dir = data && memory ? opendir(folder) : NULL;
	if (!dir) {
		print_message("skipped: RC_SHARED_DATA has no hostile-json\n");
		free(memory);
		skip();
	}
	while ((entry = readdir(dir))) {
		size_t size = strlen(entry->d_name);

		if (size < 5 || strcmp(entry->d_name + size - 5, ".json") != 0)
			continue;
		count++;
		wrong += check_file(entry->d_name, load(folder, entry->d_name, memory));
	}
	(void)closedir(dir);
	free(memory);
	print_message("%u files\n", count);
	assert_int_not_equal(count, 0);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_parser_set_is_judged_as_its_file_names_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
