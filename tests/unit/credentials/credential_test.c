/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/credentials/credential.h"

#include "shared/base/encode.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define PAYLOAD_MAX_BYTES 7089u /* a version 40 full of digits */

/* In memory of its own size, so that a sanitizer sees a read beyond the end. */
static void read_exactly(struct rc_bytes payload, struct rc_payload *out)
{
	uint8_t *copy = malloc(payload.size + (payload.size == 0));

	assert_non_null(copy);
	if (payload.size > 0)
		memcpy(copy, payload.data, payload.size);
	rc_payload_read(rc_bytes_of(copy, payload.size), out);
	free(copy);
}

/* What a badge's maker gets at once is what others get one by one. */
static bool both_are(const struct rc_badge_code *code, const struct rc_id *organisation,
		     const uint8_t find[RC_FIND_BYTES], const uint8_t open_key[RC_OPEN_BYTES])
{
	uint8_t other_find[RC_FIND_BYTES], other_key[RC_OPEN_BYTES];

	rc_badge_derive(code, organisation, other_find, other_key);
	return memcmp(find, other_find, RC_FIND_BYTES) == 0 &&
	       memcmp(open_key, other_key, RC_OPEN_BYTES) == 0;
}

static bool badge_holds(const struct rc_vector *row, const struct rc_badge_code *code)
{
	const struct rc_id organisation = rc_vector_id(row->field[3]);
	uint8_t find[RC_FIND_BYTES], open_key[RC_OPEN_BYTES], expected[RC_OPEN_BYTES];

	rc_badge_find(code, &organisation, find);
	if (!rc_bytes_equal(rc_bytes_of(find, sizeof(find)),
			    rc_vector_bytes(row->field[4], expected, sizeof(expected))))
		return false;
	rc_badge_open(code, &organisation, open_key);
	return rc_bytes_equal(rc_bytes_of(open_key, sizeof(open_key)),
			      rc_vector_bytes(row->field[5], expected, sizeof(expected))) &&
	       both_are(code, &organisation, find, open_key);
}

static bool badge_is_written_back(struct rc_bytes payload, const struct rc_badge_code *code)
{
	char text[RC_BADGE_TEXT_CHARS + 1];

	rc_badge_code_format(code, text);
	return rc_bytes_is_text(payload, text);
}

static bool credential_row_holds(const struct rc_vector *row)
{
	static uint8_t bytes[PAYLOAD_MAX_BYTES];
	const struct rc_bytes payload = rc_vector_bytes(row->field[1], bytes, sizeof(bytes));
	struct rc_payload read;

	read_exactly(payload, &read);
	if (strcmp(rc_payload_class_name(read.class), row->field[2]) != 0)
		return false;
	return read.class != RC_PAYLOAD_RC1 ||
	       (badge_is_written_back(payload, &read.badge) && badge_holds(row, &read.badge));
}

static void payloads_have_their_class_and_badges_their_keys(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/credential.tsv", 6, credential_row_holds);
}

static bool enrol_is_written_back(struct rc_bytes payload, const struct rc_enrol_code *code)
{
	char text[RC_ENROL_TEXT_MAX_CHARS + 1];

	return rc_enrol_code_format(code, text) == RC_OK && rc_bytes_is_text(payload, text);
}

static bool enrol_row_holds(const struct rc_vector *row)
{
	static uint8_t bytes[PAYLOAD_MAX_BYTES];
	uint8_t expected[32];
	const struct rc_bytes payload = rc_vector_bytes(row->field[1], bytes, sizeof(bytes));
	struct rc_payload read;

	read_exactly(payload, &read);
	if (strcmp(rc_payload_class_name(read.class), row->field[2]) != 0)
		return false;
	if (read.class != RC_PAYLOAD_RCE1)
		return true;
	return rc_bytes_equal(rc_bytes_of(read.enrol.ca_sha256, 32),
			      rc_vector_bytes(row->field[3], expected, 32)) &&
	       rc_bytes_equal(rc_bytes_of(read.enrol.code, RC_ENROL_CODE_BYTES),
			      rc_vector_bytes(row->field[4], expected, 32)) &&
	       strcmp(read.enrol.url, row->field[5]) == 0 &&
	       enrol_is_written_back(payload, &read.enrol);
}

