/* SPDX-License-Identifier: Apache-2.0 */
/* What whoever watches the server asks: numbers, whether it runs, whether it can work. */
#include "server/routes/routes_priv.h"

#define METRICS_MAX_BYTES (256u * 1024u)

static void get_metrics(struct rc_http_request *request, struct rc_http_response *response)
{
	struct rc_error err = {.text = ""};
	struct rc_buf text;
	enum rc_status status;

	rc_buf_init(&text, METRICS_MAX_BYTES);
	status = rc_metrics_write(rc_routes__app(request)->metrics, &text, &err);
	if (status == RC_OK)
		rc_http_respond_owned(response, 200, RC_METRICS_CONTENT_TYPE, &text);
	else
		rc_routes__failed(response, status, &err);
	rc_buf_deinit(&text);
}

const struct rc_http_route rc_routes_operations[] = {
    {.operation = "getMetrics", .method = "GET", .path = "/metrics", .handle = get_metrics},
    {.operation = "getLivez", .method = "GET", .path = "/livez", .is_quick = true, .handle = rc_routes__get_livez},
    {.operation = "getReadyz", .method = "GET", .path = "/readyz", .handle = rc_routes__get_readyz},
};
const size_t rc_routes_operations_count =
    sizeof(rc_routes_operations) / sizeof(rc_routes_operations[0]);
