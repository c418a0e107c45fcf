/* SPDX-License-Identifier: Apache-2.0 */
/* What kiosks ask for. Problems here are read by programs: their bodies carry the mark where it helps (shared/device). */
#include "server/changes/changes.h"
#include "server/epoch/epoch.h"
#include "server/ingest/ingest.h"
#include "server/routes/routes_priv.h"
#include "shared/base/log.h"
#include "shared/json/json.h"

#define RENEWING (RC_FLEET_CURRENT | RC_FLEET_GRACE)
#define ANYBODY                                                                                    \
	(RC_FLEET_NONE | RC_FLEET_CURRENT | RC_FLEET_GRACE | RC_FLEET_REVOKED | RC_FLEET_UNKNOWN)
#define UPLOADING     (RC_FLEET_CURRENT | RC_FLEET_REVOKED | RC_FLEET_UNKNOWN)
#define ENROL_MAX     16384u
#define SNAPSHOT_MAX  (60u * 1024u * 1024u)
#define PROBLEM_MAX   4096u
#define ANSWER_MAX    65536u
#define CHANGES_MAX   5000u
#define WAIT_MAX_S    300u
#define RENEW_AGAIN_S 86400u

static const struct rc_fleet_peer *peer_of(const struct rc_http_request *request)
{
	return request->principal;
}

static void count_request(const struct rc_http_request *request, enum rc_fleet_class class)
{
	static const struct {
		enum rc_fleet_class class;
		enum rc_metrics_class as;
	} classes[] = {
	    {RC_FLEET_NONE, RC_METRICS_NONE},         {RC_FLEET_CURRENT, RC_METRICS_CURRENT},
	    {RC_FLEET_GRACE, RC_METRICS_GRACE},       {RC_FLEET_REVOKED, RC_METRICS_REVOKED},
	    {RC_FLEET_STRANGER, RC_METRICS_STRANGER}, {RC_FLEET_UNKNOWN, RC_METRICS_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (classes[i].class == class)
			rc_metrics_count_device_request(rc_routes__app(request)->metrics, classes[i].as);
	}
}

/* The class of whoever asks; one that the register lacks is written down before anything of it is taken. */
static enum rc_status find_class(const struct rc_http_request *request, struct rc_fleet_peer *peer,
				 struct rc_error *err)
{
	const struct rc_tls_peer *certificate = request->peer->certificate;
	struct rc_db *db = rc_routes__app(request)->db;
	const int64_t now_ms = rc_routes__now_ms(request);
	struct rc_fleet_shown shown;
	enum rc_status status;

	peer->class = RC_FLEET_NONE;
	if (!certificate)
		return RC_OK;
	shown = (struct rc_fleet_shown){.serial = rc_bytes_of(certificate->serial, certificate->serial_size),
					.sha256 = certificate->sha256,
					.name = certificate->name,
					.not_after_ms = certificate->not_after_ms};
	status = rc_fleet_classify(db, &shown, now_ms, peer, err);
	if (status == RC_OK && peer->class == RC_FLEET_UNKNOWN)
		status = rc_fleet_meet(db, peer, certificate->der, now_ms, err);
	return status;
}

bool rc_routes_admit_device(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_fleet_peer *peer = rc_arena_alloc(request->arena, sizeof(*peer));
	enum rc_status status;
	struct rc_error err = {.text = ""};

	if (!peer) {
		rc_routes__failed(response, RC_ENOMEM, &(struct rc_error){.text = "no memory"});
		return false;
	}
	status = find_class(request, peer, &err);
	if (status != RC_OK) {
		rc_routes__failed(response, status, &err);
		return false;
	}
	if (!request->is_resumed)
		count_request(request, peer->class);
	if (!(request->route->classes & peer->class)) {
		rc_http_problem(response, 403, RC_DEVICE_PROBLEM_CERTIFICATE,
				"This certificate may not do that", "此证书无权进行该操作", NULL);
		return false;
	}
	request->principal = peer;
	return true;
}

static void respond_problem(struct rc_http_response *response, const struct rc_device_problem *problem)
{
	struct rc_buf json;

	rc_buf_init(&json, PROBLEM_MAX);
	rc_device_problem_encode(problem, &json);
	rc_http_respond(response, problem->status, "application/problem+json", rc_buf_bytes(&json));
	rc_buf_deinit(&json);
}

static void respond_mark(struct rc_http_response *response, const struct rc_device_mark *mark)
{
	struct rc_buf json;

	rc_buf_init(&json, PROBLEM_MAX);
	rc_device_mark_encode(mark, &json);
	rc_routes__respond_json(response, &json);
	rc_buf_deinit(&json);
}

static void get_ca(struct rc_http_request *request, struct rc_http_response *response)
{
	rc_http_respond(response, 200, "application/pkix-cert",
			rc_buf_bytes(&rc_routes__app(request)->secrets->ca_der));
}

/* ---- enrol ---- */

static void refuse_enrolment(struct rc_http_response *response, enum rc_status status,
			     const struct rc_error *err)
{
	static const struct {
		enum rc_status status;
		struct rc_device_problem problem;
	} refusals[] = {
	    {RC_ENOTFOUND,
	     {.status = 403, .code = RC_DEVICE_PROBLEM_CODE_UNKNOWN, .title = "No such code"}},
	    {RC_EEXPIRED,
	     {.status = 403, .code = RC_DEVICE_PROBLEM_CODE_EXPIRED, .title = "The code's time is over"}},
	    {RC_ECONFLICT,
	     {.status = 409, .code = RC_DEVICE_PROBLEM_CODE_USED, .title = "The code was used"}},
	    {RC_EUSAGE,
	     {.status = 409, .code = RC_DEVICE_PROBLEM_OTHER_KIOSK, .title = "The code is for another kiosk"}},
	    {RC_EFORMAT,
	     {.status = 422, .code = "bad_request", .title = "The certificate request can't be read"}},
	    {RC_EDENIED, {.status = 503, .code = "no_ca", .title = "This node can't let kiosks in"}},
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].status == status) {
			respond_problem(response, &refusals[i].problem);
			return;
		}
	}
	rc_routes__failed(response, status, err);
}

