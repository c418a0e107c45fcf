/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/arena.h"
#include "testing.h"

static void memory_is_zeroed_and_aligned_for_any_type(void **state)
{
	struct rc_arena arena;

	(void)state;
	rc_arena_init(&arena, 1u << 20);
	for (size_t size = 1; size < 6000; size += 97) {
		uint8_t *memory = rc_arena_alloc(&arena, size);

		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xAA, size);
	}
	rc_arena_deinit(&arena);
}

static void pieces_never_overlap(void **state)
{
	struct rc_arena arena;
	uint8_t *pieces[200];

	(void)state;
	rc_arena_init(&arena, 1u << 20);
	for (size_t i = 0; i < RC_COUNT(pieces); i++) {
		pieces[i] = rc_arena_alloc(&arena, 100);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)i, 100);
	}
	for (size_t i = 0; i < RC_COUNT(pieces); i++) {
		assert_int_equal(pieces[i][0], i);
		assert_int_equal(pieces[i][99], i);
	}
	rc_arena_deinit(&arena);
}

static void the_maximum_is_reached_and_not_passed(void **state)
{
	struct rc_arena arena;

	(void)state;
	rc_arena_init(&arena, 100);
	assert_non_null(rc_arena_alloc(&arena, 100));
	assert_null(rc_arena_alloc(&arena, 1));
	rc_arena_deinit(&arena);

	assert_null(rc_arena_alloc(&arena, 101));
	assert_non_null(rc_arena_alloc(&arena, 50));
	assert_null(rc_arena_alloc(&arena, 51));
	rc_arena_deinit(&arena);
}

static void a_size_that_would_overflow_gives_nothing(void **state)
{
	struct rc_arena arena;

	(void)state;
	rc_arena_init(&arena, SIZE_MAX);
	assert_null(rc_arena_alloc(&arena, SIZE_MAX));
	assert_null(rc_arena_alloc(&arena, SIZE_MAX - 20));
	rc_arena_deinit(&arena);
}

static void copies_hold_every_byte_and_are_ended(void **state)
{
	struct rc_arena arena;
	char *copy;

	(void)state;
	rc_arena_init(&arena, 1000);
	copy = rc_arena_copy(&arena, rc_bytes_of("a\0b", 3));
	assert_memory_equal(copy, "a\0b", 4);
	copy = rc_arena_copy(&arena, rc_bytes_of(NULL, 0));
	assert_string_equal(copy, "");
	copy = rc_arena_printf(&arena, "%s-%03d", "kiosk", 7);
	assert_string_equal(copy, "kiosk-007");
	assert_null(rc_arena_printf(&arena, "%2000d", 1));
	rc_arena_deinit(&arena);
}

static void a_cleared_arena_hands_out_the_same_block_zeroed(void **state)
{
	struct rc_arena arena;
	char *first, *again;

	(void)state;
	rc_arena_init(&arena, 100000);
	first = rc_arena_alloc(&arena, 200);
	assert_non_null(first);
	memset(first, 'x', 200);
	assert_non_null(rc_arena_alloc(&arena, 50000));
	rc_arena_clear(&arena);
	assert_int_equal(arena.used, 0);
	again = rc_arena_alloc(&arena, 200);
	assert_ptr_equal(again, first);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(again[i], 0);
	rc_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
	    cmocka_unit_test(pieces_never_overlap),
	    cmocka_unit_test(the_maximum_is_reached_and_not_passed),
	    cmocka_unit_test(a_size_that_would_overflow_gives_nothing),
	    cmocka_unit_test(copies_hold_every_byte_and_are_ended),
	    cmocka_unit_test(a_cleared_arena_hands_out_the_same_block_zeroed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
