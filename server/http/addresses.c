/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table of the addresses that have a connection now. It never holds more entries than there are connections, so chains
 * stay short enough even for a peer who chooses addresses that collide.
 */
#include "server/http/http_priv.h"

#include <netinet/in.h>
#include <stdlib.h>

/* IPv4 as ::ffff:a.b.c.d; of an IPv6 address the half that a host can't choose. */
static void make_key(const struct sockaddr *from, uint8_t key[16])
{
	memset(key, 0, 16);
	if (from->sa_family == AF_INET6) {
		const struct in6_addr *address =
		    &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;

		memcpy(key, address, IN6_IS_ADDR_V4MAPPED(address) ? 16 : 8);
	} else if (from->sa_family == AF_INET) {
		key[10] = key[11] = 0xff;
		memcpy(key + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	}
}

static struct rc_http__address **bucket_of(struct rc_http__addresses *addresses, const uint8_t key[16])
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < 16; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return &addresses->buckets[(hash ^ (hash >> 16)) % 1024];
}

struct rc_http__address *rc_http__addresses_enter(struct rc_http__addresses *addresses,
						  const struct sockaddr *from)
{
	uint8_t key[16];
	struct rc_http__address **bucket, *address;

	make_key(from, key);
	bucket = bucket_of(addresses, key);
	for (address = *bucket; address; address = address->next)
		if (memcmp(address->key, key, sizeof(key)) == 0)
			break;
	if (!address) {
		address = calloc(1, sizeof(*address));
		if (!address)
			return NULL;
		memcpy(address->key, key, sizeof(key));
		address->next = *bucket;
		*bucket = address;
	}
	address->connections++;
	return address;
}

void rc_http__addresses_leave(struct rc_http__addresses *addresses, struct rc_http__address *address)
{
	struct rc_http__address **link = bucket_of(addresses, address->key);

	if (--address->connections > 0)
		return;
	while (*link != address)
		link = &(*link)->next;
	*link = address->next;
	free(address);
}
