/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing that somebody made up opens, and what is sealed opens again to what it was but for spaces at its end. */
#include "shared/crypto/key.h"
#include "shared/sealing/to_server.h"

#include <stdlib.h>

#define PLAIN_MAX_BYTES 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One pair for all runs: making it costs more than all the rest. */
static struct rc_key *server_key(uint8_t point[RC_KEY_POINT_BYTES])
{
	static struct rc_key *key;

	if (!key && rc_key_new(&key, NULL) != RC_OK)
		abort();
	if (rc_key_public_point(key, point, NULL) != RC_OK)
		abort();
	return key;
}

static void check_round(struct rc_key *key, const uint8_t point[RC_KEY_POINT_BYTES], struct rc_bytes plain)
{
	const struct rc_seal_place place = {.table = "claim", .ref = {7}, .version = 1};
	struct rc_buf sealed, opened;

	rc_buf_init(&sealed, PLAIN_MAX_BYTES + RC_TO_SERVER_OVERHEAD_BYTES + RC_SEAL_PAD_BYTES);
	rc_buf_init(&opened, PLAIN_MAX_BYTES + RC_SEAL_PAD_BYTES);
	if (rc_seal_to_server(point, &place, plain, &sealed, NULL) != RC_OK ||
	    rc_unseal_at_server(key, &place, rc_buf_bytes(&sealed), &opened, NULL) != RC_OK)
		abort();
	while (plain.size > 0 && plain.data[plain.size - 1] == ' ')
		plain.size--;
	if (!rc_bytes_equal(rc_buf_bytes(&opened), plain))
		abort();
	rc_buf_deinit(&sealed);
	rc_buf_deinit(&opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rc_seal_place place = {.table = "claim", .version = 1};
	uint8_t point[RC_KEY_POINT_BYTES];
	struct rc_key *key = server_key(point);
	struct rc_buf plain;

	if (size > PLAIN_MAX_BYTES)
		return 0;
	rc_buf_init(&plain, PLAIN_MAX_BYTES);
	if (rc_unseal_at_server(key, &place, rc_bytes_of(data, size), &plain, NULL) == RC_OK ||
	    plain.size > 0)
		abort();
	rc_buf_deinit(&plain);
	check_round(key, point, rc_bytes_of(data, size));
	return 0;
}
