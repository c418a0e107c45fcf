/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole numbers only: a request is a minute's worth of milliseconds, so that a millisecond fills a bucket by `per_minute` units and
 * nothing is ever rounded. A bucket is looked for in a few neighbouring places; it is there, or one of them is given to it.
 */
#include "server/limits/limits.h"

#include "shared/base/random.h"
#include "shared/crypto/hash.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#define REQUEST     INT64_C(60000) /* units of one request */
#define PLACES      8u             /* where a bucket may lie */
#define NAME_BYTES  16u
#define SECOND_MS   INT64_C(1000)
#define IPV6_PREFIX 8u

struct bucket {
	uint8_t name[NAME_BYTES];
	int64_t units; /* at `at_ms` */
	int64_t at_ms; /* of the last request */
	bool is_used;
};

struct rc_limits {
	int64_t per_ms;
	int64_t brim; /* units of a full bucket */
	uint8_t key[RC_SHA256_BYTES];
	pthread_mutex_t lock; /* of all buckets */
	struct bucket buckets[RC_LIMITS_BUCKETS];
};

struct rc_limits *rc_limits_new(const struct rc_limits_rate *rate)
{
	struct rc_limits *limits = calloc(1, sizeof(*limits));

	if (!limits)
		return NULL;
	if (pthread_mutex_init(&limits->lock, NULL) != 0) {
		free(limits);
		return NULL;
	}
	limits->per_ms = rate->per_minute;
	limits->brim = (rate->burst > 0 ? rate->burst : 1) * REQUEST;
	rc_random(limits->key, sizeof(limits->key));
	return limits;
}

void rc_limits_free(struct rc_limits *limits)
{
	if (!limits)
		return;
	(void)pthread_mutex_destroy(&limits->lock);
	free(limits);
}

static int64_t units_at(const struct rc_limits *limits, const struct bucket *bucket, int64_t up_ms)
{
	const int64_t room = limits->brim - bucket->units;
	const int64_t passed_ms = up_ms - bucket->at_ms;

	if (!bucket->is_used)
		return limits->brim;
	if (passed_ms <= 0)
		return bucket->units;
	/* Compared before it is multiplied: a year's worth would be too much for a number. */
	return passed_ms > room / limits->per_ms ? limits->brim
						 : bucket->units + passed_ms * limits->per_ms;
}

static struct bucket *find(struct rc_limits *limits, const uint8_t name[RC_SHA256_BYTES], int64_t up_ms)
{
	/* The place comes of other bytes of the hash than the name. */
	const size_t first = ((size_t)name[NAME_BYTES] << 8 | name[NAME_BYTES + 1]) % RC_LIMITS_BUCKETS;
	struct bucket *fullest = NULL;

	for (size_t i = 0; i < PLACES; i++) {
		struct bucket *bucket = &limits->buckets[(first + i) % RC_LIMITS_BUCKETS];

		if (bucket->is_used && memcmp(bucket->name, name, NAME_BYTES) == 0)
			return bucket;
		if (!fullest || units_at(limits, bucket, up_ms) > units_at(limits, fullest, up_ms))
			fullest = bucket;
	}
	*fullest = (struct bucket){.units = limits->brim, .at_ms = up_ms, .is_used = true};
	memcpy(fullest->name, name, NAME_BYTES);
	return fullest;
}

static unsigned wait_s(const struct rc_limits *limits, int64_t missing)
{
	const int64_t wait_ms = (missing + limits->per_ms - 1) / limits->per_ms;

	return (unsigned)((wait_ms + SECOND_MS - 1) / SECOND_MS);
}

unsigned rc_limits_take(struct rc_limits *limits, struct rc_bytes who, int64_t up_ms)
{
	uint8_t name[RC_SHA256_BYTES];
	struct bucket *bucket;
	unsigned wait = 0;

	if (!limits || limits->per_ms == 0)
		return 0;
	rc_hmac_sha256(rc_bytes_of(limits->key, sizeof(limits->key)), who, name);
	(void)pthread_mutex_lock(&limits->lock);
	bucket = find(limits, name, up_ms);
	bucket->units = units_at(limits, bucket, up_ms);
	if (up_ms > bucket->at_ms)
		bucket->at_ms = up_ms;
	if (bucket->units >= REQUEST)
		bucket->units -= REQUEST;
	else
		wait = wait_s(limits, REQUEST - bucket->units);
	(void)pthread_mutex_unlock(&limits->lock);
	return wait;
}

unsigned rc_limits_take_address(struct rc_limits *limits, const char *address, int64_t up_ms)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	uint8_t octets[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, address, octets) == 1)
		return rc_limits_take(limits, rc_bytes_of(octets, 4), up_ms);
	if (inet_pton(AF_INET6, address, octets) != 1)
		return rc_limits_take(limits, rc_bytes_of_text(address), up_ms);
	if (memcmp(octets, mapped, sizeof(mapped)) == 0)
		return rc_limits_take(limits, rc_bytes_of(octets + sizeof(mapped), 4), up_ms);
	return rc_limits_take(limits, rc_bytes_of(octets, IPV6_PREFIX), up_ms);
}
