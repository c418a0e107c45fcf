/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/facts_gen/kinds.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SESSION "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
#define FIND    "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"
#define ARRIVAL(verdict, rest)                                                                     \
	"{\"session\":\"" SESSION "\",\"session_version\":3,\"ref\":\"" SESSION                    \
	"\",\"find\":\"" FIND "\",\"verdict\":\"" verdict "\",\"roster_n\":90210" rest "}"

static enum rc_status decode_arrival(const char *json, struct rc_fact_attendance_signed_in *fact,
				     struct rc_error *err)
{
	return rc_fact_attendance_signed_in_decode(rc_bytes_of_text(json), fact, err);
}

static void a_body_comes_back_as_it_went(void **state)
{
	struct rc_fact_attendance_signed_in fact;
	struct rc_buf body;

	(void)state;
	assert_int_equal(decode_arrival(ARRIVAL("walk_in", ""), &fact, NULL), RC_OK);
	assert_int_equal(fact.session_version, 3);
	assert_int_equal(fact.verdict, RC_VERDICT_WALK_IN);
	assert_int_equal(fact.find[15], 0x7f);
	rc_buf_init(&body, 1024);
	rc_fact_attendance_signed_in_encode(&fact, &body);
	assert_string_equal(rc_buf_text(&body), ARRIVAL("walk_in", ""));
	rc_buf_deinit(&body);
}

static void an_optional_field_that_is_not_there_is_written_as_null(void **state)
{
	struct rc_fact_journal_started fact = {.reason = "new", .has_old_seq = true, .old_seq = 5};
	struct rc_buf body;

	(void)state;
	rc_buf_init(&body, 1024);
	rc_fact_journal_started_encode(&fact, &body);
	assert_string_equal(
	    rc_buf_text(&body),
	    "{\"reason\":\"new\",\"old_epoch\":null,\"old_seq\":5,\"old_hash\":null}");
	rc_buf_deinit(&body);
}

static void an_optional_field_may_be_null_or_missing(void **state)
{
	struct rc_fact_journal_started fact;

	(void)state;
	assert_int_equal(
	    rc_fact_journal_started_decode(
		rc_bytes_of_text(
		    "{\"old_seq\":null,\"reason\":\"new\",\"old_epoch\":\"00c0ffee5eed0001\"}"),
		&fact, NULL),
	    RC_OK);
	assert_false(fact.has_old_seq);
	assert_false(fact.has_old_hash);
	assert_true(fact.has_old_epoch);
	assert_true(fact.old_epoch == UINT64_C(0x00c0ffee5eed0001));
}

static void unknown_fields_are_passed_over_and_escapes_resolved(void **state)
{
	struct rc_fact_kiosk_started fact;

	(void)state;
	assert_int_equal(
	    rc_fact_kiosk_started_decode(
		rc_bytes_of_text(" { \"new\" : {\"a\":[1]} , \"vers\\u0069on\" : \"1.\\u00b2\" } "),
		&fact, NULL),
	    RC_OK);
	assert_string_equal(fact.version, "1.\xc2\xb2");
}

static void a_wrong_field_is_named(void **state)
{
	static const struct {
		const char *json, *named;
	} cases[] = {
	    {"{}", "\"session\" is missing"},
	    {"[]", "no object"},
	    {"{\"session\":1}", "\"session\""},
	    {ARRIVAL("late", ""), "\"verdict\""},
	    {ARRIVAL("walk_in", "0000000000000000000000"), "not JSON"},
	    {ARRIVAL("walk_in", "000000000000"), "\"roster_n\""},
	    {ARRIVAL("walk_in", ".0"), "\"roster_n\""},
	    {ARRIVAL("walk_in", ",\"session\":\"\""), "twice"},
	};
	struct rc_fact_attendance_signed_in fact;
	struct rc_error err;

	(void)state;
	memset(&fact, 0x5A, sizeof(fact));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(decode_arrival(cases[i].json, &fact, &err), RC_EFORMAT);
		if (!strstr(err.text, cases[i].named))
			fail_msg("\"%s\" does not say %s", err.text, cases[i].named);
		assert_int_equal(*(uint8_t *)&fact, 0x5A);
	}
}

static void text_is_taken_up_to_its_limit(void **state)
{
	struct rc_fact_device_changed fact;
	const char *fits = "{\"device\":\"12345678901234567890123456789012\",\"state\":\"\"}";
	const char *longer = "{\"device\":\"123456789012345678901234567890123\",\"state\":\"\"}";

	(void)state;
	assert_int_equal(rc_fact_device_changed_decode(rc_bytes_of_text(fits), &fact, NULL), RC_OK);
	assert_int_equal(strlen(fact.device), 32);
	assert_string_equal(fact.state, "");
	assert_int_equal(rc_fact_device_changed_decode(rc_bytes_of_text(longer), &fact, NULL), RC_EFORMAT);
}

static void an_integer_has_the_limit_of_the_table(void **state)
{
	static const char format[] =
	    "{\"from_src\":\"ntp\",\"to_src\":\"none\",\"jump_ms\":%s,\"is_back\":%s}";
	static const struct {
		const char *jump, *back;
		enum rc_status status;
	} cases[] = {
	    {"9007199254740991", "1", RC_OK},
	    {"0", "0", RC_OK},
	    {"9007199254740992", "1", RC_EFORMAT},
	    {"1", "2", RC_EFORMAT},
	    {"-1", "1", RC_EFORMAT},
	    {"\"1\"", "1", RC_EFORMAT},
	    {"9223372036854775807", "1", RC_EFORMAT},
	    {"1e3", "1", RC_EFORMAT},
	    {"true", "1", RC_EFORMAT},
	};
	struct rc_fact_clock_changed fact;
	struct rc_buf json;

	(void)state;
	rc_buf_init(&json, 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rc_buf_clear(&json);
		rc_buf_printf(&json, format, cases[i].jump, cases[i].back);
		assert_int_equal(rc_fact_clock_changed_decode(rc_buf_bytes(&json), &fact, NULL),
				 cases[i].status);
	}
	rc_buf_deinit(&json);
}

static void a_kind_is_found_by_name_and_version(void **state)
{
	const struct rc_fact_shape *shape =
	    rc_fact_shape_find(rc_bytes_of_text(RC_FACT_KIND_SCAN_REFUSED), 1);

	(void)state;
	assert_non_null(shape);
	assert_string_equal(shape->kind, "scan.refused");
	assert_null(rc_fact_shape_find(rc_bytes_of_text("scan.refused"), 2));
	assert_null(rc_fact_shape_find(rc_bytes_of_text("scan"), 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_body_comes_back_as_it_went),
	    cmocka_unit_test(an_optional_field_that_is_not_there_is_written_as_null),
	    cmocka_unit_test(an_optional_field_may_be_null_or_missing),
	    cmocka_unit_test(unknown_fields_are_passed_over_and_escapes_resolved),
	    cmocka_unit_test(a_wrong_field_is_named),
	    cmocka_unit_test(text_is_taken_up_to_its_limit),
	    cmocka_unit_test(an_integer_has_the_limit_of_the_table),
	    cmocka_unit_test(a_kind_is_found_by_name_and_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
