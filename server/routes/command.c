/* SPDX-License-Identifier: Apache-2.0 */
#include "server/routes/command.h"

#include "server/auth/token.h"
#include "server/db/db.h"
#include "shared/crypto/hash.h"

#define DEPTH_MAX       4u
#define FIELD_NAMES_MAX 512u /* of unknown ones, in a problem's detail */

/* ---- bodies ---- */

static bool is_known(const char *key, const char *const *fields)
{
	for (size_t i = 0; fields[i]; i++)
		if (strcmp(key, fields[i]) == 0)
			return true;
	return false;
}

/* The names of all fields that aren't known, with commas between; "" if there are none. */
static void name_unknown(const struct rc_json *json, const char *const *fields, struct rc_buf *names)
{
	const struct rc_json_value *value;
	const char *key = NULL;

	while (rc_json_next(rc_json_root(json), &key, &value)) {
		if (is_known(key, fields))
			continue;
		if (names->size > 0)
			rc_buf_append_text(names, ", ");
		rc_buf_append_text(names, key);
	}
}

static bool check_fields(const struct rc_json *json, const char *const *fields,
			 struct rc_http_response *response)
{
	char memory[FIELD_NAMES_MAX];
	struct rc_buf names;

	if (rc_json_type(rc_json_root(json)) != RC_JSON_OBJECT) {
		rc_routes__refuse(response, RC_ROUTES_JSON, "an object is wanted");
		return false;
	}
	rc_buf_init_fixed(&names, memory, sizeof(memory));
	name_unknown(json, fields, &names);
	if (names.size == 0 && rc_buf_status(&names, NULL) == RC_OK)
		return true;
	/* More names than fit: those that do are enough to begin with. */
	rc_routes__refuse(response, RC_ROUTES_UNKNOWN_FIELDS, names.size > 0 ? rc_buf_text(&names) : NULL);
	return false;
}

bool rc_routes__read_body(const struct rc_http_request *request, struct rc_http_response *response,
			  const char *const *fields, struct rc_json **json)
{
	struct rc_json *read = NULL;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!rc_http_is_content_type(request, "application/json")) {
		rc_routes__refuse(response, RC_ROUTES_MEDIA_TYPE, NULL);
		return false;
	}
	status = rc_json_parse_within(request->body, RC_ROUTES__BODY_MAX_BYTES, DEPTH_MAX, &read, &err);
	if (status == RC_EFORMAT || status == RC_ELIMIT) {
		rc_routes__refuse(response, RC_ROUTES_JSON, err.text);
		return false;
	}
	if (status != RC_OK) {
		rc_routes__failed(response, status, &err);
		return false;
	}
	if (!check_fields(read, fields, response)) {
		rc_json_free(read);
		return false;
	}
	*json = read;
	return true;
}

/* ---- conditions ---- */

static struct rc_bytes trim(struct rc_bytes text)
{
	while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = rc_bytes_of(text.data + 1, text.size - 1);
	while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
		text.size--;
	return text;
}

enum rc_routes__condition rc_routes__if_match(const struct rc_http_request *request, const char *etag)
{
	struct rc_bytes rest = rc_http_header(request, "if-match");

	if (!rest.data)
		return RC_ROUTES_NO_CONDITION;
	/* Our tags hold no comma, and one that does is none of ours. */
	while (rest.size > 0) {
		const uint8_t *comma = memchr(rest.data, ',', rest.size);
		const size_t size = comma ? (size_t)(comma - rest.data) : rest.size;
		const struct rc_bytes tag = trim(rc_bytes_of(rest.data, size));

		if (rc_bytes_is_text(tag, "*") || rc_bytes_is_text(tag, etag))
			return RC_ROUTES_CONDITION_HOLDS;
		rest = comma ? rc_bytes_of(comma + 1, rest.size - size - 1) : rc_bytes_of(NULL, 0);
	}
	return RC_ROUTES_CONDITION_FAILS;
}

/* ---- the transaction ---- */

enum rc_status rc_routes__give_up(struct rc_routes__command *command, enum rc_routes__problem problem)
{
	command->problem = problem;
	return RC_ECONFLICT; /* anything but RC_OK rolls back */
}

static const struct rc_secrets *secrets_of(const struct rc_routes__command *command)
{
	return rc_routes__app(command->request)->secrets;
}

/* True: the key is known, and the answer of the first time or the problem stands in the command. */
static enum rc_status replay(struct rc_db_tx *tx, struct rc_routes__command *command, struct rc_error *err)
{
	struct rc_idempotency_answer answer = {.body = &command->body};
	enum rc_status status =
	    rc_idempotency_find(tx, secrets_of(command), &command->repeat, &answer, err);

