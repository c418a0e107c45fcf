/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed is read back with zbar, as a kiosk would; files are written to a folder of their own. */
#include "server/print/badge.h"
#include "shared/base/cleanup.h"

#include <cairo.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <zbar.h>

#include <cmocka.h>

static const struct rc_badge_code CODE = {"ABCDEFGHIJKLMNOPQRSTUVWXYZ"};

/* ---- reading back ---- */

struct picture {
	int width, height;
	uint8_t *grey; /* owned */
};

struct source {
	struct rc_bytes png;
	size_t at;
};

static cairo_status_t read_png(void *closure, unsigned char *data, unsigned int size)
{
	struct source *source = closure;

	if (source->png.size - source->at < size)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(data, source->png.data + source->at, size);
	source->at += size;
	return CAIRO_STATUS_SUCCESS;
}

static struct picture decode(const struct rc_buf *png)
{
	struct source source = {rc_buf_bytes(png), 0};
	cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_png, &source);
	struct picture picture;

	assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
	picture.width = cairo_image_surface_get_width(surface);
	picture.height = cairo_image_surface_get_height(surface);
	picture.grey = malloc((size_t)picture.width * (size_t)picture.height);
	assert_non_null(picture.grey);
	for (int y = 0; y < picture.height; y++)
		for (int x = 0; x < picture.width; x++)
			picture.grey[y * picture.width + x] = cairo_image_surface_get_data(
			    surface)[y * cairo_image_surface_get_stride(surface) + x * 4 + 1];
	cairo_surface_destroy(surface);
	return picture;
}

/* The only code in the picture, as text. */
static void scan(const struct picture *picture, char *text, size_t size)
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	const zbar_symbol_t *symbol;

	zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
	zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, (unsigned)picture->width, (unsigned)picture->height);
	zbar_image_set_data(image, picture->grey,
			    (unsigned long)picture->width * (unsigned long)picture->height, NULL);
	assert_int_equal(zbar_scan_image(scanner, image), 1);
	symbol = zbar_image_first_symbol(image);
	assert_true(zbar_symbol_get_data_length(symbol) < size);
	memcpy(text, zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol));
	text[zbar_symbol_get_data_length(symbol)] = '\0';
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(scanner);
}

static size_t dark_pixels(const struct picture *picture, int from_x, int to_x)
{
	size_t count = 0;

	for (int y = 0; y < picture->height; y++)
		for (int x = from_x; x < to_x; x++)
			count += picture->grey[y * picture->width + x] < 128;
	return count;
}

static struct picture print_badge(const char *name, const char *number, struct rc_buf *png)
{
	const struct rc_print_badge badge = {
	    .organisation = "示例制造有限公司", .name = name, .number = number, .code = &CODE};
	struct rc_error err = {""};

	rc_buf_init(png, RC_PRINT_PNG_MAX_BYTES);
	assert_int_equal(rc_print_badge(&badge, png, &err), RC_OK);
	return decode(png);
}

/* ---- tests ---- */

