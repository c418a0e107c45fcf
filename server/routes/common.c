/* SPDX-License-Identifier: Apache-2.0 */
#include "server/routes/routes_priv.h"

#include "shared/base/log.h"

#define RETRY_S 5u

void rc_routes__failed(struct rc_http_response *response, enum rc_status status,
		       const struct rc_error *err)
{
	rc_log(RC_LOG_ERROR, "request failed", "operation", response->request->route->operation,
	       "request", response->request->request_id, "error", err->text, NULL);
	if (status == RC_EIO || status == RC_EBUSY || status == RC_ENOMEM) {
		rc_http_problem(response, 503, "unavailable", "Not available right now",
				"暂时不可用", NULL);
		rc_http_retry_after(response, RETRY_S);
		return;
	}
	rc_http_problem(response, 500, "internal", "Something went wrong here", "服务器内部出错", NULL);
}

void rc_routes__respond_json(struct rc_http_response *response, struct rc_buf *json)
{
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_buf_status(json, &err);

	if (status == RC_OK)
		rc_http_respond_json(response, 200, rc_buf_bytes(json));
	else
		rc_routes__failed(response, status, &err);
}

bool rc_routes__query_number(const struct rc_http_request *request, const char *name,
			     struct rc_routes__range range, unsigned *value)
{
	struct rc_bytes text = rc_http_query(request, name);
	unsigned number = 0;

	if (!text.data)
		return true;
	if (text.size == 0 || text.size > 6)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text.data[i] - '0');
	}
	*value = number;
	return number >= range.min && number <= range.max;
}

void rc_routes__refuse_parameter(struct rc_http_response *response, const char *name)
{
	rc_routes__refuse(response, RC_ROUTES_PARAMETER, name);
}