static void respond_answer(struct rc_http_response *response, const struct rc_device_enrol_answer *answer)
{
	struct rc_buf json;

	rc_buf_init(&json, ANSWER_MAX);
	rc_device_enrol_answer_encode(answer, &json);
	rc_routes__respond_json(response, &json);
	rc_buf_deinit(&json);
}

static void post_enrol(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct rc_routes_app *app = rc_routes__app(request);
	struct rc_device_enrol_request *enrolment = rc_arena_alloc(request->arena, sizeof(*enrolment));
	struct rc_device_enrol_answer *answer = rc_arena_alloc(request->arena, sizeof(*answer));
	struct rc_error err = {.text = "no memory"};
	enum rc_status status = enrolment && answer ? RC_OK : RC_ENOMEM;

	if (status == RC_OK)
		status = rc_device_enrol_request_decode(request->body, enrolment, &err);
	if (status == RC_ELIMIT)
		status = RC_EFORMAT;
	if (status == RC_OK)
		status = rc_fleet_enrol(app->db, app->secrets, &app->server, enrolment,
					rc_routes__now_ms(request), answer, &err);
	if (status == RC_OK)
		status = rc_epoch_read(app->db, &answer->server_epoch, &err);
	if (status != RC_OK) {
		refuse_enrolment(response, status, &err);
		return;
	}
	respond_answer(response, answer);
}

/* ---- renew ---- */

