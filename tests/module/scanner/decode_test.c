/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/scanner/decode.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/rollcall-decode-XXXXXX";
static char paths[4][128];

static void save(size_t i, struct rc_buf file, const char *name)
{
	FILE *out;

	(void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, name);
	out = fopen(paths[i], "wbe");
	assert_non_null(out);
	assert_int_equal(fwrite(file.data, 1, file.size, out), file.size);
	assert_int_equal(fclose(out), 0);
	rc_buf_deinit(&file);
}

/* Runs the verb; its output is the caller's to free. */
static char *output_of(int count, int want_status)
{
	char *list[] = {paths[0], paths[1], paths[2], paths[3]};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(rc_scanner_decode_main(count, list, out), want_status);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void codes_come_from_above_to_below_one_a_line(void **state)
{
	RC_AUTO(rc_free_p) char *text = NULL;
	RC_AUTO(rc_free_p) uint8_t *pixels = NULL;
	struct canvas canvas = canvas_new(640, 480, 255);
	char want[600];

	(void)state;
	pixels = canvas.pixels;
	canvas_draw_code(&canvas, rc_bytes_of_text("lower"), 40, 270, 6);
	canvas_draw_code(&canvas, rc_bytes_of_text("upper"), 400, 40, 6);
	save(0, canvas_as_png(&canvas, false), "two.png");
	text = output_of(1, 0);
	(void)snprintf(want, sizeof(want), "%s\tupper\n%s\tlower\n", paths[0], paths[0]);
	assert_string_equal(text, want);
}

static void a_picture_without_a_code_or_that_cannot_be_read_is_status_one_and_the_others_are_read(void **state)
{
	RC_AUTO(rc_free_p) char *text = NULL;
	struct canvas empty = canvas_new(64, 64, 255),
		      code = canvas_of_code(rc_bytes_of_text(BADGE), 6);
	char want[300];

	(void)state;
	save(0, canvas_as_pgm(&empty), "empty.pgm");
	save(1, canvas_as_jpeg(&code, false, false), "code.jpg");
	(void)snprintf(paths[2], sizeof(paths[2]), "%s/none.png", folder);
	(void)snprintf(paths[3], sizeof(paths[3]), "%s", folder);
	text = output_of(4, 1);
	(void)snprintf(want, sizeof(want), "%s\t%s\n", paths[1], BADGE);
	assert_string_equal(text, want);
	free(empty.pixels);
	free(code.pixels);
}

static void a_fifo_does_not_make_it_wait(void **state)
{
	RC_AUTO(rc_free_p) char *text = NULL;

	(void)state;
	(void)snprintf(paths[0], sizeof(paths[0]), "%s/fifo", folder);
	assert_int_equal(mkfifo(paths[0], 0600), 0);
	text = output_of(1, 1);
	assert_string_equal(text, "");
}

static void no_picture_at_all_is_wrong_usage(void **state)
{
	(void)state;
	assert_int_equal(rc_scanner_decode_main(0, NULL, stdout), 2);
}

static void assert_escaped(struct rc_bytes payload, const char *want)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf out;

	rc_buf_init(&out, 1000);
	rc_scanner_decode_escape(payload, &out);
	assert_string_equal(rc_buf_text(&out), want);
}

static void a_payload_is_always_one_line_of_text(void **state)
{
	(void)state;
	assert_escaped(rc_bytes_of_text("plain 'text' \"$(x)\""), "plain 'text' \"$(x)\"");
	assert_escaped(rc_bytes_of_text("a\\b\nc\td\re"), "a\\\\b\\nc\\td\\re");
	assert_escaped(rc_bytes_of("\0\x1b[2J\x7f", 6), "\\x00\\x1B[2J\\x7F");
	assert_escaped(rc_bytes_of_text("王小明 é"), "王小明 é");
	assert_escaped(rc_bytes_of("\xb9\xab\xc0\xaf\xff", 5), "\\xB9\\xAB\\xC0\\xAF\\xFF");
	assert_escaped(rc_bytes_of_text("\xc2\x85"), "\\xC2\\x85"); /* NEL, a line's end to some */
	assert_escaped(rc_bytes_of_text("a\xe2\x80\xae"
					"b"),
		       "a\\xE2\\x80\\xAE"
		       "b");                                          /* right-to-left override */
	assert_escaped(rc_bytes_of("ok\xe7\x8e", 4), "ok\\xE7\\x8E"); /* cut in a character */
	assert_escaped(rc_bytes_of("", 0), "");
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"two.png", "empty.pgm", "code.jpg", "fifo"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codes_come_from_above_to_below_one_a_line),
	    cmocka_unit_test(
		a_picture_without_a_code_or_that_cannot_be_read_is_status_one_and_the_others_are_read),
	    cmocka_unit_test(a_fifo_does_not_make_it_wait),
	    cmocka_unit_test(no_picture_at_all_is_wrong_usage),
	    cmocka_unit_test(a_payload_is_always_one_line_of_text),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
