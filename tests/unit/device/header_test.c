/* SPDX-License-Identifier: Apache-2.0 */
/* A header of our own form is read without a tree: it must never be read otherwise than the general reader does. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "shared/device/device.h"

#include <string.h>

#define LINE_MAX_BYTES 512u

/* The header written again, or the name of what is wrong with it. */
static void read_line(struct rc_bytes line, char result[LINE_MAX_BYTES])
{
	struct rc_device_upload_header header;
	const enum rc_status status = rc_device_upload_header_decode(line, &header, NULL);
	struct rc_buf out;

	rc_buf_init_fixed(&out, result, LINE_MAX_BYTES);
	if (status == RC_OK)
		rc_device_upload_header_encode(&header, &out);
	else
		rc_buf_printf(&out, "status %d", (int)status);
	rc_buf_append_char(&out, '\0');
	assert_int_equal(rc_buf_status(&out, NULL), RC_OK);
}

/* A space in front is none of our own form, so the general reader has the second one. */
static void compare(struct rc_bytes line)
{
	char spaced[LINE_MAX_BYTES + 1] = " ", plain[LINE_MAX_BYTES], general[LINE_MAX_BYTES];

	memcpy(spaced + 1, line.data, line.size);
	read_line(line, plain);
	read_line(rc_bytes_of(spaced, line.size + 1), general);
	assert_string_equal(plain, general);
}

static size_t write_line(bool is_branch, char line[LINE_MAX_BYTES])
{
	const struct rc_device_upload_header header = {.kiosk = {{0x11, 0xaf}},
						       .epoch = 0x00ab00cd00ef0012,
						       .from = 9007199254740,
						       .count = 20,
						       .is_branch = is_branch,
						       .boot = {{0x7f, 0x10}},
						       .up_ms = 0,
						       .at_ms = 1790000000123};
	struct rc_buf out;

	rc_buf_init_fixed(&out, line, LINE_MAX_BYTES);
	rc_device_upload_header_encode(&header, &out);
	assert_int_equal(rc_buf_status(&out, NULL), RC_OK);
	return out.size - 1; /* the line feed */
}

static void both_readers_agree_on_every_line_that_differs_by_a_byte(void **state)
{
	static const char others[] = "0aA9 \"\\,:{}tfe-.+\n\x80";
	char line[LINE_MAX_BYTES], again[LINE_MAX_BYTES];

	(void)state;
	for (int is_branch = 0; is_branch < 2; is_branch++) {
		const size_t size = write_line(is_branch, line);

		read_line(rc_bytes_of(line, size), again);
		assert_memory_equal(again, line, size);
		compare(rc_bytes_of(line, size));
		for (size_t i = 0; i < size; i++) {
			const char kept = line[i];

			for (size_t j = 0; j < sizeof(others); j++) { /* the NUL too */
				line[i] = others[j];
				compare(rc_bytes_of(line, size));
			}
			line[i] = kept;
		}
	}
}

static void both_readers_agree_on_every_cut_and_on_every_byte_too_many(void **state)
{
	char line[LINE_MAX_BYTES];
	const size_t size = write_line(false, line);

	(void)state;
	for (size_t cut = 0; cut < size; cut++)
		compare(rc_bytes_of(line, cut));
	for (size_t i = 0; i < size; i++) {
		char longer[LINE_MAX_BYTES];

		memcpy(longer, line, i);
		longer[i] = '0';
		memcpy(longer + i + 1, line + i, size - i);
		compare(rc_bytes_of(longer, size + 1));
	}
	line[size] = ' ';
	compare(rc_bytes_of(line, size + 1));
	line[size] = '}';
	compare(rc_bytes_of(line, size + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_readers_agree_on_every_line_that_differs_by_a_byte),
	    cmocka_unit_test(both_readers_agree_on_every_cut_and_on_every_byte_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