static void refuse_renewal(struct rc_http_response *response, enum rc_status status,
			   const struct rc_error *err)
{
	if (status == RC_ECONFLICT) {
		respond_problem(response, &(struct rc_device_problem){
					      .status = 403,
					      .code = RC_DEVICE_PROBLEM_CERTIFICATE,
					      .title = "This certificate isn't renewed"});
	} else if (status == RC_ELIMIT) {
		rc_http_retry_after(response, RENEW_AGAIN_S);
		respond_problem(response, &(struct rc_device_problem){
					      .status = 429,
					      .code = "too_many",
					      .title = "This kiosk has certificates enough"});
	} else {
		refuse_enrolment(response, status, err);
	}
}

static void post_renew(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct rc_routes_app *app = rc_routes__app(request);
	struct rc_device_renew_request *wish = rc_arena_alloc(request->arena, sizeof(*wish));
	struct rc_device_enrol_answer *answer = rc_arena_alloc(request->arena, sizeof(*answer));
	const struct rc_fleet_renewal renewal = {
	    .peer = peer_of(request), .request = wish, .now_ms = rc_routes__now_ms(request)};
	struct rc_error err = {.text = "no memory"};
	enum rc_status status = wish && answer ? RC_OK : RC_ENOMEM;

	if (status == RC_OK)
		status = rc_device_renew_request_decode(request->body, wish, &err);
	if (status == RC_ELIMIT)
		status = RC_EFORMAT;
	if (status == RC_OK)
		status = rc_fleet_renew(app->db, app->secrets, &app->server, &renewal, answer, &err);
	if (status == RC_OK)
		status = rc_epoch_read(app->db, &answer->server_epoch, &err);
	if (status == RC_OK)
		respond_answer(response, answer);
	else
		refuse_renewal(response, status, &err);
}

/* ---- facts up ---- */

static void mark_class(const struct rc_http_request *request, struct rc_device_mark *mark)
{
	if (peer_of(request)->class == RC_FLEET_REVOKED)
		mark->state = RC_DEVICE_REVOKED;
	else if (peer_of(request)->class == RC_FLEET_UNKNOWN && mark->state != RC_DEVICE_REVOKED)
		mark->state = RC_DEVICE_QUARANTINED;
}

static void get_mark(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct rc_routes_app *app = rc_routes__app(request);
	int64_t now_ms = rc_routes__now_ms(request);
	struct rc_device_mark mark;
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_fleet_seen(app->db, &peer_of(request)->kiosk, now_ms, &err);

	if (status == RC_OK)
		status = rc_ingest_mark(app->db, &peer_of(request)->kiosk, now_ms, &mark, &err);
	if (status != RC_OK) {
		rc_routes__failed(response, status, &err);
		return;
	}
	mark_class(request, &mark);
	respond_mark(response, &mark);
}

/* One upload's answer, between the database that gives it and the loop that sends it. */
struct facts_answer {
	enum rc_status status;
	struct rc_ingest_answer answer;
	struct rc_error err;
};

static void count_upload(const struct rc_http_request *request, const struct facts_answer *facts)
{
	const struct rc_ingest_answer *answer = &facts->answer;
	const bool is_answered = facts->status == RC_OK;

	rc_metrics_count_upload(rc_routes__app(request)->metrics,
				&(struct rc_metrics_upload){.status = is_answered ? answer->status : 503,
							    .received = answer->received,
							    .stored = answer->stored,
							    .branched = answer->branched,
							    .unread = answer->unread});
}

static void respond_facts(struct rc_http_response *response, void *context)
{
	struct facts_answer *facts = context;
	struct rc_ingest_answer *answer = &facts->answer;

	count_upload(response->request, facts);
	if (facts->status != RC_OK) {
		rc_routes__failed(response, facts->status, &facts->err);
		return;
	}
	mark_class(response->request, &answer->mark);
	if (answer->status == 200) {
		respond_mark(response, &answer->mark);
	} else {
		const struct rc_device_problem problem = {
		    .status = answer->status,
		    .code = answer->problem,
		    .title = "These facts can't be taken",
		    .detail = answer->detail,
		    .mark = answer->status == 409 ? &answer->mark : NULL,
		};

		respond_problem(response, &problem);
	}
}

