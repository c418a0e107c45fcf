/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MODULE_ROUTES_OFFICE_H
#define TESTS_MODULE_ROUTES_OFFICE_H
/*
 * A fresh database with a room, a kiosk for each class of certificate and some sessions, and requests that reach the routes
 * without a network: what is looked at is who may and what is answered.
 */
#include "server/db/db.h"
#include "server/routes/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define OFFICE_NOW_MS   INT64_C(1795500000000)
#define OFFICE_SESSIONS 5

struct office {
	char folder[64];
	struct rc_db *db;
	struct rc_secrets secrets;
	struct rc_routes_app app;
};

int office_set_up(void **state);
int office_tear_down(void **state);

/* The certificate a kiosk of this class shows; NULL for RC_FLEET_NONE. Lives for ever. */
const struct rc_tls_peer *office_certificate(enum rc_fleet_class class);

/* One request and its answer; ask… runs `admit` and, if it lets pass, the handler. */
struct visit {
	struct rc_arena arena;
	struct rc_http_peer peer;
	struct rc_http_pair headers[4];
	struct rc_http_request request;
	struct rc_http_response response;
};
void visit_begin(struct visit *visit, struct office *office, const struct rc_http_route *route);
void visit_header(struct visit *visit, const char *name, const char *value);
void visit_query(struct visit *visit, const char *name, const char *value);
void visit_param(struct visit *visit, const char *name, const char *value);
bool visit_ask(struct visit *visit, bool (*admit)(struct rc_http_request *, struct rc_http_response *));
void visit_end(struct visit *visit);

/* The route of an operation; fails the test if there is none. */
const struct rc_http_route *office_route(const struct rc_http_route *routes, size_t count,
					 const char *operation);

/* True if the body holds the text. */
bool visit_says(const struct visit *visit, const char *text);

#endif
