/* SPDX-License-Identifier: Apache-2.0 */
/* What all lists and single objects of the people's listener have in common. */
#include "server/routes/routes_priv.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     500

static bool wants_csv(const struct rc_http_request *request)
{
	struct rc_bytes format = rc_http_query(request, "format");
	struct rc_bytes accept = rc_http_header(request, "accept");

	if (format.data)
		return rc_bytes_is_text(format, "csv");
	return accept.size >= 8 && memcmp(accept.data, "text/csv", 8) == 0;
}

bool rc_routes__read_format(const struct rc_http_request *request,
			    struct rc_http_response *response, struct rc_page_request *page)
{
	const bool is_zh = strcmp(rc_http_language(request), "zh") == 0;
	struct rc_bytes format = rc_http_query(request, "format");

	if (format.data && !rc_bytes_is_text(format, "csv") && !rc_bytes_is_text(format, "json")) {
		rc_routes__refuse_parameter(response, "format");
		return false;
	}
	*page = (struct rc_page_request){.format = wants_csv(request) ? RC_PAGE_CSV : RC_PAGE_JSON,
					 .language = is_zh ? RC_LANGUAGE_ZH : RC_LANGUAGE_EN};
	return true;
}

bool rc_routes__read_page(const struct rc_http_request *request, struct rc_http_response *response,
			  const struct rc_page_kind *kind, struct rc_page_request *page,
			  char place[RC_PAGE_PLACE_MAX_CHARS + 1])
{
	struct rc_bytes after = rc_http_query(request, "after");
	unsigned limit = PAGE_DEFAULT;

	if (!rc_routes__read_format(request, response, page))
		return false;
	if (!rc_routes__query_number(request, "limit", (struct rc_routes__range){1, PAGE_MAX}, &limit)) {
		rc_routes__refuse_parameter(response, "limit");
		return false;
	}
	place[0] = '\0';
	if (after.data && rc_page_cursor_read(kind, after, place) != RC_OK) {
		rc_routes__refuse_parameter(response, "after");
		return false;
	}
	page->limit = limit;
	return true;
}

void rc_routes__listing_init(struct rc_routes__listing *listing)
{
	rc_buf_init(&listing->body, RC_ROUTES__LIST_MAX_BYTES);
	listing->next[0] = '\0';
}

void rc_routes__respond_list(struct rc_http_response *response, struct rc_routes__listing *listing,
			     const struct rc_page_request *page)
{
	if (listing->next[0])
		rc_http_set_header(response, "Rollcall-Next", listing->next);
	rc_http_respond_owned(response, 200,
			      page->format == RC_PAGE_CSV ? "text/csv; charset=utf-8" : "application/json",
			      &listing->body);
}

void rc_routes__listing_deinit(struct rc_routes__listing *listing)
{
	rc_buf_deinit(&listing->body);
}

const char *rc_routes__param(const struct rc_http_request *request,
			     struct rc_http_response *response, const char *name)
{
	const char *text = rc_arena_copy(request->arena, rc_http_param(request, name));

	if (!text)
		rc_routes__failed(response, RC_ENOMEM, &(struct rc_error){.text = "no memory"});
	return text;
}

void rc_routes__respond_one(struct rc_http_response *response, const struct rc_routes__one *one,
			    struct rc_buf *json, const struct rc_error *err)
{
	if (one->status == RC_ENOTFOUND) {
		rc_routes__refuse(response, one->missing, NULL);
	} else if (one->status != RC_OK) {
		rc_routes__failed(response, one->status, err);
	} else {
		if (one->etag[0])
			rc_http_set_header(response, "ETag", one->etag);
		rc_routes__respond_json(response, json);
	}
}
