/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The raw requests of the shared data set `hostile-http-requests`: what is named valid must be read, unless it stands on the
 * list below with the reason why our subset is narrower; what is named invalid must be refused. A request of HTTP/1.1 without
 * Host gets one first (we refuse it for that alone, and would learn nothing of the rest).
 */
#include "reading.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SET "hostile-http-requests"

static const struct {
	const char *file;
	const char *reason;
} narrower[] = {
    {"valid-012.http", "trailers are refused"},
    {"valid-013.http", "chunk extensions are refused"},
    {"valid-026.http", "a header block over our limit"},
    {"valid-028.http", "space before the colon of Content-Length"},
    {"valid-029.http", "a coding other than chunked"},
    {"valid-030.http", "a coding other than chunked"},
    {"valid-031.http", "an unknown method"},
    {"valid-031compat2.http", "an unknown method"},
    {"valid-040-compat.http", "Content_Length could be taken for a second length"},
    {"valid-040.http", "Content_Length could be taken for a second length"},
    {"valid-099.http", "its body is shorter than its Content-Length says"},
    {"valid-compat-obs-fold-huge.http", "folded lines are refused"},
    {"valid-compat-obs-fold.http", "folded lines are refused"},
    {"valid-pp-01.http", "the PROXY protocol isn't spoken"},
    {"valid-rfc9112-chunked-ext-quoted-01.http", "chunk extensions are refused"},
    {"valid-rfc9112-smuggle-gzip-chunked-01.http", "a coding other than chunked"},
    {"valid-rfc9112-smuggle-te-identity-chunked-01.http", "a coding other than chunked"},
    {"valid-rfc9112-target-absolute-01.http", "targets in origin form only"},
    {"valid-rfc9112-target-absolute-userinfo-01.http", "targets in origin form only"},
    {"valid-rfc9112-target-asterisk-options-01.http", "targets in origin form only"},
    {"valid-rfc9112-target-authority-ipv6-01.http", "CONNECT is refused"},
};

/* What their reader refuses by settings of its own, and why ours needn't. */
static const struct {
	const char *file;
	const char *reason;
} wider[] = {
    {"invalid-003c.http", "a method may begin with '-'; refused as unknown anyway"},
    {"invalid-006.http", "within our limit for a target"},
    {"invalid-007.http", "within our limit for a header line"},
    {"invalid-009.http", "within our limit for the number of headers"},
    {"invalid-011.http", "their limit of one header"},
    {"invalid-012.http", "their limit of a small header block"},
    {"invalid-017.http", "within our limit for a header line"},
    {"invalid-019.http", "forwarding headers mean nothing to us"},
};

static const char *reason_narrower(const char *file)
{
	for (size_t i = 0; i < sizeof(narrower) / sizeof(narrower[0]); i++)
		if (strcmp(file, narrower[i].file) == 0)
			return narrower[i].reason;
	return NULL;
}

static const char *reason_wider(const char *file)
{
	for (size_t i = 0; i < sizeof(wider) / sizeof(wider[0]); i++)
		if (strcmp(file, wider[i].file) == 0)
			return wider[i].reason;
	return NULL;
}

static bool folder(char *path, size_t size)
{
	const char *root = getenv("RC_SHARED_DATA");

	return root && snprintf(path, size, "%s/%s", root, SET) < (int)size;
}

/* The set's files write control characters as escapes; real line ends are to be dropped. */
static void append_unescaped(struct rc_buf *raw, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char next = i + 1 < size ? text[i + 1] : 0;

		if (text[i] == '\n' || text[i] == '\r')
			continue;
		if (text[i] != '\\' || !strchr("rnt0x", next) || !next) {
			rc_buf_append_char(raw, text[i]);
			continue;
		}
		i++;
		if (next == 'x' && i + 2 < size) {
			char digits[3] = {text[i + 1], text[i + 2], 0};

			rc_buf_append_char(raw, (char)strtoul(digits, NULL, 16));
			i += 2;
		} else {
			rc_buf_append_char(raw, next == 'r'   ? '\r'
						: next == 'n' ? '\n'
						: next == 't' ? '\t'
							      : '\0');
		}
	}
}

