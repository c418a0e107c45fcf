/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/keypad.h"
#include "testing.h"

#include <stdio.h>

static const int sizes[][2] = {{1280, 800}, {800, 480}, {1080, 1920}, {1920, 1080}, {1024, 600}};

static bool is_inside(struct rc_box outer, struct rc_box box)
{
	return box.x >= outer.x && box.y >= outer.y && box.width > 0 && box.height > 0 &&
	       box.x + box.width <= outer.x + outer.width &&
	       box.y + box.height <= outer.y + outer.height;
}

static bool do_touch(struct rc_box a, struct rc_box b)
{
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

static void assert_in_order(const struct rc_layout *layout, const struct rc_keypad *keypad)
{
	for (size_t i = 0; i < keypad->count; i++) {
		assert_true(is_inside(rc_sheet_box(layout), keypad->keys[i].box));
		assert_false(do_touch(keypad->head, keypad->keys[i].box));
		for (size_t j = 0; j < i; j++)
			assert_false(do_touch(keypad->keys[i].box, keypad->keys[j].box));
	}
	assert_true(is_inside(rc_sheet_box(layout), keypad->head));
	assert_true(is_inside(layout->panel, rc_sheet_box(layout))); /* never over camera, rows or bar */
}

static void keys_lie_in_the_sheet_and_not_over_each_other_on_any_panel(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4 * RC_COUNT(sizes); i++) {
		const int *size = sizes[i / 4];
		struct rc_keypad keypad;
		struct rc_layout layout;

		rc_layout_of(size[0], size[1], &layout);
		if (i & 1)
			rc_layout_enlarge_text(&layout);
		rc_keypad_of(&layout, i & 2, &keypad);
		assert_in_order(&layout, &keypad);
	}
}

/* Each character once, each key once; nothing that the daemon wouldn't take. */
static void assert_has_keys(bool has_letters, const char *expected)
{
	char keys[RC_KEYPAD_KEYS_MAX + 1] = "";
	size_t used = 0, others = 0;
	struct rc_keypad keypad;
	struct rc_layout layout;

	rc_layout_of(1280, 800, &layout);
	rc_keypad_of(&layout, has_letters, &keypad);
	for (size_t i = 0; i < keypad.count; i++) {
		if (keypad.keys[i].touch == RC_VIEW_TOUCH_KEY) {
			assert_true(rc_view_is_key(keypad.keys[i].key));
			keys[used++] = keypad.keys[i].key;
		} else {
			others++;
		}
	}
	assert_string_equal(keys, expected);
	assert_int_equal(others, 2); /* the other page, delete */
}

static void the_pages_have_all_keys_of_a_staff_number(void **state)
{
	(void)state;
	assert_has_keys(false, "1234567890");
	assert_has_keys(true, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
}

static void digits_are_large_enough_for_a_finger(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		struct rc_keypad keypad;
		struct rc_layout layout;

		rc_layout_of(sizes[i][0], sizes[i][1], &layout);
		rc_keypad_of(&layout, false, &keypad);
		for (size_t k = 0; k < keypad.count; k++) {
			assert_true(keypad.keys[k].box.width >= layout.size[RC_SIZE_TARGET]);
			assert_true(keypad.keys[k].box.height >= layout.size[RC_SIZE_TARGET] - 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_lie_in_the_sheet_and_not_over_each_other_on_any_panel),
	    cmocka_unit_test(the_pages_have_all_keys_of_a_staff_number),
	    cmocka_unit_test(digits_are_large_enough_for_a_finger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
