/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_STAGE_H
#define RC_SCREEN_STAGE_H
/* What every part of the screen needs to know besides the model. Owned by the app; the parts borrow it for good. */
#include "firmware/screen/layout.h"

struct rc_stage {
	struct rc_layout layout; /* of the window's present size */
	bool is_dark;
	bool is_still; /* no motion: a screenshot, or gtk-enable-animations is off */
};

/* The token's colour in the stage's theme. */
static inline const struct rc_rgba *rc_stage_colour(const struct rc_stage *stage, enum rc_colour colour)
{
	return &rc_token_colours[stage->is_dark][colour];
}

#endif
