/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_KEYPAD_H
#define RC_SCREEN_KEYPAD_H
/*
 * Where a sheet lies and, on the one for staff numbers, where each key is. A sheet takes the panel's place and no more: the camera
 * and the rows beside it stay as they are, for the next badge is held up while somebody types. Pure; any thread. px.
 */
#include "firmware/screen/layout.h"
#include "firmware/screen/view.h"

#define RC_KEYPAD_KEYS_MAX 30u

struct rc_keypad_key {
	enum rc_view_touch touch; /* RC_VIEW_TOUCH_KEY, or delete, letters, digits */
	char key;                 /* of RC_VIEW_TOUCH_KEY */
	struct rc_box box;
};

struct rc_keypad {
	struct rc_box head; /* what is asked, and what was typed */
	struct rc_keypad_key keys[RC_KEYPAD_KEYS_MAX];
	size_t count;
};

/* The box of any sheet. */
struct rc_box rc_sheet_box(const struct rc_layout *layout);

/* The space between a sheet's edge and what it holds. */
int rc_sheet_pad(const struct rc_layout *layout);

/* The keys of a page: 3 by 4 with the digits, 6 by 5 with the letters. On a small panel the digits stand beside the head. */
void rc_keypad_of(const struct rc_layout *layout, bool has_letters, struct rc_keypad *keypad);

#endif
