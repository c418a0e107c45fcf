/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/crypto/host.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_host(const char *text, enum rc_host expected)
{
	const enum rc_host found = rc_host_read(rc_bytes_of_text(text), NULL);

	if (found != expected)
		fail_msg("\"%s\" is %d, not %d", text, (int)found, (int)expected);
}

static void dns_names_are_names(void **state)
{
	(void)state;
	assert_host("server", RC_HOST_NAME);
	assert_host("a", RC_HOST_NAME);
	assert_host("Server-1.Example.COM", RC_HOST_NAME);
	assert_host("1.example", RC_HOST_NAME);
	assert_host("10.0.0.1a", RC_HOST_NAME);
}

static void addresses_are_read_as_bytes(void **state)
{
	static const uint8_t loopback[16] = {[15] = 1};
	uint8_t address[16] = {0};

	(void)state;
	assert_int_equal(rc_host_read(rc_bytes_of_text("10.20.30.40"), address), RC_HOST_IPV4);
	assert_memory_equal(address, ((const uint8_t[]){10, 20, 30, 40}), 4);
	assert_int_equal(rc_host_read(rc_bytes_of_text("::1"), address), RC_HOST_IPV6);
	assert_memory_equal(address, loopback, 16);
}

static void anything_else_is_invalid(void **state)
{
	static const char *const texts[] = {
	    "",        ".",          "a.",  ".a",           "a..b",      "-a",
	    "a-",      "a b",        "a_b", "a/b",          "*.example", "a:1",
	    "10.0.0",  "10.0.0.256", "1",   "0x7f.0.0.1a.", "[::1]",     "::1%eth0",
	    "1::2::3", "\xc3\xa4",   "a\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_host(texts[i], RC_HOST_INVALID);
	assert_int_equal(rc_host_read(rc_bytes_of("a\0b", 3), NULL), RC_HOST_INVALID);
	assert_int_equal(rc_host_read(rc_bytes_of("a\0", 2), NULL), RC_HOST_INVALID);
	assert_int_equal(rc_host_read(rc_bytes_of(NULL, 0), NULL), RC_HOST_INVALID);
}

static void lengths_end_at_63_a_label_and_253_in_all(void **state)
{
	char text[256];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(rc_host_read(rc_bytes_of(text, 63), NULL), RC_HOST_NAME);
	assert_int_equal(rc_host_read(rc_bytes_of(text, 64), NULL), RC_HOST_INVALID);
	for (size_t i = 60; i < sizeof(text); i += 60)
		text[i] = '.';
	assert_int_equal(rc_host_read(rc_bytes_of(text, 253), NULL), RC_HOST_NAME);
	assert_int_equal(rc_host_read(rc_bytes_of(text, 254), NULL), RC_HOST_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dns_names_are_names),
	    cmocka_unit_test(addresses_are_read_as_bytes),
	    cmocka_unit_test(anything_else_is_invalid),
	    cmocka_unit_test(lengths_end_at_63_a_label_and_253_in_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
