/* SPDX-License-Identifier: Apache-2.0 */
/* Employees and rooms: what was imported. */
#include "server/reports/employee_list.h"
#include "server/reports/place_lists.h"
#include "server/routes/routes_priv.h"

static enum rc_status list_employees(const struct rc_http_request *request,
				     const struct rc_page_request *page, const char *place,
				     struct rc_routes__listing *listing, struct rc_error *err)
{
	struct rc_bytes number = rc_http_query(request, "number");
	struct rc_db *db = rc_routes__app(request)->db;
	const char *text;

	if (!number.data)
		return rc_employee_list(db, page, place, &listing->body, listing->next, err);
	text = rc_arena_copy(request->arena, number);
	return text ? rc_employee_list_number(db, page, text, &listing->body, err)
		    : rc_fail(err, RC_ENOMEM, "no memory");
}

static bool is_number_good(const struct rc_http_request *request)
{
	struct rc_bytes number = rc_http_query(request, "number");

	return !number.data || (number.size > 0 && number.size <= RC_PERSON_NUMBER_MAX_BYTES);
}

void rc_routes__list_employees(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_page_request page;
	char place[RC_PAGE_PLACE_MAX_CHARS + 1];
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_page(request, response, &rc_employee_list_kind, &page, place))
		return;
	if (!is_number_good(request)) {
		rc_routes__refuse_parameter(response, "number");
		return;
	}
	rc_routes__listing_init(&listing);
	status = list_employees(request, &page, place, &listing, &err);
	if (status == RC_OK)
		rc_routes__respond_list(response, &listing, &page);
	else
		rc_routes__failed(response, status, &err);
	rc_routes__listing_deinit(&listing);
}

void rc_routes__get_employee(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *person = rc_routes__param(request, response, "person");
	struct rc_routes__one one = {.missing = RC_ROUTES_NO_EMPLOYEE, .etag = ""};
	struct rc_person found;
	struct rc_error err = {.text = ""};
	struct rc_buf json;

	if (!person)
		return;
	rc_buf_init(&json, RC_ROUTES__ONE_MAX_BYTES);
	one.status = rc_people_find(rc_routes__app(request)->db, person, &found, &err);
	if (one.status == RC_OK)
		one.status = rc_employee_append_json(&found, &json, &err);
	rc_routes__respond_one(response, &one, &json, &err);
	rc_buf_deinit(&json);
}

void rc_routes__list_rooms(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_page_request page;
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_format(request, response, &page))
		return;
	rc_routes__listing_init(&listing);
	status = rc_room_list(rc_routes__app(request)->db, &page, &listing.body, &err);
	if (status == RC_OK)
		rc_routes__respond_list(response, &listing, &page);
	else
		rc_routes__failed(response, status, &err);
	rc_routes__listing_deinit(&listing);
}
