/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/standard/standard.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { CASE, KIND, WRITTEN, FORM, COLUMNS };

/* Decodes and encodes again; "" if it was refused. */
static const char *form_of(const char *kind, struct rc_bytes written)
{
	static char text[RC_STANDARD_CODE_MAX_BYTES + 1];
	struct rc_standard_employee employee;
	struct rc_standard_position position;
	struct rc_standard_course course;
	struct rc_error err = {""};

	text[0] = '\0';
	if (strcmp(kind, "employee") == 0 && rc_standard_employee_decode(written, &employee, &err) == RC_OK)
		rc_standard_employee_encode(&employee, text);
	if (strcmp(kind, "position") == 0 && rc_standard_position_decode(written, &position, &err) == RC_OK)
		rc_standard_position_encode(&position, text);
	if (strcmp(kind, "course") == 0 && rc_standard_course_decode(written, &course, &err) == RC_OK)
		rc_standard_course_encode(&course, text);
	assert_true((text[0] == '\0') == (err.text[0] != '\0'));
	return text;
}

static bool code_holds(const struct rc_vector *row)
{
	uint8_t written[256], form[256];
	const struct rc_bytes expected = rc_vector_bytes(row->field[FORM], form, sizeof(form));

	if (!rc_bytes_is_text(expected,
			      form_of(row->field[KIND],
				      rc_vector_bytes(row->field[WRITTEN], written, sizeof(written)))))
		return false;
	/* The one form is a fixed point. */
	return expected.size == 0 || rc_bytes_is_text(expected, form_of(row->field[KIND], expected));
}

static void codes_have_the_form_that_the_vectors_say(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/standard.tsv", COLUMNS, code_holds);
}

static void a_fault_names_the_part(void **state)
{
	struct rc_standard_employee employee = {.staff = "kept"};
	struct rc_error err;

	(void)state;
	assert_int_equal(rc_standard_employee_decode(rc_bytes_of_text("001-1"), &employee, &err),
			 RC_EFORMAT);
	assert_string_equal(err.text, "employee number: the department is not 2 to 4 digits");
	assert_string_equal(employee.staff, "kept");
}

static void a_code_of_any_length_is_refused_in_time(void **state)
{
	static uint8_t dashes[100000];
	struct rc_standard_position position;

	(void)state;
	memset(dashes, '-', sizeof(dashes));
	assert_int_equal(rc_standard_position_decode(rc_bytes_of(dashes, sizeof(dashes)), &position, NULL),
			 RC_EFORMAT);
	assert_int_equal(rc_standard_position_decode(rc_bytes_of(dashes, RC_STANDARD_CODE_MAX_BYTES),
						     &position, NULL),
			 RC_EFORMAT);
	assert_int_equal(rc_standard_position_decode(rc_bytes_of(NULL, 0), &position, NULL), RC_EFORMAT);
}

static void what_is_typed_is_folded_and_trimmed(void **state)
{
	static const struct {
		const char *typed, *text;
	} cases[] = {
	    {"100358", "100358"},
	    {"  100358 ", "100358"},
	    {"１００３５８", "100358"},
	    {"\xe3\x80\x80００１－０１", "001-01"}, /* an ideographic space in front */
	    {"工号7", "工号7"},
	    {"", ""},
	    {"   ", ""},
	};
	static const char *const bad[] = {"1\n", "\x7f", "1\xe2\x80\x8b", "\xff"};
	char text[RC_STANDARD_CODE_MAX_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(rc_standard_fold(rc_bytes_of_text(cases[i].typed), text, NULL), RC_OK);
		assert_string_equal(text, cases[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rc_standard_fold(rc_bytes_of_text(bad[i]), text, NULL), RC_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codes_have_the_form_that_the_vectors_say),
	    cmocka_unit_test(a_fault_names_the_part),
	    cmocka_unit_test(a_code_of_any_length_is_refused_in_time),
	    cmocka_unit_test(what_is_typed_is_folded_and_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
