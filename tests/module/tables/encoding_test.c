/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in the encodings that spreadsheets write, found or asked about, never guessed. The texts are made by the C library here,
 * in the other direction, so that they read as text in this file.
 */
#include "server/tables/encoding.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PEOPLE "工号,姓名,部门\n001-01,张伟,质检部\n002-01,李娜,生产部\n"

struct reading {
	struct rc_import import;
	struct rc_buf file, memory;
	struct rc_encoding_text text;
	enum rc_status status;
};

static void encode(struct rc_buf *out, const char *text, const char *encoding)
{
	iconv_t converter = iconv_open(encoding, "UTF-8");
	char bytes[4096], *to = bytes, *from = (char *)(uintptr_t)text;
	size_t left = strlen(text), room = sizeof(bytes);

	assert_true(converter != (iconv_t)-1);
	assert_true(iconv(converter, &from, &left, &to, &room) != (size_t)-1);
	assert_true(iconv(converter, NULL, NULL, &to, &room) != (size_t)-1);
	(void)iconv_close(converter);
	rc_buf_append(out, bytes, sizeof(bytes) - room);
}

static void read_bytes(struct reading *reading, struct rc_bytes file, enum rc_encoding wish)
{
	rc_import_clear(&reading->import);
	reading->text = (struct rc_encoding_text){.encoding = RC_ENCODING_FIND};
	reading->status =
	    rc_encoding_read(file, wish, &reading->memory, &reading->text, &reading->import, NULL);
	assert_int_equal(reading->status == RC_EFORMAT, reading->import.errors.count == 1);
}

/* Reads `text` as written in an encoding of the C library, behind a mark. */
static void read_as(struct reading *reading, const char *mark, const char *text,
		    const char *encoding, enum rc_encoding wish)
{
	rc_buf_clear(&reading->file);
	rc_buf_append_text(&reading->file, mark);
	encode(&reading->file, text, encoding);
	read_bytes(reading, rc_buf_bytes(&reading->file), wish);
}

static void is_read(struct reading *reading, enum rc_encoding encoding, const char *text)
{
	assert_int_equal(reading->status, RC_OK);
	assert_string_equal(rc_encoding_name(reading->text.encoding), rc_encoding_name(encoding));
	assert_true(rc_bytes_equal(reading->text.utf8, rc_bytes_of_text(text)));
	assert_true(reading->text.why.en[0] && reading->text.why.zh[0]);
}

static void is_refused(struct reading *reading, size_t line, const char *word)
{
	const struct rc_report_issue *issue = reading->import.errors.issues;

	assert_int_equal(reading->status, RC_EFORMAT);
	assert_int_equal(issue->line, line);
	assert_non_null(strstr(issue->en, word));
	assert_true(issue->zh[0] != '\0' && strcmp(issue->zh, issue->en) != 0);
}

static void is_found(struct reading *reading, const char *text, const char *iconv_name,
		     enum rc_encoding encoding)
{
	read_as(reading, "", text, iconv_name, RC_ENCODING_FIND);
	is_read(reading, encoding, text);
}

static int set_up(void **state)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	assert_non_null(reading);
	rc_import_init(&reading->import);
	rc_buf_init(&reading->file, 1u << 20);
	rc_buf_init(&reading->memory, RC_TABLE_TEXT_MAX_BYTES);
	*state = reading;
	return 0;
}

static int tear_down(void **state)
{
	struct reading *reading = *state;

	rc_import_deinit(&reading->import);
	rc_buf_deinit(&reading->file);
	rc_buf_deinit(&reading->memory);
	free(reading);
	return 0;
}

/* ---- found ---- */

static void every_encoding_of_chinese_spreadsheets_is_found_without_a_mark(void **state)
{
	is_found(*state, PEOPLE, "UTF-8", RC_ENCODING_UTF8);
	is_found(*state, PEOPLE, "GBK", RC_ENCODING_GB18030);
	is_found(*state, PEOPLE, "GB18030", RC_ENCODING_GB18030);
	is_found(*state, PEOPLE, "UTF-16LE", RC_ENCODING_UTF16LE);
	is_found(*state, PEOPLE, "UTF-16BE", RC_ENCODING_UTF16BE);
	is_found(*state, "number,name\n1,Li\n", "UTF-8", RC_ENCODING_UTF8);
	is_found(*state, "number,name\n1,Li\n", "UTF-16LE", RC_ENCODING_UTF16LE);
	is_found(*state, "number;name\r1;Li\r", "UTF-16BE", RC_ENCODING_UTF16BE);
	read_bytes(*state, rc_bytes_of_text(""), RC_ENCODING_FIND);
	is_read(*state, RC_ENCODING_UTF8, "");
}

