/* SPDX-License-Identifier: Apache-2.0 */
/* From a touch's name to the event it is. A name that isn't known belongs to a newer screen and does nothing. */
#include "firmware/daemon/daemon_priv.h"

static const struct {
	const char *what;
	enum rc_flow_touch touch;
	size_t choice;
} touches[] = {
    {"language", RC_FLOW_TOUCH_LANGUAGE, 0}, {"no_badge", RC_FLOW_TOUCH_NO_BADGE, 0},
    {"status", RC_FLOW_TOUCH_STATUS, 0},     {"choose_0", RC_FLOW_TOUCH_CHOOSE, 0},
    {"choose_1", RC_FLOW_TOUCH_CHOOSE, 1},   {"key", RC_FLOW_TOUCH_KEY, 0},
    {"delete", RC_FLOW_TOUCH_DELETE, 0},     {"letters", RC_FLOW_TOUCH_LETTERS, 0},
    {"digits", RC_FLOW_TOUCH_DIGITS, 0},     {"confirm", RC_FLOW_TOUCH_CONFIRM, 0},
    {"cancel", RC_FLOW_TOUCH_CANCEL, 0},
};

void rc_daemon__take_touch(void *context, const struct rc_screen_touch *touch)
{
	struct rc_flow_event event = {.kind = RC_FLOW_TOUCH};

	event.touch.touch_id = touch->touch_id;
	event.touch.key = touch->key;
	for (size_t i = 0; i < sizeof(touches) / sizeof(touches[0]); i++) {
		if (strcmp(touches[i].what, touch->what) == 0) {
			event.touch.touch = touches[i].touch;
			event.touch.choice = touches[i].choice;
			rc_daemon__step(context, &event);
		}
	}
	rc_wipe(&event, sizeof(event));
}
