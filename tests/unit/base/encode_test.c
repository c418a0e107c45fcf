/* SPDX-License-Identifier: Apache-2.0 */
/* The text codecs against the examples of RFC 4648 section 10 and RFC 9285 section 4, and against text that is none. */
#include "shared/base/encode.h"
#include "testing.h"

struct pair {
	const char *plain;
	const char *text;
};

typedef void (*encoder)(struct rc_bytes bytes, char *text);
typedef enum rc_status (*decoder)(struct rc_bytes text, uint8_t *out, size_t max, size_t *size);

static void check_pairs(const struct pair *pairs, size_t count, encoder encode, decoder decode)
{
	for (size_t i = 0; i < count; i++) {
		struct rc_bytes plain = rc_bytes_of_text(pairs[i].plain);
		char text[64];
		uint8_t out[64];
		size_t size = 99;

		encode(plain, text);
		assert_string_equal(text, pairs[i].text);
		assert_int_equal(decode(rc_bytes_of_text(pairs[i].text), out, sizeof(out), &size), RC_OK);
		assert_true(rc_bytes_equal(rc_bytes_of(out, size), plain));
	}
}

static void check_refused(const char *const *texts, size_t count, decoder decode)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t out[64];
		size_t size = 99;

		assert_int_equal(decode(rc_bytes_of_text(texts[i]), out, sizeof(out), &size), RC_EFORMAT);
		assert_int_equal(size, 99);
	}
}

/* Every length up to 40 with bytes that use all bits. */
static void check_round_trips(encoder encode, decoder decode, size_t (*chars)(size_t bytes))
{
	uint8_t plain[40];

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(0xFFu - i * 37u);
	for (size_t n = 0; n <= sizeof(plain); n++) {
		char text[128];
		uint8_t out[40];
		size_t size = 99;

		encode(rc_bytes_of(plain, n), text);
		assert_int_equal(strlen(text), chars(n));
		assert_int_equal(decode(rc_bytes_of_text(text), out, n, &size), RC_OK);
		assert_true(rc_bytes_equal(rc_bytes_of(out, size), rc_bytes_of(plain, n)));
		if (n > 0)
			assert_int_equal(decode(rc_bytes_of_text(text), out, n - 1, &size), RC_ELIMIT);
	}
}

static size_t base32_chars(size_t bytes)
{
	return RC_BASE32_CHARS(bytes);
}

static size_t base45_chars(size_t bytes)
{
	return RC_BASE45_CHARS(bytes);
}

static size_t base64_chars(size_t bytes)
{
	return RC_BASE64_CHARS(bytes);
}

static void base32_gives_the_examples_of_rfc_4648_without_padding(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"f", "MY"},
	    {"fo", "MZXQ"},
	    {"foo", "MZXW6"},
	    {"foob", "MZXW6YQ"},
	    {"fooba", "MZXW6YTB"},
	    {"foobar", "MZXW6YTBOI"},
	};

	(void)state;
	check_pairs(pairs, RC_COUNT(pairs), rc_base32_encode, rc_base32_decode);
}

static void base64url_gives_the_examples_of_rfc_4648_without_padding(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"f", "Zg"},
	    {"fo", "Zm8"},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg"},
	    {"fooba", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "-_-_"},
	};

	(void)state;
	check_pairs(pairs, RC_COUNT(pairs), rc_base64url_encode, rc_base64url_decode);
}

static void base45_gives_the_examples_of_rfc_9285(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"AB", "BB8"},
	    {"Hello!!", "%69 VD92EX0"},
	    {"base-45", "UJCLQE7W581"},
	    {"ietf!", "QED8WEX0"},
	};

	(void)state;
	check_pairs(pairs, RC_COUNT(pairs), rc_base45_encode, rc_base45_decode);
}

static void every_length_comes_back_and_one_byte_less_room_is_refused(void **state)
{
	(void)state;
	check_round_trips(rc_base32_encode, rc_base32_decode, base32_chars);
	check_round_trips(rc_base45_encode, rc_base45_decode, base45_chars);
	check_round_trips(rc_base64url_encode, rc_base64url_decode, base64_chars);
}

static void base32_refuses_lower_case_padding_and_foreign_characters(void **state)
{
	static const char *const texts[] = {"my",     "MY======", "M1",  "M0",   "M8",
					    "MZX W6", "MY\n",     "MY-", "ＭＹ", "MZXW6YTB="};

	(void)state;
	check_refused(texts, RC_COUNT(texts), rc_base32_decode);
}

static void base32_refuses_lengths_that_no_bytes_have(void **state)
{
	static const char *const texts[] = {"A", "AAA", "AAAAAA", "AAAAAAAAA"};

	(void)state;
	check_refused(texts, RC_COUNT(texts), rc_base32_decode);
}

static void base32_refuses_a_second_spelling_of_the_same_bytes(void **state)
{
	static const char *const texts[] = {"MZ", "M7", "MZXR", "MZXW7", "MZXW6YR"};

	(void)state;
	check_refused(texts, RC_COUNT(texts), rc_base32_decode);
}

