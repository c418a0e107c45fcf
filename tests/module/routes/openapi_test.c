/* SPDX-License-Identifier: Apache-2.0 */
/* The interface's description against the table of routes: neither says what the other doesn't. */
#include "tests/module/routes/office.h"

#include "server/inbox/inbox.h"
#include "shared/json/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define METHODS 5u
static const char *const methods[METHODS] = {"get", "put", "post", "patch", "delete"};

static const struct rc_http_route *find_openapi(void)
{
	return office_route(rc_routes_people, rc_routes_people_count, "getOpenapi");
}

/* The description as the program serves it. */
static struct rc_json *read_served(struct office *office)
{
	struct rc_json *json = NULL;
	struct visit visit;
	struct rc_error err = {.text = ""};

	visit_begin(&visit, office, find_openapi());
	visit.request.route->handle(&visit.request, &visit.response);
	assert_int_equal(visit.response.status, 200);
	if (rc_json_parse(visit.response.lent, &json, &err) != RC_OK)
		fail_msg("%s", err.text);
	visit_end(&visit);
	return json;
}

static const struct rc_json_value *paths_of(const struct rc_json *json)
{
	const struct rc_json_value *paths = rc_json_find(rc_json_root(json), "paths");

	assert_non_null(paths);
	return paths;
}

static const struct rc_json_value *operation_of(const struct rc_json *json,
						const struct rc_http_route *route)
{
	const struct rc_json_value *path = rc_json_find(paths_of(json), route->path);
	char method[8] = "";

	for (size_t i = 0; route->method[i] && i < sizeof(method) - 1; i++)
		method[i] = (char)tolower((unsigned char)route->method[i]);
	return path ? rc_json_find(path, method) : NULL;
}

static void each_route_is_described_under_its_name_and_role(void **state)
{
	struct rc_json *json = read_served(*state);

	for (size_t i = 0; i < rc_routes_people_count; i++) {
		const struct rc_http_route *route = &rc_routes_people[i];
		const struct rc_json_value *operation = operation_of(json, route);
		const char *role = route->permissions & RC_ROUTES_PUBLIC  ? "public"
				   : route->permissions == RC_ROUTES_READ ? "reader"
									  : "operator";

		if (!operation)
			fail_msg("%s %s isn't described", route->method, route->path);
		assert_true(rc_bytes_is_text(rc_json_text(rc_json_find(operation, "operationId")),
					     route->operation));
		assert_true(
		    rc_bytes_is_text(rc_json_text(rc_json_find(operation, "x-rollcall-role")), role));
		/* Only public operations lift the document's rule that a token is needed. */
		assert_int_equal(rc_json_find(operation, "security") != NULL,
				 (route->permissions & RC_ROUTES_PUBLIC) != 0);
		assert_int_equal(rc_json_find(operation, "requestBody") != NULL,
				 route->max_body_bytes > 0);
	}
	rc_json_free(json);
}

static size_t count_operations(const struct rc_json_value *path)
{
	size_t count = 0;

	for (size_t i = 0; i < METHODS; i++)
		count += rc_json_find(path, methods[i]) != NULL;
	return count;
}

/* Each route has one operation and they all differ, so equal numbers leave none that isn't served. */
static void nothing_is_described_that_is_not_served(void **state)
{
	struct rc_json *json = read_served(*state);
	const struct rc_json_value *path = NULL;
	const char *key = NULL;
	size_t count = 0;

	while (rc_json_next(paths_of(json), &key, &path)) {
		assert_int_equal(count_operations(path), rc_json_count(path));
		count += count_operations(path);
	}
	assert_int_equal(count, rc_routes_people_count);
	rc_json_free(json);
}

static void what_is_served_is_the_file_in_the_sources(void **state)
{
	struct rc_json *served = read_served(*state), *written = NULL;
	struct rc_buf file, left, right;
	char path[512];
	FILE *stream;
	char piece[4096];
	size_t size;

	(void)snprintf(path, sizeof(path), "%s/docs/api/openapi.json", getenv("RC_SOURCE"));
	rc_buf_init(&file, RC_JSON_MAX_BYTES);
	rc_buf_init(&left, RC_JSON_MAX_BYTES);
	rc_buf_init(&right, RC_JSON_MAX_BYTES);
	stream = fopen(path, "rb");
	assert_non_null(stream);
	while ((size = fread(piece, 1, sizeof(piece), stream)) > 0)
		rc_buf_append(&file, piece, size);
	(void)fclose(stream);
	assert_int_equal(rc_json_parse(rc_buf_bytes(&file), &written, NULL), RC_OK);
	rc_json_append_value(&left, rc_json_root(served));
	rc_json_append_value(&right, rc_json_root(written));
	assert_int_equal(rc_buf_status(&left, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&left), rc_buf_text(&right));
	rc_buf_deinit(&file);
	rc_buf_deinit(&left);
	rc_buf_deinit(&right);
	rc_json_free(served);
	rc_json_free(written);
}

/* The kinds that a client may filter by are those that have a text. */
static void each_kind_of_the_inbox_is_described_and_no_other(void **state)
{
	struct rc_json *json = read_served(*state);
	const struct rc_json_value *kinds = rc_json_root(json);
	static const char *const way[] = {"components", "schemas", "InboxEntry",
					  "properties", "kind",    "enum"};

	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		kinds = rc_json_find(kinds, way[i]);
	assert_int_equal(rc_json_count(kinds), rc_inbox_kind_count);
	for (size_t i = 0; i < rc_inbox_kind_count; i++) {
		bool is_there = false;

		for (size_t j = 0; j < rc_json_count(kinds); j++)
			is_there = is_there || rc_bytes_is_text(rc_json_text(rc_json_at(kinds, j)),
								rc_inbox_kinds[i].name);
		if (!is_there)
			fail_msg("%s isn't described", rc_inbox_kinds[i].name);
	}
	rc_json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_route_is_described_under_its_name_and_role),
	    cmocka_unit_test(nothing_is_described_that_is_not_served),
	    cmocka_unit_test(each_kind_of_the_inbox_is_described_and_no_other),
	    cmocka_unit_test(what_is_served_is_the_file_in_the_sources),
	};

	return cmocka_run_group_tests(tests, office_set_up, office_tear_down);
}
