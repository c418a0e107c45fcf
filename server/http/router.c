/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes are sorted once, literal segments before parameters before `*`, and tried in that order: the first whose path and
 * method fit is the most exact one. A table has a hundred rows or so, and most are left at their first segment.
 */
#include "server/http/http_priv.h"

#include <stdlib.h>

struct rc_http__entry {
	const struct rc_http_route *route;
	enum rc_http_method method;
};

/* A walk over the segments of a path. */
struct segments {
	struct rc_bytes rest; /* begins with the '/' of the next segment; empty at the end */
};

static bool next_segment(struct segments *walk, struct rc_bytes *segment)
{
	const uint8_t *slash;

	if (walk->rest.size == 0)
		return false;
	slash = memchr(walk->rest.data + 1, '/', walk->rest.size - 1);
	segment->data = walk->rest.data + 1;
	segment->size = slash ? (size_t)(slash - walk->rest.data - 1) : (size_t)(walk->rest.size - 1);
	walk->rest =
	    rc_bytes_of(walk->rest.data + 1 + segment->size, walk->rest.size - 1 - segment->size);
	return true;
}

static bool is_param(struct rc_bytes segment)
{
	return segment.size > 2 && segment.data[0] == '{' && segment.data[segment.size - 1] == '}';
}

static bool is_rest(struct rc_bytes segment)
{
	return rc_bytes_is_text(segment, "*");
}

static int rank(struct rc_bytes segment)
{
	return is_rest(segment) ? 2 : is_param(segment) ? 1 : 0;
}

static int compare_segments(struct rc_bytes a, struct rc_bytes b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = rank(a) - rank(b);

	if (order == 0 && rank(a) == 0)
		order = size ? memcmp(a.data, b.data, size) : 0;
	if (order == 0 && rank(a) == 0)
		order = a.size < b.size ? -1 : a.size > b.size;
	return order;
}

static int compare_entries(const void *left, const void *right)
{
	const struct rc_http__entry *a = left, *b = right;
	struct segments walk_a = {rc_bytes_of_text(a->route->path)};
	struct segments walk_b = {rc_bytes_of_text(b->route->path)};
	struct rc_bytes segment_a = {0}, segment_b = {0};
	bool has_a, has_b;

	do {
		int order;

		has_a = next_segment(&walk_a, &segment_a);
		has_b = next_segment(&walk_b, &segment_b);
		if (!has_a || !has_b)
			break;
		order = compare_segments(segment_a, segment_b);
		if (order != 0)
			return order;
	} while (true);
	return has_a != has_b ? (int)has_a - (int)has_b : (int)a->method - (int)b->method;
}

static bool read_method(const char *text, enum rc_http_method *method)
{
	static const enum rc_http_method known[] = {RC_HTTP_GET, RC_HTTP_POST, RC_HTTP_PUT,
						    RC_HTTP_PATCH, RC_HTTP_DELETE};

	for (size_t i = 0; text && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(text, rc_http_method_text(known[i])) == 0) {
			*method = known[i];
			return true;
		}
	return false;
}

static bool is_good_path(const char *path)
{
	struct segments walk = {rc_bytes_of_text(path ? path : "")};
	struct rc_bytes segment;
	size_t params = 0;

	if (!path || path[0] != '/')
		return false;
	while (next_segment(&walk, &segment)) {
		params += is_param(segment) || is_rest(segment);
		if (is_rest(segment) && walk.rest.size > 0)
			return false;
	}
	return params <= RC_HTTP_PARAMS_MAX;
}

static enum rc_status check_twins(const struct rc_http__router *router, struct rc_error *err)
{
	for (size_t i = 1; i < router->count; i++)
		if (compare_entries(&router->entries[i - 1], &router->entries[i]) == 0)
			return rc_fail(err, RC_EUSAGE, "two routes for %s %s",
				       router->entries[i].route->method, router->entries[i].route->path);
	return RC_OK;
}

enum rc_status rc_http__router_init(struct rc_http__router *router, const struct rc_http_route *routes,
				    size_t count, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	router->entries = calloc(count + 1, sizeof(*router->entries));
	router->count = count;
	if (!router->entries)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu routes", count);
	for (size_t i = 0; i < count && !status; i++) {
		router->entries[i].route = &routes[i];
		if (!is_good_path(routes[i].path) || !routes[i].handle ||
		    !read_method(routes[i].method, &router->entries[i].method))
			status = rc_fail(err, RC_EUSAGE, "bad route %zu (%s)", i,
					 routes[i].path ? routes[i].path : "no path");
	}
	if (!status) {
		qsort(router->entries, count, sizeof(*router->entries), compare_entries);
		status = check_twins(router, err);
	}
	if (status)
		rc_http__router_deinit(router);
	return status;
}

void rc_http__router_deinit(struct rc_http__router *router)
{
	free(router->entries);
	*router = (struct rc_http__router){0};
}

static void add_param(struct rc_http_request *request, struct rc_bytes name, struct rc_bytes value)
{
	if (request->param_count < RC_HTTP_PARAMS_MAX)
		request->params[request->param_count++] = (struct rc_http_pair){name, value};
}

/* `*` takes what is left of the path, without the '/' in front. */
static bool take_rest(struct rc_http_request *request, struct rc_bytes pattern,
		      const struct segments *path)
{
	struct rc_bytes rest = path->rest;

	if (rest.size == 0)
		return false;
	add_param(request, pattern, rc_bytes_of(rest.data + 1, rest.size - 1));
	return true;
}

static bool path_fits(const struct rc_http_route *route, struct rc_http_request *request)
{
	struct segments pattern_walk = {rc_bytes_of_text(route->path)};
	struct segments path_walk = {request->path};
	struct rc_bytes pattern, segment;

	request->param_count = 0;
	while (next_segment(&pattern_walk, &pattern)) {
		if (is_rest(pattern))
			return take_rest(request, pattern, &path_walk);
		if (!next_segment(&path_walk, &segment))
			return false;
		if (!is_param(pattern)) {
			if (!rc_bytes_equal(pattern, segment))
				return false;
			continue;
		}
		if (segment.size == 0)
			return false;
		add_param(request, rc_bytes_of(pattern.data + 1, pattern.size - 2), segment);
	}
	return path_walk.rest.size == 0;
}

const struct rc_http_route *rc_http__router_match(const struct rc_http__router *router,
						  struct rc_http_request *request, unsigned *allowed)
{
	enum rc_http_method wanted = request->method == RC_HTTP_HEAD ? RC_HTTP_GET : request->method;

	*allowed = 0;
	for (size_t i = 0; i < router->count; i++) {
		const struct rc_http__entry *entry = &router->entries[i];

		if (!path_fits(entry->route, request))
			continue;
		if (entry->method == wanted)
			return entry->route;
		*allowed |= 1u << entry->method;
	}
	request->param_count = 0;
	return NULL;
}
