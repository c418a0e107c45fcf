/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROUTES_ROUTES_PRIV_H
#define RC_ROUTES_ROUTES_PRIV_H
/* What handlers share: refusals, pages of lists. For writes see command.h. */
#include "server/reports/page.h"
#include "server/routes/routes.h"

static inline const struct rc_routes_app *rc_routes__app(const struct rc_http_request *request)
{
	return request->app;
}

static inline int64_t rc_routes__now_ms(const struct rc_http_request *request)
{
	return rc_clock_now_ms(rc_routes__app(request)->clock);
}

struct rc_routes__range {
	unsigned min, max;
};

/* The answer for a failure that isn't the caller's: 503 with Retry-After while the database is away or full, 500 for the rest;
 * logged with the request's id. */
void rc_routes__failed(struct rc_http_response *response, enum rc_status status,
		       const struct rc_error *err);

/* Sends a buffer as JSON, or 500 if it failed. */
void rc_routes__respond_json(struct rc_http_response *response, struct rc_buf *json);

/* A query parameter of plain digits, min … max; `*value` stays when it isn't there. False: it is something else. */
RC_CHECKED bool rc_routes__query_number(const struct rc_http_request *request, const char *name,
					struct rc_routes__range range, unsigned *value);

/* 400 for a parameter that isn't of its form; `name` is the detail. */
void rc_routes__refuse_parameter(struct rc_http_response *response, const char *name);

/* ---- what people are refused (problems.c); the names say the codes ---- */

enum rc_routes__problem {
	RC_ROUTES_FINE, /* no problem */
	RC_ROUTES_PARAMETER,
	RC_ROUTES_JSON,
	RC_ROUTES_IDEMPOTENCY_KEY,
	RC_ROUTES_TOKEN,
	RC_ROUTES_ROLE,
	RC_ROUTES_NO_SESSION,
	RC_ROUTES_NO_EMPLOYEE,
	RC_ROUTES_NO_REGISTRATION,
	RC_ROUTES_NO_KIOSK,
	RC_ROUTES_NO_INBOX_ENTRY,
	RC_ROUTES_SETTLED,
	RC_ROUTES_NOT_THERE,
	RC_ROUTES_NOT_OPEN,
	RC_ROUTES_PRECONDITION,
	RC_ROUTES_MEDIA_TYPE,
	RC_ROUTES_UNKNOWN_FIELDS,
	RC_ROUTES_FIELD,
	RC_ROUTES_UNKNOWN_ROOM,
	RC_ROUTES_UNKNOWN_KIOSK,
	RC_ROUTES_KEY_REUSED,
	RC_ROUTES_PRECONDITION_REQUIRED,
	RC_ROUTES_TOO_MANY,
};

/* Answers with a problem; `detail` may be NULL. */
void rc_routes__refuse(struct rc_http_response *response, enum rc_routes__problem problem,
		       const char *detail);

/* ---- lists (pages.c) ---- */

/* Reads `limit`, `after` and `format` (or Accept). False: it has answered with a problem. `place` is where the list goes on. */
RC_CHECKED bool rc_routes__read_page(const struct rc_http_request *request,
				     struct rc_http_response *response,
				     const struct rc_page_kind *kind, struct rc_page_request *page,
				     char place[RC_PAGE_PLACE_MAX_CHARS + 1]);

/* The same for a list without pages: only the format. */
RC_CHECKED bool rc_routes__read_format(const struct rc_http_request *request,
				       struct rc_http_response *response, struct rc_page_request *page);

/* The end of every list: its body with the next cursor in a header too, 404 with `missing` for RC_ENOTFOUND, or what failed. */
struct rc_routes__listing {
	struct rc_buf body;
	char next[RC_PAGE_CURSOR_MAX_CHARS + 1];
};
void rc_routes__listing_init(struct rc_routes__listing *listing);
void rc_routes__respond_list(struct rc_http_response *response, struct rc_routes__listing *listing,
			     const struct rc_page_request *page);
void rc_routes__listing_deinit(struct rc_routes__listing *listing);

/* A segment of the path as an ended text in the arena. NULL: no memory, and it has answered. */
const char *rc_routes__param(const struct rc_http_request *request,
			     struct rc_http_response *response, const char *name);

/* Sends one object with its ETag ("" for none), RC_ENOTFOUND as the problem `missing`, or what failed. */
struct rc_routes__one {
	enum rc_status status;
	enum rc_routes__problem missing;
	const char *etag;
};
void rc_routes__respond_one(struct rc_http_response *response, const struct rc_routes__one *one,
			    struct rc_buf *json, const struct rc_error *err);

#define RC_ROUTES__LIST_MAX_BYTES (8u * 1024u * 1024u)
#define RC_ROUTES__ONE_MAX_BYTES  65536u

/* ---- handlers ---- */

void rc_routes__list_sessions(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_session(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_attendance(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__mark_attendance(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__withdraw_attendance(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__list_registrations(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_registration(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__list_employees(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_employee(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__list_rooms(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__list_kiosks(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_kiosk(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__list_inbox(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_inbox_entry(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__put_registration(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__delete_registration(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__revoke_kiosk(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__create_code(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__settle_inbox_entry(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_openapi(struct rc_http_request *request, struct rc_http_response *response);

/* Health, on more than one listener. */
void rc_routes__get_livez(struct rc_http_request *request, struct rc_http_response *response);
void rc_routes__get_readyz(struct rc_http_request *request, struct rc_http_response *response);

#endif
