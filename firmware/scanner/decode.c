/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent opens a file, a child that can do nothing else decodes it and writes escaped lines into a pipe, the parent puts
 * the path in front. The libraries are warmed up once, before the first child.
 */
#include "firmware/scanner/decode.h"

#include "firmware/scanner/image_file.h"
#include "firmware/scanner/sandbox.h"
#include "firmware/scanner/warm_up.h"
#include "shared/base/cleanup.h"
#include "shared/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX_BYTES (1u << 20) /* 8 codes, each byte escaped, many times over */

struct rc_decoder {
	struct rc_qr_reader *reader;
	struct rc_buf file;
	struct rc_frame_memory memory;
	struct rc_qr_finds finds;
};

RC_DEFINE_AUTO(struct rc_decoder, rc_decoder_free)

struct rc_decoder *rc_decoder_new(void)
{
	struct rc_decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	rc_buf_init(&decoder->file, RC_IMAGE_FILE_MAX_BYTES);
	decoder->reader = rc_qr_reader_new();
	if (!decoder->reader) {
		free(decoder);
		return NULL;
	}
	return decoder;
}

void rc_decoder_free(struct rc_decoder *decoder)
{
	if (!decoder)
		return;
	rc_qr_reader_free(decoder->reader);
	rc_buf_deinit(&decoder->file);
	rc_frame_memory_deinit(&decoder->memory);
	free(decoder);
}

static int top_of(const struct rc_scanner_find *find)
{
	int top = find->corners[0].y;

	for (size_t i = 1; i < 4; i++)
		top = find->corners[i].y < top ? find->corners[i].y : top;
	return top;
}

static int by_place(const void *a, const void *b)
{
	const struct rc_scanner_find *first = a, *second = b;
	const int tops = top_of(first) - top_of(second);

	return tops != 0 ? tops : first->corners[0].x - second->corners[0].x;
}

enum rc_status rc_scanner_decode_file(struct rc_decoder *decoder, int fd,
				      const struct rc_qr_finds **finds, struct rc_error *err)
{
	struct rc_frame frame;
	enum rc_status status = rc_image_file_read(fd, &decoder->file, &decoder->memory, &frame, err);

	if (status == RC_OK)
		status = rc_qr_reader_read(decoder->reader, &frame, &decoder->finds, err);
	if (status != RC_OK)
		return status;
	qsort(decoder->finds.finds, decoder->finds.count, sizeof(decoder->finds.finds[0]), by_place);
	*finds = &decoder->finds;
	return RC_OK;
}

static void escape_byte(uint8_t byte, struct rc_buf *out)
{
	static const char letters[][2] = {{'\\', '\\'}, {'\n', 'n'}, {'\t', 't'}, {'\r', 'r'}};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (byte == (uint8_t)letters[i][0]) {
			rc_buf_printf(out, "\\%c", letters[i][1]);
			return;
		}
	}
	rc_buf_printf(out, "\\x%02X", byte);
}

static bool is_plain(uint32_t code_point)
{
	return code_point != '\\' && rc_utf8_is_visible(code_point);
}

void rc_scanner_decode_escape(struct rc_bytes payload, struct rc_buf *out)
{
	while (payload.size > 0) {
		uint32_t code_point = 0;
		size_t size = rc_utf8_next(payload, &code_point);

		if (size > 0 && is_plain(code_point)) {
			rc_buf_append(out, payload.data, size);
		} else {
			size += size == 0;
			for (size_t i = 0; i < size; i++)
				escape_byte(payload.data[i], out);
		}
		payload = rc_bytes_of(payload.data + size, payload.size - size);
	}
}

/* The child's answer: a line a code, or '!' and a line that says why not. */
static void answer(struct rc_decoder *decoder, int fd, struct rc_buf *out)
{
	const struct rc_qr_finds *finds = NULL;
	struct rc_error err = {0};

	if (rc_sandbox_enter(&err) != RC_OK || rc_scanner_decode_file(decoder, fd, &finds, &err) != RC_OK) {
		rc_buf_printf(out, "!%s\n", err.text);
		return;
	}
	for (size_t i = 0; i < finds->count; i++) {
		const struct rc_scanner_find *find = &finds->finds[i];

		rc_buf_append_char(out, '=');
		rc_scanner_decode_escape(rc_bytes_of(find->payload, find->size), out);
		rc_buf_append_text(out, find->omitted > 0 ? "…\n" : "\n");
	}
}

