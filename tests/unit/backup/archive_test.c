/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of a backup: what is written is read again, and nothing else is. That tar reads it too is a system test's. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "server/backup/archive.h"

#define ARCHIVE_MAX 8192u

static void add(struct rc_buf *archive, const char *name, const char *content)
{
	struct rc_archive_entry entry = {.size = (int64_t)strlen(content), .at_s = 1795500000};

	assert_true(rc_text_copy(name, entry.name, sizeof(entry.name)));
	rc_archive_append(archive, &entry, rc_bytes_of_text(content));
}

static void make_two(struct rc_buf *archive)
{
	rc_buf_init(archive, ARCHIVE_MAX);
	add(archive, "first", "one");
	add(archive, "second", "");
	rc_archive_append_end(archive);
	assert_int_equal(archive->status, RC_OK);
}

/* How many files could be taken; -1 if it is refused in the end. */
static int count_files(struct rc_bytes archive)
{
	struct rc_archive_entry entry;
	struct rc_bytes content;
	struct rc_error err = {.text = ""};
	enum rc_status status;
	int count = 0;

	while ((status = rc_archive_take(&archive, &entry, &content, &err)) == RC_OK)
		count++;
	return status == RC_ENOTFOUND ? count : -1;
}

static void files_come_out_as_they_went_in(void **state)
{
	struct rc_archive_entry entry;
	struct rc_bytes content, rest;
	struct rc_error err = {.text = ""};
	struct rc_buf archive;

	(void)state;
	make_two(&archive);
	rest = rc_buf_bytes(&archive);
	assert_int_equal(rc_archive_take(&rest, &entry, &content, &err), RC_OK);
	assert_string_equal(entry.name, "first");
	assert_true(rc_bytes_is_text(content, "one"));
	assert_int_equal(entry.at_s, 1795500000);
	assert_int_equal(rc_archive_take(&rest, &entry, &content, &err), RC_OK);
	assert_string_equal(entry.name, "second");
	assert_int_equal(content.size, 0);
	assert_int_equal(rc_archive_take(&rest, &entry, &content, &err), RC_ENOTFOUND);
	rc_buf_deinit(&archive);
}

/* But for the content itself, which has its hash. */
static void any_flipped_bit_beside_the_content_is_refused(void **state)
{
	struct rc_buf archive;

	(void)state;
	make_two(&archive);
	for (size_t i = 0; i < archive.size; i++) {
		const bool is_content = i >= RC_ARCHIVE_BLOCK_BYTES && i < RC_ARCHIVE_BLOCK_BYTES + 3;

		archive.data[i] ^= 0x10;
		assert_int_equal(count_files(rc_buf_bytes(&archive)), is_content ? 2 : -1);
		archive.data[i] ^= 0x10;
	}
	rc_buf_deinit(&archive);
}

static void an_archive_that_is_cut_off_or_goes_on_is_refused(void **state)
{
	struct rc_buf archive;

	(void)state;
	make_two(&archive);
	for (size_t size = 0; size < archive.size; size++)
		assert_int_equal(count_files(rc_bytes_of(archive.data, size)), -1);
	assert_int_equal(count_files(rc_buf_bytes(&archive)), 2);
	rc_buf_append_char(&archive, '\0');
	assert_int_equal(count_files(rc_buf_bytes(&archive)), -1);
	rc_buf_deinit(&archive);
}

static void sizes_beyond_8_gib_are_kept(void **state)
{
	static const int64_t sizes[] = {0, 1, INT64_C(8589934591), INT64_C(8589934592), INT64_C(1) << 40};
	uint8_t block[RC_ARCHIVE_BLOCK_BYTES];
	struct rc_error err = {.text = ""};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct rc_archive_entry entry = {.name = "rollcall.db", .size = sizes[i]};
		struct rc_archive_entry read;

		rc_archive_header(&entry, block);
		assert_int_equal(rc_archive_header_read(block, &read, &err), RC_OK);
		assert_int_equal(read.size, sizes[i]);
	}
}

static void a_header_that_promises_more_than_there_is_is_refused(void **state)
{
	const struct rc_archive_entry entry = {.name = "bomb", .size = INT64_C(1) << 40};
	struct rc_buf archive;

	(void)state;
	rc_buf_init(&archive, ARCHIVE_MAX);
	assert_int_equal(rc_buf_reserve(&archive, RC_ARCHIVE_BLOCK_BYTES), RC_OK);
	rc_archive_header(&entry, archive.data);
	archive.size = RC_ARCHIVE_BLOCK_BYTES;
	rc_archive_append_end(&archive);
	assert_int_equal(count_files(rc_buf_bytes(&archive)), -1);
	rc_buf_deinit(&archive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_come_out_as_they_went_in),
	    cmocka_unit_test(any_flipped_bit_beside_the_content_is_refused),
	    cmocka_unit_test(an_archive_that_is_cut_off_or_goes_on_is_refused),
	    cmocka_unit_test(sizes_beyond_8_gib_are_kept),
	    cmocka_unit_test(a_header_that_promises_more_than_there_is_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
