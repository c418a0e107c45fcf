/* SPDX-License-Identifier: Apache-2.0 */
#include "server/routes/openapi.h"

#include "server/routes/routes_priv.h"

void rc_routes__get_openapi(struct rc_http_request *request, struct rc_http_response *response)
{
	(void)request;
	rc_http_respond_lent(response, 200, "application/json",
			     rc_bytes_of(rc_routes__openapi, rc_routes__openapi_size), NULL, NULL);
}
