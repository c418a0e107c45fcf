/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/compress/gzip.h"

#include "shared/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MIB 1048576u

/* `printf hello | gzip -n`: of another program. */
static const uint8_t hello[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86,
				0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00};

static void pack(struct rc_buf *packed, const void *data, size_t size)
{
	rc_buf_init(packed, size + size / 8 + 1024);
	assert_int_equal(rc_gzip(rc_bytes_of(data, size), packed, NULL), RC_OK);
}

/* Unpacks with a limit; a failure must leave the buffer as it was and usable. */
static enum rc_status unpack_status(struct rc_bytes packed, size_t limit)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf plain;
	enum rc_status status;

	rc_buf_init(&plain, limit + 2);
	rc_buf_append_text(&plain, "ab");
	status = rc_gunzip(packed, &plain, NULL);
	if (status != RC_OK) {
		assert_string_equal(rc_buf_text(&plain), "ab");
		assert_int_equal(rc_buf_status(&plain, NULL), RC_OK);
	}
	return status;
}

static void assert_survives(const uint8_t *data, size_t size)
{
	struct rc_buf packed, plain;

	pack(&packed, data, size);
	rc_buf_init(&plain, size); /* exactly as much as comes out */
	assert_int_equal(rc_gunzip(rc_buf_bytes(&packed), &plain, NULL), RC_OK);
	assert_true(rc_bytes_equal(rc_buf_bytes(&plain), rc_bytes_of(data, size)));
	rc_buf_deinit(&packed);
	rc_buf_deinit(&plain);
}

static void what_was_packed_is_unpacked(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 16383, 16384, 16385, 32768, 3 * MIB};
	uint8_t *data = malloc(3 * MIB);

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < 3 * MIB; i++)
		data[i] = (uint8_t)(i * i / 7 % 251);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_survives(data, sizes[i]);
	free(data);
}

/* Random bytes grow: the buffer of the packed side is passed piece by piece. */
static void bytes_that_do_not_compress_survive_too(void **state)
{
	uint8_t *data = malloc(MIB);
	uint32_t seed = 1;

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < MIB; i++) {
		seed = seed * 1664525u + 1013904223u;
		data[i] = (uint8_t)(seed >> 24);
	}
	assert_survives(data, MIB);
	free(data);
}

static void another_programs_gzip_is_read(void **state)
{
	struct rc_buf plain;

	(void)state;
	rc_buf_init(&plain, 100);
	rc_buf_append_text(&plain, "say ");
	assert_int_equal(rc_gunzip(rc_bytes_of(hello, sizeof(hello)), &plain, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&plain), "say hello");
	rc_buf_deinit(&plain);
}

static void the_same_bytes_pack_alike(void **state)
{
	struct rc_buf one, two;

	(void)state;
	pack(&one, "hello hello hello", 17);
	pack(&two, "hello hello hello", 17);
	assert_true(rc_bytes_equal(rc_buf_bytes(&one), rc_buf_bytes(&two)));
	rc_buf_deinit(&one);
	rc_buf_deinit(&two);
}

static void a_bomb_stops_at_the_limit(void **state)
{
	uint8_t *zeros = calloc(1, 16 * MIB);
	struct rc_buf bomb;

	(void)state;
	assert_non_null(zeros);
	pack(&bomb, zeros, 16 * MIB);
	free(zeros);
	assert_true(bomb.size < 32768);
	assert_int_equal(unpack_status(rc_buf_bytes(&bomb), 16 * MIB), RC_OK);
	assert_int_equal(unpack_status(rc_buf_bytes(&bomb), 16 * MIB - 1), RC_ELIMIT);
	assert_int_equal(unpack_status(rc_buf_bytes(&bomb), 16384), RC_ELIMIT);
	assert_int_equal(unpack_status(rc_buf_bytes(&bomb), 1), RC_ELIMIT);
	assert_int_equal(unpack_status(rc_buf_bytes(&bomb), 0), RC_ELIMIT);
	rc_buf_deinit(&bomb);
}

static void anything_behind_the_end_is_malformed(void **state)
{
	uint8_t twice[2 * sizeof(hello)];

	(void)state;
	memcpy(twice, hello, sizeof(hello));
	memcpy(twice + sizeof(hello), hello, sizeof(hello));
	for (size_t size = sizeof(hello) + 1; size <= sizeof(twice); size++)
		assert_int_equal(unpack_status(rc_bytes_of(twice, size), 100), RC_EFORMAT);
	twice[sizeof(hello)] = 0;
	assert_int_equal(unpack_status(rc_bytes_of(twice, sizeof(hello) + 1), 100), RC_EFORMAT);
}

static void a_member_cut_off_anywhere_is_malformed(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(hello); size++) {
		assert_int_equal(unpack_status(rc_bytes_of(hello, size), 100), RC_EFORMAT);
		/* With no room to spare too, where the end has to be looked for. */
		assert_int_equal(unpack_status(rc_bytes_of(hello, size), 5), RC_EFORMAT);
	}
}

static void damaged_checksums_and_headers_are_malformed(void **state)
{
	uint8_t damaged[sizeof(hello)];

	(void)state;
	for (size_t byte = sizeof(hello) - 8; byte < sizeof(hello); byte++) {
		memcpy(damaged, hello, sizeof(hello));
		damaged[byte] ^= 1;
		assert_int_equal(unpack_status(rc_bytes_of(damaged, sizeof(damaged)), 100), RC_EFORMAT);
	}
	for (size_t byte = 0; byte < 3; byte++) {
		memcpy(damaged, hello, sizeof(hello));
		damaged[byte] ^= 1;
		assert_int_equal(unpack_status(rc_bytes_of(damaged, sizeof(damaged)), 100), RC_EFORMAT);
	}
}

static void other_wrappers_are_no_gzip(void **state)
{
	static const uint8_t zlib_hello[] = {0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
					     0x07, 0x00, 0x06, 0x2c, 0x02, 0x15};

	(void)state;
	assert_int_equal(unpack_status(rc_bytes_of(zlib_hello, sizeof(zlib_hello)), 100), RC_EFORMAT);
	assert_int_equal(unpack_status(rc_bytes_of(hello + 10, 7), 100), RC_EFORMAT);
	assert_int_equal(unpack_status(rc_bytes_of_text("{\"e\":{}}\n"), 100), RC_EFORMAT);
}

static void packing_stops_at_the_limit(void **state)
{
	struct rc_buf packed;

	(void)state;
	for (size_t limit = 0; limit < sizeof(hello); limit++) {
		rc_buf_init(&packed, limit);
		assert_int_equal(rc_gzip(rc_bytes_of_text("hello"), &packed, NULL), RC_ELIMIT);
		assert_int_equal(packed.size, 0);
		rc_buf_deinit(&packed);
	}
	rc_buf_init(&packed, sizeof(hello));
	assert_int_equal(rc_gzip(rc_bytes_of_text("hello"), &packed, NULL), RC_OK);
	rc_buf_deinit(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_packed_is_unpacked),
	    cmocka_unit_test(bytes_that_do_not_compress_survive_too),
	    cmocka_unit_test(another_programs_gzip_is_read),
	    cmocka_unit_test(the_same_bytes_pack_alike),
	    cmocka_unit_test(a_bomb_stops_at_the_limit),
	    cmocka_unit_test(anything_behind_the_end_is_malformed),
	    cmocka_unit_test(a_member_cut_off_anywhere_is_malformed),
	    cmocka_unit_test(damaged_checksums_and_headers_are_malformed),
	    cmocka_unit_test(other_wrappers_are_no_gzip),
	    cmocka_unit_test(packing_stops_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