static void keep_answer(void *context, enum rc_status status, const struct rc_ingest_answer *answer,
			const struct rc_error *err)
{
	struct rc_http_response *response = context;
	struct facts_answer *facts = response->finish_context;

	facts->status = status;
	facts->answer = *answer;
	facts->err = *err;
	rc_http_ready(response);
}

/* Keeps no worker while it waits for the commit, so that any number of kiosks share one. */
static void post_facts(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct rc_ingest_request upload = {
	    .kiosk = peer_of(request)->kiosk,
	    .is_revoked = peer_of(request)->class == RC_FLEET_REVOKED,
	    .is_unknown = peer_of(request)->class == RC_FLEET_UNKNOWN,
	    .body = request->body,
	    .now_ms = rc_routes__now_ms(request),
	    .seal_key = rc_routes__app(request)->secrets->seal_key,
	};
	struct facts_answer *facts = rc_arena_alloc(request->arena, sizeof(*facts));

	if (!rc_http_is_content_type(request, "application/x-ndjson")) {
		const struct rc_device_problem problem = {
		    .status = 415, .code = "media_type", .title = "Facts come as application/x-ndjson"};

		respond_problem(response, &problem);
	} else if (facts && rc_http_defer(response, respond_facts, facts)) {
		rc_ingest_submit(rc_routes__app(request)->db, &upload, keep_answer, response);
	} else {
		rc_routes__failed(response, RC_ENOMEM, &(struct rc_error){.text = "no memory"});
	}
}

/* ---- changes down ---- */

/* `?after=CURSOR` goes on from there, `&wait=SECONDS` holds the answer back for so long while there is nothing new. */
struct changes_query {
	struct rc_cursor cursor;
	bool has_cursor;
	unsigned wait_s;
};

static bool read_changes_query(const struct rc_http_request *request,
			       struct rc_http_response *response, struct changes_query *query)
{
	struct rc_bytes after = rc_http_query(request, "after");

	query->has_cursor = after.data != NULL;
	query->wait_s = 0;
	if (query->has_cursor && rc_cursor_parse(after, &query->cursor) != RC_OK) {
		rc_http_problem(response, 400, "cursor", "That is no cursor", "游标格式不正确", NULL);
		return false;
	}
	if (!rc_routes__query_number(request, "wait", (struct rc_routes__range){0, WAIT_MAX_S},
				     &query->wait_s)) {
		rc_routes__refuse_parameter(response, "wait");
		return false;
	}
	return true;
}

static enum rc_status answer_changes(const struct rc_http_request *request,
				     const struct changes_query *query, struct rc_changes_answer *answer,
				     struct rc_buf *body, struct rc_error *err)
{
	const struct rc_fleet_peer *peer = peer_of(request);
	char site[RC_SCOPE_MAX_CHARS + 1], kiosk[RC_SCOPE_MAX_CHARS + 1];
	const char *const scopes[] = {RC_CHANGES_SCOPE_ALL, site, kiosk};
	const struct rc_changes_request changes = {
	    .cursor = query->has_cursor ? &query->cursor : NULL,
	    .scopes = scopes,
	    .scope_count = sizeof(scopes) / sizeof(scopes[0]),
	    .max_changes = CHANGES_MAX,
	};

	rc_changes_scope_of_site(peer->site, site);
	rc_changes_scope_of_kiosk(&peer->kiosk, kiosk);
	return rc_changes_answer(rc_routes__app(request)->db, &changes, answer, body, err);
}

/* The kiosk has seen changes that aren't here: what it got is a snapshot of a server with an epoch that says so. */
static enum rc_status answer_one_ahead(const struct rc_http_request *request,
				       const struct changes_query *query, struct rc_changes_answer *answer,
				       struct rc_buf *body, struct rc_error *err)
{
	const struct rc_epoch_renewal renewal = {.reason = RC_EPOCH_AHEAD,
						 .old = query->cursor.server_epoch,
						 .kiosk = &peer_of(request)->kiosk,
						 .now_ms = rc_routes__now_ms(request)};
	uint64_t epoch;
	const enum rc_status status = rc_epoch_renew(rc_routes__app(request)->db, &renewal, &epoch, err);

