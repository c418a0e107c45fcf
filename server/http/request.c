/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http.h"

#include <strings.h>

static const struct rc_bytes nothing = {NULL, 0};

static struct rc_bytes find(const struct rc_http_pair *pairs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (rc_bytes_is_text(pairs[i].name, name))
			return pairs[i].value;
	return nothing;
}

struct rc_bytes rc_http_param(const struct rc_http_request *request, const char *name)
{
	return find(request->params, request->param_count, name);
}

struct rc_bytes rc_http_query(const struct rc_http_request *request, const char *name)
{
	return find(request->query, request->query_count, name);
}

struct rc_bytes rc_http_header(const struct rc_http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (rc_http_token_equal(request->headers[i].name, name))
			return request->headers[i].value;
	return nothing;
}

/* The bytes up to `stop` or the end, without blanks around; `text` goes on behind. */
static struct rc_bytes cut(struct rc_bytes *text, uint8_t stop)
{
	const uint8_t *at = text->size ? memchr(text->data, stop, text->size) : NULL;
	struct rc_bytes piece = rc_bytes_of(text->data, at ? (size_t)(at - text->data) : text->size);
	size_t used = at ? piece.size + 1 : piece.size;

	*text = rc_bytes_of(text->size ? text->data + used : NULL, text->size - used);
	while (piece.size > 0 && (piece.data[0] == ' ' || piece.data[0] == '\t'))
		piece = rc_bytes_of(piece.data + 1, piece.size - 1);
	while (piece.size > 0 && (piece.data[piece.size - 1] == ' ' || piece.data[piece.size - 1] == '\t'))
		piece.size--;
	return piece;
}

bool rc_http_is_content_type(const struct rc_http_request *request, const char *type)
{
	struct rc_bytes value = rc_http_header(request, "content-type");

	return value.size > 0 && rc_http_token_equal(cut(&value, ';'), type);
}

/* "q=0.8" in thousandths; 1000 when there is none or it can't be read. */
static int quality(struct rc_bytes parameter)
{
	int weight = 0, unit = 1000;

	if (parameter.size < 3 || (parameter.data[0] | 0x20) != 'q' || parameter.data[1] != '=')
		return 1000;
	for (size_t i = 2; i < parameter.size && unit > 0; i++) {
		if (parameter.data[i] == '.' && i == 3)
			continue;
		if (parameter.data[i] < '0' || parameter.data[i] > '9')
			return 1000;
		weight += (parameter.data[i] - '0') * unit;
		unit /= 10;
	}
	return weight > 1000 ? 1000 : weight;
}

static bool is_language(struct rc_bytes range, const char *language)
{
	return range.size >= 2 && strncasecmp((const char *)range.data, language, 2) == 0 &&
	       (range.size == 2 || range.data[2] == '-');
}

const char *rc_http_language(const struct rc_http_request *request)
{
	struct rc_bytes ranges = rc_http_header(request, "accept-language");
	int zh = 0, en = 0;

	while (ranges.size > 0) {
		struct rc_bytes parameter = cut(&ranges, ',');
		struct rc_bytes range = cut(&parameter, ';');
		int weight = quality(cut(&parameter, ';'));

		if (is_language(range, "zh") && weight > zh)
			zh = weight;
		if (is_language(range, "en") && weight > en)
			en = weight;
	}
	return zh > en ? "zh" : "en";
}
