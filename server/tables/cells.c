/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells as values. Each function says in both languages what it wanted; nothing is guessed: `1/2/2026` is read by half the
 * world one way and by half the other, so it is refused.
 */
#include "server/tables/table_priv.h"
#include "shared/base/timestamp.h"
#include "shared/base/utf8.h"

#include <strings.h>

static const struct rc_report_text NOT_UTF8 = {"not valid text: “%s”", "不是有效文字：“%s”"};
static const struct rc_report_text HIDDEN = {"holds control or invisible characters: “%s”",
					     "含有控制字符或不可见字符：“%s”"};
static const struct rc_report_text NO_TIME = {"“%s” is no time like 2026-01-05 09:00",
					      "“%s”不是 2026-01-05 09:00 这样的时间"};
static const struct rc_report_text TOO_LONG = {"too long, at most %s bytes: “%s”",
					       "太长（最多 %s 字节）：“%s”"};

static const struct rc_report_text *fault_of(struct rc_bytes cell)
{
	for (size_t at = 0; at < cell.size;) {
		uint32_t point;
		const size_t size = rc_utf8_next(rc_bytes_of(cell.data + at, cell.size - at), &point);

		if (size == 0)
			return &NOT_UTF8;
		if (!rc_utf8_is_visible(point))
			return &HIDDEN;
		at += size;
	}
	return NULL;
}

/* True if the cell is to be read; else `*result` is what the getter returns. */
static bool is_there(const struct rc_table *table, size_t column, bool *result)
{
	*result = !rc_table__is_missing(table, column);
	return rc_table_cell(table, column).size > 0;
}

/* U+FFFD, and what becomes of two of them when UTF-8 is read as GBK. */
static bool is_lossy(struct rc_bytes cell)
{
	return cell.size > 0 && (memmem(cell.data, cell.size, "\xef\xbf\xbd", 3) != NULL ||
				 memmem(cell.data, cell.size, "锟斤拷", 9) != NULL);
}

bool rc_table_get_text(struct rc_table *table, size_t column, char *out, size_t size)
{
	const struct rc_bytes cell = rc_table_cell(table, column);
	const struct rc_report_text *fault = fault_of(cell);
	bool result;

	if (!is_there(table, column, &result))
		return result;
	if (fault) {
		rc_table_error(table, column, *fault, NULL);
		return false;
	}
	if (cell.size >= size) {
		rc_table__error_of_size(table, column, TOO_LONG, size - 1);
		return false;
	}
	if (is_lossy(cell))
		rc_table_warn(table, column,
			      (struct rc_report_text){
				  "“%s” holds characters that were lost when the file was saved",
				  "“%s”含有保存文件时丢失的字符"},
			      NULL);
	return rc_bytes_copy_text(cell, out, size);
}

bool rc_table_get_code(struct rc_table *table, size_t column, char *out, size_t size)
{
	const struct rc_bytes cell = rc_table_cell(table, column);
	const struct rc_report_text *damage = rc_table__damage_of(cell);

	if (damage) {
		rc_table_error(table, column, *damage, NULL);
		return false;
	}
	rc_table__note_digits(table, column);
	for (size_t at = 0, length; at < cell.size; at += length) {
		uint32_t point = 0;

		length = rc_utf8_next(rc_bytes_of(cell.data + at, cell.size - at), &point);
		if (length == 0)
			break; /* rc_table_get_text says so */
		if (point == ' ' || point == 0xa0 || point == 0x3000) {
			rc_table_error(table, column,
				       (struct rc_report_text){"a code has no spaces inside: “%s”",
							       "编号中不能有空格：“%s”"},
				       NULL);
			return false;
		}
	}
	return rc_table_get_text(table, column, out, size);
}

