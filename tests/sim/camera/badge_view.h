/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SIM_BADGE_VIEW_H
#define RC_SIM_BADGE_VIEW_H
/*
 * What a kiosk's camera would see: a wall, somebody in front of it, and a badge held up, with the faults of a lens, a lamp
 * and a cheap sensor. Grey frames.
 *
 * Deterministic: the same card and view give the same bytes on one machine. While the badge is held still (`nearness` 1),
 * every seed of every difficulty can be read by plain zbar at 640×480 and more, for codes up to version 4; a test says so.
 * Pure; any thread; takes memory for one working copy while it draws.
 */
#include "shared/base/status.h"
#include "shared/qr/qr.h"

#include <stdint.h>

/* A badge as a flat grey picture, and where its code lies in it (without the quiet zone). */
struct rc_badge_card {
	uint8_t *pixels; /* rows from above; owned by whoever made the card */
	unsigned width, height;
	double code_x, code_y, code_side; /* middle and side of the code, pixels */
};

enum rc_badge_difficulty {
	RC_BADGE_PLAIN,  /* upright, well lit */
	RC_BADGE_TURNED, /* any side up, and up to 25 degrees off it */
	RC_BADGE_TILTED, /* held askew: perspective, a little turned */
	RC_BADGE_DIM,    /* little and uneven light, much noise */
	RC_BADGE_MIXED,  /* some of everything */
	RC_BADGE_DIFFICULTIES,
};

struct rc_badge_view {
	unsigned width, height; /* of the frame: 640 × 480, 1280 × 720 … */
	uint64_t seed;          /* who stands there, how the badge is held, the light */
	uint64_t frame;         /* only the noise and a small tremble change with it */
	enum rc_badge_difficulty difficulty;
	double nearness; /* 0: the badge is out of sight below; 1: held still; between: on its way, blurred */
};

/* A card that is only a code with its quiet zone and a margin. RC_ENOMEM; free `pixels`. */
RC_CHECKED enum rc_status rc_badge_card_of_qr(const struct rc_qr *qr, struct rc_badge_card *card,
					      struct rc_error *err);

/* Draws the badge's view, or the room with nobody in it, into width × height pixels. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_badge_view_draw(const struct rc_badge_card *card,
					     const struct rc_badge_view *view, uint8_t *pixels);
RC_CHECKED enum rc_status rc_badge_view_draw_empty(const struct rc_badge_view *view, uint8_t *pixels);

#endif
