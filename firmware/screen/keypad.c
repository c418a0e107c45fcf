/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/keypad.h"

#include <math.h>

#define BESIDE_SHARE 0.36 /* of the width: the head, where it stands beside the keys */

/* A space stands for the key to the other page, '<' for the one that deletes. */
static const char digits[] = "123456789 0<";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ- <";

struct rc_box rc_sheet_box(const struct rc_layout *layout)
{
	int gap = layout->size[RC_SIZE_S_2];

	return (struct rc_box){gap, gap, layout->panel.width - 2 * gap, layout->panel.height - 2 * gap};
}

int rc_sheet_pad(const struct rc_layout *layout)
{
	return layout->size[RC_SIZE_S_3];
}

static struct rc_box inside_of(const struct rc_layout *layout)
{
	struct rc_box sheet = rc_sheet_box(layout);
	int pad = rc_sheet_pad(layout);

	return (struct rc_box){sheet.x + pad, sheet.y + pad, sheet.width - 2 * pad,
			       sheet.height - 2 * pad};
}

/* Cuts the head off `rest`: a column at its left, or a band at its top. */
static struct rc_box cut_head(const struct rc_layout *layout, bool is_beside, struct rc_box *rest)
{
	struct rc_box head = *rest;
	int gap = layout->size[RC_SIZE_S_2];

	if (is_beside) {
		head.width = (int)lround(BESIDE_SHARE * rest->width) - gap;
		rest->x += head.width + gap;
		rest->width -= head.width + gap;
		return head;
	}
	head.height = (int)lround(1.1 * layout->size[RC_SIZE_T_HEAD]);
	if (layout->form != RC_FORM_SMALL) /* what is asked stands above what was typed */
		head.height += (int)lround(1.3 * layout->size[RC_SIZE_T_NOTE]);
	rest->y += head.height + gap / 2;
	rest->height -= head.height + gap / 2;
	return head;
}

static struct rc_keypad_key key_of(char sign, bool has_letters)
{
	struct rc_keypad_key key = {.touch = RC_VIEW_TOUCH_KEY, .key = sign};

	if (sign == ' ')
		key = (struct rc_keypad_key){.touch = has_letters ? RC_VIEW_TOUCH_DIGITS
								  : RC_VIEW_TOUCH_LETTERS};
	else if (sign == '<')
		key = (struct rc_keypad_key){.touch = RC_VIEW_TOUCH_DELETE};
	return key;
}

void rc_keypad_of(const struct rc_layout *layout, bool has_letters, struct rc_keypad *keypad)
{
	const char *signs = has_letters ? letters : digits;
	const int columns = has_letters ? 6 : 3, rows = has_letters ? 5 : 4;
	const int gap = layout->row_gap;
	struct rc_box rest = inside_of(layout);

	*keypad = (struct rc_keypad){.count = strlen(signs)};
	keypad->head = cut_head(layout, layout->form == RC_FORM_SMALL && !has_letters, &rest);
	int width = (rest.width - (columns - 1) * gap) / columns;
	int height = (rest.height - (rows - 1) * gap) / rows;

	for (size_t i = 0; i < keypad->count; i++) {
		keypad->keys[i] = key_of(signs[i], has_letters);
		keypad->keys[i].box =
		    (struct rc_box){rest.x + (int)(i % (size_t)columns) * (width + gap),
				    rest.y + (int)(i / (size_t)columns) * (height + gap), width, height};
	}
	/* The last key takes what the last row has left: nothing but delete is wanted more than once. */
	if (keypad->count % (size_t)columns != 0)
		keypad->keys[keypad->count - 1].box.width =
		    rest.x + rest.width - keypad->keys[keypad->count - 1].box.x;
}
