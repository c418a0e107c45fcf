/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets are of POSIX.1-1988's ustar header. Owner and group are nobody's: whoever unpacks becomes the owner. */
#include "server/backup/archive.h"

#include <stdio.h>

#define MODE_AT     100u
#define OWNER_AT    108u
#define GROUP_AT    116u
#define SIZE_AT     124u
#define TIME_AT     136u
#define SUM_AT      148u
#define TYPE_AT     156u
#define MAGIC_AT    257u
#define NUMBER_SIZE 12u
#define SUM_SIZE    8u
#define OCTAL_MAX   INT64_C(077777777777) /* 11 digits */

size_t rc_archive_padding(int64_t size)
{
	const size_t over = (size_t)(size % RC_ARCHIVE_BLOCK_BYTES);

	return over ? RC_ARCHIVE_BLOCK_BYTES - over : 0;
}

/* ---- writing ---- */

static void put_octal(uint8_t *field, size_t size, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%0*llo", (int)size - 1, (unsigned long long)number);
	memcpy(field, text, size); /* with the NUL */
}

/* What has no room as eleven octal digits stands as a big-endian number behind a first byte of 0x80. */
static void put_size(uint8_t *field, int64_t size)
{
	uint64_t left = (uint64_t)size;

	if (size <= OCTAL_MAX) {
		put_octal(field, NUMBER_SIZE, size);
		return;
	}
	field[0] = 0x80;
	for (size_t i = NUMBER_SIZE - 1; i > 0; i--, left >>= 8)
		field[i] = (uint8_t)left;
}

static void put_sum(uint8_t block[RC_ARCHIVE_BLOCK_BYTES])
{
	int64_t sum = 0;

	memset(block + SUM_AT, ' ', SUM_SIZE);
	for (size_t i = 0; i < RC_ARCHIVE_BLOCK_BYTES; i++)
		sum += block[i];
	put_octal(block + SUM_AT, SUM_SIZE - 1, sum);
}

void rc_archive_header(const struct rc_archive_entry *entry, uint8_t block[RC_ARCHIVE_BLOCK_BYTES])
{
	memset(block, 0, RC_ARCHIVE_BLOCK_BYTES);
	memcpy(block, entry->name, strlen(entry->name));
	put_octal(block + MODE_AT, 8, 0600);
	put_octal(block + OWNER_AT, 8, 0);
	put_octal(block + GROUP_AT, 8, 0);
	put_size(block + SIZE_AT, entry->size);
	put_octal(block + TIME_AT, NUMBER_SIZE, entry->at_s);
	block[TYPE_AT] = '0';
	memcpy(block + MAGIC_AT, "ustar\00000", 8);
	put_sum(block);
}

void rc_archive_append(struct rc_buf *archive, const struct rc_archive_entry *entry, struct rc_bytes content)
{
	static const uint8_t zeros[RC_ARCHIVE_BLOCK_BYTES];
	uint8_t block[RC_ARCHIVE_BLOCK_BYTES];

	rc_archive_header(entry, block);
	rc_buf_append(archive, block, sizeof(block));
	rc_buf_append_bytes(archive, content);
	rc_buf_append(archive, zeros, rc_archive_padding(entry->size));
}

void rc_archive_append_end(struct rc_buf *archive)
{
	static const uint8_t zeros[RC_ARCHIVE_END_BYTES];

	rc_buf_append(archive, zeros, sizeof(zeros));
}

/* ---- reading ---- */

static int64_t get_octal(const uint8_t *field)
{
	int64_t number = 0;

	for (size_t i = 0; i < NUMBER_SIZE - 1 && field[i] >= '0' && field[i] <= '7'; i++)
		number = number * 8 + (field[i] - '0');
	return number;
}

static int64_t get_size(const uint8_t *field)
{
	uint64_t number = 0;

	if (field[0] != 0x80)
		return get_octal(field);
	for (size_t i = NUMBER_SIZE - 8; i < NUMBER_SIZE; i++)
		number = number << 8 | field[i];
	return number <= INT64_MAX / 2 ? (int64_t)number : 0;
}

enum rc_status rc_archive_header_read(const uint8_t block[RC_ARCHIVE_BLOCK_BYTES],
				      struct rc_archive_entry *entry, struct rc_error *err)
{
	struct rc_archive_entry read = {.size = get_size(block + SIZE_AT),
					.at_s = get_octal(block + TIME_AT)};
	uint8_t ours[RC_ARCHIVE_BLOCK_BYTES];

	memcpy(read.name, block, RC_ARCHIVE_NAME_MAX_BYTES);
	rc_archive_header(&read, ours);
	if (read.name[0] == '\0' || memcmp(ours, block, sizeof(ours)) != 0)
		return rc_fail(err, RC_EFORMAT, "the header of a file in it is damaged, or none of ours");
	*entry = read;
	return RC_OK;
}

static bool is_zero(struct rc_bytes bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i] != 0)
			return false;
	}
	return true;
}

enum rc_status rc_archive_take(struct rc_bytes *rest, struct rc_archive_entry *entry,
			       struct rc_bytes *content, struct rc_error *err)
{
	struct rc_bytes body;
	size_t padding;
	enum rc_status status;

	if (rest->size == RC_ARCHIVE_END_BYTES && is_zero(*rest))
		return rc_fail(err, RC_ENOTFOUND, "the end of the archive");
	if (rest->size < RC_ARCHIVE_BLOCK_BYTES)
		return rc_fail(err, RC_EFORMAT, "the archive is cut off");
	status = rc_archive_header_read(rest->data, entry, err);
	if (status != RC_OK)
		return status;
	body = rc_bytes_of(rest->data + RC_ARCHIVE_BLOCK_BYTES, rest->size - RC_ARCHIVE_BLOCK_BYTES);
	padding = rc_archive_padding(entry->size);
	if ((uint64_t)entry->size + padding > body.size ||
	    !is_zero(rc_bytes_of(body.data + entry->size, padding)))
		return rc_fail(err, RC_EFORMAT, "%s is cut off", entry->name);
	*content = rc_bytes_of(body.data, (size_t)entry->size);
	*rest = rc_bytes_of(body.data + entry->size + padding, body.size - (size_t)entry->size - padding);
	return RC_OK;
}
