/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which encoding a file is in: what its first bytes say, else what it can be read as. Each doubt ends in a sentence that says what
 * to do; the file that is neither is told from the first line that doesn't fit.
 */
#include "server/tables/encoding_priv.h"
#include "shared/base/utf8.h"

#include <strings.h>

static const char *const names[] = {
    [RC_ENCODING_FIND] = "",
    [RC_ENCODING_UTF8] = "UTF-8",
    [RC_ENCODING_UTF16LE] = "UTF-16LE",
    [RC_ENCODING_UTF16BE] = "UTF-16BE",
    [RC_ENCODING_GB18030] = "GB18030",
    [RC_ENCODING_BIG5] = "Big5",
    [RC_ENCODING_WINDOWS_1252] = "windows-1252",
};

static const struct {
	const char *name;
	enum rc_encoding encoding;
} aliases[] = {
    {"utf-8", RC_ENCODING_UTF8},
    {"utf8", RC_ENCODING_UTF8},
    {"utf-16", RC_ENCODING_UTF16LE},
    {"utf16", RC_ENCODING_UTF16LE},
    {"utf-16le", RC_ENCODING_UTF16LE},
    {"utf16le", RC_ENCODING_UTF16LE},
    {"utf-16be", RC_ENCODING_UTF16BE},
    {"utf16be", RC_ENCODING_UTF16BE},
    {"gb18030", RC_ENCODING_GB18030},
    {"gbk", RC_ENCODING_GB18030},
    {"gb2312", RC_ENCODING_GB18030},
    {"cp936", RC_ENCODING_GB18030},
    {"big5", RC_ENCODING_BIG5},
    {"windows-1252", RC_ENCODING_WINDOWS_1252},
    {"cp1252", RC_ENCODING_WINDOWS_1252},
    {"latin1", RC_ENCODING_WINDOWS_1252},
    {"iso-8859-1", RC_ENCODING_WINDOWS_1252},
};

/* What stands at the front of files: marks of encodings, and of what is no table. */
static const struct front {
	const char *bytes;
	size_t size;
	enum rc_encoding encoding;  /* RC_ENCODING_FIND: none of ours */
	struct rc_report_text text; /* why it is this, or why it isn't taken */
} fronts[] = {
    {"\xef\xbb\xbf", 3, RC_ENCODING_UTF8, {"the file's mark (BOM) says so", "文件开头的标记（BOM）如此说明"}},
    {"\xff\xfe\0\0",
     4,
     RC_ENCODING_FIND,
     {"the file is UTF-32; save it as “CSV UTF-8”", "文件是 UTF-32 编码，请另存为“CSV UTF-8”"}},
    {"\xff\xfe", 2, RC_ENCODING_UTF16LE, {"the file's mark (BOM) says so", "文件开头的标记（BOM）如此说明"}},
    {"\xfe\xff", 2, RC_ENCODING_UTF16BE, {"the file's mark (BOM) says so", "文件开头的标记（BOM）如此说明"}},
    {"\x84\x31\x95\x33", 4, RC_ENCODING_GB18030, {"the file's mark (BOM) says so", "文件开头的标记（BOM）如此说明"}},
    {"PK\x03\x04",
     4,
     RC_ENCODING_FIND,
     {"the file is a workbook (XLSX, ODS) or an archive; save it as “CSV UTF-8”",
      "文件是 Excel 工作簿（XLSX、ODS）或压缩包，请另存为“CSV UTF-8”"}},
    {"PK\x05\x06", 4, RC_ENCODING_FIND, {"the file is an empty archive", "文件是空的压缩包"}},
    {"\xd0\xcf\x11\xe0",
     4,
     RC_ENCODING_FIND,
     {"the file is a workbook (XLS) or has a password; save it as “CSV UTF-8”",
      "文件是 Excel 工作簿（XLS）或设有密码，请另存为“CSV UTF-8”"}},
    {"\x09\x08\x10\0",
     4,
     RC_ENCODING_FIND,
     {"the file is a workbook (XLS); save it as “CSV UTF-8”",
      "文件是 Excel 工作簿（XLS），请另存为“CSV UTF-8”"}},
    {"\x09\x08\x08\0",
     4,
     RC_ENCODING_FIND,
     {"the file is a workbook (XLS); save it as “CSV UTF-8”",
      "文件是 Excel 工作簿（XLS），请另存为“CSV UTF-8”"}},
    {"%PDF-", 5, RC_ENCODING_FIND, {"the file is a PDF, not a table", "文件是 PDF，不是表格"}},
    {"\x1f\x8b",
     2,
     RC_ENCODING_FIND,
     {"the file is compressed (gzip): unpack it first", "文件是 gzip 压缩文件，请先解压"}},
    {"SQLite format 3", 15, RC_ENCODING_FIND, {"the file is a database, not a table", "文件是数据库，不是表格"}},
    {"\x89PNG", 4, RC_ENCODING_FIND, {"the file is a picture, not a table", "文件是图片，不是表格"}},
    {"\xff\xd8\xff", 3, RC_ENCODING_FIND, {"the file is a picture, not a table", "文件是图片，不是表格"}},
};

