/* SPDX-License-Identifier: Apache-2.0 */
/* Seals a staff number as a kiosk does: `rollcall-seal-number PUBLIC_KEY_HEX CLAIM_UUID NUMBER`, hex on stdout. For tests. */
#include "shared/base/encode.h"
#include "shared/base/id.h"
#include "shared/sealing/to_server.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct rc_seal_place place = {.table = "claim", .version = 1};
	uint8_t server[RC_TO_SERVER_PUBLIC_BYTES];
	char hex[2048];
	struct rc_buf sealed;
	struct rc_id claim;

	rc_buf_init(&sealed, sizeof(hex) / 2 - 1);
	if (argc != 4 || rc_hex_decode(rc_bytes_of_text(argv[1]), server, sizeof(server)) != RC_OK ||
	    rc_id_parse(rc_bytes_of_text(argv[2]), &claim) != RC_OK)
		return 2;
	memcpy(place.ref, claim.octets, sizeof(place.ref));
	if (rc_seal_to_server(server, &place, rc_bytes_of_text(argv[3]), &sealed, NULL) != RC_OK)
		return 1;
	rc_hex_encode(rc_buf_bytes(&sealed), hex);
	puts(hex);
	rc_buf_deinit(&sealed);
	return 0;
}
