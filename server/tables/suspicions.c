/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces of spreadsheets and of half the world's other habits. A spreadsheet shows `110101199003071234` as 1.10101E+17, turns the code
 * 3-5 into 5-Mar, drops zeros in front and writes ### where a column is narrow: what stood there can't be known any more.
 */
#include "server/tables/table_priv.h"

#include <strings.h>

static bool is_digit_at(struct rc_bytes cell, size_t at)
{
	return at < cell.size && cell.data[at] >= '0' && cell.data[at] <= '9';
}

static size_t digits_at(struct rc_bytes cell, size_t at)
{
	size_t count = 0;

	while (is_digit_at(cell, at + count))
		count++;
	return count;
}

/* `1.23E+05`. */
static bool is_rewritten_number(struct rc_bytes cell)
{
	size_t at = digits_at(cell, 0);

	if (at == 0)
		return false;
	if (at < cell.size && (cell.data[at] == '.' || cell.data[at] == ','))
		at += 1 + digits_at(cell, at + 1);
	if (at + 2 >= cell.size || (cell.data[at] | 0x20) != 'e' || cell.data[at + 1] != '+')
		return false;
	return digits_at(cell, at + 2) > 0 && at + 2 + digits_at(cell, at + 2) == cell.size;
}

static bool is_month_at(struct rc_bytes cell, size_t at)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (size_t i = 0; at + 3 <= cell.size && months[i]; i += 3)
		if (strncasecmp(&months[i], (const char *)cell.data + at, 3) == 0)
			return true;
	return false;
}

/* `5-Mar`, `Mar-05`, `3月5日`. */
static bool is_rewritten_day(struct rc_bytes cell)
{
	const size_t front = digits_at(cell, 0);
	size_t at = front;

	if (front == 0)
		return is_month_at(cell, 0) && cell.size >= 5 && cell.data[3] == '-' &&
		       digits_at(cell, 4) == cell.size - 4 && cell.size <= 6;
	if (front > 2)
		return false;
	if (cell.data[at] == '-' && cell.size == at + 4)
		return is_month_at(cell, at + 1);
	if (cell.size < at + 7 || memcmp(cell.data + at, "月", 3) != 0)
		return false;
	at += 3 + digits_at(cell, at + 3);
	return cell.size == at + 3 && memcmp(cell.data + at, "日", 3) == 0;
}

static bool is_all(struct rc_bytes cell, char c)
{
	for (size_t i = 0; i < cell.size; i++)
		if (cell.data[i] != (uint8_t)c)
			return false;
	return true;
}

static bool is_formula_error(struct rc_bytes cell)
{
	static const char *const errors[] = {"#N/A",    "#REF!", "#VALUE!", "#NAME?",
					     "#DIV/0!", "#NUM!", "#NULL!"};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (rc_bytes_equal(cell, rc_bytes_of_text(errors[i])))
			return true;
	return false;
}

const struct rc_report_text *rc_table__damage_of(struct rc_bytes cell)
{
	static const struct rc_report_text number = {
	    "“%s” is what a spreadsheet made of a long number; give the column the format Text",
	    "“%s”是电子表格改写过的长数字；请把该列设为文本格式"};
	static const struct rc_report_text day = {
	    "“%s” is what a spreadsheet made of a code that looked like a day; give the column the "
	    "format Text",
	    "“%s”像是电子表格把编号改写成的日期；请把该列设为文本格式"};
	static const struct rc_report_text error = {
	    "“%s” is what a spreadsheet shows instead of a value",
	    "“%s”是电子表格的错误提示，不是编号"};

	if (is_rewritten_number(cell))
		return &number;
	if (cell.size > 0 && is_rewritten_day(cell))
		return &day;
	if ((cell.size > 2 && is_all(cell, '#')) || is_formula_error(cell))
		return &error;
	return NULL;
}

/* ---- times ---- */

/* One or two digits; 0: none. */
static size_t take_small(struct rc_bytes cell, size_t *at)
{
	const size_t count = digits_at(cell, *at);
	size_t value = 0;

	if (count == 0 || count > 2)
		return 0;
	for (size_t i = 0; i < count; i++)
		value = value * 10 + (size_t)(cell.data[*at + i] - '0');
	*at += count;
	return value;
}

/* `1/2/2026`, `01-02-26`, `1.2.2026`: with what can follow. */
static bool has_two_readings(struct rc_bytes cell)
{
	size_t at = 0, year;
	const size_t first = take_small(cell, &at);
	const uint8_t sign = at < cell.size ? cell.data[at] : 0;

	if (first == 0 || (sign != '/' && sign != '-' && sign != '.'))
		return false;
	at++;
	const size_t second = take_small(cell, &at);

	if (second == 0 || at >= cell.size || cell.data[at] != sign)
		return false;
	year = digits_at(cell, at + 1);
	return (year == 2 || year == 4) && first != second && first <= 12 && second <= 12;
}

/* `46000.375`: days since 1900. */
static bool is_serial(struct rc_bytes cell)
{
	const size_t whole = digits_at(cell, 0);

	if (whole != 5)
		return false;
	return cell.size == whole ||
	       (cell.data[whole] == '.' && whole + 1 + digits_at(cell, whole + 1) == cell.size);
}

const struct rc_report_text *rc_table__doubt_of_time(struct rc_bytes cell)
{
	static const struct rc_report_text two = {
	    "“%s” reads two ways (day first or month first); write it like 2026-01-05 09:00",
	    "“%s”有两种读法（日在前或月在前），请写成 2026-01-05 09:00 的形式"};
	static const struct rc_report_text serial = {
	    "“%s” is a spreadsheet's number of a day; give the column a format like 2026-01-05 "
	    "09:00",
	    "“%s”是电子表格内部的日期数字；请把该列设为 2026-01-05 09:00 这样的格式"};

	if (has_two_readings(cell))
		return &two;
	return is_serial(cell) ? &serial : NULL;
}

/* ---- zeros in front ---- */

void rc_table__note_digits(struct rc_table *table, size_t column)
{
	const struct rc_bytes cell = table->cells[column];
	struct rc_table__digits *digits = &table->digits[column];

	if (!table->request->columns.items[column].is_required || cell.size == 0 ||
	    cell.size >= sizeof(digits->shortest) || digits_at(cell, 0) != cell.size)
		return;
	if (cell.size > digits->most)
		digits->most = cell.size;
	if (digits->least != 0 && cell.size >= digits->least)
		return;
	digits->least = cell.size;
	digits->line = rc_table_line(table);
	(void)rc_bytes_copy_text(cell, digits->shortest, sizeof(digits->shortest));
}

void rc_table__tell_suspicions(struct rc_table *table)
{
	for (size_t column = 0; column < table->request->columns.count; column++) {
		const struct rc_table__digits *digits = &table->digits[column];
		char number[24];
		struct rc_buf most;
		const char *const values[2] = {digits->shortest, number};

		if (digits->least == digits->most)
			continue;
		rc_buf_init_fixed(&most, number, sizeof(number));
		rc_buf_printf(&most, "%zu", digits->most);
		rc_report_add(&table->import->warnings, digits->line, table->title[column],
			      (struct rc_report_text){
				  "“%s” is shorter than others (%s digits): did a spreadsheet drop "
				  "zeros in front?",
				  "“%s”比其他编号短（最长 %s 位）：开头的零是否被电子表格去掉了？"},
			      values);
	}
}