const char *rc_encoding_name(enum rc_encoding encoding)
{
	return names[encoding];
}

bool rc_encoding_by_name(const char *name, enum rc_encoding *encoding)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcasecmp(aliases[i].name, name) == 0) {
			*encoding = aliases[i].encoding;
			return true;
		}
	}
	return false;
}

const char *rc_encoding_names(void)
{
	return "utf-8, gb18030 (gbk), utf-16le, utf-16be, big5, windows-1252";
}

/* ---- one reading ---- */

struct reading {
	struct rc_bytes file; /* behind its mark */
	struct rc_buf *memory;
	struct rc_encoding_text *text;
	struct rc_import *import;
};

static enum rc_status refuse(struct reading *reading, size_t line, struct rc_report_text text,
			     const char *value)
{
	const char *const values[2] = {value, NULL};

	rc_report_add(&reading->import->errors, line, "", text, values);
	return RC_EFORMAT;
}

static enum rc_status found(struct reading *reading, enum rc_encoding encoding,
			    struct rc_report_text why, struct rc_bytes utf8)
{
	/* A second mark: files that were put together, or marked by two programs. */
	while (utf8.size >= 3 && memcmp(utf8.data, "\xef\xbb\xbf", 3) == 0)
		utf8 = rc_bytes_of(utf8.data + 3, utf8.size - 3);
	*reading->text = (struct rc_encoding_text){.encoding = encoding, .why = why, .utf8 = utf8};
	return RC_OK;
}

/* A NUL is no text in any of them, and ends strings elsewhere. */
static enum rc_status check_nul(struct reading *reading)
{
	const struct rc_bytes utf8 = reading->text->utf8;
	const uint8_t *nul = utf8.size > 0 ? memchr(utf8.data, 0, utf8.size) : NULL;

	if (!nul)
		return RC_OK;
	return refuse(
	    reading, rc_encoding__line_behind(rc_bytes_of(utf8.data, (size_t)(nul - utf8.data))),
	    (struct rc_report_text){"a NUL byte: the file is no text, or UTF-16 that was damaged",
				    "含有空字节（NUL）：不是文本文件，或是已损坏的 UTF-16"},
	    NULL);
}

/* The bytes at the front that are UTF-8. */
static struct rc_bytes valid_front(struct rc_bytes bytes)
{
	size_t at = 0;

	while (at < bytes.size) {
		uint32_t point;
		size_t size = 1;

		if (bytes.data[at] >= 0x80)
			size = rc_utf8_next(rc_bytes_of(bytes.data + at, bytes.size - at), &point);
		if (size == 0)
			break;
		at += size;
	}
	return rc_bytes_of(bytes.data, at);
}

/* As one encoding, or not at all. */
static enum rc_status read_as(struct reading *reading, enum rc_encoding encoding,
			      struct rc_report_text why, struct rc_error *err)
{
	struct rc_bytes utf8;
	enum rc_status status = RC_OK;

	if (encoding == RC_ENCODING_UTF8) {
		utf8 = valid_front(reading->file);
		status = utf8.size == reading->file.size ? RC_OK : RC_EFORMAT;
	} else {
		rc_buf_clear(reading->memory);
		status = rc_encoding__decode(reading->file, encoding, reading->memory, err);
		utf8 = rc_buf_bytes(reading->memory);
	}
	if (status == RC_EFORMAT)
		return refuse(
		    reading, rc_encoding__line_behind(utf8),
		    (struct rc_report_text){
			"not %s from this line on; say --encoding or save it as “CSV UTF-8”",
			"从这一行起不是 %s 编码；请用 --encoding 指定编码，或另存为“CSV UTF-8”"},
		    names[encoding]);
	if (status != RC_OK)
		return status;
	(void)found(reading, encoding, why, utf8);
	return check_nul(reading);
}

