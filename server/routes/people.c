/* SPDX-License-Identifier: Apache-2.0 */
/* What people's programs ask for. Errors are RFC 9457 problems in the reader's language. */
#include "server/auth/token.h"
#include "server/db/db.h"
#include "server/routes/command.h"

#include <strings.h>

/* ---- who may ---- */

static struct rc_bytes bearer_of(const struct rc_http_request *request)
{
	static const char scheme[] = "Bearer ";
	struct rc_bytes header = rc_http_header(request, "authorization");

	/* A scheme's name is read in either case (RFC 9110 11.1). */
	if (header.size < sizeof(scheme) - 1 ||
	    strncasecmp((const char *)header.data, scheme, sizeof(scheme) - 1) != 0)
		return rc_bytes_of(NULL, 0);
	return rc_bytes_of(header.data + sizeof(scheme) - 1, header.size - (sizeof(scheme) - 1));
}

static unsigned permissions_of(enum rc_token_role role)
{
	return role == RC_TOKEN_OPERATOR ? RC_ROUTES_READ | RC_ROUTES_WRITE : RC_ROUTES_READ;
}

static bool is_slow_enough(struct rc_http_response *response, unsigned wait_s)
{
	if (wait_s == 0)
		return true;
	rc_routes__refuse(response, RC_ROUTES_TOO_MANY, NULL);
	rc_http_retry_after(response, wait_s);
	return false;
}

bool rc_routes_admit_people(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct rc_routes_app *app = rc_routes__app(request);
	const int64_t up_ms = rc_clock_up_ms(app->clock);
	struct rc_token_holder *holder;
	enum rc_status status;
	struct rc_error err = {.text = "no memory"};

	/* The address first: guessing at tokens costs it too. */
	if (!is_slow_enough(response,
			    rc_limits_take_address(app->address_limits, request->address, up_ms)))
		return false;
	if (request->route->permissions & RC_ROUTES_PUBLIC)
		return true;
	holder = rc_arena_alloc(request->arena, sizeof(*holder));
	status = holder ? rc_token_check(app->db, bearer_of(request), holder, &err) : RC_ENOMEM;
	if (status == RC_EDENIED) {
		rc_routes__refuse(response, RC_ROUTES_TOKEN, NULL);
		return false;
	}
	if (status != RC_OK) {
		rc_routes__failed(response, status, &err);
		return false;
	}
	if (!is_slow_enough(response, rc_limits_take(app->token_limits, bearer_of(request), up_ms)))
		return false;
	if (!(permissions_of(holder->role) & request->route->permissions)) {
		rc_routes__refuse(response, RC_ROUTES_ROLE, NULL);
		return false;
	}
	request->principal = holder;
	return true;
}

/* ---- health ---- */

void rc_routes__get_livez(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	rc_http_respond(response, 200, "text/plain; charset=utf-8", rc_bytes_of_text("ok\n"));
}

void rc_routes__get_readyz(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_db_check(rc_routes__app(request)->db, &err);

	if (status == RC_OK)
		rc_http_respond(response, 200, "text/plain; charset=utf-8", rc_bytes_of_text("ok\n"));
	else
		rc_routes__failed(response, status, &err);
}

/* ---- the table; docs/api/openapi.json says the same in full, and a test compares them ---- */

#define ROUTE(name, verb, where, who, body, function)                                              \
	{                                                                                          \
		.operation = (name), .method = (verb), .path = (where), .permissions = (who),      \
		.max_body_bytes = (body), .handle = (function)                                     \
	}
#define READ(name, where, function) ROUTE(name, "GET", where, RC_ROUTES_READ, 0, function)
#define WRITE(name, verb, where, body, function)                                                   \
	ROUTE(name, verb, where, RC_ROUTES_WRITE, body, function)
#define BODY RC_ROUTES__BODY_MAX_BYTES

const struct rc_http_route rc_routes_people[] = {
    {.operation = "getLivez",
     .method = "GET",
     .path = "/livez",
     .permissions = RC_ROUTES_PUBLIC,
     .is_quick = true, /* also what is asked before it: of the address only, in memory */
     .handle = rc_routes__get_livez},
    ROUTE("getReadyz", "GET", "/readyz", RC_ROUTES_PUBLIC, 0, rc_routes__get_readyz),
    READ("getOpenapi", "/api/v1/openapi.json", rc_routes__get_openapi),
    READ("listEmployees", "/api/v1/employees", rc_routes__list_employees),
    READ("getEmployee", "/api/v1/employees/{person}", rc_routes__get_employee),
    READ("listRooms", "/api/v1/rooms", rc_routes__list_rooms),
    READ("listSessions", "/api/v1/sessions", rc_routes__list_sessions),
    READ("getSession", "/api/v1/sessions/{id}", rc_routes__get_session),
    READ("getAttendance", "/api/v1/sessions/{id}/attendance", rc_routes__get_attendance),
    WRITE("markAttendance", "POST", "/api/v1/sessions/{id}/attendance/{person}/mark", BODY,
	  rc_routes__mark_attendance),
    WRITE("withdrawAttendance", "POST", "/api/v1/sessions/{id}/attendance/{person}/withdraw", BODY,
	  rc_routes__withdraw_attendance),
    READ("listRegistrations", "/api/v1/sessions/{id}/registrations", rc_routes__list_registrations),
    READ("getRegistration", "/api/v1/sessions/{id}/registrations/{person}", rc_routes__get_registration),
    WRITE("putRegistration", "PUT", "/api/v1/sessions/{id}/registrations/{person}", BODY,
	  rc_routes__put_registration),
    WRITE("deleteRegistration", "DELETE", "/api/v1/sessions/{id}/registrations/{person}", 0,
	  rc_routes__delete_registration),
    READ("listKiosks", "/api/v1/kiosks", rc_routes__list_kiosks),
    READ("getKiosk", "/api/v1/kiosks/{id}", rc_routes__get_kiosk),
    WRITE("revokeKiosk", "POST", "/api/v1/kiosks/{id}/revoke", 0, rc_routes__revoke_kiosk),
    WRITE("createEnrolmentCode", "POST", "/api/v1/enrolment-codes", BODY, rc_routes__create_code),
    READ("listInbox", "/api/v1/inbox", rc_routes__list_inbox),
    READ("getInboxEntry", "/api/v1/inbox/{id}", rc_routes__get_inbox_entry),
    WRITE("settleInboxEntry", "POST", "/api/v1/inbox/{id}/settle", BODY, rc_routes__settle_inbox_entry),
};
const size_t rc_routes_people_count = sizeof(rc_routes_people) / sizeof(rc_routes_people[0]);
