/* SPDX-License-Identifier: Apache-2.0 */
/* What people's programs ask for. Errors are RFC 9457 problems in the reader's language. */
#include "server/auth/token.h"
#include "server/db/db.h"
#include "server/reports/attendance_list.h"
#include "server/reports/session_list.h"
#include "server/routes/routes_priv.h"

#include <strings.h>

#define LIST_MAX_BYTES (8u * 1024u * 1024u)
#define PAGE_DEFAULT   100
#define PAGE_MAX       500

/* ---- who may ---- */

static bool deny(struct rc_http_response *response)
{
	rc_http_problem(response, 401, "token", "A valid token is needed", "需要有效的令牌", NULL);
	rc_http_set_header(response, "WWW-Authenticate", "Bearer realm=\"rollcall\"");
	return false;
}

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

bool rc_routes_admit_people(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_token_holder *holder;
	enum rc_status status;
	struct rc_error err = {.text = "no memory"};

	if (request->route->permissions & RC_ROUTES_PUBLIC)
		return true;
	holder = rc_arena_alloc(request->arena, sizeof(*holder));
	status = holder ? rc_token_check(rc_routes__app(request)->db, bearer_of(request), holder, &err)
			: RC_ENOMEM;
	if (status == RC_EDENIED)
		return deny(response);
	if (status != RC_OK) {
		rc_routes__failed(response, status, &err);
		return false;
	}
	if (!(permissions_of(holder->role) & request->route->permissions)) {
		rc_http_problem(response, 403, "role", "This token may not do that",
				"此令牌无权进行该操作", NULL);
		return false;
	}
	request->principal = holder;
	return true;
}

/* ---- health ---- */

static void get_livez(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	rc_http_respond(response, 200, "text/plain; charset=utf-8", rc_bytes_of_text("ok\n"));
}

static void get_readyz(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_db_check(rc_routes__app(request)->db, &err);

	if (status == RC_OK)
		rc_http_respond(response, 200, "text/plain; charset=utf-8", rc_bytes_of_text("ok\n"));
	else
		rc_routes__failed(response, status, &err);
}

/* ---- sessions ---- */

static void get_sessions(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_bytes after = rc_http_query(request, "after");
	struct rc_sessions_cursor cursor = {.starts_ms = 0};
	struct rc_buf json;
	struct rc_error err = {.text = ""};
	enum rc_status status;
	unsigned limit = PAGE_DEFAULT;

	if (!rc_routes__query_number(request, "limit", (struct rc_routes__range){1, PAGE_MAX}, &limit)) {
		rc_routes__refuse_parameter(response, "limit");
		return;
	}
	if (after.data && rc_session_list_cursor_read(after, &cursor) != RC_OK) {
		rc_routes__refuse_parameter(response, "after");
		return;
	}
	rc_buf_init(&json, LIST_MAX_BYTES);
	status = rc_session_list(rc_routes__app(request)->db, &cursor, limit, &json, &err);
	if (status == RC_OK)
		rc_routes__respond_json(response, &json);
	else
		rc_routes__failed(response, status, &err);
	rc_buf_deinit(&json);
}

/* ---- attendance ---- */

static bool wants_csv(const struct rc_http_request *request)
{
	struct rc_bytes format = rc_http_query(request, "format");
	struct rc_bytes accept = rc_http_header(request, "accept");

	if (format.data)
		return rc_bytes_is_text(format, "csv");
	return accept.size >= 8 && memcmp(accept.data, "text/csv", 8) == 0;
}

static bool is_format_known(const struct rc_http_request *request)
{
	struct rc_bytes format = rc_http_query(request, "format");

	return !format.data || rc_bytes_is_text(format, "csv") || rc_bytes_is_text(format, "json");
}

static void get_attendance(struct rc_http_request *request, struct rc_http_response *response)
{
	const char *id = rc_arena_copy(request->arena, rc_http_param(request, "id"));
	const bool is_zh = strcmp(rc_http_language(request), "zh") == 0;
	const struct rc_attendance_request list = {
	    .session = id,
	    .language = is_zh ? RC_LANGUAGE_ZH : RC_LANGUAGE_EN,
	    .format = wants_csv(request) ? RC_ATTENDANCE_CSV : RC_ATTENDANCE_JSON,
	    .now_ms = rc_routes__now_ms(request),
	};
	enum rc_status status = id ? RC_OK : RC_ENOMEM;
	struct rc_error err = {.text = "no memory"};
	struct rc_buf body;

	if (!is_format_known(request)) {
		rc_routes__refuse_parameter(response, "format");
		return;
	}
	rc_buf_init(&body, LIST_MAX_BYTES);
	if (status == RC_OK)
		status = rc_attendance_list(rc_routes__app(request)->db, &list, &body, &err);
	if (status == RC_ENOTFOUND)
		rc_http_problem(response, 404, "session", "No such session", "没有这节课", NULL);
	else if (status != RC_OK)
		rc_routes__failed(response, status, &err);
	else if (list.format == RC_ATTENDANCE_CSV)
		rc_http_respond(response, 200, "text/csv; charset=utf-8", rc_buf_bytes(&body));
	else
		rc_routes__respond_json(response, &body);
	rc_buf_deinit(&body);
}

const struct rc_http_route rc_routes_people[] = {
    {.operation = "getLivez", .method = "GET", .path = "/livez", .permissions = RC_ROUTES_PUBLIC, .handle = get_livez},
    {.operation = "getReadyz", .method = "GET", .path = "/readyz", .permissions = RC_ROUTES_PUBLIC, .handle = get_readyz},
    {.operation = "listSessions",
     .method = "GET",
     .path = "/api/v1/sessions",
     .permissions = RC_ROUTES_READ,
     .handle = get_sessions},
    {.operation = "getAttendance",
     .method = "GET",
     .path = "/api/v1/sessions/{id}/attendance",
     .permissions = RC_ROUTES_READ,
     .handle = get_attendance},
};
const size_t rc_routes_people_count = sizeof(rc_routes_people) / sizeof(rc_routes_people[0]);
