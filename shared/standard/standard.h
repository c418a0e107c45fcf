/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_STANDARD_STANDARD_H
#define RC_STANDARD_STANDARD_H
/*
 * The organisation's data standard: how employees, positions and courses are numbered.
 *
 *     001-01                 employee: staff number, department
 *     生产族-操作序列-初级工    position: family, sequence, level
 *     T-001-01               course: type, number, version
 *
 * Decoding first brings a code to its one form: outer spaces go, full-width letters, digits and dashes (which Chinese input methods
 * write) become ASCII, course types become upper case. Then it must fit exactly; digits stay text, so `001` never becomes `1`.
 * Pure; no allocation; any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#define RC_STANDARD_CODE_MAX_BYTES 200u /* of any code as text, before and after */

#define RC_STANDARD_STAFF_MIN_DIGITS      3u
#define RC_STANDARD_STAFF_MAX_DIGITS      8u
#define RC_STANDARD_DEPARTMENT_MIN_DIGITS 2u
#define RC_STANDARD_DEPARTMENT_MAX_DIGITS 4u
#define RC_STANDARD_PART_MAX_CHARACTERS   20u /* of a position's parts, counted as characters */
#define RC_STANDARD_PART_MAX_BYTES                                                                 \
	(RC_STANDARD_PART_MAX_CHARACTERS * 3u) /* a character outside the BMP is refused */
#define RC_STANDARD_COURSE_TYPE_MAX    4u      /* letters */
#define RC_STANDARD_COURSE_MIN_DIGITS  3u
#define RC_STANDARD_COURSE_MAX_DIGITS  6u
#define RC_STANDARD_VERSION_MIN_DIGITS 2u
#define RC_STANDARD_VERSION_MAX_DIGITS 3u

struct rc_standard_employee {
	char staff[RC_STANDARD_STAFF_MAX_DIGITS + 1];
	char department[RC_STANDARD_DEPARTMENT_MAX_DIGITS + 1];
};

struct rc_standard_position {
	char family[RC_STANDARD_PART_MAX_BYTES + 1];
	char sequence[RC_STANDARD_PART_MAX_BYTES + 1];
	char level[RC_STANDARD_PART_MAX_BYTES + 1];
};

struct rc_standard_course {
	char type[RC_STANDARD_COURSE_TYPE_MAX + 1];
	char number[RC_STANDARD_COURSE_MAX_DIGITS + 1];
	char version[RC_STANDARD_VERSION_MAX_DIGITS + 1];
};

/* RC_EFORMAT says which part is not as it should be; the result is written only on RC_OK. */
RC_CHECKED enum rc_status rc_standard_employee_decode(struct rc_bytes text,
						      struct rc_standard_employee *employee,
						      struct rc_error *err);
RC_CHECKED enum rc_status rc_standard_position_decode(struct rc_bytes text,
						      struct rc_standard_position *position,
						      struct rc_error *err);
RC_CHECKED enum rc_status rc_standard_course_decode(struct rc_bytes text,
						    struct rc_standard_course *course,
						    struct rc_error *err);

/* Any code as typed in its one form: folded, outer spaces gone, with its NUL. RC_EFORMAT: hidden or control characters, not UTF-8, or
 * longer than the limit. */
RC_CHECKED enum rc_status rc_standard_fold(struct rc_bytes typed,
					   char text[RC_STANDARD_CODE_MAX_BYTES + 1],
					   struct rc_error *err);

/* Write the one form, with its NUL. */
void rc_standard_employee_encode(const struct rc_standard_employee *employee,
				 char text[RC_STANDARD_CODE_MAX_BYTES + 1]);
void rc_standard_position_encode(const struct rc_standard_position *position,
				 char text[RC_STANDARD_CODE_MAX_BYTES + 1]);
void rc_standard_course_encode(const struct rc_standard_course *course,
			       char text[RC_STANDARD_CODE_MAX_BYTES + 1]);

#endif