/* Letters and digits of ASCII, Chinese characters, and behind the first character `-`, `_` and `.`. */
static bool is_key(struct rc_bytes cell)
{
	for (size_t at = 0, size; at < cell.size; at += size) {
		uint32_t point = 0;

		size = rc_utf8_next(rc_bytes_of(cell.data + at, cell.size - at), &point);
		const bool is_letter =
		    (point >= '0' && point <= '9') || (point >= 'A' && point <= 'Z') ||
		    (point >= 'a' && point <= 'z') || (point >= 0x3400 && point <= 0x9fff) ||
		    (point >= 0x20000 && point <= 0x323af);
		const bool is_sign = point == '-' || point == '_' || point == '.';

		if (size == 0 || !(is_letter || (is_sign && at > 0)))
			return false;
	}
	return true;
}

bool rc_table_get_key(struct rc_table *table, size_t column, char *out, size_t size)
{
	char code[256] = "";

	if (size > sizeof(code) || !rc_table_get_code(table, column, code, size))
		return false;
	if (is_key(rc_bytes_of_text(code))) {
		if (code[0])
			(void)rc_text_copy(code, out, size);
		return true;
	}
	rc_table_error(
	    table, column,
	    (struct rc_report_text){
		"“%s” stands in addresses: letters and digits, and behind the first - _ .",
		"“%s”会用在网址里：只能用字母、数字和汉字，第一个字符之后可用 - _ ."},
	    NULL);
	return false;
}

/* Digits at the front, at most `most` of them; moves `*text` behind them. */
static bool take_digits(struct rc_bytes *text, size_t most, int *value)
{
	size_t count = 0;

	*value = 0;
	while (count < text->size && count < most && text->data[count] >= '0' && text->data[count] <= '9')
		*value = *value * 10 + (text->data[count++] - '0');
	*text = rc_bytes_of(text->data + count, text->size - count);
	return count > 0;
}

static bool take_text(struct rc_bytes *text, const char *what)
{
	const size_t size = strlen(what);

	if (text->size < size || memcmp(text->data, what, size) != 0)
		return false;
	*text = rc_bytes_of(text->data + size, text->size - size);
	return true;
}

static bool read_int(struct rc_bytes text, int *value)
{
	const bool is_negative = take_text(&text, "-");

	if (!is_negative)
		(void)take_text(&text, "+");
	if (!take_digits(&text, 8, value) || text.size > 0)
		return false;
	*value = is_negative ? -*value : *value;
	return true;
}

bool rc_table_get_int(struct rc_table *table, size_t column, int min, int max, int *out)
{
	bool result;
	int value;

	if (!is_there(table, column, &result))
		return result;
	if (!read_int(rc_table_cell(table, column), &value) || value < min || value > max) {
		rc_table__error_of_range(table, column, min, max);
		return false;
	}
	*out = value;
	return true;
}

static bool is_word(struct rc_bytes cell, const char *name)
{
	return cell.size == strlen(name) && strncasecmp((const char *)cell.data, name, cell.size) == 0;
}

static void list_choices(const struct rc_table_choice *choices, struct rc_buf *list)
{
	for (const struct rc_table_choice *c = choices; c->name; c++)
		rc_buf_printf(list, "%s%s", c == choices ? "" : ", ", c->name);
}

bool rc_table_get_choice(struct rc_table *table, size_t column,
			 const struct rc_table_choice *choices, int *out)
{
	const struct rc_bytes cell = rc_table_cell(table, column);
	char words[256];
	struct rc_buf list;
	bool result;

	if (!is_there(table, column, &result))
		return result;
	for (const struct rc_table_choice *c = choices; c->name; c++) {
		if (is_word(cell, c->name)) {
			*out = c->value;
			return true;
		}
	}
	rc_buf_init_fixed(&list, words, sizeof(words));
	list_choices(choices, &list);
	rc_table_error(table, column,
		       (struct rc_report_text){"“%s” is none of: %s", "“%s”不是可选的值：%s"},
		       rc_buf_text(&list));
	return false;
}

bool rc_table_get_bool(struct rc_table *table, size_t column, bool *out)
{
	static const struct rc_table_choice choices[] = {
	    {"yes", 1}, {"no", 0}, {"是", 1}, {"否", 0}, {"true", 1}, {"false", 0},
	    {"1", 1},   {"0", 0},  {"y", 1},  {"n", 0},  {NULL, 0},
	};
	int value = *out;

	if (!rc_table_get_choice(table, column, choices, &value))
		return false;
	*out = value != 0;
	return true;
}