	if (status == RC_ECONFLICT)
		return rc_routes__give_up(command, RC_ROUTES_KEY_REUSED);
	if (status != RC_OK)
		return status == RC_ENOTFOUND ? RC_OK : status;
	command->is_replayed = true;
	command->status = answer.status;
	memcpy(command->etag, answer.etag, sizeof(answer.etag));
	return RC_OK;
}

static enum rc_status keep(struct rc_db_tx *tx, struct rc_routes__command *command, struct rc_error *err)
{
	struct rc_idempotency_answer answer = {.status = command->status, .body = &command->body};

	memcpy(answer.etag, command->etag, sizeof(answer.etag));
	return rc_idempotency_keep(tx, secrets_of(command), &command->repeat, &answer, err);
}

static enum rc_status execute(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_routes__command *command = arg;
	enum rc_status status = RC_OK;

	rc_buf_clear(&command->body);
	command->status = 0;
	command->etag[0] = '\0';
	command->problem = RC_ROUTES_FINE;
	command->is_replayed = false;
	if (command->has_key)
		status = replay(tx, command, err);
	if (status != RC_OK || command->is_replayed)
		return status;
	status = command->perform(tx, command, err);
	if (status == RC_OK)
		status = rc_buf_status(&command->body, err);
	return status == RC_OK && command->has_key ? keep(tx, command, err) : status;
}

/* ---- one request ---- */

static void hash_part(struct rc_sha256 *sum, struct rc_bytes part)
{
	const uint8_t size[4] = {(uint8_t)(part.size >> 24), (uint8_t)(part.size >> 16),
				 (uint8_t)(part.size >> 8), (uint8_t)part.size};

	rc_sha256_add(sum, rc_bytes_of(size, sizeof(size)));
	rc_sha256_add(sum, part);
}

/* What makes two requests the same; each part behind its length. */
static void hash_request(const struct rc_http_request *request, uint8_t hash[32])
{
	struct rc_sha256 sum;

	rc_sha256_init(&sum);
	hash_part(&sum, rc_bytes_of_text(request->route->method));
	hash_part(&sum, request->target);
	hash_part(&sum, rc_http_header(request, "if-match"));
	hash_part(&sum, rc_http_header(request, "if-none-match"));
	hash_part(&sum, request->body);
	rc_sha256_end(&sum, hash);
}

static bool read_key(const struct rc_http_request *request, struct rc_http_response *response,
		     struct rc_routes__command *command)
{
	struct rc_bytes key = rc_http_header(request, "idempotency-key");
	const char *copy;

	if (!key.data)
		return true;
	if (!rc_idempotency_key_is_valid(key)) {
		rc_routes__refuse(response, RC_ROUTES_IDEMPOTENCY_KEY, NULL);
		return false;
	}
	copy = rc_arena_copy(request->arena, key);
	if (!copy) {
		rc_routes__failed(response, RC_ENOMEM, &(struct rc_error){.text = "no memory"});
		return false;
	}
	command->has_key = true;
	command->repeat = (struct rc_idempotency_request){
	    .actor = command->actor, .key = copy, .now_ms = command->now_ms};
	hash_request(request, command->repeat.hash);
	return true;
}

static void answer(struct rc_http_response *response, const struct rc_routes__command *command)
{
	if (command->etag[0])
		rc_http_set_header(response, "ETag", command->etag);
	if (command->is_replayed)
		rc_http_set_header(response, "Idempotency-Replayed", "true");
	rc_http_respond_json(response, command->status, rc_buf_bytes(&command->body));
}

bool rc_routes__run(struct rc_http_request *request, struct rc_http_response *response,
		    rc_routes__perform_fn *perform, void *input)
{
	const struct rc_token_holder *holder = request->principal;
	struct rc_routes__command command = {
	    .perform = perform,
	    .input = input,
	    .actor = holder->name,
	    .now_ms = rc_routes__now_ms(request),
	    .request = request,
	};
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (!read_key(request, response, &command))
		return false;
	rc_buf_init(&command.body, RC_IDEMPOTENCY_ANSWER_MAX_BYTES);
	status = rc_db_write(rc_routes__app(request)->db, execute, &command, &err);
	if (status == RC_OK)
		answer(response, &command);
	else if (status == RC_ECONFLICT && command.problem != RC_ROUTES_FINE)
		rc_routes__refuse(response, command.problem, NULL);
	else
		rc_routes__failed(response, status, &err);
	if (command.body.data)
		rc_wipe(command.body.data, command.body.size); /* it may hold an enrolment code */
	rc_buf_deinit(&command.body);
	return status == RC_OK && !command.is_replayed;
}