static void run_child(struct rc_decoder *decoder, int fd, int pipe_end)
{
	struct rc_buf out;
	struct rc_bytes rest;

	rc_buf_init(&out, ANSWER_MAX_BYTES);
	answer(decoder, fd, &out);
	rest = rc_buf_bytes(&out);
	while (rest.size > 0) {
		const ssize_t count = write(pipe_end, rest.data, rest.size);

		if (count < 0)
			_exit(1);
		rest = rc_bytes_of(rest.data + count, rest.size - (size_t)count);
	}
	_exit(0);
}

static enum rc_status read_answer(int pipe_end, struct rc_buf *text, struct rc_error *err)
{
	char piece[4096];
	ssize_t count;

	while ((count = read(pipe_end, piece, sizeof(piece))) != 0) {
		if (count > 0)
			rc_buf_append(text, piece, (size_t)count);
		else if (errno != EINTR)
			return rc_fail_errno(err, errno, "decoding");
	}
	return rc_buf_status(text, err);
}

/* The child escapes what it found; one that was taken over by a picture doesn't, and the text goes to a terminal. */
static void blunt(struct rc_buf *text)
{
	for (size_t i = 0; i < text->size; i++) {
		if ((text->data[i] < 0x20 && text->data[i] != '\n') || text->data[i] == 0x7F)
			text->data[i] = '?';
	}
}

/* Has a child decode; its whole answer is in `text`. */
static enum rc_status ask_child(struct rc_decoder *decoder, int fd, struct rc_buf *text,
				struct rc_error *err)
{
	enum rc_status status;
	int ends[2], ending = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return rc_fail_errno(err, errno, "decoding");
	child = fork();
	if (child == 0)
		run_child(decoder, fd, ends[1]);
	(void)close(ends[1]);
	status = child < 0 ? rc_fail_errno(err, errno, "decoding") : read_answer(ends[0], text, err);
	(void)close(ends[0]);
	while (child > 0 && waitpid(child, &ending, 0) < 0 && errno == EINTR)
		;
	if (status == RC_OK && ending != 0)
		return rc_fail(err, RC_EFORMAT, "the picture broke the reader (wait status %d)", ending);
	return status;
}

/* Puts the path in front of each line. */
static enum rc_status print_answer(const char *path, const char *text, FILE *out, struct rc_error *err)
{
	if (text[0] == '!')
		return rc_fail(err, RC_EFORMAT, "%.*s", (int)strcspn(text + 1, "\n"), text + 1);
	if (text[0] == '\0')
		return rc_fail(err, RC_ENOTFOUND, "no code found");
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		if (fprintf(out, "%s\t%.*s\n", path, (int)strcspn(line + 1, "\n"), line + 1) < 0)
			return rc_fail(err, RC_EIO, "the output can't be written");
	}
	return RC_OK;
}

static enum rc_status decode_path(struct rc_decoder *decoder, const char *path, FILE *out,
				  struct rc_error *err)
{
	RC_AUTO(rc_close_p)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	enum rc_status status;

	rc_buf_init(&text, ANSWER_MAX_BYTES);
	if (fd < 0)
		return rc_fail_errno(err, errno, "can't be opened");
	status = ask_child(decoder, fd, &text, err);
	blunt(&text);
	return status == RC_OK ? print_answer(path, rc_buf_text(&text), out, err) : status;
}

int rc_scanner_decode_main(int count, char **paths, FILE *out)
{
	RC_AUTO(rc_decoder_free_p) struct rc_decoder *decoder = NULL;
	struct rc_error err = {0};
	int exit_status = 0;

	if (count < 1) {
		(void)fprintf(stderr, "decode: no picture given\n");
		return 2;
	}
	decoder = rc_decoder_new();
	if (!decoder || rc_scanner_warm_up(decoder->reader, &decoder->finds, &err) != RC_OK) {
		(void)fprintf(stderr, "decode: %s\n", decoder ? err.text : "no memory");
		return 70;
	}
	for (int i = 0; i < count; i++) {
		(void)fflush(out); /* or the child would hold a copy of what waits in it */
		if (decode_path(decoder, paths[i], out, &err) != RC_OK) {
			(void)fprintf(stderr, "%s: %s\n", paths[i], err.text);
			exit_status = 1;
		}
	}
	return exit_status;
}
