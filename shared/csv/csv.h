/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CSV_CSV_H
#define RC_CSV_CSV_H
/*
 * CSV by RFC 4180, in and out.
 *
 * Reading: bytes come in pieces of any size, rows go out one by one with the line they stand on, so a file of a million rows
 * needs the memory of one. Text is UTF-8; a byte order mark is dropped. Lines end with CR LF, LF or CR. Quotes belong around a
 * whole field and are doubled inside; text behind a closing one is a fault, because guessing there moves columns in silence. In a
 * field that doesn't begin with one a quote is a character like any other (121°2'17.9"W). Lines
 * without a byte are passed over. Fields are text: `007` and `1.23E+05` are what they are.
 *
 * Writing: always CR LF; a field that a spreadsheet would take for a formula gets an apostrophe in front.
 * A reader or writer belongs to one thread.
 */
#include "shared/base/buf.h"

#include <stdint.h>

#define RC_CSV_FIELD_MAX_BYTES 65536u
#define RC_CSV_COLUMNS_MAX     256u /* exports of HR systems have over a hundred */

struct rc_csv_row {
	struct rc_bytes fields[RC_CSV_COLUMNS_MAX]; /* borrowed until the next row */
	size_t count;                               /* at least 1 */
	uint64_t line; /* where the row begins; 1 is the first of the file */
	uint64_t field_line[RC_CSV_COLUMNS_MAX]; /* where each field begins: later, behind line ends in quotes */
};

/* Called for each row. Anything but RC_OK stops the reading with that status; put the reason into `err`. */
typedef enum rc_status (*rc_csv_take)(void *context, const struct rc_csv_row *row, struct rc_error *err);

/* 0: the first row decides, by which of , and ; stands first outside quotes. */
#define RC_CSV_SEPARATOR_BY_HEADER '\0'

enum rc_csv_state {
	RC_CSV_FIELD_BEGIN, /* in front of a field's first byte */
	RC_CSV_PLAIN,       /* inside a field without quotes */
	RC_CSV_QUOTED,      /* inside quotes */
	RC_CSV_QUOTE_SEEN,  /* behind a quote that ends the field or doubles */
	RC_CSV_FAILED,      /* after a fault: nothing more is taken */
};

/* What ended the reading, for those who say it in another language. */
enum rc_csv_fault {
	RC_CSV_NO_FAULT, /* none of the file's: memory, or what `take` answered */
	RC_CSV_TEXT_BEHIND_QUOTE,
	RC_CSV_UNCLOSED_QUOTE,
	RC_CSV_NOT_UTF8,
	RC_CSV_NUL,
	RC_CSV_UTF16,
	RC_CSV_FIELD_TOO_LONG,
	RC_CSV_TOO_MANY_COLUMNS,
};

struct rc_csv_reader {
	rc_csv_take take;
	void *context;
	char separator; /* once it is known */
	enum rc_csv_state state;
	struct rc_buf text;                         /* the row's fields, one behind the other */
	size_t field_begin[RC_CSV_COLUMNS_MAX + 1]; /* in `text` */
	struct rc_csv_row row;
	uint64_t line;       /* that is being read */
	uint64_t quote_line; /* where the quote that is open stands */
	size_t mark_seen;  /* bytes of a byte order mark at the very front: 0 … 3; 4 when past */
	bool is_after_cr;  /* a line feed now belongs to the line end before */
	bool is_row_begun; /* a byte of the row was seen */
	enum rc_csv_fault fault;
	uint64_t fault_line;
	size_t fault_column; /* from 1 */
};

/* `separator` is ',' ';' TAB or RC_CSV_SEPARATOR_BY_HEADER. */
void rc_csv_reader_init(struct rc_csv_reader *reader, char separator, rc_csv_take take, void *context);
void rc_csv_reader_deinit(struct rc_csv_reader *reader);

/*
 * Takes the next piece. RC_EFORMAT (text behind a closing quote, not UTF-8, a NUL, UTF-16) and RC_ELIMIT (a field over
 * 64 KiB, more than 256 columns) say line and column; after a fault every later call fails as well.
 */
RC_CHECKED enum rc_status rc_csv_reader_add(struct rc_csv_reader *reader, struct rc_bytes piece,
					    struct rc_error *err);

/* The end of the file: delivers a last row without line end. RC_EFORMAT for an unclosed quote, with the line where it opened. */
RC_CHECKED enum rc_status rc_csv_reader_end(struct rc_csv_reader *reader, struct rc_error *err);

/* All of a file that is in memory. */
RC_CHECKED enum rc_status rc_csv_read(struct rc_bytes content, char separator, rc_csv_take take,
				      void *context, struct rc_error *err);

/* Writes rows with commas into a buffer: fields, then the end of the row. */
struct rc_csv_writer {
	struct rc_buf *buf;
	bool is_row_begun;
};

/* `has_mark` puts a byte order mark in front: Excel reads UTF-8 only then. */
void rc_csv_writer_init(struct rc_csv_writer *writer, struct rc_buf *buf, bool has_mark);

/* A text. Where it begins with = + - @ TAB or CR, an apostrophe is put in front, so that no spreadsheet runs it. */
void rc_csv_write_text(struct rc_csv_writer *writer, const char *text);
void rc_csv_write_bytes(struct rc_csv_writer *writer, struct rc_bytes text);

/* A number of our own: a minus stays what it is. */
void rc_csv_write_int(struct rc_csv_writer *writer, int64_t value);
void rc_csv_end_row(struct rc_csv_writer *writer);

#endif
