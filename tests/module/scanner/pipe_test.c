/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/scanner/pipe.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

static char memory[RC_SCANNER_LINE_MAX_BYTES + 1];
static struct rc_scanner_find find;
static struct rc_scanner_line line;

#define GOOD "F 1 2 3 90 1,2 -3,4 5,6 7,8 "

static struct rc_buf new_buf(void)
{
	struct rc_buf buf;

	rc_buf_init_fixed(&buf, memory, sizeof(memory));
	return buf;
}

/* Without its newline, which must be there. */
static struct rc_bytes line_of(const struct rc_buf *buf)
{
	assert_int_equal(rc_buf_status(buf, NULL), RC_OK);
	assert_true(buf->size > 0 && buf->size <= RC_SCANNER_LINE_MAX_BYTES);
	assert_int_equal(buf->data[buf->size - 1], '\n');
	assert_ptr_equal(memchr(buf->data, '\n', buf->size), buf->data + buf->size - 1);
	return rc_bytes_of(buf->data, buf->size - 1);
}

static void a_find_is_written_as_the_format_says(void **state)
{
	struct rc_buf buf = new_buf();

	(void)state;
	find = (struct rc_scanner_find){
	    .frame = 7, .mono_us = 123456, .quality = 2, .turn = 270, .size = 3, .payload = {0, '\n', 0xFF}};
	find.corners[0] = (struct rc_scanner_point){10, 20};
	find.corners[2] = (struct rc_scanner_point){-1, 4000};
	rc_scanner_pipe_encode_find(&find, &buf);
	assert_string_equal(rc_buf_text(&buf), "F 7 123456 2 270 10,20 0,0 -1,4000 0,0 000aff\n");
}

static void a_find_comes_back_as_it_was(void **state)
{
	struct rc_buf buf = new_buf();

	(void)state;
	memset(&find, 0, sizeof(find));
	find.frame = RC_SCANNER_NUMBER_MAX;
	find.mono_us = RC_SCANNER_NUMBER_MAX;
	find.quality = RC_SCANNER_QUALITY_MAX;
	find.turn = 180;
	for (size_t i = 0; i < 4; i++)
		find.corners[i] = (struct rc_scanner_point){-4096, 8191};
	find.size = sizeof(find.payload);
	for (size_t i = 0; i < find.size; i++)
		find.payload[i] = (uint8_t)i;
	find.omitted = 3089;
	rc_scanner_pipe_encode_find(&find, &buf);
	assert_int_equal(rc_scanner_pipe_decode(line_of(&buf), &line, NULL), RC_OK);
	assert_int_equal(line.kind, RC_SCANNER_LINE_FIND);
	assert_memory_equal(&line.find, &find, sizeof(find));
	assert_int_equal(line.frame, find.frame);
	assert_int_equal(line.mono_us, find.mono_us);
}

static void values_out_of_range_are_brought_into_it(void **state)
{
	struct rc_buf buf = new_buf();

	(void)state;
	memset(&find, 0, sizeof(find));
	find.size = 1;
	find.quality = -5;
	find.corners[0] = (struct rc_scanner_point){INT32_MIN, INT32_MAX};
	rc_scanner_pipe_encode_find(&find, &buf);
	assert_int_equal(rc_scanner_pipe_decode(line_of(&buf), &line, NULL), RC_OK);
	assert_int_equal(line.find.quality, 0);
	assert_int_equal(line.find.corners[0].x, -4096);
	assert_int_equal(line.find.corners[0].y, 8191);
}

static void a_heartbeat_and_every_end_come_back(void **state)
{
	struct rc_buf buf = new_buf();

	(void)state;
	rc_scanner_pipe_encode_alive(0, 55, &buf);
	assert_string_equal(rc_buf_text(&buf), "A 0 55\n");
	assert_int_equal(rc_scanner_pipe_decode(line_of(&buf), &line, NULL), RC_OK);
	assert_int_equal(line.kind, RC_SCANNER_LINE_ALIVE);
	assert_int_equal(line.frame, 0);
	assert_int_equal(line.mono_us, 55);
	for (enum rc_scanner_end end = RC_SCANNER_END_ENDED; end <= RC_SCANNER_END_SANDBOX; end++) {
		rc_buf_clear(&buf);
		rc_scanner_pipe_encode_end(end, &buf);
		assert_int_equal(rc_scanner_pipe_decode(line_of(&buf), &line, NULL), RC_OK);
		assert_int_equal(line.kind, RC_SCANNER_LINE_END);
		assert_int_equal(line.end, end);
	}
}

