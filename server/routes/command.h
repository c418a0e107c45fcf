/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROUTES_COMMAND_H
#define RC_ROUTES_COMMAND_H
/*
 * A write of the people's listener: its body read strictly, its conditions, and one transaction for the change, its audit and the
 * answer that is kept under an Idempotency-Key.
 *
 * `perform` is the write function (see server/db/db.h for what one may do): it looks at what is there, judges the conditions, calls
 * the module that knows, and writes the answer into the command. It may run again, and everything it writes is emptied before.
 */
#include "server/idempotency/idempotency.h"
#include "server/routes/routes_priv.h"
#include "shared/json/json.h"

#define RC_ROUTES__BODY_MAX_BYTES 16384u
#define RC_ROUTES__ETAG_SIZE      (RC_IDEMPOTENCY_ETAG_MAX_CHARS + 1u)

struct rc_db_tx;
struct rc_routes__command;

typedef enum rc_status rc_routes__perform_fn(struct rc_db_tx *tx, struct rc_routes__command *command,
					     struct rc_error *err);

struct rc_routes__command {
	rc_routes__perform_fn *perform;
	void *input;       /* what it works with; filled before, only looked at inside */
	const char *actor; /* the token's name */
	int64_t now_ms;
	const struct rc_http_request *request;

	/* The answer, by `perform`. */
	int status;
	struct rc_buf body; /* JSON */
	char etag[RC_ROUTES__ETAG_SIZE];
	enum rc_routes__problem problem; /* why nothing was done */

	bool is_replayed;
	bool has_key;
	struct rc_idempotency_request repeat;
};

/* Runs the command and answers the request. True: something was changed now (not: an old answer repeated). */
bool rc_routes__run(struct rc_http_request *request, struct rc_http_response *response,
		    rc_routes__perform_fn *perform, void *input);

/* For `perform`: nothing is to be done, for this reason. Returns what `perform` returns then. */
RC_CHECKED enum rc_status rc_routes__give_up(struct rc_routes__command *command,
					     enum rc_routes__problem problem);

/* Whether the request's If-Match lets a change of what has this ETag pass (RFC 9110 13.1.1; strong comparison). */
enum rc_routes__condition {
	RC_ROUTES_NO_CONDITION,
	RC_ROUTES_CONDITION_HOLDS,
	RC_ROUTES_CONDITION_FAILS
};
enum rc_routes__condition rc_routes__if_match(const struct rc_http_request *request, const char *etag);

/*
 * Reads the body as a JSON object that has no other fields than `fields` (ended by NULL). False: it has answered with a problem
 * (media_type, json, unknown_fields with all their names). Free the document with rc_json_free.
 */
RC_CHECKED bool rc_routes__read_body(const struct rc_http_request *request,
				     struct rc_http_response *response, const char *const *fields,
				     struct rc_json **json);

#endif
