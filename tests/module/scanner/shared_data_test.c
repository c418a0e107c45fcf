/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published collections of pictures, where they are at hand: RC_SHARED_DATA names a folder with `qr-zxing` (photographs with
 * the text they hold beside them) and `not-qr-…` (where nothing may be read). Without it these tests are skipped.
 *
 * Of the photographs plain zbar reads a known share; the bound stands just under it, so that a change for the worse shows.
 */
#include "firmware/scanner/decode.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RIGHT_AT_LEAST 64 /* of 81; 65 are */

/* zbar 0.23 forgets an iconv handle when a code names its character set twice; the scanner's limit of memory bounds that. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:iconv_open\n";
}

struct tally {
	unsigned pictures, read, right, with_text;
};

RC_DEFINE_AUTO(struct rc_decoder, rc_decoder_free)

static bool has_data(char path[512], const char *set)
{
	const char *folder = getenv("RC_SHARED_DATA");
	struct stat status;

	(void)snprintf(path, 512, "%s/%s", folder ? folder : "", set);
	if (folder && stat(path, &status) == 0)
		return true;
	print_message("RC_SHARED_DATA has no %s: skipped\n", set);
	return false;
}

static bool is_readable(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (strcmp(dot, ".png") == 0 || strcmp(dot, ".jpg") == 0 || strcmp(dot, ".pgm") == 0);
}

/* The text beside a picture, without white space at its end; false if there is none. */
static bool load_text(const char *folder, const char *name, struct rc_buf *text)
{
	char path[1024];
	char piece[4096];
	FILE *file;
	size_t size;

	(void)snprintf(path, sizeof(path), "%s/%.*s.txt", folder, (int)(strrchr(name, '.') - name), name);
	file = fopen(path, "re");
	if (!file)
		return false;
	rc_buf_clear(text);
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
		rc_buf_append(text, piece, size);
	while (text->size > 0 && strchr(" \r\n", text->data[text->size - 1]))
		text->size--;
	return fclose(file) == 0;
}

static bool holds(const struct rc_qr_finds *finds, struct rc_bytes text)
{
	for (size_t i = 0; i < finds->count; i++) {
		size_t size = finds->finds[i].size;

		while (size > 0 && strchr(" \r\n", finds->finds[i].payload[size - 1]))
			size--;
		if (rc_bytes_equal(rc_bytes_of(finds->finds[i].payload, size), text))
			return true;
	}
	return false;
}

static void look_at(struct rc_decoder *decoder, const char *folder, const char *name, struct tally *tally)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	RC_AUTO(rc_close_p) int fd = -1;
	const struct rc_qr_finds *finds = NULL;
	char path[1024];

	rc_buf_init(&text, 100000);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	tally->pictures++;
	if (rc_scanner_decode_file(decoder, fd, &finds, NULL) != RC_OK)
		return;
	tally->read += finds->count > 0;
	if (!load_text(folder, name, &text))
		return;
	tally->with_text++;
	tally->right += holds(finds, rc_buf_bytes(&text));
}

static struct tally look_at_all(const char *folder)
{
	RC_AUTO(rc_decoder_free_p) struct rc_decoder *decoder = rc_decoder_new();
	struct tally tally = {0};
	struct dirent *entry;
	DIR *dir = opendir(folder);

	assert_non_null(dir);
	assert_non_null(decoder);
	while ((entry = readdir(dir))) {
		if (is_readable(entry->d_name))
			look_at(decoder, folder, entry->d_name, &tally);
	}
	assert_int_equal(closedir(dir), 0);
	print_message("%s: %u pictures, %u read, %u of %u right\n", folder, tally.pictures,
		      tally.read, tally.right, tally.with_text);
	return tally;
}

static void photographs_are_read_as_often_as_ever(void **state)
{
	char folder[512];

	(void)state;
	if (!has_data(folder, "qr-zxing"))
		skip();
	assert_true(look_at_all(folder).right >= RIGHT_AT_LEAST);
}

static void assert_nothing_is_read(const char *set)
{
	char folder[512];
	struct tally tally;

	if (!has_data(folder, set))
		skip();
	tally = look_at_all(folder);
	assert_int_equal(tally.read, 0);
}

static void other_codes_are_not_for_us(void **state)
{
	(void)state;
	assert_nothing_is_read("not-qr-other-codes");
}

static void micro_codes_are_not_for_us(void **state)
{
	(void)state;
	assert_nothing_is_read("not-qr-micro");
}

static void photographs_without_a_code_hold_none(void **state)
{
	(void)state;
	assert_nothing_is_read("not-qr-falsepositives");
}

/* Whatever they hold: some are made to break readers. */
static void odd_pictures_break_nothing(void **state)
{
	static const char *const sets[] = {"qr-rqrr",       "qr-zxing-cpp", "qr-zxing-plain",
					   "qr-small-sets", "qr-paulmillr", "qr-jsqr"};
	char folder[512];
	unsigned pictures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		pictures += has_data(folder, sets[i]) ? look_at_all(folder).pictures : 0;
	if (pictures == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(photographs_are_read_as_often_as_ever),
	    cmocka_unit_test(other_codes_are_not_for_us),
	    cmocka_unit_test(micro_codes_are_not_for_us),
	    cmocka_unit_test(photographs_without_a_code_hold_none),
	    cmocka_unit_test(odd_pictures_break_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
