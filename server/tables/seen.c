/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys are remembered by 64 bits of their SHA-256: a million rows cost 32 MB at most, and two keys that share them don't occur by
 * accident (one in 37 million for a million rows) nor can be chosen cheaply; the price of such a pair is a row refused.
 */
#include "server/tables/table.h"
#include "shared/crypto/hash.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256u

struct rc_seen_slot {
	uint64_t hash; /* never 0 in a slot that is used */
	uint64_t line;
};

void rc_seen_init(struct rc_seen *seen)
{
	memset(seen, 0, sizeof(*seen));
}

void rc_seen_deinit(struct rc_seen *seen)
{
	free(seen->slots);
	rc_seen_init(seen);
}

static struct rc_seen_slot *slot_of(const struct rc_seen *seen, uint64_t hash)
{
	size_t at = (size_t)hash & (seen->capacity - 1);

	while (seen->slots[at].hash != 0 && seen->slots[at].hash != hash)
		at = (at + 1) & (seen->capacity - 1);
	return &seen->slots[at];
}

static enum rc_status grow(struct rc_seen *seen)
{
	struct rc_seen bigger = {.capacity = seen->capacity ? seen->capacity * 2 : FIRST_CAPACITY,
				 .count = seen->count};

	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return RC_ENOMEM;
	for (size_t i = 0; i < seen->capacity; i++)
		if (seen->slots[i].hash != 0)
			*slot_of(&bigger, seen->slots[i].hash) = seen->slots[i];
	free(seen->slots);
	*seen = bigger;
	return RC_OK;
}

static uint64_t hash_of(struct rc_bytes key)
{
	uint8_t whole[RC_SHA256_BYTES];
	uint64_t hash;

	rc_sha256(key, whole);
	memcpy(&hash, whole, sizeof(hash));
	return hash ? hash : 1;
}

enum rc_status rc_seen_add(struct rc_seen *seen, struct rc_bytes key, size_t line, size_t *before)
{
	const uint64_t hash = hash_of(key);
	struct rc_seen_slot *slot;

	if ((seen->count + 1) * 2 > seen->capacity && grow(seen) != RC_OK)
		return RC_ENOMEM;
	slot = slot_of(seen, hash);
	*before = (size_t)slot->line;
	if (slot->hash == 0) {
		*slot = (struct rc_seen_slot){.hash = hash, .line = line};
		seen->count++;
	}
	return RC_OK;
}