	if (status == RC_EBUSY) {
		rc_log_failure("a kiosk says again that it has seen more than there is", err);
		return RC_OK;
	}
	rc_buf_clear(body);
	return status == RC_OK ? answer_changes(request, query, answer, body, err) : status;
}

static void get_changes(struct rc_http_request *request, struct rc_http_response *response)
{
	struct changes_query query;
	struct rc_changes_answer answer;
	struct rc_error err = {.text = ""};
	enum rc_status status;
	struct rc_buf body;

	if (!read_changes_query(request, response, &query))
		return;
	rc_buf_init(&body, SNAPSHOT_MAX);
	status = answer_changes(request, &query, &answer, &body, &err);
	if (status == RC_OK && answer.is_ahead)
		status = answer_one_ahead(request, &query, &answer, &body, &err);
	if (status != RC_OK)
		rc_routes__failed(response, status, &err);
	else if (answer.count > 0 || answer.is_snapshot || query.wait_s == 0 ||
		 !rc_http_wait(response, RC_ROUTES_TOPIC_CHANGES, (uint64_t)query.wait_s * RC_SECOND_MS))
		rc_http_respond_owned(response, 200, "application/x-ndjson", &body);
	rc_buf_deinit(&body);
}

static void put_status(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_json *json = NULL;
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_json_parse_within(request->body, RC_DEVICE_STATUS_MAX_BYTES,
						     RC_DEVICE_STATUS_MAX_DEPTH, &json, &err);

	if (status != RC_OK || rc_json_type(rc_json_root(json)) != RC_JSON_OBJECT) {
		rc_http_problem(response, 422, "bad_status", "A status is a JSON object",
				"状态必须是 JSON 对象", NULL);
		rc_json_free(json);
		return;
	}
	rc_json_free(json);
	status = rc_fleet_status_put(rc_routes__app(request)->db, &peer_of(request)->kiosk,
				     request->body, rc_routes__now_ms(request), &err);
	if (status == RC_OK)
		get_mark(request, response);
	else
		rc_routes__failed(response, status, &err);
}

const struct rc_http_route rc_routes_device[] = {
    {.operation = "getCa", .method = "GET", .path = "/v1/ca", .classes = ANYBODY, .handle = get_ca},
    {.operation = "enrolKiosk",
     .method = "POST",
     .path = "/v1/kiosk/enrol",
     .classes = ANYBODY,
     .max_body_bytes = ENROL_MAX,
     .handle = post_enrol},
    {.operation = "renewKiosk",
     .method = "POST",
     .path = "/v1/kiosk/renew",
     .classes = RENEWING,
     .max_body_bytes = ENROL_MAX,
     .handle = post_renew},
    {.operation = "getMark", .method = "GET", .path = "/v1/kiosk/mark", .classes = UPLOADING, .handle = get_mark},
    {.operation = "postFacts",
     .method = "POST",
     .path = "/v1/kiosk/facts",
     .classes = UPLOADING,
     .max_body_bytes = RC_DEVICE_UPLOAD_GZIP_MAX_BYTES,
     .max_plain_bytes = RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES,
     .handle = post_facts},
    {.operation = "getChanges",
     .method = "GET",
     .path = "/v1/kiosk/changes",
     .classes = RC_FLEET_CURRENT,
     .handle = get_changes},
    {.operation = "putStatus",
     .method = "PUT",
     .path = "/v1/kiosk/status",
     .classes = RC_FLEET_CURRENT | RC_FLEET_UNKNOWN,
     .max_body_bytes = RC_DEVICE_STATUS_MAX_BYTES,
     .handle = put_status},
};
const size_t rc_routes_device_count = sizeof(rc_routes_device) / sizeof(rc_routes_device[0]);