/* `Z`, `+08:00`, `+0800`, `-03:30`. */
static bool take_offset(struct rc_bytes *text, int *minutes)
{
	int hour, minute, sign = 1;

	if (take_text(text, "Z")) {
		*minutes = 0;
		return true;
	}
	if (take_text(text, "-"))
		sign = -1;
	else if (!take_text(text, "+"))
		return false;
	if (!take_digits(text, 2, &hour))
		return false;
	(void)take_text(text, ":");
	if (!take_digits(text, 2, &minute) || minute > 59 || hour * 60 + minute > 14 * 60)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool rc_table_get_offset(struct rc_table *table, size_t column, int *utc_offset_min)
{
	struct rc_bytes rest = rc_table_cell(table, column);
	bool result;
	int minutes;

	if (!is_there(table, column, &result))
		return result;
	if (!take_offset(&rest, &minutes) || rest.size > 0) {
		rc_table_error(table, column,
			       (struct rc_report_text){"“%s” is no offset like +08:00",
						       "“%s”不是 +08:00 这样的时区"},
			       NULL);
		return false;
	}
	*utc_offset_min = minutes;
	return true;
}

/* The date with one kind of separator throughout: `2026-01-05`, `2026/1/5`, `2026年1月5日`. */
static bool take_date(struct rc_bytes *text, struct rc_civil *civil, bool *has_end)
{
	static const char *const kinds[][3] = {{"-", "-", ""}, {"/", "/", ""}, {"年", "月", "日"}};
	struct rc_bytes rest = *text;
	int year, month, day;
	size_t kind = 0;

	if (!take_digits(&rest, 4, &year) || year < 2000 || year > 2199)
		return false;
	while (kind < 3 && !take_text(&rest, kinds[kind][0]))
		kind++;
	if (kind == 3 || !take_digits(&rest, 2, &month) || !take_text(&rest, kinds[kind][1]) ||
	    !take_digits(&rest, 2, &day) || !take_text(&rest, kinds[kind][2]))
		return false;
	*has_end = kinds[kind][2][0] != '\0';
	civil->year = year;
	civil->month = (unsigned)month;
	civil->day = (unsigned)day;
	*text = rest;
	return true;
}

static bool take_clock(struct rc_bytes *text, struct rc_civil *civil)
{
	int hour, minute, second = 0;

	if (!take_digits(text, 2, &hour) || !(take_text(text, ":") || take_text(text, "：")) ||
	    !take_digits(text, 2, &minute))
		return false;
	if (take_text(text, ":") && !take_digits(text, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	civil->hour = (unsigned)hour;
	civil->minute = (unsigned)minute;
	civil->second = (unsigned)second;
	return true;
}

static bool read_time(struct rc_bytes text, int utc_offset_min, int64_t *at_ms)
{
	struct rc_civil civil = {0};
	bool is_apart; /* 2026年1月5日9:00 needs no space; 2026-01-0509:00 would be a guess */

	if (!take_date(&text, &civil, &is_apart))
		return false;
	is_apart |= take_text(&text, "T");
	while (take_text(&text, " ") || take_text(&text, "\xe3\x80\x80"))
		is_apart = true;
	if (!is_apart || !take_clock(&text, &civil))
		return false;
	while (take_text(&text, " "))
		;
	if (text.size > 0 && !take_offset(&text, &utc_offset_min))
		return false;
	return text.size == 0 && rc_civil_to_ms(&civil, utc_offset_min, at_ms) == RC_OK;
}

bool rc_table_get_time(struct rc_table *table, size_t column, int utc_offset_min, int64_t *at_ms)
{
	const struct rc_bytes cell = rc_table_cell(table, column);
	int64_t value;
	bool result;

	if (!is_there(table, column, &result))
		return result;
	if (!read_time(cell, utc_offset_min, &value)) {
		const struct rc_report_text *doubt = rc_table__doubt_of_time(cell);

		rc_table_error(table, column, doubt ? *doubt : NO_TIME, NULL);
		return false;
	}
	*at_ms = value;
	return true;
}
