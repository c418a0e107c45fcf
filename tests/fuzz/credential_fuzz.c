/* SPDX-License-Identifier: Apache-2.0 */
/* Any payload has a class, and one that is ours is written back as the very same bytes. */
#include "shared/credentials/credential.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[RC_ENROL_TEXT_MAX_CHARS + 1] = "";
	struct rc_payload payload;

	rc_payload_read(rc_bytes_of(data, size), &payload);
	if (payload.class == RC_PAYLOAD_RC1)
		rc_badge_code_format(&payload.badge, text);
	else if (payload.class == RC_PAYLOAD_RCE1 && rc_enrol_code_format(&payload.enrol, text) != RC_OK)
		abort();
	if (text[0] != '\0' && !rc_bytes_is_text(rc_bytes_of(data, size), text))
		abort();
	return 0;
}
