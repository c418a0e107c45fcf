/* SPDX-License-Identifier: Apache-2.0 */
/* The edge cases of csv-spectrum, where RC_SHARED_DATA says where they lie: NAME.csv must be what NAME.json says. */
#include "shared/csv/csv.h"
#include "shared/json/json.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FILE_MAX_BYTES 65536u
#define FOLDER_CHARS   2048u

/* Equal but for CR: the set came through a version control that made CR LF in files to LF, and left the escapes in their JSON. */
static bool is_same_text(struct rc_bytes a, struct rc_bytes b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.size && a.data[i] == '\r')
			i++;
		while (j < b.size && b.data[j] == '\r')
			j++;
		if (i == a.size || j == b.size)
			return i == a.size && j == b.size;
		if (a.data[i++] != b.data[j++])
			return false;
	}
}

/* Compares each row with its object, by the names of the header. One file has an object of other values for its only row: there only the
 * columns are counted. */
struct comparison {
	const struct rc_json_value *rows;
	struct rc_buf names; /* the header's, each ended by NUL */
	size_t columns;
	size_t taken;
	bool is_same;
};

static enum rc_status compare_row(void *context, const struct rc_csv_row *row, struct rc_error *err)
{
	struct comparison *c = context;
	const char *name = rc_buf_text(&c->names);
	const struct rc_json_value *object;

	(void)err;
	if (c->columns == 0) {
		for (; c->columns < row->count; c->columns++) {
			rc_buf_append_bytes(&c->names, row->fields[c->columns]);
			rc_buf_append(&c->names, "", 1);
		}
		return RC_OK;
	}
	if (rc_json_type(c->rows) == RC_JSON_OBJECT) {
		c->is_same &= row->count == rc_json_count(c->rows) && c->taken++ == 0;
		return RC_OK;
	}
	object = rc_json_at(c->rows, c->taken++);
	c->is_same &= object && row->count == c->columns && rc_json_count(object) == c->columns;
	for (size_t i = 0; c->is_same && i < row->count; i++, name += strlen(name) + 1) {
		const struct rc_json_value *value = rc_json_find(object, name);

		c->is_same = value && is_same_text(rc_json_text(value), row->fields[i]);
	}
	return RC_OK;
}

static struct rc_bytes load(const char *folder, const char *name, size_t stem, const char *suffix,
			    uint8_t *memory)
{
	char path[FOLDER_CHARS + 300];
	size_t size = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%.*s%s", folder, (int)stem, name, suffix);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("can't read %s", path);
	else
		size = fread(memory, 1, FILE_MAX_BYTES, file);
	assert_int_equal(fclose(file), 0);
	return rc_bytes_of(memory, size);
}

static bool is_as_its_json_says(const char *folder, const char *name, size_t stem)
{
	static uint8_t csv[FILE_MAX_BYTES], json[FILE_MAX_BYTES];
	struct comparison c = {.is_same = true};
	struct rc_json *document = NULL;

	assert_int_equal(rc_json_parse(load(folder, name, stem, ".json", json), &document, NULL), RC_OK);
	c.rows = rc_json_root(document);
	rc_buf_init(&c.names, 1000);
	c.is_same &= rc_csv_read(load(folder, name, stem, ".csv", csv), RC_CSV_SEPARATOR_BY_HEADER,
				 compare_row, &c, NULL) == RC_OK;
	c.is_same &= c.taken == (rc_json_type(c.rows) == RC_JSON_OBJECT ? 1 : rc_json_count(c.rows));
	rc_buf_deinit(&c.names);
	rc_json_free(document);
	return c.is_same;
}

static void each_file_is_what_its_json_says(void **state)
{
	const char *data = getenv("RC_SHARED_DATA");
	char folder[FOLDER_CHARS];
	struct dirent *entry;
	unsigned count = 0, wrong = 0;
	DIR *dir;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s/hostile-csv-spectrum", data ? data : "");
	dir = data ? opendir(folder) : NULL;
	if (!dir) {
		print_message("skipped: RC_SHARED_DATA has no hostile-csv-spectrum\n");
		skip();
	}
	while ((entry = readdir(dir))) {
		const char *dot = strstr(entry->d_name, ".csv");

		if (!dot)
			continue;
		count++;
		if (is_as_its_json_says(folder, entry->d_name, (size_t)(dot - entry->d_name)))
			continue;
		wrong++;
		print_error("%s differs\n", entry->d_name);
	}
	(void)closedir(dir);
	print_message("%u files\n", count);
	assert_int_not_equal(count, 0);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_file_is_what_its_json_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
