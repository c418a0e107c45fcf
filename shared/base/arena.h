/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_ARENA_H
#define RC_BASE_ARENA_H
/*
 * Memory that lives as long as one piece of work (a request, a file) and goes in one call. One thread at a time.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

struct rc_arena_block;

struct rc_arena {
	struct rc_arena_block *blocks; /* newest first */
	size_t used;                   /* bytes handed out */
	size_t max;                    /* never more than this many bytes */
};

/* An empty arena that will hand out at most `max` bytes. Allocates nothing. */
void rc_arena_init(struct rc_arena *arena, size_t max);

/* Frees everything that was handed out; the arena can be used again. */
void rc_arena_deinit(struct rc_arena *arena);

/* Takes back everything that was handed out but keeps the first block, for the next piece of work. */
void rc_arena_clear(struct rc_arena *arena);

/* Zeroed memory for any type, or NULL when the maximum or the machine's memory is reached. */
RC_CHECKED void *rc_arena_alloc(struct rc_arena *arena, size_t size);

/* A copy with a NUL behind it, or NULL as above. */
RC_CHECKED char *rc_arena_copy(struct rc_arena *arena, struct rc_bytes bytes);
RC_CHECKED char *rc_arena_printf(struct rc_arena *arena, const char *fmt, ...) RC_PRINTF(2, 3);

#endif
