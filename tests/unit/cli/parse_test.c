/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct rc_endpoint endpoint_of(const char *text)
{
	struct rc_endpoint endpoint = {.port = 1};

	assert_int_equal(rc_endpoint_parse(text, &endpoint, NULL), RC_OK);
	return endpoint;
}

static void an_address_and_a_port_are_read(void **state)
{
	struct rc_endpoint endpoint = endpoint_of("10.1.2.3:8443");

	(void)state;
	assert_string_equal(endpoint.host, "10.1.2.3");
	assert_int_equal(endpoint.port, 8443);
	assert_false(endpoint.is_ipv6 || endpoint.is_loopback || endpoint.is_wildcard);
	endpoint = endpoint_of("[2001:db8::1]:65535");
	assert_string_equal(endpoint.host, "2001:db8::1");
	assert_int_equal(endpoint.port, 65535);
	assert_true(endpoint.is_ipv6);
	assert_int_equal(endpoint_of("127.0.0.1:0").port, 0);
}

static void loopback_is_what_nobody_else_can_reach(void **state)
{
	(void)state;
	assert_true(endpoint_of("127.0.0.1:80").is_loopback);
	assert_true(endpoint_of("127.255.0.9:80").is_loopback);
	assert_true(endpoint_of("[::1]:80").is_loopback);
	assert_false(endpoint_of("0.0.0.0:80").is_loopback);
	assert_false(endpoint_of("[::]:80").is_loopback);
	assert_false(endpoint_of("[::2]:80").is_loopback);
	assert_false(endpoint_of("128.0.0.1:80").is_loopback);
	assert_true(endpoint_of("0.0.0.0:80").is_wildcard);
	assert_true(endpoint_of("[::]:80").is_wildcard);
}

static void anything_else_is_no_address(void **state)
{
	static const char *const bad[] = {"",
					  ":",
					  "8443",
					  ":8443",
					  "127.0.0.1",
					  "127.0.0.1:",
					  "127.0.0.1:x",
					  "127.0.0.1:-1",
					  "127.0.0.1:65536",
					  "localhost:1",
					  "::1:80",
					  "[::1]",
					  "[127.0.0.1]:80",
					  "[]:1",
					  "[::1:80",
					  "127.1:80",
					  "127.0.0.1:80 ",
					  " 127.0.0.1:80",
					  "[fe80::1%eth0]:1"};
	struct rc_endpoint endpoint = {.port = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rc_endpoint_parse(bad[i], &endpoint, NULL), RC_EUSAGE);
	assert_int_equal(endpoint.port, 7);
}

static void times_are_digits_and_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"1s", 1000},
		    {"10m", 600000},
		    {"2h", 7200000},
		    {"7d", 604800000},
		    {"366d", INT64_C(31622400000)}};
	static const char *const bad[] = {"",   "m",    "10",   "10 m", "-1m",   "+1m",
					  "0m", "1.5h", "367d", "10M",  "10min", "99999999999s"};
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rc_duration_parse(bad[i], &ms, NULL), RC_EUSAGE);
	assert_true(ms == 7);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(rc_duration_parse(good[i].text, &ms, NULL), RC_OK);
		assert_true(ms == good[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_and_a_port_are_read),
	    cmocka_unit_test(loopback_is_what_nobody_else_can_reach),
	    cmocka_unit_test(anything_else_is_no_address),
	    cmocka_unit_test(times_are_digits_and_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
