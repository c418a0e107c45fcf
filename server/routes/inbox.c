/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a human. */
#include "server/reports/inbox_list.h"
#include "server/routes/command.h"

#include <inttypes.h>
#include <stdio.h>

/* An entry that came again is another one, and so is one that was settled. */
static void make_etag(const struct rc_inbox_entry *entry, char etag[RC_ROUTES__ETAG_SIZE])
{
	(void)snprintf(etag, RC_ROUTES__ETAG_SIZE, "\"%" PRId64 "-%" PRId64 "\"", entry->count,
		       entry->settled_ms);
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
	char etag[RC_ROUTES__ETAG_SIZE];
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

/* ---- settling ---- */

struct settling {
	const char *key;
	char note[RC_INBOX_NOTE_MAX_BYTES + 1];
};

static enum rc_status settle(struct rc_db_tx *tx, struct rc_routes__command *command, struct rc_error *err)
{
	const struct settling *settling = command->input;
	struct rc_inbox_entry entry;
	char etag[RC_ROUTES__ETAG_SIZE];
	enum rc_status status = rc_inbox_find_in(tx, settling->key, &entry, err);

	if (status == RC_ENOTFOUND)
		return rc_routes__give_up(command, RC_ROUTES_NO_INBOX_ENTRY);
	if (status != RC_OK)
		return status;
	make_etag(&entry, etag);
	if (rc_routes__if_match(command->request, etag) == RC_ROUTES_CONDITION_FAILS)
		return rc_routes__give_up(command, RC_ROUTES_PRECONDITION);
	if (entry.settled_ms > 0)
		return rc_routes__give_up(command, RC_ROUTES_SETTLED);
	status = rc_inbox_settle_in(
	    tx, &(struct rc_inbox_settlement){settling->note, command->actor, command->now_ms},
	    &entry, err);
	if (status == RC_ECONFLICT)
		return rc_routes__give_up(command, RC_ROUTES_PRECONDITION);
	if (status != RC_OK)
		return status;
	command->status = 200;
	make_etag(&entry, command->etag);
	return rc_inbox_append_json(&entry, &command->body, err);
}

void rc_routes__settle_inbox_entry(struct rc_http_request *request, struct rc_http_response *response)
{
	static const char *const fields[] = {"note", NULL};
	struct settling settling = {.key = rc_routes__param(request, response, "id")};
	struct rc_json *json = NULL;
	struct rc_error err = {.text = "note: 1 to 1000 bytes"};
	enum rc_status status;

	if (!settling.key || !rc_routes__read_body(request, response, fields, &json))
		return;
	status =
	    rc_json_get_text(rc_json_root(json), "note", settling.note, sizeof(settling.note), &err);
	if (status == RC_OK && settling.note[0] == '\0')
		status = RC_EFORMAT;
	rc_json_free(json);
	if (status != RC_OK)
		rc_routes__refuse(response, RC_ROUTES_FIELD, err.text);
	else
		(void)rc_routes__run(request, response, settle, &settling);
}