static void assert_refused(const char *text)
{
	if (rc_scanner_pipe_decode(rc_bytes_of_text(text), &line, NULL) == RC_OK)
		fail_msg("taken: %s", text);
}

static void anything_but_the_exact_form_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "",
	    " ",
	    "X",
	    "F",
	    "F ",
	    "A",
	    "A 1",
	    "A 1 ",
	    "A 1 2 ",
	    "A 1 2 3",
	    "A  1 2",
	    " A 1 2",
	    "A 01 2",
	    "A +1 2",
	    "A -1 2",
	    "A 1 2\r",
	    "A 1 9007199254740992",
	    "A 99999999999999999999999 1",
	    "a 1 2",
	    "A 1\t2",
	    "E",
	    "E ",
	    "E gone",
	    "E ended ",
	    "E Ended",
	    "Eended",
	    GOOD,
	    GOOD "0",
	    GOOD "0g",
	    GOOD "0A",
	    GOOD "00 ",
	    GOOD "00 00",
	    GOOD "00+",
	    GOOD "00+0",
	    GOOD "00+01",
	    GOOD "00+8193",
	    GOOD "+5",
	    GOOD "0+5",
	    GOOD "00+5+5",
	    "F 1 2 3 91 1,2 -3,4 5,6 7,8 00",
	    "F 1 2 3 360 1,2 -3,4 5,6 7,8 00",
	    "F 1 2 3 -90 1,2 -3,4 5,6 7,8 00",
	    "F 1 2 1000001 90 1,2 -3,4 5,6 7,8 00",
	    "F 1 2 3 90 1,2 -3,4 5,6 00",
	    "F 1 2 3 90 1,2 -0,4 5,6 7,8 00",
	    "F 1 2 3 90 1,2 -4097,4 5,6 7,8 00",
	    "F 1 2 3 90 1,2 8192,4 5,6 7,8 00",
	    "F 1 2 3 90 1;2 -3,4 5,6 7,8 00",
	    "F 1 2 3 90 1,2  -3,4 5,6 7,8 00",
	};

	(void)state;
	assert_int_equal(rc_scanner_pipe_decode(rc_bytes_of_text(GOOD "00"), &line, NULL), RC_OK);
	assert_int_equal(rc_scanner_pipe_decode(rc_bytes_of_text(GOOD "00+12"), &line, NULL), RC_OK);
	assert_int_equal(line.find.omitted, 12);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(wrong[i]);
	assert_int_equal(rc_scanner_pipe_decode(rc_bytes_of("A 1 2\0", 6), &line, NULL), RC_EFORMAT);
}

static void a_payload_or_line_over_the_limit_is_refused(void **state)
{
	static char text[RC_SCANNER_LINE_MAX_BYTES + 10];
	const size_t front = strlen(GOOD);

	(void)state;
	memset(text, '0', sizeof(text));
	memcpy(text, GOOD, front);
	assert_int_equal(rc_scanner_pipe_decode(rc_bytes_of(text, front + 8000), &line, NULL), RC_OK);
	assert_int_equal(rc_scanner_pipe_decode(rc_bytes_of(text, front + 8002), &line, NULL), RC_EFORMAT);
	assert_int_equal(rc_scanner_pipe_decode(rc_bytes_of(text, RC_SCANNER_LINE_MAX_BYTES), &line, NULL),
			 RC_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_find_is_written_as_the_format_says),
	    cmocka_unit_test(a_find_comes_back_as_it_was),
	    cmocka_unit_test(values_out_of_range_are_brought_into_it),
	    cmocka_unit_test(a_heartbeat_and_every_end_come_back),
	    cmocka_unit_test(anything_but_the_exact_form_is_refused),
	    cmocka_unit_test(a_payload_or_line_over_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