static void enrolment_codes_are_read_and_written(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/enrol-code.tsv", 6, enrol_row_holds);
}

static bool organisation_row_holds(const struct rc_vector *row)
{
	uint8_t text[64], expected[RC_ID_BYTES];
	struct rc_id id;
	const bool is_good = strcmp(row->field[2], "ok") == 0;

	if ((rc_id_parse(rc_vector_bytes(row->field[1], text, sizeof(text)), &id) == RC_OK) != is_good)
		return false;
	return !is_good || rc_bytes_equal(rc_bytes_of(id.octets, sizeof(id.octets)),
					  rc_vector_bytes(row->field[3], expected, RC_ID_BYTES));
}

static void an_organisations_id_is_its_16_bytes(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/organisation.tsv", 4, organisation_row_holds);
}

/* All 256 values at all 30 places of a badge: only another character of base32 in the code leaves a badge, and another one. */
static void any_byte_outside_the_alphabet_makes_a_badge_foreign(void **state)
{
	static const char badge[] = "RC1:7QK4ZB2MXWPD3EJR5TYUAVH6NC";
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char text[RC_BADGE_TEXT_CHARS + 1];
	struct rc_payload read;

	(void)state;
	for (size_t place = 0; place < RC_BADGE_TEXT_CHARS; place++) {
		for (unsigned value = 0; value < 256; value++) {
			const bool is_badge =
			    (uint8_t)badge[place] == value ||
			    (place >= 4 && value != 0 && strchr(alphabet, (int)value));

			memcpy(text, badge, sizeof(text));
			text[place] = (char)value;
			read_exactly(rc_bytes_of(text, RC_BADGE_TEXT_CHARS), &read);
			if (place == 2 && value == '2')
				assert_int_equal(read.class, RC_PAYLOAD_RC2);
			else
				assert_int_equal(read.class,
						 is_badge ? RC_PAYLOAD_RC1 : RC_PAYLOAD_FOREIGN);
			if (read.class == RC_PAYLOAD_RC1)
				assert_memory_equal(read.badge.text, text + 4, RC_BADGE_CODE_CHARS);
		}
	}
}

static void no_cut_of_an_enrolment_code_passes_for_the_whole(void **state)
{
	struct rc_enrol_code code = {.ca_sha256 = {1}, .code = {2}, .url = "https://[::1]:8443"};
	char text[RC_ENROL_TEXT_MAX_CHARS + 1];
	struct rc_payload read;
	size_t whole;

	(void)state;
	assert_int_equal(rc_enrol_code_format(&code, text), RC_OK);
	whole = strlen(text);
	/* A cut within the port may leave a shorter port, which nothing in the format forbids. */
	for (size_t size = 0; size < whole; size++) {
		read_exactly(rc_bytes_of(text, size), &read);
		if (read.class == RC_PAYLOAD_RCE1)
			assert_true(strlen(read.enrol.url) < strlen(code.url));
		else
			assert_int_equal(read.class, RC_PAYLOAD_FOREIGN);
	}
	read_exactly(rc_bytes_of(text, whole), &read);
	assert_int_equal(read.class, RC_PAYLOAD_RCE1);
	assert_memory_equal(&read.enrol, &code, sizeof(code));
}

static void the_longest_enrolment_code_fits_its_text(void **state)
{
	struct rc_enrol_code code = {0};
	char text[RC_ENROL_TEXT_MAX_CHARS + 1];
	struct rc_payload read;

	(void)state;
	memset(code.ca_sha256, 0xFF, sizeof(code.ca_sha256));
	memset(code.code, 0xFF, sizeof(code.code));
	memset(code.url, 'a', RC_ENROL_URL_MAX_CHARS);
	memcpy(code.url, "https://", 8);
	for (size_t i = 60; i < 195; i += 60)
		code.url[i] = '.';
	memcpy(code.url + 195, ":8443", 5);
	assert_int_equal(rc_enrol_code_format(&code, text), RC_OK);
	read_exactly(rc_bytes_of_text(text), &read);
	assert_int_equal(read.class, RC_PAYLOAD_RCE1);
	assert_string_equal(read.enrol.url, code.url);
}

