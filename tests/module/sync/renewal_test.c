/* SPDX-License-Identifier: Apache-2.0 */
/* When a certificate is due to be followed by another. */
#include "firmware/sync/renew.h"

#include "shared/base/timestamp.h"
#include "tests/module/identity/made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define END_MS INT64_C(2524608000000) /* of the certificates that are made here */
#define URL    "https://rollcall.example:8443"

static int set_up(void **state)
{
	struct rc_identity *identity = calloc(1, sizeof(*identity));

	assert_non_null(identity);
	made_identity(identity, URL);
	*state = identity;
	return 0;
}

static int tear_down(void **state)
{
	rc_identity_deinit(*state);
	free(*state);
	return 0;
}

static void it_is_due_when_two_thirds_of_its_life_are_gone(void **state)
{
	struct rc_identity *identity = *state;

	identity->issued_ms = END_MS - 300 * RC_DAY_MS;
	assert_false(rc_renewal_is_due(identity, identity->issued_ms));
	assert_false(rc_renewal_is_due(identity, END_MS - 100 * RC_DAY_MS - 1));
	assert_true(rc_renewal_is_due(identity, END_MS - 100 * RC_DAY_MS));
	assert_true(rc_renewal_is_due(identity, END_MS - 1));
}

static void it_is_due_after_it_has_ended(void **state)
{
	struct rc_identity *identity = *state;

	identity->issued_ms = END_MS - 300 * RC_DAY_MS;
	assert_true(rc_renewal_is_due(identity, END_MS + 1000 * RC_DAY_MS));
}

static void a_life_that_nobody_wrote_down_is_400_days(void **state)
{
	struct rc_identity *identity = *state;

	identity->issued_ms = 0; /* of an identity that an older version saved */
	assert_false(rc_renewal_is_due(identity, END_MS - 134 * RC_DAY_MS));
	assert_true(rc_renewal_is_due(identity, END_MS - 133 * RC_DAY_MS));
	identity->issued_ms = END_MS; /* damaged: it would be due for ever, or never */
	assert_false(rc_renewal_is_due(identity, END_MS - 134 * RC_DAY_MS));
	assert_true(rc_renewal_is_due(identity, END_MS - 133 * RC_DAY_MS));
}

static void what_cant_be_read_is_not_due(void **state)
{
	struct rc_identity *identity = *state;

	rc_buf_clear(&identity->certificate_der);
	rc_buf_append_text(&identity->certificate_der, "no certificate");
	assert_false(rc_renewal_is_due(identity, END_MS));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_is_due_when_two_thirds_of_its_life_are_gone),
	    TEST(it_is_due_after_it_has_ended),
	    TEST(a_life_that_nobody_wrote_down_is_400_days),
	    TEST(what_cant_be_read_is_not_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