/* Behind each request line of HTTP/1.1, unless the file has a Host somewhere. */
static void add_host(struct rc_buf *raw)
{
	static const char mark[] = "HTTP/1.1\r\n";
	struct rc_buf with_host;

	if (memmem(raw->data, raw->size, "\nHost:", 6))
		return;
	rc_buf_init(&with_host, raw->max);
	for (size_t i = 0; i < raw->size; i++) {
		rc_buf_append_char(&with_host, (char)raw->data[i]);
		if (i + 1 >= sizeof(mark) - 1 &&
		    memcmp(raw->data + i + 2 - sizeof(mark), mark, sizeof(mark) - 1) == 0)
			rc_buf_append_text(&with_host, "Host: a\r\n");
	}
	rc_buf_deinit(raw);
	*raw = with_host;
}

static void load(const char *folder_path, const char *file, struct rc_buf *raw)
{
	static char text[262144];
	char path[4096];
	FILE *stream;
	size_t size;

	assert_true(snprintf(path, sizeof(path), "%s/%s", folder_path, file) < (int)sizeof(path));
	stream = fopen(path, "rb");
	assert_non_null(stream);
	size = fread(text, 1, sizeof(text), stream);
	assert_true(size < sizeof(text));
	assert_int_equal(fclose(stream), 0);
	rc_buf_init(raw, 1u << 20);
	append_unescaped(raw, text, size);
	add_host(raw);
	assert_int_equal(rc_buf_status(raw, NULL), RC_OK);
}

/* Reads all requests of a file; the last progress, and MORE counts as refused: the connection would be cut. */
static bool is_accepted(struct rc_bytes raw, size_t piece)
{
	bool is_good = raw.size > 0;

	while (is_good && raw.size > 0) {
		struct reading reading;

		read_request(raw, piece, &reading);
		rc_buf_deinit(&reading.body);
		is_good = reading.progress == RC_HTTP_DONE;
		/* the set's files end bodies with a line end that belongs to the file */
		raw = rc_bytes_of(raw.data + reading.used, raw.size - reading.used);
		if (raw.size <= 2)
			break;
		if (reading.parser.wants_close)
			break;
	}
	return is_good;
}

static void check(const char *folder_path, const char *file, unsigned *checked)
{
	bool is_valid = strncmp(file, "valid-", 6) == 0;
	const char *reason = is_valid ? reason_narrower(file) : reason_wider(file);
	struct rc_buf raw;

	if (!is_valid && strncmp(file, "invalid-", 8) != 0)
		return;
	load(folder_path, file, &raw);
	for (size_t piece = 0; piece < 4; piece++) {
		bool is_good = is_accepted(rc_buf_bytes(&raw), piece);
		bool expected = reason && is_valid ? false : is_valid;

		if (reason && !is_valid)
			continue; /* either will do */
		if (is_good != expected)
			print_error("%s: %s\n", file, is_good ? "accepted" : "refused");
		assert_int_equal(is_good, expected);
	}
	rc_buf_deinit(&raw);
	(*checked)++;
}

static void others_requests_are_judged_as_their_names_say(void **state)
{
	char path[4096];
	struct dirent *entry;
	unsigned checked = 0;
	DIR *dir = folder(path, sizeof(path)) ? opendir(path) : NULL;

	(void)state;
	if (!dir) {
		print_message("skipped: RC_SHARED_DATA names no folder with " SET "\n");
		skip();
	}
	while ((entry = readdir(dir)))
		check(path, entry->d_name, &checked);
	(void)closedir(dir);
	assert_true(checked > 0);
	print_message("%u requests\n", checked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(others_requests_are_judged_as_their_names_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
