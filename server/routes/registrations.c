/* SPDX-License-Identifier: Apache-2.0 */
/* Who is registered for a session. */
#include "server/db/db.h"
#include "server/reports/registration_list.h"
#include "server/routes/routes_priv.h"

#include <inttypes.h>
#include <stdio.h>

#define ETAG_SIZE 64u

static void make_etag(const struct rc_registration *registration, char etag[ETAG_SIZE])
{
	(void)snprintf(etag, ETAG_SIZE, "\"%" PRId64 "\"", registration->version);
}

void rc_routes__list_registrations(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *id = rc_routes__param(request, response, "id");
	struct rc_page_request page;
	char place[RC_PAGE_PLACE_MAX_CHARS + 1];
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!id || !rc_routes__read_page(request, response, &rc_registration_list_kind, &page, place))
		return;
	rc_routes__listing_init(&listing);
	status = rc_registration_list(rc_routes__app(request)->db, &page, id, place, &listing.body,
				      listing.next, &err);
	if (status == RC_OK)
		rc_routes__respond_list(response, &listing, &page);
	else if (status == RC_ENOTFOUND)
		rc_routes__refuse(response, RC_ROUTES_NO_SESSION, NULL);
	else
		rc_routes__failed(response, status, &err);
	rc_routes__listing_deinit(&listing);
}

/* One registration by the session and the person in the path. */
struct search {
	const char *session_name, *person_name;
	struct rc_session session;
	struct rc_person person;
	struct rc_registration registration;
	enum rc_routes__problem missing;
};

static enum rc_status find(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct search *search = arg;
	enum rc_status status;

	search->missing = RC_ROUTES_NO_SESSION;
	status = rc_sessions_find_in(tx, search->session_name, &search->session, err);
	if (status != RC_OK)
		return status;
	search->missing = RC_ROUTES_NO_EMPLOYEE;
	status = rc_people_find_in(tx, search->person_name, &search->person, err);
	if (status != RC_OK)
		return status;
	search->missing = RC_ROUTES_NO_REGISTRATION;
	return rc_registrations_find_in(tx, &search->session.id, &search->person.ref,
					&search->registration, err);
}

void rc_routes__get_registration(struct rc_http_request *request, struct rc_http_response *response)
{
	struct search search = {.session_name = rc_routes__param(request, response, "id"),
				.person_name = rc_routes__param(request, response, "person")};
	struct rc_routes__one one = {.etag = ""};
	char etag[ETAG_SIZE];
	struct rc_error err = {.text = ""};
	struct rc_buf json;

	if (!search.session_name || !search.person_name)
		return;
	rc_buf_init(&json, RC_ROUTES__ONE_MAX_BYTES);
	one.status = rc_db_read(rc_routes__app(request)->db, find, &search, &err);
	one.missing = search.missing;
	if (one.status == RC_OK)
		one.status = rc_registration_append_json(&search.registration, &json, &err);
	if (one.status == RC_OK) {
		make_etag(&search.registration, etag);
		one.etag = etag;
	}
	rc_routes__respond_one(response, &one, &json, &err);
	rc_buf_deinit(&json);
}
