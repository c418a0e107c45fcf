/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions, and the attendance lists of them. */
#include "server/reports/attendance_list.h"
#include "server/reports/session_list.h"
#include "server/routes/routes_priv.h"

void rc_routes__list_sessions(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_page_request page;
	struct rc_sessions_cursor after;
	char place[RC_PAGE_PLACE_MAX_CHARS + 1];
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_page(request, response, &rc_session_list_kind, &page, place))
		return;
	if (rc_session_list_place_read(place, &after) != RC_OK) {
		rc_routes__refuse_parameter(response, "after");
		return;
	}
	rc_routes__listing_init(&listing);
	status = rc_session_list(rc_routes__app(request)->db, &page, &after, &listing.body,
				 listing.next, &err);
	if (status == RC_OK)
		rc_routes__respond_list(response, &listing, &page);
	else
		rc_routes__failed(response, status, &err);
	rc_routes__listing_deinit(&listing);
}

void rc_routes__get_session(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *id = rc_routes__param(request, response, "id");
	struct rc_routes__one one = {.missing = RC_ROUTES_NO_SESSION, .etag = ""};
	struct rc_session session;
	struct rc_error err = {.text = ""};
	struct rc_buf json;

	if (!id)
		return;
	rc_buf_init(&json, RC_ROUTES__ONE_MAX_BYTES);
	one.status = rc_sessions_find(rc_routes__app(request)->db, id, &session, &err);
	if (one.status == RC_OK)
		rc_session_append_json(&json, &session);
	rc_routes__respond_one(response, &one, &json, &err);
	rc_buf_deinit(&json);
}

void rc_routes__get_attendance(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *id = rc_routes__param(request, response, "id");
	struct rc_page_request page;
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	struct rc_attendance_request list;
	enum rc_status status;

	if (!id || !rc_routes__read_format(request, response, &page))
		return;
	list = (struct rc_attendance_request){
	    .session = id,
	    .language = page.language,
	    .format = page.format == RC_PAGE_CSV ? RC_ATTENDANCE_CSV : RC_ATTENDANCE_JSON,
	    .now_ms = rc_routes__now_ms(request),
	};
	rc_routes__listing_init(&listing);
	status = rc_attendance_list(rc_routes__app(request)->db, &list, &listing.body, &err);
	if (status == RC_ENOTFOUND)
		rc_routes__refuse(response, RC_ROUTES_NO_SESSION, NULL);
	else if (status != RC_OK)
		rc_routes__failed(response, status, &err);
	else
		rc_routes__respond_list(response, &listing, &page);
	rc_routes__listing_deinit(&listing);
}
