/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/parse.h"

#include "shared/base/bytes.h"
#include "shared/base/timestamp.h"
#include "shared/crypto/host.h"

#define DURATION_MAX_MS (366 * RC_DAY_MS)

/* Plain digits up to `max`; false for anything else. */
static bool read_number(struct rc_bytes text, int64_t max, int64_t *number)
{
	int64_t value = 0;

	if (text.size == 0 || text.size > 9)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (text.data[i] - '0');
	}
	*number = value;
	return value <= max;
}

/* Cuts `[host]:port` or `host:port`. */
static bool split(struct rc_bytes text, struct rc_bytes *host, struct rc_bytes *port)
{
	size_t colon = text.size;

	while (colon > 0 && text.data[colon - 1] != ':')
		colon--;
	if (colon < 2)
		return false;
	*port = rc_bytes_of(text.data + colon, text.size - colon);
	*host = rc_bytes_of(text.data, colon - 1);
	if (host->data[0] != '[')
		return true;
	if (host->size < 3 || host->data[host->size - 1] != ']')
		return false;
	*host = rc_bytes_of(host->data + 1, host->size - 2);
	return true;
}

static void judge_address(const uint8_t address[16], struct rc_endpoint *endpoint)
{
	static const uint8_t zeros[16];

	endpoint->is_wildcard = memcmp(address, zeros, endpoint->is_ipv6 ? 16 : 4) == 0;
	endpoint->is_loopback = endpoint->is_ipv6 ? memcmp(address, zeros, 15) == 0 && address[15] == 1
						  : address[0] == 127;
}

enum rc_status rc_endpoint_parse(const char *text, struct rc_endpoint *endpoint, struct rc_error *err)
{
	struct rc_endpoint read = {.port = 0};
	struct rc_bytes host, port;
	uint8_t address[16];
	enum rc_host kind = RC_HOST_INVALID;
	int64_t number = 0;

	if (split(rc_bytes_of_text(text), &host, &port) && read_number(port, UINT16_MAX, &number) &&
	    rc_bytes_copy_text(host, read.host, sizeof(read.host)))
		kind = rc_host_read(host, address);
	if ((kind != RC_HOST_IPV4 && kind != RC_HOST_IPV6) || (kind == RC_HOST_IPV6) != (text[0] == '['))
		return rc_fail(err, RC_EUSAGE, "%s is no ADDRESS:PORT such as 127.0.0.1:8080 or [::]:8443, with a port from 0 to 65535",
			       text);
	read.port = (uint16_t)number;
	read.is_ipv6 = kind == RC_HOST_IPV6;
	judge_address(address, &read);
	*endpoint = read;
	return RC_OK;
}

enum rc_status rc_duration_parse(const char *text, int64_t *ms, struct rc_error *err)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = {{'s', RC_SECOND_MS}, {'m', RC_MINUTE_MS}, {'h', RC_HOUR_MS}, {'d', RC_DAY_MS}};
	size_t size = strlen(text);
	int64_t number;

	for (size_t i = 0; size > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[size - 1] != units[i].letter)
			continue;
		if (!read_number(rc_bytes_of(text, size - 1), DURATION_MAX_MS / units[i].ms, &number) ||
		    number == 0)
			break;
		*ms = number * units[i].ms;
		return RC_OK;
	}
	return rc_fail(err, RC_EUSAGE, "%s is no time such as 10m, 2h or 7d", text);
}
