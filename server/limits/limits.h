/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_LIMITS_LIMITS_H
#define RC_LIMITS_LIMITS_H
/*
 * How often somebody may ask: a bucket of requests each (a token, an address), filled at an even rate up to its brim.
 *
 * The buckets lie in a table of a fixed size, under a hash with a random key, so that nobody can aim at another's place. Where
 * it is crowded the bucket that is nearest to full goes, which loses the least: a full one and none are the same. Knows nothing of
 * HTTP. Any thread; holds a lock for a microsecond, allocates nothing after rc_limits_new.
 */
#include "shared/base/bytes.h"
#include "shared/base/cleanup.h"
#include "shared/base/status.h"

#define RC_LIMITS_BUCKETS 8192u /* of 40 bytes: far more than tokens or offices there are */

struct rc_limits_rate {
	unsigned per_minute; /* 0: no limit */
	unsigned burst; /* what may come at once after a quiet time; at least 1 where there is a limit */
};

struct rc_limits;

/* NULL without memory. */
struct rc_limits *rc_limits_new(const struct rc_limits_rate *rate);
void rc_limits_free(struct rc_limits *limits);
RC_DEFINE_AUTO(struct rc_limits, rc_limits_free)

/*
 * Takes one request out of the bucket of `who` at `up_ms` (of a clock that doesn't jump). 0: it may pass; otherwise the seconds,
 * at least 1, after which the next one may. A NULL `limits` lets all pass.
 */
unsigned rc_limits_take(struct rc_limits *limits, struct rc_bytes who, int64_t up_ms);

/* As rc_limits_take, for a numeric address: all of an IPv6 /64 are one, and ::ffff:1.2.3.4 is 1.2.3.4. */
unsigned rc_limits_take_address(struct rc_limits *limits, const char *address, int64_t up_ms);

#endif
