/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the file, looks at its first bytes, asks the decoder of that format. PGM is simple enough to be done here. */
#include "firmware/scanner/image_file.h"

#include <errno.h>
#include <unistd.h>

#define READ_STEP_BYTES 65536u

struct format {
	const char *first;
	size_t size;
	enum rc_status (*decode)(struct rc_bytes file, struct rc_frame_memory *memory,
				 struct rc_frame *frame, struct rc_error *err);
};

static const struct format formats[] = {
    {"\x89PNG\r\n\x1a\n", 8, rc_image__decode_png},
    {"\xff\xd8\xff", 3, rc_image__decode_jpeg},
    {"P5", 2, rc_image__decode_pgm},
};

/* From the beginning, wherever the descriptor stands. What can't be read at a place (a pipe) is refused, so nothing waits. */
static enum rc_status read_all(int fd, struct rc_buf *file, struct rc_error *err)
{
	ssize_t count;

	rc_buf_clear(file);
	for (;;) {
		if (rc_buf_reserve(file, READ_STEP_BYTES) != RC_OK)
			return rc_fail(err, RC_ELIMIT, "a picture file of more than %zu bytes",
				       file->size);
		count = pread(fd, file->data + file->size, READ_STEP_BYTES, (off_t)file->size);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return rc_fail_errno(err, errno, "picture file");
		if (count == 0)
			return RC_OK;
		file->size += (size_t)count;
	}
}

enum rc_status rc_image_file_read(int fd, struct rc_buf *file, struct rc_frame_memory *memory,
				  struct rc_frame *frame, struct rc_error *err)
{
	enum rc_status status = read_all(fd, file, err);

	return status == RC_OK ? rc_image_file_decode(rc_buf_bytes(file), memory, frame, err) : status;
}

enum rc_status rc_image_file_decode(struct rc_bytes file, struct rc_frame_memory *memory,
				    struct rc_frame *frame, struct rc_error *err)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (file.size >= formats[i].size &&
		    memcmp(file.data, formats[i].first, formats[i].size) == 0)
			return formats[i].decode(file, memory, frame, err);
	}
	return file.size == 0 ? rc_fail(err, RC_EFORMAT, "an empty picture file")
			      : rc_fail(err, RC_EFORMAT, "neither PNG nor JPEG nor binary PGM");
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* White space and comments, which may stand before each number of a PGM header; at least one byte. */
static bool skip_gap(struct rc_bytes file, size_t *place)
{
	const size_t begin = *place;

	while (*place < file.size && (is_space(file.data[*place]) || file.data[*place] == '#')) {
		if (file.data[*place] == '#') {
			while (*place < file.size && file.data[*place] != '\n')
				(*place)++;
		} else {
			(*place)++;
		}
	}
	return *place > begin;
}

static bool read_number(struct rc_bytes file, size_t *place, unsigned *number)
{
	unsigned value = 0;
	const size_t begin = *place;

	while (*place < file.size && file.data[*place] >= '0' && file.data[*place] <= '9') {
		if (value > 99999999u)
			return false;
		value = value * 10 + (unsigned)(file.data[(*place)++] - '0');
	}
	*number = value;
	return *place > begin;
}

enum rc_status rc_image__decode_pgm(struct rc_bytes file, struct rc_frame_memory *memory,
				    struct rc_frame *frame, struct rc_error *err)
{
	unsigned header[3]; /* width, height, value of white */
	size_t place = 2, size;
	enum rc_status status;

	for (size_t i = 0; i < 3; i++) {
		if (!skip_gap(file, &place) || !read_number(file, &place, &header[i]))
			return rc_fail(err, RC_EFORMAT, "PGM: a damaged header");
	}
	if (place >= file.size || !is_space(file.data[place++]) || header[2] < 1 || header[2] > 255)
		return rc_fail(err, RC_EFORMAT, "PGM: a damaged header, or more than 8 bits a pixel");
	status = rc_frame_memory_reserve(memory, header[0], header[1], err);
	if (status != RC_OK)
		return rc_error_in(err, status, "PGM");
	size = (size_t)header[0] * header[1];
	if (file.size - place < size)
		return rc_fail(err, RC_EFORMAT, "PGM: the pixels end too early");
	for (size_t i = 0; i < size; i++) {
		const unsigned value = file.data[place + i];

		memory->pixels[i] = value >= header[2] ? 255 : (uint8_t)(value * 255u / header[2]);
	}
	*frame = (struct rc_frame){.pixels = memory->pixels, .width = header[0], .height = header[1]};
	return RC_OK;
}