static void a_badge_reads_back_to_exactly_its_payload(void **state)
{
	struct rc_buf png;
	struct picture picture = print_badge("张伟", "001-01", &png);
	char text[64];

	(void)state;
	assert_int_equal(picture.width, 640);
	assert_int_equal(picture.height, 400);
	scan(&picture, text, sizeof(text));
	assert_string_equal(text, "RC1:ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	free(picture.grey);
	rc_buf_deinit(&png);
}

static void every_module_is_a_whole_number_of_pixels(void **state)
{
	struct rc_buf png;
	struct picture picture = print_badge("", "", &png);
	int first = 0, width = 0;

	(void)state;
	/* The upper left finder pattern begins with a run of seven dark modules behind four light ones. */
	for (int y = 0; y < picture.height && width == 0; y++) {
		for (first = 0; first < 300 && picture.grey[y * picture.width + first] > 128; first++)
			;
		while (first + width < 300 && picture.grey[y * picture.width + first + width] <= 128)
			width++;
		if (first == 300)
			width = 0;
	}
	assert_int_equal(width % 7, 0);
	assert_true(width / 7 >= (int)RC_PRINT_MODULE_MIN_PX);
	assert_true(first >= 4 * (width / 7));
	free(picture.grey);
	rc_buf_deinit(&png);
}

static void the_words_stand_beside_the_code_in_any_script(void **state)
{
	const char *const names[] = {"张伟", "朱𠮷祥", "James O’Connor"};
	struct rc_buf png;
	struct picture empty = print_badge("", "", &png);
	const size_t without = dark_pixels(&empty, 330, 640);

	(void)state;
	rc_buf_deinit(&png);
	free(empty.grey);
	for (size_t i = 0; i < 3; i++) {
		struct picture picture = print_badge(names[i], "001-01", &png);

		assert_true(dark_pixels(&picture, 330, 640) > without + 300);
		rc_buf_deinit(&png);
		free(picture.grey);
	}
}

static void a_name_without_end_leaves_the_code_readable(void **state)
{
	char name[2001], text[64];
	struct rc_buf png;
	struct picture picture;

	(void)state;
	memset(name, 'W', 2000);
	name[2000] = '\0';
	picture = print_badge(name, name, &png);
	scan(&picture, text, sizeof(text));
	assert_string_equal(text, "RC1:ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	free(picture.grey);
	rc_buf_deinit(&png);
}

static void a_text_that_is_not_utf8_is_refused(void **state)
{
	const struct rc_print_badge badge = {
	    .organisation = "x", .name = "\xff\xfe", .number = "1", .code = &CODE};
	struct rc_buf png;

	(void)state;
	rc_buf_init(&png, RC_PRINT_PNG_MAX_BYTES);
	assert_int_equal(rc_print_badge(&badge, &png, NULL), RC_EFORMAT);
	assert_int_equal(png.size, 0);
	rc_buf_deinit(&png);
}

static void a_buffer_that_is_too_small_is_a_limit(void **state)
{
	const struct rc_print_badge badge = {
	    .organisation = "x", .name = "x", .number = "1", .code = &CODE};
	struct rc_buf png;

	(void)state;
	rc_buf_init(&png, 100);
	assert_int_equal(rc_print_badge(&badge, &png, NULL), RC_ELIMIT);
	rc_buf_deinit(&png);
}

static void an_enrolment_sheet_reads_back_to_its_code(void **state)
{
	struct rc_enrol_code code = {.url = "https://rollcall.example.internal.company.cn:8443"};
	char payload[RC_ENROL_TEXT_MAX_CHARS + 1], text[512];
	struct rc_print_enrolment enrolment = {.organisation = "示例制造有限公司",
					       .room = "3F-305 培训室",
					       .expires = "2026-12-01 09:00",
					       .payload = payload};
	struct rc_buf png;
	struct picture picture;

	(void)state;
	memset(code.ca_sha256, 0xa5, sizeof(code.ca_sha256));
	memset(code.code, 0x3c, sizeof(code.code));
	assert_int_equal(rc_enrol_code_format(&code, payload), RC_OK);
	rc_buf_init(&png, RC_PRINT_PNG_MAX_BYTES);
	assert_int_equal(rc_print_enrolment(&enrolment, &png, NULL), RC_OK);
	picture = decode(&png);
	scan(&picture, text, sizeof(text));
	assert_string_equal(text, payload);
	free(picture.grey);
	rc_buf_deinit(&png);
}

static void the_longest_enrolment_code_fits_a_sheet(void **state)
{
	struct rc_enrol_code code;
	char payload[RC_ENROL_TEXT_MAX_CHARS + 1], text[512];
	struct rc_print_enrolment enrolment = {
	    .organisation = "", .room = "", .expires = "", .payload = payload};
	struct rc_buf png;
	struct picture picture;

	(void)state;
	memset(&code, 0x77, sizeof(code));
	memset(code.url, 'a', RC_ENROL_URL_MAX_CHARS);
	memcpy(code.url, "https://", 8);
	for (size_t i = 8 + 60; i < 195; i += 61) /* a label has at most 63 characters */
		code.url[i] = '.';
	memcpy(code.url + RC_ENROL_URL_MAX_CHARS - 5, ":8443", 6);
	assert_int_equal(rc_enrol_code_format(&code, payload), RC_OK);
	rc_buf_init(&png, RC_PRINT_PNG_MAX_BYTES);
	assert_int_equal(rc_print_enrolment(&enrolment, &png, NULL), RC_OK);
	picture = decode(&png);
	scan(&picture, text, sizeof(text));
	assert_string_equal(text, payload);
	free(picture.grey);
	rc_buf_deinit(&png);
}

static void a_file_is_named_by_its_number_and_by_nothing_that_leads_elsewhere(void **state)
{
	static const char *const tricks[] = {
	    "../../etc/passwd", "..", "", "a/b", "a.b", "001_01", "张伟", "a\nb", "0123456789012345678901234567890123456789X"};
	char name[RC_PRINT_NAME_MAX_CHARS + 1], other[RC_PRINT_NAME_MAX_CHARS + 1];

	(void)state;
	rc_print_file_name("badge", "001-01", name);
	assert_string_equal(name, "badge-001-01.png");
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		rc_print_file_name("badge", tricks[i], name);
		assert_memory_equal(name, "badge-x", 7);
		assert_int_equal(strlen(name), strlen("badge-x0123456789abcdef.png"));
		assert_null(strchr(name, '/'));
	}
	rc_print_file_name("badge", "a/b", name);
	rc_print_file_name("badge", "a.b", other);
	assert_string_not_equal(name, other);
}

static size_t files_in(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static void a_saved_file_is_whole_private_and_alone(void **state)
{
	char folder[] = "/tmp/rollcall-print-XXXXXX", path[128], content[8] = "";
	struct stat status;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(rc_print_save(folder, "badge-1.png", rc_bytes_of_text("old"), NULL), RC_OK);
	assert_int_equal(rc_print_save(folder, "badge-1.png", rc_bytes_of_text("new"), NULL), RC_OK);
	assert_int_equal(files_in(folder), 1);
	(void)snprintf(path, sizeof(path), "%s/badge-1.png", folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(content, 1, 7, file), 3);
	fclose(file);
	assert_string_equal(content, "new");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void saving_refuses_names_that_lead_out_and_folders_that_are_not_there(void **state)
{
	char folder[] = "/tmp/rollcall-print-XXXXXX";
	const struct rc_bytes bytes = rc_bytes_of_text("x");

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(rc_print_save(folder, "../x.png", bytes, NULL), RC_EUSAGE);
	assert_int_equal(rc_print_save(folder, "..", bytes, NULL), RC_EUSAGE);
	assert_int_equal(rc_print_save(folder, "", bytes, NULL), RC_EUSAGE);
	assert_int_equal(files_in(folder), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(rc_print_save(folder, "x.png", bytes, NULL), RC_ENOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_badge_reads_back_to_exactly_its_payload),
	    cmocka_unit_test(every_module_is_a_whole_number_of_pixels),
	    cmocka_unit_test(the_words_stand_beside_the_code_in_any_script),
	    cmocka_unit_test(a_name_without_end_leaves_the_code_readable),
	    cmocka_unit_test(a_text_that_is_not_utf8_is_refused),
	    cmocka_unit_test(a_buffer_that_is_too_small_is_a_limit),
	    cmocka_unit_test(an_enrolment_sheet_reads_back_to_its_code),
	    cmocka_unit_test(the_longest_enrolment_code_fits_a_sheet),
	    cmocka_unit_test(a_file_is_named_by_its_number_and_by_nothing_that_leads_elsewhere),
	    cmocka_unit_test(a_saved_file_is_whole_private_and_alone),
	    cmocka_unit_test(saving_refuses_names_that_lead_out_and_folders_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
