/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How names of columns are compared, and the encoding of the whole file. Excel saves "CSV" in Chinese as GBK without a mark, and
 * "Unicode text" as UTF-16: both are told from the first bytes that don't fit, and named, because "line 1 is not valid" helps nobody.
 */
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

		if (c == ' ' || c == '*' || c == '\t' || c == '\r' || c == '\n')
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

static void refuse(struct rc_import *import, size_t line, struct rc_report_text text)
{
	rc_report_add(&import->errors, line, "", text, NULL);
}

/* The line of the first byte that is no UTF-8, or of the first NUL; 0 if there is neither. */
static size_t first_bad_line(struct rc_bytes file, bool *is_nul)
{
	size_t line = 1;

	for (size_t at = 0; at < file.size;) {
		uint32_t point;
		size_t size = 1;

		if (file.data[at] >= 0x80)
			size = rc_utf8_next(rc_bytes_of(file.data + at, file.size - at), &point);
		if (size == 0 || file.data[at] == 0) {
			*is_nul = size != 0;
			return line;
		}
		if (file.data[at] == '\n' ||
		    (file.data[at] == '\r' && !(at + 1 < file.size && file.data[at + 1] == '\n')))
			line++;
		at += size;
	}
	return 0;
}

enum rc_status rc_table__check_encoding(struct rc_bytes *file, struct rc_import *import)
{
	size_t line;
	bool is_nul = false;

	if (file->size > RC_TABLE_MAX_BYTES) {
		refuse(import,
		       0, (struct rc_report_text){"the file is larger than 64 MiB", "文件大于 64 MiB"});
		return RC_EFORMAT;
	}
	if (file->size >= 2 &&
	    (memcmp(file->data, "\xff\xfe", 2) == 0 || memcmp(file->data, "\xfe\xff", 2) == 0)) {
		refuse(import, 1,
		       (struct rc_report_text){
			   "the file is UTF-16 (“Unicode text”); save it as “CSV UTF-8”",
			   "文件是 UTF-16 编码（“Unicode 文本”），请另存为“CSV UTF-8”"});
		return RC_EFORMAT;
	}
	if (file->size >= 4 && memcmp(file->data, "PK\x03\x04", 4) == 0) {
		refuse(
		    import, 0,
		    (struct rc_report_text){"the file is a workbook (XLSX); save it as “CSV UTF-8”",
					    "文件是 Excel 工作簿（XLSX），请另存为“CSV UTF-8”"});
		return RC_EFORMAT;
	}
	if (file->size >= 3 && memcmp(file->data, "\xef\xbb\xbf", 3) == 0)
		*file = rc_bytes_of(file->data + 3, file->size - 3);
	line = first_bad_line(*file, &is_nul);
	if (line == 0)
		return RC_OK;
	refuse(import, line,
	       is_nul ? (struct rc_report_text){"the file holds a NUL byte: it is no text file "
						"or UTF-16; save it as “CSV UTF-8”",
						"文件含有空字节：不是文本文件或是 UTF-16 编码，"
						"请另存为“CSV UTF-8”"}
		      : (struct rc_report_text){
			    "not UTF-8 from this line on (GBK, as Excel's “CSV” is?); save "
			    "it as “CSV UTF-8”",
			    "从这一行起不是 UTF-8 编码（可能是 Excel“CSV”的 GBK），请另存为“CSV "
			    "UTF-8”"});
	return RC_EFORMAT;
}
