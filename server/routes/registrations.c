/* SPDX-License-Identifier: Apache-2.0 */
/* Who is registered for a session. */
#include "server/db/db.h"
#include "server/reports/registration_list.h"
#include "server/routes/command.h"

#include <inttypes.h>
#include <stdio.h>

static void make_etag(const struct rc_registration *registration, char etag[RC_ROUTES__ETAG_SIZE])
{
	(void)snprintf(etag, RC_ROUTES__ETAG_SIZE, "\"%" PRId64 "\"", registration->version);
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
	char etag[RC_ROUTES__ETAG_SIZE];
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

/* ---- changing ---- */

struct wish {
	const char *session_name, *person_name;
	enum rc_registration_state state;
	bool is_delete;
};

/* What the request's conditions say of a change to what is there (its ETag), or of making what isn't (NULL). */
static enum rc_routes__problem judge(const struct rc_routes__command *command, const char *etag)
{
	const bool wants_none = rc_http_header(command->request, "if-none-match").data != NULL;
	const enum rc_routes__condition condition =
	    rc_routes__if_match(command->request, etag ? etag : "");

	if (!etag)
		return condition == RC_ROUTES_NO_CONDITION ? RC_ROUTES_FINE : RC_ROUTES_PRECONDITION;
	if (wants_none || condition == RC_ROUTES_CONDITION_FAILS)
		return RC_ROUTES_PRECONDITION;
	return condition == RC_ROUTES_NO_CONDITION ? RC_ROUTES_PRECONDITION_REQUIRED : RC_ROUTES_FINE;
}

static enum rc_status write_answer(struct rc_routes__command *command, int http_status,
				   const struct rc_registration *registration, struct rc_error *err)
{
	command->status = http_status;
	make_etag(registration, command->etag);
	return rc_registration_append_json(registration, &command->body, err);
}

static enum rc_status change(struct rc_db_tx *tx, struct rc_routes__command *command,
			     struct search *found, bool is_there, struct rc_error *err)
{
	const struct wish *wish = command->input;
	char etag[RC_ROUTES__ETAG_SIZE];
	enum rc_routes__problem problem;
	enum rc_status status;

	make_etag(&found->registration, etag);
	problem = judge(command, is_there ? etag : NULL);
	/* What is so already needs no condition, but one that was stated must hold. */
	if (is_there && found->registration.state == wish->state &&
	    (problem == RC_ROUTES_FINE || problem == RC_ROUTES_PRECONDITION_REQUIRED))
		return write_answer(command, 200, &found->registration, err);
	if (problem != RC_ROUTES_FINE)
		return rc_routes__give_up(command, problem);
	status = rc_registrations_change_in(
	    tx,
	    &(struct rc_registration_change){.session = &found->session,
					     .person = &found->person,
					     .state = wish->state,
					     .version = is_there ? found->registration.version : 0,
					     .actor = command->actor,
					     .now_ms = command->now_ms},
	    &found->registration, err);
	if (status == RC_ECONFLICT)
		return rc_routes__give_up(command, RC_ROUTES_PRECONDITION);
	return status == RC_OK ? write_answer(command, is_there ? 200 : 201, &found->registration, err)
			       : status;
}

static enum rc_status perform(struct rc_db_tx *tx, struct rc_routes__command *command,
			      struct rc_error *err)
{
	const struct wish *wish = command->input;
	struct search found = {.session_name = wish->session_name, .person_name = wish->person_name};
	enum rc_status status = find(tx, &found, err);
	const bool is_new = status == RC_ENOTFOUND && found.missing == RC_ROUTES_NO_REGISTRATION;

	if (status == RC_ENOTFOUND && (!is_new || wish->is_delete))
		return rc_routes__give_up(command, found.missing);
	if (status != RC_OK && !is_new)
		return status;
	return change(tx, command, &found, !is_new, err);
}

static void run(struct rc_http_request *request, struct rc_http_response *response, struct wish *wish)
{
	struct rc_http_server *http = rc_routes__app(request)->http;

	wish->session_name = rc_routes__param(request, response, "id");
	wish->person_name = rc_routes__param(request, response, "person");
	if (!wish->session_name || !wish->person_name)
		return;
	if (rc_routes__run(request, response, perform, wish) && http)
		rc_http_server_wake(http, RC_ROUTES_TOPIC_CHANGES);
}

void rc_routes__put_registration(struct rc_http_request *request, struct rc_http_response *response)
{
	static const char *const fields[] = {"state", NULL};
	struct rc_json *json = NULL;
	struct wish wish = {.is_delete = false};
	char state[16];
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_routes__read_body(request, response, fields, &json))
		return;
	status = rc_json_get_text(rc_json_root(json), "state", state, sizeof(state), &err);
	if (status == RC_OK)
		status = rc_registration_state_parse(rc_bytes_of_text(state), &wish.state);
	rc_json_free(json);
	if (status == RC_OK)
		run(request, response, &wish);
	else
		rc_routes__refuse(response, RC_ROUTES_FIELD,
				  err.text[0] ? err.text : "state: confirmed, cancelled or excused");
}

void rc_routes__delete_registration(struct rc_http_request *request, struct rc_http_response *response)
{
	struct wish wish = {.state = RC_REGISTRATION_CANCELLED, .is_delete = true};

	run(request, response, &wish);
}
