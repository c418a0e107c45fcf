/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_CONNECTION_H
#define RC_SCREEN_CONNECTION_H
/*
 * The line to the daemon: connects, checks who is at the other end (SO_PEERCRED), takes the framed messages apart, and
 * comes back by itself (100 ms, doubling to 2 s) when the daemon goes or speaks nonsense. A message that can't be read is
 * logged and passed over; a broken frame ends the connection, for nothing after it could be trusted.
 *
 * Lives in the default main context; the handlers are called there. Never blocks.
 */
#include "firmware/screen/view.h"

#include <sys/types.h>

#define RC_CONNECTION_RETRY_MIN_MS 100u
#define RC_CONNECTION_RETRY_MAX_MS 2000u

struct rc_connection;

struct rc_connection_handlers {
	void (*view)(void *context, const struct rc_view *view); /* borrowed for the call */
	void (*picture)(void *context, int fd); /* the camera picture; the descriptor is given away */
	void (*gone)(void *context);            /* was connected, is no more */
	void *context;
};

/* Starts connecting to the Unix socket at `path`; only a peer of the uid `daemon` or of our own is spoken to. */
struct rc_connection *rc_connection_new(const char *path, uid_t daemon,
					const struct rc_connection_handlers *handlers);
void rc_connection_free(struct rc_connection *connection);

/* Sends a touch. Lost without a word when nobody is connected: there is no screen to have been touched then. */
void rc_connection_send_touch(struct rc_connection *connection, enum rc_view_touch touch, char key,
			      uint64_t touch_id);

#endif
