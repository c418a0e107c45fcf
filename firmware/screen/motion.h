/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_MOTION_H
#define RC_SCREEN_MOTION_H
/* How long and on which curve things move. Text never does. Pure; any thread. */

#define RC_MOTION_FLOOD_US  160000 /* the panel takes a verdict's colour and shape */
#define RC_MOTION_SETTLE_US 240000 /* the old greeting becomes the top row of the stack */
#define RC_MOTION_FADE_US   400000 /* a greeting becomes idle again */

/* How far a movement is, 0 … 1, `elapsed_us` after its start: cubic-bezier(0.2, 0, 0, 1). 1 from `duration_us` on. */
double rc_motion_at(long long elapsed_us, long long duration_us);

#endif