static void base64url_refuses_the_plain_alphabet_padding_and_loose_bits(void **state)
{
	static const char *const texts[] = {"Zg==",  "+/+/", "Zm 9v", "Z",
					    "Zm9vY", "Zh",   "Zm9",   "Zm9v\r\n"};

	(void)state;
	check_refused(texts, RC_COUNT(texts), rc_base64url_decode);
}

static void base45_refuses_a_last_single_character_and_foreign_ones(void **state)
{
	static const char *const texts[] = {"A", "BB8A", "bb8", "BB;", "BB\n", "BB\"", ":::", "::"};

	(void)state;
	check_refused(texts, RC_COUNT(texts), rc_base45_decode);
}

static void base45_takes_the_largest_values_and_refuses_the_next(void **state)
{
	static const char *const too_large[] = {"GGW", "V5"};
	uint8_t out[2];
	size_t size = 0;

	(void)state;
	assert_int_equal(rc_base45_decode(rc_bytes_of_text("FGW"), out, sizeof(out), &size), RC_OK);
	assert_int_equal(size, 2);
	assert_int_equal(out[0] << 8 | out[1], 0xFFFF);
	assert_int_equal(rc_base45_decode(rc_bytes_of_text("U5"), out, sizeof(out), &size), RC_OK);
	assert_int_equal(size, 1);
	assert_int_equal(out[0], 0xFF);
	check_refused(too_large, RC_COUNT(too_large), rc_base45_decode);
}

static void a_nul_is_of_no_alphabet(void **state)
{
	struct rc_bytes text = rc_bytes_of("A\0", 2);
	uint8_t out[8];
	size_t size;

	(void)state;
	assert_int_equal(rc_base32_decode(text, out, sizeof(out), &size), RC_EFORMAT);
	assert_int_equal(rc_base45_decode(text, out, sizeof(out), &size), RC_EFORMAT);
	assert_int_equal(rc_base64url_decode(text, out, sizeof(out), &size), RC_EFORMAT);
	assert_int_equal(rc_hex_decode(text, out, 1), RC_EFORMAT);
	assert_false(rc_base32_is_alphabet(text));
}

static void hex_is_lower_case_of_exactly_the_asked_size(void **state)
{
	static const char *const wrong[] = {"0",    "00f",   "00FF",   "00fg", "0x0f",
					    " 0ff", "00f f", "00ff00", ""};
	uint8_t out[2] = {7, 7};
	char text[RC_HEX_CHARS(2) + 1];

	(void)state;
	rc_hex_encode(rc_bytes_of("\x00\xff", 2), text);
	assert_string_equal(text, "00ff");
	assert_int_equal(rc_hex_decode(rc_bytes_of_text(text), out, 2), RC_OK);
	assert_memory_equal(out, "\x00\xff", 2);
	for (size_t i = 0; i < RC_COUNT(wrong); i++)
		assert_int_equal(rc_hex_decode(rc_bytes_of_text(wrong[i]), out, 2), RC_EFORMAT);
}

static void a_badge_of_26_characters_is_of_the_alphabet_although_it_is_no_whole_bytes(void **state)
{
	struct rc_bytes badge = rc_bytes_of_text("ABCDEFGHIJKLMNOPQRSTUVWX27");

	(void)state;
	assert_true(rc_base32_is_alphabet(badge));
	assert_false(rc_base32_is_alphabet(rc_bytes_of_text("ABCDEFGHIJKLMNOPQRSTUVWX2'")));
	assert_false(rc_base32_is_alphabet(rc_bytes_of_text("abcdefghijklmnopqrstuvwx27")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base32_gives_the_examples_of_rfc_4648_without_padding),
	    cmocka_unit_test(base64url_gives_the_examples_of_rfc_4648_without_padding),
	    cmocka_unit_test(base45_gives_the_examples_of_rfc_9285),
	    cmocka_unit_test(every_length_comes_back_and_one_byte_less_room_is_refused),
	    cmocka_unit_test(base32_refuses_lower_case_padding_and_foreign_characters),
	    cmocka_unit_test(base32_refuses_lengths_that_no_bytes_have),
	    cmocka_unit_test(base32_refuses_a_second_spelling_of_the_same_bytes),
	    cmocka_unit_test(base64url_refuses_the_plain_alphabet_padding_and_loose_bits),
	    cmocka_unit_test(base45_refuses_a_last_single_character_and_foreign_ones),
	    cmocka_unit_test(base45_takes_the_largest_values_and_refuses_the_next),
	    cmocka_unit_test(a_nul_is_of_no_alphabet),
	    cmocka_unit_test(hex_is_lower_case_of_exactly_the_asked_size),
	    cmocka_unit_test(a_badge_of_26_characters_is_of_the_alphabet_although_it_is_no_whole_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
