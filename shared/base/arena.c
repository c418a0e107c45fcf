/* SPDX-License-Identifier: Apache-2.0 */
/* A list of blocks; the newest is filled until it can't take the next request. What is left of a block is not used again. */
#include "shared/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BLOCK_BYTES                                                                          \
	1024u /* enough for a small request, and thousands of them may wait at once */
#define BLOCK_BYTES 4096u

struct rc_arena_block {
	struct rc_arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) uint8_t data[];
};

void rc_arena_init(struct rc_arena *arena, size_t max)
{
	*arena = (struct rc_arena){.max = max};
}

void rc_arena_deinit(struct rc_arena *arena)
{
	struct rc_arena_block *block = arena->blocks;

	while (block) {
		struct rc_arena_block *next = block->next;

		free(block);
		block = next;
	}
	rc_arena_init(arena, arena->max);
}

void rc_arena_clear(struct rc_arena *arena)
{
	struct rc_arena_block *block = arena->blocks;

	while (block && block->next) {
		struct rc_arena_block *next = block->next;

		free(block);
		block = next;
	}
	if (block && block->size > BLOCK_BYTES) { /* made for one large request */
		free(block);
		block = NULL;
	}
	if (block) {
		memset(block->data, 0, block->used);
		block->used = 0;
	}
	*arena = (struct rc_arena){.blocks = block, .max = arena->max};
}

static struct rc_arena_block *block_with_room(struct rc_arena *arena, size_t size)
{
	struct rc_arena_block *block = arena->blocks;
	size_t usual = block ? BLOCK_BYTES : FIRST_BLOCK_BYTES;
	size_t block_size = size > usual ? size : usual;

	if (block && block->size - block->used >= size)
		return block;
	block = calloc(1, sizeof(*block) + block_size);
	if (!block)
		return NULL;
	block->size = block_size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *rc_arena_alloc(struct rc_arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct rc_arena_block *block;
	void *memory;

	if (size > arena->max - arena->used || size > PTRDIFF_MAX) /* so that no sum below wraps */
		return NULL;
	size = (size + align - 1) / align * align;
	block = block_with_room(arena, size);
	if (!block)
		return NULL;
	memory = block->data + block->used;
	block->used += size;
	arena->used = arena->used + size < arena->max ? arena->used + size : arena->max;
	return memory;
}

char *rc_arena_copy(struct rc_arena *arena, struct rc_bytes bytes)
{
	char *copy = bytes.size < SIZE_MAX ? rc_arena_alloc(arena, bytes.size + 1) : NULL;

	if (copy && bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return copy;
}

char *rc_arena_printf(struct rc_arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, fmt);
	size = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (size < 0)
		return NULL;
	text = rc_arena_alloc(arena, (size_t)size + 1);
	if (!text)
		return NULL;
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)size + 1, fmt, args);
	va_end(args);
	return text;
}
