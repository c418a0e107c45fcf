/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROUTES_ROUTES_PRIV_H
#define RC_ROUTES_ROUTES_PRIV_H
/* What handlers share. */
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

#endif