static void every_mark_is_believed_and_dropped(void **state)
{
	read_as(*state, "\xef\xbb\xbf", PEOPLE, "UTF-8", RC_ENCODING_FIND);
	is_read(*state, RC_ENCODING_UTF8, PEOPLE);
	read_as(*state, "\xff\xfe", PEOPLE, "UTF-16LE", RC_ENCODING_FIND);
	is_read(*state, RC_ENCODING_UTF16LE, PEOPLE);
	read_as(*state, "\xfe\xff", PEOPLE, "UTF-16BE", RC_ENCODING_FIND);
	is_read(*state, RC_ENCODING_UTF16BE, PEOPLE);
	read_as(*state, "\x84\x31\x95\x33", PEOPLE, "GB18030", RC_ENCODING_FIND);
	is_read(*state, RC_ENCODING_GB18030, PEOPLE);
}

static void rare_characters_of_names_come_in_as_they_are(void **state)
{
	is_found(*state, "工号,姓名\n1,𠮷田\n2,王䶮\n3,李㛃\n4,赵龘\n", "GB18030", RC_ENCODING_GB18030);
	is_found(*state, "工号,姓名\n1,𠮷田\n", "UTF-16LE", RC_ENCODING_UTF16LE);
}

static void western_russian_and_greek_names_stay_utf8(void **state)
{
	is_found(*state, "number,name\n1,José Muñoz\n2,Müller\n3,Zoé\n", "UTF-8", RC_ENCODING_UTF8);
	is_found(*state, "number,name\n1,Иванов\n2,Анна\n", "UTF-8", RC_ENCODING_UTF8);
	is_found(*state, "number,name\n1,Ελένη\n", "UTF-8", RC_ENCODING_UTF8);
	is_found(*state, "number,name\n1,김철수\n2,田中\n", "UTF-8", RC_ENCODING_UTF8);
}

static void what_the_c_library_lacks_of_gb18030_is_there(void **state)
{
	struct reading *reading = *state;

	/* 82 35 90 37: U+9FB4 before the standard moved it; FE 59: where it is now; 80: Windows' euro; A3 A0: its wide space */
	read_bytes(reading, rc_bytes_of_text("\xb9\xa4\xba\xc5,\xd0\xd5\xc3\xfb\n1,\x82\x35\x90\x37\xfe\x59\x80\xa3\xa0\xa6\xd9\n"),
		   RC_ENCODING_GB18030);
	is_read(reading, RC_ENCODING_GB18030, "工号,姓名\n1,龴龴€　︐\n");
	read_bytes(reading, rc_bytes_of_text("1,\x84\x31\x82\x36\x84\x31\x83\x35\n"), RC_ENCODING_GB18030);
	is_read(reading, RC_ENCODING_GB18030, "1,\xef\xb8\x90\xef\xb8\x99\n");
}

/* ---- refused ---- */

static void what_is_chinese_in_neither_reading_is_asked_about(void **state)
{
	read_as(*state, "", "number,name\n1,김철수\n2,이영희\n3,박민수\n", "EUC-KR", RC_ENCODING_FIND);
	is_refused(*state, 2, "--encoding");
	read_as(*state, "", "工號,姓名\n1,陳志明\n2,林美玲\n", "BIG5", RC_ENCODING_FIND);
	is_refused(*state, 1, "--encoding");
	read_as(*state, "", "番号,名前\n1,田中太郎\n2,鈴木花子\n3,カタカナ\n", "EUC-JP", RC_ENCODING_FIND);
	is_refused(*state, 1, "--encoding");
	read_as(*state, "", "番号,名前\n1,田中太郎\n2,鈴木花子\n", "SHIFT-JIS", RC_ENCODING_FIND);
	is_refused(*state, 1, "UTF-8");
	read_as(*state, "", "number,name\n1,José\n2,Müller\n", "CP1252", RC_ENCODING_FIND);
	is_refused(*state, 2, "GBK");
}

static void two_bytes_that_are_a_letter_or_a_character_are_asked_about(void **state)
{
	/* In GBK 毛 and 梅; in UTF-8 ë and ÷. */
	read_as(*state, "", "number,name\n1,毛\n2,梅\n", "GBK", RC_ENCODING_FIND);
	is_refused(*state, 0, "UTF-8 or GBK");
	read_as(*state, "", "number,name\n1,毛\n2,梅\n", "GBK", RC_ENCODING_GB18030);
	is_read(*state, RC_ENCODING_GB18030, "number,name\n1,毛\n2,梅\n");
}

