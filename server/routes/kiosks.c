/* SPDX-License-Identifier: Apache-2.0 */
/* The fleet: kiosks. */
#include "server/reports/place_lists.h"
#include "server/routes/routes_priv.h"

#include <inttypes.h>
#include <stdio.h>

#define ETAG_SIZE 64u

/* What a person can change of a kiosk is its state, and an enrolment gives it a new one. */
static void make_etag(const struct rc_fleet_kiosk *kiosk, char etag[ETAG_SIZE])
{
	(void)snprintf(etag, ETAG_SIZE, "\"%s-%" PRId64 "\"", kiosk->state, kiosk->enrolled_ms);
}

void rc_routes__list_kiosks(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_page_request page;
	struct rc_routes__listing listing;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_format(request, response, &page))
		return;
	rc_routes__listing_init(&listing);
	status = rc_kiosk_list(rc_routes__app(request)->db, &page, &listing.body, &err);
	if (status == RC_OK)
		rc_routes__respond_list(response, &listing, &page);
	else
		rc_routes__failed(response, status, &err);
	rc_routes__listing_deinit(&listing);
}

void rc_routes__get_kiosk(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_routes__one one = {.status = RC_ENOTFOUND, .missing = RC_ROUTES_NO_KIOSK, .etag = ""};
	char etag[ETAG_SIZE];
	struct rc_id id;
	struct rc_fleet_kiosk kiosk;
	struct rc_error err = {.text = ""};
	struct rc_buf json;

	rc_buf_init(&json, RC_ROUTES__ONE_MAX_BYTES);
	if (rc_id_parse(rc_http_param(request, "id"), &id) == RC_OK)
		one.status = rc_fleet_find(rc_routes__app(request)->db, &id, &kiosk, &err);
	if (one.status == RC_OK)
		one.status = rc_kiosk_append_json(&kiosk, &json, &err);
	if (one.status == RC_OK) {
		make_etag(&kiosk, etag);
		one.etag = etag;
	}
	rc_routes__respond_one(response, &one, &json, &err);
	rc_buf_deinit(&json);
}