/* ---- without a mark ---- */

/* Text in this order of bytes: whole, with what separates cells or lines, and hardly anything unlikely. */
static enum rc_status is_utf16(struct reading *reading, enum rc_encoding encoding, bool *is_likely,
			       struct rc_error *err)
{
	struct rc_encoding_count count;
	enum rc_status status;

	*is_likely = false;
	if (reading->file.size % 2 != 0)
		return RC_OK;
	rc_buf_clear(reading->memory);
	status = rc_encoding__decode(reading->file, encoding, reading->memory, err);
	if (status != RC_OK)
		return status == RC_EFORMAT ? RC_OK : status;
	count = rc_encoding__count(rc_buf_bytes(reading->memory));
	*is_likely = count.breaks > 0 && count.unlikely == 0 &&
		     (count.hanzi - count.common) * 2 <= count.ascii + count.common + count.letters;
	return RC_OK;
}

static enum rc_status find_utf16(struct reading *reading, struct rc_error *err)
{
	static const struct rc_report_text why = {
	    "every second byte is as in UTF-16, and only in this order",
	    "字节排列符合 UTF-16，且只符合这一种字节序"};
	bool is_little, is_big = false;
	enum rc_status status = is_utf16(reading, RC_ENCODING_UTF16LE, &is_little, err);

	if (status == RC_OK)
		status = is_utf16(reading, RC_ENCODING_UTF16BE, &is_big, err);
	if (status != RC_OK)
		return status;
	if (is_little && is_big)
		return refuse(
		    reading, 0,
		    (struct rc_report_text){
			"the file could be UTF-16LE or UTF-16BE; say which with --encoding",
			"文件可能是 UTF-16LE 或 UTF-16BE，请用 --encoding 指定"},
		    NULL);
	if (is_little || is_big)
		return read_as(reading, is_little ? RC_ENCODING_UTF16LE : RC_ENCODING_UTF16BE, why, err);
	(void)found(reading, RC_ENCODING_UTF8, why, reading->file);
	return check_nul(reading);
}

/* True if the same bytes, or those before a wrong one, read like Chinese in GB18030. */
static enum rc_status is_gb18030(struct reading *reading, bool *is_whole, bool *is_chinese,
				 struct rc_error *err)
{
	struct rc_encoding_count count;
	enum rc_status status;

	rc_buf_clear(reading->memory);
	status = rc_encoding__decode(reading->file, RC_ENCODING_GB18030, reading->memory, err);
	*is_whole = status == RC_OK;
	*is_chinese = false;
	if (status != RC_OK && status != RC_EFORMAT)
		return status;
	count = rc_encoding__count(rc_buf_bytes(reading->memory));
	*is_chinese = rc_encoding__is_chinese(&count);
	return RC_OK;
}

/* All of it is UTF-8. Two bytes of GBK can be a letter of UTF-8 (毛 is ë): then such letters stand where no word has them. */
static enum rc_status doubt_utf8(struct reading *reading, struct rc_error *err)
{
	const struct rc_encoding_count count = rc_encoding__count(reading->file);
	const size_t odd = count.apart + count.unlikely + count.neutral;
	const size_t beyond = count.hanzi + count.letters + count.unlikely + count.neutral;
	bool is_whole = false, is_chinese = false;
	enum rc_status status = RC_OK;

	if (beyond == 0)
		return found(reading, RC_ENCODING_UTF8,
			     (struct rc_report_text){"all of it is ASCII", "全部是 ASCII 字符"},
			     reading->file);
	if (odd * 4 >= beyond)
		status = is_gb18030(reading, &is_whole, &is_chinese, err);
	if (status != RC_OK)
		return status;
	if (is_whole && is_chinese)
		return refuse(
		    reading, 0,
		    (struct rc_report_text){
			"the file could be UTF-8 or GBK (GB18030); say which with --encoding",
			"文件可能是 UTF-8 或 GBK（GB18030）编码，请用 --encoding 指定"},
		    NULL);
	return found(reading, RC_ENCODING_UTF8,
		     (struct rc_report_text){"all of it is valid UTF-8", "全部是有效的 UTF-8"},
		     reading->file);
}

