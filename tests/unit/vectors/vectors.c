/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vectors/vectors.h"

#include "shared/base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Splits a line at its TABs, in place. How many fields there were. */
static size_t split(char *line, struct rc_vector *row)
{
	size_t count = 0;
	char *field;

	line[strcspn(line, "\n")] = '\0';
	while ((field = strsep(&line, "\t")) && count < RC_VECTOR_MAX_FIELDS)
		row->field[count++] = strcmp(field, "-") == 0 ? field + 1 : field;
	return count;
}

static bool row_holds(char *line, size_t fields, bool (*holds)(const struct rc_vector *row))
{
	struct rc_vector row = {0};
	const bool is_good = split(line, &row) == fields && holds(&row);

	if (!is_good)
		print_error("case %s\n", row.field[0]);
	return is_good;
}

void rc_vectors_check(const char *path, size_t fields, bool (*holds)(const struct rc_vector *row))
{
	FILE *file = fopen(path, "r");
	size_t rows = 0, failed = 0, room = 0;
	char *line = NULL;

	if (!file)
		fail_msg("can't read %s", path);
	while (getline(&line, &room, file) >= 0) {
		if (line[0] == '#')
			continue;
		rows++;
		failed += !row_holds(line, fields, holds);
	}
	free(line);
	(void)fclose(file);
	assert_int_not_equal(rows, 0);
	assert_int_equal(failed, 0);
}

struct rc_bytes rc_vector_bytes(const char *hex, uint8_t *to, size_t max)
{
	const size_t size = strlen(hex) / 2;

	assert_true(size <= max);
	assert_int_equal(rc_hex_decode(rc_bytes_of_text(hex), to, size), RC_OK);
	return rc_bytes_of(to, size);
}

struct rc_id rc_vector_id(const char *text)
{
	struct rc_id id = {0};

	assert_int_equal(rc_id_parse(rc_bytes_of_text(text), &id), RC_OK);
	return id;
}
