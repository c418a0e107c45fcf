/* SPDX-License-Identifier: Apache-2.0 */
/* How names of columns are compared. */
#include "server/tables/table_priv.h"
#include "shared/base/utf8.h"

struct rc_bytes rc_table__trim(struct rc_bytes cell)
{
	for (;;) {
		if (cell.size > 0 && (cell.data[0] == ' ' || cell.data[0] == '\t'))
			cell = rc_bytes_of(cell.data + 1, cell.size - 1);
		else if (cell.size >= 3 && memcmp(cell.data, "\xe3\x80\x80", 3) == 0)
			cell = rc_bytes_of(cell.data + 3, cell.size - 3);
		else if (cell.size >= 2 && memcmp(cell.data, "\xc2\xa0", 2) == 0)
			cell = rc_bytes_of(cell.data + 2, cell.size - 2);
		else
			break;
	}
	for (;;) {
		const uint8_t *end = cell.data + cell.size;

		if (cell.size > 0 && (end[-1] == ' ' || end[-1] == '\t'))
			cell.size -= 1;
		else if (cell.size >= 3 && memcmp(end - 3, "\xe3\x80\x80", 3) == 0)
			cell.size -= 3;
		else if (cell.size >= 2 && memcmp(end - 2, "\xc2\xa0", 2) == 0)
			cell.size -= 2;
		else
			return cell;
	}
}

void rc_table__fold(struct rc_bytes cell, struct rc_buf *out)
{
	for (size_t at = 0; at < cell.size;) {
		uint32_t point = 0;
		const struct rc_bytes rest = rc_bytes_of(cell.data + at, cell.size - at);
		const size_t size = rc_utf8_next(rest, &point);

		if (size == 3 && point >= 0xff01 && point <= 0xff5e)
			rc_buf_append_char(out, (char)(point - 0xff01 + '!'));
		else
			rc_buf_append(out, rest.data, size ? size : 1);
		at += size ? size : 1;
	}
}

/* Drops "（必填）", "(required)" and the like at the end; a name that is nothing else stays. */
static size_t size_without_note(const char *name, size_t size)
{
	size_t at = size;

	if (size == 0 || name[size - 1] != ')')
		return size;
	while (at > 0 && name[at - 1] != '(')
		at--;
	return at > 1 ? at - 1 : size;
}

void rc_table__normal_name(struct rc_bytes cell, char name[RC_TABLE_NAME_MAX_BYTES + 1])
{
	char folded[RC_TABLE_NAME_MAX_BYTES + 1];
	struct rc_buf buf;
	size_t size = 0;

	rc_buf_init_fixed(&buf, folded, sizeof(folded));
	rc_table__fold(rc_table__trim(cell), &buf);
	if (buf.status != RC_OK)
		rc_buf_clear(&buf); /* too long to be a name of ours */
	for (size_t i = 0; i < buf.size; i++) {
		const char c = folded[i];

		if (c == ' ' || c == '*' || c == '_' || c == '-' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (i + 2 < buf.size && memcmp(&folded[i], "\xe3\x80\x80", 3) == 0) {
			i += 2;
			continue;
		}
		name[size++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	size = size_without_note(name, size);
	name[size] = '\0';
}
