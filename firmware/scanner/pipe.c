/* SPDX-License-Identifier: Apache-2.0 */
/* One reader over the line's bytes, whose take functions each eat one field; the first that doesn't find its field says no. */
#include "firmware/scanner/pipe.h"

#include "shared/base/encode.h"

#define CORNER_MIN (-4096)
#define CORNER_MAX 8191

static const char *const end_texts[] = {
    [RC_SCANNER_END_ENDED] = "ended",
    [RC_SCANNER_END_FAILED] = "failed",
    [RC_SCANNER_END_SANDBOX] = "sandbox",
};

const char *rc_scanner_end_text(enum rc_scanner_end end)
{
	return end_texts[end];
}

static int clamp(int value, int low, int high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

static void put_hex(struct rc_bytes bytes, struct rc_buf *out)
{
	char text[RC_HEX_CHARS(64) + 1];

	for (size_t place = 0; place < bytes.size; place += 64) {
		const size_t size = bytes.size - place < 64 ? bytes.size - place : 64;

		rc_hex_encode(rc_bytes_of(bytes.data + place, size), text);
		rc_buf_append(out, text, RC_HEX_CHARS(size));
	}
}

void rc_scanner_pipe_encode_find(const struct rc_scanner_find *find, struct rc_buf *out)
{
	rc_buf_printf(out, "F %lld %lld %d %d", (long long)find->frame, (long long)find->mono_us,
		      clamp(find->quality, 0, RC_SCANNER_QUALITY_MAX), find->turn);
	for (size_t i = 0; i < 4; i++)
		rc_buf_printf(out, " %d,%d", clamp(find->corners[i].x, CORNER_MIN, CORNER_MAX),
			      clamp(find->corners[i].y, CORNER_MIN, CORNER_MAX));
	rc_buf_append_char(out, ' ');
	put_hex(rc_bytes_of(find->payload, find->size), out);
	if (find->omitted > 0)
		rc_buf_printf(out, "+%zu", find->omitted);
	rc_buf_append_char(out, '\n');
}

void rc_scanner_pipe_encode_alive(int64_t frame, int64_t mono_us, struct rc_buf *out)
{
	rc_buf_printf(out, "A %lld %lld\n", (long long)frame, (long long)mono_us);
}

void rc_scanner_pipe_encode_end(enum rc_scanner_end end, struct rc_buf *out)
{
	rc_buf_printf(out, "E %s\n", end_texts[end]);
}

static bool take_char(struct rc_bytes *rest, char c)
{
	if (rest->size == 0 || rest->data[0] != (uint8_t)c)
		return false;
	*rest = rc_bytes_of(rest->data + 1, rest->size - 1);
	return true;
}

/* Plain digits, no leading zero, at most `max` (below 2^59, so that the sum can't overflow). */
static bool take_number(struct rc_bytes *rest, int64_t max, int64_t *number)
{
	int64_t value = 0;
	size_t digits = 0;

	while (digits < rest->size && rest->data[digits] >= '0' && rest->data[digits] <= '9') {
		if (digits > 0 && value == 0)
			return false;
		value = value * 10 + (rest->data[digits] - '0');
		if (value > max)
			return false;
		digits++;
	}
	if (digits == 0)
		return false;
	*rest = rc_bytes_of(rest->data + digits, rest->size - digits);
	*number = value;
	return true;
}

static bool take_int(struct rc_bytes *rest, int low, int high, int *number)
{
	const bool is_negative = low < 0 && take_char(rest, '-');
	int64_t value;

	if (!take_number(rest, is_negative ? -(int64_t)low : high, &value) || (is_negative && value == 0))
		return false;
	*number = (int)(is_negative ? -value : value);
	return true;
}

static bool take_frame(struct rc_bytes *rest, int64_t *frame, int64_t *mono_us)
{
	return take_char(rest, ' ') && take_number(rest, RC_SCANNER_NUMBER_MAX, frame) &&
	       take_char(rest, ' ') && take_number(rest, RC_SCANNER_NUMBER_MAX, mono_us);
}

static bool take_corners(struct rc_bytes *rest, struct rc_scanner_point corners[4])
{
	for (size_t i = 0; i < 4; i++) {
		if (!take_char(rest, ' ') || !take_int(rest, CORNER_MIN, CORNER_MAX, &corners[i].x) ||
		    !take_char(rest, ',') || !take_int(rest, CORNER_MIN, CORNER_MAX, &corners[i].y))
			return false;
	}
	return true;
}

/* The last field: all that is left must be it. */
static bool take_payload(struct rc_bytes *rest, struct rc_scanner_find *find)
{
	const uint8_t *plus = rest->size > 0 ? memchr(rest->data, '+', rest->size) : NULL;
	const size_t digits = plus ? (size_t)(plus - rest->data) : rest->size;
	int64_t omitted = 0;

	if (digits == 0 || digits % 2 != 0 || digits / 2 > sizeof(find->payload))
		return false;
	find->size = digits / 2;
	if (rc_hex_decode(rc_bytes_of(rest->data, digits), find->payload, find->size) != RC_OK)
		return false;
	*rest = rc_bytes_of(rest->data + digits, rest->size - digits);
	if (plus && (!take_char(rest, '+') ||
		     !take_number(rest, RC_SCANNER_LINE_MAX_BYTES, &omitted) || omitted == 0))
		return false;
	find->omitted = (size_t)omitted;
	return rest->size == 0;
}

static bool take_find(struct rc_bytes *rest, struct rc_scanner_find *find)
{
	return take_frame(rest, &find->frame, &find->mono_us) && take_char(rest, ' ') &&
	       take_int(rest, 0, RC_SCANNER_QUALITY_MAX, &find->quality) && take_char(rest, ' ') &&
	       take_int(rest, 0, 270, &find->turn) && find->turn % 90 == 0 &&
	       take_corners(rest, find->corners) && take_char(rest, ' ') && take_payload(rest, find);
}

static bool take_end(struct rc_bytes *rest, enum rc_scanner_end *end)
{
	const size_t count = sizeof(end_texts) / sizeof(end_texts[0]);
	size_t place;

	if (!take_char(rest, ' ') || !rc_bytes_find_name(*rest, end_texts, count, &place))
		return false;
	*end = (enum rc_scanner_end)place;
	return true;
}

static bool take_line(struct rc_bytes rest, struct rc_scanner_line *line)
{
	if (take_char(&rest, 'F')) {
		line->kind = RC_SCANNER_LINE_FIND;
		if (!take_find(&rest, &line->find))
			return false;
		line->frame = line->find.frame;
		line->mono_us = line->find.mono_us;
		return true;
	}
	if (take_char(&rest, 'A')) {
		line->kind = RC_SCANNER_LINE_ALIVE;
		return take_frame(&rest, &line->frame, &line->mono_us) && rest.size == 0;
	}
	line->kind = RC_SCANNER_LINE_END;
	return take_char(&rest, 'E') && take_end(&rest, &line->end);
}

enum rc_status rc_scanner_pipe_decode(struct rc_bytes text, struct rc_scanner_line *line,
				      struct rc_error *err)
{
	if (text.size >= RC_SCANNER_LINE_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "a scanner's line of %zu bytes", text.size);
	if (!take_line(text, line))
		return rc_fail(err, RC_EFORMAT, "not a scanner's line");
	return RC_OK;
}
