/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/utf8.h"
#include "testing.h"

/* Eight bytes are looked at together, so a bad one must be found at each place of the eight and behind them. */
static void one_bad_byte_anywhere_in_plain_text_is_found(void **state)
{
	char text[] = "plain text of twenty-five";

	(void)state;
	assert_true(rc_utf8_is_valid(rc_bytes_of_text(text)));
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		const char kept = text[i];

		text[i] = '\x80';
		assert_false(rc_utf8_is_valid(rc_bytes_of_text(text)));
		text[i] = kept;
	}
}

struct sample {
	const char *text;
	uint32_t code_point;
	size_t size;
};

static void the_first_and_last_character_of_each_length_are_read(void **state)
{
	static const struct sample samples[] = {
	    {"\x01", 0x1, 1},
	    {"\x7f", 0x7F, 1},
	    {"\xc2\x80", 0x80, 2},
	    {"\xdf\xbf", 0x7FF, 2},
	    {"\xe0\xa0\x80", 0x800, 3},
	    {"\xed\x9f\xbf", 0xD7FF, 3},
	    {"\xee\x80\x80", 0xE000, 3},
	    {"\xef\xbf\xbf", 0xFFFF, 3},
	    {"\xf0\x90\x80\x80", 0x10000, 4},
	    {"\xf4\x8f\xbf\xbf", 0x10FFFF, 4},
	    {"王", 0x738B, 3},
	    {"𠮷", 0x20BB7, 4},
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(samples); i++) {
		uint32_t code_point = 0;

		assert_int_equal(rc_utf8_next(rc_bytes_of_text(samples[i].text), &code_point),
				 samples[i].size);
		assert_int_equal(code_point, samples[i].code_point);
		assert_true(rc_utf8_is_valid(rc_bytes_of_text(samples[i].text)));
	}
}

static void hostile_bytes_are_no_text(void **state)
{
	static const char *const wrong[] = {
	    "\x80",                     /* a continuation alone */
	    "\xbf",                     /* the last continuation */
	    "\xc0\x80",                 /* overlong NUL */
	    "\xc0\xaf",                 /* overlong slash */
	    "\xc1\xbf",                 /* the last overlong of two bytes */
	    "\xe0\x80\xaf",             /* overlong slash in three bytes */
	    "\xe0\x9f\xbf",             /* the last overlong of three bytes */
	    "\xf0\x80\x80\xaf",         /* overlong slash in four bytes */
	    "\xf0\x8f\xbf\xbf",         /* the last overlong of four bytes */
	    "\xed\xa0\x80",             /* first surrogate */
	    "\xed\xbf\xbf",             /* last surrogate */
	    "\xed\xa0\xbd\xed\xb8\x80", /* a pair of surrogates (CESU-8) */
	    "\xf4\x90\x80\x80",         /* U+110000 */
	    "\xf5\x80\x80\x80",         /* above all planes */
	    "\xf8\x88\x80\x80\x80",     /* five bytes */
	    "\xfc\x84\x80\x80\x80\x80", /* six bytes */
	    "\xfe",                     /* never a byte of UTF-8 */
	    "\xff\xfe",                 /* the mark of UTF-16 */
	    "\xe7\x8e",                 /* cut in the middle of a character */
	    "\xe7\x8e!",                /* interrupted by an ordinary sign */
	    "\xcd\xf5",                 /* GBK for 王 and a lead byte */
	    "ok\xff",                   /* good, then bad */
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wrong); i++) {
		assert_false(rc_utf8_is_valid(rc_bytes_of_text(wrong[i])));
		assert_int_equal(rc_utf8_count(rc_bytes_of_text(wrong[i])), 0);
	}
}

static void a_failed_read_leaves_the_code_point_alone(void **state)
{
	uint32_t code_point = 42;

	(void)state;
	assert_int_equal(rc_utf8_next(rc_bytes_of(NULL, 0), &code_point), 0);
	assert_int_equal(rc_utf8_next(rc_bytes_of("\xe7\x8e\x8b", 2), &code_point), 0);
	assert_int_equal(code_point, 42);
}

static void characters_are_counted_and_a_nul_is_one(void **state)
{
	(void)state;
	assert_int_equal(rc_utf8_count(rc_bytes_of_text("王小明 Wang")), 8);
	assert_int_equal(rc_utf8_count(rc_bytes_of("a\0b", 3)), 3);
	assert_int_equal(rc_utf8_count(rc_bytes_of(NULL, 0)), 0);
	assert_true(rc_utf8_is_valid(rc_bytes_of(NULL, 0)));
}

static void characters_that_hide_or_turn_their_neighbours_are_deceptive(void **state)
{
	static const uint32_t deceptive[] = {
	    0x061C, 0x200B, 0x200D, 0x200E, 0x200F, 0x2028,  0x2029,  0x202A,
	    0x202E, 0x2060, 0x2066, 0x2069, 0xFEFF, 0xE0001, 0xE0041, 0xE007F,
	};
	static const uint32_t honest[] = {'A',    0xE9,   0x738B, 0x3000,  0xFF11,
					  0x200A, 0x2010, 0x206A, 0x20BB7, 0xE0080};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(deceptive); i++)
		assert_true(rc_utf8_is_deceptive(deceptive[i]));
	for (size_t i = 0; i < RC_COUNT(honest); i++)
		assert_false(rc_utf8_is_deceptive(honest[i]));
}

static void plain_text_has_nothing_that_is_not_seen(void **state)
{
	(void)state;
	assert_true(rc_utf8_is_plain(rc_bytes_of_text("王小明 Wang-1")));
	assert_true(rc_utf8_is_plain(rc_bytes_of_text("")));
	assert_false(rc_utf8_is_plain(rc_bytes_of_text("a\tb")));
	assert_false(rc_utf8_is_plain(rc_bytes_of("a\0b", 3)));
	assert_false(rc_utf8_is_plain(rc_bytes_of_text("a\x7f")));
	assert_false(rc_utf8_is_plain(rc_bytes_of_text("a\xC2\x85")));
	assert_false(rc_utf8_is_plain(rc_bytes_of_text("a\xE2\x80\xAE")));
	assert_false(rc_utf8_is_plain(rc_bytes_of_text("a\xFF")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_bad_byte_anywhere_in_plain_text_is_found),
	    cmocka_unit_test(the_first_and_last_character_of_each_length_are_read),
	    cmocka_unit_test(hostile_bytes_are_no_text),
	    cmocka_unit_test(a_failed_read_leaves_the_code_point_alone),
	    cmocka_unit_test(characters_are_counted_and_a_nul_is_one),
	    cmocka_unit_test(characters_that_hide_or_turn_their_neighbours_are_deceptive),
	    cmocka_unit_test(plain_text_has_nothing_that_is_not_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