static void a_wish_is_obeyed_strictly_and_never_against_a_mark(void **state)
{
	read_as(*state, "", "工號,姓名\n1,陳志明\n", "BIG5", RC_ENCODING_BIG5);
	is_read(*state, RC_ENCODING_BIG5, "工號,姓名\n1,陳志明\n");
	read_as(*state, "", "number,name\n1,José\n", "CP1252", RC_ENCODING_WINDOWS_1252);
	is_read(*state, RC_ENCODING_WINDOWS_1252, "number,name\n1,José\n");
	read_as(*state, "", PEOPLE, "GBK", RC_ENCODING_UTF8);
	is_refused(*state, 1, "not UTF-8");
	read_as(*state, "\xef\xbb\xbf", PEOPLE, "UTF-8", RC_ENCODING_GB18030);
	is_refused(*state, 1, "mark");
	read_as(*state, "\xfe\xff", PEOPLE, "UTF-16BE", RC_ENCODING_UTF16LE); /* "utf-16" */
	is_read(*state, RC_ENCODING_UTF16BE, PEOPLE);
}

static void a_file_that_breaks_off_or_changes_is_refused_with_the_line(void **state)
{
	struct reading *reading = *state;

	read_bytes(reading, rc_bytes_of_text("工号,姓名\n1,张\n2,\xd5\xc5\n"), RC_ENCODING_FIND);
	is_refused(reading, 3, "neither UTF-8");
	read_bytes(reading, rc_bytes_of_text("\xef\xbb\xbfnumber\n1\n\xd5\xc5\n"), RC_ENCODING_FIND);
	is_refused(reading, 3, "not UTF-8");
	read_bytes(reading,
		   rc_bytes_of("\xff\xfe"
			       "a\0\n\0b",
			       7),
		   RC_ENCODING_FIND);
	is_refused(reading, 2, "not UTF-16LE");
	read_bytes(reading,
		   rc_bytes_of("\xff\xfe"
			       "a\0\n\0\x00\xd8,\0",
			       10),
		   RC_ENCODING_FIND); /* half a pair */
	is_refused(reading, 2, "not UTF-16LE");
	rc_buf_clear(&reading->file);
	encode(&reading->file, PEOPLE, "GBK");
	read_bytes(reading, rc_bytes_of(reading->file.data, reading->file.size - 2), RC_ENCODING_GB18030);
	is_refused(reading, 3, "not GB18030");
}

static void a_wrong_byte_in_chinese_is_told_where_it_stands(void **state)
{
	struct reading *reading = *state;

	rc_buf_clear(&reading->file);
	encode(&reading->file, PEOPLE, "GBK");
	rc_buf_append_text(&reading->file, "003-01,\xff\n");
	read_bytes(reading, rc_buf_bytes(&reading->file), RC_ENCODING_FIND);
	is_refused(reading, 4, "up to this line");
}

static void a_second_mark_is_dropped_like_the_first(void **state)
{
	read_as(*state, "\xef\xbb\xbf\xef\xbb\xbf", PEOPLE, "UTF-8", RC_ENCODING_FIND);
	is_read(*state, RC_ENCODING_UTF8, PEOPLE);
}

static void a_nul_is_no_text_in_any_encoding(void **state)
{
	read_bytes(*state, rc_bytes_of("number,name\n1,a\0b\n", 18), RC_ENCODING_FIND);
	is_refused(*state, 2, "NUL");
	read_bytes(*state,
		   rc_bytes_of("\xff\xfe"
			       "a\0\n\0\0\0,\0",
			       10),
		   RC_ENCODING_FIND);
	is_refused(*state, 2, "NUL");
	read_bytes(*state, rc_bytes_of("1,a\0b\n", 6), RC_ENCODING_GB18030);
	is_refused(*state, 1, "NUL");
}