static void no_code_is_made_for_a_url_that_would_not_be_read(void **state)
{
	static const char *const urls[] = {"",
					   "http://server:8443",
					   "https://server",
					   "https://server:8443/",
					   "https://server:8443 x",
					   "https://user@server:8443"};
	char text[RC_ENROL_TEXT_MAX_CHARS + 1] = "untouched";
	struct rc_enrol_code code = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_true(rc_text_copy(urls[i], code.url, sizeof(code.url)));
		assert_int_equal(rc_enrol_code_format(&code, text), RC_EFORMAT);
	}
	memset(code.url, 'a', sizeof(code.url)); /* not even ended */
	assert_int_equal(rc_enrol_code_format(&code, text), RC_EFORMAT);
	assert_string_equal(text, "untouched");
}

static void a_url_gives_its_host_and_port(void **state)
{
	struct rc_bytes host;
	uint16_t port;

	(void)state;
	assert_true(rc_enrol_url_split(rc_bytes_of_text("https://server.example:8443"), &host, &port));
	assert_true(rc_bytes_is_text(host, "server.example"));
	assert_int_equal(port, 8443);
	assert_true(rc_enrol_url_split(rc_bytes_of_text("https://[2001:db8::1]:65535"), &host, &port));
	assert_true(rc_bytes_is_text(host, "2001:db8::1"));
	assert_int_equal(port, 65535);
	assert_false(rc_enrol_url_split(rc_bytes_of_text("https://other:0"), &host, &port));
	assert_true(rc_bytes_is_text(host, "2001:db8::1"));
	assert_int_equal(port, 65535);
}

static void a_url_ends_at_200_characters(void **state)
{
	char url[202];

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://", 8);
	for (size_t i = 60; i < 195; i += 60)
		url[i] = '.';
	memcpy(url + 195, ":8443", 5);
	assert_true(rc_enrol_url_is_valid(rc_bytes_of(url, 200)));
	memcpy(url + 195, "a:8443", 6);
	assert_false(rc_enrol_url_is_valid(rc_bytes_of(url, 201)));
}

static void new_badges_are_well_formed_and_differ(void **state)
{
	char text[RC_BADGE_TEXT_CHARS + 1], last[RC_BADGE_TEXT_CHARS + 1] = "";
	unsigned seen[256] = {0};
	struct rc_payload read;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		const struct rc_badge_code code = rc_badge_code_new();

		rc_badge_code_format(&code, text);
		read_exactly(rc_bytes_of_text(text), &read);
		assert_int_equal(read.class, RC_PAYLOAD_RC1);
		assert_string_not_equal(text, last);
		memcpy(last, text, sizeof(last));
		for (size_t k = 4; k < RC_BADGE_TEXT_CHARS; k++)
			seen[(uint8_t)text[k]]++;
	}
	/* 52,000 characters, 1,625 of each expected: one below 1,300 or above 1,950 would be 8 sigma off. */
	for (const char *c = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; *c; c++)
		assert_in_range(seen[(uint8_t)*c], 1300, 1950);
}

/* The last character too carries five random bits: 130 in all. */
static void the_last_character_of_new_badges_takes_all_values(void **state)
{
	unsigned kinds = 0, seen[256] = {0};

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		kinds += seen[(uint8_t)rc_badge_code_new().text[RC_BADGE_CODE_CHARS - 1]]++ == 0;
	assert_int_equal(kinds, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(payloads_have_their_class_and_badges_their_keys),
	    cmocka_unit_test(enrolment_codes_are_read_and_written),
	    cmocka_unit_test(an_organisations_id_is_its_16_bytes),
	    cmocka_unit_test(any_byte_outside_the_alphabet_makes_a_badge_foreign),
	    cmocka_unit_test(no_cut_of_an_enrolment_code_passes_for_the_whole),
	    cmocka_unit_test(the_longest_enrolment_code_fits_its_text),
	    cmocka_unit_test(no_code_is_made_for_a_url_that_would_not_be_read),
	    cmocka_unit_test(a_url_gives_its_host_and_port),
	    cmocka_unit_test(a_url_ends_at_200_characters),
	    cmocka_unit_test(new_badges_are_well_formed_and_differ),
	    cmocka_unit_test(the_last_character_of_new_badges_takes_all_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
