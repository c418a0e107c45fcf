/* SPDX-License-Identifier: Apache-2.0 */
/* Folds a code to ASCII where it can be, cuts it at its dashes, and holds each part against its bounds. */
#include "shared/standard/standard.h"

#include "shared/base/utf8.h"

#include <stdio.h>

#define PARTS_MAX 3u

/* A code in its one form, and its parts in that text. */
struct code {
	char text[RC_STANDARD_CODE_MAX_BYTES + 1];
	size_t size;
	struct rc_bytes part[PARTS_MAX];
	size_t part_count;
};

/* ---- folding ------------------------------------------------------------------------------------------------------------- */

/* What is written with another key for the same thing: full-width forms, the ideographic space, the dashes of word processors. */
static uint32_t fold(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		return c - 0xFF01 + '!';
	if (c == 0x3000 || c == 0xA0)
		return ' ';
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63)
		return '-';
	return c;
}

static enum rc_status fold_text(struct rc_bytes text, struct code *code, struct rc_error *err)
{
	code->size = 0;
	if (text.size > RC_STANDARD_CODE_MAX_BYTES)
		return rc_fail(err, RC_EFORMAT, "a code of more than %u bytes",
			       RC_STANDARD_CODE_MAX_BYTES);
	while (text.size > 0) {
		uint32_t c;
		size_t size = rc_utf8_next(text, &c);
		const uint32_t folded = size ? fold(c) : 0;

		if (size == 0 || folded < 0x20 || (folded >= 0x7F && folded < 0xA0) ||
		    rc_utf8_is_deceptive(c))
			return rc_fail(err, RC_EFORMAT, "hidden or control characters, or not UTF-8");
		if (folded != c) {
			code->text[code->size++] = (char)folded;
		} else {
			memcpy(code->text + code->size, text.data, size);
			code->size += size;
		}
		text = rc_bytes_of(text.data + size, text.size - size);
	}
	return RC_OK;
}

static struct rc_bytes trim(struct rc_bytes text)
{
	while (text.size > 0 && text.data[text.size - 1] == ' ')
		text.size--;
	while (text.size > 0 && text.data[0] == ' ')
		text = rc_bytes_of(text.data + 1, text.size - 1);
	return text;
}

enum rc_status rc_standard_fold(struct rc_bytes typed, char text[RC_STANDARD_CODE_MAX_BYTES + 1],
				struct rc_error *err)
{
	struct code code;
	struct rc_bytes trimmed;
	enum rc_status status = fold_text(typed, &code, err);

	if (status != RC_OK)
		return status;
	trimmed = trim(rc_bytes_of(code.text, code.size));
	memcpy(text, trimmed.data, trimmed.size);
	text[trimmed.size] = '\0';
	return RC_OK;
}

/* Cuts at dashes: exactly `count` parts, each of which may have had spaces around it. */
static enum rc_status split(struct rc_bytes text, size_t count, struct code *code, struct rc_error *err)
{
	enum rc_status status = fold_text(text, code, err);
	struct rc_bytes rest = rc_bytes_of(code->text, code->size);

	if (status != RC_OK)
		return status;
	for (code->part_count = 0;; code->part_count++) {
		const uint8_t *dash = rest.size ? memchr(rest.data, '-', rest.size) : NULL;
		const size_t size = dash ? (size_t)(dash - rest.data) : rest.size;

		if (code->part_count == count)
			return rc_fail(err, RC_EFORMAT, "more than %zu parts", count);
		code->part[code->part_count] = trim(rc_bytes_of(rest.data, size));
		if (!dash)
			break;
		rest = rc_bytes_of(rest.data + size + 1, rest.size - size - 1);
	}
	if (++code->part_count < count)
		return rc_fail(err, RC_EFORMAT, "%zu parts instead of %zu", code->part_count, count);
	return RC_OK;
}

/* ---- parts --------------------------------------------------------------------------------------------------------------- */

static enum rc_status copy_digits(const char *what, struct rc_bytes part, size_t min, char *to,
				  size_t to_size, struct rc_error *err)
{
	bool is_good = part.size >= min && part.size < to_size;

	for (size_t i = 0; i < part.size; i++)
		is_good &= part.data[i] >= '0' && part.data[i] <= '9';
	if (!is_good)
		return rc_fail(err, RC_EFORMAT, "the %s is not %zu to %zu digits", what, min,
			       to_size - 1);
	(void)rc_bytes_copy_text(part, to, to_size);
	return RC_OK;
}