static enum rc_status find_gb18030(struct reading *reading, struct rc_bytes valid, struct rc_error *err)
{
	bool is_whole, is_chinese;
	const enum rc_status status = is_gb18030(reading, &is_whole, &is_chinese, err);

	if (status != RC_OK)
		return status;
	if (is_whole && is_chinese)
		return found(
		    reading, RC_ENCODING_GB18030,
		    (struct rc_report_text){
			"not UTF-8, and read as GB18030 most characters are common Chinese ones",
			"不是 UTF-8；按 GB18030 读取时多为常用汉字"},
		    rc_buf_bytes(reading->memory));
	if (is_whole)
		return refuse(
		    reading, rc_encoding__line_behind(valid),
		    (struct rc_report_text){
			"not UTF-8 from this line on, and as GBK (GB18030) hardly Chinese; say "
			"--encoding (%s) or save it as “CSV UTF-8”",
			"从这一行起不是 UTF-8 编码，按 GBK（GB18030）读取又不像中文；请用 "
			"--encoding 指定编码（%s），或另存为“CSV UTF-8”"},
		    rc_encoding_names());
	if (is_chinese)
		return refuse(
		    reading,
		    rc_encoding__line_behind(rc_buf_bytes(reading->memory)), (struct rc_report_text){"GBK (GB18030) up to this line, where a byte is wrong; save it as “CSV UTF-8”", "到这一行为止是 GBK（GB18030）编码，但这一行有错误的字节；请另存为“CSV UTF-8”"},
		    NULL);
	return refuse(
	    reading, rc_encoding__line_behind(valid),
	    (struct rc_report_text){
		"neither UTF-8 from this line on nor GBK (GB18030) as a whole; save it as “CSV "
		"UTF-8”",
		"从这一行起不是 UTF-8 编码，整个文件也不是 GBK（GB18030）；请另存为“CSV UTF-8”"},
	    NULL);
}

static enum rc_status find(struct reading *reading, struct rc_error *err)
{
	const struct rc_bytes file = reading->file, valid = valid_front(file);

	if (file.size > 0 && memchr(file.data, 0, file.size))
		return find_utf16(reading, err);
	return valid.size == file.size ? doubt_utf8(reading, err) : find_gb18030(reading, valid, err);
}

/* ---- with a mark ---- */

static const struct front *front_of(struct rc_bytes file)
{
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		if (file.size >= fronts[i].size && memcmp(file.data, fronts[i].bytes, fronts[i].size) == 0)
			return &fronts[i];
	return NULL;
}

static bool is_wish_met(enum rc_encoding wish, enum rc_encoding mark)
{
	return wish == RC_ENCODING_FIND || wish == mark ||
	       (wish == RC_ENCODING_UTF16LE && mark == RC_ENCODING_UTF16BE);
}

static enum rc_status read_marked(struct reading *reading, const struct front *front,
				  enum rc_encoding wish, struct rc_error *err)
{
	if (front->encoding == RC_ENCODING_FIND)
		return refuse(reading, 0, front->text, NULL);
	if (!is_wish_met(wish, front->encoding))
		return refuse(reading, 1,
			      (struct rc_report_text){"the file's mark (BOM) says that it is %s",
						      "文件开头的标记（BOM）表明它是 %s 编码"},
			      names[front->encoding]);
	reading->file = rc_bytes_of(reading->file.data + front->size, reading->file.size - front->size);
	return read_as(reading, front->encoding, front->text, err);
}

enum rc_status rc_encoding_read(struct rc_bytes file, enum rc_encoding wish, struct rc_buf *memory,
				struct rc_encoding_text *text, struct rc_import *import,
				struct rc_error *err)
{
	struct reading reading = {.file = file, .memory = memory, .text = text, .import = import};
	const struct front *front = front_of(file);

	if (file.size > RC_TABLE_MAX_BYTES)
		return refuse(
		    &reading, 0,
		    (struct rc_report_text){"the file is larger than 64 MiB", "文件大于 64 MiB"}, NULL);
	if (front)
		return read_marked(&reading, front, wish, err);
	if (wish != RC_ENCODING_FIND)
		return read_as(&reading, wish,
			       (struct rc_report_text){"as --encoding says", "由 --encoding 指定"}, err);
	return find(&reading, err);
}
