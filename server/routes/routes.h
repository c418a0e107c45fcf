/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROUTES_ROUTES_H
#define RC_ROUTES_ROUTES_H
/*
 * What the listeners answer: const tables of routes and who may call them. A handler reads the request, calls one function of
 * the module that knows, and writes its answer; nothing is decided here.
 *
 * Device listener: a certificate's class is looked up on every request and compared with the route's `classes` (bits of enum
 * rc_fleet_class). People's listener: a token's role against the route's `permissions`. What a table doesn't allow is denied.
 * Everything runs on the HTTP server's workers and may block on the database.
 */
#include "server/fleet/fleet.h"
#include "server/http/http.h"
#include "server/limits/limits.h"
#include "server/metrics/metrics.h"
#include "shared/base/clock.h"

struct rc_db;

/* What handlers work with; `app` of both listeners. Read-only while the server runs, but for the limits, which lock themselves. */
struct rc_routes_app {
	struct rc_db *db;
	const struct rc_secrets *secrets;
	struct rc_fleet_server server;
	const struct rc_clock *clock;
	struct rc_http_server *http;    /* to wake what waits; NULL: nothing does */
	const char *device_url;         /* as kiosks reach the server: stands in enrolment codes */
	struct rc_limits *token_limits; /* how often a token may ask; NULL: ever so often */
	struct rc_limits *address_limits; /* the same of an address, whatever it shows */
	struct rc_metrics *metrics;       /* counts; NULL: nobody watches */
};

/* Permissions: a mask in the people's table. */
#define RC_ROUTES_PUBLIC 1u /* no token: health */
#define RC_ROUTES_READ   2u /* reader, operator */
#define RC_ROUTES_WRITE  4u /* operator */

/* What a parked request waits for (rc_http_server_wake): the log of changes has grown. */
#define RC_ROUTES_TOPIC_CHANGES UINT64_C(1)

extern const struct rc_http_route rc_routes_device[];
extern const size_t rc_routes_device_count;
extern const struct rc_http_route rc_routes_people[];
extern const size_t rc_routes_people_count;
extern const struct rc_http_route rc_routes_operations[]; /* for whoever watches; without a token, so on loopback only */
extern const size_t rc_routes_operations_count;

/* `admit` of the two listeners (server/http/http.h). */
bool rc_routes_admit_device(struct rc_http_request *request, struct rc_http_response *response);
bool rc_routes_admit_people(struct rc_http_request *request, struct rc_http_response *response);

#endif
