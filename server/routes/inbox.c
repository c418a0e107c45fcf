/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a human. */
#include "server/reports/inbox_list.h"
#include "server/routes/routes_priv.h"

#include <inttypes.h>
#include <stdio.h>

#define ETAG_SIZE 64u

/* An entry that came again is another one, and so is one that was settled. */
static void make_etag(const struct rc_inbox_entry *entry, char etag[ETAG_SIZE])
{
	(void)snprintf(etag, ETAG_SIZE, "\"%" PRId64 "-%" PRId64 "\"", entry->count, entry->settled_ms);
}

static bool read_state(const struct rc_http_request *request, enum rc_inbox_state *state)
{
	static const char *const names[] = {
	    [RC_INBOX_OPEN] = "open", [RC_INBOX_SETTLED] = "settled", [RC_INBOX_ANY] = "any"};
	struct rc_bytes text = rc_http_query(request, "state");
	size_t place = RC_INBOX_OPEN;

	if (text.data && !rc_bytes_find_name(text, names, sizeof(names) / sizeof(names[0]), &place))
		return false;
	*state = (enum rc_inbox_state)place;
	return true;
}

static bool read_kind(const struct rc_http_request *request, const char **kind)
{
	struct rc_bytes text = rc_http_query(request, "kind");

	*kind = "";
	if (!text.data)
		return true;
	for (size_t i = 0; i < rc_inbox_kind_count; i++) {
		if (rc_bytes_is_text(text, rc_inbox_kinds[i].name)) {
			*kind = rc_inbox_kinds[i].name;
			return true;
		}
	}
	return false;
}

static bool read_query(const struct rc_http_request *request, struct rc_http_response *response,
		       const char *place, struct rc_inbox_query *query)
{
	const char *wrong = NULL;

	if (!read_state(request, &query->state))
		wrong = "state";
	else if (!read_kind(request, &query->kind))
		wrong = "kind";
	else if (rc_inbox_list_place_read(place, query) != RC_OK)
		wrong = "after";
	if (wrong)
		rc_routes__refuse_parameter(response, wrong);
	return !wrong;
}

void rc_routes__list_inbox(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_page_request page;
	char place[RC_PAGE_PLACE_MAX_CHARS + 1];
	struct rc_inbox_query query;
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_page(request, response, &rc_inbox_list_kind, &page, place) ||
	    !read_query(request, response, place, &query))
		return;
	query.limit = page.limit;
	rc_routes__listing_init(&listing);
	status = rc_inbox_list(rc_routes__app(request)->db, &page, &query, &listing.body,
			       listing.next, &err);
	if (status == RC_OK)
		rc_routes__respond_list(response, &listing, &page);
	else
		rc_routes__failed(response, status, &err);
	rc_routes__listing_deinit(&listing);
}

void rc_routes__get_inbox_entry(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *key = rc_routes__param(request, response, "id");
	struct rc_routes__one one = {.missing = RC_ROUTES_NO_INBOX_ENTRY, .etag = ""};
	char etag[ETAG_SIZE];
	struct rc_inbox_entry entry;
	struct rc_error err = {.text = ""};
	struct rc_buf json;

	if (!key)
		return;
	rc_buf_init(&json, RC_ROUTES__ONE_MAX_BYTES);
	one.status = rc_inbox_find(rc_routes__app(request)->db, key, &entry, &err);
	if (one.status == RC_OK)
		one.status = rc_inbox_append_json(&entry, &json, &err);
	if (one.status == RC_OK) {
		make_etag(&entry, etag);
		one.etag = etag;
	}
	rc_routes__respond_one(response, &one, &json, &err);
	rc_buf_deinit(&json);
}
