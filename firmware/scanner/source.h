/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_SOURCE_H
#define RC_SCANNER_SOURCE_H
/*
 * Where a scanner's frames come from: what a camera implements. A source opens nothing: it works on descriptors that the
 * parent has opened and handed over, because by the time frames are asked for the process can't open any more.
 */
#include "firmware/scanner/frame.h"

struct rc_scanner_source {
	/* Waits up to `timeout_ms` for the newest frame and lends it until the next call; older ones that nobody fetched are
	 * dropped. Sets the frame's time.
	 *
	 * RC_EBUSY: none within that time (a camera that stands still is no failure here; the daemon sees the frame number
	 * stand still). RC_EFORMAT, RC_ELIMIT: this frame is damaged, the next may be good. RC_ENOTFOUND: there will be no
	 * more. All else: the camera is gone. */
	enum rc_status (*next)(void *context, int timeout_ms, struct rc_frame *frame,
			       struct rc_error *err);
	void (*close)(void *context); /* frees all; the descriptors stay open, they are the parent's to close */
	void *context;
};

#endif
