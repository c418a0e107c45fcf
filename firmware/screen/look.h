/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_LOOK_H
#define RC_SCREEN_LOOK_H
/*
 * How a verdict looks: shape first, then colour. Round: come in. Pointed: another room. Square: not now. Diamond: ask the
 * trainer. Open frame: once more. The panel itself is cut to that shape. Pure; any thread.
 */
#include "firmware/screen/view.h"
#include "firmware/screen_gen/shapes.h"
#include "firmware/screen_gen/tokens.h"

struct rc_look {
	enum rc_shape shape; /* RC_SHAPE_NONE: neither shape nor word, the name stands alone */
	enum rc_glyph glyph;
	bool is_late; /* the shape carries a small clock besides its glyph */
	enum rc_edge edge;
	enum rc_colour field;   /* the panel */
	enum rc_colour ink;     /* text and shape on it */
	enum rc_colour mark;    /* the small shape in a row of the stack … */
	enum rc_colour on_mark; /* … and its glyph */
};

/* Never NULL; lives for ever. */
const struct rc_look *rc_look_of(const struct rc_view_scan *scan);

/* Of what a model shows on its panel. */
const struct rc_look *rc_look_of_view(const struct rc_view *view);

/* Idle, enrol and wait: the disc in the surface's colour. The door is open; a scan only pours colour in. */
const struct rc_look *rc_look_calm(void);

#endif
