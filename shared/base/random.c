/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void rc_random(void *data, size_t size)
{
	uint8_t *to = data;

	while (size > 0) {
		ssize_t n = getrandom(to, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort();
		to += n;
		size -= (size_t)n;
	}
}

uint32_t rc_random_below(uint32_t bound)
{
	uint32_t limit;
	uint32_t value;

	assert(bound > 0);
	limit = UINT32_MAX - UINT32_MAX % bound; /* values above would favour small results */
	do {
		rc_random(&value, sizeof(value));
	} while (value >= limit);
	return value % bound;
}
