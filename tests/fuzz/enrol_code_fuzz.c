/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes inside an enrolment code, so that the fuzzer need not find base45 by itself. A code that is taken has a URL
 * whose parts stand in it, and is written back as the same bytes.
 */
#include "shared/base/encode.h"
#include "shared/credentials/credential.h"

#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX_BYTES 512u /* twice what a code may hold */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct rc_enrol_code *code, const char *text)
{
	char again[RC_ENROL_TEXT_MAX_CHARS + 1], url[RC_ENROL_URL_MAX_CHARS + 16];
	struct rc_bytes host;
	uint16_t port;

	if (rc_enrol_code_format(code, again) != RC_OK || strcmp(again, text) != 0)
		abort();
	if (!rc_enrol_url_split(rc_bytes_of_text(code->url), &host, &port))
		abort();
	(void)snprintf(url, sizeof(url),
		       memchr(host.data, ':', host.size) ? "https://[%.*s]:%u" : "https://%.*s:%u",
		       (int)host.size, (const char *)host.data, port);
	if (strcmp(url, code->url) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[5 + RC_BASE45_CHARS(INPUT_MAX_BYTES) + 1] = "RCE1:";
	struct rc_payload payload;

	if (size > INPUT_MAX_BYTES)
		return 0;
	rc_base45_encode(rc_bytes_of(data, size), text + 5);
	rc_payload_read(rc_bytes_of_text(text), &payload);
	if (payload.class == RC_PAYLOAD_RCE1)
		check(&payload.enrol, text);
	return 0;
}