static void what_is_no_table_is_called_what_it_is(void **state)
{
	static const struct {
		struct rc_bytes front;
		const char *word;
	} files[] = {
	    {{(const uint8_t *)"PK\x03\x04....", 8}, "XLSX"},
	    {{(const uint8_t *)"\xd0\xcf\x11\xe0\xa1\xb1", 6}, "XLS"},
	    {{(const uint8_t *)"%PDF-1.7", 8}, "PDF"},
	    {{(const uint8_t *)"\x1f\x8b\x08\0", 4}, "gzip"},
	    {{(const uint8_t *)"\x89PNG\r\n", 6}, "picture"},
	    {{(const uint8_t *)"\xff\xfe\0\0a\0\0\0", 8}, "UTF-32"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		read_bytes(*state, files[i].front, RC_ENCODING_FIND);
		is_refused(*state, 0, files[i].word);
		read_bytes(*state, files[i].front, RC_ENCODING_GB18030);
		is_refused(*state, 0, files[i].word);
	}
}

static void encodings_have_the_names_that_people_use(void **state)
{
	enum rc_encoding encoding = RC_ENCODING_FIND;

	(void)state;
	assert_true(rc_encoding_by_name("GBK", &encoding));
	assert_int_equal(encoding, RC_ENCODING_GB18030);
	assert_true(rc_encoding_by_name("utf8", &encoding));
	assert_int_equal(encoding, RC_ENCODING_UTF8);
	assert_false(rc_encoding_by_name("", &encoding));
	assert_false(rc_encoding_by_name("utf-7", &encoding));
	assert_int_equal(encoding, RC_ENCODING_UTF8);
}

/* ---- tables made by others ---- */

static bool load(struct rc_buf *to, const char *name)
{
	const char *folder = getenv("RC_SHARED_DATA");
	char path[2048], piece[4096];
	size_t size;

	rc_buf_clear(to);
	(void)snprintf(path, sizeof(path), "%s/encodings/%s", folder ? folder : "/nowhere", name);
	FILE *file = fopen(path, "rb");

	if (!file)
		return false;
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
		rc_buf_append(to, piece, size);
	(void)fclose(file);
	return to->status == RC_OK;
}

/* Line by line as their tables say, but for the six that the table leaves in private use though Unicode has them. */
static void the_published_table_of_gb18030_reads_as_it_says(void **state)
{
	struct reading *reading = *state;
	struct rc_buf wanted;
	size_t lines = 0, others = 0;

	rc_buf_init(&wanted, 1u << 20);
	if (!load(&reading->file, "gb18030-in.txt") || !load(&wanted, "gb18030-in-ref.txt")) {
		rc_buf_deinit(&wanted);
		skip();
	}
	read_bytes(reading, rc_buf_bytes(&reading->file), RC_ENCODING_GB18030);
	assert_int_equal(reading->status, RC_OK);
	for (size_t at = 0, to = 0; at < reading->text.utf8.size && to < wanted.size; lines++) {
		const uint8_t *line = reading->text.utf8.data + at, *ref = wanted.data + to;
		const size_t size =
		    (size_t)((const uint8_t *)memchr(line, '\n', reading->text.utf8.size - at) - line);
		const size_t ref_size =
		    (size_t)((const uint8_t *)memchr(ref, '\n', wanted.size - to) - ref);

		others += !rc_bytes_equal(rc_bytes_of(line, size), rc_bytes_of(ref, ref_size));
		at += size + 1;
		to += ref_size + 1;
	}
	assert_true(lines > 23000);
	assert_true(others <= 6);
	rc_buf_deinit(&wanted);
}

/* Their lines are every character of an encoding once: nothing that reads like Chinese, so none may come in unasked. */
static void tables_of_other_encodings_are_never_taken_for_chinese(void **state)
{
	static const char *const names[] = {"big5-out-ref.txt", "euc-kr-in.txt", "shift-jis-in.txt",
					    "jis0208-in.txt", "jis0208-out-ref.txt"};
	struct reading *reading = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!load(&reading->file, names[i]))
			skip();
		read_bytes(reading, rc_buf_bytes(&reading->file), RC_ENCODING_FIND);
		if (reading->status == RC_OK)
			print_error("%s was taken for %s\n", names[i],
				    rc_encoding_name(reading->text.encoding));
		assert_int_equal(reading->status, RC_EFORMAT);
	}
}

#define READING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    READING(every_encoding_of_chinese_spreadsheets_is_found_without_a_mark),
	    READING(every_mark_is_believed_and_dropped),
	    READING(rare_characters_of_names_come_in_as_they_are),
	    READING(western_russian_and_greek_names_stay_utf8),
	    READING(what_the_c_library_lacks_of_gb18030_is_there),
	    READING(what_is_chinese_in_neither_reading_is_asked_about),
	    READING(two_bytes_that_are_a_letter_or_a_character_are_asked_about),
	    READING(a_wish_is_obeyed_strictly_and_never_against_a_mark),
	    READING(a_file_that_breaks_off_or_changes_is_refused_with_the_line),
	    READING(a_wrong_byte_in_chinese_is_told_where_it_stands),
	    READING(a_second_mark_is_dropped_like_the_first),
	    READING(a_nul_is_no_text_in_any_encoding),
	    READING(what_is_no_table_is_called_what_it_is),
	    READING(encodings_have_the_names_that_people_use),
	    READING(the_published_table_of_gb18030_reads_as_it_says),
	    READING(tables_of_other_encodings_are_never_taken_for_chinese),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