static enum rc_status copy_type(struct rc_bytes part, char to[RC_STANDARD_COURSE_TYPE_MAX + 1],
				struct rc_error *err)
{
	bool is_good = part.size >= 1 && part.size <= RC_STANDARD_COURSE_TYPE_MAX;

	for (size_t i = 0; is_good && i < part.size; i++) {
		uint8_t c = part.data[i];

		if (c >= 'a' && c <= 'z')
			c = (uint8_t)(c - 'a' + 'A');
		is_good = c >= 'A' && c <= 'Z';
		to[i] = (char)c;
		to[i + 1] = '\0';
	}
	return is_good ? RC_OK
		       : rc_fail(err, RC_EFORMAT, "the course's type is not 1 to %u letters",
				 RC_STANDARD_COURSE_TYPE_MAX);
}

static enum rc_status copy_words(const char *what, struct rc_bytes part, char *to, struct rc_error *err)
{
	const size_t count = rc_utf8_count(part);

	if (count < 1 || count > RC_STANDARD_PART_MAX_CHARACTERS)
		return rc_fail(err, RC_EFORMAT, "the %s is not 1 to %u characters", what,
			       RC_STANDARD_PART_MAX_CHARACTERS);
	if (!rc_bytes_copy_text(part, to, RC_STANDARD_PART_MAX_BYTES + 1))
		return rc_fail(err, RC_EFORMAT, "the %s is longer than %u bytes", what,
			       RC_STANDARD_PART_MAX_BYTES);
	return RC_OK;
}

/* ---- codes --------------------------------------------------------------------------------------------------------------- */

enum rc_status rc_standard_employee_decode(struct rc_bytes text,
					   struct rc_standard_employee *employee, struct rc_error *err)
{
	struct rc_standard_employee read;
	struct code code;
	enum rc_status status = split(text, 2, &code, err);

	if (status == RC_OK)
		status = copy_digits("staff number", code.part[0], RC_STANDARD_STAFF_MIN_DIGITS,
				     read.staff, sizeof(read.staff), err);
	if (status == RC_OK)
		status = copy_digits("department", code.part[1], RC_STANDARD_DEPARTMENT_MIN_DIGITS,
				     read.department, sizeof(read.department), err);
	if (status != RC_OK)
		return rc_error_in(err, status, "employee number");
	*employee = read;
	return RC_OK;
}

enum rc_status rc_standard_position_decode(struct rc_bytes text,
					   struct rc_standard_position *position, struct rc_error *err)
{
	struct rc_standard_position read;
	struct code code;
	enum rc_status status = split(text, 3, &code, err);

	if (status == RC_OK)
		status = copy_words("family", code.part[0], read.family, err);
	if (status == RC_OK)
		status = copy_words("sequence", code.part[1], read.sequence, err);
	if (status == RC_OK)
		status = copy_words("level", code.part[2], read.level, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "position");
	*position = read;
	return RC_OK;
}

enum rc_status rc_standard_course_decode(struct rc_bytes text, struct rc_standard_course *course,
					 struct rc_error *err)
{
	struct rc_standard_course read;
	struct code code;
	enum rc_status status = split(text, 3, &code, err);

	if (status == RC_OK)
		status = copy_type(code.part[0], read.type, err);
	if (status == RC_OK)
		status = copy_digits("course's number", code.part[1], RC_STANDARD_COURSE_MIN_DIGITS,
				     read.number, sizeof(read.number), err);
	if (status == RC_OK)
		status = copy_digits("version", code.part[2], RC_STANDARD_VERSION_MIN_DIGITS,
				     read.version, sizeof(read.version), err);
	if (status != RC_OK)
		return rc_error_in(err, status, "course code");
	*course = read;
	return RC_OK;
}

void rc_standard_employee_encode(const struct rc_standard_employee *employee,
				 char text[RC_STANDARD_CODE_MAX_BYTES + 1])
{
	(void)snprintf(text, RC_STANDARD_CODE_MAX_BYTES + 1, "%s-%s", employee->staff,
		       employee->department);
}

void rc_standard_position_encode(const struct rc_standard_position *position,
				 char text[RC_STANDARD_CODE_MAX_BYTES + 1])
{
	(void)snprintf(text, RC_STANDARD_CODE_MAX_BYTES + 1, "%s-%s-%s", position->family,
		       position->sequence, position->level);
}

void rc_standard_course_encode(const struct rc_standard_course *course,
			       char text[RC_STANDARD_CODE_MAX_BYTES + 1])
{
	(void)snprintf(text, RC_STANDARD_CODE_MAX_BYTES + 1, "%s-%s-%s", course->type,
		       course->number, course->version);
}
