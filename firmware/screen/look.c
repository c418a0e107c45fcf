/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/look.h"

#define FIELD(NAME)                                                                                \
	.field = RC_COLOUR_##NAME, .ink = RC_COLOUR_ON_##NAME, .mark = RC_COLOUR_##NAME##_MARK,    \
	.on_mark = RC_COLOUR_ON_##NAME##_MARK
#define TINT(NAME)                                                                                 \
	.field = RC_COLOUR_##NAME##_TINT, .ink = RC_COLOUR_ON_##NAME##_TINT,                       \
	.mark = RC_COLOUR_##NAME##_MARK, .on_mark = RC_COLOUR_ON_##NAME##_MARK
#define DISC(GLYPH)    .shape = RC_SHAPE_DISC, .glyph = RC_GLYPH_##GLYPH, .edge = RC_EDGE_DISC
#define RING(GLYPH)    .shape = RC_SHAPE_RING, .glyph = RC_GLYPH_##GLYPH, .edge = RC_EDGE_DISC
#define POST(GLYPH)    .shape = RC_SHAPE_POST, .glyph = RC_GLYPH_##GLYPH, .edge = RC_EDGE_POST
#define SQUARE(GLYPH)  .shape = RC_SHAPE_SQUARE, .glyph = RC_GLYPH_##GLYPH, .edge = RC_EDGE_SQUARE
#define FRAME(GLYPH)   .shape = RC_SHAPE_FRAME, .glyph = RC_GLYPH_##GLYPH, .edge = RC_EDGE_SQUARE
#define DIAMOND(GLYPH) .shape = RC_SHAPE_DIAMOND, .glyph = RC_GLYPH_##GLYPH, .edge = RC_EDGE_DIAMOND

static const struct rc_look looks[RC_VERDICT_COUNT] = {
    [RC_VERDICT_SIGNED_IN] = {DISC(TICK), FIELD(IN)},
    [RC_VERDICT_ALREADY] = {RING(TICKS), TINT(IN)},
    [RC_VERDICT_SIGNED_OUT] = {DISC(OUT), FIELD(IN)},
    [RC_VERDICT_WALK_IN] = {DISC(PLUS), FIELD(IN)},
    [RC_VERDICT_WALK_IN_WAITING] = {DIAMOND(PLUS), TINT(ASK)},
    [RC_VERDICT_CHOOSE_SESSION] = {POST(FORK), FIELD(GO)},
    [RC_VERDICT_WRONG_ROOM] = {POST(ARROW), FIELD(GO)},
    [RC_VERDICT_TOO_EARLY] = {SQUARE(CLOCK), FIELD(WAIT)},
    [RC_VERDICT_CLOSED] = {SQUARE(BAR), FIELD(WAIT)},
    [RC_VERDICT_CANCELLED] = {SQUARE(CROSS), FIELD(WAIT)},
    [RC_VERDICT_NOT_REGISTERED] = {DIAMOND(EXCL), FIELD(ASK)},
    [RC_VERDICT_UNKNOWN] = {DIAMOND(QUEST), FIELD(ASK)},
    [RC_VERDICT_REVOKED] = {DIAMOND(CROSS), FIELD(ASK)},
    [RC_VERDICT_EXPIRED] = {DIAMOND(CLOCK), FIELD(ASK)},
    [RC_VERDICT_REPLAYED] = {FRAME(AGAIN), FIELD(WAIT)},
    [RC_VERDICT_MALFORMED] = {FRAME(AGAIN), FIELD(WAIT)},
    [RC_VERDICT_CLOCK_UNSURE] = {DISC(APPROX), FIELD(IN)},
};

const struct rc_look *rc_look_of(const struct rc_view_scan *scan)
{
	static const struct rc_look late = {DISC(TICK), FIELD(LATE), .is_late = true};
	static const struct rc_look other = {
	    .shape = RC_SHAPE_NONE, .glyph = RC_GLYPH_NONE, .edge = RC_EDGE_SQUARE, TINT(WAIT)};

	static const struct rc_look claim = {DISC(APPROX), TINT(IN)};

	if (scan->is_other)
		return &other;
	if (scan->is_claim)
		return &claim;
	if (scan->verdict == RC_VERDICT_SIGNED_IN && scan->late_min > 0)
		return &late;
	return &looks[scan->verdict];
}

const struct rc_look *rc_look_of_view(const struct rc_view *view)
{
	static const struct rc_look fault = {DIAMOND(EXCL), FIELD(ASK)};

	if (view->screen == RC_VIEW_GREETING)
		return rc_look_of(&view->greeting.scan);
	return view->screen == RC_VIEW_FAULT ? &fault : rc_look_calm();
}

const struct rc_look *rc_look_calm(void)
{
	static const struct rc_look calm = {.shape = RC_SHAPE_NONE,
					    .glyph = RC_GLYPH_NONE,
					    .edge = RC_EDGE_DISC,
					    .field = RC_COLOUR_SURFACE,
					    .ink = RC_COLOUR_INK,
					    .mark = RC_COLOUR_INK,
					    .on_mark = RC_COLOUR_ON_ACTION};

	return &calm;
}
