/* SPDX-License-Identifier: Apache-2.0 */
/* The fleet: kiosks, and the codes that let one in. */
#include "server/reports/place_lists.h"
#include "server/routes/command.h"

#include <inttypes.h>
#include <stdio.h>

/* What a person can change of a kiosk is its state, and an enrolment gives it a new one. */
static void make_etag(const struct rc_fleet_kiosk *kiosk, char etag[RC_ROUTES__ETAG_SIZE])
{
	(void)snprintf(etag, RC_ROUTES__ETAG_SIZE, "\"%s-%" PRId64 "\"", kiosk->state, kiosk->enrolled_ms);
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
	char etag[RC_ROUTES__ETAG_SIZE];
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

/* ---- shutting out ---- */

static enum rc_status shut_out(struct rc_db_tx *tx, struct rc_routes__command *command,
			       struct rc_error *err)
{
	const struct rc_id *id = command->input;
	struct rc_fleet_kiosk kiosk;
	char etag[RC_ROUTES__ETAG_SIZE];
	enum rc_status status = rc_fleet_find_in(tx, id, &kiosk, err);

	if (status == RC_ENOTFOUND)
		return rc_routes__give_up(command, RC_ROUTES_NO_KIOSK);
	if (status != RC_OK)
		return status;
	make_etag(&kiosk, etag);
	if (rc_routes__if_match(command->request, etag) == RC_ROUTES_CONDITION_FAILS)
		return rc_routes__give_up(command, RC_ROUTES_PRECONDITION);
	if (strcmp(kiosk.state, "revoked") != 0)
		status = rc_fleet_revoke_in(tx, id, command->actor, command->now_ms, err);
	if (status == RC_OK)
		status = rc_fleet_find_in(tx, id, &kiosk, err);
	if (status != RC_OK)
		return status;
	command->status = 200;
	make_etag(&kiosk, command->etag);
	return rc_kiosk_append_json(&kiosk, &command->body, err);
}

void rc_routes__revoke_kiosk(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_id id;

	if (rc_id_parse(rc_http_param(request, "id"), &id) != RC_OK) {
		rc_routes__refuse(response, RC_ROUTES_NO_KIOSK, NULL);
		return;
	}
	(void)rc_routes__run(request, response, shut_out, &id);
}

/* ---- letting in ---- */

struct code_wish {
	char room[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_id replaces; /* nil: none */
	int64_t valid_min;
};

static void write_code(const struct rc_fleet_code_request *request, const char *text, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_text(json, "code", text);
	rc_json_member_text(json, "room", request->room);
	rc_json_member_text(json, "url", request->url);
	rc_json_member_time(json, "expires", request->now_ms + request->valid_ms);
	rc_json_close(json, '}');
}

static enum rc_status make_code(struct rc_db_tx *tx, struct rc_routes__command *command,
				struct rc_error *err)
{
	const struct rc_routes_app *app = rc_routes__app(command->request);
	const struct code_wish *wish = command->input;
	const bool is_replacement = !rc_id_is_nil(&wish->replaces);
	char replaces[RC_ID_CHARS + 1], text[RC_ENROL_TEXT_MAX_CHARS + 1];
	const struct rc_fleet_code_request request = {
	    .room = wish->room,
	    .replaces = is_replacement ? replaces : NULL,
	    .url = app->device_url,
	    .actor = command->actor,
	    .valid_ms = wish->valid_min * RC_MINUTE_MS,
	    .now_ms = command->now_ms,
	};
	struct rc_fleet_kiosk kiosk;
	struct rc_enrol_code code;
	enum rc_status status = RC_OK;

	rc_id_format(&wish->replaces, replaces);
	if (is_replacement)
		status = rc_fleet_find_in(tx, &wish->replaces, &kiosk, err);
	if (status == RC_ENOTFOUND)
		return rc_routes__give_up(command, RC_ROUTES_UNKNOWN_KIOSK);
	if (status == RC_OK)
		status = rc_fleet_code_new_in(tx, app->secrets, &request, &code, err);
	if (status == RC_ENOTFOUND)
		return rc_routes__give_up(command, RC_ROUTES_UNKNOWN_ROOM);
	if (status == RC_OK)
		status = rc_enrol_code_format(&code, text);
	if (status == RC_OK)
		write_code(&request, text, &command->body);
	command->status = 201;
	rc_wipe(&code, sizeof(code));
	rc_wipe(text, sizeof(text));
	return status;
}

static enum rc_status read_wish(const struct rc_json_value *body, struct code_wish *wish,
				struct rc_error *err)
{
	enum rc_status status = rc_json_get_text(body, "room", wish->room, sizeof(wish->room), err);

	wish->valid_min = RC_FLEET_CODE_MS / RC_MINUTE_MS;
	if (status == RC_OK)
		status = rc_json_get_int_optional(body, "valid_min", RC_FLEET_CODE_MS / RC_MINUTE_MS,
						  RC_FLEET_CODE_MAX_MS / RC_MINUTE_MS,
						  &wish->valid_min, err);
	if (status == RC_OK)
		status = rc_json_get_id_optional(body, "replaces", &wish->replaces, err);
	return status;
}

void rc_routes__create_code(struct rc_http_request *request, struct rc_http_response *response)
{
	static const char *const fields[] = {"room", "valid_min", "replaces", NULL};
	struct rc_json *json = NULL;
	struct code_wish wish = {.valid_min = 0};
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_body(request, response, fields, &json))
		return;
	status = read_wish(rc_json_root(json), &wish, &err);
	rc_json_free(json);
	if (status != RC_OK)
		rc_routes__refuse(response, RC_ROUTES_FIELD, err.text);
	else
		(void)rc_routes__run(request, response, make_code, &wish);
}
