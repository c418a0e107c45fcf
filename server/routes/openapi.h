/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ROUTES_OPENAPI_H
#define RC_ROUTES_OPENAPI_H
/* docs/api/openapi.json, as it was when this was built (embed.py). */
#include <stddef.h>

extern const unsigned char rc_routes__openapi[];
extern const size_t rc_routes__openapi_size;

#endif
