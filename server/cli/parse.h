/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_PARSE_H
#define RC_CLI_PARSE_H
/* Values of options and settings that are more than text or a number. Pure; any thread. */
#include "shared/base/status.h"

#include <stdint.h>

#define RC_ENDPOINT_HOST_MAX_CHARS 45u /* the longest IPv6 text */

/* Where to listen: a numeric address and a port, `127.0.0.1:8080` or `[::]:8443`. Port 0: any free one. */
struct rc_endpoint {
	char host[RC_ENDPOINT_HOST_MAX_CHARS + 1]; /* without brackets */
	uint16_t port;
	bool is_ipv6;
	bool is_loopback; /* nobody but this machine can reach it */
	bool is_wildcard; /* all addresses of this machine */
};
RC_CHECKED enum rc_status rc_endpoint_parse(const char *text, struct rc_endpoint *endpoint,
					    struct rc_error *err);

/* A time as people write it: digits and s, m, h or d: "10m", "7d". Not 0, at most a year. */
RC_CHECKED enum rc_status rc_duration_parse(const char *text, int64_t *ms, struct rc_error *err);

#endif
