/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/target.h"

#include "server/http/charset.h"
#include "shared/base/utf8.h"

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* pchar of RFC 3986 but the '%', and the '/' (and for queries the '?'). */
static bool may_stand_in_target(uint8_t c, bool is_query)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c != 0 && (strchr("-._~!$&'()*+,;=:@/", c) || (is_query && c == '?'));
}

/* One character of a target, its escape resolved; -1 if it may not be. */
static int next_octet(struct rc_bytes *raw, bool is_query)
{
	uint8_t c = raw->data[0];
	size_t used = 1;
	int octet = c;

	if (c == '%') {
		if (raw->size < 3 || hex_digit(raw->data[1]) < 0 || hex_digit(raw->data[2]) < 0)
			return -1;
		octet = hex_digit(raw->data[1]) * 16 + hex_digit(raw->data[2]);
		used = 3;
		if (!is_query && (octet == '/' || octet == '\\'))
			return -1;
	} else if (!may_stand_in_target(c, is_query)) {
		return -1;
	} else if (is_query && c == '+') {
		octet = ' ';
	}
	*raw = rc_bytes_of(raw->data + used, raw->size - used);
	return octet < 0x20 || octet == 0x7f ? -1 : octet;
}

static enum rc_status decode(struct rc_arena *arena, struct rc_bytes raw, bool is_query,
			     struct rc_bytes *out)
{
	uint8_t *text = rc_arena_alloc(arena, raw.size + 1);
	size_t size = 0;

	if (!text)
		return RC_ENOMEM;
	while (raw.size > 0) {
		int octet = next_octet(&raw, is_query);

		if (octet < 0)
			return RC_EFORMAT;
		text[size++] = (uint8_t)octet;
	}
	*out = rc_bytes_of(text, size);
	return rc_utf8_is_valid(*out) ? RC_OK : RC_EFORMAT;
}

/* pchar without the '%', and '/': a path of these is its own spelling. */
static const struct rc_http__charset plain_chars = {
    {UINT64_C(0x2fffffd200000000), UINT64_C(0x47fffffe87ffffff)}};

static enum rc_status decode_path(struct rc_arena *arena, struct rc_bytes raw, struct rc_bytes *out)
{
	if (!rc_http__is_of(raw, &plain_chars))
		return decode(arena, raw, false, out);
	*out = raw;
	return RC_OK;
}

static bool is_dots(const uint8_t *segment, size_t size)
{
	return (size == 1 && segment[0] == '.') || (size == 2 && segment[0] == '.' && segment[1] == '.');
}

static bool has_dot_segment(struct rc_bytes path)
{
	size_t begin = 0;

	for (size_t i = 0; i <= path.size; i++) {
		if (i < path.size && path.data[i] != '/')
			continue;
		if (is_dots(path.data + begin, i - begin))
			return true;
		begin = i + 1;
	}
	return false;
}

static enum rc_status add_parameter(struct rc_http_request *request, struct rc_bytes raw)
{
	const uint8_t *equals = memchr(raw.data, '=', raw.size);
	size_t name_size = equals ? (size_t)(equals - raw.data) : raw.size;
	size_t value_at = equals ? name_size + 1 : raw.size;
	struct rc_http_pair pair;
	enum rc_status status;

	status = decode(request->arena, rc_bytes_of(raw.data, name_size), true, &pair.name);
	if (!status)
		status = decode(request->arena, rc_bytes_of(raw.data + value_at, raw.size - value_at),
				true, &pair.value);
	if (status)
		return status;
	for (size_t i = 0; i < request->query_count; i++)
		if (rc_bytes_equal(request->query[i].name, pair.name))
			return RC_EFORMAT;
	if (request->query_count == RC_HTTP_QUERY_MAX)
		return RC_ELIMIT;
	request->query[request->query_count++] = pair;
	return RC_OK;
}

static enum rc_status read_query(struct rc_http_request *request, struct rc_bytes raw)
{
	while (raw.size > 0) {
		const uint8_t *ampersand = memchr(raw.data, '&', raw.size);
		size_t size = ampersand ? (size_t)(ampersand - raw.data) : raw.size;
		size_t used = ampersand ? size + 1 : size;

		if (size > 0) {
			enum rc_status status = add_parameter(request, rc_bytes_of(raw.data, size));

			if (status)
				return status;
		}
		raw = rc_bytes_of(raw.data + used, raw.size - used);
	}
	return RC_OK;
}

enum rc_status rc_http__target_read(struct rc_http_request *request, struct rc_bytes raw)
{
	const uint8_t *mark = memchr(raw.data, '?', raw.size);
	size_t path_size = mark ? (size_t)(mark - raw.data) : raw.size;
	size_t query_at = mark ? path_size + 1 : raw.size;
	enum rc_status status;

	request->target = raw;
	request->query_count = 0;
	status = decode_path(request->arena, rc_bytes_of(raw.data, path_size), &request->path);
	if (status)
		return status;
	if (has_dot_segment(request->path))
		return RC_EFORMAT;
	return read_query(request, rc_bytes_of(raw.data + query_at, raw.size - query_at));
}
